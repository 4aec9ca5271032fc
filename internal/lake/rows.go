package lake

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go/format"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// Want says which parts of rows are wanted; the others may be left out. ID,
// Time, Received, Unit and Skewed are always there.
type Want struct {
	Fields []string // folded names; nil: all
	Raw    bool
	Core   bool          // the rest of the core
	Within time.Duration // how long the scan may take; 0: as long as any search
	// Passed is called with how many more rows are done with, matching or not, by
	// one goroutine at a time; nil is allowed.
	Passed func(rows int64)
}

// everything is what a reader of whole rows wants.
var everything = Want{Raw: true, Core: true}

// scanRows is how many rows of a group are held at a time.
const scanRows = 1024

// Scan calls each for every matching row, in no order; of Search it heeds the
// query and the range of time. each is called by one goroutine at a time, is part
// of the search's time and holds up others while it runs; the Row is its to keep.
// Rows of a segment that turns out to be broken may have come before that was
// known. Errors: fault.Busy, and what each returns.
func (l *Lake) Scan(ctx context.Context, sc Scope, s Search, want Want, each func(*Row) error) (stats Stats, err error) {
	ctx, done := l.begin(ctx, "scan", &stats, &err)
	defer done()
	if want.Within == 0 {
		want.Within = l.config.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, want.Within)
	defer cancel()
	p := l.newPlan(sc, s)
	defer p.close()
	p.passed = want.Passed
	var mu sync.Mutex
	give := func(rows []Row) error {
		mu.Lock()
		defer mu.Unlock()
		for i := range rows {
			if err := each(&rows[i]); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	err = p.walk(ctx, &walk{p: p}, p.segs, func(_ int, x *groupScan) error {
		return x.visit(p, p.from, p.to, func(in bitmap) error {
			for rows := range slices.Chunk(in.appendRows(nil), scanRows) {
				out, err := x.readRows(rows, want)
				if err != nil {
					return err
				}
				if err := give(out); err != nil {
					return err
				}
			}
			return nil
		})
	})
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return stats, err
}

// readRows reads whole rows of a segment's group.
func (l *Lake) readRows(s *segment, group int, rows []uint32) (out []Row, err error) {
	o, err := l.opened.get(s)
	if err != nil {
		return nil, err
	}
	x := l.scans.Get().(*groupScan)
	x.enter(o, group)
	out, err = x.readRows(rows, everything)
	l.scans.Put(x)
	return out, errors.Join(err, l.opened.put(o))
}

// rowScratch is memory of a worker for putting rows together.
type rowScratch struct {
	columns []cells // by column of the file
	read    []bool
	raw     []byte
	copies  []string
}

// readRows reads rows of the group.
func (x *groupScan) readRows(rows []uint32, want Want) ([]Row, error) {
	out := make([]Row, len(rows))
	var err error
	if x.found, err = x.r.ids(x.group, rows, x.found); err != nil {
		return nil, err
	}
	for i := range out {
		out[i].ID = x.found[i]
	}
	var times []int64
	for col, set := range map[int]func(*Row, time.Time){
		colTime: func(r *Row, t time.Time) { r.Time = t }, colReceived: func(r *Row, t time.Time) { r.Received = t },
	} {
		if times, err = x.r.int64s(x.group, col, rows, times); err != nil {
			return nil, err
		}
		for i := range out {
			set(&out[i], time.UnixMicro(times[i]).UTC())
		}
	}
	skewed, err := x.r.bools(x.group, rows, nil)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Skewed = skewed[i]
	}
	s := &x.row
	n := len(x.r.meta.Schema) - 1
	s.columns = slices.Grow(s.columns, max(0, n-len(s.columns)))[:max(n, len(s.columns))]
	s.read = append(s.read[:0], make([]bool, n)...)
	for col, set := range coreSetters {
		if want.Core || col == colUnit {
			if err := x.setEach(col, rows, out, set); err != nil {
				return nil, err
			}
		}
	}
	if want.Raw {
		if err := x.setRaws(rows, out); err != nil {
			return nil, err
		}
	}
	for i, el := range x.r.meta.Schema[1+coreColumns:] {
		col := coreColumns + i
		name := fieldName(el.Name)
		if x.r.empty(x.group, col) || want.Fields != nil && !slices.Contains(want.Fields, query.Fold(name)) {
			continue
		}
		if err := x.setEach(col, rows, out, func(row *Row, v string) { row.Fields = appendCell(row.Fields, name, v) }); err != nil {
			return nil, err
		}
	}
	return out, x.setEach(colOverflow, rows, out, func(row *Row, v string) {
		from := len(row.Fields)
		row.Fields = appendOverflow(row.Fields, v)
		if want.Fields != nil {
			row.Fields = append(row.Fields[:from], slices.DeleteFunc(row.Fields[from:], func(f event.Field) bool {
				return !slices.Contains(want.Fields, query.Fold(f.Name))
			})...)
		}
	})
}

// setEach sets a column's values; rows share one copy of a value that they share.
func (x *groupScan) setEach(col int, rows []uint32, out []Row, set func(*Row, string)) error {
	c, err := x.columnOf(col, rows)
	if err != nil {
		return err
	}
	copies := append(x.row.copies[:0], make([]string, c.dict.len())...)
	for i, id := range c.ids {
		if id == 0 {
			continue
		}
		v := c.dict.get(id - 1)
		if copies[id-1] == "" {
			copies[id-1] = string(v)
		}
		set(&out[i], copies[id-1])
	}
	clear(copies)
	x.row.copies = copies
	return nil
}

// columnOf reads a column of rows, once in a call of readRows.
func (x *groupScan) columnOf(col int, rows []uint32) (*cells, error) {
	c := &x.row.columns[col]
	if x.row.read[col] {
		return c, nil
	}
	x.row.read[col] = true
	return c, x.fewTexts(col, rows, c)
}

// setRaws sets the raw records that are not in _raw_bytes.
func (x *groupScan) setRaws(rows []uint32, out []Row) error {
	if err := x.setEach(colRawBytes, rows, out, func(r *Row, v string) { r.Raw = v }); err != nil {
		return err
	}
	if err := x.setEach(colRaw, rows, out, func(r *Row, v string) {
		if r.Raw == "" {
			r.Raw = v
		}
	}); err != nil || x.r.version() == versionText {
		return err
	}
	shapes, err := x.columnOf(colShape, rows)
	if err != nil {
		return err
	}
	kept, err := x.columnOf(colRaw, rows)
	if err != nil {
		return err
	}
	parsed := make(map[uint32][]shapePart)
	for i, id := range shapes.ids {
		if kept.ids[i] != 0 {
			continue
		}
		if id == 0 {
			return fmt.Errorf("%w: row %d of row group %d has neither a record nor a shape", errSegment, rows[i], x.group)
		}
		parts, ok := parsed[id]
		if !ok {
			if parts, err = parseShape(bytesAsString(shapes.dict.get(id - 1))); err != nil {
				return err
			}
			parsed[id] = parts
		}
		var failed error
		x.row.raw, err = appendRaw(x.row.raw[:0], parts, func(field string, index int) (string, bool) {
			col, _, ok := x.fieldColumn(field)
			if !ok {
				return "", false
			}
			c, err := x.columnOf(col, rows)
			if err != nil {
				failed = err
				return "", false
			}
			if c.ids[i] == 0 {
				return "", false
			}
			return valueAt(bytesAsString(c.dict.get(c.ids[i]-1)), index)
		})
		if failed != nil {
			return failed
		} else if err != nil {
			return err
		}
		if out[i].Raw == "" {
			out[i].Raw = string(x.row.raw)
		}
	}
	return nil
}

// fewTexts is segmentReader.texts for few rows of many: the dictionary is read
// only if a row has a value, and only the entries that rows have are kept.
func (x *groupScan) fewTexts(col int, rows []uint32, out *cells) error {
	m := &x.r.meta.RowGroups[x.group].Columns[col].MetaData
	if len(rows) > 256 || m.DictionaryPageOffset == 0 || m.DataPageOffset <= m.DictionaryPageOffset {
		return x.r.texts(x.group, col, rows, out)
	}
	out.reset(len(rows))
	if x.r.empty(x.group, col) {
		return nil
	}
	b, err := x.bytes(m.DictionaryPageOffset, m.TotalCompressedSize)
	if err != nil {
		return err
	}
	dictSize := m.DataPageOffset - m.DictionaryPageOffset
	if dictSize > m.TotalCompressedSize {
		return errPage("place of the dictionary")
	}
	head, body, _, err := nextPage(b[:dictSize])
	if err != nil {
		return err
	}
	if head.typ != format.DictionaryPage {
		return errPage("type")
	}
	rest := b[dictSize:]
	found := false
	at := 0
	for first := uint32(0); at < len(rows); {
		if len(rest) == 0 {
			return errPage("a row is missing")
		}
		var h pageHeader
		var data []byte
		if h, data, rest, err = nextPage(rest); err != nil {
			return err
		}
		if h.typ != format.DataPage || h.values == 0 || h.values > x.rows-int(first) {
			return errPage("row count")
		}
		n := at
		for n < len(rows) && rows[n] < first+uint32(h.values) {
			n++
		}
		if n > at {
			if h.enc != format.RLEDictionary && h.enc != format.PlainDictionary { //nolint:staticcheck // older writers still name it so
				return errPage("encoding")
			}
			if data, err = x.r.decompress(data, m.Codec, h.size); err != nil {
				return err
			}
			if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
				return errPage("levels")
			}
			size := binary.LittleEndian.Uint32(data)
			defs := newHybrid(data[4:4+size], 1)
			if err := dictTexts(first, data[4+size:], rows[at:n], &defs, head.values, out.ids[at:]); err != nil {
				return err
			}
			for _, id := range out.ids[at:n] {
				found = found || id != 0
			}
			at = n
		}
		first += uint32(h.values)
	}
	if !found {
		return nil
	}
	return x.keepEntries(body, head, m.Codec, out)
}

