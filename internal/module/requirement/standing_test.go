package requirement

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// registers has the register tell of a system, twice, as the outbox may.
func (f *fixture) registers(r module.Registered) {
	f.t.Helper()
	fact, err := r.Fact()
	if err != nil {
		f.t.Fatal(err)
	}
	for range 2 {
		if err := f.hearSystem(context.Background(), fact); err != nil {
			f.t.Fatal(err)
		}
	}
}

var portal = module.Registered{ID: "s1", Code: "HT-0001", Name: "Một cửa điện tử", Unit: "so-y-te", Level: 3, Proposed: 3, State: module.SystemOperating}

func (f *fixture) sheet(ctx context.Context, system string) SystemRequirementsView {
	f.t.Helper()
	x, err := f.Sheet(ctx, system, "", 0)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.sheetView(module.PrincipalOf(ctx), x)
}

func (v *SystemRequirementsView) item(t *testing.T, id string) SystemRequirementView {
	t.Helper()
	for _, i := range v.Items {
		if i.ID == id {
			return i
		}
	}
	t.Fatalf("%s is not asked", id)
	return SystemRequirementView{}
}

func TestWhatIsAskedFollowsTheLevel(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		x := portal
		x.Level, x.Proposed = 0, 0
		f.registers(x)
		v := f.sheet(officer, "s1")
		if v.AskedAt != 1 || int(v.Total.Asked) != len(f.standards.byID[DefaultStandard].At(1)) {
			t.Errorf("without a level: %d, %+v", v.AskedAt, v.Total)
		}
		x.Proposed = 4
		f.registers(x)
		if v = f.sheet(officer, "s1"); v.AskedAt != 4 || int(v.Total.Asked) != len(v.Items) {
			t.Errorf("proposed: %d, %+v", v.AskedAt, v.Total)
		}
		x.Level = 2
		f.registers(x)
		v = f.sheet(officer, "s1")
		if v.AskedAt != 2 || v.item(t, "logs-keep").Asked != (RequirementBoundView{"atLeast", 1, "months"}) {
			t.Errorf("approved: %d, %+v", v.AskedAt, v.item(t, "logs-keep").Asked)
		}
		ahead, err := f.Sheet(officer, "s1", "", 4)
		if err != nil {
			t.Fatal(err)
		}
		if v = f.sheetView(module.PrincipalOf(officer), ahead); v.AskedAt != 4 || v.Level != 2 || int(v.Total.Asked) != len(f.standards.byID[DefaultStandard].At(4)) {
			t.Errorf("looked ahead: asked at %d of level %d, %+v", v.AskedAt, v.Level, v.Total)
		}
		if v = f.sheet(officer, "s1"); v.AskedAt != 2 {
			t.Errorf("afterwards: asked at %d", v.AskedAt)
		}
		if _, err := f.Sheet(stranger, "s1", "", 0); code(err) != "system.unknown" {
			t.Errorf("another unit reads: %v", err)
		}
		x.Operator = "so-noi-vu"
		f.registers(x)
		if got := f.sheet(stranger, "s1"); !got.MayDeclare || got.MayVerify {
			t.Errorf("the operator may: %+v", got)
		}
	})
}

