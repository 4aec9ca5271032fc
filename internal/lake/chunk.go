package lake

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"
)

// chunkScan reads whole column chunks for searching: it turns pages into sets of
// rows, where segmentReader turns them into cells. It belongs to one worker and
// keeps its memory.
type chunkScan struct {
	r     *segmentReader
	group int
	rows  int

	raw     []byte
	present bitmap
	ids     []uint32
	dict    dict
	at      []uint32 // rows of the entries of dict, of a plain page
	match   matchScratch
}

// bytes reads part of the file into scratch.
func (x *chunkScan) bytes(from, size int64) ([]byte, error) {
	if int64(cap(x.raw)) < size {
		x.raw = make([]byte, size+size/4)
	}
	b := x.raw[:size]
	if _, err := x.r.r.ReadAt(b, from); err != nil {
		return nil, fmt.Errorf("segment: %w", err)
	}
	return b, nil
}

// nextPage cuts one page off b; its body is still compressed.
func nextPage(b []byte) (h pageHeader, body, rest []byte, err error) {
	h, body, ok := readPageHeader(b)
	if !ok || h.compressed < 0 || h.compressed > len(body) || h.size < 0 || h.values < 0 {
		return h, nil, nil, errPage("header")
	}
	return h, body[:h.compressed], body[h.compressed:], nil
}

// dictionary reads the dictionary page of a chunk into x.dict; plain tells that
// it has none.
func (x *chunkScan) dictionary(col int) (plain bool, err error) {
	m := &x.r.meta.RowGroups[x.group].Columns[col].MetaData
	x.dict.arena, x.dict.ends = x.dict.arena[:0], x.dict.ends[:0]
	if m.DictionaryPageOffset == 0 || m.DataPageOffset <= m.DictionaryPageOffset {
		return true, nil
	}
	size := min(m.DataPageOffset-m.DictionaryPageOffset, m.TotalCompressedSize)
	b, err := x.bytes(m.DictionaryPageOffset, size)
	if err != nil {
		return false, err
	}
	h, body, _, err := nextPage(b)
	if err != nil {
		return false, err
	}
	if h.typ != format.DictionaryPage {
		return false, errPage("type")
	}
	data, err := x.r.decompress(body, m.Codec, h.size)
	if err != nil {
		return false, err
	}
	for range h.values {
		v, rest, ok := plainText(data)
		if !ok {
			return false, errPage("dictionary")
		}
		x.dict.add(v)
		data = rest
	}
	return false, nil
}

// dataPages calls each for the data pages that hold rows of in, decompressed;
// first is the row a page starts with.
func (x *chunkScan) dataPages(col int, in bitmap, each func(first int, p page) error) error {
	m := &x.r.meta.RowGroups[x.group].Columns[col].MetaData
	from, end := m.DataPageOffset, firstPage(m)+m.TotalCompressedSize
	if from < firstPage(m) || from > end {
		return errPage("offset")
	}
	rest, err := x.bytes(from, end-from)
	if err != nil {
		return err
	}
	for first := 0; first < x.rows; {
		if len(rest) == 0 {
			return errPage("a row is missing")
		}
		var h pageHeader
		var body []byte
		if h, body, rest, err = nextPage(rest); err != nil {
			return err
		}
		if h.typ != format.DataPage || h.values == 0 || h.values > x.rows-first {
			return errPage("row count")
		}
		if in.anyIn(first, first+h.values) {
			p := page{rows: h.values, enc: h.enc}
			if p.data, err = x.r.decompress(body, m.Codec, h.size); err != nil {
				return err
			}
			if err := x.r.plain(&p); err != nil {
				return err
			}
			if err := each(first, p); err != nil {
				return err
			}
		}
		first += h.values
	}
	return nil
}

