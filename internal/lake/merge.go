package lake

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// mergeBytes bounds a column of a row group while it is merged.
const mergeBytes = 48 << 20

// mergeKey places one row of one input in the merged order.
type mergeKey struct {
	bucket int64
	unit   uint32 // ranks, absent first
	shape  uint32
	host   uint32
	row    uint32
	time   int64
	id     event.ID
	input  uint16
}

// rank is where a row's unit, shape or host is kept.
func (a *mergeKey) rank(which int) *uint32 {
	return [...]*uint32{&a.unit, &a.shape, &a.host}[which]
}

func (a *mergeKey) compare(b *mergeKey) int {
	return cmp.Or(cmp.Compare(a.bucket, b.bucket), cmp.Compare(a.unit, b.unit), cmp.Compare(a.shape, b.shape), cmp.Compare(a.host, b.host),
		cmp.Compare(a.time, b.time), slices.Compare(a.id[:], b.id[:]))
}

// merger reads inputs and writes their rows, in the order of every segment, into
// one file for each bucket.
//
// The keys of all rows are sorted in memory; then the output is made one row
// group and in it one column at a time, so that memory holds one column of one
// group whatever the inputs hold. An input's dictionary is translated entry by
// entry, not row by row. (Merging rows would mean to hold hundreds of columns of
// every input open; sorting whole rows would spill them to disk.)
type merger struct {
	l       *Lake
	inputs  []*segmentReader
	columns []map[string]int // of each input: folded field column -> column
	keys    []mergeKey
	units   []string // by rank - 1
	fields  []fieldColumn
	task    *mergeTask
	maxRows int // of a group
	version string
	scratch scratch
}

func (l *Lake) writeMerged(ctx context.Context, t *mergeTask) (added []*segment, err error) {
	m := &merger{l: l, task: t, version: writtenVersion}
	defer func() {
		for _, r := range m.inputs {
			err = errors.Join(err, r.close())
		}
	}()
	if err := m.open(); err != nil {
		return nil, err
	}
	if err := m.readKeys(ctx); err != nil {
		return nil, err
	}
	for from := 0; from < len(m.keys); {
		to := from
		for to < len(m.keys) && m.keys[to].bucket == m.keys[from].bucket {
			to++
		}
		seg := m.describe(m.keys[from:to])
		if err := l.writeFile(seg, func(f writableFile) (int64, []byte, error) {
			return m.write(ctx, f, seg, m.keys[from:to])
		}); err != nil {
			return added, err
		}
		added = append(added, seg)
		from = to
	}
	return added, nil
}

func (m *merger) open() error {
	byName := map[string]fieldColumn{}
	sizes := map[string]int64{} // of columns
	largest, rows := int64(0), int64(0)
	for _, s := range m.task.inputs {
		r, err := m.l.open(s)
		if err != nil {
			return err
		}
		r.scratch = &m.scratch
		m.inputs = append(m.inputs, r)
		m.version = max(m.version, r.version())
		columns := map[string]int{}
		for i, name := range r.fields() {
			columns[query.Fold(name)] = coreColumns + i
		}
		m.columns = append(m.columns, columns)
		for _, f := range s.fields {
			if old, ok := byName[f.folded]; ok {
				f.name, f.multi, f.null = old.name, f.multi || old.multi, f.null || old.null
			}
			byName[f.folded] = f
		}
		for i := range r.meta.RowGroups {
			for j := range r.meta.RowGroups[i].Columns {
				name := query.Fold(r.meta.Schema[1+j].Name)
				sizes[name] += r.meta.RowGroups[i].Columns[j].MetaData.TotalUncompressedSize
				largest = max(largest, sizes[name])
			}
		}
		rows += s.rows
	}
	for _, f := range byName {
		m.fields = append(m.fields, f)
	}
	slices.SortFunc(m.fields, func(a, b fieldColumn) int { return strings.Compare(a.folded, b.folded) })
	m.maxRows = int(min(groupRows, max(1024, mergeBytes/max(largest/max(rows, 1), 1))))
	return nil
}

