package input

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	firstWait = 20 * time.Millisecond
	longWait  = 2 * time.Second
)

// PutAll stores b, waiting and trying again as long as the sink is full or fails,
// until ctx ends: for inputs that push back by not reading on. Its error is ctx's,
// or the sink's if b can never be stored (fault.Invalid).
//
// A try whose outcome is unknown is repeated too, with the same batch identity:
// a record twice is better than a record lost.
func PutAll(ctx context.Context, out Sink, b *event.Batch, m *Meter) error {
	_, err := PutAllAt(ctx, out, b, m)
	return err
}

// PutAllAt is PutAll that tells the number of the block, too.
func PutAllAt(ctx context.Context, out Sink, b *event.Batch, m *Meter) (seq uint64, err error) {
	wait := firstWait
	for {
		seq, err = out.Put(ctx, b)
		if err == nil {
			m.Stored(b)
			return seq, nil
		}
		if fault.KindOf(err) == fault.Invalid {
			return 0, err
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		m.Busy.Inc()
		if !sleep(ctx, jitter(wait)) {
			return 0, ctx.Err()
		}
		wait = min(2*wait, longWait)
	}
}

// Stored counts a batch that is on disk.
func (m *Meter) Stored(b *event.Batch) {
	m.Batches.Inc()
	m.Records.Add(float64(len(b.Records)))
	m.Bytes.Add(float64(b.Bytes()))
}

// jitter spreads d to between half and all of it, so that those who were turned
// away together do not come back together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// sleep says false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
