package lake

import "math/bits"

// numbering numbers different 64-bit keys in order of arrival.
type numbering struct {
	keys  []uint64
	table []uint32 // open addressing, number+1; len is a power of two or 0
	shift uint8
}

func (t *numbering) len() int { return len(t.keys) }

// bytes is about the memory t holds.
func (t *numbering) bytes() int64 { return int64(8*cap(t.keys) + 4*cap(t.table)) }

func (t *numbering) reset() {
	t.keys = t.keys[:0]
	clear(t.table)
}

// intern returns the number of key, adding it if it is new.
func (t *numbering) intern(key uint64) (n uint32, fresh bool) {
	if len(t.keys)*2 >= len(t.table) {
		t.grow()
	}
	mask := uint32(len(t.table) - 1)
	for at := t.slot(key); ; at = (at + 1) & mask {
		e := t.table[at]
		if e == 0 {
			t.keys = append(t.keys, key)
			t.table[at] = uint32(len(t.keys))
			return uint32(len(t.keys)) - 1, true
		}
		if t.keys[e-1] == key {
			return e - 1, false
		}
	}
}

// slot takes the high bits of a product, which all bits of the key reach.
func (t *numbering) slot(key uint64) uint32 {
	return uint32(((key ^ key>>32) * 0x9e3779b97f4a7c15) >> t.shift)
}

func (t *numbering) grow() {
	size := max(16, 2*len(t.table))
	t.table = make([]uint32, size)
	t.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	mask := uint32(size - 1)
	for i, key := range t.keys {
		at := t.slot(key)
		for t.table[at] != 0 {
			at = (at + 1) & mask
		}
		t.table[at] = uint32(i) + 1
	}
}

// pairs numbers the pairs of two columns of numbers within a row group.
type pairs struct {
	all   []uint64 // by number - 1: the one of a << 32 | the one of b
	dense []uint32
	table numbering
}

// number sets out[i] to the number, from 1, of the pair a[i], b[i], or to 0 if
// one of the two is 0. No number in a exceeds highA, none in b highB. out may be
// a or b.
func (p *pairs) number(a, b []uint32, highA, highB int, out []uint32) {
	p.all = p.all[:0]
	width := uint64(highB) + 1
	if size := (uint64(highA) + 1) * width; size <= uint64(max(1<<16, 2*len(a))) {
		p.dense = append(p.dense[:0], make([]uint32, size)...)
		for i, x := range a {
			y := b[i]
			if x == 0 || y == 0 {
				out[i] = 0
				continue
			}
			slot := &p.dense[uint64(x)*width+uint64(y)]
			if *slot == 0 {
				p.all = append(p.all, uint64(x)<<32|uint64(y))
				*slot = uint32(len(p.all))
			}
			out[i] = *slot
		}
		return
	}
	p.table.reset()
	for i, x := range a {
		y := b[i]
		if x == 0 || y == 0 {
			out[i] = 0
			continue
		}
		n, _ := p.table.intern(uint64(x)<<32 | uint64(y))
		out[i] = n + 1
	}
	p.all = append(p.all, p.table.keys...)
}
