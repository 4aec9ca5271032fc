package unit

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func (f *fixture) seen(ids ...event.UnitID) []Seen {
	f.t.Helper()
	var out []Seen
	for _, id := range ids {
		out = append(out, Seen{id, f.get(id).Version})
	}
	return out
}

// mergeInto merges units into one that is registered, from a day on.
func (f *fixture) mergeInto(day module.Date, into event.UnitID, units ...event.UnitID) (string, error) {
	f.t.Helper()
	id, _, err := f.Reorganise(admin, Reorganisation{Kind: Merge, Day: day, Decision: "Quyết định số 12/QĐ-UBND", Units: f.seen(units...), Into: f.seen(into)})
	return id, err
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestAMergerMovesResponsibilityAndKeepsHistory(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.plant("so-ldtbxh", "so-noi-vu", "so-khac", "so-ldtbxh > trung-tam-viec-lam")
		must[string](t)(f.mergeInto("2026-11-01", "so-noi-vu", "so-ldtbxh"))

		wantIDs(t, "below the successor", f.Below("so-noi-vu"), "so-ldtbxh", "trung-tam-viec-lam")
		wantIDs(t, "below the old unit", f.Below("so-ldtbxh"))
		wantIDs(t, "below a unit that has nothing to do with it", f.Below("so-khac"))
		if got := f.Current("so-ldtbxh"); got != "so-noi-vu" {
			t.Errorf("current = %s", got)
		}
		if f.Active("so-ldtbxh") || !f.Exists("so-ldtbxh") || !f.Active("so-noi-vu") {
			t.Error("the old unit must be known and take nothing new")
		}
		old := f.get("so-ldtbxh")
		if old.ValidTo != "2026-10-31" || f.get("trung-tam-viec-lam").Parent != "so-noi-vu" {
			t.Errorf("old unit ends %s, child is under %s", old.ValidTo, f.get("trung-tam-viec-lam").Parent)
		}
		history := must[[]Happening](t)(f.History(admin, "so-ldtbxh"))
		if d := history[0].Reorganisation; history[0].Action != "merge" || d == nil || d.Decision != "Quyết định số 12/QĐ-UBND" || !d.Undoable {
			t.Errorf("history = %+v", history[0])
		}

		officer := module.WithPrincipal(context.Background(), module.Principal{
			ID: "o", Name: "o", Role: module.RoleSecurityOfficer, Unit: "so-noi-vu", Below: f.Below("so-noi-vu"),
		})
		list := must[[]Unit](t)(f.List(officer, Filter{}))
		if len(list) != 3 {
			t.Errorf("the successor's officer sees %d units, want his own, the old one and its centre", len(list))
		}
	})
}

func TestAMergerOfATomorrowCountsFromTomorrow(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.plant("a", "b", "c", "c > c1")
	must[string](t)(f.mergeInto("2026-11-23", "b", "a"))
	wantIDs(t, "today", f.Below("b"))
	if !f.Active("a") || f.Current("a") != "a" {
		t.Error("a has not ended yet")
	}
	_, err := f.mergeInto("2026-11-23", "b", "c")
	wantCode(t, err, "unit.children-future")
	f.setDay("2026-11-23")
	wantIDs(t, "tomorrow", f.Below("b"), "a")
	if f.Active("a") || f.Current("a") != "b" {
		t.Error("a has ended")
	}
}

