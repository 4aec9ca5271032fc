package lake

import (
	"context"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// FieldValues lists the values of a field that begin with prefix, in any case,
// among the matching events, the most frequent first, at most limit. Of very
// many events only the newest are looked at. Errors: fault.Invalid for a field
// that is a time or none, fault.Busy.
func (l *Lake) FieldValues(ctx context.Context, sc Scope, s Search, field, prefix string, limit int) (out []ValueCount, stats Stats, err error) {
	pl, err := query.ParsePipeline("| top " + strconv.Itoa(min(max(limit, 1), query.MaxTableRows)) + " " + query.Quote(field))
	if err != nil {
		return nil, stats, fault.New(fault.Invalid, "%q has no values to list", field).OnField("field")
	}
	if s.Query != nil {
		pl.Query = s.Query
	}
	ctx, done := l.begin(ctx, "values", &stats, &err)
	defer done()
	p := l.newPlan(sc, Search{Query: pl.Query, From: s.From, To: s.To})
	defer p.close()
	var keep func(string) bool
	if prefix = query.Fold(prefix); prefix != "" {
		keep = func(v string) bool { return strings.HasPrefix(query.Fold(v), prefix) }
	}
	run := groupRun{p: p, segs: p.newest(valueRows), agg: pl.Aggregate, keep: keep, maxRows: query.MaxTableRows}
	defer run.release()
	g, err := run.count(ctx)
	if err != nil {
		return nil, stats, err
	}
	for _, row := range g.table(query.MaxTableRows).Rows {
		out = append(out, ValueCount{row[0].Text, int64(row[1].Number)})
	}
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return out, stats, nil
}
