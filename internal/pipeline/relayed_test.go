package pipeline

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func (w *world) part(run string, seq uint64, lines ...string) bus.Part {
	w.t.Helper()
	b := &event.Batch{ID: event.NewBatchID(time.Now()), Unit: "forged", Input: "syslog", Peer: "10.0.0.1", Received: time.Now()}
	for _, l := range lines {
		b.Records = append(b.Records, event.Record{Data: []byte(l)})
	}
	block, err := bus.Pack([]*event.Batch{b})
	if err != nil {
		w.t.Fatal(err)
	}
	return bus.Part{Origin: bus.Origin{Run: run, Seq: seq}, Block: block}
}

func (w *world) relay(unit string, parts ...bus.Part) {
	w.t.Helper()
	if _, err := w.bus.PutRelayed(context.Background(), bus.Envelope{Unit: event.UnitID(unit), Credential: "cert:1"}, parts); err != nil {
		w.t.Fatal(err)
	}
}

func TestARelayedBlockIsStoredOnceHoweverOftenItComes(t *testing.T) {
	w := newWorld(t)
	one, two, three := w.part("A", 1, line(1, "evil")), w.part("A", 2, line(2, "evil")), w.part("A", 3, line(3, "x"))
	w.relay("u", one, two)
	w.relay("u", two)             // alone
	w.relay("u", two, three, one) // with a new one between
	w.relay("u", one, two, three) // nothing new
	w.relay("other", one)         // another unit's number 1 is another block
	w.relay("u", w.part("B", 1, line(4, "x")))
	w.run(w.pipeline(nil), 10*time.Second)
	check := func(when string) {
		t.Helper()
		for text, want := range map[string]int64{"unit:u": 4, "unit:other": 1, "unit:forged": 0, "n:2": 1, "n:3": 1, "": 5} {
			if got := w.count(text); got != want {
				t.Errorf("%s: %q finds %d, want %d", when, text, got, want)
			}
		}
	}
	check("at once")
	w.close()
	w.open()
	w.relay("u", three, two)
	w.relay("other", one)
	w.run(w.pipeline(nil), 10*time.Second)
	check("after a restart")
	if _, _, findings := w.effects.sums(); findings != 3 {
		t.Errorf("%d findings took effect, want 3", findings)
	}
	if s, err := w.bus.State(t.Context()); err != nil || s.Pending != 0 {
		t.Errorf("%d blocks are not acknowledged, %v", s.Pending, err)
	}
}

func TestACrashBetweenCommitAndAcknowledgementStoresRelayedBlocksOnce(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		w.relay("u", w.part("A", uint64(i+1), line(i, "evil")))
	}
	w.run(w.pipeline(forgetfulSpool{w.bus}), time.Second)
	w.close()
	w.open()
	for i := range 25 { // sent again: the relay heard nothing either
		w.relay("u", w.part("A", uint64(i+1), line(i, "evil")))
	}
	w.run(w.pipeline(nil), 10*time.Second)
	if n := w.count(""); n != 25 {
		t.Errorf("%d events, want 25", n)
	}
	if events, _, findings := w.effects.sums(); events != 25 || findings != 25 {
		t.Errorf("%d events and %d findings took effect, want 25 of each", events, findings)
	}
}

func TestABrokenSegmentIsRebuiltWithoutWhatWasLeftOut(t *testing.T) {
	w := newWorld(t)
	one, two := w.part("A", 1, line(1, "x")), w.part("A", 2, line(2, "x"))
	w.relay("u", one)
	w.relay("u", one, two)
	p := w.pipeline(nil)
	w.run(p, 10*time.Second)
	files, err := filepath.Glob(filepath.Join(w.dir, "lake", "flush", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	w.count("message:x") // finds out that they are gone
	if n, err := p.Rebuild(t.Context()); err != nil || n != len(files) {
		t.Fatalf("rebuilt %d of %d: %v", n, len(files), err)
	}
	if n := w.count(""); n != 2 {
		t.Errorf("%d events after the rebuild, want 2", n)
	}
}

func TestSpansAreASetOfNumbers(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var s spans
		set := map[uint64]bool{}
		for range 300 {
			n := 1 + rnd.Uint64N(200)
			if s.has(n) != set[n] {
				t.Fatalf("%v has %d: %v", s, n, !set[n])
			}
			if !set[n] {
				s, set[n] = s.add(n), true
			}
		}
		if !slices.IsSortedFunc(s, func(a, b span) int { return int(a.first) - int(b.last) - 1 }) {
			t.Fatalf("spans touch or are out of order: %v", s)
		}
		for i := 1; i < len(s); i++ {
			if s[i-1].last+1 >= s[i].first {
				t.Fatalf("spans touch: %v", s)
			}
		}
	}
}

func TestTheTableOfARelayStaysSmall(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		ctx := t.Context()
		if err := sqldb.Migrate(ctx, db, "pipeline", Migrations); err != nil {
			t.Fatal(err)
		}
		write := func(at time.Time, seqs ...uint64) {
			t.Helper()
			var steps []relayedStep
			for _, n := range seqs {
				steps = append(steps, relayedStep{key: relayedKey{"u", "A"}, seq: n})
			}
			steps = append(steps, relayedStep{skipped: []skippedRow{{Stream: "s", Seq: int64(seqs[0])}}})
			if err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return writeRelayed(ctx, tx, steps, at) }); err != nil {
				t.Fatal(err)
			}
		}
		// Two lanes: what waited, and what is new.
		at := time.Unix(1_780_000_000, 0)
		for i := range uint64(100) {
			write(at, 1+2*i, 2+2*i, 1001+2*i, 1002+2*i)
		}
		p := &Pipeline{o: Options{DB: db, Spool: streamName("s")}}
		s, ok := p.loadSpans(ctx, relayedKey{"u", "A"})
		if !ok || fmt.Sprint(s) != "[{1 200} {1001 1200}]" {
			t.Fatalf("spans %v, %v", s, ok)
		}
		if n, err := db.NewSelect().Model((*relayedRow)(nil)).Count(ctx); err != nil || n != 2 {
			t.Errorf("%d rows, %v; want 2", n, err)
		}
		// What is still in the spool, and runs heard of since, are kept.
		if err := p.Forget(ctx, 51, at); err != nil {
			t.Fatal(err)
		}
		if n, err := db.NewSelect().Model((*skippedRow)(nil)).Count(ctx); err != nil || n != 75 {
			t.Errorf("%d notes of skipped parts are left, %v; want 75", n, err)
		}
		if s, _ := p.loadSpans(ctx, relayedKey{"u", "A"}); len(s) != 2 {
			t.Errorf("spans %v after forgetting what is older", s)
		}
		if err := p.Forget(ctx, 51, at.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if s, _ := p.loadSpans(ctx, relayedKey{"u", "A"}); len(s) != 0 {
			t.Errorf("spans %v after forgetting all", s)
		}
	})
}

// streamName is a spool that has only a name.
type streamName string

func (s streamName) Stream() string { return string(s) }
func (streamName) Fetch(context.Context, int, time.Duration) ([]*bus.Block, error) {
	return nil, nil
}
func (streamName) Ack([]*bus.Block) error                          { return nil }
func (streamName) Get(context.Context, uint64) (*bus.Block, error) { return nil, nil }
