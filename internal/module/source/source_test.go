package source

import (
	"context"
	"fmt"
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

type fixture struct {
	*Service
	t   testing.TB
	db  *bun.DB
	now time.Time

	signals *toldSignals
	node    fakeNode
}

func (f *fixture) list(ctx context.Context, unit event.UnitID, text string) ([]module.SourceView, error) {
	page, err := f.List(ctx, Filter{Unit: unit, Text: text, Limit: maxListed})
	out := make([]module.SourceView, len(page.Items))
	for i := range page.Items {
		out[i] = page.Items[i].view(f.now)
	}
	return out, err
}

type noBlocks struct{}

func (noBlocks) Status(context.Context, uint64, uint64) (bool, int64, int64, error) {
	return true, 1, 0, nil
}

func newFixture(t testing.TB, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: db, now: time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC)}
	f.signals = &toldSignals{}
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Blocks: noBlocks{}, Signals: f.signals, Watch: &f.node,
		Now: func() time.Time { return f.now }, Config: DefaultConfig()})
	if err := sqldb.Migrate(context.Background(), db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(context.Background(), db, "source", f.Module().Migrations); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) observe(o ...Observation) {
	f.t.Helper()
	err := f.db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error { return f.Observe(ctx, tx, o) })
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) seen(host string, change ...func(*Observation)) Observation {
	o := Observation{Unit: "so-y-te", Input: "syslog", Peer: "10.0.0.9", Host: host, Format: "sshd", Product: "linux", Service: "sshd", Events: 10, LastReceived: f.now}
	for _, c := range change {
		c(&o)
	}
	return o
}

func unparsed(n int64, samples ...string) func(*Observation) {
	return func(o *Observation) { o.Format, o.Unparsed, o.Samples = "", n, samples }
}

func as(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "x", Name: "x", Role: role, Unit: unit})
}

var centre = as(module.RoleAnalyst, event.CentreUnit)

func TestObservationsAddUp(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.observe(f.seen("web01"), f.seen("web01"), f.seen("web02"))
		first := f.now
		f.now = f.now.Add(time.Minute)
		f.observe(f.seen("web01", func(o *Observation) { o.Unparsed = 1 }))
		// A block that was held back does not move the time backwards.
		f.observe(f.seen("web01", func(o *Observation) { o.LastReceived = first.Add(-time.Hour) }))
		list, err := f.list(centre, "", "")
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v %v", list, err)
		}
		v := list[0] // it has lines that no parser understood
		if v.Host != "web01" || v.Events != 40 || v.Unparsed != 1 || !v.FirstSeen.Equal(first) || !v.LastSeen.Equal(f.now) || v.Status != "new" {
			t.Errorf("%+v", v)
		}
	})
}

func TestInboxKeepsTheNewestSamples(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		start := f.now
		f.observe(f.seen("fw", unparsed(2, "one", "two")), f.seen("fw", func(o *Observation) { o.Unparsed = 1; o.Samples = []string{"half"} }))
		f.now = f.now.Add(2 * time.Hour)
		f.observe(f.seen("fw", unparsed(100, "three", "four", "five", "six")), f.seen("other", unparsed(1, "x")), f.seen("fine"))
		inbox, err := f.Inbox(centre, start.Add(-time.Hour), f.now.Add(time.Second))
		if err != nil || len(inbox) != 2 || inbox[0].Host != "fw" || inbox[0].Count != 103 || fmt.Sprint(inbox[0].Samples) != "[three four five]" || !inbox[0].LastSeen.Equal(f.now) {
			t.Fatalf("%+v %v", inbox, err)
		}
		if n, err := f.UnparsedCount(centre, start.Add(time.Hour), f.now.Add(time.Second)); n != 101 || err != nil {
			t.Errorf("%d %v", n, err)
		}
		f.now = f.now.Add(unparsedKept - time.Hour)
		if err := f.store.prune(context.Background(), sqldb.MicrosOf(f.now.Add(-unparsedKept))); err != nil {
			t.Fatal(err)
		}
		if n, err := f.UnparsedCount(centre, start.Add(-time.Hour), f.now); n != 101 || err != nil {
			t.Errorf("after pruning: %d %v", n, err)
		}
	})
}

