package lake

import (
	"math/bits"
	"slices"
)

// bitmap is a set of rows of one row group. Bits past the group's last row are
// never set.
type bitmap []uint64

func wordsOf(rows int) int { return (rows + 63) / 64 }

// setRange adds the rows from <= row < to.
func (b bitmap) setRange(from, to int) {
	for from < to && from&63 != 0 {
		b[from>>6] |= 1 << (from & 63)
		from++
	}
	for ; to-from >= 64; from += 64 {
		b[from>>6] = ^uint64(0)
	}
	if from < to {
		b[from>>6] |= 1<<(to-from) - 1
	}
}

// anyIn reports whether a row from <= row < to is in the set.
func (b bitmap) anyIn(from, to int) bool {
	if from >= to {
		return false
	}
	first, last := from>>6, (to-1)>>6
	low, high := ^uint64(0)<<(from&63), ^uint64(0)>>(63-(to-1)&63)
	if first == last {
		return b[first]&low&high != 0
	}
	if b[first]&low != 0 || b[last]&high != 0 {
		return true
	}
	for _, w := range b[first+1 : last] {
		if w != 0 {
			return true
		}
	}
	return false
}

func (b bitmap) any() bool {
	for _, w := range b {
		if w != 0 {
			return true
		}
	}
	return false
}

func (b bitmap) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b bitmap) has(row int) bool { return b[row>>6]&(1<<(row&63)) != 0 }
func (b bitmap) set(row int)      { b[row>>6] |= 1 << (row & 63) }

// or adds the rows of c, remove takes them out.
func (b bitmap) or(c bitmap) {
	for i, w := range c {
		b[i] |= w
	}
}

func (b bitmap) remove(c bitmap) {
	for i, w := range c {
		b[i] &^= w
	}
}

// appendRows lists the rows in ascending order.
func (b bitmap) appendRows(dst []uint32) []uint32 {
	for i, w := range b {
		if w == ^uint64(0) {
			n := len(dst)
			dst = slices.Grow(dst, 64)[:n+64]
			for j := range dst[n:] {
				dst[n+j] = uint32(i<<6 + j)
			}
			continue
		}
		for ; w != 0; w &= w - 1 {
			dst = append(dst, uint32(i<<6+bits.TrailingZeros64(w)))
		}
	}
	return dst
}

// orBytes adds the first n bits of packed, lowest first, from row at on.
func (b bitmap) orBytes(packed []byte, at, n int) {
	for _, c := range packed {
		if n <= 0 {
			return
		}
		w := uint64(c)
		if n < 8 {
			w &= 1<<n - 1
		}
		b[at>>6] |= w << (at & 63)
		if high := w >> (64 - at&63); at&63 > 56 && high != 0 {
			b[at>>6+1] |= high
		}
		at, n = at+8, n-8
	}
}
