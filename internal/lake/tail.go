package lake

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/query"
)

// A tail follows events in the order in which they became searchable, which is
// neither that of their times nor that of their arrival: a relay may deliver an
// hour at once. The one order that never changes is that of the commits, and the
// evidence chain numbers them; so a place in the tail is the number of the last
// commit seen, and stays good when the process starts again.
//
// A commit can be followed as long as its own segments are there. Compaction
// replaces them within about a minute, so while somebody follows, segments are
// held a while after that, like by any reader; who was away longer is told that
// there is a gap. The obvious other way, to remember IDs or arrival times, has
// doubles or gaps whenever something comes late.
//
// Rebuilt segments and those rewritten by retention hold no new events and are
// not in the tail.

const (
	tailHold    = 3 * time.Minute // for whom was away
	tailHeld    = 512             // segments, at most
	tailEntries = 4096
)

// arrivals are the segments of the newest commits, under Lake.mu.
type arrivals struct {
	list   []arrival // by seq
	since  int64     // every commit after this one is in list
	last   int64     // the newest number there is
	wanted time.Time // when somebody last followed
	more   chan struct{}
}

type arrival struct {
	seq  int64
	seg  *segment
	held bool
}

// Tail is what became searchable after a place.
type Tail struct {
	Rows []*Row // the newest, oldest first
	// Skipped is how many more there were.
	Skipped int64
	// Next is the place after all of it.
	Next int64
	// Gap: the place is too far back or none of this lake; nothing was looked at.
	Gap      bool
	Warnings []string
}

// TailEnd returns the place after everything that is searchable now.
func (l *Lake) TailEnd() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.follow()
	return l.arrivals.last
}

// TailWait returns when there is something after a place, or ctx ends.
func (l *Lake) TailWait(ctx context.Context, after int64) error {
	for {
		l.mu.Lock()
		last, more := l.arrivals.last, l.arrivals.more
		l.mu.Unlock()
		if last != after {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more:
		}
	}
}

// Tail returns the events that match q and became searchable after a place: the
// newest by time, at most limit of them. Errors: fault.Busy.
func (l *Lake) Tail(ctx context.Context, sc Scope, q *query.Query, after int64, limit int) (t Tail, err error) {
	var stats Stats
	ctx, done := l.begin(ctx, "tail", &stats, &err)
	defer done()
	p := l.newPlanOf(sc, Search{Query: q}, func(*plan) []*segment {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.follow()
		a := &l.arrivals
		t.Next, t.Gap = a.last, after < a.since || after > a.last
		var out []*segment
		for _, e := range a.list {
			if !t.Gap && e.seq > after && sc.seesAny(e.seg.units) {
				e.seg.refs++
				out = append(out, e.seg)
			}
		}
		return out
	})
	defer p.close()
	hits, err := p.find(ctx, limit, false, nil)
	if err != nil {
		return t, err
	}
	if len(hits) == limit {
		n, err := p.total(ctx)
		if err != nil {
			return t, err
		}
		t.Skipped = max(n-int64(limit), 0)
	}
	slices.Reverse(hits)
	rows, err := p.fetch(ctx, hits)
	t.Rows = slices.DeleteFunc(rows, func(r *Row) bool { return r == nil })
	t.Warnings = p.warnings
	return t, err
}

// follow notes that somebody follows, and holds what can still be held.
func (l *Lake) follow() {
	a, now := &l.arrivals, l.now()
	if now.Sub(a.wanted) >= tailHold {
		for i := max(0, len(a.list)-tailHeld); i < len(a.list); i++ {
			a.hold(i)
		}
	}
	a.wanted = now
}

func (a *arrivals) hold(i int) {
	if !a.list[i].held {
		a.list[i].held = true
		a.list[i].seg.refs++
	}
}

// arrive puts the segments of a change into the tail and takes those out that can
// be followed no longer; it returns those whose files go. l.mu is held.
func (l *Lake) arrive(added []*segment) (gone []*segment) {
	a, now := &l.arrivals, l.now()
	followed := now.Sub(a.wanted) < tailHold
	grown := false
	for _, s := range added {
		if s.arrived {
			a.list = append(a.list, arrival{seq: s.chainSeq, seg: s})
			grown = true
			if followed {
				a.hold(len(a.list) - 1)
			}
		}
		a.last = max(a.last, s.chainSeq)
	}
	if grown {
		// A commit whose outcome was unknown may be found after later ones.
		slices.SortStableFunc(a.list, func(x, y arrival) int { return cmp.Compare(x.seq, y.seq) })
		close(a.more)
		a.more = make(chan struct{})
	}
	old := now.Add(-tailHold).UnixMicro()
	kept := a.list[:0]
	for i, e := range a.list {
		left := len(a.list) - i
		if e.held && (!followed || e.seg.createdAt < old || left > tailHeld) {
			e.held = false
			if e.seg.refs--; e.seg.refs == 0 && e.seg.dead {
				gone = append(gone, e.seg)
			}
		}
		if !e.held && e.seg.dead || left > tailEntries {
			a.since = max(a.since, e.seq)
			continue
		}
		kept = append(kept, e)
	}
	clear(a.list[len(kept):])
	a.list = kept
	return gone
}

// loadArrivals finds the commits that can be followed after a start: those whose
// segments are as they were committed.
func (l *Lake) loadArrivals(ctx context.Context) error {
	a := &l.arrivals
	a.more = make(chan struct{})
	var seqs []int64
	for _, s := range l.segments {
		a.last = max(a.last, s.chainSeq)
		if s.level == levelFlush && s.chainSeq > 0 {
			seqs = append(seqs, s.chainSeq)
		}
	}
	commits := map[int64]bool{}
	for part := range slices.Chunk(seqs, 500) {
		var rows []chainRow
		if err := l.db.NewSelect().Model(&rows).Where("seq IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return fmt.Errorf("lake: the newest commits: %w", err)
		}
		for _, r := range rows {
			var e ChainEntry
			if json.Unmarshal([]byte(r.Entry), &e) == nil && e.Kind == chainCommit {
				commits[r.Seq] = true
			}
		}
	}
	for _, s := range l.segments {
		if s.level == levelFlush && commits[s.chainSeq] {
			s.arrived = true
			a.list = append(a.list, arrival{seq: s.chainSeq, seg: s})
		} else {
			a.since = max(a.since, s.chainSeq)
		}
	}
	slices.SortFunc(a.list, func(x, y arrival) int { return cmp.Compare(x.seq, y.seq) })
	// What was committed before something was merged is not followed, even if its
	// own segment is left.
	a.list = slices.DeleteFunc(a.list, func(e arrival) bool { return e.seq <= a.since })
	return nil
}