// levels reads the definition levels of a page into x.present, whose bit 0 is
// the page's first row, and cuts them off.
func (x *chunkScan) levels(p *page) (present int, err error) {
	if len(p.data) < 4 || uint64(binary.LittleEndian.Uint32(p.data)) > uint64(len(p.data)-4) {
		return 0, errPage("levels")
	}
	n := int(binary.LittleEndian.Uint32(p.data))
	levels := p.data[4 : 4+n]
	p.data = p.data[4+n:]
	words := wordsOf(p.rows)
	if cap(x.present) < words {
		x.present = make(bitmap, words)
	}
	x.present = x.present[:words]
	clear(x.present)
	for at := 0; at < p.rows; {
		run, ok := nextRun(&levels, 1)
		if !ok {
			return 0, errPage("levels")
		}
		to := min(at+run.n, p.rows)
		if run.packed != nil {
			x.present.orBytes(run.packed, at, to-at)
		} else if run.value != 0 {
			x.present.setRange(at, to)
		}
		at = to
	}
	return x.present.count(), nil
}

// run is one run of Parquet's mix of runs and bit-packed values.
type run struct {
	n      int
	value  uint32
	packed []byte // of differing values
}

// nextRun cuts a run off src.
func nextRun(src *[]byte, width int) (r run, ok bool) {
	head, k := binary.Uvarint(*src)
	n := head >> 1
	if k <= 0 || n == 0 || n > 1<<28 || width > 32 {
		return r, false
	}
	b := (*src)[k:]
	size := (width + 7) / 8
	if head&1 != 0 {
		size = int(n) * width
		n *= 8
	}
	if size > len(b) {
		return r, false
	}
	r.n = int(n)
	if head&1 != 0 {
		if width > 0 {
			r.packed = b[:size:size]
		}
	} else {
		for i := range size {
			r.value |= uint32(b[i]) << (8 * i)
		}
	}
	*src = b[size:]
	return r, true
}

// unpack reads the first len(dst) values of a packed run.
func unpack(dst []uint32, packed []byte, width int) {
	mask := uint64(1)<<width - 1
	bit, i := 0, 0
	for ; i < len(dst) && bit>>3+8 <= len(packed); i++ {
		dst[i] = uint32(binary.LittleEndian.Uint64(packed[bit>>3:]) >> (bit & 7) & mask)
		bit += width
	}
	for ; i < len(dst); i++ {
		var w uint64
		for j, c := range packed[bit>>3:] {
			w |= uint64(c) << (8 * j)
		}
		dst[i] = uint32(w >> (bit & 7) & mask)
		bit += width
	}
}

// values reads the n dictionary numbers of a page into x.ids; each is below
// entries.
func (x *chunkScan) values(body []byte, n, entries int) error {
	if cap(x.ids) < n {
		x.ids = make([]uint32, max(n, pageRows))
	}
	x.ids = x.ids[:n]
	if n == 0 {
		return nil
	}
	if len(body) == 0 {
		return errPage("values")
	}
	width := int(body[0])
	body = body[1:]
	top := uint32(0)
	for at := 0; at < n; {
		run, ok := nextRun(&body, width)
		if !ok {
			return errPage("values")
		}
		part := x.ids[at:min(at+run.n, n)]
		if run.packed != nil {
			unpack(part, run.packed, width)
			for _, v := range part {
				top = max(top, v)
			}
		} else {
			for i := range part {
				part[i] = run.value
			}
			top = max(top, run.value)
		}
		at += len(part)
	}
	if int64(top) >= int64(entries) {
		return errPage("value outside its dictionary")
	}
	return nil
}

// texts adds to out the rows of in whose cell in the column matches. What
// matches nothing in the dictionary is not looked for in the pages.
func (x *chunkScan) texts(col int, m *matcher, multi, null bool, in, out bitmap) error {
	if x.r.empty(x.group, col) {
		return nil
	}
	plain, err := x.dictionary(col)
	if err != nil {
		return err
	}
	var hits []byte
	entries := x.dict.len()
	every := false
	if !plain {
		var n int
		if hits, n = m.all(&x.dict, multi, null, &x.match); n == 0 {
			return nil
		}
		every = n == entries
	}
	return x.dataPages(col, in, func(first int, p page) error {
		present, err := x.levels(&p)
		if err != nil {
			return err
		}
		switch p.enc {
		case format.RLEDictionary, format.PlainDictionary: //nolint:staticcheck // older writers still name it so
			if plain {
				return errPage("no dictionary")
			}
			if !every {
				if err := x.values(p.data, present, entries); err != nil {
					return err
				}
				x.keepHits(hits)
			}
			addShifted(out, x.present, first, in)
			return nil
		case format.Plain:
			if !plain {
				return errPage("encoding")
			}
			return x.plain(first, p.data, m, multi, null, in, out)
		}
		return errPage("encoding")
	})
}

