package module

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func migrated(t *testing.T, db *bun.DB) *bun.DB {
	t.Helper()
	if err := sqldb.Migrate(context.Background(), db, "module", Migrations()); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestPermissionsDenyByDefault(t *testing.T) {
	unit := event.UnitID("so-y-te")
	for _, p := range []Principal{
		{},
		{Unit: event.CentreUnit}, // no role
		{Role: "no such role", Unit: event.CentreUnit},
		{Role: RoleIngest, Unit: unit},
	} {
		for _, a := range []Action{ActionEventRead, ActionAlertRead, ActionUserManage, "no.such-action", ""} {
			if p.Can(a, unit) || p.Require(a) == nil {
				t.Errorf("%+v may %q", p, a)
			}
		}
	}
	if fmt.Sprint((Principal{}).Scope()) != fmt.Sprint(lake.Scope{}) || fmt.Sprint((Principal{Unit: event.CentreUnit}).Scope()) != fmt.Sprint(lake.Scope{}) {
		t.Error("nobody sees events")
	}
	analyst := Principal{Role: RoleAnalyst, Unit: unit}
	if !analyst.Can(ActionAlertTriage, unit) || analyst.Can(ActionAlertTriage, "so-noi-vu") || analyst.Can(ActionAlertTriage, "") {
		t.Error("an analyst reaches the own unit, and that only")
	}
	if fmt.Sprint(analyst.Scope()) != fmt.Sprint(lake.ScopeUnits(unit)) {
		t.Error("an analyst sees the own unit's events")
	}
	centre := Principal{Role: RoleAnalyst, Unit: event.CentreUnit}
	if !centre.Can(ActionAlertTriage, unit) || centre.Require(ActionUserManage) == nil || !centre.AllUnits() {
		t.Error("an analyst of the centre reaches every unit and administers none")
	}
	if (Principal{Role: RoleAdministrator, Unit: unit}).Require(ActionRetentionManage) == nil {
		t.Error("what concerns the province is for the centre only")
	}
	for pending, want := range map[Pending]string{
		PendingPassword: "session.must-change-password", PendingFactor: "session.second-factor-required", PendingEnrol: "session.must-enrol-factor",
	} {
		fresh := Principal{Role: RoleAdministrator, Unit: event.CentreUnit, Pending: pending}
		refused, ok := errors.AsType[*fault.Error](fresh.Require(ActionEventRead))
		if !ok || refused.Code != want || fresh.Can(ActionEventRead, unit) || fresh.Require(ActionSession) != nil {
			t.Errorf("pending %s opens the own session only: %v", pending, refused)
		}
	}
	if fault.KindOf((Principal{}).Require(ActionEventRead)) != fault.Unauthenticated || fault.KindOf(analyst.Require(ActionUserManage)) != fault.Denied {
		t.Error("nobody is asked to sign in, somebody is refused")
	}
}

func TestNobodyGivesWhatHeHasNot(t *testing.T) {
	boss := Principal{Role: RoleAdministrator, Unit: "so-y-te", Below: []event.UnitID{"benh-vien"}}
	for _, r := range Roles() {
		if !boss.Covers(r, "so-y-te") || !boss.Covers(r, "benh-vien") || boss.Covers(r, "so-noi-vu") || boss.Covers(r, event.CentreUnit) {
			t.Errorf("an administrator gives %s in the own subtree, and nowhere else", r)
		}
	}
	auditor := Principal{Role: RoleAuditor, Unit: "so-y-te"}
	if auditor.Covers(RoleAnalyst, "so-y-te") || auditor.Covers(RoleAdministrator, "so-y-te") || !auditor.Covers(RoleAuditor, "so-y-te") {
		t.Error("who only reads gives nothing that changes")
	}
	narrow := Principal{Role: RoleService, Unit: "so-y-te", Only: []Action{ActionAlertRead}}
	if !narrow.Can(ActionAlertRead, "so-y-te") || narrow.Require(ActionEventRead) == nil || len(Actions(narrow)) != 1 || narrow.Covers(RoleService, "so-y-te") {
		t.Error("a narrowed principal may no more than it was narrowed to")
	}
	wide := Principal{Role: RoleIngest, Unit: "so-y-te", Only: []Action{ActionEventRead}}
	if wide.Require(ActionEventRead) == nil {
		t.Error("narrowing gave what the role has not")
	}
}

func appendEntry(ctx context.Context, t *testing.T, db *bun.DB, e Entry) {
	t.Helper()
	err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return NewTrail(db).Append(ctx, tx, e) })
	if err != nil {
		t.Fatal(err)
	}
}

