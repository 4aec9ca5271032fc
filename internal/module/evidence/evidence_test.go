package evidence

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type units struct{}

func (units) Exists(u event.UnitID) bool { return u == "so-y-te" || u == "so-noi-vu" }
func (units) Name(u event.UnitID) string { return "Sở " + string(u) }

type fixture struct {
	*Service
	lake  *lake.Lake
	now   time.Time
	trail *module.Trail
}

// newFixture is the service on a real lake with ten events of two units.
func newFixture(t *testing.T, db *bun.DB) *fixture {
	t.Helper()
	ctx := context.Background()
	f := &fixture{now: time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC), trail: module.NewTrail(db)}
	now := func() time.Time { return f.now }
	if err := errors.Join(sqldb.Migrate(ctx, db, "lake", lake.Migrations), sqldb.Migrate(ctx, db, "module", module.Migrations())); err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(ctx, lake.Options{Dir: t.TempDir(), DB: db, Now: now, Config: lake.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	f.lake = l
	f.Service = New(Options{DB: db, Trail: f.trail, Lake: l, Units: units{}, Log: slog.New(slog.DiscardHandler), Now: now, Dir: t.TempDir()})
	if err := sqldb.Migrate(ctx, db, "evidence", f.Module().Migrations); err != nil {
		t.Fatal(err)
	}
	if err := f.Load(ctx); err != nil {
		t.Fatal(err)
	}
	s := l.NewSegment()
	for i := range 10 {
		e := event.Event{ID: event.ID{byte(i + 1)}, Unit: []event.UnitID{"so-y-te", "so-noi-vu"}[i%2], Time: f.now, Received: f.now, Raw: "x"}
		e.Add("user", "an")
		s.Add(&e, nil)
	}
	if err := l.Commit(ctx, s, nil, nil); err != nil {
		t.Fatal(err)
	}
	return f
}

func as(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "u1", Name: "an", Role: role, Unit: unit})
}

var (
	admin   = as(module.RoleAdministrator, event.CentreUnit)
	analyst = as(module.RoleAnalyst, event.CentreUnit)
	agency  = as(module.RoleAdministrator, "so-y-te")
)

func (f *fixture) audited(t *testing.T) map[string]int {
	t.Helper()
	records, err := f.trail.Find(admin, module.RecordFilter{}, false, 100)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, r := range records {
		n[r.Action]++
	}
	return n
}

func wantFault(t *testing.T, what string, err error, kind fault.Kind, code string) {
	t.Helper()
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != kind || code != "" && f.Code != code {
		t.Errorf("%s: %v, want %v %s", what, err, kind, code)
	}
}

