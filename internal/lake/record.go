package lake

import (
	"fmt"
	"strings"
)

// raws reads the raw records of rows, as _raw has them or put together from
// their shapes. Every row has one.
func (r *segmentReader) raws(group int, rows []uint32, out *cells) error {
	if err := r.texts(group, colRaw, rows, out); err != nil {
		return err
	}
	var b rebuilder
	if err := b.read(r, group, rows, out); err != nil {
		return err
	}
	var buf []byte
	for i, row := range b.rows {
		var err error
		if buf, err = b.append(buf[:0], i); err != nil {
			return fmt.Errorf("row %d of row group %d: %w", row, group, err)
		}
		out.ids[b.into[i]] = out.dict.add(bytesAsString(buf)) + 1
	}
	for i, id := range out.ids {
		if id == 0 {
			return fmt.Errorf("%w: row %d of row group %d has neither a record nor a shape", errSegment, rows[i], group)
		}
	}
	return nil
}

// rebuilder puts records of one row group together.
type rebuilder struct {
	rows    []uint32 // those that have a shape
	into    []int    // their places in what was asked for
	shapes  cells    // by place in rows
	parts   [][]shapePart
	at      [][]int // of each part: its column's place in columns
	columns []cells // of the slots, by place in rows
}

// read reads what the records of rows consist of that have none in raw.
func (b *rebuilder) read(r *segmentReader, group int, rows []uint32, raw *cells) error {
	if r.version() == versionText || r.empty(group, colShape) {
		return nil
	}
	for i, id := range raw.ids {
		if id == 0 {
			b.rows, b.into = append(b.rows, rows[i]), append(b.into, i)
		}
	}
	if len(b.rows) == 0 {
		return nil
	}
	if err := r.texts(group, colShape, b.rows, &b.shapes); err != nil {
		return err
	}
	b.parts, b.at = make([][]shapePart, b.shapes.dict.len()), make([][]int, b.shapes.dict.len())
	places := map[string]int{}
	for _, id := range b.shapes.ids {
		if id == 0 || b.parts[id-1] != nil {
			continue
		}
		parts, err := parseShape(bytesAsString(b.shapes.dict.get(id - 1)))
		if err != nil {
			return err
		}
		at := make([]int, len(parts))
		for i, p := range parts {
			if p.field == "" {
				continue
			}
			place, ok := places[p.field]
			if !ok {
				col, found := r.column(p.field)
				if !found {
					return fmt.Errorf("%w: a shape names the column %q, which is not there", errSegment, p.field)
				}
				place = len(b.columns)
				places[p.field] = place
				b.columns = append(b.columns, cells{})
				if err := r.texts(group, col, b.rows, &b.columns[place]); err != nil {
					return err
				}
			}
			at[i] = place
		}
		b.parts[id-1], b.at[id-1] = parts, at
	}
	return nil
}

// append writes the record of b.rows[i].
func (b *rebuilder) append(dst []byte, i int) ([]byte, error) {
	id := b.shapes.ids[i]
	if id == 0 {
		return dst, fmt.Errorf("%w: neither a record nor a shape", errSegment)
	}
	at := b.at[id-1]
	return appendParts(dst, b.parts[id-1], func(part int, p *shapePart) (string, bool) {
		c := &b.columns[at[part]]
		cell := c.ids[i]
		if cell == 0 {
			return "", false
		}
		return valueAt(bytesAsString(c.dict.get(cell-1)), p.index)
	})
}

// valueAt returns one of the values in a cell.
func valueAt(cell string, index int) (string, bool) {
	for ; index > 0; index-- {
		_, rest, ok := strings.Cut(cell, cellSeparator)
		if !ok {
			return "", false
		}
		cell = rest
	}
	v, _, _ := strings.Cut(cell, cellSeparator)
	return v, true
}
