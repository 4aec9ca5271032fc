package lake

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/lachan-vn/lachan/internal/event"
)

// segmentReader reads single rows and columns of a segment. Searching whole
// columns is the search engine's work; this is for fetching the rows it found,
// and for merging. It is not safe for concurrent use.
type segmentReader struct {
	r     io.ReaderAt
	close func() error
	meta  *format.FileMetaData
	zstd  *zstd.Decoder
	*scratch
}

// scratch is memory that readers which take turns may share.
type scratch struct {
	raw   []byte // compressed chunk
	page  []byte
	defs  []uint32
	local []uint32
	ints  []int64
}

// fields returns the names of the field columns.
func (r *segmentReader) fields() []string {
	out := make([]string, 0, len(r.meta.Schema))
	for _, el := range r.meta.Schema[1+coreColumns:] {
		out = append(out, el.Name)
	}
	return out
}

// cells are the values of some rows of one column: ids[i] is 0 for absent, else
// the number + 1 in dict.
type cells struct {
	ids  []uint32
	dict dict
}

func (c *cells) reset(n int) {
	c.dict.arena, c.dict.ends = c.dict.arena[:0], c.dict.ends[:0]
	c.ids = append(c.ids[:0], make([]uint32, n)...)
}

// page is one decompressed data page.
type page struct {
	rows int
	enc  format.Encoding
	data []byte
}

// errPage is returned for bytes that cannot be a page of ours.
func errPage(what string) error { return fmt.Errorf("%w: bad page: %s", errSegment, what) }

