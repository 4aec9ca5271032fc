package lake

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
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
	g := newGrouping(p, pl.Aggregate, maxRows)
	t = &query.Table{Columns: pl.Aggregate.Columns()}
	var rows [][]query.Cell
	err = p.run(ctx, p.segs, g.columns, nil, g.around,
		func() { rows = rows[:0] },
		func(r *sql.Rows) error {
			row, err := scanCells(r, t.Columns)
			rows = append(rows, row)
			return err
		})
	if err != nil {
		return nil, stats, err
	}
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	if len(rows) == 0 && pl.Aggregate.Keys() == 0 { // no segment was asked
		return pl.Evaluate(noEvents, maxRows), stats, nil
	}
	t.Truncated = len(rows) > maxRows
	t.Rows = rows[:min(len(rows), maxRows)]
	return t, stats, nil
}

func noEvents(func(*event.Event, []string) bool) {}

// grouping writes the SQL of an aggregate.
//
// Each segment shape gives one row an event: t its span of time, k0… its values
// of the fields grouped by, a0… what the functions need of it. Where in every
// shape a row has at most one value of a field, its column is that value;
// otherwise it is the list of them, which is unnested for the groups and folded
// at once for the functions.
type grouping struct {
	agg       *query.Aggregate
	maxRows   int
	prefix    string // folded, of the first field's values; "": any
	listBy    []bool // of agg.By
	listFuncs []bool // of agg.Funcs
}

func newGrouping(p *plan, a *query.Aggregate, maxRows int) *grouping {
	g := &grouping{agg: a, maxRows: maxRows, listBy: make([]bool, len(a.By)), listFuncs: make([]bool, len(a.Funcs))}
	names := make([]string, 0, len(a.By)+len(a.Funcs))
	for _, f := range a.By {
		names = append(names, f.Name)
	}
	for _, f := range a.Funcs {
		names = append(names, f.Field)
	}
	for _, n := range names {
		if _, field := query.Resolve(n); field != "" {
			p.fields = append(p.fields, query.Fold(columnName(field)))
		}
	}
	shapes := map[string]bool{}
	for _, s := range p.segs {
		sh, key := shapeOf(s, p.fields)
		if shapes[key] {
			continue
		}
		shapes[key] = true
		for i, f := range a.By {
			g.listBy[i] = g.listBy[i] || !sh.single(f.Name)
		}
		for i, f := range a.Funcs {
			g.listFuncs[i] = g.listFuncs[i] || f.Field != "" && !f.OverTime() && !sh.single(f.Field)
		}
	}
	return g
}

// columns writes the columns of one shape.
func (g *grouping) columns(w *where) {
	w.sql("1")
	if g.agg.Span > 0 {
		us := strconv.FormatInt(g.agg.Span.Microseconds(), 10)
		_, offset := time.Time{}.In(query.Zone).Zone()
		shift := strconv.FormatInt(int64(offset)*1e6, 10)
		w.sql(", epoch_us(_time) - ((epoch_us(_time) + ", shift, ") % ", us, " + ", us, ") % ", us, " AS t")
	}
	for i, f := range g.agg.By {
		x := pick(g.listBy[i], "list_distinct("+w.listSQL(f.Name)+")", w.singleSQL(f.Name))
		w.sql(", ", x, " AS k", strconv.Itoa(i))
	}
	for i, f := range g.agg.Funcs {
		n := strconv.Itoa(i)
		switch {
		case f.Field == "" || f.OverTime() && f.Kind == query.CountEvents:
		case f.OverTime():
			core, _ := query.Resolve(f.Field)
			w.sql(", epoch_us(", pick(core == query.Received, "_received", "_time"), ") AS a", n)
		case f.Kind == query.CountEvents:
			w.sql(", coalesce(")
			w.term(query.Term{Op: query.Exists, Field: f.Field})
			w.sql(", false) AS a", n)
		case f.Kind == query.CountDistinct:
			w.sql(", ", pick(g.listFuncs[i], w.listSQL(f.Field), w.singleSQL(f.Field)), " AS a", n)
		case !g.listFuncs[i]:
			w.sql(", ", numberSQL(w.singleSQL(f.Field)), " AS a", n)
		default:
			numbers := "list_transform(" + w.listSQL(f.Field) + ", lambda _n: " + numberSQL("_n") + ")"
			switch f.Kind {
			case query.Min:
				w.sql(", list_min(", numbers, ") AS a", n)
			case query.Max:
				w.sql(", list_max(", numbers, ") AS a", n)
			default:
				w.sql(", list_sum(", numbers, ") AS a", n, ", list_count(", numbers, ") AS b", n)
			}
		}
	}
}

