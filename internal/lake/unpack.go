package lake

import "encoding/binary"

// unpack reads the first len(dst) values of what newHybrid was given, all at
// once. It reports whether there are as many.
func (h *hybrid) unpack(dst []uint32) bool {
	for at := 0; at < len(dst); at = h.end {
		if h.ok {
			h.next()
		}
		if !h.ok {
			return false
		}
		run := dst[at:min(h.end, len(dst))]
		if h.packed == nil {
			for i := range run {
				run[i] = h.value
			}
			continue
		}
		unpackBits(run, h.packed, h.width)
	}
	return true
}

// unpackBits reads values of 1 to 32 bits, the lowest first.
func unpackBits(dst []uint32, src []byte, width int) {
	mask, bit := uint64(1)<<width-1, 0
	// Eight bytes hold any value whatever bit it starts at.
	for len(dst) > 0 && bit/8+8 <= len(src) {
		dst[0] = uint32(binary.LittleEndian.Uint64(src[bit/8:]) >> (bit & 7) & mask)
		dst = dst[1:]
		bit += width
	}
	for i := range dst {
		var acc uint64
		for j, b := range src[bit/8:] {
			acc |= uint64(b) << (8 * j)
		}
		dst[i] = uint32(acc >> (bit & 7) & mask)
		bit += width
	}
}

// allDictTexts is dictTexts for every row of a page.
func (r *segmentReader) allDictTexts(body []byte, defs *hybrid, entries int, ids []uint32) error {
	if !defs.unpack(ids) {
		return errPage("levels")
	}
	present := uint32(0)
	for _, d := range ids {
		present += d
	}
	if present == 0 {
		return nil
	}
	var values hybrid
	if len(body) > 0 {
		values = newHybrid(body[1:], int(body[0]))
	}
	if cap(r.numbers) < int(present) {
		r.numbers = make([]uint32, max(int(present), pageRows))
	}
	numbers := r.numbers[:present]
	if !values.unpack(numbers) {
		return errPage("values")
	}
	var highest uint32
	for _, v := range numbers {
		highest = max(highest, v)
	}
	if int64(highest) >= int64(entries) {
		return errPage("value outside its dictionary")
	}
	if int(present) == len(ids) {
		for i, v := range numbers {
			ids[i] = v + 1
		}
		return nil
	}
	for i, d := range ids {
		if d != 0 {
			ids[i] = numbers[0] + 1
			numbers = numbers[1:]
		}
	}
	return nil
}

// allPlainTexts is plainTexts for every row of a page.
func allPlainTexts(body []byte, defs *hybrid, out *cells, ids []uint32) error {
	if !defs.unpack(ids) {
		return errPage("levels")
	}
	for i, d := range ids {
		if d == 0 {
			continue
		}
		v, rest, ok := plainText(body)
		if !ok {
			return errPage("values")
		}
		body = rest
		ids[i] = out.dict.add(v) + 1
	}
	return nil
}
