package lake

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go/format"
)

// The index of a segment tells what its row groups cannot hold. It stands
// between the last row group and the footer, where readers of Parquet that do
// not know it pass over it; docs/format/segment.md describes the bytes:
//
//	blocks, each a bitmap of grams or a filter
//	directory: uvarint row groups, and for each of them
//	    flags (1: the grams across the borders of values are there, too)
//	    block of grams
//	    uvarint columns, and for each of them
//	        uvarint column, kind
//	        kind 1: block of the filter
//	        kind 2: uvarint ranges; first as varint, then the distances as uvarint
//	block = uvarint offset, uvarint bytes, CRC-32C; none if of 0 bytes
//
// The metadata lachan.index is "offset:length:CRC-32C" of the directory.
const (
	keyIndex = "lachan.index"

	indexBorders = 1

	indexFilter = 1
	indexRanges = 2
)

// maxIndex bounds the directory and a block, which a damaged file might want to
// be huge.
const maxIndex = 64 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// segmentIndex is the directory of a segment; groups is empty where there is no
// index.
type segmentIndex struct {
	groups []groupIndex
}

type groupIndex struct {
	borders bool
	grams   indexBlock
	columns []columnIndex // by col
}

type indexBlock struct {
	offset, size int64
	sum          uint32
}

type columnIndex struct {
	col    int
	filter indexBlock
	ranges []int64 // low, high, low, high, …; every value is an integer in one of them
}

// readIndex reads the directory of a segment.
func readIndex(r *segmentReader) (*segmentIndex, error) {
	place := metadata(r.meta, keyIndex)
	if place == "" {
		return new(segmentIndex), nil
	}
	var b indexBlock
	parts := strings.Split(place, ":")
	if len(parts) != 3 {
		return nil, errIndex("place")
	}
	var errs [3]error
	var sum uint64
	b.offset, errs[0] = strconv.ParseInt(parts[0], 10, 64)
	b.size, errs[1] = strconv.ParseInt(parts[1], 10, 64)
	sum, errs[2] = strconv.ParseUint(parts[2], 16, 32)
	b.sum = uint32(sum)
	if errs != [3]error{} {
		return nil, errIndex("place")
	}
	bytes, err := r.block(b, nil)
	if err != nil {
		return nil, err
	}
	return parseIndex(bytes, r.meta)
}

func errIndex(what string) error { return fmt.Errorf("%w: bad index: %s", errSegment, what) }

// block reads a block and checks it.
func (r *segmentReader) block(b indexBlock, into []byte) ([]byte, error) {
	if b.size <= 0 || b.size > maxIndex || b.offset < 4 {
		return nil, errIndex("block")
	}
	into = slices.Grow(into[:0], int(b.size))[:b.size]
	if _, err := r.r.ReadAt(into, b.offset); err != nil {
		return nil, fmt.Errorf("segment index: %w", err)
	}
	if crc32.Checksum(into, castagnoli) != b.sum {
		return nil, errIndex("checksum")
	}
	return into, nil
}

func parseIndex(src []byte, meta *format.FileMetaData) (*segmentIndex, error) {
	in := indexReader{src, true}
	if in.uvarint() != uint64(len(meta.RowGroups)) {
		return nil, errIndex("row groups")
	}
	x := &segmentIndex{groups: make([]groupIndex, len(meta.RowGroups))}
	for i := range x.groups {
		g := &x.groups[i]
		g.borders = in.byte()&indexBorders != 0
		g.grams = in.block()
		columns := in.uvarint()
		if columns >= uint64(len(meta.Schema)) {
			return nil, errIndex("columns")
		}
		for range columns {
			c := columnIndex{col: int(min(in.uvarint(), math.MaxInt32))}
			if c.col >= len(meta.Schema)-1 || len(g.columns) > 0 && c.col <= g.columns[len(g.columns)-1].col {
				return nil, errIndex("column")
			}
			switch in.byte() {
			case indexFilter:
				c.filter = in.block()
			case indexRanges:
				c.ranges = in.ranges()
			default:
				return nil, errIndex("kind")
			}
			g.columns = append(g.columns, c)
		}
	}
	if !in.ok {
		return nil, errIndex("cut short")
	}
	return x, nil
}

