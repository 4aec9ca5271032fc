package parse

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
)

// maxDepth bounds how deep objects and arrays may be nested.
const maxDepth = 64

// jsonError says what is wrong with a JSON text, and where. The zero value
// means nothing is wrong: it is a value so that a flood of bad records does not
// allocate.
type jsonError struct {
	offset int
	reason string
}

func (e jsonError) failed() bool { return e.reason != "" }

func (e jsonError) String() string {
	return fmt.Sprintf("JSON: %s at byte %d", e.reason, e.offset)
}

// scanner reads one JSON text (RFC 8259) and hands every scalar to fields under
// its dotted name. It builds nothing else: no map, no tree, no copy of a string
// that has no escapes.
//
// It is strict: numbers follow the grammar, control characters must be escaped,
// nothing may follow the value. It expects valid UTF-8, which [Parser.Parse]
// makes sure of before. Unpaired surrogate escapes become U+FFFD, as in
// encoding/json.
//
// Strings are scanned eight bytes at a time. Windows paths make escapes the
// common case, so the unescaping loop also works on words: it stores the whole
// word, then moves on only as far as the word held plain bytes.
type scanner struct {
	src    []byte
	pos    int
	path   []byte // dotted name of the enclosing objects; empty at the top
	fields *fieldSink
	arena  *arena
	err    jsonError
}

// scan reads the whole of src. Fields found before an error stay in the sink;
// the caller removes them.
func (s *scanner) scan(src []byte) jsonError {
	s.src, s.pos, s.path, s.err = src, 0, s.path[:0], jsonError{}
	s.space()
	if s.pos < len(src) && src[s.pos] == '{' {
		s.object(1)
	} else {
		s.value("value", 0)
	}
	if !s.err.failed() {
		s.space()
		if s.pos != len(s.src) {
			s.fail("unexpected text after the value")
		}
	}
	return s.err
}

func (s *scanner) fail(reason string) bool {
	if !s.err.failed() {
		s.err = jsonError{offset: s.pos, reason: reason}
	}
	return false
}

func (s *scanner) failAt(pos int, reason string) bool {
	s.pos = pos
	return s.fail(reason)
}

func (s *scanner) space() {
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// next skips white space and returns the byte there without taking it; 0 at
// the end, which no JSON text can contain outside a string.
func (s *scanner) next() byte {
	if s.pos < len(s.src) {
		if c := s.src[s.pos]; c > ' ' {
			return c
		}
	}
	s.space()
	if s.pos < len(s.src) {
		return s.src[s.pos]
	}
	return 0
}

// object reads the members of an object; s.pos is at its brace, s.path names it.
func (s *scanner) object(depth int) bool {
	if depth > maxDepth {
		return s.fail("nested too deep")
	}
	s.pos++
	if s.next() == '}' {
		s.pos++
		return true
	}
	for {
		if s.next() != '"' {
			return s.fail("expected a member name")
		}
		key, ok := s.str()
		if !ok {
			return false
		}
		if s.next() != ':' {
			return s.fail("expected a colon")
		}
		s.pos++
		s.next()
		if !s.value(key, depth) {
			return false
		}
		switch s.next() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return true
		default:
			return s.fail("expected a comma or a closing brace")
		}
	}
}

// value reads the value of member key of the object named s.path.
func (s *scanner) value(key string, depth int) bool {
	if s.pos >= len(s.src) {
		return s.fail("unexpected end")
	}
	switch c := s.src[s.pos]; c {
	case '"':
		v, ok := s.str()
		if !ok {
			return false
		}
		s.emit(key, v, event.String)
		return true
	case '{':
		mark := len(s.path)
		if mark > 0 {
			s.path = append(s.path, '.')
		}
		s.path = append(s.path, clipName(key)...)
		if len(s.path) == mark { // an empty name at the top still is a level
			s.path = append(s.path, '_')
		}
		ok := s.object(depth + 1)
		s.path = s.path[:mark]
		return ok
	case '[':
		return s.array(key, depth+1)
	case 't':
		return s.literal("true", key, event.Bool)
	case 'f':
		return s.literal("false", key, event.Bool)
	case 'n':
		return s.literal("null", key, event.Null)
	default:
		if c == '-' || c-'0' <= 9 {
			return s.number(key)
		}
		return s.fail("expected a value")
	}
}

