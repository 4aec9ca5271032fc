package alert

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// A small history, in hours after the beginning: four alerts opened at 0, one of
// them of another unit; the figures are small enough to be counted by hand.
type figuresFixture struct {
	*fixture
	start time.Time
	ids   map[string]string
}

func newFigures(t *testing.T, db *bun.DB) *figuresFixture {
	f := &figuresFixture{fixture: newFixture(t, db), ids: map[string]string{}}
	f.start = f.now
	open := func(name, unit, level, rule, entity string, tags ...string) {
		x := f.at(0, func(x *detect.Finding) {
			x.Unit, x.Level, x.RuleID, x.Title, x.EntityValue, x.Tags = event.UnitID(unit), level, rule, rule, entity, tags
			if entity == "an" {
				x.EntityField = "User"
			}
		})
		f.ids[name] = f.record(x)[0].ID
	}
	open("a", "so-y-te", "critical", "r1", "web01", "attack.execution", "attack.t1059")
	open("b", "so-y-te", "high", "r1", "web02", "attack.initial_access", "attack.execution")
	f.now = f.start.Add(2 * time.Hour)
	open("c", "so-y-te", "high", "r2", "an")
	open("d", "xa-tan-phu", "low", "r2", "cam01", "attack.t1110")
	return f
}

func (f *figuresFixture) change(name string, after time.Duration, c Change) {
	f.t.Helper()
	f.now = f.start.Add(after)
	a, err := f.Get(centre, f.ids[name])
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.Change(centre, a.ID, a.Version, c); err != nil {
		f.t.Fatal(err)
	}
}

func (f *figuresFixture) work() {
	f.change("a", 30*time.Minute, Change{Note: ptr("xem")}) // a note alone is no taking up
	f.change("a", time.Hour, Change{Status: ptr(StatusInProgress), Assignee: ptr("lan")})
	f.change("a", 3*time.Hour, Change{Status: ptr(StatusClosed), Reason: ptr(ReasonTruePositive)})
	f.change("b", 4*time.Hour, Change{Status: ptr(StatusClosed), Reason: ptr(ReasonFalsePositive)})
	f.change("b", 5*time.Hour, Change{Status: ptr(StatusInProgress)})
	f.change("b", 6*time.Hour, Change{Status: ptr(StatusClosed), Reason: ptr(ReasonFalsePositive)})
	f.now = f.start.Add(10 * time.Hour)
}

func figuresTest(t *testing.T, test func(t *testing.T, f *figuresFixture)) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFigures(t, db)
		f.work()
		test(t, f)
	})
}

