package lake

import (
	"encoding/binary"
	"math/bits"
)

// appendHybrid writes values of the given bit width in Parquet's mix of runs and
// bit-packed groups of eight
// (https://parquet.apache.org/docs/file-format/data-pages/encodings/).
//
// A run pays from eight equal values on; what lies between runs is packed, in
// whole groups, so a run gives up as many values as the group before it lacks.
func appendHybrid(dst []byte, v []uint32, width int) []byte {
	packed := 0 // start of the values not yet written
	for i := 0; i < len(v); {
		j := i + 1
		for j < len(v) && v[j] == v[i] {
			j++
		}
		if fill := (8 - (i-packed)%8) % 8; j-i-fill >= 8 {
			dst = appendPacked(dst, v[packed:i+fill], width)
			dst = binary.AppendUvarint(dst, uint64(j-i-fill)<<1)
			for b := 0; b < width; b += 8 {
				dst = append(dst, byte(v[i]>>b))
			}
			packed = j
		}
		i = j
	}
	return appendPacked(dst, v[packed:], width)
}

func appendPacked(dst []byte, v []uint32, width int) []byte {
	if len(v) == 0 {
		return dst
	}
	groups := (len(v) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	var acc uint64
	n := 0
	for i := range groups * 8 {
		if i < len(v) {
			acc |= uint64(v[i]) << n
		}
		for n += width; n >= 8; n -= 8 {
			dst = append(dst, byte(acc))
			acc >>= 8
		}
	}
	return dst
}

// appendBits is appendHybrid of the n bits of a bitmap, for few ones or few
// zeros: eight bytes of equal bits are skipped at a time.
func appendBits(dst, bitmap []byte, n int) []byte {
	const shortest = 4 // bytes that make a run
	packed := 0
	flush := func(to int) {
		if to > packed {
			dst = binary.AppendUvarint(dst, uint64(to-packed)<<1|1)
			dst = append(dst, bitmap[packed:to]...)
		}
	}
	whole := n / 8 // the last byte may be less than eight values
	for i := 0; i < whole; {
		b := bitmap[i]
		if b != 0 && b != 0xff {
			i++
			continue
		}
		j := i + 1
		for pattern := uint64(b) * 0x0101010101010101; j+8 <= whole && binary.LittleEndian.Uint64(bitmap[j:]) == pattern; {
			j += 8
		}
		for j < whole && bitmap[j] == b {
			j++
		}
		if j-i >= shortest {
			flush(i)
			dst = append(binary.AppendUvarint(dst, uint64(j-i)*8<<1), b&1)
			packed = j
		}
		i = j
	}
	flush(len(bitmap))
	return dst
}

// hybrid reads single values of what appendHybrid wrote, at ascending places,
// without unpacking those between.
type hybrid struct {
	rest       []byte
	width      int
	start, end int    // places of the current run
	packed     []byte // its values; nil for equal ones
	value      uint32
	before     int // ones before the current run, for rank; only of width 1
	ok         bool
}

func newHybrid(src []byte, width int) hybrid {
	return hybrid{rest: src, width: width, ok: width <= 32}
}

// next moves to the next run; it clears h.ok where there is none.
func (h *hybrid) next() {
	if h.width == 1 && h.end > 0 {
		h.before += h.ones(h.end - h.start)
	}
	head, k := binary.Uvarint(h.rest)
	n := head >> 1
	if k <= 0 || n == 0 || n > 1<<31 {
		h.ok = false
		return
	}
	h.rest = h.rest[k:]
	h.start = h.end
	h.packed, h.value = nil, 0
	if head&1 == 0 {
		size := (h.width + 7) / 8
		if len(h.rest) < size {
			h.ok = false
			return
		}
		for b := range size {
			h.value |= uint32(h.rest[b]) << (8 * b)
		}
		h.rest = h.rest[size:]
		h.end += int(n)
		return
	}
	size := int(n) * h.width
	if len(h.rest) < size {
		h.ok = false
		return
	}
	h.end += int(n) * 8
	if h.width > 0 { // of width 0 all values are 0
		h.packed, h.rest = h.rest[:size], h.rest[size:]
	}
}

// at returns the value at place i, which must not be before the place asked for
// last. It returns 0 and clears h.ok past the end.
func (h *hybrid) at(i int) uint32 {
	for h.ok && i >= h.end {
		h.next()
	}
	switch {
	case !h.ok:
		return 0
	case h.packed == nil:
		return h.value
	}
	bit := (i - h.start) * h.width
	b := h.packed[bit/8:]
	var acc uint64
	if len(b) >= 8 {
		acc = binary.LittleEndian.Uint64(b)
	} else {
		for j := range b {
			acc |= uint64(b[j]) << (8 * j)
		}
	}
	return uint32(acc >> (bit % 8) & (1<<h.width - 1))
}

// rank returns how many of the values before place i are 1; h has width 1 and at
// was called for i.
func (h *hybrid) rank(i int) int { return h.before + h.ones(i-h.start) }

// ones counts the 1 among the first n values of the current run.
func (h *hybrid) ones(n int) int {
	if h.packed == nil {
		return n * int(h.value&1)
	}
	count := 0
	b := h.packed
	for ; n >= 64; n, b = n-64, b[8:] {
		count += bits.OnesCount64(binary.LittleEndian.Uint64(b))
	}
	for ; n >= 8; n, b = n-8, b[1:] {
		count += bits.OnesCount8(b[0])
	}
	if n > 0 {
		count += bits.OnesCount8(b[0] & (1<<n - 1))
	}
	return count
}