func (s *scanner) array(key string, depth int) bool {
	if depth > maxDepth {
		return s.fail("nested too deep")
	}
	s.pos++
	if s.next() == ']' {
		s.pos++
		return true
	}
	for {
		s.next()
		if !s.value(key, depth) {
			return false
		}
		switch s.next() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return true
		default:
			return s.fail("expected a comma or a closing bracket")
		}
	}
}

func (s *scanner) emit(key, value string, kind event.Kind) {
	if len(s.path) == 0 {
		s.fields.add(clipName(key), value, kind)
		return
	}
	mark := len(s.path)
	s.path = append(s.path, '.')
	s.path = append(s.path, clipName(key)...)
	s.fields.add(s.fields.names.intern(clipNameBytes(s.path)), value, kind)
	s.path = s.path[:mark]
}

func (s *scanner) literal(word, key string, kind event.Kind) bool {
	if len(s.src)-s.pos < len(word) || string(s.src[s.pos:s.pos+len(word)]) != word {
		return s.fail("expected " + word)
	}
	s.pos += len(word)
	if kind == event.Null {
		word = ""
	}
	s.emit(key, word, kind)
	return true
}

func (s *scanner) number(key string) bool {
	src, start := s.src, s.pos
	i := start
	if src[i] == '-' {
		i++
	}
	end := skipDigits(src, i)
	if end == i {
		return s.failAt(end, "expected a digit")
	}
	if src[i] == '0' {
		end = i + 1 // a leading zero stands alone
	}
	if end < len(src) && src[end] == '.' {
		i = end + 1
		if end = skipDigits(src, i); end == i {
			return s.failAt(end, "expected a digit after the decimal point")
		}
	}
	if end < len(src) && src[end]|0x20 == 'e' {
		i = end + 1
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		if end = skipDigits(src, i); end == i {
			return s.failAt(end, "expected a digit in the exponent")
		}
	}
	s.pos = end
	s.emit(key, aliasString(src[start:end]), event.Number)
	return true
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, in the high bit of each byte of w, the bytes that end a run of
// plain string text: the quote, the backslash and control characters. Only the
// lowest mark is exact, which is the only one used.
func special(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
}

// str reads a string; s.pos is at its opening quote.
func (s *scanner) str() (string, bool) {
	src := s.src
	start := s.pos + 1
	i := start
	for {
		if len(src)-i >= 8 {
			m := special(binary.LittleEndian.Uint64(src[i:]))
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		} else {
			for i < len(src) && src[i] != '"' && src[i] != '\\' && src[i] >= ' ' {
				i++
			}
			if i == len(src) {
				s.pos = i
				return "", s.fail("string without an end")
			}
		}
		switch src[i] {
		case '"':
			s.pos = i + 1
			return aliasString(src[start:i]), true
		case '\\':
			return s.unescape(start, i)
		default:
			s.pos = i
			return "", s.fail("control character in a string")
		}
	}
}

// unescaped gives the byte a two-character escape stands for; 0 is no escape.
var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unescape goes on where str met the first backslash, at i.
func (s *scanner) unescape(start, i int) (string, bool) {
	src := s.src
	// Text never grows by unescaping, so what is left of the record is room
	// enough; eight more bytes let the last word be stored whole.
	room := s.arena.room(len(src) - start + 8)
	dst := room[:len(src)-start+8]
	j := copy(dst, src[start:i])
	for i < len(src) {
		switch c := src[i]; {
		case c == '"':
			s.pos = i + 1
			return s.arena.keep(dst[:j]), true
		case c == '\\':
			if i+1 == len(src) {
				s.pos = len(src)
				return "", s.fail("string without an end")
			}
			if plain := unescaped[src[i+1]]; plain != 0 {
				dst[j] = plain
				i += 2
				j++
				break
			}
			r, n := unicodeEscape(src[i:])
			if n == 0 {
				s.pos = i
				return "", s.fail("unknown escape")
			}
			i += n
			j += utf8.EncodeRune(dst[j:], r)
		case c < ' ':
			s.pos = i
			return "", s.fail("control character in a string")
		}
		for len(src)-i >= 8 {
			w := binary.LittleEndian.Uint64(src[i:])
			binary.LittleEndian.PutUint64(dst[j:], w)
			m := special(w)
			if m != 0 {
				n := bits.TrailingZeros64(m) >> 3
				i += n
				j += n
				break
			}
			i += 8
			j += 8
		}
		if len(src)-i < 8 {
			for i < len(src) && src[i] != '"' && src[i] != '\\' && src[i] >= ' ' {
				dst[j] = src[i]
				i++
				j++
			}
		}
	}
	s.pos = len(src)
	return "", s.fail("string without an end")
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
