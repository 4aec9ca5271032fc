package lake

import (
	"context"
	"errors"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// groupRun counts the rows of segments in groups, as far as memory goes at once,
// and otherwise in several passes over the segments: each counts a part of the
// groups, told by a hash of one field's values, and leaves those that may be in
// the answer. Where it is the values counted by dc that are too many, each pass
// sees a part of these.
type groupRun struct {
	p       *plan
	segs    []*segment
	agg     *query.Aggregate
	keep    func(string) bool // values of the first field that count; called by several goroutines
	maxRows int               // of the answer

	held int64 // of the memory of all searches
}

// maxPasses bounds how often everything is read.
const maxPasses = 32

// errGroupMemory says that the groups are too many to hold.
var errGroupMemory = errors.New("too many groups")

var (
	errGroups       = fault.New(fault.Busy, "the groups of this search need more memory than is free; narrow its time or its query, or group by fewer fields").WithCode("search.memory")
	errCombinations = fault.New(fault.Busy, "some events have too many combinations of values; group by fewer fields, or narrow the query").WithCode("search.memory")
)

// release gives back the memory of what count returned.
func (r *groupRun) release() {
	r.p.l.memory.give(r.held)
	r.held = 0
}

// count returns the groups, or of very many those that can be in the answer. They
// are no longer used when release is called.
func (r *groupRun) count(ctx context.Context) (*grouping, error) {
	workers, err := r.scan(ctx, nil)
	if err == nil {
		var g *grouping
		if g, err = r.join(workers); err == nil {
			return g, nil
		}
	}
	r.release()
	if !errors.Is(err, errGroupMemory) {
		return nil, err
	}
	for parts := r.parts(workers); parts <= maxPasses; parts *= 2 {
		split := r.split(workers)
		g, err := r.passes(ctx, uint32(parts), split)
		if err == nil {
			return g, nil
		}
		r.release()
		if !errors.Is(err, errGroupMemory) {
			return nil, err
		}
	}
	return nil, errGroups
}

// parts guesses from how far a scan came in how many parts its groups fit.
func (r *groupRun) parts(workers []*grouping) int64 {
	var all, done int64
	for _, s := range r.segs {
		all += s.rows
	}
	for _, w := range workers {
		if w != nil {
			done += w.rows
		}
	}
	return max(2, all*3/2/max(done, 1)+1)
}

// split chooses what passes take in parts: the dimension of most values, or the
// values counted by dc, -1.
func (r *groupRun) split(workers []*grouping) int {
	dim, most := -1, 0
	distinct := false
	for _, w := range workers {
		if w == nil {
			continue
		}
		for i := range w.dims {
			if n := w.dims[i].len(); n > most {
				dim, most = i, n
			}
		}
		for i := range w.funcs {
			distinct = distinct || w.funcs[i].f.Kind == query.CountDistinct
		}
	}
	const enough = 32 * maxPasses // values, for the parts to be about as large
	if distinct && most < enough {
		return -1
	}
	return dim
}

func (d *dimension) len() int { return max(d.texts.len(), d.spans.len()) }

func (r *groupRun) passes(ctx context.Context, parts uint32, split int) (*grouping, error) {
	out := newGrouping(r.agg)
	for part := range parts {
		workers, err := r.scan(ctx, func(g *grouping) {
			if split >= 0 {
				g.dims[split].only = partition{part, parts}
				return
			}
			for i := range g.funcs {
				g.funcs[i].only = partition{part, parts}
			}
		})
		if err != nil {
			return nil, err
		}
		g, err := r.join(workers)
		if err != nil {
			return nil, err
		}
		switch {
		case split >= 0:
			out.merge(g, g.survivors(r.maxRows), otherGroups)
		case part == 0:
			out.merge(g, g.every(), otherGroups)
		default:
			out.merge(g, g.every(), otherValues)
		}
		r.release()
		if err := r.take(out.bytes()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// survivors lists the groups that may be in the answer when there are more.
func (g *grouping) survivors(maxRows int) []uint32 {
	var sort []query.SortKey
	for _, s := range g.agg.Steps {
		if s.Sort == nil {
			return g.first(g.every(), sort, s.Limit)
		}
		sort = s.Sort
	}
	return g.first(g.every(), sort, maxRows+1)
}

// scan counts in as many groupings as there are workers; prepare changes a fresh
// one. The groupings are returned in any case.
func (r *groupRun) scan(ctx context.Context, prepare func(*grouping)) ([]*grouping, error) {
	workers := make([]*grouping, r.p.workers())
	held := make([]int64, len(workers))
	empty := newGrouping(r.agg)
	err := r.p.scan(ctx, r.segs, func(worker int, g *groupHits) error {
		w := workers[worker]
		if w == nil {
			w = newGrouping(r.agg)
			if r.keep != nil {
				w.dims[0].keep = r.keep
			}
			if prepare != nil {
				prepare(w)
			}
			workers[worker] = w
		}
		if err := w.add(g); err != nil {
			return err
		}
		more := w.bytes() - held[worker]
		if !w.fits(empty) || r.p.l.memory.take(more) != nil {
			return errGroupMemory
		}
		held[worker] += more
		return nil
	})
	for _, n := range held {
		r.held += n
	}
	return workers, err
}

func (r *groupRun) take(n int64) error {
	if r.p.l.memory.take(n) != nil {
		return errGroupMemory
	}
	r.held += n
	return nil
}

// join merges what workers counted.
func (r *groupRun) join(workers []*grouping) (*grouping, error) {
	var out *grouping
	for _, w := range workers {
		if w == nil {
			continue
		}
		if out == nil {
			out = w
			continue
		}
		if !out.fits(w) {
			return nil, errGroupMemory
		}
		before := out.bytes()
		out.merge(w, w.every(), otherRows)
		if err := r.take(out.bytes() - before); err != nil {
			return nil, err
		}
	}
	if out == nil {
		out = newGrouping(r.agg)
	}
	return out, nil
}
