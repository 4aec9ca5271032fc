package lake

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Aggregate answers a pipeline that ends in a table, as query.Pipeline.Evaluate
// would from the events in scope with From <= time < To, at most
// query.MaxTableRows rows. Of Search it heeds the range of time only: the query
// is the pipeline's. Errors: fault.Invalid for a pipeline without an aggregate,
// fault.Busy for one that takes too long or too much memory.
func (l *Lake) Aggregate(ctx context.Context, sc Scope, pl *query.Pipeline, from, to time.Time) (*query.Table, Stats, error) {
	return l.aggregate(ctx, sc, pl, from, to, query.MaxTableRows)
}

func (l *Lake) aggregate(ctx context.Context, sc Scope, pl *query.Pipeline, from, to time.Time, maxRows int) (t *query.Table, stats Stats, err error) {
	if pl.Aggregate == nil {
		return nil, stats, fault.New(fault.Invalid, "the query asks for events, not for a table")
	}
	ctx, done := l.begin(ctx, "aggregate", &stats, &err)
	defer done()
	p := l.newPlan(sc, Search{Query: pl.Query, From: from, To: to})
	defer p.close()
	run := groupRun{p: p, segs: p.segs, agg: pl.Aggregate, maxRows: maxRows}
	defer run.release()
	g, err := run.count(ctx)
	if err != nil {
		return nil, stats, err
	}
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return g.table(maxRows), stats, nil
}

// table makes the rows of the answer: of the groups only those that its steps
// leave.
func (g *grouping) table(maxRows int) *query.Table {
	t := &query.Table{Columns: g.agg.Columns()}
	groups := g.every()
	// Sorting leaves no two groups equal, so of several sorts in a row only the
	// last one counts.
	var sort []query.SortKey
	for _, s := range g.agg.Steps {
		if s.Sort != nil {
			sort = s.Sort
		} else {
			groups = g.first(groups, sort, s.Limit)
		}
	}
	t.Truncated = len(groups) > maxRows
	for _, group := range g.first(groups, sort, maxRows) {
		t.Rows = append(t.Rows, g.row(group))
	}
	return t
}

// first returns the first n of the groups in order. It never sorts many more.
func (g *grouping) first(groups []uint32, sort []query.SortKey, n int) []uint32 {
	order := g.order(sort)
	chosen := make([]uint32, 0, min(2*n, len(groups)))
	full := false // the n-th chosen is a bound
	for _, group := range groups {
		if full && order(group, chosen[n-1]) > 0 {
			continue
		}
		chosen = append(chosen, group)
		if len(chosen) == 2*n {
			slices.SortFunc(chosen, order)
			chosen, full = chosen[:n], true
		}
	}
	slices.SortFunc(chosen, order)
	return chosen[:min(n, len(chosen))]
}

// order compares groups as query.Pipeline.Evaluate sorts rows.
func (g *grouping) order(sort []query.SortKey) func(a, b uint32) int {
	var by []func(a, b uint32) int
	for _, k := range sort {
		if k.Column >= len(g.dims) {
			by = append(by, g.funcs[k.Column-len(g.dims)].compare(k.Descending))
			continue
		}
		compare := g.compareKey(k.Column)
		if k.Descending {
			by = append(by, func(a, b uint32) int { return compare(b, a) })
		} else {
			by = append(by, compare)
		}
	}
	for i := range g.dims {
		by = append(by, g.compareKey(i))
	}
	return func(a, b uint32) int {
		for _, compare := range by {
			if c := compare(a, b); c != 0 {
				return c
			}
		}
		return 0
	}
}

// compareKey compares groups by one dimension.
func (g *grouping) compareKey(dim int) func(a, b uint32) int {
	value := func(group uint32) uint32 {
		for i := len(g.dims) - 1; i > dim; i-- {
			group = uint32(g.dims[i].pairs.keys[group] >> 32)
		}
		if dim > 0 {
			return uint32(g.dims[dim].pairs.keys[group])
		}
		return group
	}
	d := &g.dims[dim]
	return func(a, b uint32) int {
		if a, b = value(a), value(b); a == b {
			return 0
		}
		return d.compare(a, b)
	}
}

func (d *dimension) compare(a, b uint32) int {
	if d.cells == nil {
		return cmp.Compare(int64(d.spans.keys[a]), int64(d.spans.keys[b]))
	}
	return strings.Compare(bytesAsString(d.texts.get(a)), bytesAsString(d.texts.get(b)))
}

func (g *grouping) row(group uint32) []query.Cell {
	row := make([]query.Cell, 0, len(g.dims)+len(g.funcs))
	for i, v := range g.key(group, nil) {
		if d := &g.dims[i]; d.cells == nil {
			row = append(row, query.Cell{Time: time.UnixMicro(int64(d.spans.keys[v])).UTC()})
		} else {
			row = append(row, query.Cell{Text: string(d.texts.get(v))})
		}
	}
	for i := range g.funcs {
		row = append(row, g.funcs[i].result(int(group)))
	}
	return row
}
