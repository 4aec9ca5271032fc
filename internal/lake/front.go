package lake

import (
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"
)

// Front coding is Parquet's DELTA_BYTE_ARRAY: of each text it keeps how much it
// shares with the one before, and the rest. Times, numbers that count up and
// identities of one machine, which stand in order, take a third less so.

// appendFront writes texts front-coded; it is plain that they are read from,
// each behind its length.
func (e *encoder) appendFront(dst, plain []byte) []byte {
	e.prefixes, e.suffixes, e.rest = e.prefixes[:0], e.suffixes[:0], e.rest[:0]
	var last []byte
	for len(plain) > 0 {
		n := binary.LittleEndian.Uint32(plain)
		v := plain[4 : 4+n]
		plain = plain[4+n:]
		k := 0
		for k < len(v) && k < len(last) && v[k] == last[k] {
			k++
		}
		e.prefixes, e.suffixes, e.rest = append(e.prefixes, int32(k)), append(e.suffixes, int32(len(v)-k)), append(e.rest, v[k:]...)
		last = v
	}
	var enc delta.BinaryPackedEncoding
	for _, lengths := range [][]int32{e.prefixes, e.suffixes} {
		b, err := enc.EncodeInt32(e.lengths[:0], lengths)
		if err != nil && e.err == nil {
			e.err = fmt.Errorf("segment column: %w", err)
		}
		e.lengths = b
		dst = append(dst, b...)
	}
	return append(dst, e.rest...)
}

// maxPlain bounds what a page may grow to that claims to be front-coded.
const maxPlain = 64 << 20

// plain turns a front-coded page of texts into a plain one, which is what all
// that read pages know. Of a page of times it checks how many it claims to have,
// for which memory would be allocated.
func (r *segmentReader) plain(p *page) error {
	if p.enc == format.DeltaBinaryPacked {
		in := indexReader{p.data, true}
		if _, _, total := in.uvarint(), in.uvarint(), in.uvarint(); !in.ok || total != uint64(p.rows) {
			return errPage("integers")
		}
		return nil
	}
	if p.enc != format.DeltaByteArray {
		return nil
	}
	if len(p.data) < 4 || uint64(binary.LittleEndian.Uint32(p.data)) > uint64(len(p.data)-4) {
		return errPage("levels")
	}
	n := 4 + binary.LittleEndian.Uint32(p.data)
	body := p.data[n:]
	out := append(r.unfronted[:0], p.data[:n]...)
	var ok1, ok2 bool
	r.prefixes, body, ok1 = unpackDeltas(r.prefixes[:0], body, p.rows)
	r.suffixes, body, ok2 = unpackDeltas(r.suffixes[:0], body, p.rows)
	if !ok1 || !ok2 || len(r.prefixes) != len(r.suffixes) {
		return errPage("lengths")
	}
	start, size := 0, uint64(0) // of the last text
	for i, prefix := range r.prefixes {
		suffix := r.suffixes[i]
		if uint64(prefix) > size || uint64(suffix) > uint64(len(body)) || len(out) > maxPlain {
			return errPage("lengths")
		}
		size = uint64(prefix) + uint64(suffix)
		out = binary.LittleEndian.AppendUint32(out, uint32(size))
		at := len(out)
		out = append(out, out[start:start+int(prefix)]...)
		out = append(out, body[:suffix]...)
		body, start = body[suffix:], at
	}
	r.unfronted = out
	p.data, p.enc = out, format.Plain
	return nil
}

// unpackDeltas reads lengths that are written as DELTA_BINARY_PACKED: blocks of
// differences, each less the smallest of its block and in as many bits as its
// part of the block needs. There must be no more than most.
func unpackDeltas(dst []uint32, src []byte, most int) (lengths []uint32, rest []byte, ok bool) {
	in := indexReader{src, true}
	block, parts, total, value := in.uvarint(), in.uvarint(), in.uvarint(), in.varint()
	if !in.ok || total > uint64(most) || block == 0 || block > 1<<16 || parts == 0 || parts > 256 || block%parts != 0 {
		return dst, nil, false
	}
	if total == 0 {
		return dst, in.rest, true
	}
	dst = append(dst, uint32(value))
	each := int(block / parts)
	for left := int(total) - 1; left > 0; {
		least := in.varint()
		if !in.ok || uint64(len(in.rest)) < parts {
			return dst, nil, false
		}
		widths := in.rest[:parts]
		in.rest = in.rest[parts:]
		for _, width := range widths {
			if left == 0 {
				break // what is not there has no bits
			}
			bytes := each * int(width) / 8
			if width > 32 || bytes > len(in.rest) {
				return dst, nil, false
			}
			n := min(each, left)
			at := len(dst)
			dst = append(dst, make([]uint32, n)...)
			if width > 0 {
				unpackBits(dst[at:], in.rest[:bytes], int(width))
			}
			for i := at; i < len(dst); i++ {
				value += least + int64(dst[i])
				dst[i] = uint32(value)
			}
			in.rest = in.rest[bytes:]
			left -= n
		}
	}
	return dst, in.rest, true
}
