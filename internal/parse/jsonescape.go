package parse

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// unescaped gives the byte a two-character escape stands for; 0 is no escape.
var unescaped = [128]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unescape reads the string that begins at start and has its first stop, which
// does not end it, at i.
//
// Without the help of vectors it goes from stop to stop. Between two stops nothing needs to be looked at, and
// the distance is short as a rule, as in Windows paths: 32 bytes are copied
// whatever it is, and more only where it is longer.
func (s *scanner) unescape(start, i int) (string, int) {
	if s.vectors {
		return s.unescapeVector(start)
	}
	const step = 32
	src, stops := s.src, s.stops
	// Text never grows by unescaping, so what is left of the record is room
	// enough, with the excess of the last copy.
	dst := s.arena.room(len(src) - start + step)
	dst = dst[:len(src)-start+step]
	from, to := start, 0
	k := i >> 6
	w := stops[k] & (^uint64(0) << (i & 63))
	for {
		for w == 0 {
			k++
			w = stops[k]
		}
		i = k<<6 + bits.TrailingZeros64(w)
		w &= w - 1
		if i >= len(src) {
			return "", s.fail(len(src), "string without an end")
		}
		n := i - from
		if n <= step && len(src)-from >= step {
			a, b := src[from:from+step], dst[to:to+step]
			w0, w1 := binary.LittleEndian.Uint64(a), binary.LittleEndian.Uint64(a[8:])
			w2, w3 := binary.LittleEndian.Uint64(a[16:]), binary.LittleEndian.Uint64(a[24:])
			binary.LittleEndian.PutUint64(b, w0)
			binary.LittleEndian.PutUint64(b[8:], w1)
			binary.LittleEndian.PutUint64(b[16:], w2)
			binary.LittleEndian.PutUint64(b[24:], w3)
		} else {
			copy(dst[to:], src[from:i])
		}
		to += n
		switch src[i] {
		case '\\':
		case '"':
			return s.arena.keep(dst[:to]), i + 1
		default:
			return "", s.fail(i, "control character in a string")
		}
		if i+1 == len(src) {
			return "", s.fail(len(src), "string without an end")
		}
		if plain := unescaped[src[i+1]&0x7F]; plain != 0 && src[i+1] < 0x80 {
			dst[to] = plain
			to++
			from = i + 2
			continue
		}
		r, size := unicodeEscape(src[i:])
		if size == 0 {
			return "", s.fail(i, "unknown escape")
		}
		to += utf8.EncodeRune(dst[to:], r)
		from = i + size
		// A pair has a stop in its middle.
		k = from >> 6
		w = stops[k] & (^uint64(0) << (from & 63))
	}
}

// unescapeVector does what unescape does; only escapes that are not of two
// characters are left to do.
func (s *scanner) unescapeVector(start int) (string, int) {
	src := s.src
	dst := s.arena.room(len(src) - start + 64)
	dst = dst[:len(src)-start+64]
	from, to := start, 0
	for from < len(src) {
		read, written := unescapeBlocks(dst[to:], src[from:])
		from += read
		to += written
		if from == len(src) {
			break
		}
		switch src[from] {
		case '"':
			return s.arena.keep(dst[:to]), from + 1
		case '\\':
		default:
			return "", s.fail(from, "control character in a string")
		}
		if from+1 == len(src) {
			break
		}
		r, size := unicodeEscape(src[from:])
		if size == 0 {
			return "", s.fail(from, "unknown escape")
		}
		to += utf8.EncodeRune(dst[to:], r)
		from += size
	}
	return "", s.fail(len(src), "string without an end")
}

// unicodeEscape decodes the \u escape at the start of b, with its second half
// where it is one of a pair, and returns how many bytes it took; 0 means it is
// not such an escape.
func unicodeEscape(b []byte) (rune, int) {
	r, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hex4(b[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// hex4 reads \uXXXX.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		v, ok := hexValue(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(v)
	}
	return r, true
}

func hexValue(c byte) (byte, bool) {
	switch {
	case c-'0' <= 9:
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}