var admin = WithPrincipal(context.Background(), Principal{ID: "1", Name: "lan", Role: RoleAdministrator, Unit: event.CentreUnit, Address: "203.0.113.7"})

func TestTrailHoldsWhoDidWhat(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		migrated(t, db)
		for i := range 5 {
			appendEntry(admin, t, db, Entry{Action: "unit.create", Object: fmt.Sprint("unit:", i), Detail: map[string]string{"name": "Sở <Y tế>", "b": "2"}})
		}
		trail := NewTrail(db)
		if n, err := trail.Verify(context.Background()); n != 5 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
		list, err := trail.Find(admin, RecordFilter{Before: 4}, false, 2)
		if err != nil || len(list) != 2 || list[0].Seq != 3 || list[0].Actor != "lan" || list[0].Addr != "203.0.113.7" || list[0].Detail["name"] != "Sở <Y tế>" {
			t.Fatalf("%+v %v", list, err)
		}
		// A change that is undone leaves no record and no gap.
		boom := errors.New("boom")
		err = db.RunInTx(admin, nil, func(ctx context.Context, tx bun.Tx) error {
			return errors.Join(trail.Append(ctx, tx, Entry{Action: "x"}), boom)
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		appendEntry(admin, t, db, Entry{Action: "y"})
		if n, err := trail.Verify(context.Background()); n != 6 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
	})
}

func TestTrailIsAppendOnly(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		migrated(t, db)
		appendEntry(admin, t, db, Entry{Action: "x"})
		for _, q := range []string{"UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log"} {
			if _, err := db.Exec(q); err == nil {
				t.Errorf("%s was allowed", q)
			}
		}
	})
}

// Whoever gets past the triggers is found out.
func TestVerifyFindsEveryDamage(t *testing.T) {
	for name, damage := range map[string]string{
		"a changed record":   "UPDATE audit_log SET actor = 'nobody' WHERE seq = 3",
		"a changed detail":   `UPDATE audit_log SET detail = '{"a":"2"}' WHERE seq = 2`,
		"broken detail":      `UPDATE audit_log SET detail = '{' WHERE seq = 2`,
		"a removed record":   "DELETE FROM audit_log WHERE seq = 3",
		"the first removed":  "DELETE FROM audit_log WHERE seq = 1",
		"the last removed":   "DELETE FROM audit_log WHERE seq = 5",
		"everything removed": "DELETE FROM audit_log",
		"two swapped":        "UPDATE audit_log SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3); UPDATE audit_log SET seq = -seq WHERE seq < 0",
		"a changed head":     "UPDATE audit_head SET hash = 'x'",
		"the last forged":    "UPDATE audit_log SET action = 'z', hash = 'ff' WHERE seq = 5",
	} {
		t.Run(name, func(t *testing.T) {
			db := migrated(t, sqldbtest.SQLite(t))
			for i := range 5 {
				appendEntry(admin, t, db, Entry{Action: fmt.Sprint(i), Detail: map[string]string{"a": "1"}})
			}
			if _, err := db.Exec("DROP TRIGGER audit_log_no_update; DROP TRIGGER audit_log_no_delete"); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(damage); err != nil {
				t.Fatal(err)
			}
			if n, err := NewTrail(db).Verify(context.Background()); fault.KindOf(err) != fault.Conflict {
				t.Errorf("%d records good, %v", n, err)
			}
		})
	}
}