func TestFlowCountsWhatStoodOpenAtEachMoment(t *testing.T) {
	figuresTest(t, func(t *testing.T, f *figuresFixture) {
		got, err := f.Flow(centre, module.Buckets{From: f.start, Width: time.Hour, N: 7})
		if err != nil {
			t.Fatal(err)
		}
		per := func(list []map[string]int64) (n []int64) {
			for _, m := range list {
				n = append(n, m["critical"]+m["high"]+m["low"])
			}
			return n
		}
		for name, x := range map[string]struct{ got, want []int64 }{
			"opened":   {per(got.Opened), []int64{2, 0, 2, 0, 0, 0, 0}},
			"closed":   {per(got.Closed), []int64{0, 0, 0, 1, 1, 0, 1}},
			"open":     {per(got.Open), []int64{2, 2, 4, 3, 2, 3, 2}},
			"critical": {[]int64{got.Open[0]["critical"], got.Open[2]["critical"], got.Open[3]["critical"]}, []int64{1, 1, 0}},
		} {
			if diff := cmp.Diff(x.want, x.got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		// A period that ended before the last changes sees the same past.
		past, err := f.Flow(centre, module.Buckets{From: f.start, Width: time.Hour, N: 4})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(per(got.Open)[:4], per(past.Open)); diff != "" {
			t.Errorf("the past depends on where the period ends:\n%s", diff)
		}
	})
}

func TestSpeedIsTheTimeToTheFirstStepAndToTheLastClosing(t *testing.T) {
	figuresTest(t, func(t *testing.T, f *figuresFixture) {
		taken, closed, err := f.Speed(centre, f.start, f.now)
		if err != nil {
			t.Fatal(err)
		}
		// a was taken after 1 h, b after 4 h; a was closed after 3 h, b for good after 6 h.
		want := module.Durations{Count: 2, Median: 150 * time.Minute, P90: 4 * time.Hour}
		if taken[""] != want {
			t.Errorf("taken up: %+v, want %+v", taken[""], want)
		}
		want = module.Durations{Count: 2, Median: 270 * time.Minute, P90: 6 * time.Hour}
		if closed[""] != want {
			t.Errorf("closed: %+v, want %+v", closed[""], want)
		}
		if d := taken["critical"]; d.Count != 1 || d.Median != time.Hour {
			t.Errorf("critical alerts taken up: %+v, want one after an hour", d)
		}
		// b was taken up before this period: it does not count again.
		taken, _, err = f.Speed(centre, f.start.Add(4*time.Hour+time.Minute), f.now)
		if err != nil || len(taken) != 0 {
			t.Errorf("taken up later: %v, %v; want none", taken, err)
		}
	})
}

func TestRankings(t *testing.T) {
	figuresTest(t, func(t *testing.T, f *figuresFixture) {
		rules, err := f.RankRules(centre, f.start, f.now, 1)
		if err != nil || len(rules) != 1 || rules[0].RuleID != "r1" || rules[0].Alerts != 2 || rules[0].Level != "critical" {
			t.Errorf("rules: %+v, %v; want r1 alone, with 2 alerts, critical at worst", rules, err)
		}
		units, err := f.RankUnits(centre, 5)
		if err != nil || len(units) != 2 || units[0].Unit != "so-y-te" || units[0].ByLevel["high"] != 1 || units[1].ByLevel["low"] != 1 {
			t.Errorf("units: %+v, %v", units, err)
		}
		entities, err := f.RankEntities(centre, f.start, f.now, 10)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entities {
			names = append(names, e.EntityValue)
		}
		if diff := cmp.Diff([]string{"web01", "web02", "cam01"}, names); diff != "" {
			t.Errorf("entities, without the account (-want +got):\n%s", diff)
		}
	})
}

func TestTacticsReasonsAndWork(t *testing.T) {
	figuresTest(t, func(t *testing.T, f *figuresFixture) {
		tactics, err := f.Tactics(centre, f.start, f.now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int64{"execution": 2, "initial-access": 1, "": 2}, tactics); diff != "" {
			t.Errorf("tactics (-want +got):\n%s", diff)
		}
		reasons, err := f.ClosedFor(centre, f.start, f.now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int64{"true_positive": 1, "false_positive": 1}, reasons); diff != "" {
			t.Errorf("reasons, each alert once (-want +got):\n%s", diff)
		}
		work, err := f.Work(centre, f.start, f.now)
		if want := (module.TeamWork{Taken: 2, Assigned: 1, Closed: 3, Reopened: 1, Notes: 1}); err != nil || work != want {
			t.Errorf("work: %+v, %v; want %+v", work, err, want)
		}
		waiting, total, err := f.Waiting(centre, nil, 1)
		if err != nil || total != 2 || len(waiting) != 1 || waiting[0].ID != f.ids["c"] {
			t.Errorf("waiting: %v of %d, %v; want c of 2", waiting, total, err)
		}
	})
}

// A figure opens the list of the alerts it counts.
func TestTheQueueCanBeNarrowedToWhatWasOpenedInATime(t *testing.T) {
	figuresTest(t, func(t *testing.T, f *figuresFixture) {
		page, err := f.List(centre, Filter{Sort: "createdAt", Limit: 10, From: f.start.Add(time.Hour), To: f.start.Add(3 * time.Hour)})
		if err != nil || page.Total != 2 || page.Items[0].ID != f.ids["c"] || page.Items[1].ID != f.ids["d"] {
			t.Errorf("%d alerts, %v; want c and d", page.Total, err)
		}
		page, err = f.List(centre, Filter{Sort: "createdAt", Limit: 10, To: f.start.Add(time.Hour)})
		if err != nil || page.Total != 2 || page.Items[0].ID != f.ids["a"] {
			t.Errorf("%d alerts, %v; want a and b", page.Total, err)
		}
	})
}

func TestFiguresCountOneUnitOnly(t *testing.T) {
	figuresTest(t, func(t *testing.T, f *figuresFixture) {
		commune := as(module.RoleUnitHead, "xa-tan-phu", "head")
		flow, err := f.Flow(commune, module.Buckets{From: f.start, Width: 10 * time.Hour, N: 1})
		if err != nil || flow.Opened[0]["low"] != 1 || len(flow.Opened[0]) != 1 || flow.Open[0]["high"] != 0 || len(flow.Closed[0]) != 0 {
			t.Errorf("flow: %+v, %v", flow, err)
		}
		taken, closed, err := f.Speed(commune, f.start, f.now)
		if err != nil || len(taken)+len(closed) != 0 {
			t.Errorf("speed of others: %v %v %v", taken, closed, err)
		}
		units, err := f.RankUnits(commune, 10)
		if err != nil || len(units) != 1 || units[0].Unit != "xa-tan-phu" {
			t.Errorf("units: %+v, %v", units, err)
		}
		rules, err := f.RankRules(commune, f.start, f.now, 10)
		if err != nil || len(rules) != 1 || rules[0].Alerts != 1 {
			t.Errorf("rules: %+v, %v", rules, err)
		}
		entities, err := f.RankEntities(commune, f.start, f.now, 10)
		if err != nil || len(entities) != 1 {
			t.Errorf("entities: %+v, %v", entities, err)
		}
		tactics, err := f.Tactics(commune, f.start, f.now)
		if diff := cmp.Diff(map[string]int64{"": 1}, tactics); err != nil || diff != "" {
			t.Errorf("tactics: %v %s", err, diff)
		}
		reasons, err := f.ClosedFor(commune, f.start, f.now)
		if err != nil || len(reasons) != 0 {
			t.Errorf("reasons of others: %v %v", reasons, err)
		}
		work, err := f.Work(commune, f.start, f.now)
		if err != nil || work != (module.TeamWork{}) {
			t.Errorf("work of others: %+v %v", work, err)
		}
		if _, err := f.Work(context.Background(), f.start, f.now); err == nil {
			t.Error("nobody got figures")
		}
	})
}
