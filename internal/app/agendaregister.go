package app

import (
	"context"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/agenda"
	"github.com/lachan-vn/lachan/internal/module/assessment"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/requirement"
)

// registerDates are the sources around the register of systems.
func (m *modules) registerDates() []agenda.Source {
	return []agenda.Source{
		{Kind: "dossier", Action: module.ActionDossierRead, Due: m.dossiersDue},
		{Kind: "inspection", Action: module.ActionAssessmentRead, Due: m.visitsBegin},
		{Kind: "plan", Action: module.ActionAssessmentRead, Due: m.visitsPlanned},
		{Kind: "finding", Action: module.ActionAssessmentRead, Due: m.remediesDue},
		{Kind: "cycle", Action: module.ActionReadinessRead, Due: m.cyclesEnd},
		{Kind: "requirement", Action: module.ActionRequirementRead, Due: m.requirementsEnd(requirement.EndsDue, "", "")},
		{Kind: "exception", Action: module.ActionRequirementRead, Due: m.requirementsEnd(requirement.EndsException, "Hết thời hạn ngoại lệ", "An exception ends")},
		{Kind: "evidence", Action: module.ActionRequirementRead, Due: m.evidenceEnds},
		{Kind: "decision", Action: module.ActionReadinessRead, Due: m.decisionsEnd},
		{Kind: "vulnerability", Action: module.ActionVulnerabilityRead, Due: m.weaknessesDue},
	}
}

// stands is how something stands that was to be done by a day.
func stands(day module.Date) agenda.State {
	if day < module.DateOf(time.Now()) {
		return agenda.Late
	}
	return agenda.Waiting
}

// moment is the same of something that was to be done by a moment.
func moment(at time.Time) agenda.State {
	if at.Before(time.Now()) {
		return agenda.Late
	}
	return agenda.Waiting
}

func (m *modules) dossiersDue(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
	found, err := m.levels.Due(ctx, r.Start, r.End.Add(time.Microsecond), r.Unit, r.Limit+1)
	clocks := map[dossier.Clock][2]string{
		dossier.ClockCheck:    {"Kiểm tra thành phần hồ sơ", "Completeness check"},
		dossier.ClockAppraise: {"Thẩm định hồ sơ", "Appraisal"},
		dossier.ClockApprove:  {"Phê duyệt cấp độ", "Approval"},
	}
	var dates []agenda.Date
	for i := range found {
		d := &found[i]
		x := agenda.Date{Day: module.DateOf(d.DueAt), At: d.DueAt, Unit: d.Unit, Vi: clocks[d.Clock][0] + ": " + d.SystemName, En: clocks[d.Clock][1] + ": " + d.SystemName,
			State: moment(d.DueAt), Subject: module.Subject{Kind: "dossier", ID: d.ID, Code: d.Code}}
		if x.At.Equal(x.Day.Start()) { // the time ends with the day before
			x.Day, x.At = x.Day.Add(-1), time.Time{}
		}
		if x.Day >= r.From {
			dates = append(dates, x)
		}
	}
	return dates, len(found) > r.Limit, err
}

// longestNotice is more than any visit's unit is told before it.
const longestNotice = 7 * 24 * time.Hour

// visitsBegin are the visits, and until when their units are to be told of them.
func (m *modules) visitsBegin(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
	found, err := m.visits.Beginning(ctx, r.Start, r.End.Add(longestNotice), r.Unit, r.Limit+1)
	var dates []agenda.Date
	for i := range found {
		v := &found[i]
		subject := module.Subject{Kind: "inspection", ID: v.ID, Code: v.Code}
		if by := m.visits.NoticeBy(v); !by.IsZero() && !by.Before(r.Start) && by.Before(r.End) {
			dates = append(dates, agenda.Date{Day: module.DateOf(by), At: by, Unit: v.Unit, Vi: "Hạn thông báo cho đơn vị: " + v.Title, En: "The unit is to be told: " + v.Title,
				State: moment(by), Subject: subject, Key: "notice"})
		}
		if v.StartsAt.Before(r.End) {
			x := agenda.Date{Day: module.DateOf(v.StartsAt), At: v.StartsAt, Unit: v.Unit, Vi: v.Title, En: v.Title, State: moment(v.StartsAt), Subject: subject}
			switch v.State {
			case assessment.Concluded:
				x.State = agenda.Done
			case assessment.Running:
				x.State = agenda.Waiting
			}
			dates = append(dates, x)
		}
	}
	return dates, len(found) > r.Limit, err
}

// visitKinds are the kinds of visits in words.
var visitKinds = map[assessment.Kind][2]string{
	assessment.Inspection:  {"kiểm tra", "inspection"},
	assessment.Self:        {"tự đánh giá", "self-assessment"},
	assessment.Independent: {"đánh giá độc lập", "independent assessment"},
	assessment.Pentest:     {"kiểm thử xâm nhập", "penetration test"},
	assessment.Device:      {"kiểm tra thiết bị", "check of devices"},
}

