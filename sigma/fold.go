package sigma

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Case-insensitive comparison uses Unicode simple case folding, the same
// relation as strings.EqualFold: each rune is replaced by one representative
// of its folding orbit. One rune stays one rune, so "?" means the same before
// and after. Hence k, K and the Kelvin sign are equal, so are s, S and the
// long s, and all three sigmas; dotted capital I equals nothing but itself,
// and "ss" does not equal "ß". No normalisation takes place: a composed and a
// decomposed letter differ. Bytes that are not UTF-8 equal themselves only.

const foldTableSize = 0x2180 // Latin with Vietnamese, Greek, Cyrillic, letter-like signs

var foldTable = func() *[foldTableSize]uint16 {
	var t [foldTableSize]uint16
	for r := range t {
		t[r] = uint16(foldOrbit(rune(r)))
	}
	return &t
}()

// foldOrbit returns the smallest rune of r's orbit, letters a-z in lower case.
func foldOrbit(r rune) rune {
	low := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		low = min(low, f)
	}
	if 'A' <= low && low <= 'Z' {
		low += 'a' - 'A'
	}
	return low
}

func foldRune(r rune) rune {
	if r < foldTableSize {
		return rune(foldTable[r])
	}
	return foldOrbit(r)
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// needsFold reports whether folding would change s, or might.
func needsFold(s string) bool {
	b := bytesOf(s)
	for len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		if w&highs != 0 || upperBits(w) != 0 {
			return true
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf || c-'A' < 26 {
			return true
		}
	}
	return false
}

// upperBits returns the high bit of each byte of w that is A-Z; all bytes of w
// must be ASCII.
func upperBits(w uint64) uint64 {
	return (w + (0x80-'A')*ones) & ^(w + (0x7f-'Z')*ones) & highs
}

// isASCII reports whether s has no byte above 127.
func isASCII(s string) bool {
	b := bytesOf(s)
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&highs != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendFold appends the folded form of s to dst.
func appendFold(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			if w := binary.LittleEndian.Uint64(bytesOf(s[i:])); w&highs == 0 {
				dst = binary.LittleEndian.AppendUint64(dst, w|upperBits(w)>>2)
				i += 8
				continue
			}
		}
		c := s[i]
		if c < utf8.RuneSelf {
			if c-'A' < 26 {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, foldRune(r))
		}
		i += n
	}
	return dst
}

// fold returns the folded form of s.
func fold(s string) string {
	if !needsFold(s) {
		return s
	}
	return string(appendFold(nil, s))
}

// view returns b as a string without copying. The caller must not change
// those bytes while the string is in use.
func view(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// bytesOf returns the bytes of s without copying. They must not be changed.
func bytesOf(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
