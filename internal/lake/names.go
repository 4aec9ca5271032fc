package lake

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// How many events are looked at to help somebody who types: those of the newest
// segments, up to about this many. Names cost reading every column.
const (
	nameRows  = 250_000
	valueRows = 2_000_000
)

// NameCount is a field and how many of the events looked at have it.
type NameCount struct {
	Name  string
	Count int64
}

// FieldNames lists the fields of the events in scope with From <= time < To, the
// most frequent first, and parts of the core by the names that mean only them.
// Of very many events only the newest are looked at; whole tells whether it was
// all of them. Errors: fault.Busy.
func (l *Lake) FieldNames(ctx context.Context, sc Scope, from, to time.Time) (out []NameCount, whole bool, stats Stats, err error) {
	ctx, done := l.begin(ctx, "names", &stats, &err)
	defer done()
	p := l.newPlan(sc, Search{From: from, To: to})
	defer p.close()
	segs := p.newest(nameRows)
	found := map[string]*NameCount{}
	add := func(name string, n int64) {
		key := query.Fold(name)
		if n == 0 {
			return
		}
		if found[key] == nil {
			found[key] = &NameCount{Name: name}
		}
		found[key].Count += n
	}
	for _, group := range sameColumns(segs) {
		if err := p.countNames(ctx, group, add); err != nil {
			return nil, false, stats, err
		}
	}
	for _, n := range found {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b NameCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return out, len(segs) == len(p.segs), stats, nil
}

// HasField reports whether a segment with events of that time may have the
// field, of whatever unit. It reads nothing, and is what FieldNames is asked after.
func (l *Lake) HasField(from, to time.Time, name string) bool {
	p := l.newPlan(ScopeAll(), Search{From: from, To: to})
	defer p.close()
	folded := query.Fold(columnName(name))
	return slices.ContainsFunc(p.segs, func(s *segment) bool {
		_, ok := s.field(folded)
		return ok || s.overflow
	})
}

// newest returns the newest segments with up to about n rows, at least one.
func (p *plan) newest(n int64) []*segment {
	for i, s := range p.segs {
		if n -= s.rows; n < 0 {
			return p.segs[:max(i, 1)]
		}
	}
	return p.segs
}

// sameColumns parts segments by their columns, so that one query counts those of
// many.
func sameColumns(segs []*segment) [][]*segment {
	var out [][]*segment
	for _, s := range segs {
		i := slices.IndexFunc(out, func(g []*segment) bool { return slices.Equal(g[0].fields, s.fields) })
		if i < 0 {
			i = len(out)
			out = append(out, nil)
		}
		out[i] = append(out[i], s)
	}
	return out
}

// countNames counts the events that have each field of segments of the same
// columns.
func (p *plan) countNames(ctx context.Context, segs []*segment, add func(string, int64)) error {
	var names, columns, counts []string
	count := func(name, expr string) {
		n := "n" + strconv.Itoa(len(names))
		names, columns, counts = append(names, name), append(columns, expr+" AS "+n), append(counts, "count("+n+")")
	}
	for _, col := range slices.Sorted(maps.Keys(coreStats)) {
		count(coreStats[col], coreNames[col])
	}
	for _, f := range segs[0].fields {
		expr := sqlName(f.name)
		if f.null {
			// Of several values one may be more than the null.
			expr = "nullif(" + expr + ", chr(24))"
		}
		count(fieldName(f.name), expr)
	}
	totals := make([]int64, len(names))
	err := p.run(ctx, segs, fixed(strings.Join(columns, ", ")), nil,
		func(from string) string { return "SELECT " + strings.Join(counts, ", ") + " FROM (" + from + ")" },
		func() { clear(totals) },
		func(r *sql.Rows) error {
			into := make([]any, len(totals))
			for i := range totals {
				into[i] = &totals[i]
			}
			return r.Scan(into...)
		})
	if err != nil {
		return err
	}
	for i, n := range totals {
		add(names[i], n)
	}
	segs = slices.DeleteFunc(slices.Clone(segs), func(s *segment) bool { return !s.overflow })
	spilled := map[string]int64{}
	err = p.run(ctx, segs, fixed("_overflow"), nil,
		func(from string) string {
			return "SELECT k, count(*) FROM (SELECT unnest(json_keys(_overflow)) AS k FROM (" + from + ") WHERE _overflow IS NOT NULL) GROUP BY k ORDER BY count(*) DESC, k LIMIT " + strconv.Itoa(maxFields)
		},
		func() { clear(spilled) },
		func(r *sql.Rows) error {
			var name string
			var n int64
			err := r.Scan(&name, &n)
			spilled[name] = n
			return err
		})
	for name, n := range spilled {
		add(name, n)
	}
	return err
}

// FieldValues lists the values of a field that begin with prefix, in any case,
// among the matching events, the most frequent first, at most limit. Of very
// many events only the newest are looked at. Errors: fault.Invalid for a field
// that is a time or none, fault.Busy.
func (l *Lake) FieldValues(ctx context.Context, sc Scope, s Search, field, prefix string, limit int) (out []ValueCount, stats Stats, err error) {
	pl, err := query.ParsePipeline("| top " + strconv.Itoa(min(max(limit, 1), query.MaxTableRows)) + " " + query.Quote(field))
	if err != nil {
		return nil, stats, fault.New(fault.Invalid, "%q has no values to list", field).OnField("field")
	}
	if prefix = query.Fold(prefix); strings.IndexByte(prefix, 0) >= 0 || !utf8.ValidString(prefix) {
		return nil, stats, nil
	}
	if s.Query != nil {
		pl.Query = s.Query
	}
	ctx, done := l.begin(ctx, "values", &stats, &err)
	defer done()
	p := l.newPlan(sc, Search{Query: pl.Query, From: s.From, To: s.To})
	defer p.close()
	g := newGrouping(p, pl.Aggregate, query.MaxTableRows)
	g.prefix = prefix
	columns := pl.Aggregate.Columns()
	err = p.run(ctx, p.newest(valueRows), g.columns, nil, g.around,
		func() { out = out[:0] },
		func(r *sql.Rows) error {
			row, err := scanCells(r, columns)
			if err == nil {
				out = append(out, ValueCount{row[0].Text, int64(row[1].Number)})
			}
			return err
		})
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return out, stats, err
}
