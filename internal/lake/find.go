package lake

import (
	"context"
	"slices"
	"sync"
)

// find returns the first n hits in order.
//
// Groups are walked from the newest end, as far as files tell before they are
// read. As soon as n hits are known, the n-th bounds what is still looked for:
// groups that end before it are not read at all, and in the others only the rows
// from then on are asked. Segments and groups may overlap in time in any way.
func (p *plan) find(ctx context.Context, n int, ascending bool, after *place) ([]hit, error) {
	return p.findIn(ctx, p.segs, n, ascending, after)
}

func (p *plan) findIn(ctx context.Context, segs []*segment, n int, ascending bool, after *place) ([]hit, error) {
	t := &topHits{n: n, ascending: ascending, after: after, plan: p}
	err := p.walk(ctx, &walk{p: p, ascending: ascending, bar: t.bar}, segs, func(_ int, x *groupScan) error {
		from, to := p.from, p.to
		if bar, ok := t.bar(); ok && ascending {
			to = min(to, bar+1)
		} else if ok {
			from = max(from, bar)
		}
		return x.visit(p, from, to, func(in bitmap) error { return t.add(x, in) })
	})
	if err != nil {
		return nil, err
	}
	t.cut()
	return t.hits, nil
}

// topHits collects the first n hits in order.
type topHits struct {
	n         int
	ascending bool
	after     *place
	plan      *plan

	mu    sync.Mutex
	hits  []hit
	known bool // n hits are, and at is the time of the last
	at    int64
}

// hitBytes is what one hit takes.
const hitBytes = 48

func (t *topHits) order(a, b hit) int {
	if t.ascending {
		return a.compare(b.place)
	}
	return b.compare(a.place)
}

// bar returns the time of the n-th hit so far.
func (t *topHits) bar() (at int64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at, t.known
}

// cut drops what is beyond the n-th hit; t.mu is held, or nobody else is there.
func (t *topHits) cut() {
	slices.SortFunc(t.hits, t.order)
	if len(t.hits) >= t.n {
		t.hits = t.hits[:t.n]
		t.known, t.at = true, t.hits[t.n-1].time
	}
}

// add takes the rows of a group as far as they may be among the first n.
func (t *topHits) add(x *groupScan, in bitmap) error {
	times, err := x.int64Column(colTime, nil)
	if err != nil {
		return err
	}
	x.rowList = in.appendRows(x.rowList[:0])
	rows := x.rowList
	if t.after != nil {
		kept := rows[:0]
		for _, row := range rows {
			if at := times[row]; at == t.after.time || (at > t.after.time) == t.ascending {
				kept = append(kept, row)
			}
		}
		rows = kept
	}
	if len(rows) > t.n+t.n/4+64 {
		rows = t.best(rows, times)
	}
	if len(rows) == 0 {
		return nil
	}
	if x.found, err = x.r.ids(x.group, rows, x.found); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if free := cap(t.hits) - len(t.hits); free < len(rows) {
		more := max(len(rows)-free, cap(t.hits)/2, 256)
		if err := t.plan.hold(int64(more) * hitBytes); err != nil {
			return err
		}
		grown := make([]hit, len(t.hits), cap(t.hits)+more)
		copy(grown, t.hits)
		t.hits = grown
	}
	first := x.open.first[x.group]
	for i, row := range rows {
		h := hit{place: place{times[row], x.found[i]}, seg: x.seg, row: first + int64(row)}
		if t.after != nil {
			if c := h.compare(*t.after); c == 0 || (c > 0) != t.ascending {
				continue
			}
		}
		t.hits = append(t.hits, h)
	}
	if len(t.hits) >= t.n && (!t.known || len(t.hits) >= 2*t.n+256) {
		t.cut()
	}
	return nil
}

// best returns the rows that may be among the first n of their group.
func (t *topHits) best(rows []uint32, times []int64) []uint32 {
	var past []int64 // of rows that are certainly after the last page
	for _, row := range rows {
		if at := times[row]; t.after == nil || at != t.after.time {
			past = append(past, pick(t.ascending, at, -at))
		}
	}
	if len(past) <= t.n {
		return rows
	}
	last := nthSmallest(past, t.n-1)
	kept := rows[:0]
	for _, row := range rows {
		if pick(t.ascending, times[row], -times[row]) <= last {
			kept = append(kept, row)
		}
	}
	return kept
}

// nthSmallest returns what would be at place n of v if it were sorted, which it
// reorders (Hoare's selection).
func nthSmallest(v []int64, n int) int64 {
	for len(v) > 1 {
		a, b, c := v[0], v[len(v)/2], v[len(v)-1]
		pivot := max(min(a, b), min(max(a, b), c))
		low, high := 0, len(v)-1
		for low <= high {
			for v[low] < pivot {
				low++
			}
			for v[high] > pivot {
				high--
			}
			if low <= high {
				v[low], v[high] = v[high], v[low]
				low, high = low+1, high-1
			}
		}
		switch {
		case n <= high:
			v = v[:high+1]
		case n >= low:
			v, n = v[low:], n-low
		default:
			return pivot
		}
	}
	return v[0]
}
