package bus

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/lachan-vn/lachan/internal/fault"
)

// trimEvery is how often RunTrim looks; a full spool trims at once.
const trimEvery = 5 * time.Second

// State is a snapshot of the spool.
type State struct {
	First, Last uint64 // sequence numbers kept; First > Last if none
	AckFloor    uint64 // everything up to here is acknowledged
	Pending     uint64 // blocks not acknowledged
	Bytes       int64
	MaxBytes    int64

	firstAt time.Time // when First was stored
}

// State asks the server.
func (b *Bus) State(ctx context.Context) (State, error) { return b.state(ctx, b.link.Load()) }

func (b *Bus) state(ctx context.Context, l *link) (State, error) {
	si, err := l.stream.Info(ctx)
	if err != nil {
		return State{}, fault.New(fault.Busy, "spool: state: %w", err)
	}
	ci, err := l.consumer.Info(ctx)
	if err != nil {
		return State{}, fault.New(fault.Busy, "spool: state: %w", err)
	}
	s := State{
		First: si.State.FirstSeq, Last: si.State.LastSeq,
		AckFloor: ci.AckFloor.Stream, Pending: ci.NumPending + uint64(ci.NumAckPending),
		Bytes: int64(si.State.Bytes), MaxBytes: int64(b.config.MaxBytes),
		firstAt: si.State.FirstTime,
	}
	// The server counts a consumer's pending blocks a moment after it has stored
	// one; that moment must not look like an empty spool.
	if floor := max(s.AckFloor, s.First-min(s.First, 1)); s.Pending == 0 && s.Last > floor {
		s.Pending = s.Last - floor
	}
	b.ledger.advance(s.AckFloor)
	b.metrics.pending.Set(float64(s.Pending))
	b.metrics.bytes.Set(float64(s.Bytes))
	return s, nil
}

// RunTrim deletes acknowledged blocks that are older than keep, over keepBytes,
// or in the way of half an empty spool, until ctx ends.
func (b *Bus) RunTrim(ctx context.Context) error {
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	missed := false
	for {
		b.trim(ctx, b.link.Load(), false)
		var err error
		if missed, err = b.reconcile(ctx, missed); err != nil && ctx.Err() == nil {
			b.log.Warn("spool: cannot compare what is on its way", "err", err)
		}
		if b.config.NATS.URL == "" {
			if free, _, err := diskSpace(b.dir); err == nil {
				b.metrics.free.Set(float64(free))
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// trim deletes what may go, all that is acknowledged if full, and says whether
// that made room.
func (b *Bus) trim(ctx context.Context, l *link, full bool) bool {
	b.trimming.Lock()
	defer b.trimming.Unlock()
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	s, err := b.state(ctx, l)
	if err != nil {
		b.log.Warn("spool: cannot trim", "err", err)
		return false
	}
	// A spool that never held anything begins at 0, which no block has.
	if s.Last == 0 || s.Last < s.First || s.AckFloor < s.First {
		return false // nothing acknowledged is kept
	}
	below := s.AckFloor + 1
	if !full {
		if below, err = b.trimPoint(ctx, l, s); err != nil {
			b.log.Warn("spool: cannot trim", "err", err)
			return false
		}
	}
	if below <= s.First {
		return false
	}
	if err := l.stream.Purge(ctx, jetstream.WithPurgeSequence(below)); err != nil {
		b.log.Warn("spool: cannot trim", "err", err)
		return false
	}
	b.metrics.trimmed.Add(float64(below - s.First))
	return true
}

// trimPoint returns the first sequence to keep: at most AckFloor+1.
func (b *Bus) trimPoint(ctx context.Context, l *link, s State) (uint64, error) {
	acked := s.AckFloor - s.First + 1
	// Sizes of single blocks are not to be had; their mean is exact enough for a
	// limit that is itself a round number.
	mean := max(s.Bytes/int64(s.Last-s.First+1), 1)
	excess := max(
		int64(acked)*mean-int64(b.config.KeepBytes),
		s.Bytes-s.MaxBytes/2,
	)
	drop := min(uint64(max(excess, 0)+mean-1)/uint64(mean), acked)

	oldest := time.Now().Add(-b.config.Keep)
	if s.firstAt.After(oldest) {
		return s.First + drop, nil
	}
	var err error
	byAge := sort.Search(int(acked), func(i int) bool {
		if err != nil {
			return true
		}
		m, e := l.stream.GetMsg(ctx, s.First+uint64(i))
		if errors.Is(e, jetstream.ErrMsgNotFound) {
			return false
		}
		if e != nil {
			err = fmt.Errorf("age of block %d: %w", s.First+uint64(i), e)
			return true
		}
		return m.Time.After(oldest)
	})
	return s.First + max(drop, uint64(byAge)), err
}
