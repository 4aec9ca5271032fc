package evtx

import (
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// appendUTF16 appends little-endian UTF-16 as UTF-8. An unpaired surrogate
// becomes U+FFFD; an odd last byte is ignored.
func appendUTF16(dst, src []byte) []byte {
	src = src[:len(src)&^1]
	dst = slices.Grow(dst, len(src)/2*3+4)
	n := len(dst)
	out := dst[:cap(dst)]
	i := 0
	for i < len(src) {
		// Four ASCII units at a time: drop every second byte.
		for i+8 <= len(src) {
			v := binary.LittleEndian.Uint64(src[i:])
			if v&0xFF80FF80FF80FF80 != 0 {
				break
			}
			v = (v | v>>8) & 0x0000FFFF0000FFFF
			binary.LittleEndian.PutUint32(out[n:], uint32(v|v>>16))
			n += 4
			i += 8
		}
		if i >= len(src) {
			break
		}
		r := rune(binary.LittleEndian.Uint16(src[i:]))
		i += 2
		switch {
		case r < 0x80:
			out[n] = byte(r)
			n++
			continue
		case utf16.IsSurrogate(r):
			var low rune
			if i < len(src) {
				low = rune(binary.LittleEndian.Uint16(src[i:]))
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += 2
			}
		}
		n += utf8.EncodeRune(out[n:n+4], r)
	}
	return out[:n]
}

// appendANSI appends text in the code page of the machine that wrote the log.
// The file does not say which one that was: valid UTF-8 is taken as such,
// anything else as Windows-1252.
func appendANSI(dst, src []byte) []byte {
	if utf8.Valid(src) {
		return append(dst, src...)
	}
	for _, c := range src {
		r := rune(c)
		if c >= 0x80 && c < 0xA0 {
			r = windows1252[c-0x80]
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

var windows1252 = [32]rune{
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
}
