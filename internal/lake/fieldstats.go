package lake

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// ValueCount is a value and how often it was seen.
type ValueCount struct {
	Value string
	Count int64
}

// FieldStats tells of one field among sampled events: in how many it is, and its
// most frequent values.
type FieldStats struct {
	Name  string
	Count int64
	Top   []ValueCount
}

const topValues = 5

// coreStats are the parts of the core that are worth counting, by their names in
// queries.
var coreStats = map[int]string{
	colUnit: "_unit", colHost: "_host", colInput: "_input", colPeer: "_peer", colFormat: "_format",
	colProduct: "_product", colCategory: "_category", colService: "_service", colRules: "_rule",
}

// FieldStats tells of the fields of the newest sample matching rows, most
// frequent field first, and how many rows that were. Parts of the core are
// listed too, with the names that mean only them ("_host").
func (l *Lake) FieldStats(ctx context.Context, sc Scope, s Search, sample int) (out []FieldStats, n int, stats Stats, err error) {
	ctx, done := l.begin(ctx, "fields", &stats, &err)
	defer done()
	p := l.newPlan(sc, s)
	defer p.close()
	hits, err := p.find(ctx, max(sample, 1), s.Ascending, nil)
	if err != nil {
		return nil, 0, stats, err
	}
	tallies := make([]tally, p.workers())
	for i := range tallies {
		tallies[i].fields = map[string]*fieldTally{}
	}
	if err := p.eachGroup(ctx, hits, func(worker int, x *groupScan, w wanted) error { return tallies[worker].add(x.r, w) }); err != nil {
		return nil, 0, stats, err
	}
	t := &tallies[0]
	for i := range tallies[1:] {
		t.merge(&tallies[1+i])
	}
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return t.result(), len(hits), stats, nil
}

// tally counts values by field.
type tally struct{ fields map[string]*fieldTally }

type fieldTally struct {
	name   string
	rows   int64
	values map[string]int64
}

func (t *tally) add(r *segmentReader, w wanted) error {
	var c cells
	for col := range r.meta.Schema[1:] {
		name, ok := coreStats[col], true
		if col < coreColumns {
			_, ok = coreStats[col]
		} else {
			name = fieldName(r.meta.Schema[1+col].Name)
		}
		if !ok || r.empty(w.group, col) {
			continue
		}
		if err := r.texts(w.group, col, w.rows, &c); err != nil {
			return err
		}
		counts := make([]int64, c.dict.len())
		for _, id := range c.ids {
			if id != 0 {
				counts[id-1]++
			}
		}
		for id, n := range counts {
			if n > 0 {
				t.count(name, string(c.dict.get(uint32(id))), n)
			}
		}
	}
	if err := r.texts(w.group, colOverflow, w.rows, &c); err != nil {
		return err
	}
	for _, id := range c.ids {
		if id == 0 {
			continue
		}
		m := map[string]string{}
		if err := json.Unmarshal(c.dict.get(id-1), &m); err != nil {
			return errPage("overflow")
		}
		for name, v := range m {
			t.count(name, v, 1)
		}
	}
	return nil
}

// count adds n rows whose cell is the given one.
func (t *tally) count(name, cell string, n int64) {
	key := query.Fold(name)
	f := t.fields[key]
	if f == nil {
		f = &fieldTally{name: name, values: map[string]int64{}}
		t.fields[key] = f
	}
	f.rows += n
	for v := range strings.SplitSeq(cell, cellSeparator) {
		if v != cellNull {
			f.values[v] += n
		}
	}
}

// merge adds what another tally counted.
func (t *tally) merge(other *tally) {
	for key, o := range other.fields {
		f := t.fields[key]
		if f == nil {
			t.fields[key] = o
			continue
		}
		f.rows += o.rows
		for v, n := range o.values {
			f.values[v] += n
		}
	}
}

func (t *tally) result() []FieldStats {
	out := make([]FieldStats, 0, len(t.fields))
	for _, f := range t.fields {
		top := make([]ValueCount, 0, len(f.values))
		for v, n := range f.values {
			top = append(top, ValueCount{v, n})
		}
		slices.SortFunc(top, func(a, b ValueCount) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
		})
		out = append(out, FieldStats{Name: f.name, Count: f.rows, Top: top[:min(len(top), topValues)]})
	}
	slices.SortFunc(out, func(a, b FieldStats) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	return out
}

// appendOverflow takes the fields out of an _overflow cell.
func appendOverflow(fields []event.Field, cell string) []event.Field {
	m := map[string]string{}
	if json.Unmarshal([]byte(cell), &m) != nil {
		return fields
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		fields = appendCell(fields, name, m[name])
	}
	return fields
}
