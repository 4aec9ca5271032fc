package obligation

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestThoseWhoAnswerForADutyAreTold(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-16 08:00")
		f.tells(f.incident(map[string]any{"personalData": true}))
		o := f.list(officer, Filter{})[0]
		for _, percent := range []int{50, 80, 100} {
			f.clock = o.remindAt(percent)
			if err := f.Tick(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		var bodies []string
		if err := db.NewRaw("SELECT body FROM facts WHERE kind = 'notice' ORDER BY id").Scan(context.Background(), &bodies); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range bodies {
			var n module.Notice
			if err := json.Unmarshal([]byte(b), &n); err != nil {
				t.Fatal(err)
			}
			if n.Object != "obligation:"+o.ID {
				continue
			}
			var who []string
			for _, r := range n.Told {
				who = append(who, r.Who+" "+r.ID)
			}
			got = append(got, n.Kind+" "+n.Level+": "+strings.Join(who, ", "))
			if !strings.Contains(n.TitleVi, "SC-2026-0001") || !strings.Contains(n.Title, "due") && n.Level != "critical" {
				t.Errorf("the words: %q, %q", n.TitleVi, n.Title)
			}
		}
		unit := "role coordinator, unit-role security-officer, unit-role unit-head"
		want := []string{
			"obligation.arose medium: " + unit, "obligation.remind medium: " + unit, "obligation.remind high: " + unit,
			"obligation.late critical: " + unit + ", role leader",
		}
		if !slices.Equal(got, want) {
			t.Errorf("told:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestTheCentresOwnDutiesReachItsLeader(t *testing.T) {
	if !slices.Contains(answerable(event.CentreUnit, false), module.Recipient{Who: "role", ID: "leader"}) {
		t.Error("the leader is not told of what the centre owes")
	}
}

type ears map[event.UnitID]int

func (e ears) Publish(unit event.UnitID, name string, _ any) error {
	if name == "obligation" {
		e[unit]++
	}
	return nil
}

func TestOpenConsolesOfTheUnitReadAgain(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-16 08:00")
		heard := ears{}
		f.Live = heard
		f.tells(f.incident(map[string]any{"personalData": true}))
		if len(heard) != 1 || heard["so-y-te"] != 1 {
			t.Fatalf("told when it arose: %v", heard)
		}
		f.do(officer, f.list(officer, Filter{})[0], Do{Verb: Prepare})
		if heard["so-y-te"] != 2 {
			t.Errorf("told of a step: %v", heard)
		}
	})
}

func TestWhatFallsDueInASpan(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, "2026-11-16 08:00")
		f.tells(f.incident(map[string]any{"grave": true}))
		if got := duties(f.list(officer, Filter{From: at(t, "2026-11-18 00:00"), Before: at(t, "2026-11-20 00:00")})); !slices.Equal(got, []string{"nd331-d31-report"}) {
			t.Errorf("due in the span: %v", got)
		}
	})
}