// readKeys reads and sorts what orders the rows of all inputs.
func (m *merger) readKeys(ctx context.Context) error {
	order := [...]int{colUnit, colShape, colHost}
	var dicts [len(order)]dict
	var c cells
	var times []int64
	var ids []event.ID
	for in, r := range m.inputs {
		first := uint32(0)
		for g := range r.meta.RowGroups {
			if err := ctx.Err(); err != nil {
				return err
			}
			rows := make([]uint32, r.meta.RowGroups[g].NumRows)
			for i := range rows {
				rows[i] = uint32(i)
			}
			var err error
			if times, err = r.int64s(g, colTime, rows, times); err != nil {
				return err
			}
			if ids, err = r.ids(g, rows, ids); err != nil {
				return err
			}
			at := len(m.keys)
			for i := range rows {
				k := mergeKey{time: times[i], id: ids[i], row: first + uint32(i), input: uint16(in)}
				if m.task.bucket > 0 {
					k.bucket = floorDiv(k.time, m.task.bucket)
				}
				m.keys = append(m.keys, k)
			}
			for which, col := range order {
				if col == colShape && r.version() == versionText {
					continue
				}
				if err := r.texts(g, col, rows, &c); err != nil {
					return err
				}
				known := make([]uint32, c.dict.len())
				for i, id := range c.ids {
					if id == 0 {
						continue
					}
					if known[id-1] == 0 {
						known[id-1] = dicts[which].intern(bytesAsString(c.dict.get(id-1))) + 1
					}
					*m.keys[at+i].rank(which) = known[id-1]
				}
			}
			first += uint32(len(rows))
		}
	}
	for which, col := range order {
		counts := make([]int, dicts[which].len())
		for i := range m.keys {
			if v := *m.keys[i].rank(which); v > 0 {
				counts[v-1]++
			}
		}
		atLeast := 1
		if col == colShape {
			atLeast = rareShape
		}
		rank, names := dicts[which].ranking(counts, atLeast)
		if col == colUnit {
			m.units = names
		}
		for i := range m.keys {
			v := m.keys[i].rank(which)
			*v = rank[*v]
		}
	}
	if drop := m.task.drop; drop != nil {
		m.keys = slices.DeleteFunc(m.keys, func(k mergeKey) bool { return drop[k.row] })
	}
	slices.SortFunc(m.keys, func(a, b mergeKey) int { return a.compare(&b) })
	return nil
}

// describe fills in what the keys tell the manifest; write adds the rest.
func (m *merger) describe(keys []mergeKey) *segment {
	first := &keys[0]
	seg := &segment{
		level: m.task.level, skewed: m.task.inputs[0].skewed, rows: int64(len(keys)), createdAt: m.l.now().UnixMicro(),
		minTime: first.time, maxTime: first.time, minID: first.id, maxID: first.id, fields: slices.Clone(m.fields),
	}
	for i := range keys {
		k := &keys[i]
		seg.minTime, seg.maxTime = min(seg.minTime, k.time), max(seg.maxTime, k.time)
		if slices.Compare(k.id[:], seg.minID[:]) < 0 {
			seg.minID = k.id
		}
		if slices.Compare(k.id[:], seg.maxID[:]) > 0 {
			seg.maxID = k.id
		}
		if i == 0 || k.unit != keys[i-1].unit {
			seg.units = append(seg.units, event.UnitID(m.units[k.unit-1]))
		}
	}
	for _, s := range m.task.inputs {
		seg.text, seg.overflow = seg.text || s.text, seg.overflow || s.overflow
	}
	return seg
}

// part is the rows of one row group that come from one group of one input.
type part struct {
	input int
	wanted
}

func (m *merger) write(ctx context.Context, f writableFile, seg *segment, keys []mergeKey) (int64, []byte, error) {
	e := m.l.encoders.Get().(*encoder)
	defer m.l.encoders.Put(e)
	w := bufio.NewWriterSize(f, 256<<10)
	form := fileForm{version: m.version, index: true, thorough: true}
	for _, c := range m.fields {
		form.fields = append(form.fields, c.name)
	}
	z := m.l.best
	// What will soon be merged again need not be small.
	if m.task.level == levelMinute && m.task.bucket == hourMicros && len(m.keys) < mergeRows/2 {
		z, form.thorough = m.l.fast, false
	}
	e.begin(w, z, form)
	for from := 0; from < len(keys); from += m.maxRows {
		begun := time.Now()
		if err := m.writeGroup(ctx, e, seg, keys[from:min(from+m.maxRows, len(keys))], from == 0); err != nil {
			return 0, nil, err
		}
		if err := m.l.pace.pause(ctx, time.Since(begun), leastMergeShare); err != nil {
			return 0, nil, err
		}
	}
	size, sum, err := e.finish()
	return size, sum, errors.Join(err, w.Flush())
}