func TestTrailKeepsItsChainUnderConcurrency(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		migrated(t, db)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					appendEntry(admin, t, db, Entry{Action: "x"})
				}
			})
		}
		wg.Wait()
		if n, err := NewTrail(db).Verify(context.Background()); n != 40 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
	})
}

func TestFactsAreDeliveredInOrderAndAgainAfterAFailure(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		migrated(t, db)
		var mu sync.Mutex
		var got []string
		failures := 2
		done := make(chan struct{})
		m := Module{Name: "x", On: map[FactKind]func(context.Context, Fact) error{
			"thing.happened": func(_ context.Context, f Fact) error {
				mu.Lock()
				defer mu.Unlock()
				if string(f.Body) == "3" && failures > 0 {
					failures--
					return errors.New("not now")
				}
				got = append(got, string(f.Body))
				if (string(f.Body) == "6") != (f.Unit == "so-noi-vu") {
					t.Errorf("%s is told of %s", f.Body, f.Unit)
				}
				if string(f.Body) == "6" {
					close(done)
				}
				return nil
			},
		}}
		o := NewOutbox(db, slog.New(slog.DiscardHandler), []Module{m})
		emit := func(kind FactKind, body string, undo error) {
			err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
				if err := o.Emit(ctx, tx, kind, "so-y-te", []byte(body)); err != nil {
					return err
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
		}
		emit("thing.happened", "1", nil)
		emit("thing.happened", "undone", io.EOF)
		emit("nobody.listens", "x", nil)
		emit("thing.happened", "2", nil)
		emit("thing.happened", "3", nil)
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := o.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		emit("thing.happened", "4", nil)
		err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
			return Emit(ctx, tx, []Fact{{Kind: "nobody.listens", Body: []byte(`{}`)}, {Kind: "thing.happened", Unit: "so-y-te", Body: []byte("5")},
				{Kind: "thing.happened", Unit: "so-noi-vu", Body: []byte("6")}})
		})
		if err != nil {
			t.Fatal(err)
		}
		o.Wake()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Error("not delivered in time")
		}
		cancel()
		wg.Wait()
		if strings.Join(got, "") != "123456" {
			t.Errorf("delivered %v", got)
		}
		if n, err := o.deliver(context.Background()); n != 0 || err != nil {
			t.Errorf("%d facts left, %v", n, err)
		}
	})
}

func TestTimeOnTheWire(t *testing.T) {
	at := Time{time.Date(2026, 11, 22, 10, 20, 58, 120_000_000, time.FixedZone("+07", 7*3600))}
	if b, err := json.Marshal(at); err != nil || string(b) != `"2026-11-22T03:20:58.120Z"` {
		t.Errorf("%s %v", b, err)
	}
}

func TestPatchTellsAbsentFromNull(t *testing.T) {
	for text, want := range map[string]Patch[string]{`{}`: {}, `{"a":null}`: {Set: true, Null: true}, `{"a":"x"}`: {Set: true, Value: "x"}} {
		var got struct{ A Patch[string] }
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.A != want {
			t.Errorf("%s: %+v %v", text, got.A, err)
		}
	}
}

func TestValuesOnTheWire(t *testing.T) {
	for text, v := range map[string]Values{`"a"`: {"a"}, `["a","b"]`: {"a", "b"}} {
		b, err := json.Marshal(v)
		if err != nil || string(b) != text {
			t.Errorf("%s %v", b, err)
		}
		var back Values
		if err := json.Unmarshal(b, &back); err != nil || !slices.Equal(back, v) {
			t.Errorf("%v %v", back, err)
		}
	}
}