func TestASplitIsSeenByAllSuccessors(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.plant("tinh", "tinh > so-cu", "so-cu > phong")
		_, units, err := f.Reorganise(admin, Reorganisation{
			Kind: Split, Day: "2026-11-22", Units: f.seen("so-cu"), Into: []Seen{{ID: "so-moi-1"}, {ID: "so-moi-2"}},
			New: []Unit{{ID: "so-moi-1", Name: "Sở mới 1"}, {ID: "so-moi-2", Name: "Sở mới 2"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(units) != 4 || f.get("so-moi-1").Parent != "tinh" || f.get("so-moi-1").ValidFrom != "2026-11-22" {
			t.Errorf("made %+v", units)
		}
		wantIDs(t, "below the first", f.Below("so-moi-1"), "phong", "so-cu")
		wantIDs(t, "below the second", f.Below("so-moi-2"), "so-cu")
		if f.Current("so-cu") != "so-moi-1" {
			t.Error("the first successor answers before the others")
		}
	})
}

func TestSuccessorsOfSuccessors(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.plant("a", "b", "c")
	must[string](t)(f.mergeInto("2026-10-01", "b", "a"))
	must[string](t)(f.mergeInto("2026-11-01", "c", "b"))
	wantIDs(t, "below the last", f.Below("c"), "a", "b")
	if f.Current("a") != "c" || f.Current("c") != "c" || f.Current("nobody") != "nobody" {
		t.Error("who answers today is the end of the chain")
	}
}

func TestWhatCannotBeReorganised(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.plant("a", "b", "a > a1", "a1 > a2", "x", "y")
	must[string](t)(f.mergeInto("2026-11-01", "y", "x"))
	for name, c := range map[string]struct {
		r    Reorganisation
		code string
	}{
		"the centre":                  {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: f.seen(event.CentreUnit), Into: f.seen("b")}, "unit.centre-fixed"},
		"no day":                      {Reorganisation{Kind: Merge, Units: f.seen("a"), Into: f.seen("b")}, "unit.bad-field"},
		"into itself":                 {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: f.seen("a", "b"), Into: f.seen("b")}, "unit.bad-field"},
		"a merger of two into two":    {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: f.seen("a"), Into: f.seen("b", "y")}, "unit.bad-field"},
		"a split into one":            {Reorganisation{Kind: Split, Day: "2026-11-01", Units: f.seen("a"), Into: f.seen("b")}, "unit.bad-field"},
		"the same unit twice":         {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: f.seen("a", "a"), Into: f.seen("b")}, "unit.bad-field"},
		"an end with units under it":  {Reorganisation{Kind: End, Day: "2026-11-01", Units: f.seen("a")}, "unit.has-children"},
		"a future one, units under":   {Reorganisation{Kind: Merge, Day: "2027-01-01", Units: f.seen("a"), Into: f.seen("b")}, "unit.children-future"},
		"into a unit two levels down": {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: f.seen("a"), Into: f.seen("a2")}, "unit.circle"},
		"what has ended":              {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: f.seen("x"), Into: f.seen("b")}, "unit.ended"},
		"into what has ended":         {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: f.seen("b"), Into: f.seen("x")}, "unit.ended"},
		"an old version":              {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: []Seen{{"b", 7}}, Into: f.seen("a")}, "unit.changed"},
		"a unit nobody knows":         {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: []Seen{{"nobody", 1}}, Into: f.seen("a")}, "unit.unknown"},
		"a new one that exists":       {Reorganisation{Kind: Merge, Day: "2026-11-01", Units: f.seen("b"), Into: []Seen{{ID: "a"}}, New: []Unit{{ID: "a", Name: "A"}}}, "unit.exists"},
		"the name it has":             {Reorganisation{Kind: Rename, Day: "2026-11-01", Units: f.seen("b"), Name: "Đơn vị b"}, "unit.bad-field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := f.Reorganise(admin, c.r)
			wantCode(t, err, c.code)
		})
	}
	wantIDs(t, "below a after what was refused", f.Below("a"), "a1", "a2")
}

