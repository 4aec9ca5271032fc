package lake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/query"
)

// How many events are looked at to help somebody who types. Names are counted
// from what files tell of their columns; nameRows bounds the row groups that hold
// other units or times as well, whose columns must be read. Of values, those of
// the newest segments are looked at, up to about valueRows.
const (
	nameRows  = 2_000_000
	valueRows = 20_000_000
)

// NameCount is a field and how many of the events looked at have it.
type NameCount struct {
	Name  string
	Count int64
}

// FieldNames lists the fields of the events in scope with From <= time < To, the
// most frequent first, and parts of the core by the names that mean only them.
// Of very many events only the newest may be looked at; whole tells whether it
// was all of them. Errors: fault.Busy.
func (l *Lake) FieldNames(ctx context.Context, sc Scope, from, to time.Time) (out []NameCount, whole bool, stats Stats, err error) {
	ctx, done := l.begin(ctx, "names", &stats, &err)
	defer done()
	p := l.newPlan(sc, Search{From: from, To: to})
	defer p.close()
	var left atomic.Int64
	left.Store(nameRows)
	workers := make([]nameCounts, p.workers())
	err = p.scan(ctx, p.segs, func(worker int, g *groupHits) error { return workers[worker].add(g, &left) })
	if err != nil {
		return nil, false, stats, err
	}
	all := nameCounts{} // names are those of columns
	for _, w := range workers {
		for key, n := range w.names {
			all.count(key, n.Name, n.at, n.Count)
		}
	}
	for _, n := range all.names {
		out = append(out, NameCount{fieldName(n.Name), n.Count})
	}
	slices.SortFunc(out, func(a, b NameCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return out, left.Load() >= 0, stats, nil
}

// nameCounts is what one worker has counted.
type nameCounts struct {
	names map[string]*countedName // by folded name
	cells cells
	found []int64 // of the row group's columns
	null  []bool  // which entries of the dictionary are nothing but null
}

type countedName struct {
	NameCount
	at int64 // the end of the segment that spells it so: the newest one's spelling is shown
}

// count adds rows to a field, whose name in a segment up to at is spelt so.
func (c *nameCounts) count(key, name string, at, n int64) {
	if c.names == nil {
		c.names = map[string]*countedName{}
	}
	known := c.names[key]
	switch {
	case known == nil:
		known = &countedName{NameCount{name, 0}, at}
		c.names[key] = known
	case at > known.at || at == known.at && name < known.Name:
		known.Name, known.at = name, at
	}
	known.Count += n
}

// add counts the fields of a row group. What has been read when left is used up
// is all there will be.
func (c *nameCounts) add(g *groupHits, left *atomic.Int64) error {
	if !g.whole() && left.Add(-int64(g.x.rows)) < 0 {
		return nil
	}
	c.found = append(c.found[:0], make([]int64, len(g.r.meta.Schema)-1)...)
	for col := range coreStats {
		n, err := c.filled(g, col, false)
		if err != nil {
			return err
		}
		c.found[col] = n
	}
	for i, f := range g.seg.fields {
		if col := g.x.open.columns[i]; col >= 0 {
			n, err := c.filled(g, int(col), f.null)
			if err != nil {
				return err
			}
			c.found[col] = n
		}
	}
	spilled, err := c.overflow(g, left)
	if err != nil {
		return err
	}
	for col, name := range coreStats {
		if n := c.found[col]; n > 0 {
			c.count(name, name, g.seg.maxTime, n)
		}
	}
	for i, f := range g.seg.fields {
		if col := g.x.open.columns[i]; col >= 0 && c.found[col] > 0 {
			c.count(g.x.open.names[i], f.name, g.seg.maxTime, c.found[col])
		}
	}
	for name, n := range spilled {
		c.count(name, columnName(name), g.seg.minTime, n)
	}
	return nil
}

// filled counts the rows that have a value in a column; null says that some may
// be there and be nothing but null.
func (c *nameCounts) filled(g *groupHits, col int, null bool) (n int64, err error) {
	if g.r.empty(g.group, col) {
		return 0, nil
	}
	nulls := int64(0)
	if null {
		if nulls, err = c.onlyNulls(g, col); err != nil {
			return 0, err
		}
	}
	if g.whole() {
		return int64(len(g.rows)) - g.r.nulls(g.group, col) - nulls, nil
	}
	in, out := g.x.take(), g.x.take()
	defer func() { g.x.give(in); g.x.give(out) }()
	for _, row := range g.rows {
		in.set(int(row))
	}
	err = g.x.filled(col, in, out)
	return int64(out.count()) - nulls, err
}

// chunkOf is a column of a row group.
type chunkOf struct{ group, col int }

// onlyNulls counts the rows that have nothing but null in a column, which no
// statistics tell. What is found of whole groups is kept with the open file.
func (c *nameCounts) onlyNulls(g *groupHits, col int) (int64, error) {
	if n, ok := g.x.open.onlyNulls.Load(chunkOf{g.group, col}); ok && g.whole() {
		return n.(int64), nil
	}
	n, err := c.readNulls(g, col)
	if err == nil && g.whole() {
		g.x.open.onlyNulls.Store(chunkOf{g.group, col}, n)
	}
	return n, err
}

func (c *nameCounts) readNulls(g *groupHits, col int) (n int64, err error) {
	plain, err := g.r.dictionary(g.group, col, &c.cells.dict)
	hasNull := func() bool { return bytes.IndexByte(c.cells.dict.arena, cellNull[0]) >= 0 }
	if err != nil || !plain && !hasNull() {
		return 0, err
	}
	if err := g.r.texts(g.group, col, g.rows, &c.cells); err != nil || !hasNull() {
		return 0, err
	}
	c.null = c.null[:0]
	for i := range c.cells.dict.len() {
		c.null = append(c.null, onlyNull(bytesAsString(c.cells.dict.get(uint32(i)))))
	}
	for _, id := range c.cells.ids {
		if id != 0 && c.null[id-1] {
			n++
		}
	}
	return n, nil
}

// onlyNull reports whether a cell holds no value.
func onlyNull(cell string) bool {
	if !strings.HasPrefix(cell, cellNull) {
		return false
	}
	for v := range strings.SplitSeq(cell, cellSeparator) {
		if v != cellNull {
			return false
		}
	}
	return true
}

// overflowCost is about how many rows of a column are read in the time one cell
// of the overflow takes.
const overflowCost = 64

// overflow counts fields that have no column.
func (c *nameCounts) overflow(g *groupHits, left *atomic.Int64) (map[string]int64, error) {
	if !g.seg.overflow || g.r.empty(g.group, colOverflow) {
		return nil, nil
	}
	if err := g.r.texts(g.group, colOverflow, g.rows, &c.cells); err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, id := range c.cells.ids {
		if id == 0 {
			continue
		}
		if left.Add(-overflowCost) < 0 {
			break
		}
		m := map[string]string{}
		if json.Unmarshal(c.cells.dict.get(id-1), &m) != nil {
			return nil, errPage("overflow")
		}
		for name, cell := range m {
			if !onlyNull(cell) {
				out[name]++
			}
		}
	}
	return out, nil
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
