package lake

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/lachan-vn/lachan/internal/query"
)

const (
	// indexedFlush is how many rows a flush must have to get an index. Smaller
	// ones are merged within a minute, and are quicker read than indexed.
	indexedFlush = 1 << 15

	// filterFrom is how many different values a column of a row group must have
	// before it pays not to read them.
	filterFrom = 1024

	// maxRanges bounds the ranges of a column of integers.
	// Of a column whose values mostly differ they must be so tight.
	maxRanges = 64
	sparse    = 16 // numbers in the ranges for each that is there

	bitsPerGram   = 2
	minGramBits   = 1 << 10
	maxIndexShare = 20 // an index takes at most one byte for so many of its row group
)

// indexer builds the index of a segment while its columns are written: each
// value that occurs in a column of a row group is looked at once.
type indexer struct {
	on       bool
	grams    gramSet
	contexts map[string][]surrounding // by folded column
	borders  bool
	filters  []builtFilter
	columns  []columnIndex // of this group
	groups   []groupIndex
	blocks   []byte
	folded   []byte
	text     []byte
	ints     []int64
	hashes   []uint64
}

// surrounding is what stands around a value in records: up to three bytes on each
// side, which with the value make the grams across its borders.
type surrounding struct {
	before, after string // folded
	escape        escape
}

type builtFilter struct {
	col    int
	bytes  int // of the column's values: what it may save to read
	filter []byte
}

func (x *indexer) begin(on bool) {
	x.on, x.groups, x.blocks = on, x.groups[:0], x.blocks[:0]
}

func (x *indexer) startGroup() {
	if !x.on {
		return
	}
	x.grams.reset()
	x.contexts, x.borders = map[string][]surrounding{}, true
	x.filters, x.columns = x.filters[:0], nil
}

// column takes the values of a column of the group under way: the ids of d that
// occur, each once. Shapes come before the columns that they name.
func (x *indexer) column(col int, name string, d *dict, used []uint32, plain bool) {
	if !x.on || col == colRawBytes {
		return
	}
	if col == colShape {
		for _, id := range used {
			x.shape(string(d.get(id))) // d is filled anew for the next column
		}
		return
	}
	contexts := x.contexts[query.Fold(name)]
	hashed := plain && col >= coreColumns && len(used) >= filterFrom
	numbers := col >= coreColumns && len(used) >= filterFrom
	x.hashes, x.ints = x.hashes[:0], x.ints[:0]
	size := 0
	for _, id := range used {
		cell := d.get(id)
		if col == colOverflow {
			x.overflow(cell)
		}
		x.folded = appendFolded(x.folded[:0], cell)
		x.grams.add(x.folded)
		if len(contexts) == 0 && !hashed && !numbers {
			continue
		}
		size += len(cell)
		for folded := x.folded; ; {
			v, f, more := cell, folded, false
			if i := bytes.IndexByte(cell, cellSeparator[0]); i >= 0 {
				j := bytes.IndexByte(folded, cellSeparator[0])
				v, f, cell, folded, more = cell[:i], folded[:j], cell[i+1:], folded[j+1:], true
			}
			for i := range contexts {
				x.inContext(&contexts[i], v, f)
			}
			if string(v) != cellNull {
				if hashed {
					x.hashes = append(x.hashes, filterHash(f))
				}
				if numbers {
					var n int64
					n, numbers = integer(bytesAsString(v))
					x.ints = append(x.ints, n)
				}
			}
			if !more {
				break
			}
		}
	}
	if numbers && len(x.ints) > 0 {
		ranges, width := toRanges(x.ints)
		if !hashed || width < sparse*float64(len(x.ints)) {
			x.columns = append(x.columns, columnIndex{col: col, ranges: ranges})
			hashed = false
		}
	}
	if hashed {
		filter := make([]byte, (len(x.hashes)*filterBits+7)/8)
		for _, h := range x.hashes {
			addToFilter(filter, h)
		}
		x.filters = append(x.filters, builtFilter{col, size, filter})
	}
}

// shape takes the text between values, and notes what stands around them.
func (x *indexer) shape(s string) {
	parts, err := parseShape(s)
	if err != nil {
		x.borders = false
		return
	}
	for i := range parts {
		p := &parts[i]
		if p.field == "" {
			x.folded = appendFolded(x.folded[:0], []byte(p.literal))
			x.grams.add(x.folded)
			continue
		}
		c := surrounding{escape: p.escape}
		if i > 0 {
			// Between two values there must be so much that no gram has parts of
			// both; else their pairs would have to be known.
			if parts[i-1].field != "" || i > 1 && len(parts[i-1].literal) < gramBytes-1 {
				x.borders = false
			}
			lit := appendFolded(nil, []byte(parts[i-1].literal))
			c.before = string(lit[max(0, len(lit)-gramBytes+1):])
		}
		if i+1 < len(parts) {
			lit := appendFolded(nil, []byte(parts[i+1].literal))
			c.after = string(lit[:min(len(lit), gramBytes-1)])
		}
		if !slices.Contains(x.contexts[p.field], c) {
			x.contexts[p.field] = append(x.contexts[p.field], c)
		}
	}
}