// keepEntries reads the dictionary entries that out names and numbers them anew.
func (x *groupScan) keepEntries(body []byte, h pageHeader, codec format.CompressionCodec, out *cells) error {
	data, err := x.r.decompress(body, codec, h.size)
	if err != nil {
		return err
	}
	order := make([]int, 0, len(out.ids))
	for i, id := range out.ids {
		if id != 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return int(out.ids[a]) - int(out.ids[b]) })
	entry := uint32(0) // the next in data, from 1
	var old uint32
	for _, i := range order {
		if out.ids[i] == old && old != 0 {
			out.ids[i] = uint32(out.dict.len())
			continue
		}
		old = out.ids[i]
		for entry < old {
			v, rest, ok := plainText(data)
			if !ok {
				return errPage("dictionary")
			}
			data = rest
			if entry++; entry == old {
				out.dict.add(v)
			}
		}
		out.ids[i] = uint32(out.dict.len())
	}
	return nil
}

// fetch reads the whole rows of hits; a row is nil if its segment turned out to
// be broken.
func (p *plan) fetch(ctx context.Context, hits []hit) ([]*Row, error) {
	out := make([]*Row, len(hits))
	err := p.eachGroup(ctx, hits, func(_ int, x *groupScan, w wanted) error {
		rows, err := x.readRows(w.rows, everything)
		if err != nil {
			return err
		}
		for i := range rows {
			out[w.into[i]] = &rows[i]
		}
		return nil
	})
	return out, err
}

var coreSetters = map[int]func(*Row, string){
	colUnit:     func(r *Row, v string) { r.Unit = event.UnitID(v) },
	colHost:     func(r *Row, v string) { r.Host = v },
	colInput:    func(r *Row, v string) { r.Input = v },
	colPeer:     func(r *Row, v string) { r.Peer = v },
	colFormat:   func(r *Row, v string) { r.Format = v },
	colProduct:  func(r *Row, v string) { r.Source.Product = v },
	colCategory: func(r *Row, v string) { r.Source.Category = v },
	colService:  func(r *Row, v string) { r.Source.Service = v },
	colRules:    func(r *Row, v string) { r.Rules = strings.Split(v, cellSeparator) },
}
