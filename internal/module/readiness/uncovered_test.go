package readiness

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// A system that operates after its decision ended, or that lost what the decision does not
// cover, is listed until something is done about it.
func TestASystemWithoutADecisionInForceIsListed(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		whole := Papers{Regulation: "QC-01", RegulationDay: "2026-11-01", Deployment: DeployedFully}
		f.register.papers["s2"] = whole
		f.register.systems[1].Level = 2
		listed := func(when, want string) {
			t.Helper()
			list, err := f.UncoveredGates(leader)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			v := f.overrideListView(nil, list)
			for _, x := range v.Uncovered {
				got = append(got, fmt.Sprintf("%s %v %s %t", x.System, x.Missing, x.Until, x.Holds))
			}
			if fmt.Sprint(got) != want || v.UncoveredTotal != len(got) {
				t.Errorf("%s: %v, want %s", when, got, want)
			}
		}
		listed("not in operation", "[]")
		partly := Papers{Regulation: "QC-01", RegulationDay: "2026-11-01", Deployment: "partly"}
		f.register.papers["s1"] = partly
		if err := f.Decide(leader, "s1", Override{Decider: "Giám đốc", Reason: "Phục vụ nhân dân", Until: "2026-11-30"}); err != nil {
			t.Fatal(err)
		}
		f.register.systems[0].State = module.SystemOperating
		listed("by decision", "[]")

		// The regulation is gone: nobody decided over that.
		f.register.papers["s1"] = Papers{Deployment: "partly"}
		if against, err := f.MayOperate(officer, "s1"); err != nil || !slices.Equal(against, []string{"regulation"}) {
			t.Errorf("lost later: %v %v", against, err)
		}
		listed("lost later", "[s1 [regulation] 2026-11-30 true]")
		g, err := f.Gate(officer, "s1")
		if err != nil {
			t.Fatal(err)
		}
		if v := f.gateView(module.PrincipalOf(officer), g); v.Open || !v.Uncovered || v.Conditions[1].Covered || !v.Conditions[2].Covered {
			t.Errorf("%+v", v)
		}
		f.register.papers["s1"] = partly
		listed("there again", "[]")

		f.clock = time.Date(2026, 12, 1, 8, 0, 0, 0, zone)
		listed("the decision has ended", "[s1 [deployment] 2026-11-30 false]")
		if list, err := f.UncoveredGates(stranger); err != nil || len(list) != 0 {
			t.Errorf("another unit: %v %v", list, err)
		}
		f.register.papers["s1"] = whole
		listed("deployed", "[]")
	})
}