func TestHostileNamesAndLinesAreStored(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		for _, text := range []string{"a\x00b", "\xff\xfe\x80", "'; --", `\"`, "?", strings.Repeat("ạ", 10_000)} {
			f.observe(f.seen(text, unparsed(1, text), func(o *Observation) { o.Peer, o.Product, o.Service = text, text, text }))
		}
		if inbox, err := f.Inbox(centre, f.now.Add(-time.Hour), f.now.Add(time.Hour)); err != nil || len(inbox) != 6 {
			t.Errorf("%d %v", len(inbox), err)
		}
	})
}

// A sender that invents hosts fills the table only so far; its events are
// counted all the same.
func TestInventedHostsAreBounded(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	const hosts = maxPerUnit + 2000
	batch := make([]Observation, 0, 1000)
	for i := range hosts {
		batch = append(batch, f.seen(fmt.Sprint("host-", i), func(o *Observation) { o.Events = 1; o.Peer = fmt.Sprint("10.0.", i%7) }))
		if len(batch) == cap(batch) {
			f.observe(batch...)
			batch = batch[:0]
		}
	}
	f.observe(f.seen("host-1", func(o *Observation) { o.Events = 1; o.Peer = "10.0.1" }))
	var n, events int64
	if err := f.db.NewRaw("SELECT count(*), sum(events) FROM sources").Scan(context.Background(), &n, &events); err != nil {
		t.Fatal(err)
	}
	if n > maxPerUnit+1 || n < maxPerUnit || events != hosts+1 {
		t.Errorf("%d sources, %d events", n, events)
	}
	// Another unit is not affected.
	f.observe(f.seen("web01", func(o *Observation) { o.Unit = "so-noi-vu" }))
	if list, err := f.list(centre, "so-noi-vu", ""); err != nil || len(list) != 1 || list[0].Host != "web01" {
		t.Errorf("%+v %v", list, err)
	}
}

func TestOtherUnitsSourcesDoNotExist(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.observe(f.seen("web01", unparsed(1, "secret line")))
		for name, ctx := range map[string]context.Context{
			"nobody": context.Background(), "another unit": as(module.RoleAnalyst, "so-noi-vu"),
			"an ingest token": as(module.RoleIngest, "so-y-te"), "no unit": as(module.RoleAnalyst, ""),
		} {
			list, _ := f.list(ctx, "so-y-te", "")
			inbox, _ := f.Inbox(ctx, f.now.Add(-time.Hour), f.now.Add(time.Hour))
			n, _ := f.UnparsedCount(ctx, f.now.Add(-time.Hour), f.now.Add(time.Hour))
			if len(list) != 0 || len(inbox) != 0 || n != 0 {
				t.Errorf("%s sees %v %v %d", name, list, inbox, n)
			}
		}
		if list, err := f.list(as(module.RoleAnalyst, "so-y-te"), "", "WEB"); err != nil || len(list) != 1 {
			t.Errorf("its own unit: %v %v", list, err)
		}
	})
}

func TestIngestStatusChecksItsRange(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	ctx := as(module.RoleIngest, "so-y-te")
	for _, c := range [][2]uint64{{0, 1}, {2, 1}, {1, 1 + maxSequences}} {
		if _, _, _, err := f.IngestStatus(ctx, c[0], c[1]); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", c, err)
		}
	}
	if ok, n, _, err := f.IngestStatus(ctx, 1, 1); !ok || n != 1 || err != nil {
		t.Error(ok, n, err)
	}
}

func BenchmarkObserve(b *testing.B) {
	f := newFixture(b, sqldbtest.SQLite(b))
	batch := make([]Observation, 100)
	for i := range batch {
		batch[i] = f.seen(fmt.Sprint("host-", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		f.observe(batch...)
	}
}
