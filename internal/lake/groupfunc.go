package lake

import (
	"cmp"
	"math"
	"time"

	"github.com/lachan-vn/lachan/internal/query"
)

// groupFunc computes one function of every group.
type groupFunc struct {
	f     query.Func
	cells *fieldCells // nil: none needed
	only  partition   // of the values counted by dc
	col   int         // of a time to compute with; 0: none

	// Of each group, as far as the function needs it.
	n      []int64
	number []numbers
	texts  dict      // values counted by dc
	seen   numbering // group << 32 | value counted by dc, where there are several groups

	// Of the row group under way.
	times   []int64
	parsed  []float64 // of each value; NaN: none
	locals  []int64
	tallies []numbers
	pairs   pairs
	global  []uint32 // of each value
	groups  []uint32
	values  []uint32
}

// numbers is what sum, avg, min and max need.
type numbers struct {
	n             int64
	sum, min, max float64
}

var noNumbers = numbers{min: math.Inf(1), max: math.Inf(-1)}

func (t *numbers) add(n float64) {
	t.n++
	t.sum += n
	t.min, t.max = min(t.min, n), max(t.max, n)
}

func (t *numbers) merge(o numbers) {
	t.n += o.n
	t.sum += o.sum
	t.min, t.max = min(t.min, o.min), max(t.max, o.max)
}

func newGroupFunc(f query.Func) groupFunc {
	out := groupFunc{f: f}
	switch {
	case f.Field == "" || f.OverTime() && f.Kind == query.CountEvents:
	case f.OverTime():
		out.col = colTime
		if core, _ := query.Resolve(f.Field); core == query.Received {
			out.col = colReceived
		}
	default:
		out.cells = newFieldCells(f.Field, f.Kind == query.CountDistinct)
	}
	return out
}

// numeric reports whether the function is made of tallies.
func (f *groupFunc) numeric() bool { return f.f.Kind > query.CountDistinct }

// resize makes room for so many groups.
func (f *groupFunc) resize(groups int) {
	if f.numeric() {
		for len(f.number) < groups {
			f.number = append(f.number, noNumbers)
		}
		return
	}
	for len(f.n) < groups {
		f.n = append(f.n, 0)
	}
}

func (f *groupFunc) read(h *groupHits) (err error) {
	switch {
	case f.col != 0:
		f.times, err = h.r.int64s(h.group, f.col, h.rows, f.times)
	case f.cells != nil:
		err = f.cells.read(h)
	}
	return err
}

// collect gathers what the row group holds, by its own numbers.
func (f *groupFunc) collect(l *localGroups) {
	row := func(e int) int {
		if l.rows != nil {
			return int(l.rows[e])
		}
		return e
	}
	if f.numeric() {
		f.tallies = f.tallies[:0]
		for range l.n + 1 {
			f.tallies = append(f.tallies, noNumbers)
		}
	}
	switch {
	case f.col != 0:
		for e, id := range l.ids {
			f.tallies[id].add(float64(f.times[row(e)]))
		}
	case f.cells == nil:
	case f.f.Kind == query.CountEvents:
		f.locals = append(f.locals[:0], make([]int64, l.n+1)...)
		for e, id := range l.ids {
			if f.cells.has(row(e)) {
				f.locals[id]++
			}
		}
	case f.f.Kind == query.CountDistinct:
		f.collectValues(l, row)
	default:
		f.collectNumbers(l, row)
	}
}

// has reports whether a row has a value.
func (f *fieldCells) has(row int) bool {
	if f.lists != nil {
		return f.lists[row] < f.lists[row+1]
	}
	return f.ids[row] != 0
}

func (f *groupFunc) collectNumbers(l *localGroups, row func(int) int) {
	c := f.cells
	f.parsed = f.parsed[:0]
	for i := range c.dict.len() {
		n, ok := query.Number(bytesAsString(c.dict.get(uint32(i))))
		if !ok || math.IsInf(n, 0) {
			n = math.NaN()
		}
		f.parsed = append(f.parsed, n)
	}
	add := func(id, v uint32) {
		if n := f.parsed[v-1]; n == n {
			f.tallies[id].add(n)
		}
	}
	for e, id := range l.ids {
		at := row(e)
		if c.lists == nil {
			if v := c.ids[at]; v != 0 {
				add(id, v)
			}
			continue
		}
		for _, v := range c.ids[c.lists[at]:c.lists[at+1]] {
			add(id, v)
		}
	}
}

