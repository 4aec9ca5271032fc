package alert

import (
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
	"github.com/lachan-vn/lachan/sigma"
)

// series makes the finding of a correlation rule on events from first to last.
func (f *fixture) series(first, last time.Duration, events ...string) detect.Finding {
	return f.at(last, func(x *detect.Finding) {
		x.RuleID, x.EntityField, x.EntityValue = "guessing", "src_ip", "203.0.113.9"
		x.Series = &detect.Series{
			Key: "k", Value: float64(len(events)), First: f.now.Add(first), Last: f.now.Add(last), Events: events,
			Group: []event.Field{{Name: "src_ip", Value: "203.0.113.9"}},
			Where: []detect.Where{{RuleID: "wrong-password", Field: "src_ip"}, {RuleID: "unknown-user", Field: "src_ip"}},
		}
	})
}

func TestAnAlertOfASeriesLeadsToTheEventsOfTheRulesBelow(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		id := f.record(f.series(0, 10*time.Second, "e1", "e2"))[0].ID
		again := f.record(f.series(20*time.Second, 30*time.Second, "e3", "e4", "e5"))
		if len(again) != 1 || again[0].ID != id {
			t.Fatalf("a second series of the same address: %v, want it counted into %s", again, id)
		}
		text, from, to, err := f.Events(centre, id, 10, func(*lake.Row) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if want := `rule:("wrong-password" OR "unknown-user") AND src_ip:"203.0.113.9"`; text != want {
			t.Errorf("search %s, want %s", text, want)
		}
		if !from.Equal(f.now) || to.Before(f.now.Add(30*time.Second)) {
			t.Errorf("between %v and %v, want from the first event of the first series to the last of the last", from, to)
		}
		a := f.all()
		if len(a) != 1 || a[0].Count != 2 || a[0].Series == nil {
			t.Fatalf("%+v", a)
		}
		if s := a[0].Series; s.Value != 3 || fmt.Sprint(s.Events) != "[e3 e4 e5]" || fmt.Sprint(s.Group) != "[{src_ip 203.0.113.9}]" || !s.First.Equal(f.now.Add(20*time.Second)) {
			t.Errorf("the newest series: %+v", s)
		}
	})
}

func TestAnAlertOfOneEventHasNoSeries(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.record(f.at(0))
		if a := f.all(); a[0].Series != nil || a[0].Query() != `rule:"rule-1" AND host:"web01"` {
			t.Errorf("%+v, search %s", a[0].Series, a[0].Query())
		}
	})
}

func TestTheSearchForASeriesKnowsWhatEachRuleCallsTheEntity(t *testing.T) {
	f := detect.Finding{RuleID: "c", EntityField: "address", EntityValue: `a"b`, Series: &detect.Series{
		Where: []detect.Where{{RuleID: "r1", Field: "src_ip"}, {RuleID: "r2", Field: "c-ip"}, {RuleID: "r3", Field: "src_ip"}},
	}}
	got := eventQuery(&f)
	want := `(rule:("r1" OR "r3") AND src_ip:"a\"b") OR (rule:"r2" AND "c-ip":"a\"b")`
	if got != want {
		t.Errorf("search %s, want %s", got, want)
	}
	if _, err := query.Parse(got); err != nil {
		t.Error(err)
	}
}

func TestAnAlertSaysWhichVersionOfItsRuleRaisedIt(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		hashed := func(h string) func(*detect.Finding) { return func(x *detect.Finding) { x.RuleHash = h } }
		id := f.record(f.at(0, hashed("aa")))[0].ID
		// The rule is edited while the attack goes on: the alert was raised by the first.
		f.record(f.at(time.Minute, hashed("bb")))
		d, err := f.Get(centre, id)
		if err != nil || d.Count != 2 || d.RuleHash != "aa" {
			t.Fatalf("%+v, %v", d, err)
		}
		v, err := f.detailView(centre, d)
		if err != nil || v.RuleVersion.Value.Hash != "aa" || v.RuleVersion.Value.Current {
			t.Errorf("%+v, %v", v.RuleVersion.Value, err)
		}
		d.Rule = &detect.Rule{Rule: &sigma.Rule{}, Hash: "aa"}
		if v, err = f.detailView(centre, d); err != nil || !v.RuleVersion.Value.Current {
			t.Errorf("%+v, %v", v.RuleVersion.Value, err)
		}
	})
}
