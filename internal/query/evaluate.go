package query

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Evaluate answers a pipeline with an Aggregate from events and the rules that
// fired on them, at most maxRows rows. Like [Query.Match] it is the meaning of
// the language, not the fast way.
func (p *Pipeline) Evaluate(events iter.Seq2[*event.Event, []string], maxRows int) *Table {
	a := p.Aggregate
	groups := map[string]*group{}
	if a.Keys() == 0 {
		groups[""] = newGroup(a, nil)
	}
	for ev, rules := range events {
		if !p.Query.Match(ev, rules) {
			continue
		}
		for _, key := range a.keys(ev, rules) {
			id := keyID(key)
			if groups[id] == nil {
				groups[id] = newGroup(a, key)
			}
			groups[id].add(a, ev, rules)
		}
	}
	t := &Table{Columns: a.Columns()}
	for _, g := range groups {
		t.Rows = append(t.Rows, g.row(a))
	}
	for _, s := range a.Steps {
		if s.Sort == nil {
			t.Rows = t.Rows[:min(len(t.Rows), s.Limit)]
			continue
		}
		slices.SortFunc(t.Rows, func(x, y []Cell) int { return compareRows(t.Columns, s.Sort, a.Keys(), x, y) })
	}
	if len(t.Rows) > maxRows {
		t.Rows, t.Truncated = t.Rows[:maxRows], true
	}
	return t
}

// keys returns the groups an event belongs to: one for each combination of its
// values of the fields, none if it lacks one of them.
func (a *Aggregate) keys(ev *event.Event, rules []string) [][]Cell {
	keys := [][]Cell{nil}
	if a.Span > 0 {
		keys[0] = []Cell{{Time: time.UnixMicro(BucketStart(ev.Time.UnixMicro(), a.Span)).UTC()}}
	}
	for _, f := range a.By {
		values := fieldValues(f.Name, ev, rules)
		slices.Sort(values)
		var next [][]Cell
		for _, k := range keys {
			for _, v := range slices.Compact(slices.Clone(values)) {
				next = append(next, append(slices.Clip(k), Cell{Text: v}))
			}
		}
		keys = next
	}
	return keys
}

func keyID(key []Cell) string {
	var b strings.Builder
	for _, c := range key {
		b.WriteString(Quote(c.Text))
		b.WriteString(c.Time.Format(time.RFC3339Nano))
	}
	return b.String()
}

// fieldValues returns an event's values of a field that is no time; a null is
// none.
func fieldValues(name string, ev *event.Event, rules []string) []string {
	core, field := Resolve(name)
	var out []string
	if core != NoCore {
		out = append(out, coreValues(core, ev, rules)...)
	}
	for i := range ev.Fields {
		if f := &ev.Fields[i]; field != "" && f.Kind != event.Null && Fold(f.Name) == field {
			out = append(out, f.Value)
		}
	}
	return out
}

// group is what the functions have seen of a group.
type group struct {
	key   []Cell
	funcs []progress
}

type progress struct {
	n        int64 // events or numbers
	sum      float64
	min, max float64 // numbers, or microseconds
	values   map[string]bool
}

func newGroup(a *Aggregate, key []Cell) *group {
	g := &group{key: key, funcs: make([]progress, len(a.Funcs))}
	for i := range g.funcs {
		g.funcs[i] = progress{min: math.Inf(1), max: math.Inf(-1), values: map[string]bool{}}
	}
	return g
}

func (g *group) add(a *Aggregate, ev *event.Event, rules []string) {
	for i, f := range a.Funcs {
		p := &g.funcs[i]
		if f.Field == "" {
			p.n++
			continue
		}
		if f.OverTime() {
			at := ev.Time
			if core, _ := Resolve(f.Field); core == Received {
				at = ev.Received
			}
			p.number(float64(at.UnixMicro()))
			continue
		}
		values := fieldValues(f.Field, ev, rules)
		switch f.Kind {
		case CountEvents:
			if len(values) > 0 {
				p.n++
			}
		case CountDistinct:
			for _, v := range values {
				p.values[v] = true
			}
		default:
			for _, v := range values {
				if n, ok := number(v); ok && !math.IsInf(n, 0) {
					p.number(n)
				}
			}
		}
	}
}

func (p *progress) number(n float64) {
	p.n++
	p.sum += n
	p.min, p.max = min(p.min, n), max(p.max, n)
}

func (g *group) row(a *Aggregate) []Cell {
	row := slices.Clone(g.key)
	for i, f := range a.Funcs {
		p := g.funcs[i]
		var c Cell
		switch f.Kind {
		case CountEvents:
			c.Number = float64(p.n)
		case CountDistinct:
			c.Number = float64(len(p.values))
		case Sum:
			c.Number = p.sum
		case Avg:
			c.Number = p.sum / float64(p.n)
		case Min:
			c.Number = p.min
		case Max:
			c.Number = p.max
		}
		if f.Kind > CountDistinct {
			switch {
			case p.n == 0:
				c = Cell{Missing: true}
			case f.OverTime():
				c = Cell{Time: time.UnixMicro(int64(c.Number)).UTC()}
			}
		}
		row = append(row, c)
	}
	return row
}

func compareRows(columns []Column, by []SortKey, keys int, x, y []Cell) int {
	for _, k := range by {
		a, b := x[k.Column], y[k.Column]
		if a.Missing || b.Missing {
			if a.Missing != b.Missing {
				if a.Missing {
					return 1
				}
				return -1
			}
			continue
		}
		if c := compareCells(columns[k.Column].Kind, a, b); c != 0 {
			if k.Descending {
				return -c
			}
			return c
		}
	}
	for i := range keys {
		if c := compareCells(columns[i].Kind, x[i], y[i]); c != 0 {
			return c
		}
	}
	return 0
}

func compareCells(kind ColumnKind, a, b Cell) int {
	switch kind {
	case TimeColumn:
		return a.Time.Compare(b.Time)
	case NumberColumn:
		return cmp.Compare(a.Number, b.Number)
	default:
		return strings.Compare(a.Text, b.Text)
	}
}
