package lake

import (
	"hash/maphash"

	"github.com/lachan-vn/lachan/internal/query"
)

// grouping is what one worker has counted of an aggregate. Its meaning is that
// of query.Pipeline.Evaluate.
//
// A row group is counted in numbers. Each dimension, the span of time and every
// field grouped by, numbers its values within the row group, mostly as the
// column's dictionary does already; combining dimensions numbers the pairs that
// occur. The functions collect what they need under these small numbers, and only
// then is each number, not each row, translated to one of the groups known
// so far. So a row costs a few moves of numbers, and hashing texts costs what
// the dictionaries are long. (Hashing each row's key, the obvious way, costs the
// texts of every row.)
type grouping struct {
	agg   *query.Aggregate
	dims  []dimension
	funcs []groupFunc
	n     int   // groups
	rows  int64 // counted

	times []int64 // scratch
	local localGroups
}

// dimension is one part of what names a group.
type dimension struct {
	cells *fieldCells // nil: spans of time
	keep  func(string) bool
	only  partition // of the values
	texts dict      // of all row groups
	spans numbering // starts of spans in microseconds
	// pairs numbers the combinations of the dimensions before with this one. The
	// last dimension's numbers are the groups.
	pairs numbering

	ids      []uint32 // of the row group: each row's span, 0 never
	values   int      // numbers in use there
	starts   numbering
	global   []uint32 // number here - 1 -> number in texts or spans, + 1; 0: not yet known
	combined []uint64 // of this and the dimensions before: number - 1 -> pair
	groups   []uint32 // number of that - 1 -> number in pairs, + 1
}

// localGroups are the groups of the row group under way.
type localGroups struct {
	rows  []uint32 // nil, or of each entry the row: a row of several values has several
	ids   []uint32 // of each entry the group, 0: none
	n     int      // no id is higher
	count []int64
	pairs pairs
	other []uint32 // scratch
}

// partition is one of so many parts that values fall into; the zero partition is
// all of them.
type partition struct{ part, parts uint32 }

func (p partition) hasText(v string) bool {
	return p.parts < 2 || uint32(maphash.String(partSeed, v))%p.parts == p.part
}

func (p partition) hasSpan(start int64) bool {
	return p.parts < 2 || uint32(maphash.Comparable(partSeed, start))%p.parts == p.part
}

// partSeed is not hashSeed: values of one part must not fall into a part of the
// places of a dict.
var partSeed = maphash.MakeSeed()

func newGrouping(a *query.Aggregate) *grouping {
	g := &grouping{agg: a}
	if a.Span > 0 {
		g.dims = append(g.dims, dimension{})
	}
	for _, f := range a.By {
		g.dims = append(g.dims, dimension{cells: newFieldCells(f.Name, true)})
	}
	for _, f := range a.Funcs {
		g.funcs = append(g.funcs, newGroupFunc(f))
	}
	if len(g.dims) == 0 {
		g.n = 1
		for i := range g.funcs {
			g.funcs[i].resize(1)
		}
	}
	return g
}

// add counts rows of a row group. It reads first and counts then, so that a row
// group that cannot be read has not been counted in part.
func (g *grouping) add(h *groupHits) error {
	for i := range g.dims {
		if err := g.dims[i].read(g, h); err != nil {
			return err
		}
	}
	for i := range g.funcs {
		if err := g.funcs[i].read(h); err != nil {
			return err
		}
	}
	if err := g.number(len(h.rows)); err != nil {
		return err
	}
	l := &g.local
	l.count = append(l.count[:0], make([]int64, l.n+1)...)
	for _, id := range l.ids {
		l.count[id]++
	}
	for i := range g.funcs {
		g.funcs[i].collect(l)
	}
	g.translate()
	g.rows += int64(len(h.rows))
	return nil
}

func (d *dimension) read(g *grouping, h *groupHits) (err error) {
	if d.cells != nil {
		if err := d.cells.read(h); err != nil {
			return err
		}
		d.values = d.cells.dict.len()
	} else {
		if g.times, err = h.r.int64s(h.group, colTime, h.rows, g.times); err != nil {
			return err
		}
		d.numberSpans(g)
	}
	d.global = append(d.global[:0], make([]uint32, d.values)...)
	return nil
}

