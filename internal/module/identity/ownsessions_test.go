package identity

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestSessionsAreListedAndEnded(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		lan, minh := f.account("lan", module.RoleAnalyst, "so-y-te"), f.account("minh", module.RoleAnalyst, "so-y-te")
		if err := f.EndSessionsOf(admin, lan.ID); err != nil {
			t.Fatal(err)
		}
		here, _, err := f.SignIn(context.Background(), "lan", good, From{Addr: "203.0.113.9", Agent: "Firefox"})
		if err != nil {
			t.Fatal(err)
		}
		f.wait(2 * time.Minute)
		there, _ := f.signIn("lan", good)
		foreign, _ := f.signIn("minh", good)
		list, err := f.Sessions(f.in(here))
		if err != nil || len(list) != 2 || list[1].Addr != addr && list[0].Addr != addr {
			t.Fatalf("%+v %v", list, err)
		}
		of := func(cookie string) string { p, _ := f.who(cookie); return p.Session }
		running := f.running.attach(context.Background(), lan.ID, of(there))
		if err := f.EndSession(f.in(here), of(foreign)); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody else's session: %v", err)
		}
		if err := f.EndSession(f.in(here), of(there)); err != nil || running.Err() == nil {
			t.Errorf("%v, what runs in it: %v", err, running.Err())
		}
		if _, err := f.who(there); err == nil {
			t.Error("an ended session is alive")
		}
		again, _ := f.signIn("lan", good)
		if err := f.EndOtherSessions(f.in(here)); err != nil {
			t.Fatal(err)
		}
		if _, err := f.who(again); err == nil {
			t.Error("another session is alive")
		}
		if _, err := f.who(here); err != nil {
			t.Error("the own session ended too")
		}
		if err := f.EndSessionsOf(admin, minh.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := f.who(foreign); err == nil {
			t.Error("alive after an administrator ended it")
		}
	})
}

func TestWhoWaitsIsSeenKeptAndForgiven(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		u := f.account("lan", module.RoleAnalyst, "so-y-te")
		guess := func(s *Service, password, from string) error {
			_, _, err := s.SignIn(context.Background(), "lan", password, From{Addr: from})
			return err
		}
		for range 8 {
			_ = guess(f.Service, "wrong", "198.51.100.1")
			f.wait(20 * time.Second)
		}
		for range 2 {
			_ = guess(f.Service, "wrong", "198.51.100.1")
		}
		state, err := f.SignInState(admin, u.ID)
		if err != nil || state.LockedUntil.IsZero() || state.Failures < 5 {
			t.Fatalf("%+v %v", state, err)
		}
		if err := guess(f.Service, good, "198.51.100.2"); code(err) != "session.too-many-attempts" {
			t.Errorf("from an address the person never used: %v", err)
		}
		// The person's own desk is not locked by who guesses elsewhere.
		if err := guess(f.Service, good, addr); err != nil {
			t.Errorf("from where the person works: %v", err)
		}
		again := New(Options{DB: db, Trail: module.NewTrail(db), Units: anyUnit{}, Log: slog.New(slog.DiscardHandler), Now: f.clock, Cost: cheap})
		if err := again.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := guess(again, good, "198.51.100.2"); code(err) != "session.too-many-attempts" {
			t.Errorf("a restart forgave the guesses: %v", err)
		}
		if err := again.Unlock(admin, u.ID); err != nil {
			t.Fatal(err)
		}
		if err := guess(again, good, "198.51.100.2"); err != nil {
			t.Errorf("after an administrator forgave: %v", err)
		}
	})
}

func TestThePolicySaysWhoNeedsAFactor(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("lan", module.RoleAnalyst, "so-y-te")
		f.account("boss", module.RoleAdministrator, event.CentreUnit)
		boss, app, _ := f.enrol("boss")
		analyst, _ := f.signIn("lan", good)
		if f.pending(analyst) != "" {
			t.Fatal("an analyst needs a factor before anybody said so")
		}
		if err := f.SetSignInPolicy(f.in(boss), Policy{FactorRoles: []module.Role{module.RoleService}}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a role of machines: %v", err)
		}
		if err := f.SetSignInPolicy(f.in(analyst), Policy{}); fault.KindOf(err) != fault.Denied {
			t.Errorf("an analyst sets the policy: %v", err)
		}
		if err := f.SetSignInPolicy(f.in(boss), Policy{FactorRoles: []module.Role{module.RoleAnalyst}}); err != nil {
			t.Fatal(err)
		}
		if f.pending(analyst) != module.PendingEnrol {
			t.Error("the policy does not count for an open session")
		}
		again := New(Options{DB: db, Trail: module.NewTrail(db), Units: anyUnit{}, Log: slog.New(slog.DiscardHandler), Now: f.clock, Cost: cheap})
		if err := again.Load(context.Background()); err != nil || !again.policy.needsFactor(module.RoleAnalyst) {
			t.Errorf("a restart forgot the policy: %v", err)
		}
		f.wait(confirmedFor + time.Second)
		if err := f.SetSignInPolicy(f.in(boss), Policy{}); code(err) != "session.confirm-first" {
			t.Errorf("long after the factor was shown: %v", err)
		}
		boss, err := f.prove(boss, Proof{Code: app.Next(t, f.clock())})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSignInPolicy(f.in(boss), Policy{}); err != nil || f.pending(analyst) != "" {
			t.Errorf("%v", err)
		}
		if !f.policy.needsFactor(module.RoleAdministrator) {
			t.Error("administrators went without")
		}
	})
}
