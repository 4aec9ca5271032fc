package system

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type names struct{}

func (names) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (names) Active(id event.UnitID) bool { return id != "ended" && id != "nowhere" }

type gate struct{ against []string }

func (g *gate) MayOperate(context.Context, string) ([]string, error) { return g.against, nil }

type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
	gate  *gate
}

func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC), gate: &gate{}}
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: names{}, Gate: f.gate, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock }})
	for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "system": f.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func onBoth(t *testing.T, test func(*testing.T, *fixture)) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) { test(t, newFixture(t, db)) })
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	centre    = as("an", module.RoleCoordinator, event.CentreUnit)
	officer   = as("minh", module.RoleSecurityOfficer, "so-y-te")
	operating = as("hoa", module.RoleSecurityOfficer, "trung-tam-cntt")
	stranger  = as("binh", module.RoleSecurityOfficer, "so-noi-vu")
	appraiser = as("lan", module.RoleAppraiser, event.CentreUnit)
)

func portal() Facts {
	return Facts{Name: "Cổng dịch vụ công", Purpose: "Giải quyết thủ tục hành chính", Serves: "Người dân", Type: "public", Unit: "so-y-te", OperatorUnit: "trung-tam-cntt",
		Zones:   []Zone{{Name: "DMZ", Private: []string{"10.1.2.0/24"}, Public: []string{"203.0.113.7"}}},
		Domains: []string{"dichvucong.example.vn"}, Data: Data{Basic: 250_000}}
}

func (f *fixture) add(facts Facts) System {
	f.t.Helper()
	x, err := f.Add(centre, facts)
	if err != nil {
		f.t.Fatal(err)
	}
	return x
}

func is(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || fault.KindOf(err) != kind || e.Code != code {
		t.Fatalf("%v, want %v %s", err, kind, code)
	}
}

func TestASystemIsSeenByItsOwnerAndItsOperatorOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		if x.Code() != "HT-0001" || x.State != module.SystemPlanned {
			t.Fatalf("%s %s", x.Code(), x.State)
		}
		for _, who := range []context.Context{centre, officer, operating, appraiser} {
			if r, err := f.Ref(who, x.ID); err != nil || r.Name != x.Name || r.OperatorName != "Đơn vị trung-tam-cntt" {
				t.Errorf("%s: %+v %v", module.PrincipalOf(who).Name, r, err)
			}
			if refs, err := f.Refs(who); err != nil || len(refs) != 1 {
				t.Errorf("%s: %v %v", module.PrincipalOf(who).Name, refs, err)
			}
		}
		_, err := f.Ref(stranger, x.ID)
		is(t, err, fault.NotFound, "system.unknown")
		if refs, err := f.Refs(stranger); err != nil || len(refs) != 0 {
			t.Errorf("%v %v", refs, err)
		}
		_, err = f.Edit(stranger, x.ID, portal(), 1)
		is(t, err, fault.NotFound, "system.unknown")
		_, err = f.Edit(appraiser, x.ID, portal(), 1)
		is(t, err, fault.Denied, "permission.denied")
	})
}

func TestNobodyNamesAUnitHeDoesNotSee(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		facts := portal()
		for _, unit := range []event.UnitID{"so-noi-vu", "nowhere", ""} {
			facts.Unit = unit
			_, err := f.Add(officer, facts)
			is(t, err, fault.NotFound, "unit.unknown")
		}
		_, err := f.Add(officer, portal()) // the operator is none of his
		is(t, err, fault.NotFound, "unit.unknown")
		facts = portal()
		facts.OperatorUnit = event.CentreUnit // everybody knows the centre
		if x, err := f.Add(officer, facts); err != nil || x.OperatorUnit != event.CentreUnit {
			t.Fatal(x, err)
		}

		// Who only operates a system leaves its owner as it is.
		x := f.add(portal())
		facts = x.Facts
		facts.Purpose = "Tiếp nhận hồ sơ"
		if x, err = f.Edit(operating, x.ID, facts, x.Version); err != nil || x.Purpose != "Tiếp nhận hồ sơ" {
			t.Fatal(x, err)
		}
		facts.Unit = "so-noi-vu"
		_, err = f.Edit(operating, x.ID, facts, x.Version)
		is(t, err, fault.NotFound, "unit.unknown")
	})
}

func TestHistoryTellsEachFieldAndWho(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		facts := x.Facts
		facts.Deployment, facts.Domains = "full", []string{"dichvucong.example.vn", " motcua.example.vn "}
		f.clock = f.clock.Add(time.Hour)
		x, err := f.Edit(officer, x.ID, facts, x.Version)
		if err != nil {
			t.Fatal(err)
		}
		list, err := f.History(officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		latest := map[string]Change{}
		for _, c := range list {
			if c.At.Equal(f.clock) {
				latest[c.Field] = c
			}
		}
		if c := latest["deployment"]; len(latest) != 2 || c.From != "none" || c.To != "full" || c.By != "MINH" || latest["domains"].To != "dichvucong.example.vn\nmotcua.example.vn" {
			t.Fatalf("%+v", latest)
		}
		_, err = f.Edit(officer, x.ID, facts, x.Version-1)
		is(t, err, fault.Conflict, "system.changed")
		// What changes nothing is no change.
		if again, err := f.Edit(officer, x.ID, facts, x.Version); err != nil || again.Version != x.Version {
			t.Fatal(again.Version, err)
		}
	})
}

func TestEveryChangeIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		err := f.DB.RunInTx(centre, nil, func(ctx context.Context, tx bun.Tx) error { return f.SetLevel(ctx, tx, x.ID, 3, -1) })
		if err != nil {
			t.Fatal(err)
		}
		var bodies []string
		if err := f.DB.NewSelect().Table("facts").Column("body").Where("kind = ?", string(module.FactRegistered)).OrderExpr("id").Scan(centre, &bodies); err != nil {
			t.Fatal(err)
		}
		if len(bodies) != 2 || !strings.Contains(bodies[1], `"proposedLevel":3`) || !strings.Contains(bodies[1], `"level":0`) {
			t.Fatal(bodies)
		}
	})
}

func TestTheGateKeepsASystemFromOperation(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		x := f.add(portal())
		f.gate.against = []string{"level", "regulation"}
		_, err := f.SetState(officer, x.ID, module.SystemOperating, "khai trương", x.Version)
		is(t, err, fault.Conflict, "system.gate")
		_, err = f.SetState(stranger, x.ID, module.SystemOperating, "khai trương", x.Version)
		is(t, err, fault.NotFound, "system.unknown")
		f.gate.against = nil
		_, err = f.SetState(officer, x.ID, module.SystemOperating, " ", x.Version)
		is(t, err, fault.Invalid, "system.bad-note")
		if x, err = f.SetState(officer, x.ID, module.SystemOperating, "khai trương", x.Version); err != nil || x.State != module.SystemOperating {
			t.Fatal(x.State, err)
		}
		_, err = f.SetState(officer, x.ID, module.SystemOperating, "lần nữa", x.Version)
		is(t, err, fault.Conflict, "system.step")
	})
}

func TestListIsFoundFilteredAndPaged(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for i := range 5 {
			facts := portal()
			if i%2 == 1 {
				facts.Name, facts.Type, facts.OperatorUnit, facts.Operator.Name = "Mạng diện rộng", "infrastructure", "", "Viễn thông X"
			}
			f.add(facts)
		}
		codes := func(q Filter) (out []string) {
			t.Helper()
			for {
				list, next, err := f.List(officer, q)
				if err != nil {
					t.Fatal(err)
				}
				for i := range list {
					out = append(out, list[i].Code())
				}
				if next == "" {
					return out
				}
				q.After = next
			}
		}
		zero := 0
		for want, q := range map[string]Filter{
			"HT-0001 HT-0002 HT-0003 HT-0004 HT-0005": {Limit: 2},
			"HT-0002 HT-0004":                         {Text: "mang DIEN rong"},
			"HT-0001 HT-0003 HT-0005":                 {Operator: "trung-tam-cntt", Limit: 1},
			"HT-0003":                                 {Text: "ht-0003", Level: &zero},
			"":                                        {State: module.SystemRetired},
		} {
			if got := strings.Join(codes(q), " "); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
		_, _, err := f.List(officer, Filter{After: "x"})
		is(t, err, fault.Invalid, "system.cursor")
	})
}

func TestFactsAreChecked(t *testing.T) {
	for field, spoil := range map[string]func(*Facts){
		"name":              func(f *Facts) { f.Name = "  " },
		"zones.0.private.0": func(f *Facts) { f.Zones[0].Private = []string{"10.1.2.999"} },
		"zones.0.public.1":  func(f *Facts) { f.Zones[0].Public = []string{"203.0.113.7", "203.0.113.9-203.0.113.7"} },
		"domains.0":         func(f *Facts) { f.Domains = []string{"https://x.vn/"} },
		"regulation.date":   func(f *Facts) { f.Regulation.Date = "2026-13-01" },
		"staff.0.ends":      func(f *Facts) { f.Staff = []Staff{{Name: "x", Ends: "mai"}} },
		"data":              func(f *Facts) { f.Data.Basic = -1 },
		"type":              func(f *Facts) { f.Type = "cloud" },
	} {
		f := portal()
		spoil(&f)
		var e *fault.Error
		if err := f.check(); !errors.As(err, &e) || e.Field != "body."+field {
			t.Errorf("%s: %v", field, err)
		}
	}
	f := portal()
	if err := f.check(); err != nil || f.Deployment != "none" || !slices.Contains(transitions, f.Transition) {
		t.Error(err, f.Deployment, f.Transition)
	}
}
