package lake

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"math/bits"

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

	page  []byte // scratch: a page before and after compression
	comp  []byte
	head  []byte
	remap []uint32
	used  []uint32
	local []uint32
}

var parquetMagic = []byte("PAR1")

func (e *encoder) begin(w io.Writer, z *zstd.Encoder, version string, fields []string) {
	e.w, e.zstd, e.off, e.err, e.total = w, z, 0, nil, 0
	e.sum = sha256.New()
	e.groups, e.cols = e.groups[:0], nil
	e.version = version
	e.schema = segmentSchema(version, fields)
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
}

// finish writes the footer and returns the size and SHA-256 of the file.
func (e *encoder) finish() (int64, []byte, error) {
	orders := make([]format.ColumnOrder, len(e.schema)-1)
	for i := range orders {
		orders[i].Value = &format.TypeDefinedOrder{}
	}
	meta := format.FileMetaData{
		Version: 1, Schema: e.schema, NumRows: e.total, RowGroups: e.groups,
		KeyValueMetadata: []format.KeyValue{{Key: keyVersion, Value: e.version}},
		CreatedBy:        "lachan", ColumnOrders: orders,
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
	return chunk{meta: format.ColumnMetaData{
		Type: el.Type.V, PathInSchema: []string{el.Name}, Codec: format.Zstd, NumValues: int64(e.rows),
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
	e.comp = e.zstd.EncodeAll(e.page, e.comp[:0])
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

func (e *encoder) ids(v []event.ID) {
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
func (e *encoder) texts(cells []uint32, d *dict, plain, stats bool) {
	c := e.startChunk()
	present := 0
	if !plain {
		present = e.localise(cells, d.len())
		plain = present > 64 && len(e.used)*4 > present*3
	} else {
		for _, v := range cells {
			if v != 0 {
				present++
			}
		}
	}
	c.meta.Statistics.NullCount = int64(e.rows - present)
	if stats && !plain && len(e.used) > 0 {
		e.textStats(&c, d)
	}
	switch {
	case plain:
		c.meta.Encoding = []format.Encoding{format.Plain, format.RLE}
		e.plainPages(&c, cells, d)
	default:
		c.meta.Encoding = []format.Encoding{format.Plain, format.RLE, format.RLEDictionary}
		for _, id := range e.used {
			v := d.get(id)
			e.page = binary.LittleEndian.AppendUint32(e.page, uint32(len(v)))
			e.page = append(e.page, v...)
		}
		e.flush(&c, format.DictionaryPage, format.Plain, len(e.used))
		e.dictPages(&c, cells)
	}
	e.clearRemap()
	e.endChunk(&c)
}

// localise numbers the values that occur in cells by first occurrence: e.used
// lists them, e.remap[id] is the number + 1.
func (e *encoder) localise(cells []uint32, ids int) (present int) {
	if len(e.remap) < ids {
		e.remap = append(e.remap, make([]uint32, ids-len(e.remap))...)
	}
	e.used = e.used[:0]
	for _, v := range cells {
		if v == 0 {
			continue
		}
		present++
		if e.remap[v-1] == 0 {
			e.used = append(e.used, v-1)
			e.remap[v-1] = uint32(len(e.used))
		}
	}
	return present
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

func (e *encoder) plainPages(c *chunk, cells []uint32, d *dict) {
	for from := 0; from < len(cells); {
		to, size := from, 0
		for to < len(cells) && to-from < pageRows && size < pageBytes {
			if v := cells[to]; v != 0 {
				size += 4 + len(d.get(v-1))
			}
			to++
		}
		e.levels(cells[from:to])
		for _, v := range cells[from:to] {
			if v != 0 {
				b := d.get(v - 1)
				e.page = binary.LittleEndian.AppendUint32(e.page, uint32(len(b)))
				e.page = append(e.page, b...)
			}
		}
		e.flush(c, format.DataPage, format.Plain, to-from)
		from = to
	}
}

func (e *encoder) dictPages(c *chunk, cells []uint32) {
	width := bits.Len(uint(max(len(e.used)-1, 0)))
	for from := 0; from < len(cells); from += pageRows {
		page := cells[from:min(from+pageRows, len(cells))]
		e.levels(page)
		e.local = e.local[:0]
		for _, v := range page {
			if v != 0 {
				e.local = append(e.local, e.remap[v-1]-1)
			}
		}
		e.page = append(e.page, byte(width))
		e.page = appendHybrid(e.page, e.local, width)
		e.flush(c, format.DataPage, format.RLEDictionary, len(page))
	}
}

// levels writes the definition levels of a page: which rows have a value.
func (e *encoder) levels(cells []uint32) {
	start := len(e.page)
	e.page = append(e.page, 0, 0, 0, 0)
	e.local = e.local[:0]
	for _, v := range cells {
		e.local = append(e.local, min(v, 1))
	}
	e.page = appendHybrid(e.page, e.local, 1)
	binary.LittleEndian.PutUint32(e.page[start:], uint32(len(e.page)-start-4))
}