// inContext adds the grams of a value as it stands in records, as far as they
// are not those of the value itself.
func (x *indexer) inContext(c *surrounding, v, folded []byte) {
	inner := folded
	if c.escape != verbatim {
		x.text = c.escape.append(x.text[:0], bytesAsString(v))
		if !bytes.Equal(x.text, v) {
			n := len(x.text)
			x.text = appendFolded(x.text, x.text)
			inner = x.text[n:]
			x.grams.add(inner)
		}
	}
	const edge = gramBytes - 1
	var around [4 * edge]byte
	if len(inner) <= 2*edge {
		b := append(append(append(around[:0], c.before...), inner...), c.after...)
		x.grams.add(b)
		return
	}
	x.grams.add(append(append(around[:0], c.before...), inner[:edge]...))
	x.grams.add(append(append(around[:0], inner[len(inner)-edge:]...), c.after...))
}

// overflow adds the values of fields that have no column, which the cell has
// escaped.
func (x *indexer) overflow(cell []byte) {
	var values map[string]string
	if json.Unmarshal(cell, &values) != nil {
		return
	}
	for _, v := range values {
		x.folded = appendFolded(x.folded[:0], []byte(v))
		x.grams.add(x.folded)
	}
}

// toRanges covers integers with few ranges, leaving out the largest gaps; width
// is how many numbers are in the ranges.
func toRanges(v []int64) (out []int64, width float64) {
	slices.Sort(v)
	type gap struct {
		at   int
		size uint64
	}
	var gaps []gap
	for i := 1; i < len(v); i++ {
		if size := uint64(v[i]) - uint64(v[i-1]); size > 1 {
			gaps = append(gaps, gap{i, size})
		}
	}
	slices.SortFunc(gaps, func(a, b gap) int {
		if a.size != b.size {
			if a.size > b.size {
				return -1
			}
			return 1
		}
		return a.at - b.at
	})
	gaps = gaps[:min(len(gaps), maxRanges-1)]
	slices.SortFunc(gaps, func(a, b gap) int { return a.at - b.at })
	out = append(out, v[0])
	for _, g := range gaps {
		out = append(out, v[g.at-1], v[g.at])
	}
	out = append(out, v[len(v)-1])
	for i := 0; i < len(out); i += 2 {
		width += float64(out[i+1]) - float64(out[i]) + 1
	}
	return out, width
}

// endGroup builds the blocks of a group of size bytes. Offsets are those in
// x.blocks until finish knows where that stands.
func (x *indexer) endGroup(size int64) {
	if !x.on {
		return
	}
	budget := int(size / maxIndexShare)
	g := groupIndex{borders: x.borders, columns: x.columns}
	n := x.grams.count()
	bitmap := max(minGramBits, n*bitsPerGram)
	if bitmap > budget*8 {
		bitmap = budget * 8
	}
	if bitmap = bitmap / 8 * 8; bitmap >= n && bitmap > 0 {
		b := x.grams.appendBitmap(nil, uint64(bitmap))
		budget -= len(b)
		g.grams = x.block(b)
	}
	// The filters that save most for their size come first.
	slices.SortStableFunc(x.filters, func(a, b builtFilter) int { return b.bytes*len(a.filter) - a.bytes*len(b.filter) })
	for _, f := range x.filters {
		if budget -= len(f.filter); budget < 0 {
			break
		}
		g.columns = append(g.columns, columnIndex{col: f.col, filter: x.block(f.filter)})
	}
	slices.SortFunc(g.columns, func(a, b columnIndex) int { return a.col - b.col })
	x.groups = append(x.groups, g)
}

func (x *indexer) block(b []byte) indexBlock {
	at := indexBlock{offset: int64(len(x.blocks)), size: int64(len(b)), sum: crc32.Checksum(b, castagnoli)}
	x.blocks = append(x.blocks, b...)
	return at
}

// finish returns the bytes of the index, which are to stand at offset, and the
// metadata that points to its directory.
func (x *indexer) finish(offset int64) (index []byte, place string) {
	at := len(x.blocks)
	b := binary.AppendUvarint(x.blocks, uint64(len(x.groups)))
	for i := range x.groups {
		g := &x.groups[i]
		flags := byte(0)
		if g.borders {
			flags |= indexBorders
		}
		b = g.grams.append(append(b, flags), offset)
		b = binary.AppendUvarint(b, uint64(len(g.columns)))
		for _, c := range g.columns {
			b = binary.AppendUvarint(b, uint64(c.col))
			if c.ranges == nil {
				b = c.filter.append(append(b, indexFilter), offset)
				continue
			}
			b = binary.AppendUvarint(append(b, indexRanges), uint64(len(c.ranges)/2))
			b = binary.AppendVarint(b, c.ranges[0])
			for j := 1; j < len(c.ranges); j++ {
				b = binary.AppendUvarint(b, uint64(c.ranges[j]-c.ranges[j-1]))
			}
		}
	}
	x.blocks = b
	dir := b[at:]
	return b, fmt.Sprintf("%d:%d:%08x", offset+int64(at), len(dir), crc32.Checksum(dir, castagnoli))
}

func (b indexBlock) append(dst []byte, start int64) []byte {
	if b.size == 0 {
		start = 0
	}
	dst = binary.AppendUvarint(dst, uint64(start+b.offset))
	dst = binary.AppendUvarint(dst, uint64(b.size))
	return binary.LittleEndian.AppendUint32(dst, b.sum)
}