// collectValues finds the different pairs of group and value.
func (f *groupFunc) collectValues(l *localGroups, row func(int) int) {
	c := f.cells
	groups, values := l.ids, c.ids
	if c.lists != nil || l.rows != nil {
		f.groups, f.values = f.groups[:0], f.values[:0]
		for e, id := range l.ids {
			at := row(e)
			if c.lists == nil {
				f.groups, f.values = append(f.groups, id), append(f.values, c.ids[at])
				continue
			}
			for _, v := range c.ids[c.lists[at]:c.lists[at+1]] {
				f.groups, f.values = append(f.groups, id), append(f.values, v)
			}
		}
		groups, values = f.groups, f.values
	}
	if cap(f.groups) < len(groups) {
		f.groups = make([]uint32, len(groups))
	}
	f.pairs.number(groups, values, l.n, c.dict.len(), f.groups[:len(groups)])
	f.global = append(f.global[:0], make([]uint32, c.dict.len())...)
}

// take adds what was collected under a number of the row group, whose rows it
// counts, to a group.
func (f *groupFunc) take(group, id int, rows int64) {
	switch {
	case f.numeric():
		f.number[group].merge(f.tallies[id])
	case f.cells == nil:
		f.n[group] += rows
	case f.f.Kind == query.CountEvents:
		f.n[group] += f.locals[id]
	}
}

// takeValues adds the values collected for dc; group translates the row group's
// numbers.
func (f *groupFunc) takeValues(group func(uint32) (int, bool)) {
	if f.f.Kind != query.CountDistinct {
		return
	}
	for _, pair := range f.pairs.all {
		to, ok := group(uint32(pair >> 32))
		if !ok {
			continue
		}
		known := &f.global[uint32(pair)-1]
		if *known == 0 {
			v := bytesAsString(f.cells.dict.get(uint32(pair) - 1))
			if !f.only.hasText(v) {
				continue
			}
			*known = f.texts.intern(v) + 1
		}
		f.see(to, *known-1)
	}
}

// see counts a value for a group, once.
func (f *groupFunc) see(group int, value uint32) {
	if _, fresh := f.seen.intern(uint64(group)<<32 | uint64(value)); fresh {
		f.n[group]++
	}
}

// merge adds what o has; into says of each of its groups which is meant, + 1.
func (f *groupFunc) merge(o *groupFunc, into []uint32, how merging) {
	distinct := f.f.Kind == query.CountDistinct
	switch {
	case how == otherValues && !distinct:
	case f.numeric():
		for from, to := range into {
			if to != 0 {
				f.number[to-1].merge(o.number[from])
			}
		}
	case how == otherRows && distinct:
		values := make([]uint32, o.texts.len())
		for i := range values {
			values[i] = f.texts.intern(bytesAsString(o.texts.get(uint32(i))))
		}
		for _, pair := range o.seen.keys {
			if to := into[pair>>32]; to != 0 {
				f.see(int(to-1), values[uint32(pair)])
			}
		}
	default:
		for from, to := range into {
			if to != 0 {
				f.n[to-1] += o.n[from]
			}
		}
	}
}

// result is the function's cell for a group.
func (f *groupFunc) result(group int) query.Cell {
	if !f.numeric() {
		return query.Cell{Number: float64(f.n[group])}
	}
	t := f.number[group]
	if t.n == 0 {
		return query.Cell{Missing: true}
	}
	x := t.sum
	switch f.f.Kind {
	case query.Avg:
		x = t.sum / float64(t.n)
	case query.Min:
		x = t.min
	case query.Max:
		x = t.max
	}
	if f.f.OverTime() {
		return query.Cell{Time: time.UnixMicro(int64(x)).UTC()}
	}
	return query.Cell{Number: x}
}

// compare compares groups by the function; what is missing comes last.
func (f *groupFunc) compare(descending bool) func(a, b uint32) int {
	switch {
	case !f.numeric() && descending:
		return func(a, b uint32) int { return cmp.Compare(f.n[b], f.n[a]) }
	case !f.numeric():
		return func(a, b uint32) int { return cmp.Compare(f.n[a], f.n[b]) }
	}
	return func(a, b uint32) int {
		x, y := f.result(int(a)), f.result(int(b))
		switch {
		case x.Missing && y.Missing:
			return 0
		case x.Missing:
			return 1
		case y.Missing:
			return -1
		}
		if descending {
			x, y = y, x
		}
		return cmp.Or(cmp.Compare(x.Number, y.Number), x.Time.Compare(y.Time))
	}
}

func (f *groupFunc) bytes() int64 {
	return int64(8*cap(f.n)+32*cap(f.number)) + f.texts.bytes() + f.seen.bytes()
}
