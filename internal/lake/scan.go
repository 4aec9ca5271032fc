package lake

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
)

// groupHits is what a scan found in one row group. It is valid during the visit
// only.
type groupHits struct {
	seg   *segment
	r     *segmentReader
	group int
	rows  []uint32 // that match, ascending; never empty
	first int64    // the number in the file of the group's first row
	x     *groupScan
}

// whole reports whether every row of the group matches.
func (g *groupHits) whole() bool { return len(g.rows) == g.x.rows }

// workers is how many goroutines a scan uses, and so the bound of the first
// argument of its visits.
func (p *plan) workers() int { return p.l.config.Threads }

// scan visits every row group of segs that holds matching rows: those in the
// scope, in the range of time, of the query. Groups are visited concurrently,
// those of one worker one after the other, the newest first as far as that goes.
// visit must not keep g, and should read all it needs of it before it changes
// anything: what cannot be read is found to be a broken segment, which is named
// in the plan's warnings and skipped while the rest goes on. Other errors end
// the scan.
func (p *plan) scan(ctx context.Context, segs []*segment, visit func(worker int, g *groupHits) error) error {
	return p.walk(ctx, &walk{p: p}, segs, func(worker int, x *groupScan) error {
		return x.visit(p, p.from, p.to, func(in bitmap) error {
			x.rowList = in.appendRows(x.rowList[:0])
			return visit(worker, &groupHits{seg: x.seg, r: x.r, group: x.group, rows: x.rowList, first: x.open.first[x.group], x: x})
		})
	})
}

// visit calls found with the matching rows with from <= time < to, if there are
// any.
func (x *groupScan) visit(p *plan, from, to int64, found func(bitmap) error) error {
	low, high, _ := x.timeRange(colTime)
	if high < from || low >= to || x.rows == 0 {
		return nil
	}
	root := everyRow
	if p.where != nil {
		if root = x.verdict(p.where); root == noRow {
			return nil
		}
	}
	in, out := x.take(), x.take()
	defer func() { x.give(in); x.give(out) }()
	in.setRange(0, x.rows)
	next := func() bool {
		in, out = out, in
		clear(out)
		return in.any()
	}
	if !p.scope.all {
		every, err := x.units(p.scope, in, out)
		if err != nil || !every && !next() {
			return err
		}
	}
	if low < from || high >= to {
		if err := x.timeBetween(colTime, from, to-1, in, out); err != nil || !next() {
			return err
		}
	}
	if root != everyRow {
		if err := x.eval(p.where, in, out); err != nil || !next() {
			return err
		}
	}
	return found(in)
}

// units adds the rows of units in scope; every tells that it need not, since all
// are.
func (x *groupScan) units(sc Scope, in, out bitmap) (every bool, err error) {
	s := &x.open.meta.RowGroups[x.group].Columns[colUnit].MetaData.Statistics
	if low, high := string(s.MinValue), string(s.MaxValue); low != "" && high != "" {
		if low == high && sc.sees(low) {
			return true, nil
		}
		if !sc.seesBetween(low, high) {
			return false, nil
		}
	}
	return false, x.texts(colUnit, &matcher{kind: matchUnit, scope: sc}, false, false, in, out)
}

// walk is a way through the row groups of segments, the newest first or the
// oldest. Groups come in order as far as the files opened so far tell; bar is
// for stopping.
type walk struct {
	p         *plan
	ascending bool
	// bar returns the time beyond which no more rows are wanted; nil: all are.
	bar func() (at int64, ok bool)
	// groups chooses those of a segment; nil: all.
	groups func(o *openSegment) ([]int, error)

	mu      sync.Mutex
	ready   sync.Cond
	steps   []step
	opening int // workers that will add steps
	skipped map[*segment]bool
	err     error
}

// step is a segment to open, or one of its groups to visit.
type step struct {
	seg   *segment
	open  *openSegment // nil: the segment is still to be opened
	group int
	at    int64 // the time of the newest row, or the oldest
}

func (w *walk) Len() int { return len(w.steps) }
func (w *walk) Less(i, j int) bool {
	if w.ascending {
		return w.steps[i].at < w.steps[j].at
	}
	return w.steps[i].at > w.steps[j].at
}
func (w *walk) Swap(i, j int) { w.steps[i], w.steps[j] = w.steps[j], w.steps[i] }
func (w *walk) Push(s any)    { w.steps = append(w.steps, s.(step)) }
func (w *walk) Pop() any {
	s := w.steps[len(w.steps)-1]
	w.steps = w.steps[:len(w.steps)-1]
	return s
}

