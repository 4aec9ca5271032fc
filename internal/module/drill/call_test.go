package drill

import (
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestTheReportHearsWhoWasCalledUp(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		x := f.started(plan("so-y-te"))
		matter := incident(map[string]time.Time{"detectedAt": day})
		f.tells(module.FactMatter, matter)
		call := func(kind module.FactKind, person, state string) {
			f.tells(kind, told{ID: "c1/" + person, Title: person, Subject: matter.Subject, Unit: "so-y-te", Drill: true, State: state})
		}
		f.clock = day.Add(5 * time.Minute)
		for _, person := range []string{"An", "Bình", "Chi"} {
			call("coordination.called", person, "called")
		}
		f.clock = day.Add(12 * time.Minute)
		call("coordination.replied", "An", "comes")
		call("coordination.replied", "Bình", "comes")
		f.clock = day.Add(20 * time.Minute)
		call("coordination.replied", "Bình", "declines")
		f.takes(x, Do{Verb: End})
		_, _, r, err := f.Review(leader, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]CallRecord{"An": {Result: "comes", Minutes: 7}, "Bình": {Result: "declines", Minutes: 7}, "Chi": {Result: "silent"}}
		for _, c := range r.Calls {
			if w := want[c.Person]; c.Result != w.Result || c.Minutes != w.Minutes || !c.AskedAt.Equal(day.Add(5*time.Minute)) {
				t.Errorf("%s: %+v, want %+v", c.Person, c, w)
			}
		}
		told, err := f.Tell(leader, x.ID)
		if err != nil || len(told.Calls) != 3 || len(told.Matters) != 1 || !strings.HasPrefix(told.Matters[0].Detect, "0 phút") {
			t.Fatalf("%+v %v", told, err)
		}
		if missed := strings.Join(told.Missed, "\n"); !strings.Contains(missed, "Chi được huy động nhưng không xác nhận") || strings.Contains(missed, "An được") {
			t.Errorf("missed: %s", missed)
		}
		if planned, err := f.Add(coordinator, plan("so-noi-vu")); err != nil {
			t.Error(err)
		} else if _, err := f.Tell(leader, planned.ID); code(err) != "drill.state" {
			t.Errorf("a report of an exercise that has not begun: %v", err)
		}
	})
}
