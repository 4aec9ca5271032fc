package lake

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"math/bits"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/lachan-vn/lachan/internal/event"
)

// pageRows is how many rows a data page holds at most. A page is what reading
// one row costs, so pages are small.
const pageRows = 8192

const pageBytes = 1 << 20 // a page of long values ends earlier

// encoder writes one Parquet file, column chunk by column chunk. It writes the
// few forms our segments use: version 1 pages; texts as dictionary or plain;
// integers as deltas. What a general writer does with rows and reflection, it
// does with the numbers a [dict] has given already.
type encoder struct {
	w       io.Writer
	off     int64
	sum     hash.Hash
	err     error
	zstd    *zstd.Encoder
	schema  []format.SchemaElement
	version string
	groups  []format.RowGroup
	cols    []format.ColumnChunk // of the row group under way
	rows    int                  // of it
	raw     int64                // its uncompressed bytes
	total   int64

	index indexer

	thorough bool

	page   []byte // scratch: a page before and after compression
	other  []byte
	comp   []byte
	head   []byte
	remap  []uint32
	used   []uint32
	local  []uint32
	places []uint32 // of the rows of a column that have a value
	ids    []uint32 // and the numbers of their values
	bitmap []byte

	prefixes, suffixes []int32 // of front coding
	lengths, rest      []byte
}

var parquetMagic = []byte("PAR1")

// fileForm is what a file is to be like.
type fileForm struct {
	version  string
	fields   []string
	index    bool
	thorough bool // take time to find the smaller of two forms
}

func (e *encoder) begin(w io.Writer, z *zstd.Encoder, f fileForm) {
	e.index.begin(f.index)
	e.thorough = f.thorough
	e.w, e.zstd, e.off, e.err, e.total = w, z, 0, nil, 0
	e.sum = sha256.New()
	e.groups, e.cols = e.groups[:0], nil
	e.version = f.version
	e.schema = segmentSchema(f.version, f.fields)
	e.write(parquetMagic)
}

func (e *encoder) write(b []byte) {
	if e.err != nil {
		return
	}
	e.sum.Write(b)
	n, err := e.w.Write(b)
	e.off += int64(n)
	e.err = err
}

func (e *encoder) startGroup(rows int) {
	e.rows, e.raw = rows, 0
	e.index.startGroup()
	e.cols = make([]format.ColumnChunk, 0, len(e.schema)-1)
}

func (e *encoder) endGroup() {
	var compressed int64
	for i := range e.cols {
		compressed += e.cols[i].MetaData.TotalCompressedSize
	}
	e.groups = append(e.groups, format.RowGroup{
		Columns: e.cols, TotalByteSize: e.raw, NumRows: int64(e.rows),
		FileOffset: firstPage(&e.cols[0].MetaData), TotalCompressedSize: compressed, Ordinal: int16(len(e.groups)),
	})
	e.total += int64(e.rows)
	e.index.endGroup(compressed)
}

