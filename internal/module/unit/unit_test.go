package unit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// fixture is a register on an empty database and the clock it reads.
type fixture struct {
	*Service
	t     *testing.T
	trail *module.Trail
	mu    sync.Mutex
	at    time.Time
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *fixture) setDay(day string) {
	f.t.Helper()
	at, err := time.ParseInLocation(time.DateOnly, day, time.FixedZone("ICT", 7*60*60))
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	f.at = at.Add(9 * time.Hour)
	f.mu.Unlock()
}

var admin = as("admin", module.RoleAdministrator, event.CentreUnit)

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, Role: role, Unit: unit, Session: "s"})
}

// new1 is a register of nothing but the centre, on 22 November 2026.
func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, trail: module.NewTrail(db)}
	f.setDay("2026-11-22")
	f.Service = New(Options{DB: db, Trail: f.trail, Now: f.clock})
	for name, files := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "unit": f.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, files.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	return f
}

// plant makes units of lines such as "so-y-te > bv-tinh", the part before the last
// one being the parent; one alone is under the centre.
func (f *fixture) plant(lines ...string) {
	f.t.Helper()
	for _, line := range lines {
		parent, id, ok := strings.Cut(line, " > ")
		if !ok {
			parent, id = "", line
		}
		if _, err := f.Create(admin, Unit{ID: event.UnitID(id), Name: "Đơn vị " + id, Parent: event.UnitID(parent), Kind: KindDepartment}); err != nil {
			f.t.Fatalf("%s: %v", line, err)
		}
	}
}

func (f *fixture) get(id event.UnitID) Unit {
	f.t.Helper()
	u, err := f.Get(admin, id)
	if err != nil {
		f.t.Fatalf("%s: %v", id, err)
	}
	return u
}

func (f *fixture) move(id, parent event.UnitID) error {
	_, err := f.Move(admin, id, parent, f.get(id).Version)
	return err
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := codeOf(err); got != code {
		t.Errorf("error %q (%v), want %q", got, err, code)
	}
}

func wantIDs(t *testing.T, what string, got []event.UnitID, want ...event.UnitID) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func TestTheTreeAnswersFromMemory(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.plant("tinh", "tinh > so-y-te", "tinh > so-noi-vu", "so-y-te > bv-tinh", "bv-tinh > khoa-nhi")
		wantIDs(t, "below the department", f.Below("so-y-te"), "bv-tinh", "khoa-nhi")
		wantIDs(t, "below the province", f.Below("tinh"), "bv-tinh", "khoa-nhi", "so-noi-vu", "so-y-te")
		wantIDs(t, "below a leaf", f.Below("khoa-nhi"))
		wantIDs(t, "below what is unknown", f.Below("nobody"))
		wantIDs(t, "path", f.Path("khoa-nhi"), event.CentreUnit, "tinh", "so-y-te", "bv-tinh", "khoa-nhi")
		wantIDs(t, "path of what is unknown", f.Path("nobody"))
		if f.Name("so-y-te") != "Đơn vị so-y-te" || f.Name("nobody") != "nobody" || !f.Exists("bv-tinh") || f.Exists("nobody") || f.Active("nobody") {
			t.Error("names and existence are wrong")
		}

		again := New(Options{DB: db, Trail: f.trail, Now: f.clock})
		if err := again.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, "below the province after a restart", again.Below("tinh"), "bv-tinh", "khoa-nhi", "so-noi-vu", "so-y-te")
	})
}

func TestAMoveTakesAllBelowWithIt(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.plant("so-y-te", "so-noi-vu", "so-y-te > bv-tinh", "bv-tinh > khoa-nhi")
		if err := f.move("bv-tinh", "so-noi-vu"); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, "below the old parent", f.Below("so-y-te"))
		wantIDs(t, "below the new parent", f.Below("so-noi-vu"), "bv-tinh", "khoa-nhi")

		_, err := f.Move(admin, "bv-tinh", "so-y-te", 1)
		wantCode(t, err, "unit.changed")
		for _, c := range []struct {
			unit, to event.UnitID
			code     string
		}{
			{event.CentreUnit, "so-y-te", "unit.centre-fixed"},
			{"so-noi-vu", "khoa-nhi", "unit.circle"},
			{"so-noi-vu", "so-noi-vu", "unit.circle"},
			{"so-noi-vu", "nobody", "unit.parent-unknown"},
			{"so-noi-vu", "", "unit.parent-unknown"},
		} {
			t.Run(string(c.unit+" to "+c.to), func(t *testing.T) { wantCode(t, f.move(c.unit, c.to), c.code) })
		}
		_, err = f.Move(admin, "nobody", "so-y-te", 1)
		wantCode(t, err, "unit.unknown")
		wantIDs(t, "below the new parent after what was refused", f.Below("so-noi-vu"), "bv-tinh", "khoa-nhi")
	})
}

func TestTheTreeHasABottom(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.plant("l1", "l1 > l2", "l2 > l3", "l3 > l4", "l4 > l5", "l5 > l6", "l6 > l7", "l7 > l8", "other")
	_, err := f.Create(admin, Unit{ID: "l9", Name: "Cấp chín", Parent: "l8"})
	wantCode(t, err, "unit.too-deep")
	wantCode(t, f.move("l1", "other"), "unit.too-deep")
}

func TestMovesAtTheSameTimeMakeNoCircle(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.plant("a", "b")
		second := New(Options{DB: db, Trail: f.trail, Now: f.clock}) // another process on the same database
		if err := second.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { _, errs[0] = f.Move(admin, "a", "b", 1) })
		wg.Go(func() { _, errs[1] = second.Move(admin, "b", "a", 1) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("one of two moves into each other must fail: %v, %v", errs[0], errs[1])
		}
		wantCode(t, errors.Join(errs...), "unit.circle")
	})
}

func TestRowsOfTheFirstReleaseAreUnderTheCentre(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		ctx := context.Background()
		for _, statement := range []string{
			"CREATE TABLE units (id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, created_at BIGINT NOT NULL)",
			"INSERT INTO units VALUES ('trung-tam', 'Trung tâm', 'centre', 1)",
			"INSERT INTO units VALUES ('so-cu', 'Sở cũ', 'department', 2), ('phuong-cu', 'Phường cũ', 'commune', 3), ('khac', 'Khác', 'other', 4), ('dn', 'DN', 'enterprise', 5)",
		} {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				t.Fatal(err)
			}
		}
		text, err := migrations.ReadFile("migrations/common/00002_tree.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range strings.Split(string(text), ";\n") {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				t.Fatal(err)
			}
		}
		s := New(Options{DB: db, Trail: module.NewTrail(db), Now: time.Now})
		if err := s.Load(ctx); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, "below the centre", s.Below(event.CentreUnit), "dn", "khac", "phuong-cu", "so-cu")
		if err := s.today().check(); err != nil {
			t.Errorf("the old rows make no tree: %v", err)
		}
		for _, id := range s.Below(event.CentreUnit) {
			u, err := s.Get(admin, id)
			if err != nil {
				t.Fatal(err)
			}
			if err := u.check(); err != nil {
				t.Errorf("%s cannot be saved again: %v", id, err)
			}
		}
	})
}