// numberSpans numbers the spans of time of the row group. Rows come by host and
// time, so the span is mostly that of the row before.
func (d *dimension) numberSpans(g *grouping) {
	d.starts.reset()
	width := g.agg.Span.Microseconds()
	d.ids = d.ids[:0]
	low, high, id := int64(0), int64(0), uint32(0)
	for _, at := range g.times {
		if at < low || at >= high {
			low = query.BucketStart(at, g.agg.Span)
			high = low + width
			n, _ := d.starts.intern(uint64(low))
			id = n + 1
		}
		d.ids = append(d.ids, id)
	}
	d.values = d.starts.len()
}

// number gives every row of the row group its groups.
func (g *grouping) number(rows int) error {
	l := &g.local
	l.rows, l.n = nil, 1
	if len(g.dims) == 0 {
		l.ids = l.ids[:0]
		for range rows {
			l.ids = append(l.ids, 1)
		}
		return nil
	}
	for i := range g.dims {
		d := &g.dims[i]
		ids := d.ids
		if d.cells != nil {
			ids = d.cells.ids
		}
		switch {
		case d.cells != nil && d.cells.lists != nil:
			var ok bool
			if ids, ok = l.spread(d.cells, i == 0, rows); !ok {
				return errCombinations
			}
		case l.rows != nil:
			l.other = l.other[:0]
			for _, row := range l.rows {
				l.other = append(l.other, ids[row])
			}
			ids = l.other
		}
		if i == 0 {
			l.ids = append(l.ids[:0], ids...)
			l.n = d.values
			continue
		}
		l.pairs.number(l.ids, ids, l.n, d.values, l.ids)
		l.n = len(l.pairs.all)
		d.combined = append(d.combined[:0], l.pairs.all...)
		d.groups = append(d.groups[:0], make([]uint32, l.n)...)
	}
	return nil
}

// maxEntries bounds the combinations of values that the rows of one row group
// may have: fields of many values each multiply.
const maxEntries = 1 << 24

// spread makes one entry for each value of each entry's row, and returns the
// values. What has none is left out. Not ok: there would be too many.
func (l *localGroups) spread(c *fieldCells, first bool, rows int) ([]uint32, bool) {
	var entryRows, groups []uint32
	l.other = l.other[:0]
	entries := len(l.ids)
	if first {
		entries = rows
	}
	for e := range entries {
		row := uint32(e)
		if !first && l.rows != nil {
			row = l.rows[e]
		}
		values := c.ids[c.lists[row]:c.lists[row+1]]
		if len(l.other)+len(values) > maxEntries {
			return nil, false
		}
		for _, v := range values {
			entryRows, l.other = append(entryRows, row), append(l.other, v)
			if !first {
				groups = append(groups, l.ids[e])
			}
		}
	}
	if entryRows == nil {
		entryRows = []uint32{}
	}
	l.rows = entryRows
	if !first {
		l.ids = groups
	}
	return l.other, true
}

// translate adds what was collected to the groups known so far.
func (g *grouping) translate() {
	l := &g.local
	for id := 1; id <= l.n; id++ {
		if l.count[id] == 0 {
			continue
		}
		to, ok := 0, true
		if len(g.dims) > 0 {
			to, ok = g.group(len(g.dims)-1, uint32(id))
		}
		if !ok {
			continue
		}
		if to == g.n {
			g.n++
			for i := range g.funcs {
				g.funcs[i].resize(g.n)
			}
		}
		for i := range g.funcs {
			g.funcs[i].take(to, id, l.count[id])
		}
	}
	for i := range g.funcs {
		g.funcs[i].takeValues(func(id uint32) (int, bool) {
			if len(g.dims) == 0 {
				return 0, true
			}
			return g.group(len(g.dims)-1, id)
		})
	}
}

// group returns the number of a combination of the dimensions up to last; a new
// one is the number of those known before.
func (g *grouping) group(last int, id uint32) (int, bool) {
	d := &g.dims[last]
	if last == 0 {
		return d.value(id)
	}
	known := &d.groups[id-1]
	if *known == 0 {
		pair := d.combined[id-1]
		before, ok := g.group(last-1, uint32(pair>>32))
		if !ok {
			return 0, false
		}
		v, ok := d.value(uint32(pair))
		if !ok {
			return 0, false
		}
		n, _ := d.pairs.intern(uint64(before)<<32 | uint64(v))
		*known = n + 1
	}
	return int(*known - 1), true
}

