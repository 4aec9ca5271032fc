package lake

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// groupScan answers predicates for one row group after the other. It belongs to
// one worker.
//
// A predicate narrows a set of rows: eval is given the rows that are still in
// question and returns those of them that match, so that what comes later, which
// costs more, looks at fewer rows and skips the pages between them. NOT is then
// nothing but the rest, as in query.Match.
type groupScan struct {
	chunkScan
	seg     *segment
	open    *openSegment
	row     rowScratch
	free    []bitmap     // to be used again
	times   []int64      // of the group's rows, as far as read
	timed   bool         // all of them are
	since   time.Time    // the last pause
	stopped func() error // pauses, and tells why the search should end; asked in long loops
	rowList []uint32     // of a visit
	rowsOf  []uint32     // of _overflow
	found   []event.ID
	cells   cells
}

// enter turns to a row group.
func (x *groupScan) enter(o *openSegment, group int) {
	if x.open != o {
		x.r.names = nil
	}
	x.open, x.seg, x.group = o, o.seg, group
	x.r.use(o)
	x.rows = int(o.meta.RowGroups[group].NumRows)
	x.timed = false
}

// take returns an empty set of rows; give it back.
func (x *groupScan) take() bitmap {
	words := wordsOf(x.rows)
	for n := len(x.free); n > 0; n = len(x.free) {
		b := x.free[n-1]
		x.free = x.free[:n-1]
		if cap(b) >= words {
			b = b[:words]
			clear(b)
			return b
		}
	}
	return make(bitmap, words, max(words, groupRows/64))
}

func (x *groupScan) give(b bitmap) { x.free = append(x.free, b) }

// eval adds to out, which is empty, the rows of in that match.
func (x *groupScan) eval(p *predicate, in, out bitmap) error {
	switch p.op {
	case isTerm:
		return x.term(p.term, in, out)
	case isAny:
		return x.asked(p.any, in, out)
	case noneOf:
		if err := x.eval(p.parts[0], in, out); err != nil {
			return err
		}
		for i, w := range in {
			out[i] = w &^ out[i]
		}
		return nil
	}
	part, rest := x.take(), x.take()
	defer func() { x.give(part); x.give(rest) }()
	copy(rest, in)
	for _, n := range p.parts {
		if !rest.any() {
			break
		}
		clear(part)
		if err := x.eval(n, rest, part); err != nil {
			return err
		}
		if p.op == anyOf {
			out.or(part)
			rest.remove(part)
		} else {
			copy(rest, part)
		}
	}
	if p.op == allOf {
		copy(out, rest)
	}
	return nil
}

func (x *groupScan) term(t *termPredicate, in, out bitmap) error {
	switch x.termVerdict(t) {
	case noRow:
		return nil
	case everyRow:
		copy(out, in)
		return nil
	}
	if t.term.Field == "" {
		return x.text(t.text, in, out)
	}
	if err := x.core(t, in, out); err != nil || t.field == "" {
		return err
	}
	rest := x.take()
	defer x.give(rest)
	copy(rest, in)
	rest.remove(out)
	if col, c, ok := x.fieldColumn(t.field); ok {
		if err := x.column(col, t.cells, c.multi, c.null, rest, out); err != nil {
			return err
		}
		rest.remove(out)
	}
	return x.overflow(t.cells, func(key string) bool { return key == t.key }, t.key, rest, out)
}

// asked adds the rows that have a value a program accepts.
func (x *groupScan) asked(a *anyPredicate, in, out bitmap) error {
	return x.everyValue(a.values, a.named, in, out)
}

// fieldColumn finds the column of a field.
func (x *groupScan) fieldColumn(folded string) (col int, c fieldColumn, ok bool) {
	return x.open.column(folded)
}

// mayContain reports whether a folded text may be part of a value or of the text
// of records; coversBorders, whether that tells of whole records.
func (x *groupScan) mayContain(folded string) bool { return x.r.mayContain(x.group, folded) }
func (x *groupScan) coversBorders() bool           { return x.r.coversBorders(x.group) }

// mayContainAll reports whether all of the texts may.
func (x *groupScan) mayContainAll(folded []string) bool {
	for _, s := range folded {
		if !x.mayContain(s) {
			return false
		}
	}
	return true
}

// column adds the rows whose cell matches.
func (x *groupScan) column(col int, m *matcher, multi, null bool, in, out bitmap) error {
	switch {
	case !in.any():
		return nil
	case m.kind == matchAny && !null:
		return x.filled(col, in, out)
	}
	return x.texts(col, m, multi, null, in, out)
}

