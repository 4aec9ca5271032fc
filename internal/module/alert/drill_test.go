package alert

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// exercises is one exercise, x1, in which so-y-te takes part and "bia" is a target.
type exercises struct{ held string }

func (exercises) Of(unit event.UnitID, putIn, value string) string {
	if putIn == "" && unit == "so-y-te" && value == "bia" {
		return "x1"
	}
	return putIn
}

func (e exercises) MayMove(_ context.Context, _ bun.Tx, alert string, unit event.UnitID, drill string) error {
	switch {
	case drill != "" && drill != "x1":
		return fault.New(fault.NotFound, "no such exercise").WithCode("drill.unknown")
	case alert == e.held:
		return fault.New(fault.Conflict, "part of an incident").WithCode("alert.in-incident")
	}
	return nil
}

func putIn(drill string) func(*detect.Finding) { return func(x *detect.Finding) { x.Drill = drill } }

func on(host string) func(*detect.Finding) {
	return func(x *detect.Finding) { x.EntityValue = host }
}

func TestAnAlertOfAnExerciseIsMarkedWhenItIsRaised(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.drills = exercises{}
		// Of one rule, unit and machine: what was put in and what is real stay apart.
		f.record(f.at(0), f.at(time.Second, putIn("x1")), f.at(2*time.Second), f.at(0, on("bia")))
		f.record(f.at(time.Minute, putIn("x1")), f.at(time.Minute))
		marks := map[string]int64{}
		for _, a := range f.all() {
			marks[a.EntityValue+"/"+a.Drill] += a.Count
		}
		if want := map[string]int64{"web01/": 3, "web01/x1": 2, "bia/x1": 1}; !cmp.Equal(marks, want) {
			t.Errorf("findings by alert: %v, want %v", marks, want)
		}
		for drill, want := range map[string]int64{"": 3, NoDrill: 1, AnyDrill: 2, "x1": 2, "x2": 0} {
			page, err := f.List(centre, Filter{Sort: "-lastSeen", Limit: 10, Drill: drill})
			if err != nil || page.Total != want || int64(len(page.Items)) != want || page.ByStatus["new"] != want {
				t.Errorf("drill=%q: %d of %d, %v; want %d", drill, len(page.Items), page.Total, err, want)
			}
		}
	})
}

// figures are all that is counted of alerts.
func (f *fixture) figures(around time.Time) map[string]any {
	f.t.Helper()
	from, to := around.Add(-24*time.Hour), around.Add(24*time.Hour)
	out := map[string]any{}
	take := func(name string, err error, values ...any) {
		if err != nil {
			f.t.Fatal(name, err)
		}
		out[name] = values
	}
	open, unseen, err := f.Open(centre)
	take("open", err, open, unseen)
	hits, err := f.HitsSince(centre, from)
	take("hits", err, hits)
	flow, err := f.Flow(centre, module.Buckets{From: from, Width: time.Hour, N: 48})
	take("flow", err, flow)
	taken, closed, err := f.Speed(centre, from, to)
	take("speed", err, taken, closed)
	rules, err := f.RankRules(centre, from, to, 50)
	take("rules", err, rules)
	entities, err := f.RankEntities(centre, from, to, 50)
	take("entities", err, entities)
	units, err := f.RankUnits(centre, 50)
	take("units", err, units)
	tactics, err := f.Tactics(centre, from, to)
	take("tactics", err, tactics)
	reasons, err := f.ClosedFor(centre, from, to)
	take("reasons", err, reasons)
	work, err := f.Work(centre, from, to)
	take("work", err, work)
	waiting, n, err := f.Waiting(centre, Levels, 50)
	take("waiting", err, len(waiting), n)
	byRule, err := f.ByRule(centre, Span{From: from, To: to})
	take("matrix", err, byRule)
	newest, counts, err := f.OfEntity(centre, Entity{Fields: []string{"host"}, Values: []string{"web01"}}, Span{From: from, To: to}, 50)
	take("entity", err, len(newest), counts)
	shares, err := f.Shares(centre, from)
	take("shares", err, shares)
	noise, err := f.NoiseOf(centre, "rule-1", from)
	take("noise", err, noise)
	recent, err := f.Recent(centre, 50)
	take("recent", err, len(recent))
	day, err := f.Today(centre)
	take("today", err, len(day.Things), day.Left, day.Postponed, day.Others, day.Done)
	page, err := f.List(centre, Filter{Sort: "-lastSeen", Limit: 50, Drill: NoDrill})
	take("list", err, page.Total, page.ByLevel, page.ByStatus)
	return out
}

