package identity

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// as acts as an administrator of a unit, with those below it.
func as(id string, unit event.UnitID, below ...event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: id, Name: id, Role: module.RoleAdministrator, Unit: unit, Below: below})
}

func names(users []Account) (out []string) {
	for _, u := range users {
		out = append(out, u.Username)
	}
	return out
}

func TestAnAdministratorOfAUnitKeepsItsAccounts(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		boss := f.account("boss", module.RoleAdministrator, event.CentreUnit)
		foreign := f.account("hoa", module.RoleAnalyst, "so-noi-vu")
		hang := as("hang", "so-y-te", "so-y-te-bv")
		u, password, err := f.CreateUser(hang, User{Username: "lan", DisplayName: "Nguyễn Thị Lan", Role: module.RoleAnalyst, Unit: "so-y-te-bv"})
		if err != nil || password == "" {
			t.Fatal(err)
		}
		for _, unit := range []event.UnitID{"so-noi-vu", event.CentreUnit, "nowhere"} {
			if _, _, err := f.CreateUser(hang, User{Username: "x1", Role: module.RoleAnalyst, Unit: unit}); code(err) != "unit.unknown" {
				t.Errorf("an account in %s: %v", unit, err)
			}
			if _, err := f.ChangeUser(hang, u.ID, UserChange{Unit: &unit}); code(err) != "unit.unknown" {
				t.Errorf("moved to %s: %v", unit, err)
			}
		}
		for _, id := range []string{foreign.ID, boss.ID, "nothing"} {
			for what, err := range map[string]error{
				"disable": second(f.SetDisabled(hang, id, true)), "reset": second(f.ResetPassword(hang, id)),
				"bulk": second(f.ChangeUsers(hang, []string{u.ID, id}, UserChange{Disabled: new(true)})),
			} {
				if code(err) != "user.unknown" {
					t.Errorf("%s of %s: %v", what, id, err)
				}
			}
		}
		list, err := f.ListUsers(hang, UserFilter{})
		if err != nil || !slices.Equal(names(list), []string{"lan"}) || list[0].Disabled {
			t.Errorf("sees %v, %v; a bulk change that failed changed nothing", list, err)
		}
		all, err := f.ListUsers(admin, UserFilter{})
		if err != nil || !slices.Equal(names(all), []string{"boss", "hoa", "lan"}) {
			t.Errorf("the centre sees %v, %v", names(all), err)
		}
		for _, c := range []struct {
			f    UserFilter
			want []string
		}{
			{UserFilter{Text: "nguyen thi"}, []string{"lan"}}, {UserFilter{Unit: "so-noi-vu"}, []string{"hoa"}},
			{UserFilter{Role: module.RoleAnalyst}, []string{"hoa", "lan"}}, {UserFilter{Status: UserInvited}, []string{"lan"}},
			{UserFilter{Status: UserDisabled}, nil},
		} {
			if got, err := f.ListUsers(admin, c.f); err != nil || !slices.Equal(names(got), c.want) {
				t.Errorf("%+v: %v %v", c.f, names(got), err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestAnotherRoleOrUnitEndsTheSessions(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.account("boss", module.RoleAdministrator, event.CentreUnit)
		u := f.account("lan", module.RoleAnalyst, "so-y-te")
		for what, c := range map[string]UserChange{
			"role": {Role: new(module.RoleAuditor)}, "unit": {Unit: new(event.UnitID("so-noi-vu"))}, "disabled": {Disabled: new(true)},
		} {
			secret, err := f.signIn("lan", good)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.ChangeUser(admin, u.ID, UserChange{DisplayName: new("Lan " + what)}); err != nil {
				t.Fatal(err)
			}
			if _, err := f.who(secret); err != nil {
				t.Errorf("another name ended the session: %v", err)
			}
			if _, err := f.ChangeUser(admin, u.ID, c); err != nil {
				t.Fatal(err)
			}
			if _, err := f.who(secret); err == nil {
				t.Errorf("%s: the session goes on", what)
			}
			if what == "disabled" {
				if _, err := f.SetDisabled(admin, u.ID, false); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := f.ChangeUser(as(u.ID, event.CentreUnit), u.ID, UserChange{Disabled: new(true)}); code(err) != "user.self" {
			t.Errorf("disabling oneself: %v", err)
		}
		records, err := module.NewTrail(db).Verify(context.Background())
		if err != nil || records == 0 {
			t.Errorf("%d %v", records, err)
		}
		var detail string
		if err := db.NewRaw("SELECT detail FROM audit_log WHERE action = 'user.change' AND detail LIKE '%role-before%'").Scan(context.Background(), &detail); err != nil ||
			!strings.Contains(detail, `"role":"auditor"`) || !strings.Contains(detail, `"role-before":"analyst"`) {
			t.Errorf("the trail says %s, %v", detail, err)
		}
	})
}

func (f *fixture) bearer(secret, from string) (module.Principal, error) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = net.JoinHostPort(from, "4711")
	r.Header.Set("Authorization", "Bearer "+secret)
	ctx, _, err := f.Authenticate(r)
	if err != nil {
		return module.Principal{}, err
	}
	return module.PrincipalOf(ctx), nil
}

func TestATokenIsAsNarrowAsItWasMade(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		networks, err := parseNetworks([]string{"198.51.100.0/24", "2001:db8::1"})
		if err != nil {
			t.Fatal(err)
		}
		_, secret, err := f.Tokens().Create(admin, NewToken{Name: "bàn trực", Unit: "so-y-te", Scope: ScopeAPI, Role: module.RoleAuditor,
			Only: []module.Action{module.ActionAlertRead}, Networks: networks})
		if err != nil {
			t.Fatal(err)
		}
		again := New(Options{DB: db, Trail: module.NewTrail(db), Units: anyUnit{}, Log: slog.New(slog.DiscardHandler), Now: f.clock, Cost: cheap})
		if err := again.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		for name, s := range map[string]*Service{"made here": f.Service, "read from the database": again} {
			g := &fixture{Service: s}
			p, err := g.bearer(secret, "198.51.100.9")
			if err != nil || p.Role != module.RoleAuditor || p.Require(module.ActionAlertRead) != nil || p.Require(module.ActionEventRead) == nil {
				t.Errorf("%s: %+v %v", name, p, err)
			}
			if _, err := g.bearer(secret, "2001:db8::1"); err != nil {
				t.Errorf("%s: from the other address: %v", name, err)
			}
			for _, from := range []string{"203.0.113.7", "2001:db8::2", "::ffff:203.0.113.7"} {
				if _, err := g.bearer(secret, from); code(err) != "token.invalid" {
					t.Errorf("%s: from %s: %v", name, from, err)
				}
			}
		}
	})
}

func TestTokensToActWithAreBounded(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	hang := as("hang", "so-y-te", "so-y-te-bv")
	api := NewToken{Name: "x", Unit: "so-y-te-bv", Scope: ScopeAPI}
	tok, _, err := f.Tokens().Create(hang, api)
	if err != nil || tok.ExpiresAt.Sub(f.clock()) != 90*24*time.Hour || tok.Role != module.RoleService || tok.CreatedBy != "hang" {
		t.Errorf("%+v %v", tok, err)
	}
	for name, c := range map[string]struct {
		change func(*NewToken)
		want   string
	}{
		"another unit":             {func(n *NewToken) { n.Unit = "so-noi-vu" }, "unit.unknown"},
		"the centre":               {func(n *NewToken) { n.Unit = event.CentreUnit }, "unit.unknown"},
		"two years":                {func(n *NewToken) { n.Life = 2 * 365 * 24 * time.Hour }, "token.too-long"},
		"an administrator":         {func(n *NewToken) { n.Role = module.RoleAdministrator }, ""},
		"an action it lacks":       {func(n *NewToken) { n.Only = []module.Action{module.ActionUserManage} }, "token.unknown-action"},
		"a sender with a role":     {func(n *NewToken) { n.Scope, n.Role = ScopeIngest, module.RoleAuditor }, ""},
		"a name that says nothing": {func(n *NewToken) { n.Name = "  " }, ""},
	} {
		n := api
		c.change(&n)
		if _, _, err := f.Tokens().Create(hang, n); fault.KindOf(err) != fault.Invalid || code(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"", "x", "10.0.0.0/33", "fe80::1%eth0", "::ffff:10.0.0.0/104"} {
		if _, err := parseNetworks([]string{bad}); code(err) != "token.bad-network" {
			t.Errorf("network %q: %v", bad, err)
		}
	}
	_, _, err = f.Tokens().Create(admin, NewToken{Name: "y", Unit: "so-noi-vu", Scope: ScopeAPI})
	if err != nil {
		t.Fatal(err)
	}
	list, err := f.Tokens().List(hang, TokenFilter{})
	if err != nil || len(list) != 1 || list[0].ID != tok.ID {
		t.Errorf("%+v %v", list, err)
	}
	all, err := f.Tokens().List(admin, TokenFilter{Scope: ScopeAPI, Status: TokenActive})
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v %v", all, err)
	}
	if err := f.Tokens().Revoke(hang, tok.ID, all[0].ID); code(err) != "token.unknown" {
		t.Errorf("revoking another unit's: %v", err)
	}
	if err := f.Tokens().Revoke(hang, tok.ID); err != nil {
		t.Fatal(err)
	}
	var facts []string
	if err := f.db.NewRaw("SELECT body FROM facts WHERE kind = ?", string(FactTokenRevoked)).Scan(context.Background(), &facts); err != nil || len(facts) != 1 {
		t.Fatalf("%v %v", facts, err)
	}
	var told struct{ ID, By string }
	if err := json.Unmarshal([]byte(facts[0]), &told); err != nil || told.ID != tok.ID || told.By != "hang" {
		t.Errorf("%+v %v", told, err)
	}
	f.wait(80 * 24 * time.Hour)
	if list, err := f.Tokens().List(admin, TokenFilter{Status: TokenExpiring}); err != nil || len(list) != 1 {
		t.Errorf("10 days before the end: %+v %v", list, err)
	}
}
