package lake

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// segmentReader reads single rows and columns of a segment: for fetching the
// rows a scan found, for merging, and beneath the scan itself. It is not safe for concurrent use.
type segmentReader struct {
	r     io.ReaderAt
	close func() error
	meta  *format.FileMetaData
	zstd  *zstd.Decoder
	*scratch

	// What is made of meta when first asked for.
	names            map[string]int // folded field column -> column
	index            *segmentIndex
	namesOf, indexOf *format.FileMetaData

	prefixes, suffixes []uint32 // of a front-coded page
	unfronted          []byte

	grams, filter []byte      // blocks of the index
	gramsOf       *groupIndex // whose grams
}

func (r *segmentReader) version() string { return segmentVersion(r.meta) }

// column returns the column of a field by its folded column name.
func (r *segmentReader) column(folded string) (int, bool) {
	if r.namesOf != r.meta {
		r.namesOf = r.meta
		r.names = make(map[string]int, len(r.meta.Schema))
		for i, el := range r.meta.Schema[1+coreColumns:] {
			r.names[query.Fold(el.Name)] = coreColumns + i
		}
	}
	col, ok := r.names[folded]
	return col, ok
}

// scratch is memory that readers which take turns may share.
type scratch struct {
	raw  []byte // compressed chunk
	page []byte
	ints []int64

	numbers []uint32
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
		h, body, ok := readPageHeader(rest)
		if !ok || h.compressed < 0 || h.compressed > len(body) || h.size < 0 {
			return errPage("header")
		}
		rest = body[h.compressed:]
		body = body[:h.compressed]
		p := page{rows: h.values, enc: h.enc}
		n := 0 // wanted rows in this page
		switch h.typ {
		case format.DictionaryPage:
		case format.DataPage:
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
		if p.data, err = r.decompress(body, m.Codec, h.size); err != nil {
			return err
		}
		if err := r.plain(&p); err != nil {
			return err
		}
		if h.typ == format.DictionaryPage {
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

// maxPage bounds a decompressed page. Data pages are of about pageBytes; a
// dictionary may hold most of its row group.
const maxPage = 256 << 20

func (r *segmentReader) decompress(b []byte, codec format.CompressionCodec, size int) ([]byte, error) {
	if codec == format.Uncompressed {
		return b, nil
	}
	if codec != format.Zstd {
		return nil, errPage("codec")
	}
	// What the frame claims is what would be allocated.
	var frame zstd.Header
	if err := frame.Decode(b); err != nil || size > maxPage || frame.HasFCS && frame.FrameContentSize != uint64(size) {
		return nil, errPage("size")
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

// nulls returns how many rows of a group have no value in a text column.
func (r *segmentReader) nulls(group, col int) int64 {
	return r.meta.RowGroups[group].Columns[col].MetaData.Statistics.NullCount
}

// dictionary reads the values that occur in a text column of a group, each once,
// without the rows; plain means that they are not listed, because most differ.
func (r *segmentReader) dictionary(group, col int, d *dict) (plain bool, err error) {
	d.reset()
	if r.empty(group, col) {
		return false, nil
	}
	m := &r.meta.RowGroups[group].Columns[col].MetaData
	size := m.DataPageOffset - m.DictionaryPageOffset
	if m.DictionaryPageOffset == 0 {
		return true, nil
	}
	if size <= 0 || size > m.TotalCompressedSize {
		return false, errPage("place of the dictionary")
	}
	if cap(r.raw) < int(size) {
		r.raw = make([]byte, size)
	}
	r.raw = r.raw[:size]
	if _, err := r.r.ReadAt(r.raw, m.DictionaryPageOffset); err != nil {
		return false, fmt.Errorf("segment: %w", err)
	}
	h, body, ok := readPageHeader(r.raw)
	if !ok || h.typ != format.DictionaryPage || h.compressed < 0 || h.compressed > len(body) || h.size < 0 {
		return false, errPage("header")
	}
	data, err := r.decompress(body[:h.compressed], m.Codec, h.size)
	if err != nil {
		return false, err
	}
	return false, addEntries(d, page{rows: h.values, data: data})
}

// addEntries adds the values of a dictionary page.
func addEntries(d *dict, p page) error {
	rest := p.data
	for range p.rows {
		v, next, ok := plainText(rest)
		if !ok {
			return errPage("dictionary")
		}
		d.add(v)
		rest = next
	}
	return nil
}

// texts reads rows of a text column.
func (r *segmentReader) texts(group, col int, rows []uint32, out *cells) error {
	out.reset(len(rows))
	if r.empty(group, col) {
		return nil
	}
	at, entries := 0, 0
	onDict := func(p page) error {
		entries = p.rows
		return addEntries(&out.dict, p)
	}
	return r.pages(group, col, rows, onDict, func(first uint32, p page, rows []uint32) error {
		if len(p.data) < 4 || uint64(binary.LittleEndian.Uint32(p.data)) > uint64(len(p.data)-4) {
			return errPage("levels")
		}
		n := binary.LittleEndian.Uint32(p.data)
		defs := newHybrid(p.data[4:4+n], 1)
		body, ids, all := p.data[4+n:], out.ids[at:at+len(rows)], len(rows) == p.rows
		var err error
		switch p.enc {
		case format.RLEDictionary, format.PlainDictionary: //nolint:staticcheck // older writers still name it so
			if all {
				err = r.allDictTexts(body, &defs, entries, ids)
			} else {
				err = dictTexts(first, body, rows, &defs, entries, ids)
			}
		case format.Plain:
			if all {
				err = allPlainTexts(body, &defs, out, ids)
			} else {
				err = plainTexts(first, body, rows, &defs, out, ids)
			}
		default:
			err = errPage("encoding")
		}
		at += len(rows)
		return err
	})
}

func dictTexts(first uint32, body []byte, rows []uint32, defs *hybrid, entries int, ids []uint32) error {
	var values hybrid
	if len(body) > 0 {
		values = newHybrid(body[1:], int(body[0]))
	}
	for i, row := range rows {
		at := int(row - first)
		if defs.at(at) == 0 {
			continue
		}
		v := values.at(defs.rank(at))
		if !values.ok || int64(v) >= int64(entries) {
			return errPage("value outside its dictionary")
		}
		ids[i] = v + 1
	}
	if !defs.ok {
		return errPage("levels")
	}
	return nil
}

func plainTexts(first uint32, body []byte, rows []uint32, defs *hybrid, out *cells, ids []uint32) error {
	value := 0 // the place of the first value in body
	for i, row := range rows {
		at := int(row - first)
		if defs.at(at) == 0 {
			continue
		}
		for want := defs.rank(at); value <= want; value++ {
			v, rest, ok := plainText(body)
			if !ok {
				return errPage("values")
			}
			body = rest
			if value == want {
				ids[i] = out.dict.add(v) + 1
			}
		}
	}
	if !defs.ok {
		return errPage("levels")
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

// pageHeader is what is used of Parquet's PageHeader.
type pageHeader struct {
	typ                      format.PageType
	size, compressed, values int
	enc                      format.Encoding
}

// readPageHeader reads what appendPageHeader wrote. It skips fields it does not
// know as long as they are numbers.
func readPageHeader(b []byte) (h pageHeader, rest []byte, ok bool) {
	r := compactReader{b}
	fields := func(set func(id int, v int64), inner func(id int) bool) bool {
		for id := 0; ; {
			head, ok := r.byte()
			if !ok {
				return false
			}
			if head == 0 {
				return true
			}
			if head>>4 == 0 {
				return false // a long field number: none of ours
			}
			id += int(head >> 4)
			switch head & 15 {
			case 1, 2: // true, false
			case 5, 6: // i32, i64
				v, ok := r.varint()
				if !ok {
					return false
				}
				set(id, v)
			case 12:
				if inner == nil || !inner(id) {
					return false
				}
			default:
				return false
			}
		}
	}
	ok = fields(func(id int, v int64) {
		switch id {
		case 1:
			h.typ = format.PageType(v)
		case 2:
			h.size = int(v)
		case 3:
			h.compressed = int(v)
		}
	}, func(int) bool {
		return fields(func(id int, v int64) {
			switch id {
			case 1:
				h.values = int(v)
			case 2:
				h.enc = format.Encoding(v)
			}
		}, nil)
	})
	return h, r.b, ok
}

type compactReader struct{ b []byte }

func (r *compactReader) byte() (byte, bool) {
	if len(r.b) == 0 {
		return 0, false
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v, true
}

func (r *compactReader) varint() (int64, bool) {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		return 0, false
	}
	r.b = r.b[n:]
	return v, true
}
