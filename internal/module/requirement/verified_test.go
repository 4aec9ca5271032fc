package requirement

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// inspects has an inspection tell what it found, twice, as the outbox may.
func (f *fixture) inspects(code, by string, items ...module.VerifiedItem) {
	f.t.Helper()
	f.clock = f.clock.Add(time.Hour + 7*time.Nanosecond)
	x := module.Verified{Inspection: module.Subject{Kind: "inspection", ID: "id-" + code, Code: code}, Unit: "so-y-te", ByID: by, By: by, At: f.clock, Found: items}
	fact, err := x.Fact()
	if err != nil {
		f.t.Fatal(err)
	}
	for range 2 {
		if err := f.hearVerified(context.Background(), fact); err != nil {
			f.t.Fatal(err)
		}
	}
}

func TestWhatAnInspectionFoundIsTheVerifiedValue(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.registers(portal)
		if err := f.Declare(officer, "s1", "logs-clock", Declaration{State: Fully}, 0); err != nil {
			t.Fatal(err)
		}
		item := func(verdict string) module.VerifiedItem {
			return module.VerifiedItem{System: "s1", Item: "logs-clock", Verdict: verdict, Note: "Lệch 5 phút"}
		}
		stands := func(when, verdict, inspection string, version int64, verified, gaps int) {
			t.Helper()
			v := f.sheet(officer, "s1")
			x := v.item(t, "logs-clock")
			if x.Verdict != verdict || x.InspectionCode != inspection || x.Version != version || int(v.Total.Verified) != verified || int(v.Total.Gaps) != gaps {
				t.Errorf("%s: %q by %q, version %d, %d verified, %d gaps", when, x.Verdict, x.InspectionCode, x.Version, v.Total.Verified, v.Total.Gaps)
			}
		}
		f.inspects("KT-1", "minh", item("confirmed")) // who declared it
		stands("by who declared", "", "", 1, 0, 0)
		f.inspects("KT-1", "lan", item("refuted"), module.VerifiedItem{System: "s1", Item: "no-such", Verdict: "refuted"}, module.VerifiedItem{System: "s2", Item: "logs-clock", Verdict: "refuted"})
		stands("refuted", "refuted", "KT-1", 2, 0, 1)
		f.inspects("KT-2", "lan", item(""))
		stands("another inspection sees it mended", "refuted", "KT-1", 2, 0, 1)
		f.inspects("KT-1", "lan", item(""))
		stands("mended", "confirmed", "KT-1", 3, 1, 0)
		if x := f.sheet(officer, "s1"); x.item(t, "logs-clock").VerifiedBy.By.DisplayName != "lan" {
			t.Errorf("verified by %+v", x.item(t, "logs-clock").VerifiedBy)
		}
		if err := f.Declare(officer, "s1", "logs-clock", Declaration{State: Partly}, 3); err != nil {
			t.Fatal(err)
		}
		stands("declared anew", "", "", 4, 0, 0)
		f.inspects("KT-3", "lan", item("refuted"))
		f.inspects("KT-3", "lan", item(""))
		stands("mended, of what is not declared as done", "", "", 6, 0, 0)
	})
}

// A unit that declares as done what an inspection saw undone has a gap at once.
func TestWhatWasFoundBeforeADeclarationStands(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.registers(portal)
		f.inspects("KT-1", "lan", module.VerifiedItem{System: "s1", Item: "logs-clock", Verdict: "refuted", Note: "Chưa có máy chủ thời gian"})
		if err := f.Declare(officer, "s1", "logs-clock", Declaration{State: Fully}, 1); err != nil {
			t.Fatal(err)
		}
		v := f.sheet(officer, "s1")
		if x := v.item(t, "logs-clock"); x.Verdict != "refuted" || !x.Gap || x.InspectionCode != "KT-1" {
			t.Errorf("%+v", x)
		}
	})
}
