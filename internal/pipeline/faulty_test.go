package pipeline

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
)

// lateSpool refuses the first acknowledgements, as it does while the embedded
// server is being restarted after a disk error.
type lateSpool struct {
	*bus.Bus
	refuse atomic.Int32
}

func (s *lateSpool) Ack(blocks []*bus.Block) error {
	if s.refuse.Add(-1) >= 0 {
		return errors.New("injected")
	}
	return s.Bus.Ack(blocks)
}

func TestARefusedAcknowledgementIsMadeUpFor(t *testing.T) {
	w := newWorld(t)
	spool := &lateSpool{Bus: w.bus}
	spool.refuse.Store(2)
	w.put("u", line(1, "x"))
	w.run(w.pipeline(spool), 20*time.Second)
	if s, err := w.bus.State(t.Context()); err != nil || s.Pending != 0 {
		t.Errorf("%d blocks stay unacknowledged, %v: the spool could never be trimmed", s.Pending, err)
	}
	if n := w.count(""); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

// damagedSpool delivers one block as unreadable, and may lose acknowledgements.
type damagedSpool struct {
	*bus.Bus
	damaged uint64
	ackless bool
}

func (s *damagedSpool) Fetch(ctx context.Context, n int, wait time.Duration) ([]*bus.Block, error) {
	blocks, err := s.Bus.Fetch(ctx, n, wait)
	for _, b := range blocks {
		if b.Seq == s.damaged {
			b.Release()
			b.Err = bus.ErrBlockFormat
		}
	}
	return blocks, err
}

func (s *damagedSpool) Ack(blocks []*bus.Block) error {
	if s.ackless {
		return errors.New("injected")
	}
	return s.Bus.Ack(blocks)
}

func (s *damagedSpool) Get(ctx context.Context, seq uint64) (*bus.Block, error) {
	b, err := s.Bus.Get(ctx, seq)
	if err == nil && seq == s.damaged {
		b.Release()
		b.Err = bus.ErrBlockFormat
	}
	return b, err
}

// An unreadable block stands before a stored one; the process dies between the
// commit and the acknowledgement, and more blocks have come when it is back.
func TestAnUnreadableBlockNeitherHidesNorDoublesOthers(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.put("u", line(i, "evil"))
	}
	w.run(w.pipeline(&damagedSpool{Bus: w.bus, damaged: 1, ackless: true}), time.Second)
	if n := w.count(""); n != 2 {
		t.Fatalf("%d events, want the 2 of the readable blocks", n)
	}
	w.close()
	w.open()
	w.put("u", line(3, "evil"))
	w.run(w.pipeline(&damagedSpool{Bus: w.bus, damaged: 1}), 20*time.Second)
	for text, want := range map[string]int64{"": 3, "n:1": 1, "n:2": 1, "n:3": 1} {
		if got := w.count(text); got != want {
			t.Errorf("%q: %d events, want %d", text, got, want)
		}
	}
	if events, _, findings := w.effects.sums(); events != 3 || findings != 3 {
		t.Errorf("%d events and %d findings took effect, want 3 and 3", events, findings)
	}
	processed, _, _, err := w.lake.BlockStatus(t.Context(), w.bus.Stream(), 1, 4)
	if err != nil || !processed {
		t.Errorf("who waits for blocks 1 to 4 waits for ever (%v)", err)
	}
}

// halfStore knows the first block of every load, and refuses to commit it.
type halfStore struct {
	*lake.Lake
	commits atomic.Int32
}

func (s *halfStore) Registered(_ context.Context, _ string, from, _ uint64) (map[uint64]bool, error) {
	return map[uint64]bool{from: s.commits.Load() > 0}, nil
}

func (s *halfStore) Commit(context.Context, *lake.Segment, []lake.Block, func(context.Context, bun.Tx) error) error {
	s.commits.Add(1)
	return errors.New("injected")
}

func TestACommitIsNotTakenForDoneBecauseOneBlockIsKnown(t *testing.T) {
	w := newWorld(t)
	p := w.pipeline(nil)
	store := &halfStore{Lake: w.lake}
	p.o.Store = store
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	l := newLoad(w.lake.NewSegment())
	l.stored = []lake.Block{{Stream: "s", Seq: 1}, {Stream: "s", Seq: 2}}
	if p.commit(ctx, l) {
		t.Error("a load whose second block is nowhere was taken for committed; it would be acknowledged and lost")
	}
}

func TestAJobDoesNotKeepWhatHostileRecordsMadeItGrow(t *testing.T) {
	j := &job{}
	for range event.MaxBatchRecords {
		ev := j.next()
		ev.Fields = make([]event.Field, 1, 30_000)
		ev.Fields[0].Name = "alias"
	}
	j.rest()
	kept := 0
	for i := range j.events {
		kept += cap(j.events[i].Fields)
		if len(j.events[i].Fields) > 0 {
			t.Fatal("a resting job still has fields")
		}
	}
	if kept == 0 || kept > maxKeptFields {
		t.Errorf("%d fields kept, want some and at most %d", kept, maxKeptFields)
	}
}

// lateBlockSpool keeps one block back until others behind it are stored.
type lateBlockSpool struct {
	*bus.Bus
	back  uint64
	until *atomic.Bool
	kept  []*bus.Block
}

func (s *lateBlockSpool) Fetch(ctx context.Context, n int, wait time.Duration) ([]*bus.Block, error) {
	if s.until.Load() && s.kept != nil {
		late := s.kept
		s.kept = nil
		return late, nil
	}
	blocks, err := s.Bus.Fetch(ctx, n, wait)
	out := blocks[:0]
	for _, b := range blocks {
		if b.Seq == s.back && !s.until.Load() {
			s.kept = append(s.kept, b)
			continue
		}
		out = append(out, b)
	}
	return out, err
}

func TestALateBlockIsStoredOnceAndDoublesNoOther(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.put("u", line(i, "evil"))
	}
	var release atomic.Bool
	time.AfterFunc(time.Second, func() { release.Store(true) })
	w.run(w.pipeline(&lateBlockSpool{Bus: w.bus, back: 2, until: &release}), 20*time.Second)
	if n := w.count(""); n != 5 {
		t.Errorf("%d events, want 5: the late one too, and each once", n)
	}
}

// The late block never came before the process died; after the restart it is
// delivered first, and those behind it are stored already.
func TestAfterARestartALateBlockDoublesNoOther(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.put("u", line(i, "evil"))
	}
	var never atomic.Bool
	w.run(w.pipeline(&lateBlockSpool{Bus: w.bus, back: 2, until: &never}), time.Second)
	if n := w.count(""); n != 4 {
		t.Fatalf("%d events before the restart, want 4", n)
	}
	w.close()
	w.open()
	w.run(w.pipeline(nil), 20*time.Second)
	if n := w.count(""); n != 5 {
		t.Errorf("%d events after the restart, want 5", n)
	}
	if events, _, findings := w.effects.sums(); events != 5 || findings != 5 {
		t.Errorf("%d events and %d findings took effect, want 5 and 5", events, findings)
	}
}