// next waits for a step; ok is false when there is none left.
func (w *walk) next() (s step, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for w.err == nil && len(w.steps) > 0 {
			s := heap.Pop(w).(step)
			if w.bar != nil {
				if bar, ok := w.bar(); ok && (w.ascending && s.at > bar || !w.ascending && s.at < bar) {
					w.steps = append(w.steps, s) // for letting go of its file
					if w.opening == 0 {
						return step{}, false
					}
					break
				}
			}
			if w.skipped[s.seg] {
				w.drop(s)
				continue
			}
			if s.open == nil {
				w.opening++
			}
			return s, true
		}
		if w.opening == 0 || w.err != nil {
			return step{}, false
		}
		w.ready.Wait()
	}
}

// drop lets go of a step's file.
func (w *walk) drop(s step) {
	if s.open != nil {
		if err := w.p.l.opened.put(s.open); err != nil && w.err == nil {
			w.err = err
		}
	}
}

// walk visits the groups of segs; those that break on the way are skipped.
func (p *plan) walk(ctx context.Context, w *walk, segs []*segment, visit func(worker int, x *groupScan) error) error {
	leave, err := p.l.pace.search(ctx)
	if err != nil {
		return searchFault(ctx, err)
	}
	defer leave()
	w.ready.L = &w.mu
	w.skipped = map[*segment]bool{}
	for _, s := range p.usable(segs) {
		heap.Push(w, step{seg: s, at: pick(w.ascending, s.minTime, s.maxTime)})
	}
	var all sync.WaitGroup
	for worker := range min(p.workers(), max(len(w.steps), 1)*4) {
		all.Go(func() {
			x := p.l.scans.Get().(*groupScan)
			defer func() {
				x.stopped = nil
				p.l.scans.Put(x)
			}()
			x.stopped = func() error { return p.l.pace.breathe(ctx, &x.since) }
			for s, ok := w.next(); ok; s, ok = w.next() {
				err := p.l.pace.group(ctx, &x.since, func() error { return w.do(s, worker, x, visit) })
				w.done(ctx, s, err)
			}
		})
	}
	all.Wait()
	for _, s := range w.steps {
		w.drop(s)
	}
	return searchFault(ctx, w.err)
}

// do takes one step.
func (w *walk) do(s step, worker int, x *groupScan, visit func(worker int, x *groupScan) error) error {
	if s.open != nil {
		x.enter(s.open, s.group)
		return visit(worker, x)
	}
	o, err := w.p.l.opened.get(s.seg)
	if err != nil {
		return err
	}
	w.p.reading(s.seg)
	l := w.p.l.opened
	var groups []int
	if w.groups == nil {
		for group := range o.first {
			groups = append(groups, group)
		}
	} else if groups, err = w.groups(o); err != nil {
		return errors.Join(err, l.put(o))
	}
	l.hold(o, len(groups))
	w.mu.Lock()
	for _, group := range groups {
		low, high, _ := timeRange(o, group, colTime)
		at := min(high, s.seg.maxTime)
		if w.ascending {
			at = max(low, s.seg.minTime)
		}
		heap.Push(w, step{seg: s.seg, open: o, group: group, at: at})
	}
	w.mu.Unlock()
	return l.put(o)
}

// done ends a step: it lets others go on, and finds out whether an error means
// that the segment is broken.
func (w *walk) done(ctx context.Context, s step, err error) {
	if err != nil && ctx.Err() == nil && isReading(err) {
		found, checkErr := w.p.findBroken(ctx, s.seg)
		switch {
		case checkErr != nil:
			err = checkErr
		case found:
			err = nil
			w.mu.Lock()
			w.skipped[s.seg] = true
			w.mu.Unlock()
		default:
			err = fmt.Errorf("segment %s: %w", s.seg.id, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.open == nil {
		w.opening--
	} else {
		if w.p.passed != nil {
			w.p.passed(s.open.meta.RowGroups[s.group].NumRows)
		}
		w.drop(s)
	}
	if err != nil && w.err == nil {
		w.err = err
	}
	w.ready.Broadcast()
}

// isReading reports whether an error came about by reading a file, which then may
// be broken.
func isReading(err error) bool {
	var path *fs.PathError
	return errors.Is(err, errSegment) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &path)
}
