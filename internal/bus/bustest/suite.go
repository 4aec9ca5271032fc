// Package bustest is the contract of the spool as a test suite. Every way of
// running it (embedded server, external server) passes all of it.
package bustest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Spool is one spool on disk that can be opened many times, never twice at once.
type Spool interface {
	Open(t *testing.T, change func(*bus.Config)) *bus.Bus
}

// Run holds the spools that fresh makes to the contract.
func Run(t *testing.T, fresh func(t *testing.T) Spool) {
	for name, test := range map[string]func(*testing.T, Spool){
		"what was put is fetched as it was":             putFetch,
		"batches put at once share blocks":              groupCommit,
		"limits are refused":                            limits,
		"unacknowledged blocks come again after reopen": redeliver,
		"rewind delivers again, in order":               rewind,
		"acknowledged blocks stay readable":             getAfterAck,
		"a full spool pushes back and recovers":         full,
		"acknowledged blocks never push back":           ackedNeverPushBack,
		"trim keeps what is not acknowledged":           trimKeeps,
		"a cancelled put ends":                          cancelled,
		"drain waits, then refuses":                     drain,
		"an empty spool returns after the wait":         emptyFetch,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

func small(c *bus.Config) { c.MaxBytes = 4 << 20 }

// Batch makes a batch of numbered records.
func Batch(first, n, size int) *event.Batch {
	at := time.Unix(1_780_000_000, 0)
	b := &event.Batch{ID: event.NewBatchID(at), Unit: "so-noi-vu", Input: "test", Peer: "10.0.0.1", Received: at}
	for i := range n {
		line := fmt.Appendf(nil, "%08d ", first+i)
		for len(line) < size {
			line = fmt.Appendf(line, "%016x", rand.Uint64()) // does not compress away
		}
		b.Records = append(b.Records, event.Record{Data: line, Hint: event.HintText})
	}
	return b
}

func put(t *testing.T, b *bus.Bus, batch *event.Batch) uint64 {
	t.Helper()
	seq, err := b.Put(t.Context(), batch)
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	return seq
}

// fetch returns n blocks, failing after 10 s.
func fetch(t *testing.T, b *bus.Bus, n int) []*bus.Block {
	t.Helper()
	var out []*bus.Block
	for deadline := time.Now().Add(10 * time.Second); len(out) < n; {
		if time.Now().After(deadline) {
			t.Fatalf("fetched %d blocks of %d", len(out), n)
		}
		got, err := b.Fetch(t.Context(), n-len(out), time.Second)
		if err != nil {
			t.Fatalf("Fetch: %v", err)
		}
		out = append(out, got...)
	}
	for i := 1; i < len(out); i++ {
		if out[i].Seq <= out[i-1].Seq {
			t.Fatalf("block %d after %d", out[i].Seq, out[i-1].Seq)
		}
	}
	return out
}

func ack(t *testing.T, b *bus.Bus, blocks ...*bus.Block) {
	t.Helper()
	if err := b.Ack(blocks); err != nil {
		t.Fatalf("Ack: %v", err)
	}
}

func putFetch(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	want := Batch(0, 3, 40)
	want.DateHint = time.Unix(1_700_000_000, 0)
	want.Records = append(want.Records, event.Record{Data: []byte("\xff\x00"), Hint: event.HintNone})
	seq := put(t, b, want)
	got := fetch(t, b, 1)[0]
	if got.Seq != seq || got.Err != nil || len(got.Batches) != 1 || got.Records() != 4 {
		t.Fatalf("got block %d (want %d) of %d batches, err %v", got.Seq, seq, len(got.Batches), got.Err)
	}
	g := got.Batches[0]
	if g.ID != want.ID || g.Unit != want.Unit || g.Input != want.Input || g.Peer != want.Peer ||
		!g.Received.Equal(want.Received) || !g.DateHint.Equal(want.DateHint) {
		t.Errorf("batch changed: got %+v, want %+v", g, want)
	}
	for i, r := range g.Records {
		if string(r.Data) != string(want.Records[i].Data) || r.Hint != want.Records[i].Hint {
			t.Errorf("record %d: got %q, want %q", i, r.Data, want.Records[i].Data)
		}
	}
	got.Release()
	got.Release()
	ack(t, b, got)
	st, err := b.State(t.Context())
	if err != nil || st.Pending != 0 || st.AckFloor != seq || st.Last != seq {
		t.Errorf("state %+v, %v; want nothing pending, floor and last %d", st, err, seq)
	}
}

func groupCommit(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	const putters, each = 64, 20
	var g errgroup.Group
	for p := range putters {
		g.Go(func() error {
			last := uint64(0)
			for i := range each {
				seq, err := b.Put(t.Context(), Batch(p*each+i, 1, 10))
				if err != nil {
					return err
				}
				if seq < last {
					return fmt.Errorf("a sender's second batch went into block %d, before %d", seq, last)
				}
				last = seq
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	st, err := b.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if st.Last >= putters*each/2 {
		t.Errorf("%d batches took %d blocks: they do not share", putters*each, st.Last)
	}
	seen := map[string]int{}
	for _, blk := range fetch(t, b, int(st.Last)) {
		for _, batch := range blk.Batches {
			for _, r := range batch.Records {
				seen[string(r.Data)]++
			}
		}
	}
	if len(seen) != putters*each {
		t.Errorf("%d different records, want %d", len(seen), putters*each)
	}
}

func limits(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	biggest := Batch(0, event.MaxBatchRecords, event.MaxBatchBytes/event.MaxBatchRecords-16)
	over := Batch(0, 4, event.MaxRecordBytes)
	over.Records = append(over.Records, over.Records...)
	nobody := Batch(0, 1, 10)
	nobody.Unit = ""
	for name, c := range map[string]struct {
		batch *event.Batch
		ok    bool
	}{
		"at the limits":    {biggest, true},
		"no record":        {Batch(0, 0, 0), false},
		"too many records": {Batch(0, event.MaxBatchRecords+1, 9), false},
		"too many bytes":   {over, false},
		"no unit":          {nobody, false},
	} {
		_, err := b.Put(t.Context(), c.batch)
		if c.ok && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !c.ok && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

func redeliver(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	for i := range 5 {
		put(t, b, Batch(i, 1, 10))
	}
	identity := b.Stream()
	blocks := fetch(t, b, 4)
	ack(t, b, blocks[0], blocks[2]) // a gap: 1 and 3 are not done
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = s.Open(t, nil)
	if b.Stream() != identity {
		t.Errorf("identity changed from %s to %s", identity, b.Stream())
	}
	again := fetch(t, b, 3)
	// After a reopen an acknowledged block behind a gap may come again, never a
	// missing one.
	got := map[uint64]bool{}
	for _, blk := range again {
		got[blk.Seq] = true
	}
	if !got[2] || !got[4] && !got[3] {
		t.Errorf("after reopening got %v, want block 2 and what follows", got)
	}
	ack(t, b, again...)
}

func rewind(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	for i := range 6 {
		put(t, b, Batch(i, 1, 10))
	}
	first := fetch(t, b, 3)
	ack(t, b, first[0])
	if more, err := b.Fetch(t.Context(), 10, 0); err != nil || len(more) != 3 || more[0].Seq != 4 {
		t.Fatalf("got %d more, %v; want blocks 4 to 6", len(more), err)
	}
	if none, err := b.Fetch(t.Context(), 10, 50*time.Millisecond); err != nil || len(none) != 0 {
		t.Fatalf("handed out twice: %d blocks, %v", len(none), err)
	}
	if err := b.Rewind(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, blk := range fetch(t, b, 5) {
		if blk.Seq != uint64(i+2) {
			t.Errorf("block %d is number %d, want %d", i, blk.Seq, i+2)
		}
	}
}

func getAfterAck(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	seq := put(t, b, Batch(7, 1, 10))
	ack(t, b, fetch(t, b, 1)...)
	blk, err := b.Get(t.Context(), seq)
	if err != nil || string(blk.Batches[0].Records[0].Data[:8]) != "00000007" {
		t.Fatalf("Get: %+v, %v", blk, err)
	}
	if _, err := b.Get(t.Context(), seq+1); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a block that never was: %v, want not-found", err)
	}
}

// fill puts incompressible batches until the spool refuses, and returns how many
// it took.
func fill(t *testing.T, b *bus.Bus) int {
	t.Helper()
	for n := 0; n < 100; n++ {
		_, err := b.Put(t.Context(), Batch(n, 16, 32<<10))
		if fault.KindOf(err) == fault.Busy {
			return n
		}
		if err != nil {
			t.Fatalf("Put %d: %v, want nil or busy", n, err)
		}
	}
	t.Fatal("the spool is never full")
	return 0
}

func full(t *testing.T, s Spool) {
	b := s.Open(t, small)
	stored := fill(t, b)
	if stored < 4 {
		t.Errorf("full after %d half-MiB blocks in 4 MiB", stored)
	}
	if _, err := b.Put(t.Context(), Batch(0, 16, 32<<10)); fault.KindOf(err) != fault.Busy {
		t.Errorf("still full: %v, want busy", err)
	}
	blocks := fetch(t, b, stored)
	ack(t, b, blocks[:stored/2]...)
	put(t, b, Batch(99, 16, 32<<10))
	// The other half was not acknowledged, and is still there.
	if _, err := b.Get(t.Context(), blocks[stored/2].Seq); err != nil {
		t.Errorf("an unacknowledged block went: %v", err)
	}
}

func ackedNeverPushBack(t *testing.T, s Spool) {
	b := s.Open(t, small)
	for i := range 40 {
		if _, err := b.Put(t.Context(), Batch(i, 16, 32<<10)); err != nil {
			t.Fatalf("block %d: %v, though all before it are acknowledged", i, err)
		}
		ack(t, b, fetch(t, b, 1)...)
	}
}

func trimKeeps(t *testing.T, s Spool) {
	b := s.Open(t, func(c *bus.Config) { c.Keep, c.KeepBytes = 0, 0 })
	for i := range 6 {
		put(t, b, Batch(i, 1, 10))
	}
	ack(t, b, fetch(t, b, 3)...)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.RunTrim(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); ; {
		st, err := b.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if st.First == 4 {
			break
		}
		if st.First > 4 || time.Now().After(deadline) {
			t.Fatalf("first kept is %d, want 4", st.First)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := fetch(t, b, 3); got[0].Seq != 4 {
		t.Errorf("block %d follows, want 4", got[0].Seq)
	}
}

func cancelled(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Put(ctx, Batch(0, 1, 10)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	put(t, b, Batch(1, 1, 10))
}

func drain(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	put(t, b, Batch(0, 1, 10))
	if err := b.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(t.Context(), Batch(1, 1, 10)); fault.KindOf(err) != fault.Busy {
		t.Errorf("after drain: %v, want busy", err)
	}
	fetch(t, b, 1)
}

func emptyFetch(t *testing.T, s Spool) {
	b := s.Open(t, nil)
	started := time.Now()
	got, err := b.Fetch(t.Context(), 10, 100*time.Millisecond)
	if err != nil || len(got) != 0 {
		t.Fatalf("got %d blocks, %v", len(got), err)
	}
	if took := time.Since(started); took < 50*time.Millisecond {
		t.Errorf("returned after %v without waiting", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	started = time.Now()
	if got, err = b.Fetch(ctx, 10, time.Minute); err != nil || len(got) != 0 {
		t.Errorf("cancelled: %d blocks, %v", len(got), err)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("returned %v after the start although it was cancelled at once", took)
	}
}