func TestDeclaredMeasuredAndVerifiedStandSideBySide(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.registers(portal)
		if err := f.Declare(officer, "s1", "logs-keep", Declaration{State: Fully, Owner: "Nguyễn Văn An"}, 0); err != nil {
			t.Fatal(err)
		}
		f.seen = map[string][]Reading{"s1": {{Measure: "log-days", Value: 30, Known: true, How: "retention", Unit: "so-y-te"}, {Measure: "backup-age"}}}
		if err := f.MeasureAll(context.Background()); err != nil {
			t.Fatal(err)
		}
		v := f.sheet(officer, "s1")
		i := v.item(t, "logs-keep")
		if i.Declared != "fully" || !i.Gap || i.Measured.Result != "fail" || i.Measured.Value != 30 || i.Measured.Needed.Value != 91 || i.MayVerify {
			t.Errorf("declared fully, measured 30 days of 91: %+v %+v", i, i.Measured)
		}
		if v.Total.Gaps != 1 || v.Total.Failing != 1 || v.Total.Met != 1 {
			t.Errorf("%+v", v.Total)
		}
		if got := v.item(t, "backup-run").Measured; got.Result != "unknown" || got.Known {
			t.Errorf("nothing to tell it by: %+v", got)
		}
		rows, total, err := f.Systems(analyst, SystemFilter{Gaps: true})
		if err != nil || total != 1 || len(rows) != 1 || rows[0].Gaps != 1 || rows[0].Code != "HT-0001" {
			t.Errorf("systems with gaps: %+v %d %v", rows, total, err)
		}

		f.seen["s1"][0].Value = 120
		if err := f.MeasureNow(officer, "s1"); err != nil {
			t.Fatal(err)
		}
		if i = new(f.sheet(analyst, "s1")).item(t, "logs-keep"); i.Gap || i.Measured.Result != "pass" || !i.MayVerify {
			t.Errorf("measured 120 days: %+v", i)
		}
		if err := f.Verify(analyst, "s1", "logs-keep", Refuted, "Máy chủ dự phòng không lưu", i.Version); err != nil {
			t.Fatal(err)
		}
		v = f.sheet(officer, "s1")
		if i = v.item(t, "logs-keep"); !i.Gap || i.Verdict != "refuted" || i.VerifiedBy.By.DisplayName != "AN" {
			t.Errorf("refuted: %+v", i)
		}
		if err := f.Declare(officer, "s1", "logs-keep", Declaration{State: Partly, Due: "2026-12-31"}, i.Version); err != nil {
			t.Fatal(err)
		}
		if i = new(f.sheet(officer, "s1")).item(t, "logs-keep"); i.Verdict != "" || i.Gap {
			t.Errorf("another declaration was verified by nobody: %+v", i)
		}
	})
}

func TestWhatADeclarationNeeds(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.registers(portal)
		for want, d := range map[string]Declaration{
			"requirement.not-applicable":   {State: NotApplicable},
			"requirement.due":              {State: IsPlanned},
			"requirement.declared":         {State: "x"},
			"requirement.exception-reason": {State: Partly, Exception: Exception{Until: "2027-01-01"}},
			"requirement.exception-until":  {State: Partly, Exception: Exception{Reason: "Chờ mua sắm", Until: "2026-11-01"}},
		} {
			if err := f.Declare(officer, "s1", "logs-keep", d, 0); code(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if err := f.Declare(stranger, "s1", "logs-keep", Declaration{State: Fully}, 0); code(err) != "system.unknown" {
			t.Errorf("another unit declares: %v", err)
		}
		if err := f.Declare(officer, "s1", "logs-x", Declaration{State: Fully}, 0); code(err) != "requirement.item-unknown" {
			t.Errorf("an unknown requirement: %v", err)
		}
		if err := f.Declare(analyst, "s1", "logs-keep", Declaration{State: Fully}, 0); err != nil {
			t.Fatal(err)
		}
		if err := f.Declare(officer, "s1", "logs-keep", Declaration{State: Fully}, 0); code(err) != "requirement.changed" {
			t.Errorf("over what somebody else said: %v", err)
		}
		if err := f.Verify(analyst, "s1", "logs-keep", Confirmed, "", 1); code(err) != "requirement.own-declaration" {
			t.Errorf("who declared verifies: %v", err)
		}
		if err := f.Verify(officer, "s1", "logs-keep", Confirmed, "", 1); fault.KindOf(err) != fault.Denied {
			t.Errorf("the unit verifies: %v", err)
		}
		if err := f.Verify(analyst, "s1", "logs-clock", Confirmed, "", 0); code(err) != "requirement.undeclared" {
			t.Errorf("nothing was declared: %v", err)
		}
	})
}

