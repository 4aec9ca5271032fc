package relay

import (
	"context"
	"encoding/base64"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// alarms remembers what is raised.
type alarms map[string]string

func (a alarms) Raise(_ context.Context, kind string, unit event.UnitID, about string, _ map[string]string) error {
	a[kind+" "+string(unit)] = about
	return nil
}

func (a alarms) Settle(_ context.Context, kind string, unit event.UnitID, _ string) error {
	delete(a, kind+" "+string(unit))
	return nil
}

func (a alarms) open() string { return strings.Join(slices.Sorted(maps.Keys(a)), ", ") }

type names struct{}

func (names) Name(u event.UnitID) string { return "Đơn vị " + string(u) }

type world struct {
	*Service
	t      *testing.T
	now    time.Time
	alarms alarms
}

func open(t *testing.T, db *bun.DB, now time.Time) *world {
	t.Helper()
	w := &world{t: t, now: now, alarms: alarms{}}
	w.Service = New(Options{DB: db, Trail: module.NewTrail(db), Signals: w.alarms, Units: names{}, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return w.now }, SilentAfter: 15 * time.Minute, Recipient: func() (string, error) { return "age1x", nil }})
	for name, m := range map[string]module.Module{"relay": w.Module()} {
		if err := sqldb.Migrate(t.Context(), db, "module", module.Migrations()); err != nil {
			t.Fatal(err)
		}
		if err := sqldb.Migrate(t.Context(), db, name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) as(unit event.UnitID) context.Context {
	return module.WithPrincipal(w.t.Context(), module.Principal{ID: "1", Name: "lan", Role: module.RoleAdministrator, Unit: unit})
}

func (w *world) contact(id string, unit event.UnitID, change func(*Relay)) {
	r := Relay{ID: id, Unit: unit, Host: "gw", LastContact: w.now, SpoolMax: 1000, DiskTotal: 1000, DiskFree: 900, Blocks: 2, Events: 10}
	if change != nil {
		change(&r)
	}
	w.Contacted(r)
}

func (w *world) look() string {
	w.t.Helper()
	if err := w.Service.look(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return w.alarms.open()
}

func TestTroublesRaiseAlarmsAndSettle(t *testing.T) {
	w := open(t, sqldbtest.SQLite(t), time.Unix(1_780_000_000, 0))
	w.contact("token:1", "a", nil)
	for what, c := range map[string]struct {
		change func(*Relay)
		want   string
	}{
		"all is well":              {nil, ""},
		"the spool is nearly full": {func(r *Relay) { r.BacklogBytes = 800 }, "relay.disk a"},
		"the disk is nearly full":  {func(r *Relay) { r.DiskFree = 49 }, "relay.disk a"},
		"senders are pushed back":  {func(r *Relay) { r.Refusing = true }, "relay.disk a"},
		"a clock a day behind":     {func(r *Relay) { r.Offset = 24 * time.Hour }, "relay.clock a"},
		"a clock ahead":            {func(r *Relay) { r.Offset = -6 * time.Minute }, "relay.clock a"},
		"a clock that is right":    {func(r *Relay) { r.Offset = time.Minute }, ""},
	} {
		w.contact("token:1", "a", c.change)
		if got := w.look(); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
		w.contact("token:1", "a", nil)
		if got := w.look(); got != "" {
			t.Errorf("after %s: %q is still open", what, got)
		}
	}
	w.now = w.now.Add(16 * time.Minute)
	if got := w.look(); got != "relay.silent a" {
		t.Errorf("after 16 minutes: %q", got)
	}
	w.contact("token:1", "a", nil)
	if got := w.look(); got != "" {
		t.Errorf("heard again: %q", got)
	}
}

// A centre that was down for an hour does not call every relay silent at once.
func TestNobodyIsSilentBeforeTheCentreHasListened(t *testing.T) {
	db := sqldbtest.SQLite(t)
	w := open(t, db, time.Unix(1_780_000_000, 0))
	w.contact("token:1", "a", nil)
	if err := w.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	w = open(t, db, w.now.Add(time.Hour))
	if got := w.look(); got != "" {
		t.Errorf("at once: %q", got)
	}
	w.now = w.now.Add(16 * time.Minute)
	if got := w.look(); got != "relay.silent a" {
		t.Errorf("later: %q", got)
	}
}

func TestTheRegisterSurvivesAndKeepsToItsUnits(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		w := open(t, db, time.Unix(1_780_000_000, 0))
		w.contact("token:1", "a", nil)
		w.contact("token:1", "a", func(r *Relay) { r.Oldest, r.Offset = w.now.Add(-time.Hour), 3*time.Second })
		w.contact("cert:2", "b", func(r *Relay) { r.Host = "x\x00\xff"; r.Oldest = time.Unix(1<<55, 0) })
		if err := w.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		w = open(t, db, w.now)
		list, err := w.List(w.as(event.CentreUnit), "")
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		mine, err := w.List(w.as("a"), "")
		if err != nil || len(mine) != 1 || mine[0].ID != "token:1" || mine[0].Events != 20 || mine[0].Offset != 3*time.Second || !mine[0].Oldest.Equal(w.now.Add(-time.Hour)) {
			t.Errorf("unit a sees %+v, %v", mine, err)
		}
		if _, err := w.GapsOf(w.as("a"), "cert:2"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("unit a asks for the gaps of b: %v", err)
		}
		if _, err := w.List(t.Context(), ""); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("nobody asks: %v", err)
		}
		if _, err := w.Retire(w.as("a"), "token:1"); fault.KindOf(err) != fault.Denied {
			t.Errorf("a unit retires its relay: %v", err)
		}
		if r, err := w.Retire(w.as(event.CentreUnit), "token:1"); err != nil || !r.Retired {
			t.Errorf("%+v, %v", r, err)
		}
		w.now = w.now.Add(time.Hour)
		w.since = w.now.Add(-time.Hour)
		if got := w.look(); got != "relay.silent b" {
			t.Errorf("a retired relay is missed: %q", got)
		}
	})
}

