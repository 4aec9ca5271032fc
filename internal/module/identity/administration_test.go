package identity

import (
	"context"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// stream is a request of a session that goes on until something ends it.
func (f *fixture) stream(cookie string) context.Context {
	f.t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = addr + ":4711"
	r.Header.Set("Cookie", CookieName+"="+cookie)
	ctx, _, err := f.Authenticate(r)
	if err != nil {
		f.t.Fatal(err)
	}
	return ctx
}

func TestWhatRunsEndsWithTheRightsItBeganWith(t *testing.T) {
	for _, c := range []struct {
		what string
		do   func(f *fixture, id string) error
		ends bool
	}{
		{"another role", func(f *fixture, id string) error {
			return second(f.ChangeUser(admin, id, UserChange{Role: new(module.RoleAuditor)}))
		}, true},
		{"another unit", func(f *fixture, id string) error {
			return second(f.ChangeUser(admin, id, UserChange{Unit: new(event.UnitID("so-noi-vu"))}))
		}, true},
		{"disabled", func(f *fixture, id string) error { return second(f.SetDisabled(admin, id, true)) }, true},
		{"sessions ended", func(f *fixture, id string) error { return f.EndSessionsOf(admin, id) }, true},
		{"factors reset", func(f *fixture, id string) error { return f.ResetFactors(admin, id) }, true},
		{"password reset", func(f *fixture, id string) error { return second(f.ResetPassword(admin, id)) }, true},
		{"another name", func(f *fixture, id string) error {
			return second(f.ChangeUser(admin, id, UserChange{DisplayName: new("Lan"), Mail: new("lan@so-y-te.example")}))
		}, false},
		{"a change to what it is", func(f *fixture, id string) error {
			return second(f.ChangeUser(admin, id, UserChange{Role: new(module.RoleAnalyst)}))
		}, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			f := newFixture(t, sqldbtest.SQLite(t))
			u := f.account("lan", module.RoleAnalyst, "so-y-te")
			other := f.account("minh", module.RoleAnalyst, "so-y-te")
			cookie, err := f.signIn("lan", good)
			if err != nil {
				t.Fatal(err)
			}
			unconcerned, err := f.signIn("minh", good)
			if err != nil {
				t.Fatal(err)
			}
			mine, others := f.stream(cookie), f.stream(unconcerned)
			if err := c.do(f, u.ID); err != nil {
				t.Fatal(err)
			}
			if ended := mine.Err() != nil; ended != c.ends {
				t.Errorf("the running stream ended: %v", ended)
			}
			if _, err := f.who(cookie); (err != nil) != c.ends {
				t.Errorf("the session: %v", err)
			}
			if others.Err() != nil || other.ID == u.ID {
				t.Error("somebody else's stream ended")
			}
		})
	}
}

func TestAPolicyThatAsksForMoreStopsWhatRuns(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.account("lan", module.RoleAnalyst, "so-y-te")
	f.account("hoa", module.RoleLeader, event.CentreUnit)
	f.account("boss", module.RoleAdministrator, event.CentreUnit)
	boss, _, _ := f.enrol("boss")
	analyst, err1 := f.signIn("lan", good)
	leader, err2 := f.signIn("hoa", good)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	mine, others := f.stream(analyst), f.stream(leader)
	if err := f.SetSignInPolicy(f.in(boss), Policy{FactorRoles: []module.Role{module.RoleAnalyst}}); err != nil {
		t.Fatal(err)
	}
	if mine.Err() == nil || others.Err() != nil {
		t.Errorf("an analyst's stream: %v, a leader's: %v", mine.Err(), others.Err())
	}
	if p, err := f.who(analyst); err != nil || p.Pending != module.PendingEnrol {
		t.Errorf("%+v %v", p, err)
	}
}

func TestAnotherRoleByTheMappingEndsWhatTheOldOneOpened(t *testing.T) {
	p := newProvider(t, sqldbtest.SQLite(t), OIDCMapping{Claim: "email", Value: "test-user2@zitadel.ch", Role: module.RoleAnalyst, Unit: "so-y-te"})
	_, cookie := p.browser("test-user2")
	running := p.stream(cookie)
	p.sso.config.Mapping[0].Role = module.RoleAuditor
	_, next := p.browser("test-user2")
	if running.Err() == nil {
		t.Error("what was opened as an analyst goes on")
	}
	if _, err := p.who(cookie); err == nil {
		t.Error("the analyst's session lives")
	}
	if who, err := p.who(next); err != nil || who.Role != module.RoleAuditor {
		t.Errorf("%+v %v", who, err)
	}
}

