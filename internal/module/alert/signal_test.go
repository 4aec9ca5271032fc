package alert

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func silent(change ...func(*Signal)) Signal {
	sig := Signal{
		Kind: "source.silent", Unit: "so-y-te", About: "web01 · sshd", Query: `host:"web01"`,
		Details: map[string]string{"last": "2026-11-22T02:00:00Z"},
	}
	for _, c := range change {
		c(&sig)
	}
	return sig
}

func (f *fixture) raised(sig Signal) {
	f.t.Helper()
	if err := f.Signal(context.Background(), sig); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) settled(sig Signal) {
	f.t.Helper()
	if err := f.Settle(context.Background(), sig.Kind, sig.Unit, sig.About); err != nil {
		f.t.Fatal(err)
	}
}

// one returns the only alert.
func (f *fixture) one() Alert {
	f.t.Helper()
	all := f.all()
	if len(all) != 1 {
		f.t.Fatalf("%d alerts, want 1: %+v", len(all), all)
	}
	return all[0]
}

func (f *fixture) steps(id string) []string {
	f.t.Helper()
	d, err := f.Get(centre, id)
	if err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for _, s := range d.History {
		out = append(out, strings.TrimRight(s.Action+" "+s.To+" "+s.Reason, " "))
	}
	return out
}

func TestASignalIsAnAlertOfItsOwn(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.raised(silent(func(s *Signal) { s.At = f.now.Add(-time.Hour) }))
		a := f.one()
		if a.Title != "A source fell silent: web01 · sshd" || a.TitleVi != "Nguồn log im lặng: web01 · sshd" || a.Level != "medium" ||
			a.Status != StatusNew || a.Unit != "so-y-te" || a.EntityValue != "web01 · sshd" || !a.FirstSeen.Equal(f.now.Add(-time.Hour)) || a.Signal == nil {
			t.Fatalf("%+v", a)
		}
		d, err := f.Get(centre, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		v, err := f.detailView(centre, d)
		if err != nil {
			t.Fatal(err)
		}
		s := v.Signal.Value
		if v.SignalKind != "source.silent" || v.Rule.Value != nil || s == nil || s.ExplanationVi == "" || len(s.ChecksVi) == 0 || s.SettledAt != nil {
			t.Fatalf("%+v", v)
		}
		if d := cmp.Diff([]SignalDetailView{{"last", "2026-11-22T02:00:00Z"}}, s.Details); d != "" {
			t.Error(d)
		}
		if _, err := f.Explain(centre, a.ID, ""); fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "not by a rule") {
			t.Errorf("explained as if a rule had raised it: %v", err)
		}
	})
}

func TestRepeatsOfASignalAreOneAlert(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.raised(silent())
		f.now = f.now.Add(30 * time.Hour) // signals know no gap
		f.raised(silent(func(s *Signal) { s.Details = map[string]string{"last": "later"}; s.Severity = "high" }))
		if a := f.one(); a.Count != 2 || a.Level != "high" || a.Signal.Details["last"] != "later" || !a.LastSeen.Equal(f.now) || a.Version != 1 {
			t.Fatalf("%+v", a)
		}
		// Another unit, kind or thing is another alert.
		f.raised(silent(func(s *Signal) { s.Unit = "so-noi-vu" }))
		f.raised(silent(func(s *Signal) { s.Kind = "source.volume" }))
		f.raised(silent(func(s *Signal) { s.About = "web02" }))
		if n := len(f.all()); n != 4 {
			t.Fatalf("%d alerts", n)
		}
	})
}

func TestASettledSignalNobodyTouchedIsClosed(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.settled(silent()) // nothing was raised: nothing happens
		f.raised(silent())
		f.now = f.now.Add(time.Hour)
		f.settled(silent())
		a := f.one()
		if a.Status != StatusClosed || a.Reason != ReasonSettled || !a.Signal.SettledAt.Equal(f.now) || a.Version != 2 {
			t.Fatalf("%+v", a)
		}
		if d := cmp.Diff([]string{"settled", "status closed settled"}, f.steps(a.ID)); d != "" {
			t.Error(d)
		}
		f.settled(silent()) // once is enough
		if n := len(f.steps(a.ID)); n != 2 {
			t.Errorf("%d steps", n)
		}
		if _, err := module.NewTrail(db).Verify(context.Background()); err != nil {
			t.Error(err)
		}
		audit, err := module.NewTrail(db).Find(as(module.RoleAdministrator, "trung-tam", "root"), module.RecordFilter{}, false, 10)
		if err != nil || len(audit) != 1 || audit[0].Action != "alert.settle" || audit[0].Actor != "system" || audit[0].Detail["signal"] != "source.silent" {
			t.Errorf("%+v %v", audit, err)
		}
		// Who reopened it by mistake may put it back.
		open, closed, why := StatusInProgress, StatusClosed, ReasonSettled
		if _, err := f.Change(centre, a.ID, 2, Change{Status: &open}); err != nil {
			t.Error(err)
		}
		if _, err := f.Change(centre, a.ID, 3, Change{Status: &closed, Reason: &why}); err != nil {
			t.Error(err)
		}
		// It comes back: a new alert.
		f.now = f.now.Add(time.Minute)
		f.raised(silent())
		if n := len(f.all()); n != 2 {
			t.Errorf("%d alerts", n)
		}
	})
}