type indexReader struct {
	rest []byte
	ok   bool
}

func (r *indexReader) byte() byte {
	if len(r.rest) == 0 {
		r.ok = false
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *indexReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.ok, r.rest = false, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *indexReader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.ok, r.rest = false, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *indexReader) block() (b indexBlock) {
	b.offset, b.size = int64(r.uvarint()&math.MaxInt64), int64(r.uvarint()&math.MaxInt64)
	if len(r.rest) < 4 {
		r.ok, r.rest = false, nil
		return indexBlock{}
	}
	b.sum = binary.LittleEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return b
}

func (r *indexReader) ranges() []int64 {
	n := r.uvarint()
	if n == 0 || n > maxRanges {
		r.ok, r.rest = false, nil
		return nil
	}
	out := make([]int64, 2*n)
	out[0] = r.varint()
	for i := range out[1:] {
		out[i+1] = out[i] + int64(r.uvarint()) // overflow only where it is damaged
	}
	return out
}

// groupIndex returns the index of a row group; nil if there is none. What cannot be
// read is as good as none: an index only saves work.
func (r *segmentReader) groupIndex(group int) *groupIndex {
	if r.index == nil || r.indexOf != r.meta {
		x, err := readIndex(r)
		if err != nil {
			x = new(segmentIndex)
		}
		r.index, r.indexOf = x, r.meta
	}
	if group >= len(r.index.groups) {
		return nil
	}
	return &r.index.groups[group]
}

// mayContain reports whether a text may be part of a value, of the text between
// values, or of a raw record that is kept, in a row group. folded is folded as
// query.Fold does. false is certain; true is not, and always the answer where
// there is no index or the text is shorter than a gram.
//
// A text that is part of a record only across the border of a value is covered
// where [segmentReader.coversBorders] says so.
func (r *segmentReader) mayContain(group int, folded string) bool {
	if len(folded) < gramBytes {
		return true
	}
	x := r.groupIndex(group)
	if x == nil || x.grams.size == 0 {
		return true
	}
	if r.gramsOf != x {
		r.gramsOf = nil
		b, err := r.block(x.grams, r.grams)
		if err != nil {
			return true
		}
		r.grams, r.gramsOf = b, x
	}
	return holdsGrams(r.grams, folded)
}

// coversBorders reports whether mayContain speaks of whole records.
func (r *segmentReader) coversBorders(group int) bool {
	x := r.groupIndex(group)
	return x != nil && x.borders
}

// mayEqual reports whether a value of a column may be the folded text in a row
// group; false is certain.
func (r *segmentReader) mayEqual(group, col int, folded string) bool {
	x := r.groupIndex(group)
	if x == nil {
		return true
	}
	i, ok := slices.BinarySearchFunc(x.columns, col, func(c columnIndex, col int) int { return c.col - col })
	if !ok {
		return true
	}
	c := &x.columns[i]
	if c.ranges != nil {
		v, ok := integer(folded)
		return ok && inRanges(c.ranges, v)
	}
	b, err := r.block(c.filter, r.filter)
	if err != nil {
		return true
	}
	r.filter = b
	return inFilter(b, filterHash(folded))
}

func inRanges(ranges []int64, v int64) bool {
	i, exact := slices.BinarySearch(ranges, v)
	return exact || i%2 == 1
}

// integer reads a number that is written the one way that an int64 is.
func integer(s string) (int64, bool) {
	if s == "" || len(s) > 20 || s[0] == '0' && len(s) > 1 || s[0] == '-' && (len(s) == 1 || s[1] == '0') || s[0] == '+' {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	return v, err == nil
}
