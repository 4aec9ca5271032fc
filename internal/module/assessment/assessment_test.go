package assessment

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type tree struct{}

func (tree) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (tree) Active(id event.UnitID) bool { return id == "so-y-te" || id == "so-noi-vu" }

// register knows one system.
type register struct{}

func (register) Ref(_ context.Context, id string) (module.Registered, error) {
	if id != "s1" {
		return module.Registered{}, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
	}
	return module.Registered{ID: "s1", Name: "Cổng dịch vụ công", Unit: "so-y-te", OperatorName: "Công ty Vận hành", Level: 3}, nil
}

type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
}

func onBoth(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := &fixture{t: t, clock: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)}
		f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Systems: register{}, Zone: time.UTC, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock }})
		for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "assessment": f.Module()} {
			if err := sqldb.Migrate(context.Background(), db, name, m.Migrations); err != nil {
				t.Fatal(err)
			}
		}
		test(t, f)
	})
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	officer     = as("minh", module.RoleSecurityOfficer, "so-y-te")
	stranger    = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	coordinator = as("lan", module.RoleCoordinator, event.CentreUnit)
	leader      = as("son", module.RoleLeader, event.CentreUnit)
)

func code(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Code != "" {
		return e.Code
	}
	if err == nil {
		return ""
	}
	return fault.KindOf(err).String()
}

// told are the bodies of facts of a kind.
func (f *fixture) told(kind module.FactKind) (bodies []string) {
	f.t.Helper()
	if err := f.DB.NewRaw("SELECT body FROM facts WHERE kind = ? ORDER BY id", string(kind)).Scan(context.Background(), &bodies); err != nil {
		f.t.Fatal(err)
	}
	return bodies
}

// facts are those of a visit that begins after so many hours.
func (f *fixture) facts(hours int) Facts {
	at := f.clock.Add(time.Duration(hours) * time.Hour)
	return Facts{Unit: "so-y-te", Kind: Inspection, Title: "Kiểm tra định kỳ", Systems: []Target{{ID: "s1"}}, StartsAt: at, EndsAt: at.Add(8 * time.Hour)}
}

func (f *fixture) step(v Visit, verb, text string) Visit {
	f.t.Helper()
	v, err := f.Step(coordinator, v.ID, verb, text, v.Version)
	if err != nil {
		f.t.Fatal(verb, err)
	}
	return v
}

// running has a visit begin when its unit was told that it would.
func (f *fixture) running(x Facts) Visit {
	f.t.Helper()
	v := f.step(f.added(x), StepNotify, "")
	f.clock = v.StartsAt
	return f.step(v, StepStart, "")
}

// record writes down what a visit needs before it ends.
func (f *fixture) record(v Visit) Visit {
	f.t.Helper()
	x := v.Facts
	x.Team, x.Minutes = []Member{{Name: "Trần Lan", Duty: "Trưởng đoàn"}}, "05/BB-KT"
	v, err := f.Change(coordinator, v.ID, x, v.Version)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func (f *fixture) added(x Facts) Visit {
	f.t.Helper()
	v, err := f.Add(coordinator, x)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func TestAUnitIsToldAsLongBeforeAsTheLawWants(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for name, c := range map[string]struct {
			hours  int
			change func(*Facts)
			want   string
		}{
			"72 hours":                   {72, func(*Facts) {}, ""},
			"71 hours":                   {71, func(*Facts) {}, "assessment.too-early"},
			"12 hours after an incident": {12, func(x *Facts) { x.AfterIncident = true }, ""},
			"11 hours after an incident": {11, func(x *Facts) { x.AfterIncident = true }, "assessment.too-early"},
			"in an emergency":            {1, func(x *Facts) { x.Emergency = "đang bị tấn công" }, ""},
			"a unit assesses itself":     {1, func(x *Facts) { x.Kind = Self }, ""},
		} {
			x := f.facts(c.hours)
			c.change(&x)
			v := f.added(x)
			if _, err := f.Step(coordinator, v.ID, StepNotify, "", v.Version); code(err) != c.want {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}
		// What was told in time is not brought forward afterwards.
		v := f.step(f.added(f.facts(100)), StepNotify, "")
		sooner := f.facts(20)
		if _, err := f.Change(coordinator, v.ID, sooner, v.Version); code(err) != "assessment.too-early" {
			t.Errorf("brought forward: %v", err)
		}
	})
}

func TestAnAssessorIsIndependentOfWhatIsAssessed(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for assessor, want := range map[string]string{"": "assessment.bad-field", "CÔNG TY  vận hành": "assessment.not-independent", "Công ty Giám sát": "assessment.not-independent", "Viện Kiểm định": ""} {
			x := f.facts(100)
			x.Kind, x.Assessor, x.Monitor = Independent, assessor, "Công ty giám sát"
			if _, err := f.Add(coordinator, x); code(err) != want {
				t.Errorf("%q: %v, want %q", assessor, err, want)
			}
		}
		x := f.facts(100)
		x.Assessor, x.Monitor = "Công ty Giám sát", "Công ty Giám sát"
		if _, err := f.Add(coordinator, x); err != nil {
			t.Errorf("an inspection need not be independent: %v", err)
		}
	})
}

