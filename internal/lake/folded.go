package lake

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// foldTable is unicode.ToLower of the runes that logs are mostly made of, which
// otherwise is a search in tables for every letter beyond ASCII.
var foldTable = sync.OnceValue(func() *[0x2400]rune {
	t := new([0x2400]rune)
	for r := range t {
		t[r] = unicode.ToLower(rune(r))
	}
	return t
})

const highBits = 0x8080808080808080

// lower8 is eight ASCII bytes in lower case.
func lower8(w uint64) uint64 {
	// Bit 7 of each byte says whether it is 'A' to 'Z'; none carries into the next.
	upper := (w + 0x3f3f3f3f3f3f3f3f) &^ (w + 0x2525252525252525) & highBits
	return w | upper>>2
}

// appendFolded appends query.Fold of valid UTF-8.
func appendFolded(dst, src []byte) []byte {
	n := len(dst)
	dst = slices.Grow(dst, len(src)+8)
	for len(src) >= 8 {
		w := binary.LittleEndian.Uint64(src)
		if w&highBits != 0 {
			break
		}
		binary.LittleEndian.PutUint64(dst[n:n+8:cap(dst)], lower8(w))
		n, src = n+8, src[8:]
	}
	dst = dst[:n]
	for i := 0; i < len(src); {
		c := src[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c |= 0x20
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(src[i:])
		if int(r) < len(foldTable()) {
			r = foldTable()[r]
		} else {
			r = unicode.ToLower(r)
		}
		dst = utf8.AppendRune(dst, r)
		i += n
	}
	return dst
}

// isASCII reports whether b has no byte beyond ASCII.
func isASCII(b []byte) bool {
	for ; len(b) >= 32; b = b[32:] {
		if (binary.LittleEndian.Uint64(b)|binary.LittleEndian.Uint64(b[8:])|
			binary.LittleEndian.Uint64(b[16:])|binary.LittleEndian.Uint64(b[24:]))&highBits != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// foldedDict is a dictionary with its entries folded.
type foldedDict struct {
	arena []byte
	ends  []uint32 // those of the dictionary itself while all is ASCII
	own   []uint32
}

// fold fills f; it is valid until d or f changes.
func (f *foldedDict) fold(d *dict) {
	if isASCII(d.arena) {
		f.arena = appendFolded(f.arena[:0], d.arena)
		f.ends = d.ends
		return
	}
	f.arena, f.own = f.arena[:0], f.own[:0]
	for i := range d.ends {
		f.arena = appendFolded(f.arena, d.get(uint32(i)))
		f.own = append(f.own, uint32(len(f.arena)))
	}
	f.ends = f.own
}

func (f *foldedDict) get(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = f.ends[i-1]
	}
	return f.arena[from:f.ends[i]]
}

// eachHolding calls hit for every entry of the dictionary that holds needle,
// which is not empty. The entries are searched as one text.
func eachHolding(arena []byte, ends []uint32, needle []byte, hit func(int)) {
	entry := 0
	for at := 0; ; {
		i := bytes.Index(arena[at:], needle)
		if i < 0 {
			return
		}
		at += i
		// Entries ending at or before the hit are passed, mostly none or one.
		if ends[entry] <= uint32(at) {
			low, high := entry+1, len(ends)-1
			for low < high {
				if mid := (low + high) / 2; ends[mid] <= uint32(at) {
					low = mid + 1
				} else {
					high = mid
				}
			}
			entry = low
		}
		if at+len(needle) > int(ends[entry]) {
			at++ // across the border of two entries
			continue
		}
		hit(entry)
		at = int(ends[entry])
		if entry++; entry == len(ends) {
			return
		}
	}
}