// around groups, sorts and cuts.
func (g *grouping) around(from string) string {
	var by, names []string
	if g.agg.Span > 0 {
		by = append(by, "t")
	}
	var present []string
	for i := range g.agg.By {
		k := "k" + strconv.Itoa(i)
		by = append(by, k)
		if g.listBy[i] {
			from = "SELECT * REPLACE (unnest(" + k + ") AS " + k + ") FROM (" + from + ")"
		} else {
			present = append(present, k+" IS NOT NULL")
		}
	}
	if g.prefix != "" {
		present = append(present, "starts_with(lower(k0), "+sqlQuote(g.prefix)+")")
	}
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, k := range by {
		fmt.Fprintf(&b, "%s AS c%d, ", k, i)
		names = append(names, fmt.Sprintf("c%d", i))
	}
	for i, f := range g.agg.Funcs {
		if i > 0 {
			b.WriteString(", ")
		}
		name := fmt.Sprintf("c%d", len(by)+i)
		names = append(names, name)
		b.WriteString(g.function(i, f) + " AS " + name)
	}
	b.WriteString(" FROM (" + from + ")")
	if len(present) > 0 {
		b.WriteString(" WHERE " + strings.Join(present, " AND "))
	}
	if len(by) > 0 {
		b.WriteString(" GROUP BY " + strings.Join(by, ", "))
	}
	text, order := b.String(), ""
	for _, s := range g.agg.Steps {
		if s.Sort != nil {
			order = orderBy(s.Sort, len(by))
			continue
		}
		text = fmt.Sprintf("SELECT * FROM (%s)%s LIMIT %d", text, order, s.Limit)
	}
	return fmt.Sprintf("SELECT %s FROM (%s)%s LIMIT %d", strings.Join(names, ", "), text, order, g.maxRows+1)
}

// orderBy ends with the columns of the group, so that there is one order only.
func orderBy(sort []query.SortKey, keys int) string {
	var parts []string
	for _, k := range sort {
		parts = append(parts, fmt.Sprintf("c%d %s NULLS LAST", k.Column, pick(k.Descending, "DESC", "ASC")))
	}
	for i := range keys {
		if !slices.ContainsFunc(sort, func(k query.SortKey) bool { return k.Column == i }) {
			parts = append(parts, fmt.Sprintf("c%d ASC", i))
		}
	}
	return " ORDER BY " + strings.Join(parts, ", ")
}

func (g *grouping) function(i int, f query.Func) string {
	n := strconv.Itoa(i)
	a := "a" + n
	switch {
	case f.Field == "" || f.OverTime() && f.Kind == query.CountEvents:
		return "CAST(count(*) AS DOUBLE)"
	case f.Kind == query.CountEvents:
		return "CAST(count(*) FILTER (WHERE " + a + ") AS DOUBLE)"
	case f.Kind == query.CountDistinct && g.listFuncs[i]:
		return "CAST(coalesce(len(list_distinct(flatten(list(DISTINCT " + a + ")))), 0) AS DOUBLE)"
	case f.Kind == query.CountDistinct:
		return "CAST(count(DISTINCT " + a + ") AS DOUBLE)"
	case f.Kind == query.Min:
		return "min(" + a + ")"
	case f.Kind == query.Max:
		return "max(" + a + ")"
	case f.Kind == query.Sum:
		return "sum(" + a + ")"
	case g.listFuncs[i]:
		return "sum(" + a + ") / nullif(sum(b" + n + "), 0)"
	default:
		return "sum(" + a + ") / nullif(count(" + a + "), 0)"
	}
}

// scanCells reads a row of the given columns; times are in microseconds.
func scanCells(r *sql.Rows, columns []query.Column) ([]query.Cell, error) {
	texts, numbers, times := make([]sql.NullString, len(columns)), make([]sql.NullFloat64, len(columns)), make([]sql.NullInt64, len(columns))
	into := make([]any, len(columns))
	for i, c := range columns {
		switch c.Kind {
		case query.NumberColumn:
			into[i] = &numbers[i]
		case query.TimeColumn:
			into[i] = &times[i]
		default:
			into[i] = &texts[i]
		}
	}
	if err := r.Scan(into...); err != nil {
		return nil, err
	}
	row := make([]query.Cell, len(columns))
	for i, c := range columns {
		switch {
		case c.Kind == query.NumberColumn && numbers[i].Valid:
			row[i].Number = numbers[i].Float64
		case c.Kind == query.TimeColumn && times[i].Valid:
			row[i].Time = time.UnixMicro(times[i].Int64).UTC()
		case c.Kind == query.TextColumn && texts[i].Valid:
			row[i].Text = texts[i].String
		default:
			row[i].Missing = true
		}
	}
	return row, nil
}