// value returns the number of a value of the row group among all; not ok: it is
// none to keep.
func (d *dimension) value(id uint32) (int, bool) {
	known := &d.global[id-1]
	if *known == 0 {
		if d.cells == nil {
			start := d.starts.keys[id-1]
			if !d.only.hasSpan(int64(start)) {
				return 0, false
			}
			n, _ := d.spans.intern(start)
			*known = n + 1
		} else {
			v := bytesAsString(d.cells.dict.get(id - 1))
			if d.keep != nil && !d.keep(v) || !d.only.hasText(v) {
				return 0, false
			}
			*known = d.texts.intern(v) + 1
		}
	}
	return int(*known - 1), true
}

// key returns the number of each dimension's value in a group.
func (g *grouping) key(group uint32, into []uint32) []uint32 {
	into = append(into[:0], make([]uint32, len(g.dims))...)
	at := group
	for i := len(g.dims) - 1; i > 0; i-- {
		pair := g.dims[i].pairs.keys[at]
		into[i], at = uint32(pair), uint32(pair>>32)
	}
	if len(into) > 0 {
		into[0] = at
	}
	return into
}

// merge adds groups of o, as merging says.
func (g *grouping) merge(o *grouping, groups []uint32, how merging) {
	translated := make([][]uint32, len(g.dims))
	for i := range g.dims {
		translated[i] = make([]uint32, max(o.dims[i].spans.len(), o.dims[i].texts.len()))
	}
	into := make([]uint32, o.n) // of each group of o the group + 1
	var key []uint32
	for _, from := range groups {
		key = o.key(from, key)
		to := uint32(0)
		for i, v := range key {
			d, known := &g.dims[i], &translated[i][v]
			if *known == 0 && d.cells == nil {
				n, _ := d.spans.intern(o.dims[i].spans.keys[v])
				*known = n + 1
			} else if *known == 0 {
				*known = d.texts.intern(bytesAsString(o.dims[i].texts.get(v))) + 1
			}
			if v = *known - 1; i > 0 {
				v, _ = d.pairs.intern(uint64(to)<<32 | uint64(v))
			}
			to = v
		}
		into[from] = to + 1
		g.n = max(g.n, int(to)+1)
	}
	g.rows += o.rows
	for i := range g.funcs {
		g.funcs[i].resize(g.n)
		g.funcs[i].merge(&o.funcs[i], into, how)
	}
}

// merging says what the groupings that are merged have counted.
type merging int

const (
	otherRows   merging = iota // the same of other rows
	otherGroups                // of groups that are no others' all there is
	otherValues                // of dc other values; the rest once more
)

// every lists all groups.
func (g *grouping) every() []uint32 {
	groups := make([]uint32, g.n)
	for i := range groups {
		groups[i] = uint32(i)
	}
	return groups
}

// bytes is about the memory the groups hold.
func (g *grouping) bytes() int64 {
	n := int64(0)
	for i := range g.dims {
		d := &g.dims[i]
		n += d.texts.bytes() + d.spans.bytes() + d.pairs.bytes()
	}
	for i := range g.funcs {
		n += g.funcs[i].bytes()
	}
	return n
}

// bytes is about the memory d holds.
func (d *dict) bytes() int64 {
	return int64(cap(d.arena) + 4*(cap(d.ends)+cap(d.hashes)+cap(d.table)))
}

// Numbers and places of texts have 32 bits. A row group adds far less than what
// these leave.
const (
	maxNumbers   = 1 << 31
	maxTextBytes = 3 << 30
)

// fits reports whether the groups of g, and of another merged into it, can be
// numbered, whatever the memory there is.
func (g *grouping) fits(o *grouping) bool {
	ok := func(a, b *dict) bool { return len(a.arena)+len(b.arena) <= maxTextBytes }
	few := func(a, b *numbering) bool { return a.len()+b.len() <= maxNumbers }
	for i := range g.dims {
		d, e := &g.dims[i], &o.dims[i]
		if !ok(&d.texts, &e.texts) || !few(&d.pairs, &e.pairs) {
			return false
		}
	}
	for i := range g.funcs {
		f, e := &g.funcs[i], &o.funcs[i]
		if !ok(&f.texts, &e.texts) || !few(&f.seen, &e.seen) {
			return false
		}
	}
	return true
}
