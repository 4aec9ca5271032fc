package dossier

import (
	"context"
	"testing"

	"github.com/lachan-vn/lachan/internal/module"
)

// inspected tells of an inspection that was concluded.
func (f *fixture) inspected(code string, day module.Date, systems ...string) {
	f.t.Helper()
	x := module.Inspected{Inspection: module.Subject{Kind: "inspection", ID: "id-" + code, Code: code}, Unit: "so-y-te", Systems: systems, Day: day}
	fact := must[module.Fact](f)(x.Fact())
	if err := f.Module().On[module.FactInspected](context.Background(), fact); err != nil {
		f.t.Fatal(err)
	}
}

// entered is what is kept of the inspections of a system.
func (f *fixture) entered(system string) Inspection {
	f.t.Helper()
	return must[Inspection](f)(f.store.inspection(context.Background(), f.DB, system))
}

func TestAConcludedInspectionIsNotedInForm08(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.approved(f.ready(officer, "s1", level3()))
		f.inspected("KT-1", "2026-11-20", "s1", "s2", "s4", "gone")
		for system, want := range map[string]Inspection{
			"s1":   {InspectedAt: "2026-11-20", Visit: Visited{"id-KT-1", "KT-1"}, Version: 1},
			"s2":   {BeforeUse: true, Visit: Visited{"id-KT-1", "KT-1"}, Version: 1}, // is being built
			"s4":   {},                                                               // retired
			"gone": {},
		} {
			want.System = system
			if got := f.entered(system); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		if r := must[*Form08](f)(f.Form08(auditor, FormAsk{})); r.All.Of[CountInspected] != 1 {
			t.Errorf("%d systems inspected", r.All.Of[CountInspected])
		}
		var n int
		if err := f.DB.NewRaw("SELECT count(*) FROM audit_log WHERE action = 'dossier.inspect' AND detail LIKE '%\"inspection\":\"KT-1\"%'").Scan(context.Background(), &n); err != nil || n != 2 {
			t.Errorf("%d entries of the trail name it: %v", n, err)
		}
	})
}

func TestTheLastInspectionStandsHoweverTheyAreTold(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.inspected("KT-2", "2026-11-20", "s1")
		want := f.entered("s1")
		f.inspected("KT-1", "2026-10-01", "s1")
		f.inspected("KT-2", "2026-11-20", "s1")
		if got := f.entered("s1"); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		// Told again once the system is in use, it is still of the time before.
		f.inspected("KT-3", "2026-11-21", "s2")
		f.reg.find("s2").State = module.SystemOperating
		f.inspected("KT-3", "2026-11-21", "s2")
		if got := f.entered("s2"); got.InspectedAt != "" || got.Version != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatIsEnteredByHandRestsOnNoInspection(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.inspected("KT-1", "2026-11-01", "s1")
		x := must[Inspection](f)(f.Inspect(officer, Inspection{System: "s1", BeforeUse: true, InspectedAt: "2026-11-15", Visit: Visited{"x", "KT-9"}, Version: 1}))
		if got := f.entered("s1"); got != x || got.Visit != (Visited{}) {
			t.Errorf("%+v", got)
		}
		f.inspected("KT-2", "2026-11-10", "s1")
		if got := f.entered("s1"); got != x {
			t.Errorf("an earlier day overwrites what was entered: %+v", got)
		}
		f.inspected("KT-3", "2026-11-20", "s1")
		if got := f.entered("s1"); got.InspectedAt != "2026-11-20" || !got.BeforeUse || got.Visit.Code != "KT-3" {
			t.Errorf("%+v", got)
		}
	})
}