// visitsPlanned are what approved plans of a year have in a month, by its last day.
func (m *modules) visitsPlanned(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
	found, err := m.visits.PlannedItems(ctx, r.From, r.To, r.Unit, r.Limit+1)
	dates := make([]agenda.Date, len(found))
	for i := range found {
		x := &found[i]
		of := m.units.Name(x.Unit)
		if x.System != "" {
			of = x.System
		}
		kind := visitKinds[x.Kind]
		dates[i] = agenda.Date{Day: x.Day, Unit: x.Unit, Vi: fmt.Sprintf("Kế hoạch năm %d, tháng %d: %s %s", x.Year, x.Month, kind[0], of),
			En: fmt.Sprintf("Plan of %d, month %d: %s, %s", x.Year, x.Month, kind[1], of), State: stands(x.Day),
			Subject: module.Subject{Kind: "inspection-plan", ID: string(x.Unit)}, Key: fmt.Sprintf("%s/%d", x.Plan, x.Row)}
		if x.Held {
			dates[i].State = agenda.Done
		}
	}
	return dates, len(found) > r.Limit, err
}

func (m *modules) remediesDue(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
	found, err := m.visits.FindingsDue(ctx, r.From, r.To, r.Unit, r.Limit+1)
	dates := make([]agenda.Date, len(found))
	for i := range found {
		f := &found[i]
		dates[i] = agenda.Date{Day: f.Due, Unit: f.Unit, Vi: f.Title, En: f.Title, State: stands(f.Due), Subject: module.Subject{Kind: "inspection", ID: f.Visit}, Key: f.ID}
		switch f.State {
		case assessment.Closed:
			dates[i].State = agenda.Done
		case assessment.Answered: // the unit did its part
			dates[i].State = agenda.Waiting
		}
	}
	return dates, len(found) > r.Limit, err
}

// cyclesEnd are the days by which systems are to be assessed again by others.
func (m *modules) cyclesEnd(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
	found, err := m.ready.CyclesEnding(ctx, r.From, r.To, r.Unit)
	dates := make([]agenda.Date, len(found))
	for i := range found {
		x := &found[i]
		dates[i] = agenda.Date{Day: x.Day, Unit: x.Unit, Vi: "Hết chu kỳ đánh giá độc lập: " + x.Name, En: "The cycle of the independent assessment ends: " + x.Name, State: stands(x.Day),
			Subject: module.Subject{Kind: "system-layers", ID: x.ID, Code: x.Code}}
	}
	return dates, false, err
}

// requirementsEnd are days of requirements of a kind, under their words or what is asked.
func (m *modules) requirementsEnd(kind, vi, en string) func(context.Context, agenda.Range) ([]agenda.Date, bool, error) {
	return func(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
		found, err := m.asked.Endings(ctx, kind, r.From, r.To, r.Unit, r.Limit+1)
		dates := make([]agenda.Date, len(found))
		for i := range found {
			x := &found[i]
			d := agenda.Date{Day: x.Day, Unit: x.Unit, Vi: vi, En: en, State: stands(x.Day), Subject: module.Subject{Kind: "system-requirements", ID: x.System, Code: x.Code}, Key: x.Key}
			switch {
			case x.Item != nil && vi == "":
				d.Vi, d.En = x.Item.Vi, x.Item.En
			case x.Item != nil:
				d.Vi, d.En = vi+": "+x.Item.Vi, en+": "+x.Item.En
			}
			if x.What != "" {
				d.Vi, d.En = vi+": "+x.What, en+": "+x.What
			}
			dates[i] = d
		}
		return dates, len(found) > r.Limit, err
	}
}

// evidenceEnds are the files that prove something of requirements, and in dossiers.
func (m *modules) evidenceEnds(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
	const vi, en = "Hết giá trị minh chứng", "Evidence expires"
	dates, more, err := m.requirementsEnd(requirement.EndsEvidence, vi, en)(ctx, r)
	if err != nil || module.PrincipalOf(ctx).Require(module.ActionDossierRead) != nil {
		return dates, more, err
	}
	found, err := m.levels.Expiring(ctx, r.From, r.To, r.Unit, r.Limit+1)
	for i := range found {
		x := &found[i]
		dates = append(dates, agenda.Date{Day: x.Expires, Unit: x.Unit, Vi: vi + ": " + x.Name, En: en + ": " + x.Name, State: stands(x.Expires),
			Subject: module.Subject{Kind: "dossier", ID: x.Dossier, Code: x.Code}, Key: x.File})
	}
	return dates, more || len(found) > r.Limit, err
}

func (m *modules) decisionsEnd(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
	found, err := m.ready.OverridesEnding(ctx, r.From, r.To, r.Unit, r.Limit+1)
	dates := make([]agenda.Date, len(found))
	for i := range found {
		o := &found[i]
		dates[i] = agenda.Date{Day: o.Until, Unit: o.Unit, Vi: "Hết hạn quyết định cho vận hành: " + o.Title, En: "The decision to operate ends: " + o.Title, State: stands(o.Until),
			Subject: module.Subject{Kind: "system-layers", ID: o.System, Code: o.Code}, Key: o.ID}
	}
	return dates, len(found) > r.Limit, err
}

// weaknessesDue are one date for a unit and a day, however many they are.
func (m *modules) weaknessesDue(ctx context.Context, r agenda.Range) ([]agenda.Date, bool, error) {
	found, err := m.findings.DueDays(ctx, r.Start, r.End, r.Unit)
	dates := make([]agenda.Date, len(found))
	for i := range found {
		x := &found[i]
		dates[i] = agenda.Date{Day: x.Day, Unit: x.Unit, Vi: fmt.Sprintf("%d lỗ hổng phải khắc phục", x.Open), En: fmt.Sprintf("Vulnerabilities to fix: %d", x.Open), State: stands(x.Day),
			Subject: module.Subject{Kind: "unit-vulnerabilities", ID: string(x.Unit)}}
		if x.Late > 0 {
			dates[i].State = agenda.Late
		}
	}
	return dates, false, err
}