func TestIDsSortInOrderOfMaking(t *testing.T) {
	ids := make([]string, 10_000)
	for i := range ids {
		ids[i] = NewID()
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != 10_000 {
		t.Error("not in order, or not unique")
	}
}

func TestFoldAndLikePattern(t *testing.T) {
	for in, want := range map[string]string{"Đăng nhập SAI": "dang nhap sai", "Ổ đĩa": "o dia", "abc": "abc"} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q", in, got)
		}
	}
	if got := LikePattern(`50%_\`); got != `%50\%\_\\%` {
		t.Errorf("%s", got)
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\x00b\xff", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 0 || n > 1<<16 {
			return
		}
		got := Text(s, n)
		if strings.ContainsRune(got, 0) || strings.ToValidUTF8(got, "") != got || len(got) > 3*n {
			t.Errorf("Text(%q, %d) = %q", s, n, got)
		}
	})
}

// Who stands above in the tree sees what is below, not the other way round.
func TestAPrincipalReachesTheUnitsUnderIts(t *testing.T) {
	above := Principal{Role: RoleAnalyst, Unit: "so-y-te", Below: []event.UnitID{"benh-vien-tinh", "benh-vien-mat"}}
	below := Principal{Role: RoleAnalyst, Unit: "benh-vien-tinh"}
	centre := Principal{Role: RoleAnalyst, Unit: event.CentreUnit}
	nobody := Principal{Unit: "so-y-te", Below: []event.UnitID{"benh-vien-mat"}}
	for unit, want := range map[event.UnitID][4]bool{
		"so-y-te":        {true, false, true, false},
		"benh-vien-tinh": {true, true, true, false},
		"benh-vien-mat":  {true, false, true, false},
		"so-noi-vu":      {false, false, true, false},
		"":               {false, false, true, false},
	} {
		for i, p := range []Principal{above, below, centre, nobody} {
			if p.Sees(unit) != want[i] {
				t.Errorf("%+v sees %q: %v", p, unit, !want[i])
			}
			if unit != "" && p.Scope().Sees(unit) != want[i] {
				t.Errorf("the lake's scope of %+v on %q: %v", p, unit, !want[i])
			}
		}
	}
}

// Rows are narrowed in SQL as Sees decides.
func TestScopedReadsWhatIsSeen(t *testing.T) {
	db := sqldbtest.SQLite(t)
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, "CREATE TABLE things (unit TEXT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO things VALUES ('so-y-te'), ('benh-vien-tinh'), ('so-noi-vu'), ('trung-tam')"); err != nil {
		t.Fatal(err)
	}
	for want, p := range map[string]Principal{
		"benh-vien-tinh so-y-te": {Role: RoleAuditor, Unit: "so-y-te", Below: []event.UnitID{"benh-vien-tinh"}},
		"so-noi-vu":              {Role: RoleAuditor, Unit: "so-noi-vu"},
		"benh-vien-tinh so-noi-vu so-y-te trung-tam": {Role: RoleAuditor, Unit: event.CentreUnit},
		"": {},
	} {
		var seen []string
		if err := Scoped(db.NewSelect().TableExpr("things AS t").Column("t.unit"), p, "t.unit").OrderExpr("unit").Scan(ctx, &seen); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%s sees %q, want %q", p.Unit, got, want)
		}
	}
}

// The table knows every role, and grants nothing to roles that are not in it.
func TestEveryRoleIsOfTheTable(t *testing.T) {
	known := Roles()
	for _, a := range AllActions() {
		roles, _ := Grants(a)
		for _, r := range roles {
			if !slices.Contains(known, r) {
				t.Errorf("%s is granted to %q, which is no role", a, r)
			}
		}
	}
	for _, r := range known {
		if len(Actions(Principal{Role: r, Unit: event.CentreUnit})) == 0 {
			t.Errorf("%s may do nothing", r)
		}
	}
	if got := Actions(Principal{Role: "king", Unit: event.CentreUnit}); len(got) != 0 {
		t.Errorf("an unknown role may %v", got)
	}
	if _, err := json.Marshal(Actions(Principal{})); err != nil {
		t.Error(err)
	}
}
