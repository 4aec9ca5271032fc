package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/agenda"
	"github.com/lachan-vn/lachan/internal/module/obligation"
	"github.com/lachan-vn/lachan/internal/module/warning"
)

// agendaSources are the modules that have dates, in the order they are shown in.
func (m *modules) agendaSources() []agenda.Source {
	return append([]agenda.Source{
		{Kind: "obligation", Action: module.ActionObligationRead, Due: m.dutiesDue},
		{Kind: "warning", Action: module.ActionWarningRead, Due: m.warningsDue},
		{Kind: "licence", Action: module.ActionSystemRead, Due: m.endings("licence")},
		{Kind: "certificate", Action: module.ActionSystemRead, Due: m.endings("certificate")},
	}, m.registerDates()...)
}

func (m *modules) dutiesDue(ctx context.Context, r agenda.Range) (dates []agenda.Date, more bool, err error) {
	f := obligation.Filter{State: "any", Unit: r.Unit, From: r.Start, Before: r.End.Add(time.Microsecond), Limit: 500}
	for {
		page, next, err := m.duties.List(ctx, f)
		if err != nil {
			return nil, false, err
		}
		for i := range page {
			o := &page[i]
			if o.State == obligation.Withdrawn {
				continue
			}
			d := agenda.Date{Day: module.DateOf(o.DueAt), At: o.DueAt, Unit: o.Unit, Vi: o.Vi, En: o.En, State: agenda.Waiting,
				Subject: module.Subject{Kind: "obligation", ID: o.ID}}
			if o.Subject.Kind != "date" {
				d.Subject.Code = o.Subject.Code
			}
			if o.DueAt.Equal(d.Day.Start()) { // "before the 25th" ends with the 24th
				d.Day, d.At = d.Day.Add(-1), time.Time{}
			}
			if d.Day < r.From {
				continue
			}
			if !o.State.Open() {
				d.State = agenda.Done
			} else if o.Late(time.Now()) {
				d.State = agenda.Late
			}
			dates = append(dates, d)
		}
		if next == "" || len(dates) > r.Limit {
			return dates, next != "", nil
		}
		f.After = next
	}
}

// warningsDue are the copies a unit has to answer, by the day they are to be fixed.
func (m *modules) warningsDue(ctx context.Context, r agenda.Range) (dates []agenda.Date, more bool, err error) {
	f := warning.CopyFilter{Unit: r.Unit, Limit: 200}
	for {
		page, next, err := m.warnings.Mine(ctx, f)
		if err != nil {
			return nil, false, err
		}
		for i := range page {
			c := &page[i]
			if c.Copy.FixBy.Before(r.Start) || !c.Copy.FixBy.Before(r.End) {
				continue
			}
			d := agenda.Date{Day: module.DateOf(c.Copy.FixBy), At: c.Copy.FixBy, Unit: c.Copy.Unit, Vi: c.Title, En: c.Title, State: agenda.Waiting,
				Subject: module.Subject{Kind: "warning", ID: c.Warning.ID + "/" + string(c.Copy.Unit), Code: c.Code}}
			if time.Now().After(c.Copy.FixBy) {
				d.State = agenda.Late
			}
			dates = append(dates, d)
		}
		if next == "" || len(dates) > r.Limit {
			return dates, next != "", nil
		}
		f.After = next
	}
}

// endings are the licences of assets, or the certificates of staff, by the day they end.
func (m *modules) endings(kind string) func(context.Context, agenda.Range) ([]agenda.Date, bool, error) {
	return func(ctx context.Context, r agenda.Range) (dates []agenda.Date, more bool, err error) {
		today := module.DateOf(time.Now())
		found, err := m.systems.Endings(ctx, r.Unit, int(r.End.Sub(today.Start())/(24*time.Hour)))
		if err != nil {
			return nil, false, err
		}
		for _, x := range found {
			if x.Kind != kind || x.Ends < r.From || x.Ends > r.To {
				continue
			}
			d := agenda.Date{Day: x.Ends, Unit: x.Unit, Vi: x.What, En: x.What, State: agenda.Waiting, Subject: module.Subject{Kind: "system", ID: x.System}}
			if x.Ends < today {
				d.State = agenda.Late
			}
			dates = append(dates, d)
		}
		return dates, false, nil
	}
}