// keepHits takes the rows out of x.present whose value is no hit.
func (x *chunkScan) keepHits(hits []byte) {
	k := 0
	for i, w := range x.present {
		if w == ^uint64(0) {
			var out uint64
			for j, id := range x.ids[k : k+64] {
				out |= uint64(hits[id]) << j
			}
			x.present[i] = out
			k += 64
			continue
		}
		var out uint64
		for rest := w; rest != 0; rest &= rest - 1 {
			out |= (rest & -rest) & -uint64(hits[x.ids[k]])
			k++
		}
		x.present[i] = out
	}
}

// addShifted adds the rows of page, which starts at row first, as far as in has
// them. Pages start at whole words unless their values are long.
func addShifted(out, page bitmap, first int, in bitmap) {
	word, shift := first>>6, first&63
	for i, w := range page {
		if w == 0 {
			continue
		}
		out[word+i] |= w << shift & in[word+i]
		if high := w >> 1 >> (63 - shift); high != 0 {
			out[word+i+1] |= high & in[word+i+1]
		}
	}
}

// plain adds the matching rows of a page of values one after the other.
func (x *chunkScan) plain(first int, body []byte, m *matcher, multi, null bool, in, out bitmap) error {
	x.dict.arena, x.dict.ends, x.at = x.dict.arena[:0], x.dict.ends[:0], x.at[:0]
	for i, w := range x.present {
		for ; w != 0; w &= w - 1 {
			v, rest, ok := plainText(body)
			if !ok {
				return errPage("values")
			}
			body = rest
			if row := first + i<<6 + bits.TrailingZeros64(w); in.has(row) {
				x.dict.add(v)
				x.at = append(x.at, uint32(row))
			}
		}
	}
	hits, n := m.all(&x.dict, multi, null, &x.match)
	if n == 0 {
		return nil
	}
	for i, row := range x.at {
		if hits[i] != 0 {
			out.set(int(row))
		}
	}
	return nil
}

// filled adds to out the rows of in that have a cell in the column.
func (x *chunkScan) filled(col int, in, out bitmap) error {
	m := &x.r.meta.RowGroups[x.group].Columns[col].MetaData
	switch m.Statistics.NullCount {
	case m.NumValues:
		return nil
	case 0:
		out.or(in)
		return nil
	}
	return x.dataPages(col, in, func(first int, p page) error {
		if _, err := x.levels(&p); err != nil {
			return err
		}
		addShifted(out, x.present, first, in)
		return nil
	})
}

// int64s reads the rows of in of a column of times into dst, which has one place
// for each row of the group.
func (x *chunkScan) int64s(col int, in bitmap, dst []int64) error {
	return x.dataPages(col, in, func(first int, p page) error {
		if p.enc != format.DeltaBinaryPacked {
			return errPage("encoding")
		}
		var enc delta.BinaryPackedEncoding
		v, err := enc.DecodeInt64(x.r.ints[:0], p.data)
		if err != nil || len(v) < p.rows {
			return errPage("integers")
		}
		x.r.ints = v
		copy(dst[first:], v[:p.rows])
		return nil
	})
}

// skewed adds to out the rows of in whose clock is wrong, or right.
func (x *chunkScan) skewed(want bool, in, out bitmap) error {
	return x.dataPages(colSkewed, in, func(first int, p page) error {
		if len(p.data)*8 < p.rows {
			return errPage("booleans")
		}
		for i := range p.rows {
			if is := p.data[i/8]&(1<<(i%8)) != 0; is == want && in.has(first+i) {
				out.set(first + i)
			}
		}
		return nil
	})
}

// ids adds to out the rows of in whose ID match says.
func (x *chunkScan) idRows(in, out bitmap, match func(id []byte) bool) error {
	return x.dataPages(colID, in, func(first int, p page) error {
		if len(p.data) < 16*p.rows {
			return errPage("ids")
		}
		for i := range p.rows {
			if match(p.data[16*i:16*i+16]) && in.has(first+i) {
				out.set(first + i)
			}
		}
		return nil
	})
}