func TestAnExerciseChangesNoFigure(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.drills = exercises{}
		start := f.now
		id := f.record(f.at(0))[0].ID
		f.record(f.at(0, on("web02")), f.at(time.Second, on("web03")))
		f.closeFor(id, ReasonTruePositive)
		before := f.figures(start)
		work := func(drill string) {
			for i, host := range []string{"web01", "web04", "bia", "web05"} {
				id := f.record(f.at(time.Duration(i)*time.Second, on(host), putIn(drill), func(x *detect.Finding) { x.RuleID = "rule-1" }))[0].ID
				if i < 2 {
					f.closeFor(id, ReasonFalsePositive)
				}
			}
		}
		work("x1")
		if diff := cmp.Diff(before, f.figures(start)); diff != "" {
			t.Errorf("an exercise changed figures (-before +after)\n%s", diff)
		}
		// The same work on what is real changes every one of them.
		f.drills = noDrills{}
		work("")
		for name, was := range before {
			if cmp.Equal(was, f.figures(start)[name]) {
				t.Errorf("%s does not change with real alerts either: it shows nothing", name)
			}
		}
	})
}

func (f *fixture) closeFor(id string, why Reason) {
	f.t.Helper()
	a, err := f.Read(centre, id)
	if err != nil {
		f.t.Fatal(err)
	}
	f.now = f.now.Add(time.Minute)
	if _, err := f.Change(centre, id, a.Version, Change{Status: ptr(StatusClosed), Reason: &why, Assignee: ptr("lan")}); err != nil {
		f.t.Fatal(err)
	}
}

func TestAnAlertOfAnExerciseJoinsNoRealGroup(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.drills = exercises{}
		for _, drill := range []string{"", "x1"} {
			for _, host := range []string{"web01", "web02", "web03"} {
				f.record(f.at(0, on(host), putIn(drill)))
			}
		}
		for _, by := range []GroupKind{KindCampaign, KindUnit} {
			q, err := f.Groups(centre, Filter{}, by)
			if err != nil || q.Total != 2 {
				t.Fatalf("%s: %d groups, %v", by, q.Total, err)
			}
			for _, g := range q.Groups {
				for _, a := range g.Alerts {
					if a.Drill != g.Drill || len(g.Alerts) != 3 {
						t.Errorf("%s: the group of %q has %d alerts, one of %q", by, g.Drill, len(g.Alerts), a.Drill)
					}
				}
			}
			if q.Groups[0].ID == q.Groups[1].ID {
				t.Errorf("%s: two groups have one id", by)
			}
		}
	})
}

func TestAPersonMarksAnAlertAsOfAnExercise(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		id := f.record(f.at(0))[0].ID
		f.drills = exercises{held: f.record(f.at(0, on("held")))[0].ID}
		held := f.drills.(exercises).held
		officer := as(module.RoleSecurityOfficer, "so-y-te", "minh")
		for _, c := range []struct {
			name      string
			ctx       context.Context
			id, drill string
			version   int64
			note      string
			want      string
		}{
			{"of a unit", officer, id, "x1", 1, "vì", "permission.denied"},
			{"without why", centre, id, "x1", 1, " ", "alert.drill-note"},
			{"of no exercise", centre, id, "x9", 1, "vì", "drill.unknown"},
			{"that somebody changed", centre, id, "x1", 9, "vì", "alert.changed"},
			{"of an incident", centre, held, "x1", 1, "vì", "alert.in-incident"},
			{"that is none", centre, "x", "x1", 1, "vì", "alert.unknown"},
		} {
			if _, err := f.MarkDrill(c.ctx, c.id, c.version, c.drill, c.note); codeOf(err) != c.want {
				t.Errorf("an alert %s: %v, want %s", c.name, err, c.want)
			}
		}
		a, err := f.MarkDrill(centre, id, 1, "x1", "Đội đỏ báo trước")
		if err != nil || a.Drill != "x1" || a.Version != 2 {
			t.Fatalf("%+v %v", a, err)
		}
		// An attack on the same machine is not hidden by the mark.
		if rec := f.record(f.at(time.Minute)); !rec[0].Created {
			t.Error("a real finding was counted into the exercise")
		}
		if rec := f.record(f.at(time.Minute, putIn("x1"))); rec[0].ID != id {
			t.Error("a finding of the exercise began another alert")
		}
		if a, err = f.MarkDrill(centre, id, a.Version, "", "Nhầm"); err != nil || a.Drill != "" {
			t.Fatalf("%+v %v", a, err)
		}
		d, err := f.Get(centre, id)
		if err != nil || len(d.History) != 2 || d.History[0].Action != "drill" || d.History[0].To != "x1" || d.History[1].Note != "Nhầm" {
			t.Errorf("history: %+v %v", d.History, err)
		}
		if n, err := db.NewSelect().Table("audit_log").Where("action = 'alert.drill'").Count(t.Context()); err != nil || n != 2 {
			t.Errorf("%d audit records, %v", n, err)
		}
	})
}
