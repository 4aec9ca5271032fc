package lake

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// pacer gives searches and merges their share of the machine. Their unit of work
// is one row group, a few milliseconds.
//
// At most config.Threads groups are in work at a time, over all searches; who
// waits longest comes next, so that a search over years does not hold up one over
// an hour. Ingest goes before both: while it is behind, searches have one thread
// between them, and every group is followed by a pause that leaves them, and
// merges as well, the less of the time the further ingest is behind, but never
// less than a least share, so that they end.
type pacer struct {
	pressure func() float64 // 0: ingest keeps up, 1: it is behind
	searches chan struct{}  // one for each search that may run
	mu       sync.Mutex
	free     int             // threads
	waiting  []chan struct{} // the longest waiting first
	single   chan struct{}   // holds the search's group in work while ingest is behind
}

// What is left of the time of one thread to all searches, and to merges, when
// ingest is as far behind as can be. Merges that stood still would leave ever more
// small files, which slows down searches long after.
const (
	leastShare      = 0.1
	leastMergeShare = 0.25
)

func newPacer(c Config, pressure func() float64) *pacer {
	if pressure == nil {
		pressure = func() float64 { return 0 }
	}
	return &pacer{pressure: pressure, searches: make(chan struct{}, c.Searches), single: make(chan struct{}, 1), free: c.Threads}
}

// search waits for its turn; leave with what it returns.
func (p *pacer) search(ctx context.Context) (leave func(), err error) {
	select {
	case p.searches <- struct{}{}:
		return func() { <-p.searches }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// group does one group's work of a search. Work that takes long calls breathe with
// the same since every now and then.
func (p *pacer) group(ctx context.Context, since *time.Time, work func() error) error {
	if err := p.enter(ctx); err != nil {
		return err
	}
	defer p.leave()
	*since = time.Now()
	if p.pressure() <= 0 {
		return work()
	}
	select {
	case p.single <- struct{}{}:
		defer func() { <-p.single }()
	case <-ctx.Done():
		return ctx.Err()
	}
	*since = time.Now()
	if err := work(); err != nil {
		return err
	}
	return p.breathe(ctx, since)
}

// breathe pauses within a group, and tells when the search must end.
func (p *pacer) breathe(ctx context.Context, since *time.Time) error {
	err := p.pause(ctx, time.Since(*since), leastShare)
	*since = time.Now()
	return err
}

// pause waits after work that took so long, so that it has no more than its share
// of the time: all of it without pressure, least with all there is.
func (p *pacer) pause(ctx context.Context, took time.Duration, least float64) error {
	pressure := min(p.pressure(), 1)
	if pressure <= 0 {
		return ctx.Err()
	}
	share := 1 - pressure*(1-least)
	timer := time.NewTimer(time.Duration(float64(took) * (1/share - 1)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pacer) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	if p.free > 0 {
		p.free--
		p.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, w := range p.waiting {
		if w == turn {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return ctx.Err()
		}
	}
	p.pass() // the turn came just now
	return ctx.Err()
}

func (p *pacer) leave() {
	p.mu.Lock()
	p.pass()
	p.mu.Unlock()
}

// pass hands a thread on; p.mu is held.
func (p *pacer) pass() {
	if len(p.waiting) == 0 {
		p.free++
		return
	}
	close(p.waiting[0])
	p.waiting = append(p.waiting[:0], p.waiting[1:]...)
}

// budget is the memory that all searches together may hold beside what a group
// in work takes.
type budget struct {
	max  int64
	used atomic.Int64
}

// take reserves n bytes; fault.Busy if there are not so many.
func (b *budget) take(n int64) error {
	if b.used.Add(n) > b.max {
		b.used.Add(-n)
		return fault.New(fault.Busy, "the search needs more memory than is free; narrow it or try later").WithCode("search.memory")
	}
	return nil
}

func (b *budget) give(n int64) { b.used.Add(-n) }