func TestAGapIsNotedOnceAndRaisesAnAlarm(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		w := open(t, db, time.Unix(1_780_000_000, 0))
		w.contact("token:1", "a", nil)
		gap := Gap{ID: "G1", Reason: "dropOldest", From: w.now.Add(-time.Hour), To: w.now, Blocks: 3, Events: 70}
		for range 2 {
			if err := w.Gaps(t.Context(), "token:1", "gw", "a", []Gap{gap}); err != nil {
				t.Fatal(err)
			}
		}
		// The same id of another relay is another gap.
		if err := w.Gaps(t.Context(), "token:2", "gw", "b", []Gap{gap}); err != nil {
			t.Fatal(err)
		}
		got, err := w.GapsOf(w.as("a"), "token:1")
		if err != nil || len(got) != 1 || got[0].Events != 70 || !got[0].From.Equal(gap.From) {
			t.Errorf("%+v, %v", got, err)
		}
		if w.alarms.open() != "relay.gap a, relay.gap b" {
			t.Errorf("alarms %q", w.alarms.open())
		}
		if err := w.Gaps(t.Context(), "token:1", "", "a", []Gap{{}}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a gap without a name: %v", err)
		}
	})
}

func TestBundlesAreMarkedOnce(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		w := open(t, db, time.Unix(1_780_000_000, 0))
		key := base64.StdEncoding.EncodeToString(make([]byte, keyBytes))
		if got, err := w.Enrol(t.Context(), "token:1", "a", "gw", "v", "10.0.0.1", key); err != nil || got != "age1x" {
			t.Fatalf("%q, %v", got, err)
		}
		ctx := w.as(event.CentreUnit)
		signer, err := w.SignerOf(ctx, key)
		if err != nil || signer != (Signer{"token:1", "a"}) {
			t.Fatalf("%+v, %v", signer, err)
		}
		b := Bundle{ID: "00", Relay: signer.Relay, Unit: signer.Unit, Blocks: 1, Events: 5, From: w.now, To: w.now}
		for range 2 { // broken off, and again
			if err := w.Begin(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		other := b
		other.Unit = "b"
		if err := w.Begin(ctx, other); fault.KindOf(err) != fault.Conflict {
			t.Errorf("another unit's bundle of the same name: %v", err)
		}
		if err := w.End(ctx, b); err != nil {
			t.Fatal(err)
		}
		if err := w.Begin(ctx, b); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "by lan: 5 events of Đơn vị a") {
			t.Errorf("a second time: %v", err)
		}
		list, err := w.Bundles(w.as("a"))
		if err != nil || len(list) != 1 || list[0].DoneAt.IsZero() || list[0].ImportedBy != "lan" {
			t.Errorf("%+v, %v", list, err)
		}
		if list, err := w.Bundles(w.as("b")); err != nil || len(list) != 0 {
			t.Errorf("unit b sees %+v, %v", list, err)
		}
	})
}