func TestTheListSaysHowEachAccountSignsIn(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		u := f.account("lan", module.RoleAnalyst, "so-y-te")
		f.account("boss", module.RoleAdministrator, event.CentreUnit)
		f.enrol("boss")
		one := func(name string) Account {
			t.Helper()
			list, err := f.ListUsers(admin, UserFilter{Text: name})
			if err != nil || len(list) != 1 {
				t.Fatalf("%v %v", list, err)
			}
			return list[0]
		}
		if a := one("boss"); !a.TOTP || a.Passkeys != 0 || !a.NeedsFactor || a.Sessions == 0 || a.Linked {
			t.Errorf("%+v", a)
		}
		if a := one("lan"); a.TOTP || a.NeedsFactor || a.LastAddr != addr || !a.LockedUntil.IsZero() {
			t.Errorf("%+v", a)
		}
		// Wrong at the own desk, where guessing elsewhere does not count.
		for range 5 {
			_, _ = f.signIn("lan", "wrong")
		}
		if a := one("lan"); a.LockedUntil.IsZero() || a.Failures != 5 {
			t.Errorf("locked at the own desk: %+v", a)
		}
		if err := f.Unlock(admin, u.ID); err != nil {
			t.Fatal(err)
		}
		if a := one("lan"); !a.LockedUntil.IsZero() || a.Failures != 0 {
			t.Errorf("forgiven: %+v", a)
		}
		if _, err := f.signIn("lan", good); err != nil {
			t.Error(err)
		}
		if a := one("lan"); a.Sessions != 2 {
			t.Errorf("%d sessions", a.Sessions)
		}
		f.wait(sessionIdle + time.Minute)
		if a := one("lan"); a.Sessions != 0 {
			t.Errorf("%d sessions after all were over", a.Sessions)
		}
		if _, err := f.ChangeUser(admin, u.ID, UserChange{Mail: new("lan@so-y-te.example")}); err != nil {
			t.Fatal(err)
		}
		if a := one("so-y-te.example"); a.Mail != "lan@so-y-te.example" {
			t.Errorf("%+v", a)
		}
		for _, bad := range []string{"lan", "Lan <lan@so-y-te.example>", "lan@"} {
			if _, err := f.ChangeUser(admin, u.ID, UserChange{Mail: &bad}); code(err) != "user.bad-mail" {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

func TestTheAccountForEmergenciesIsShownAndStaysWhatItIs(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.account("boss", module.RoleAdministrator, event.CentreUnit)
	boss, _, _ := f.enrol("boss")
	ctx := f.in(boss)
	state := func() string {
		t.Helper()
		v, err := f.signInRules(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if v.BreakGlass.Value == nil {
			return ""
		}
		return v.BreakGlass.Value.State
	}
	if got := state(); got != "" {
		t.Errorf("before it was made: %q", got)
	}
	secret, err := f.MakeBreakGlass(ctx)
	if err != nil || state() != "ready" {
		t.Fatalf("%q %v", state(), err)
	}
	cookie, err := f.signIn(BreakGlassAccount, secret)
	if err != nil || state() != "used" {
		t.Fatalf("%q %v", state(), err)
	}
	p, err := f.who(cookie)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.ChangeUser(admin, p.ID, UserChange{Role: new(module.RoleAuditor)}); code(err) != "user.break-glass" {
		t.Errorf("another role: %v", err)
	}
	if _, err := f.SetDisabled(admin, p.ID, true); err != nil || state() != "disabled" {
		t.Errorf("%q %v", state(), err)
	}
	nobody := module.WithPrincipal(context.Background(), module.Principal{ID: "x", Role: module.RoleAdministrator, Unit: "so-y-te"})
	if _, err := f.signInRules(nobody); fault.KindOf(err) != fault.Denied {
		t.Errorf("a unit's administrator: %v", err)
	}
}

func TestATokenIsChangedAndTheChangeCountsAtOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		tokens := f.Tokens()
		tok, secret, err := tokens.Create(admin, NewToken{Name: "script", Unit: "so-y-te", Scope: ScopeAPI, Role: module.RoleAnalyst})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.principal(secret, addr); err != nil {
			t.Fatal(err)
		}
		changed, err := tokens.Change(admin, tok.ID, TokenChange{
			Name: new(" báo cáo "), Only: new([]module.Action{module.ActionAlertRead}), Networks: new([]netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}), Life: new(5 * day),
		})
		if err != nil || changed.Name != "báo cáo" || changed.Status(f.clock()) != TokenExpiring {
			t.Fatalf("%+v %v", changed, err)
		}
		if _, err := tokens.principal(secret, addr); code(err) != "token.invalid" {
			t.Errorf("from an address it is not for any more: %v", err)
		}
		p, err := tokens.principal(secret, "198.51.100.9")
		if err != nil || p.Require(module.ActionAlertRead) != nil || p.Require(module.ActionEventRead) == nil {
			t.Errorf("%+v %v", p, err)
		}
		if err := tokens.flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*Tokens{tokens, newTokens(store{db}, Options{Now: f.clock})} {
			list, err := s.List(admin, TokenFilter{})
			if err != nil || len(list) != 1 || list[0].LastAddr != "198.51.100.9" || !list[0].LastUsed.Equal(f.clock()) {
				t.Errorf("last use: %+v %v", list, err)
			}
		}
		var details []string
		if err := db.NewRaw("SELECT detail FROM audit_log WHERE action = 'token.change'").Scan(context.Background(), &details); err != nil || len(details) != 1 {
			t.Errorf("%v %v", details, err)
		}
		if _, err := tokens.Change(admin, tok.ID, TokenChange{Name: new("báo cáo")}); err != nil {
			t.Error(err)
		}
		if _, err := tokens.Change(admin, tok.ID, TokenChange{Only: new([]module.Action{module.ActionUserManage})}); code(err) != "token.unknown-action" {
			t.Errorf("more than the role: %v", err)
		}
		if _, err := tokens.Change(admin, tok.ID, TokenChange{Life: new(400 * day)}); code(err) != "token.too-long" {
			t.Error(err)
		}
		stranger := module.WithPrincipal(context.Background(), module.Principal{ID: "x", Role: module.RoleAdministrator, Unit: "so-noi-vu"})
		if _, err := tokens.Change(stranger, tok.ID, TokenChange{Name: new("mine")}); code(err) != "token.unknown" {
			t.Errorf("an administrator of another unit: %v", err)
		}
		sender, _, err := tokens.Create(admin, NewToken{Name: "sender", Unit: "so-y-te", Scope: ScopeIngest})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.Change(admin, sender.ID, TokenChange{Life: new(day)}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a sender's end: %v", err)
		}
		if _, err := tokens.Change(admin, sender.ID, TokenChange{Name: new("renamed")}); err != nil {
			t.Error(err)
		}
		if err := tokens.Revoke(admin, tok.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.Change(admin, tok.ID, TokenChange{Name: new("late")}); code(err) != "token.over" {
			t.Errorf("a revoked token: %v", err)
		}
	})
}

func TestTheTableOfPermissionsIsTheOneInForce(t *testing.T) {
	v := permissionsView()
	if len(v.Roles) != len(module.Roles()) || len(v.Items) != len(module.AllActions()) {
		t.Fatalf("%d roles, %d actions", len(v.Roles), len(v.Items))
	}
	for _, line := range v.Items {
		for _, r := range module.Roles() {
			p := module.Principal{Role: r, Unit: event.CentreUnit}
			if may := p.Require(module.Action(line.Action)) == nil; may != slices.Contains(line.Roles, string(r)) {
				t.Errorf("%s of %s: %v", line.Action, r, may)
			}
			p.Unit = "so-y-te"
			if may := p.Require(module.Action(line.Action)) == nil; may != (slices.Contains(line.Roles, string(r)) && !line.Centre) {
				t.Errorf("%s of %s in a unit: %v", line.Action, r, may)
			}
		}
	}
}

func TestMetricsCountTheDoorAndNameNobody(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.account("lan", module.RoleAnalyst, "so-y-te")
	f.account("boss", module.RoleAdministrator, event.CentreUnit)
	boss, app, _ := f.enrol("boss")
	before := testutil.ToFloat64(f.metrics.signIns.WithLabelValues("password", "ok"))
	for range 6 {
		_, _ = f.signIn("lan", "wrong")
	}
	f.wait(time.Minute)
	if _, err := f.signIn("lan", good); err != nil {
		t.Fatal(err)
	}
	if _, err := f.prove(boss, Proof{Code: "000000"}); err == nil {
		t.Fatal("a guessed code")
	}
	if _, err := f.prove(boss, Proof{Code: app.Next(t, f.clock())}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		of   prometheus.Collector
		want float64
	}{
		{f.metrics.signIns.WithLabelValues("password", "refused"), 5},
		{f.metrics.signIns.WithLabelValues("password", "wait"), 1},
		{f.metrics.signIns.WithLabelValues("password", "ok"), before + 1},
		{f.metrics.lockouts.WithLabelValues("account"), 1},
		{f.metrics.factors.WithLabelValues("refused"), 1},
	} {
		if got := testutil.ToFloat64(c.of); got != c.want {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
	if err := f.countSessions(context.Background(), f.clock()); err != nil {
		t.Fatal(err)
	}
	if got := testutil.ToFloat64(f.metrics.sessions.WithLabelValues("password")); got < 2 {
		t.Errorf("%v open sessions", got)
	}
	for days, n := range map[int]int{5: 2, 60: 1} {
		for range n {
			if _, _, err := f.Tokens().Create(admin, NewToken{Name: "x", Unit: "so-y-te", Scope: ScopeAPI, Life: time.Duration(days) * day}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if e, a := f.Tokens().count(TokenExpiring), f.Tokens().count(TokenActive); e != 2 || a != 1 {
		t.Errorf("%d tokens near their end, %d not", e, a)
	}
}