// The classes are whole; those read second-hand say so.
func TestClasses(t *testing.T) {
	classes, err := parseClasses(classData)
	if err != nil {
		t.Fatal(err)
	}
	months := map[int]int{}
	for _, c := range classes {
		if c.Level > 0 {
			months[c.Level] = c.MinimumDays
			if !c.Verify {
				t.Errorf("%s: the standard was not read in its own text", c.ID)
			}
		}
	}
	// 1, 3, 6, 12 months of at most 31 days, for levels 2 to 5.
	if months[1] != 0 || months[2] != 31 || months[3] != 92 || months[4] != 184 || months[5] != 366 {
		t.Errorf("%v", months)
	}
	for _, bad := range []string{`{`, `[{"id":""}]`, `[{"id":"a","nameVi":"a","nameEn":"a","minimumDays":3}]`} {
		if _, err := parseClasses([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestRules(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		_, err := f.SetRule(admin, Rule{Unit: "so-y-te", Class: "level-3", KeepDays: 30})
		wantFault(t, "fewer days than the class asks for", err, fault.Invalid, "retention.below-minimum")
		_, err = f.SetRule(admin, Rule{Unit: "so-y-te", Class: "level-9"})
		wantFault(t, "an unknown class", err, fault.Invalid, "retention.class")
		_, err = f.SetRule(admin, Rule{Unit: "khong-co", Class: "none"})
		wantFault(t, "an unknown unit", err, fault.Invalid, "unit.unknown")
		for who, ctx := range map[string]context.Context{"analyst": analyst, "agency": agency} {
			_, err = f.SetRule(ctx, Rule{Class: "none"})
			wantFault(t, who, err, fault.Denied, "")
			wantFault(t, who, f.RemoveRule(ctx, Rule{}), fault.Denied, "")
		}
		_, _, err = f.Retention(agency)
		wantFault(t, "an agency", err, fault.Denied, "")

		for _, r := range []Rule{
			{Unit: "so-y-te", Class: "level-3", KeepDays: 92},
			{Unit: "so-y-te", Class: "level-2", KeepDays: 40}, // replaces
			{Class: "none", Format: "dns", KeepDays: 7},
		} {
			if _, err := f.SetRule(admin, r); err != nil {
				t.Fatal(err)
			}
		}
		_, rules, err := f.Retention(analyst)
		if err != nil || len(rules) != 2 || rules[1].Class != "level-2" || rules[1].KeepDays != 40 || rules[1].By != "an" || !rules[1].At.Equal(f.now) {
			t.Errorf("%+v, %v", rules, err)
		}
		if err := f.RemoveRule(admin, Rule{Format: "dns"}); err != nil {
			t.Error(err)
		}
		wantFault(t, "a rule that is gone", f.RemoveRule(admin, Rule{Format: "dns"}), fault.NotFound, "")
		if n := f.audited(t); n["retention.set"] != 3 || n["retention.remove"] != 1 {
			t.Errorf("audited: %v", n)
		}
	})
}

// What is set here is what the lake does, after a restart, too.
func TestRulesReachTheLake(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	if _, err := f.SetRule(admin, Rule{Unit: "so-y-te", Class: "level-2", KeepDays: 40}); err != nil {
		t.Fatal(err)
	}
	f.lake.SetRetention(nil)
	if err := f.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.AddDate(0, 0, 41)
	// Without a new event so long after, the clock would not be believed.
	s := f.lake.NewSegment()
	s.Add(&event.Event{ID: event.ID{99}, Unit: "so-noi-vu", Time: f.now, Received: f.now, Raw: "x"}, nil)
	if err := f.lake.Commit(context.Background(), s, nil, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f.lake.RunRetention(ctx); err != nil {
			t.Error(err)
		}
	}()
	deadline := time.Now().Add(20 * time.Second)
	var gone []lake.Deletion
	for len(gone) == 0 && time.Now().Before(deadline) {
		var err error
		if gone, err = f.Deletions(analyst, 10); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	<-done
	if len(gone) != 1 || gone[0].UnitEvents["so-y-te"] != 5 || len(gone[0].Units) != 1 {
		t.Errorf("%+v", gone)
	}
	_, err := f.Deletions(agency, 10)
	wantFault(t, "an agency", err, fault.Denied, "")
}

func TestHolds(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		_, err := f.AddHold(agency, lake.Hold{Reason: "x"})
		wantFault(t, "an agency", err, fault.Denied, "")
		_, err = f.AddHold(analyst, lake.Hold{Reason: "x", Units: []event.UnitID{"khong-co"}})
		wantFault(t, "an unknown unit", err, fault.Invalid, "unit.unknown")
		h, err := f.AddHold(analyst, lake.Hold{Reason: "vụ việc 12", By: "ai đó", Units: []event.UnitID{"so-y-te"}})
		if err != nil || h.By != "an" {
			t.Fatalf("%+v, %v", h, err)
		}
		_, err = f.ReleaseHold(analyst, h.ID, "x")
		wantFault(t, "an analyst may not release", err, fault.Denied, "")
		if list, err := f.Holds(analyst, false); err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
		if _, err := f.ReleaseHold(admin, h.ID, "xong"); err != nil {
			t.Error(err)
		}
		if n := f.audited(t); n["hold.add"] != 1 || n["hold.release"] != 1 {
			t.Errorf("audited: %v", n)
		}
	})
}

func TestExport(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	r := lake.BundleRequest{Case: "VV-1", Reason: "bàn giao", By: "ai đó", Units: []event.UnitID{"so-y-te"}}
	_, err := f.Make(agency, r)
	wantFault(t, "an agency", err, fault.Denied, "")
	b, err := f.Make(analyst, r)
	if err != nil {
		t.Fatal(err)
	}
	if b.By != "an" || b.Events != 5 {
		t.Errorf("%d events by %s", b.Events, b.By)
	}
	var out bytes.Buffer
	if err := b.Pack("zip", &out); err != nil || out.Len() == 0 {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	records, err := f.trail.Find(admin, module.RecordFilter{}, false, 1)
	if err != nil || records[0].Action != "evidence.export" || records[0].Detail["sums"] != b.Sums || records[0].Detail["case"] != "VV-1" {
		t.Errorf("%+v, %v", records, err)
	}
}

// The head goes into the audit trail once a day, if it has moved.
func TestTheHeadIsNotedOnceADay(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		ctx := module.WithPrincipal(context.Background(), module.System())
		note := func() {
			t.Helper()
			if err := f.anchor(ctx); err != nil {
				t.Fatal(err)
			}
		}
		note()
		note()
		f.now = f.now.Add(25 * time.Hour)
		note() // nothing new
		if n := f.audited(t)["evidence.head"]; n != 1 {
			t.Fatalf("noted %d times", n)
		}
		if _, err := f.AddHold(admin, lake.Hold{Reason: "x"}); err != nil {
			t.Fatal(err)
		}
		note()
		if n := f.audited(t)["evidence.head"]; n != 2 {
			t.Errorf("noted %d times", n)
		}
		st, err := f.Status(analyst)
		if err != nil || st.Anchored.Hash != st.Head.Hash || st.Head.Seq != 2 || st.Verification != nil {
			t.Errorf("%+v, %v", st, err)
		}
		if _, err := f.lake.VerifyAndKeep(ctx); err != nil {
			t.Fatal(err)
		}
		if st, err = f.Status(analyst); err != nil || st.Verification == nil || len(st.Verification.Findings) > 0 {
			t.Errorf("%+v, %v", st, err)
		}
		_, err = f.Status(agency)
		wantFault(t, "an agency", err, fault.Denied, "")
	})
}
