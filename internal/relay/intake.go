package relay

import (
	"context"
	"errors"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Intake is the spool as the relay's inputs see it: it wakes the live lane, and
// knows what to do when there is no more room.
type Intake struct {
	f    *Forwarder
	sink input.Sink
}

// Intake returns the sink for the inputs, before the spool itself.
func (f *Forwarder) Intake(sink input.Sink) *Intake { return &Intake{f, sink} }

const (
	// dropTries is how often one Put makes room before it gives up.
	dropTries = 3
	// dropParts is what of a full spool is dropped at a time.
	dropParts = 64
	dropLeast = 1 << 20
)

// Put stores b. Where the spool is full and the administrator chose so, the oldest
// blocks make room.
func (i *Intake) Put(ctx context.Context, b *event.Batch) (uint64, error) {
	for try := 0; ; try++ {
		seq, err := i.sink.Put(ctx, b)
		if err == nil {
			select {
			case i.f.wake <- struct{}{}:
			default:
			}
			return seq, nil
		}
		full, disk := isFull(err)
		if !full {
			return 0, err
		}
		if i.f.o.Config.WhenFull != WhenFullDropOldest || try == dropTries {
			i.f.pushedBack()
			return 0, err
		}
		if dropErr := i.f.dropOldest(ctx, disk); dropErr != nil {
			i.f.o.Log.Error("relay: the spool is full and the oldest blocks cannot be dropped", "err", dropErr)
			i.f.pushedBack()
			return 0, err
		}
	}
}

// isFull tells whether the spool, or its disk, has no room.
func isFull(err error) (full, disk bool) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Busy {
		return false, false
	}
	return f.Code == "spool.full" || f.Code == "spool.disk-full", f.Code == "spool.disk-full"
}

func (f *Forwarder) pushedBack() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = f.o.Now()
	f.metrics.refused.Inc()
}

// dropOldest makes room. The gap is noted before anything is deleted: a crash
// between makes it too large, never silent.
func (f *Forwarder) dropOldest(ctx context.Context, disk bool) error {
	f.remove(ctx) // what has arrived need not be dropped
	f.mu.Lock()
	defer f.mu.Unlock()
	contents, err := f.o.Store.Contents(ctx)
	if err != nil {
		return err
	}
	most := max(contents.MaxBytes/dropParts, dropLeast)
	if !disk && contents.Bytes < contents.MaxBytes-most/2 {
		return nil // another sender has just made room
	}
	gap := Gap{Reason: WhenFullDropOldest}
	var seqs []uint64
	for from := contents.First; gap.Bytes < most; {
		s, err := f.o.Store.Next(ctx, from)
		if fault.KindOf(err) == fault.NotFound {
			break
		}
		if err != nil {
			return err
		}
		from = s.Origin.Seq + 1
		if f.held[s.Origin.Seq] {
			continue // on its way: it may arrive
		}
		gap.add(s)
		seqs = append(seqs, s.Origin.Seq)
	}
	if len(seqs) == 0 {
		return nil
	}
	if err := f.gaps.note(gap); err != nil {
		return err
	}
	if err := f.o.Store.Remove(ctx, seqs); err != nil {
		return err
	}
	f.metrics.dropped.Add(float64(gap.Events))
	f.o.Log.Warn("relay: the spool is full; the oldest events are dropped", "events", gap.Events, "blocks", gap.Blocks,
		"from", gap.From, "to", gap.To)
	return nil
}

// add counts one block that is lost.
func (g *Gap) add(s bus.Stored) {
	g.Blocks++
	g.Bytes += int64(len(s.Block))
	from, to := s.At, s.At
	if info, err := bus.Inspect(s.Block); err == nil {
		g.Events += info.Records
		from, to = info.Earliest, info.Latest
	}
	if g.From.IsZero() || from.Before(g.From) {
		g.From = from.UTC().Truncate(time.Millisecond)
	}
	if to.After(g.To) {
		g.To = to.UTC().Truncate(time.Millisecond)
	}
}