func TestExceptionsEndAndPlansFallDue(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.registers(portal)
		d := Declaration{State: IsPlanned, Due: "2026-11-10", Exception: Exception{"Chờ kinh phí", "2026-11-20"}}
		if err := f.Declare(officer, "s1", "network-access", d, 0); err != nil {
			t.Fatal(err)
		}
		at := func(day int) RequirementTallyView {
			f.clock = f.clock.AddDate(0, 0, day-f.clock.Day())
			return f.sheet(officer, "s1").Total
		}
		for day, want := range map[int][2]int64{5: {1, 0}, 15: {1, 0}, 21: {0, 1}} {
			if got := at(day); got.Excepted != want[0] || got.Overdue != want[1] {
				t.Errorf("on day %d: %+v", day, got)
			}
		}
	})
}

func TestTheOverviewIsOfWhatOneSees(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.registers(portal)
		other := portal
		other.ID, other.Code, other.Unit, other.Level = "s2", "HT-0002", "so-noi-vu", 1
		f.registers(other)
		if err := f.Declare(officer, "s1", "logs-clock", Declaration{State: Fully}, 0); err != nil {
			t.Fatal(err)
		}
		units := func(ctx context.Context) (names []string, met int64) {
			x, rows, err := f.Overview(ctx, "")
			if err != nil {
				t.Fatal(err)
			}
			v := f.overviewView(x, rows)
			for _, u := range v.Units {
				names = append(names, string(u.Unit))
			}
			return names, v.Total.Met
		}
		if names, met := units(analyst); len(names) != 2 || met != 1 {
			t.Errorf("the centre: %v %d", names, met)
		}
		if names, met := units(stranger); len(names) != 1 || names[0] != "so-noi-vu" || met != 0 {
			t.Errorf("a unit: %v %d", names, met)
		}
		other.State = module.SystemRetired
		f.registers(other)
		if names, _ := units(analyst); len(names) != 1 {
			t.Errorf("a retired system still counts: %v", names)
		}
		if err := f.Declare(stranger, "s2", "logs-clock", Declaration{State: Fully}, 0); code(err) != "requirement.retired" {
			t.Errorf("of a retired system: %v", err)
		}
	})
}

func TestEvidence(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		if err := f.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		f.registers(portal)
		e, err := f.AddFile(officer, "s1", "logs-keep", `C:\anh\cau hinh.png`, "2026-11-03", strings.NewReader("proof"))
		if err != nil || e.Name != "cau hinh.png" || e.Size != 5 {
			t.Fatalf("%+v %v", e, err)
		}
		if _, err := f.AddReference(officer, "s1", "logs-keep", "QĐ 12/QĐ-SYT ngày 01/10/2026", ""); err != nil {
			t.Fatal(err)
		}
		got := new(f.sheet(officer, "s1")).item(t, "logs-keep").Evidence
		if len(got) != 2 || got[0].Expired || got[1].Kind != "reference" {
			t.Fatalf("%+v", got)
		}
		f.clock = f.clock.AddDate(0, 0, 2)
		if got := new(f.sheet(officer, "s1")).item(t, "logs-keep").Evidence; !got[0].Expired {
			t.Errorf("it expired yesterday: %+v", got[0])
		}
		if _, _, err := f.File(stranger, "s1", e.ID); code(err) != "system.unknown" {
			t.Errorf("another unit reads: %v", err)
		}
		if _, _, err := f.File(officer, "s1", "nothing"); code(err) != "requirement.evidence-unknown" {
			t.Errorf("what was never given: %v", err)
		}
		_, in, err := f.File(analyst, "s1", e.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err := errors.Join(err, in.Close()); err != nil || string(text) != "proof" {
			t.Errorf("%q %v", text, err)
		}
		if _, err := f.AddFile(stranger, "s1", "logs-keep", "x", "", strings.NewReader("x")); code(err) != "system.unknown" {
			t.Errorf("another unit gives: %v", err)
		}
		if _, err := f.AddFile(officer, "s1", "logs-keep", "x", "", strings.NewReader("")); code(err) != "requirement.file-empty" {
			t.Errorf("an empty file: %v", err)
		}
		if err := f.TakeBack(officer, "s1", e.ID); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Dir+"/left-over.part", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(f.Dir); err != nil || len(left) != 0 {
			t.Errorf("left in the folder: %v %v", left, err)
		}
	})
}