func TestASettledSignalSomebodyTookStaysHis(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.raised(silent())
		a := f.one()
		taken, me := StatusInProgress, "lan"
		if _, err := f.Change(centre, a.ID, a.Version, Change{Status: &taken, Assignee: &me}); err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(time.Hour)
		f.settled(silent())
		if a := f.one(); a.Status != StatusInProgress || a.Reason != "" || a.Signal.SettledAt.IsZero() || a.Version != 2 {
			t.Fatalf("%+v", a)
		}
		f.now = f.now.Add(time.Hour)
		f.raised(silent())
		if a := f.one(); a.Count != 2 || !a.Signal.SettledAt.IsZero() {
			t.Fatalf("%+v", a)
		}
		if d := cmp.Diff([]string{"status in_progress", "assign lan", "settled", "raised"}, f.steps(a.ID)); d != "" {
			t.Error(d)
		}
	})
}

// Who closes a signal while it lasts knows of it: it does not come back at once.
func TestASignalClosedByAPersonWaitsADay(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.raised(silent())
		closed, why := StatusClosed, ReasonBenign
		if _, err := f.Change(centre, f.one().ID, 1, Change{Status: &closed, Reason: &why}); err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(23 * time.Hour)
		f.raised(silent())
		if a := f.one(); a.Status != StatusClosed || a.Count != 1 {
			t.Fatalf("%+v", a)
		}
		f.now = f.now.Add(time.Hour)
		f.raised(silent())
		if n := len(f.all()); n != 2 {
			t.Fatalf("no reminder after a day: %d alerts", n)
		}
		// Over, and then again: that is news at any time.
		f.settled(silent())
		f.raised(silent())
		if n := len(f.all()); n != 3 {
			t.Fatalf("%d alerts", n)
		}
	})
}

func TestAFlickeringSignalLeavesABoundedHistory(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.raised(silent())
	taken := StatusInProgress
	a := f.one()
	if _, err := f.Change(centre, a.ID, a.Version, Change{Status: &taken}); err != nil {
		t.Fatal(err)
	}
	for range maxSignalSteps {
		f.now = f.now.Add(time.Minute)
		f.settled(silent())
		f.now = f.now.Add(time.Minute)
		f.raised(silent())
	}
	if n := len(f.steps(a.ID)); n != maxSignalSteps+1 {
		t.Errorf("%d steps, want %d", n, maxSignalSteps+1)
	}
	if a := f.one(); a.Count != maxSignalSteps+1 || !a.Signal.SettledAt.IsZero() {
		t.Errorf("%+v", a)
	}
}

func TestSignalsThatCannotBeShownAreRefused(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	for name, change := range map[string]func(*Signal){
		"kind": func(s *Signal) { s.Kind = "source.sleepy" }, "unit": func(s *Signal) { s.Unit = "" },
		"about": func(s *Signal) { s.About = "" }, "severity": func(s *Signal) { s.Severity = "bad" },
	} {
		if err := f.Signal(context.Background(), silent(change)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := f.Settle(context.Background(), "source.sleepy", "so-y-te", "x"); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
	f.raised(silent(func(s *Signal) {
		s.About = strings.Repeat("đ", 4000) + "\x00"
		s.Details = map[string]string{"x": strings.Repeat("y", 1<<20)}
	}))
	if a := f.one(); len(a.EntityValue) > maxEntityBytes || len(a.Signal.Details["x"]) > maxDetailBytes {
		t.Errorf("unbounded: %d, %d bytes", len(a.EntityValue), len(a.Signal.Details["x"]))
	}
}

func TestOnlyASignalSettles(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.record(f.at(0))
	closed, why := StatusClosed, ReasonSettled
	if _, err := f.Change(centre, f.one().ID, 1, Change{Status: &closed, Reason: &why}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
}

// A unit sees the signals about itself and nobody else's.
func TestSignalsAreScopedByUnit(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.raised(silent())
	f.raised(silent(func(s *Signal) { s.Unit = "so-noi-vu" }))
	p, err := f.List(as(module.RoleAnalyst, "so-y-te", "minh"), Filter{Sort: "createdAt", Limit: 10})
	if err != nil || len(p.Items) != 1 || p.Items[0].Unit != "so-y-te" {
		t.Fatalf("%+v %v", p.Items, err)
	}
}

// The events of a signal are those before and during it; one about no events
// asks the lake for nothing.
func TestEventsOfASignal(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.raised(silent())
	text, from, to, err := f.Events(centre, f.one().ID, 10, nil)
	if err != nil || text != `host:"web01"` || !from.Equal(f.now.Add(-24*time.Hour)) || to.Before(f.now) || f.lake.search.Query == nil {
		t.Fatalf("%q %v %v %v", text, from, to, err)
	}
	*f.lake = askedLake{}
	f.raised(silent(func(s *Signal) { s.Kind, s.Query = "disk.full", "" }))
	for _, a := range f.all() {
		if a.Signal.Kind != "disk.full" {
			continue
		}
		if text, _, _, err := f.Events(centre, a.ID, 10, nil); err != nil || text != "" || f.lake.search.Query != nil {
			t.Errorf("%q %v", text, err)
		}
	}
}

func TestTheCatalogueOfSignalsIsWhole(t *testing.T) {
	for _, kind := range SignalKinds() {
		k := signalKinds[kind]
		if levelRank(k.level) == 0 || knownLevel(k.level) != k.level || !strings.Contains(k.title, "{about}") || !strings.Contains(k.titleVi, "{about}") ||
			k.explain == "" || k.explainVi == "" || len(k.checks) == 0 || len(k.checks) != len(k.checksVi) {
			t.Errorf("%s: %+v", kind, k)
		}
	}
}