func (x *groupScan) core(t *termPredicate, in, out bitmap) error {
	switch t.core {
	case query.NoCore:
		return nil
	case query.Time:
		return x.timeBetween(colTime, t.low, t.top, in, out)
	case query.Received:
		return x.timeBetween(colReceived, t.low, t.top, in, out)
	case query.ID:
		return x.id(t, in, out)
	case query.Skewed:
		for _, v := range []bool{false, true} {
			if t.cells.cell(strconv.AppendBool(nil, v), false, false, &x.match) {
				if err := x.skewed(v, in, out); err != nil {
					return err
				}
			}
		}
		return nil
	case query.Raw:
		return x.raws(t.text, in, out)
	}
	return x.column(coreTexts[t.core], t.cells, t.core == query.Rule, false, in, out)
}

func (x *groupScan) id(t *termPredicate, in, out bitmap) error {
	if lit, ok := t.term.Pattern.Literal(); ok && t.term.Op == query.Equal {
		want, _ := hex.DecodeString(lit)
		return x.idRows(in, out, func(id []byte) bool { return string(id) == string(want) })
	}
	var text [32]byte
	return x.idRows(in, out, func(id []byte) bool {
		hex.Encode(text[:], id)
		return t.cells.cell(text[:], false, false, &x.match)
	})
}

// overflow adds the rows with a matching value of a field that is wanted and has
// no column. key, if there is only one such field, is its name.
func (x *groupScan) overflow(m *matcher, wanted func(key string) bool, key string, in, out bitmap) error {
	if !x.seg.overflow || x.r.empty(x.group, colOverflow) || !in.any() {
		return nil
	}
	x.rowsOf = in.appendRows(x.rowsOf[:0])
	if err := x.r.texts(x.group, colOverflow, x.rowsOf, &x.cells); err != nil {
		return err
	}
	for i, id := range x.cells.ids {
		if id == 0 {
			continue
		}
		b := x.cells.dict.get(id - 1)
		if plainKey(key) && !bytes.Contains(b, []byte(key)) {
			continue
		}
		fields := map[string]string{}
		if err := json.Unmarshal(b, &fields); err != nil {
			return errPage("overflow")
		}
		for name, cell := range fields {
			if wanted(name) && m.cell([]byte(cell), true, true, &x.match) {
				out.set(int(x.rowsOf[i]))
				break
			}
		}
	}
	return nil
}

// plainKey reports whether JSON writes a key as it is.
func plainKey(key string) bool {
	for i := range len(key) {
		switch c := key[i]; {
		case c == '_', c == '.', c == '-', '0' <= c && c <= '9', 'a' <= c && c <= 'z':
		default:
			return false
		}
	}
	return true
}

// timeRange returns the statistics of a time column.
func (x *groupScan) timeRange(col int) (low, high int64, ok bool) {
	return timeRange(x.open, x.group, col)
}

func timeRange(o *openSegment, group, col int) (low, high int64, ok bool) {
	s := &o.meta.RowGroups[group].Columns[col].MetaData.Statistics
	if len(s.MinValue) != 8 || len(s.MaxValue) != 8 {
		return math.MinInt64, math.MaxInt64, false
	}
	return int64(binary.LittleEndian.Uint64(s.MinValue)), int64(binary.LittleEndian.Uint64(s.MaxValue)), true
}

// timeBetween adds the rows of in with low <= time <= top.
func (x *groupScan) timeBetween(col int, low, top int64, in, out bitmap) error {
	v, err := x.int64Column(col, in)
	if err != nil {
		return err
	}
	for i, w := range in {
		if w == 0 {
			continue
		}
		var hit uint64
		part := v[i<<6 : min(i<<6+64, len(v))]
		for j, t := range part {
			if t >= low && t <= top {
				hit |= 1 << j
			}
		}
		out[i] |= hit & w
	}
	return nil
}

// int64Column reads a time column, one value for each row of the group; those
// outside of in may be anything. It is valid until the next call.
func (x *groupScan) int64Column(col int, in bitmap) ([]int64, error) {
	if col == colTime && x.timed {
		return x.times, nil
	}
	if cap(x.times) < x.rows {
		x.times = make([]int64, max(x.rows, groupRows))
	}
	x.times, x.timed = x.times[:x.rows], false
	if col == colTime {
		every := x.take()
		defer x.give(every)
		every.setRange(0, x.rows)
		in = every
	}
	if err := x.int64s(col, in, x.times); err != nil {
		return nil, err
	}
	x.timed = col == colTime
	return x.times, nil
}
