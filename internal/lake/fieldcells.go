package lake

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// fieldCells reads the values that rows of a row group have of one field that is
// no time, wherever they stand: in the core, in the field's column, in the
// overflow. A row mostly has one value at most, and then its number is that of
// the column's dictionary; only where some row of the group has more are they
// listed.
type fieldCells struct {
	core     query.Core
	folded   string // of the field's column; "" if the name means the core alone
	key      string // in _overflow
	quoted   []byte // key as JSON writes it
	distinct bool   // of equal values of a row only one is listed

	// What read found. dict holds the values; two numbers may stand for one text.
	// Without lists, ids[i] is 0 or the number + 1 of row i's only value. With
	// lists, row i has ids[lists[i]:lists[i+1]], all of them numbers + 1.
	dict  *dict
	ids   []uint32
	lists []uint32

	from    []cells // by source
	values  dict
	listIDs []uint32
	starts  []uint32
	entries []uint32
	numbers []uint32
	skip    []bool
	rowIDs  []event.ID
	bools   []bool
	text    []byte
}

func newFieldCells(name string, distinct bool) *fieldCells {
	core, field := query.Resolve(name)
	f := &fieldCells{core: core, distinct: distinct}
	if field != "" {
		f.folded = query.Fold(columnName(field))
		f.key = query.Fold(fieldName(f.folded))
		f.quoted, _ = json.Marshal(f.key) // of a string: never fails
	}
	return f
}

// read finds the values of the rows of a row group.
func (f *fieldCells) read(g *groupHits) error {
	r, group, rows := g.r, g.group, g.rows
	sources := 0
	next := func() *cells {
		if sources == len(f.from) {
			f.from = append(f.from, cells{})
		}
		sources++
		return &f.from[sources-1]
	}
	if f.core != query.NoCore {
		if err := f.readCore(r, group, rows, next()); err != nil {
			return err
		}
	}
	if f.folded != "" {
		if col, _, ok := g.x.fieldColumn(f.folded); ok && !r.empty(group, col) {
			if err := r.texts(group, col, rows, next()); err != nil {
				return err
			}
		}
		if g.seg.overflow && !r.empty(group, colOverflow) {
			if err := f.readOverflow(r, group, rows, next()); err != nil {
				return err
			}
		}
	}
	if sources == 0 {
		next().reset(len(rows))
	}
	c := &f.from[0]
	f.dict, f.ids, f.lists = &c.dict, c.ids, nil
	if f.core == query.Raw { // no cell: its characters mean nothing
		return nil
	}
	if sources > 1 || bytes.IndexByte(c.dict.arena, cellSeparator[0]) >= 0 {
		f.list(f.from[:sources], len(rows))
		return nil
	}
	if bytes.IndexByte(c.dict.arena, cellNull[0]) >= 0 {
		f.drop(cellNull)
	}
	if f.core == query.Unit {
		f.drop("") // what has no name is absent
	}
	return nil
}

// drop makes rows whose only value is v have none.
func (f *fieldCells) drop(v string) {
	f.skip = append(f.skip[:0], make([]bool, f.dict.len()+1)...)
	found := false
	for i := range f.dict.len() {
		if string(f.dict.get(uint32(i))) == v {
			f.skip[i+1], found = true, true
		}
	}
	if !found {
		return
	}
	for i, id := range f.ids {
		if f.skip[id] {
			f.ids[i] = 0
		}
	}
}

// list takes cells apart and puts those of several sources together.
func (f *fieldCells) list(from []cells, rows int) {
	f.values.reset()
	f.entries, f.numbers = f.entries[:0], f.numbers[:0]
	// Every entry of a dictionary becomes the list of its values' numbers.
	for i := range from {
		d := &from[i].dict
		for e := range d.len() {
			f.entries = append(f.entries, uint32(len(f.numbers)))
			begin := len(f.numbers)
			for v := range strings.SplitSeq(bytesAsString(d.get(uint32(e))), cellSeparator) {
				if v != cellNull {
					f.numbers = append(f.numbers, f.values.intern(v)+1)
				}
			}
			if f.distinct {
				f.numbers = f.numbers[:begin+len(unique(f.numbers[begin:]))]
			}
		}
	}
	f.entries = append(f.entries, uint32(len(f.numbers)))
	f.listIDs, f.starts = f.listIDs[:0], f.starts[:0]
	for row := range rows {
		begin := len(f.listIDs)
		f.starts = append(f.starts, uint32(begin))
		first, sources := 0, 0
		for i := range from {
			if id := from[i].ids[row]; id != 0 {
				e := first + int(id) - 1
				f.listIDs = append(f.listIDs, f.numbers[f.entries[e]:f.entries[e+1]]...)
				sources++
			}
			first += from[i].dict.len()
		}
		if f.distinct && sources > 1 {
			f.listIDs = f.listIDs[:begin+len(unique(f.listIDs[begin:]))]
		}
	}
	f.starts = append(f.starts, uint32(len(f.listIDs)))
	f.dict, f.ids, f.lists = &f.values, f.listIDs, f.starts
}

func unique(v []uint32) []uint32 {
	if len(v) < 2 {
		return v
	}
	slices.Sort(v)
	return slices.Compact(v)
}

func (f *fieldCells) readCore(r *segmentReader, group int, rows []uint32, out *cells) (err error) {
	switch f.core {
	case query.ID:
		if f.rowIDs, err = r.ids(group, rows, f.rowIDs); err != nil {
			return err
		}
		out.reset(len(rows))
		for i, id := range f.rowIDs {
			f.text = hex.AppendEncode(f.text[:0], id[:])
			out.ids[i] = out.dict.add(bytesAsString(f.text)) + 1
		}
	case query.Skewed:
		if f.bools, err = r.bools(group, rows, f.bools); err != nil {
			return err
		}
		out.reset(len(rows))
		out.dict.add("false")
		out.dict.add("true")
		for i, yes := range f.bools {
			if out.ids[i] = 1; yes {
				out.ids[i] = 2
			}
		}
	case query.Raw:
		return r.raws(group, rows, out)
	default:
		return r.texts(group, coreTexts[f.core], rows, out)
	}
	return nil
}

// readOverflow gives each row the field's cell in _overflow: after a merge a
// field may be a column for some rows and overflow for others.
func (f *fieldCells) readOverflow(r *segmentReader, group int, rows []uint32, out *cells) error {
	var spilled cells
	if err := r.texts(group, colOverflow, rows, &spilled); err != nil {
		return err
	}
	out.reset(len(rows))
	for i, id := range spilled.ids {
		if id == 0 {
			continue
		}
		spill := spilled.dict.get(id - 1)
		if !bytes.Contains(spill, f.quoted) {
			continue
		}
		m := map[string]string{}
		if json.Unmarshal(spill, &m) != nil {
			return errPage("overflow")
		}
		if cell, ok := m[f.key]; ok {
			out.ids[i] = out.dict.add(cell) + 1
		}
	}
	return nil
}