func TestAReorganisationIsUndoneWhileNothingElseChanged(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.plant("a", "b", "a > a1")
		before := []Unit{f.get("a"), f.get("b"), f.get("a1")}
		id, _, err := f.Reorganise(admin, Reorganisation{
			Kind: Merge, Day: "2026-11-22", Units: f.seen("a", "b"), Into: []Seen{{ID: "ab"}}, New: []Unit{{ID: "ab", Name: "Sở AB"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, "below the new unit", f.Below("ab"), "a", "a1", "b")
		must[[]Unit](t)(f.Undo(admin, id))
		for _, old := range before {
			now := f.get(old.ID)
			now.Version, now.UpdatedAt = old.Version, old.UpdatedAt
			if changes := diff(&old, &now); len(changes) > 0 {
				t.Errorf("%s is not as it was: %v", old.ID, changes)
			}
		}
		wantIDs(t, "below the unit that should not have begun", f.Below("ab"))
		if f.Active("ab") || f.Current("a") != "a" {
			t.Error("the new unit must have ended, the old ones be back")
		}
		_, err = f.Undo(admin, id)
		wantCode(t, err, "unit.not-undoable")
		_, err = f.Undo(admin, "nothing")
		wantCode(t, err, "unit.reorganisation-unknown")

		second := must[string](t)(f.mergeInto("2026-11-22", "b", "a"))
		name := "Sở A cũ"
		if _, err := f.Update(admin, "a", Change{Version: f.get("a").Version, Name: &name}); err != nil {
			t.Fatal(err)
		}
		_, err = f.Undo(admin, second)
		wantCode(t, err, "unit.not-undoable")

		f.plant("c", "d")
		third, _, err := f.Reorganise(admin, Reorganisation{
			Kind: Merge, Day: "2026-11-22", Units: f.seen("c"), Into: []Seen{{ID: "cd"}}, New: []Unit{{ID: "cd", Name: "Sở CD"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		f.plant("cd > phong")
		_, err = f.Undo(admin, third)
		wantCode(t, err, "unit.not-undoable")
	})
}

func TestARenamedUnitRemembersItsName(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.plant("a")
	id, _, err := f.Reorganise(admin, Reorganisation{Kind: Rename, Day: "2026-11-22", Units: f.seen("a"), Name: "Sở Mới"})
	if err != nil || f.Name("a") != "Sở Mới" {
		t.Fatal(f.Name("a"), err)
	}
	history := must[[]Happening](t)(f.History(admin, "a"))
	if !slices.Contains(history[0].Changes, FieldChange{"name", "Đơn vị a", "Sở Mới"}) {
		t.Errorf("history = %+v", history[0])
	}
	must[[]Unit](t)(f.Undo(admin, id))
	if f.Name("a") != "Đơn vị a" {
		t.Error("the name is not back")
	}
}

func TestEveryChangeIsAuditedAndTold(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.plant("a", "b")
		must[string](t)(f.mergeInto("2026-11-22", "b", "a"))
		if _, err := f.SetContacts(admin, "b", f.get("b").Version, "1 Trần Phú", Contacts{DutyPhone: "0912 345 678"}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.trail.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
		records := must[[]module.Record](t)(f.trail.Find(admin, module.RecordFilter{}, false, 100))
		var actions []string
		for _, r := range records {
			actions = append(actions, r.Action+" "+r.Object)
		}
		if got, want := strings.Join(actions, ", "), "unit.contacts unit:b, unit.merge unit:a, unit.create unit:b, unit.create unit:a"; got != want {
			t.Errorf("audited %s, want %s", got, want)
		}
		var kinds []string
		if err := db.NewSelect().Table("facts").Column("kind").OrderExpr("id").Scan(context.Background(), &kinds); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(kinds, " "); got != "unit.changed unit.changed unit.merged unit.changed unit.changed" {
			t.Errorf("told %s", got)
		}
	})
}

func TestWhoMayDoWhatWithUnits(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.plant("a", "b", "a > a1")
	below := func(role module.Role) context.Context {
		return module.WithPrincipal(context.Background(), module.Principal{ID: "u", Name: "u", Role: role, Unit: "a", Below: f.Below("a")})
	}
	for _, role := range []module.Role{module.RoleAdministrator, module.RoleSecurityOfficer, module.RoleUnitHead} {
		if _, err := f.SetContacts(below(role), "a1", f.get("a1").Version, "", Contacts{DutyPhone: "113"}); err != nil {
			t.Errorf("%s of the unit sets contacts below it: %v", role, err)
		}
		_, err := f.SetContacts(below(role), "b", f.get("b").Version, "", Contacts{})
		wantCode(t, err, "unit.unknown")
		_, err = f.Get(below(role), "b")
		wantCode(t, err, "unit.unknown")
		_, err = f.History(below(role), "b")
		wantCode(t, err, "unit.unknown")
	}
	_, err := f.SetContacts(below(module.RoleAnalyst), "a1", f.get("a1").Version, "", Contacts{})
	wantCode(t, err, "permission.denied")
	local := below(module.RoleAdministrator)
	for name, try := range map[string]func(ctx context.Context) error{
		"create":    func(ctx context.Context) error { _, err := f.Create(ctx, Unit{ID: "n", Name: "N"}); return err },
		"update":    func(ctx context.Context) error { _, err := f.Update(ctx, "a", Change{Version: 1}); return err },
		"move":      func(ctx context.Context) error { _, err := f.Move(ctx, "a1", "a", 1); return err },
		"merge":     func(ctx context.Context) error { _, _, err := f.Reorganise(ctx, Reorganisation{}); return err },
		"undo":      func(ctx context.Context) error { _, err := f.Undo(ctx, "x"); return err },
		"plant":     func(ctx context.Context) error { _, err := f.Plant(ctx, "68", nil); return err },
		"proposals": func(ctx context.Context) error { _, err := f.Proposals(ctx, "68"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, try(local), "permission.denied")
			wantCode(t, try(context.Background()), "session.required")
		})
	}
}