// pages calls each for the dictionary page and the data pages of a chunk that
// hold one of the wanted rows (ascending, within the group); first is the row
// the page starts with. A page without wanted rows is not even decompressed.
func (r *segmentReader) pages(group, col int, rows []uint32, onDict func(page) error, each func(first uint32, p page, rows []uint32) error) error {
	m := &r.meta.RowGroups[group].Columns[col].MetaData
	if cap(r.raw) < int(m.TotalCompressedSize) {
		r.raw = make([]byte, m.TotalCompressedSize)
	}
	r.raw = r.raw[:m.TotalCompressedSize]
	if _, err := r.r.ReadAt(r.raw, firstPage(m)); err != nil {
		return fmt.Errorf("segment: %w", err)
	}
	rest := r.raw
	var first uint32
	for len(rows) > 0 {
		if len(rest) == 0 {
			return errPage("a row is missing")
		}
		src := bytes.NewReader(rest)
		var h format.PageHeader
		if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(src)).Decode(&h); err != nil {
			return errPage("header")
		}
		body := rest[len(rest)-src.Len():]
		if h.CompressedPageSize < 0 || int(h.CompressedPageSize) > len(body) || h.UncompressedPageSize < 0 {
			return errPage("size")
		}
		rest = body[h.CompressedPageSize:]
		body = body[:h.CompressedPageSize]
		p := page{}
		n := 0 // wanted rows in this page
		switch h.Type {
		case format.DictionaryPage:
			p.rows = int(h.DictionaryPageHeader.V.NumValues)
		case format.DataPage:
			p.rows, p.enc = int(h.DataPageHeader.V.NumValues), h.DataPageHeader.V.Encoding
			if p.rows <= 0 || int64(p.rows) > r.meta.RowGroups[group].NumRows {
				return errPage("row count")
			}
			for n < len(rows) && rows[n] < first+uint32(p.rows) {
				n++
			}
			if n == 0 {
				first += uint32(p.rows)
				continue
			}
		default:
			return errPage("type")
		}
		var err error
		if p.data, err = r.decompress(body, m.Codec, int(h.UncompressedPageSize)); err != nil {
			return err
		}
		if h.Type == format.DictionaryPage {
			err = onDict(p)
		} else {
			err = each(first, p, rows[:n])
			rows = rows[n:]
			first += uint32(p.rows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *segmentReader) decompress(b []byte, codec format.CompressionCodec, size int) ([]byte, error) {
	if codec == format.Uncompressed {
		return b, nil
	}
	if codec != format.Zstd {
		return nil, errPage("codec")
	}
	out, err := r.zstd.DecodeAll(b, r.page[:0])
	if err != nil || len(out) != size {
		return nil, errPage("compressed data")
	}
	r.page = out
	return out, nil
}

func noDict(page) error { return errPage("unexpected dictionary") }

// int64s reads rows of a time column into dst[:0].
func (r *segmentReader) int64s(group, col int, rows []uint32, dst []int64) ([]int64, error) {
	dst = dst[:0]
	err := r.pages(group, col, rows, noDict, func(first uint32, p page, rows []uint32) error {
		if p.enc != format.DeltaBinaryPacked {
			return errPage("encoding")
		}
		var enc delta.BinaryPackedEncoding
		v, err := enc.DecodeInt64(r.ints[:0], p.data)
		if err != nil || len(v) < p.rows {
			return errPage("integers")
		}
		r.ints = v
		for _, row := range rows {
			dst = append(dst, v[row-first])
		}
		return nil
	})
	return dst, err
}

// ids reads rows of the ID column.
func (r *segmentReader) ids(group int, rows []uint32, dst []event.ID) ([]event.ID, error) {
	dst = dst[:0]
	err := r.pages(group, colID, rows, noDict, func(first uint32, p page, rows []uint32) error {
		if len(p.data) < 16*p.rows {
			return errPage("ids")
		}
		for _, row := range rows {
			dst = append(dst, event.ID(p.data[16*(row-first):]))
		}
		return nil
	})
	return dst, err
}

// bools reads rows of the skewed column.
func (r *segmentReader) bools(group int, rows []uint32, dst []bool) ([]bool, error) {
	dst = dst[:0]
	err := r.pages(group, colSkewed, rows, noDict, func(first uint32, p page, rows []uint32) error {
		if len(p.data)*8 < p.rows {
			return errPage("booleans")
		}
		for _, row := range rows {
			i := row - first
			dst = append(dst, p.data[i/8]&(1<<(i%8)) != 0)
		}
		return nil
	})
	return dst, err
}

// empty reports whether a chunk holds no value at all.
func (r *segmentReader) empty(group, col int) bool {
	m := &r.meta.RowGroups[group].Columns[col].MetaData
	return m.Statistics.NullCount == m.NumValues
}

// texts reads rows of a text column.
func (r *segmentReader) texts(group, col int, rows []uint32, out *cells) error {
	out.reset(len(rows))
	if r.empty(group, col) {
		return nil
	}
	at, entries := 0, 0
	onDict := func(p page) error {
		for rest := p.data; entries < p.rows; entries++ {
			v, next, ok := plainText(rest)
			if !ok {
				return errPage("dictionary")
			}
			out.dict.add(v)
			rest = next
		}
		return nil
	}
	return r.pages(group, col, rows, onDict, func(first uint32, p page, rows []uint32) error {
		if len(p.data) < 4 || uint64(binary.LittleEndian.Uint32(p.data)) > uint64(len(p.data)-4) {
			return errPage("levels")
		}
		n := binary.LittleEndian.Uint32(p.data)
		var ok bool
		if r.defs, ok = decodeHybrid(r.defs, p.data[4:4+n], 1, p.rows); !ok {
			return errPage("levels")
		}
		body := p.data[4+n:]
		var err error
		switch p.enc {
		case format.RLEDictionary, format.PlainDictionary:
			err = r.dictTexts(first, body, rows, entries, out.ids[at:])
		case format.Plain:
			err = r.plainTexts(first, body, rows, out, out.ids[at:])
		default:
			err = errPage("encoding")
		}
		at += len(rows)
		return err
	})
}

func (r *segmentReader) dictTexts(first uint32, body []byte, rows []uint32, entries int, ids []uint32) error {
	present := 0
	for _, d := range r.defs {
		present += int(d)
	}
	if present == 0 {
		return nil
	}
	if len(body) == 0 {
		return errPage("values")
	}
	var ok bool
	if r.local, ok = decodeHybrid(r.local, body[1:], int(body[0]), present); !ok {
		return errPage("values")
	}
	row, value := uint32(0), 0
	for i, want := range rows {
		for ; row < want-first; row++ {
			value += int(r.defs[row])
		}
		if r.defs[row] != 0 {
			if int64(r.local[value]) >= int64(entries) {
				return errPage("value outside its dictionary")
			}
			ids[i] = r.local[value] + 1
		}
	}
	return nil
}

func (r *segmentReader) plainTexts(first uint32, body []byte, rows []uint32, out *cells, ids []uint32) error {
	row := uint32(0)
	for i, want := range rows {
		for ; row <= want-first; row++ {
			if r.defs[row] == 0 {
				continue
			}
			v, next, ok := plainText(body)
			if !ok {
				return errPage("values")
			}
			body = next
			if row == want-first {
				ids[i] = out.dict.add(v) + 1
			}
		}
	}
	return nil
}

// plainText cuts one length-prefixed text off b; it aliases b.
func plainText(b []byte) (v string, rest []byte, ok bool) {
	if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
		return "", nil, false
	}
	n := binary.LittleEndian.Uint32(b)
	return bytesAsString(b[4 : 4+n]), b[4+n:], true
}