// finish writes the footer and returns the size and SHA-256 of the file.
func (e *encoder) finish() (int64, []byte, error) {
	orders := make([]format.ColumnOrder, len(e.schema)-1)
	for i := range orders {
		orders[i].Value = &format.TypeDefinedOrder{}
	}
	keys := []format.KeyValue{{Key: keyVersion, Value: e.version}}
	if len(e.index.groups) > 0 {
		index, place := e.index.finish(e.off)
		keys = append(keys, format.KeyValue{Key: keyIndex, Value: place})
		e.write(index)
	}
	meta := format.FileMetaData{
		Version: 1, Schema: e.schema, NumRows: e.total, RowGroups: e.groups,
		KeyValueMetadata: keys, CreatedBy: "lachan", ColumnOrders: orders,
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
	if err != nil {
		return 0, nil, fmt.Errorf("segment footer: %w", err)
	}
	e.write(footer)
	e.write(binary.LittleEndian.AppendUint32(nil, uint32(len(footer))))
	e.write(parquetMagic)
	return e.off, e.sum.Sum(nil), e.err
}

// chunk is a column chunk being written.
type chunk struct {
	meta format.ColumnMetaData
}

func (e *encoder) startChunk() chunk {
	el := &e.schema[1+len(e.cols)]
	codec := format.Zstd
	if e.zstd == nil {
		codec = format.Uncompressed
	}
	return chunk{meta: format.ColumnMetaData{
		Type: el.Type.V, PathInSchema: []string{el.Name}, Codec: codec, NumValues: int64(e.rows),
	}}
}

func (e *encoder) endChunk(c *chunk) {
	c.meta.TotalCompressedSize = e.off - firstPage(&c.meta)
	e.raw += c.meta.TotalUncompressedSize
	e.cols = append(e.cols, format.ColumnChunk{FileOffset: 0, MetaData: c.meta})
}

func firstPage(m *format.ColumnMetaData) int64 {
	if m.DictionaryPageOffset != 0 {
		return m.DictionaryPageOffset
	}
	return m.DataPageOffset
}

// flush compresses e.page and writes it behind its header.
func (e *encoder) flush(c *chunk, typ format.PageType, enc format.Encoding, values int) {
	e.comp = e.compress(e.page)
	e.head = appendPageHeader(e.head[:0], typ, enc, len(e.page), len(e.comp), values)
	if typ == format.DictionaryPage {
		c.meta.DictionaryPageOffset = e.off
	} else if c.meta.DataPageOffset == 0 {
		c.meta.DataPageOffset = e.off
	}
	c.meta.TotalUncompressedSize += int64(len(e.head) + len(e.page))
	e.write(e.head)
	e.write(e.comp)
	e.page = e.page[:0]
}

// compress compresses a page. Without a compressor pages stand as they are, which
// lets tests damage what is in them.
func (e *encoder) compress(page []byte) []byte {
	if e.zstd == nil {
		return append(e.comp[:0], page...)
	}
	return e.zstd.EncodeAll(page, e.comp[:0])
}

// keepSmaller takes e.other for the page if it compresses better.
func (e *encoder) keepSmaller() bool {
	e.comp = e.compress(e.page)
	n := len(e.comp)
	e.comp = e.compress(e.other)
	if len(e.comp) >= n {
		return false
	}
	e.page, e.other = e.other, e.page
	return true
}

// appendPageHeader writes a PageHeader in Thrift's compact form: a field is a
// byte (step to its number << 4 | type) and a zigzag varint (type 5) or struct
// (type 12).
func appendPageHeader(b []byte, typ format.PageType, enc format.Encoding, size, compressed, values int) []byte {
	i32 := func(v int) { b = append(b, 0x15); b = binary.AppendVarint(b, int64(v)) }
	i32(int(typ))
	i32(size)
	i32(compressed)
	if typ == format.DictionaryPage {
		b = append(b, 4<<4|12) // field 7
		i32(values)
		i32(int(enc))
	} else {
		b = append(b, 2<<4|12) // field 5
		i32(values)
		i32(int(enc))
		i32(int(format.RLE)) // definition levels
		i32(int(format.RLE)) // repetition levels
	}
	return append(b, 0, 0)
}

func (e *encoder) eventIDs(v []event.ID) {
	c := e.startChunk()
	c.meta.Encoding = []format.Encoding{format.Plain}
	for len(v) > 0 {
		n := min(len(v), pageRows)
		for i := range n {
			e.page = append(e.page, v[i][:]...)
		}
		e.flush(&c, format.DataPage, format.Plain, n)
		v = v[n:]
	}
	e.endChunk(&c)
}

func (e *encoder) int64s(v []int64) {
	c := e.startChunk()
	c.meta.Encoding = []format.Encoding{format.DeltaBinaryPacked}
	if len(v) > 0 {
		low, high := v[0], v[0]
		for _, x := range v {
			low, high = min(low, x), max(high, x)
		}
		c.meta.Statistics.MinValue = binary.LittleEndian.AppendUint64(nil, uint64(low))
		c.meta.Statistics.MaxValue = binary.LittleEndian.AppendUint64(nil, uint64(high))
	}
	for len(v) > 0 {
		n := min(len(v), pageRows)
		var enc delta.BinaryPackedEncoding
		page, err := enc.EncodeInt64(e.page[:0], v[:n])
		if err != nil && e.err == nil {
			e.err = fmt.Errorf("segment column: %w", err)
		}
		e.page = page
		e.flush(&c, format.DataPage, format.DeltaBinaryPacked, n)
		v = v[n:]
	}
	e.endChunk(&c)
}

func (e *encoder) bools(v []bool) {
	c := e.startChunk()
	c.meta.Encoding = []format.Encoding{format.Plain}
	for len(v) > 0 {
		n := min(len(v), pageRows)
		e.page = append(e.page, make([]byte, (n+7)/8)...)
		for i := range n {
			if v[i] {
				e.page[i/8] |= 1 << (i % 8)
			}
		}
		e.flush(&c, format.DataPage, format.Plain, n)
		v = v[n:]
	}
	e.endChunk(&c)
}

// texts writes a column chunk of texts: cells[row] is 0 for absent, else the
// value's number + 1. Values that repeat are written once, in a dictionary; a
// column of mostly different ones is written plain, which then is smaller.
//
// Most columns are absent from most rows: the rows that have a value are listed
// first, and the rest of the work is in proportion to them.
func (e *encoder) texts(cells []uint32, d *dict, plain, stats bool) {
	c := e.startChunk()
	e.gather(cells)
	present := len(e.places)
	distinct := e.ids
	if !plain {
		e.localise(d.len())
		distinct = e.used
		plain = present > 64 && len(e.used)*2 > present
	}
	c.meta.Statistics.NullCount = int64(e.rows - present)
	if stats && !plain && len(e.used) > 0 {
		e.textStats(&c, d)
	}
	e.index.column(len(e.cols), e.schema[1+len(e.cols)].Name, d, distinct, plain)
	switch {
	case plain:
		c.meta.Encoding = []format.Encoding{format.RLE}
		e.plainPages(&c, d)
	default:
		c.meta.Encoding = []format.Encoding{format.Plain, format.RLE, format.RLEDictionary}
		for _, id := range e.used {
			v := d.get(id)
			e.page = binary.LittleEndian.AppendUint32(e.page, uint32(len(v)))
			e.page = append(e.page, v...)
		}
		e.flush(&c, format.DictionaryPage, format.Plain, len(e.used))
		e.dictPages(&c)
	}
	e.clearRemap()
	e.endChunk(&c)
}

// gather lists the rows that have a value.
func (e *encoder) gather(cells []uint32) {
	e.places, e.ids = slices.Grow(e.places[:0], len(cells)), slices.Grow(e.ids[:0], len(cells))
	row := 0
	for ; row+8 <= len(cells); row += 8 {
		c := (*[8]uint32)(cells[row:])
		if c[0]|c[1]|c[2]|c[3]|c[4]|c[5]|c[6]|c[7] == 0 {
			continue
		}
		for i, v := range c {
			if v != 0 {
				e.places, e.ids = append(e.places, uint32(row+i)), append(e.ids, v-1)
			}
		}
	}
	for ; row < len(cells); row++ {
		if v := cells[row]; v != 0 {
			e.places, e.ids = append(e.places, uint32(row)), append(e.ids, v-1)
		}
	}
}

// localise numbers the values that occur by first occurrence: e.used lists
// them, e.remap[id] is the number + 1.
func (e *encoder) localise(ids int) {
	if len(e.remap) < ids {
		e.remap = append(e.remap, make([]uint32, ids-len(e.remap))...)
	}
	e.used = e.used[:0]
	for _, id := range e.ids {
		if e.remap[id] == 0 {
			e.used = append(e.used, id)
			e.remap[id] = uint32(len(e.used))
		}
	}
}

func (e *encoder) clearRemap() {
	for _, id := range e.used {
		e.remap[id] = 0
	}
	e.used = e.used[:0]
}

// maxStat bounds statistics: a longer value would have to be cut, and a cut
// bound needs care with every reader.
const maxStat = 64

func (e *encoder) textStats(c *chunk, d *dict) {
	low, high := d.get(e.used[0]), d.get(e.used[0])
	for _, id := range e.used {
		v := d.get(id)
		if string(v) < string(low) {
			low = v
		}
		if string(v) > string(high) {
			high = v
		}
	}
	if len(low) <= maxStat && len(high) <= maxStat && len(low) > 0 {
		c.meta.Statistics.MinValue, c.meta.Statistics.MaxValue = append([]byte(nil), low...), append([]byte(nil), high...)
	}
}

func (e *encoder) plainPages(c *chunk, d *dict) {
	places, ids := e.places, e.ids
	front := e.thorough
	for from := 0; from < e.rows; {
		to, size, n := from, 0, 0
		for to < e.rows && to-from < pageRows && size < pageBytes {
			if n < len(places) && places[n] == uint32(to) {
				size += 4 + len(d.get(ids[n]))
				n++
			}
			to++
		}
		e.levels(places[:n], from, to)
		start := len(e.page)
		for _, id := range ids[:n] {
			b := d.get(id)
			e.page = binary.LittleEndian.AppendUint32(e.page, uint32(len(b)))
			e.page = append(e.page, b...)
		}
		enc := format.Plain
		if front {
			e.other = e.appendFront(append(e.other[:0], e.page[:start]...), e.page[start:])
			if e.keepSmaller() {
				enc = format.DeltaByteArray
			} else if n > 0 {
				front = false // the other pages will be like this one
			}
		}
		e.flush(c, format.DataPage, enc, to-from)
		c.uses(enc)
		from, places, ids = to, places[n:], ids[n:]
	}
}

// uses notes that a page has an encoding.
func (c *chunk) uses(enc format.Encoding) {
	if !slices.Contains(c.meta.Encoding, enc) {
		c.meta.Encoding = append(c.meta.Encoding, enc)
	}
}

func (e *encoder) dictPages(c *chunk) {
	places, ids := e.places, e.ids
	width := bits.Len(uint(max(len(e.used)-1, 0)))
	for from := 0; from < e.rows; from += pageRows {
		to := min(from+pageRows, e.rows)
		n, _ := slices.BinarySearch(places, uint32(to))
		e.levels(places[:n], from, to)
		e.local = e.local[:0]
		for _, id := range ids[:n] {
			e.local = append(e.local, e.remap[id]-1)
		}
		levels := len(e.page)
		e.page = appendHybrid(append(e.page, byte(width)), e.local, width)
		if wide := (width + 7) / 8 * 8; e.thorough && wide != width {
			// Whole bytes are larger, but what repeats in them shows.
			e.other = append(append(e.other[:0], e.page[:levels]...), byte(wide))
			e.other = appendHybrid(e.other, e.local, wide)
			e.keepSmaller()
		}
		e.flush(c, format.DataPage, format.RLEDictionary, to-from)
		places, ids = places[n:], ids[n:]
	}
}

// levels writes the definition levels of a page of the rows from to to: which of
// them, places, have a value.
func (e *encoder) levels(places []uint32, from, to int) {
	start := len(e.page)
	e.page = append(e.page, 0, 0, 0, 0)
	rows := to - from
	switch len(places) {
	case 0, rows:
		e.page = append(binary.AppendUvarint(e.page, uint64(rows)<<1), byte(min(len(places), 1)))
	default:
		e.bitmap = append(e.bitmap[:0], make([]byte, (rows+7)/8)...)
		for _, p := range places {
			i := int(p) - from
			e.bitmap[i/8] |= 1 << (i % 8)
		}
		e.page = appendBits(e.page, e.bitmap, rows)
	}
	binary.LittleEndian.PutUint32(e.page[start:], uint32(len(e.page)-start-4))
}