func TestAFindingIsClosedByTheCentreAloneAfterItLookedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		v := f.added(f.facts(80))
		if v.Code != "KT-2026-0001" || v.Systems[0].Level != 3 {
			t.Errorf("%+v", v)
		}
		if _, _, err := f.Visit(officer, v.ID); code(err) != "assessment.unknown" {
			t.Errorf("the unit hears of it before it was told: %v", err)
		}
		v = f.step(v, StepNotify, "")
		if n := f.told(module.FactNotice); len(n) != 1 || !strings.Contains(n[0], "KT-2026-0001") {
			t.Errorf("told: %v", n)
		}
		f.clock = v.StartsAt
		v = f.step(v, StepStart, "")
		v, err := f.SetAnswers(coordinator, v.ID, map[string]Answer{"logs": {Result: "no", Note: "chỉ giữ 7 ngày"}}, v.Version)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.SetAnswers(coordinator, v.ID, map[string]Answer{"sealed": {Result: "no"}}, v.Version); code(err) != "assessment.bad-field" {
			t.Errorf("what is asked of devices: %v", err)
		}
		if _, err := f.AddFinding(coordinator, v.ID, Finding{Title: "Nhật ký", Severity: "high", Remedy: "Giữ đủ 3 tháng", Due: "2020-01-01"}); code(err) != "assessment.bad-field" {
			t.Errorf("to be mended before the visit: %v", err)
		}
		x, err := f.AddFinding(coordinator, v.ID, Finding{Title: "Nhật ký giữ 7 ngày", Item: "logs", Severity: "high", Remedy: "Giữ đủ 3 tháng", Due: "2026-12-31"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.StepFinding(coordinator, x.ID, StepClose, "đã xem", "", x.Version); code(err) != "assessment.state" {
			t.Errorf("closed before the unit answered: %v", err)
		}
		if _, err := f.StepFinding(officer, x.ID, StepAnswer, "đã sửa", "", x.Version); code(err) != "assessment.bad-field" {
			t.Errorf("answered without evidence: %v", err)
		}
		if _, err := f.StepFinding(stranger, x.ID, StepAnswer, "đã sửa", "ảnh", x.Version); code(err) != "assessment.unknown" {
			t.Errorf("by a stranger: %v", err)
		}
		if x, err = f.StepFinding(officer, x.ID, StepAnswer, "đã tăng dung lượng", "ảnh cấu hình", x.Version); err != nil || x.State != Answered {
			t.Fatal(x, err)
		}
		if _, err := f.StepFinding(officer, x.ID, StepClose, "xong", "", x.Version); fault.KindOf(err) != fault.Denied {
			t.Errorf("closed by the unit: %v", err)
		}
		if x, err = f.StepFinding(coordinator, x.ID, StepReturn, "mới giữ 30 ngày", "", x.Version); err != nil || x.State != Open {
			t.Fatal(x, err)
		}
		if x, err = f.StepFinding(officer, x.ID, StepAnswer, "đã giữ 90 ngày", "ảnh cấu hình", x.Version); err != nil {
			t.Fatal(err)
		}
		if x, err = f.StepFinding(coordinator, x.ID, StepClose, "đã xem lại tại chỗ", "", x.Version); err != nil || x.State != Closed {
			t.Fatal(x, err)
		}
		if n := f.told(FactClosed); len(n) != 1 || !strings.Contains(n[0], `"systems":["s1"]`) {
			t.Errorf("told: %v", n)
		}
		_, found, err := f.Visit(officer, v.ID)
		if err != nil || len(found) != 1 {
			t.Errorf("%v %v", found, err)
		}
		if _, _, err := f.Visit(stranger, v.ID); code(err) != "assessment.unknown" {
			t.Errorf("%v", err)
		}
		if list, err := f.Findings(stranger, FindingFilter{}); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
	})
}