func (m *merger) writeGroup(ctx context.Context, e *encoder, seg *segment, keys []mergeKey, first bool) error {
	parts, err := m.parts(keys)
	if err != nil {
		return err
	}
	e.startGroup(len(keys))
	ids, times := make([]event.ID, len(keys)), make([]int64, len(keys))
	for i := range keys {
		ids[i], times[i] = keys[i].id, keys[i].time
	}
	c := columnMerge{m: m, parts: parts, ids: make([]uint32, len(keys))}
	for col := range coreColumns {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch col {
		case colID:
			e.eventIDs(ids)
		case colTime:
			e.int64s(times)
		case colReceived:
			received := make([]int64, len(keys))
			if err := c.received(received); err != nil {
				return err
			}
			low, high := slices.Min(received), slices.Max(received)
			if first {
				seg.minReceived, seg.maxReceived = low, high
			}
			seg.minReceived, seg.maxReceived = min(seg.minReceived, low), max(seg.maxReceived, high)
			e.int64s(received)
		case colSkewed:
			skewed := make([]bool, len(keys))
			for i := range skewed {
				skewed[i] = seg.skewed
			}
			e.bools(skewed)
		default:
			plain := col == colRaw || col == colRawBytes
			there := func(in int) (int, bool) {
				return col, col != colShape || m.inputs[in].version() == m.version
			}
			if err := c.texts(there, plain); err != nil {
				return err
			}
			e.texts(c.ids, &c.dict, plain, col == colUnit || col == colHost)
		}
	}
	for _, f := range m.fields {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.texts(func(in int) (int, bool) { col, ok := m.columns[in][f.folded]; return col, ok }, false); err != nil {
			return err
		}
		e.texts(c.ids, &c.dict, false, false)
	}
	e.endGroup()
	return e.err
}

// parts sorts the rows of an output group by where they come from.
func (m *merger) parts(keys []mergeKey) ([]part, error) {
	rows, into := make([][]int64, len(m.inputs)), make([][]int, len(m.inputs))
	for i := range keys {
		in := keys[i].input
		rows[in], into[in] = append(rows[in], int64(keys[i].row)), append(into[in], i)
	}
	var out []part
	for in, r := range m.inputs {
		groups, err := r.groups(rows[in], into[in])
		if err != nil {
			return nil, fmt.Errorf("segment %s: %w", m.task.inputs[in].id, err)
		}
		for _, g := range groups {
			out = append(out, part{in, g})
		}
	}
	return out, nil
}

// columnMerge gathers one column of one row group from the inputs.
type columnMerge struct {
	m     *merger
	parts []part
	dict  dict
	ids   []uint32
	in    cells
	remap []uint32
}

func (c *columnMerge) texts(column func(input int) (int, bool), plain bool) error {
	c.dict.reset()
	clear(c.ids)
	for _, p := range c.parts {
		col, ok := column(p.input)
		if !ok {
			continue
		}
		if err := c.m.inputs[p.input].texts(p.group, col, p.rows, &c.in); err != nil {
			return fmt.Errorf("segment %s: %w", c.m.task.inputs[p.input].id, err)
		}
		c.remap = append(c.remap[:0], make([]uint32, c.in.dict.len())...)
		for i, id := range c.in.ids {
			if id == 0 {
				continue
			}
			if c.remap[id-1] == 0 {
				v := bytesAsString(c.in.dict.get(id - 1))
				if plain {
					c.remap[id-1] = c.dict.add(v) + 1
				} else {
					c.remap[id-1] = c.dict.intern(v) + 1
				}
			}
			c.ids[p.into[i]] = c.remap[id-1]
		}
	}
	return nil
}

func (c *columnMerge) received(out []int64) error {
	var v []int64
	for _, p := range c.parts {
		var err error
		if v, err = c.m.inputs[p.input].int64s(p.group, colReceived, p.rows, v); err != nil {
			return fmt.Errorf("segment %s: %w", c.m.task.inputs[p.input].id, err)
		}
		for i, at := range p.into {
			out[at] = v[i]
		}
	}
	return nil
}
