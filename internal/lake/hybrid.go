package lake

import "encoding/binary"

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

// decodeHybrid reads n values into dst[:0]; ok is false for bytes that are not
// what appendHybrid or another Parquet writer writes.
func decodeHybrid(dst []uint32, src []byte, width, n int) (_ []uint32, ok bool) {
	dst = dst[:0]
	if width > 32 {
		return dst, false
	}
	for len(dst) < n {
		head, k := binary.Uvarint(src)
		if k <= 0 {
			return dst, false
		}
		src = src[k:]
		if head&1 == 0 {
			size := (width + 7) / 8
			if len(src) < size || head == 0 {
				return dst, false
			}
			var v uint32
			for b := range size {
				v |= uint32(src[b]) << (8 * b)
			}
			src = src[size:]
			for range min(int(min(head>>1, 1<<31)), n-len(dst)) {
				dst = append(dst, v)
			}
			continue
		}
		groups := head >> 1
		if groups == 0 || groups > uint64(len(src))/uint64(max(width, 1)) && width > 0 {
			return dst, false
		}
		size := int(groups) * width
		if width == 0 {
			size = 0
		}
		dst = appendUnpacked(dst, src[:size], width, min(int(min(groups*8, 1<<31)), n-len(dst)))
		src = src[size:]
	}
	return dst, true
}

func appendUnpacked(dst []uint32, src []byte, width, n int) []uint32 {
	var acc uint64
	have := 0
	mask := uint64(1)<<width - 1
	for range n {
		for have < width {
			acc |= uint64(src[0]) << have
			src = src[1:]
			have += 8
		}
		dst = append(dst, uint32(acc&mask))
		acc >>= width
		have -= width
	}
	return dst
}