func TestTheResultIsDueOnceAVisitIsConcluded(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.facts(80)
		x.Scheduled = true
		v := f.record(f.running(x))
		if n := f.told(module.FactMatter); len(n) != 0 {
			t.Errorf("before it ended: %v", n)
		}
		if _, err := f.Step(coordinator, v.ID, StepConclude, " ", v.Version); code(err) != "assessment.bad-field" {
			t.Errorf("without a conclusion: %v", err)
		}
		v = f.step(v, StepConclude, "Đạt yêu cầu")
		n := f.told(module.FactMatter)
		if len(n) != 1 || !strings.Contains(n[0], `"scheduled":true`) || !strings.Contains(n[0], `"closedAt"`) {
			t.Errorf("%v", n)
		}
		if _, err := f.Step(coordinator, v.ID, StepCancel, "", v.Version); code(err) != "assessment.state" {
			t.Errorf("cancelled afterwards: %v", err)
		}
		list, _, err := f.Visits(officer, VisitFilter{Year: 2026})
		if err != nil || len(list) != 1 || list[0].ID != v.ID {
			t.Errorf("%v %v", list, err)
		}
	})
}

func TestThePlanOfAYear(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		p, err := f.AddPlan(coordinator, 2027, []Item{{Unit: "so-y-te", Kind: Pentest, Month: 9}, {Unit: "so-noi-vu", Kind: Inspection, Month: 3}})
		if err != nil || p.Items[0].Month != 3 {
			t.Fatal(p, err)
		}
		if _, err := f.AddPlan(coordinator, 2027, nil); code(err) != "assessment.plan-exists" {
			t.Errorf("twice: %v", err)
		}
		if _, err := f.ApprovePlan(coordinator, p.ID, "12/QĐ", p.Version); fault.KindOf(err) != fault.Denied {
			t.Errorf("approved by who wrote it: %v", err)
		}
		if p, err = f.ApprovePlan(leader, p.ID, "12/QĐ-TTANM", p.Version); err != nil || !p.Approved {
			t.Fatal(p, err)
		}
		if _, err := f.ChangePlan(coordinator, p.ID, nil, p.Version); code(err) != "assessment.state" {
			t.Errorf("an approved plan was changed: %v", err)
		}
		if _, err := f.Plans(officer); fault.KindOf(err) != fault.Denied {
			t.Errorf("a unit reads the plan of all: %v", err)
		}
	})
}

func TestTheDataIsComplete(t *testing.T) {
	x, err := ReadTables(Files())
	if err != nil {
		t.Fatal(err)
	}
	if x.afterIncident.Hours != 12 || x.other.Hours != 72 {
		t.Errorf("%+v, %+v", x.afterIncident, x.other)
	}
	if err := x.Replaces(); err != nil {
		t.Errorf("the shipped tables do not replace themselves: %v", err)
	}
}

func TestTablesOfAnAdministratorAreChecked(t *testing.T) {
	shipped := func(name string) string {
		text, err := fs.ReadFile(Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	rules, lists := shipped("rules.yaml"), shipped("checklists.yaml")
	read := func(rules, lists string) error {
		x, err := ReadTables(fstest.MapFS{"rules.yaml": {Data: []byte(rules)}, "checklists.yaml": {Data: []byte(lists)}})
		if err != nil {
			return err
		}
		return x.Replaces()
	}
	if err := read(strings.ReplaceAll(rules, "hours: 72", "hours: 48"), strings.ReplaceAll(lists, "Tổ chức, nhân lực", "Tổ chức")); err != nil {
		t.Errorf("other hours and words: %v", err)
	}
	for name, bad := range map[string][2]string{
		"no hours below zero":      {strings.ReplaceAll(rules, "hours: 72", "hours: -1"), lists},
		"no row without its basis": {strings.ReplaceAll(rules, "Nghị định 333/2026/NĐ-CP, Điều 8", ""), lists},
		"no unknown field":         {rules + "more: 1\n", lists},
		"no item that is gone":     {rules, strings.ReplaceAll(lists, "id: focal-point", "id: contact")},
		"no item twice":            {rules, strings.ReplaceAll(lists, "id: trained", "id: focal-point")},
		"no kind without items":    {rules, strings.ReplaceAll(lists, "device]", "pentest]")},
	} {
		if err := read(bad[0], bad[1]); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
