package incident

import (
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestMyTasks(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		led := f.opened(officer, Opening{Facts: Facts{Lead: "minh"}, Playbook: "none"})
		other := f.opened(officer, Opening{Playbook: "none"})
		closed := f.opened(officer, Opening{Facts: Facts{Lead: "minh", Cause: "x", Measure: "x"}, Playbook: "none"})
		add := func(i Incident, title, owner string, due time.Duration) {
			t.Helper()
			task := Task{Title: title, Phase: Detect, Unit: "so-y-te", Owner: owner}
			if due != 0 {
				task.DueAt = f.clock.Add(due)
			}
			if _, err := f.AddTask(officer, i.ID, task); err != nil {
				t.Fatal(err)
			}
		}
		add(led, "không hạn", "", 0)
		add(led, "hôm nay", "", time.Hour)
		add(led, "của người khác", "lan", -time.Hour)
		add(other, "quá hạn", "minh", -time.Hour)
		add(other, "không ai", "", -time.Hour)
		add(closed, "của vụ đã đóng", "minh", -time.Hour)
		closed = f.read(officer, closed.ID)
		if _, err := f.Move(officer, closed.ID, Closed, closed.Version); err != nil {
			t.Fatal(err)
		}
		titles := func() (got []string) {
			t.Helper()
			list, err := f.MyTasks(officer)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				got = append(got, x.Title)
			}
			return got
		}
		if got, want := titles(), []string{"quá hạn", "hôm nay", "không hạn"}; !slices.Equal(got, want) {
			t.Errorf("the tasks are %q, want %q", got, want)
		}
		// What was moved to a unit he does not see is no longer his to read.
		f.changed(coordinator, f.read(coordinator, other.ID), `{"unit": "so-noi-vu"}`)
		if got, want := titles(), []string{"hôm nay", "không hạn"}; !slices.Equal(got, want) {
			t.Errorf("after the incident went to another unit: %q, want %q", got, want)
		}
	})
}

func TestTheListBehindAFigure(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		at := f.clock.Add(-5 * time.Hour)
		one := f.opened(officer, Opening{Facts: Facts{Title: "một", DetectedAt: at, ContainedAt: at.Add(time.Hour)}})
		f.opened(officer, Opening{Facts: Facts{Title: "hai", DetectedAt: at}})
		f.opened(officer, Opening{Facts: Facts{Title: "cũ", DetectedAt: at.Add(-time.Hour)}})
		f.opened(stranger, Opening{Facts: Facts{Title: "đơn vị khác", Unit: "so-noi-vu", DetectedAt: at}})
		f.opened(officer, Opening{Facts: Facts{Title: "diễn tập", DetectedAt: at}, Drill: true})
		merged := f.opened(officer, Opening{Facts: Facts{Title: "gộp", DetectedAt: at}})
		if _, err := f.Merge(officer, merged.ID, one.ID); err != nil {
			t.Fatal(err)
		}
		from, to := at.Add(-time.Minute), at.Add(time.Minute)
		all, groups, err := f.Figures(coordinator, FigureAsk{From: from, To: to, By: ByUnit})
		if err != nil || len(groups) != 2 || all.Incidents != 3 {
			t.Fatal(all, groups, err)
		}
		if own, _, err := f.Figures(coordinator, FigureAsk{From: from, To: to, By: BySeverity, Unit: "so-noi-vu"}); err != nil || own.Incidents != 1 {
			t.Errorf("of one unit %v %v", own, err)
		}
		for _, g := range groups {
			for reached, want := range map[string]int64{"": g.Incidents, "acknowledged": g.Acknowledge.Count, "contained": g.Contain.Count, "recovered": g.Recover.Count} {
				list, _, err := f.List(coordinator, Filter{Status: "any", Counted: true, Unit: "so-y-te", Reached: reached, DetectedFrom: from, DetectedTo: to})
				if err != nil {
					t.Fatal(err)
				}
				if g.Key == "so-y-te" && int64(len(list)) != want {
					t.Errorf("%q: %d incidents behind the number %d", reached, len(list), want)
				}
			}
		}
	})
}
