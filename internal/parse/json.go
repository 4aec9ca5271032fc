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

// scanner reads one JSON text (RFC 8259) and hands every scalar to the sink
// under its dotted name. It builds nothing else: no map, no tree, no copy of a
// string that has no escapes.
//
// It is strict: numbers follow the grammar, control characters must be escaped,
// nothing may follow the value. It expects valid UTF-8, which the parser makes
// sure of. Unpaired surrogate escapes become U+FFFD, as in encoding/json.
//
// It works in two steps. load marks the places where strings can end
// (jsonstop.go); scan walks the grammar, jumping from mark to mark. Member names
// are not read where the record has the name that came next the last time
// (jsonmember.go). The functions of the grammar take the place they begin at
// and return the place behind what they read, or -1 after a failure.
type scanner struct {
	src     []byte
	stops   []uint64
	sink    *fieldSink
	arena   *arena
	members memberCache
	found   []*member // of each field that scan added: its member
	keys    keys
	err     jsonError
}

// load takes the text to scan and reports whether it is all ASCII.
func (s *scanner) load(src []byte) (ascii bool) {
	n := stopWords(len(src))
	if cap(s.stops) < n {
		s.stops = make([]uint64, n+n/2)
	}
	s.src, s.stops = src, s.stops[:n]
	return markStops(s.stops, src)
}

// unload lets go of the text.
func (s *scanner) unload() { s.src, s.keys.fields = nil, nil }

// scan reads the whole of the loaded text. Fields found before an error stay in
// the sink; the caller removes them.
func (s *scanner) scan() jsonError {
	s.err = jsonError{}
	s.found = s.found[:0]
	s.keys = keys{}
	s.members.begin()
	root := s.members.root
	pos := s.space(0)
	if pos < len(s.src) && s.src[pos] == '{' {
		pos = s.object(pos, root, 1)
	} else {
		pos = s.value(pos, s.members.value, 0)
	}
	if pos >= 0 {
		if pos = s.space(pos); pos != len(s.src) {
			s.fail(pos, "unexpected text after the value")
		}
	}
	s.keys.fields = s.sink.fields
	return s.err
}

func (s *scanner) fail(pos int, reason string) int {
	s.err = jsonError{offset: pos, reason: reason}
	return -1
}

func (s *scanner) space(pos int) int {
	for pos < len(s.src) {
		switch s.src[pos] {
		case ' ', '\t', '\n', '\r':
			pos++
		default:
			return pos
		}
	}
	return pos
}

// object reads the members of the object that stands at pos and is the value of
// the member in.
func (s *scanner) object(pos int, in *member, depth int) int {
	if depth > maxDepth {
		return s.fail(pos, "nested too deep")
	}
	src := s.src
	if pos = s.space(pos + 1); pos < len(src) && src[pos] == '}' {
		return pos + 1
	}
	after := &in.first
	for {
		m := after[0]
		if m.standsAt(src, pos) {
			pos += len(m.token)
		} else if m, pos = s.name(pos, in, after); pos < 0 {
			return -1
		}
		if pos < len(src) && src[pos] <= ' ' {
			pos = s.space(pos)
		}
		if pos == len(src) {
			return s.fail(pos, "unexpected end")
		}
		switch c := src[pos]; {
		case c == '"':
			start := pos + 1
			end := nextStop(s.stops, start)
			if end < len(src) && src[end] == '"' {
				s.emit(m, aliasString(src[start:end]), event.String)
				pos = end + 1
				break
			}
			value, end := s.unescape(start, end)
			if end < 0 {
				return -1
			}
			s.emit(m, value, event.String)
			pos = end
		case c-'0' <= 9 || c == '-':
			if pos = s.number(pos, m); pos < 0 {
				return -1
			}
		default:
			if pos = s.value(pos, m, depth); pos < 0 {
				return -1
			}
		}
		if pos < len(src) && src[pos] <= ' ' {
			pos = s.space(pos)
		}
		if pos >= len(src) || src[pos] != ',' {
			if pos < len(src) && src[pos] == '}' {
				return pos + 1
			}
			return s.fail(pos, "expected a comma or a closing brace")
		}
		pos++
		after = &m.next
	}
}

func startsWith(src []byte, pos int, word string) bool {
	return len(src)-pos >= len(word) && string(src[pos:pos+len(word)]) == word
}

// name reads the member name at pos where it is not the expected one, and
// expects it the next time. The place it returns is behind the colon.
func (s *scanner) name(pos int, in *member, after *[2]*member) (*member, int) {
	src := s.src
	if pos = s.space(pos); pos == len(src) || src[pos] != '"' {
		return nil, s.fail(pos, "expected a member name")
	}
	// White space may have hidden the expected name, and where two kinds of
	// event take turns it is the one before.
	for _, m := range after {
		if startsWith(src, pos, m.token) {
			return m, pos + len(m.token)
		}
	}
	end := nextStop(s.stops, pos+1)
	for end < len(src) && src[end] == '\\' {
		end = nextStop(s.stops, end+1)
	}
	if end >= len(src) {
		return nil, s.fail(len(src), "string without an end")
	}
	if src[end] != '"' {
		return nil, s.fail(end, "control character in a string")
	}
	end++
	m := s.members.find(in, src[pos:end])
	if m == nil {
		key, after := s.str(pos)
		if after < 0 {
			return nil, -1
		}
		m = s.members.learn(in, src[pos:end], key)
	}
	after[1] = after[0]
	after[0] = m
	if end = s.space(end); end == len(src) || src[end] != ':' {
		return nil, s.fail(end, "expected a colon")
	}
	return m, end + 1
}

// value reads a value of member m.
func (s *scanner) value(pos int, m *member, depth int) int {
	if pos >= len(s.src) {
		return s.fail(pos, "unexpected end")
	}
	switch c := s.src[pos]; c {
	case '"':
		v, pos := s.str(pos)
		if pos >= 0 {
			s.emit(m, v, event.String)
		}
		return pos
	case '{':
		return s.object(pos, m, depth+1)
	case '[':
		return s.array(pos, m, depth+1)
	case 't':
		return s.literal(pos, "true", m, event.Bool)
	case 'f':
		return s.literal(pos, "false", m, event.Bool)
	case 'n':
		return s.literal(pos, "null", m, event.Null)
	default:
		if c == '-' || c-'0' <= 9 {
			return s.number(pos, m)
		}
		return s.fail(pos, "expected a value")
	}
}

func (s *scanner) array(pos int, m *member, depth int) int {
	if depth > maxDepth {
		return s.fail(pos, "nested too deep")
	}
	if pos = s.space(pos + 1); pos < len(s.src) && s.src[pos] == ']' {
		return pos + 1
	}
	for {
		if pos = s.value(s.space(pos), m, depth); pos < 0 {
			return -1
		}
		if pos = s.space(pos); pos == len(s.src) || s.src[pos] != ',' {
			if pos < len(s.src) && s.src[pos] == ']' {
				return pos + 1
			}
			return s.fail(pos, "expected a comma or a closing bracket")
		}
		pos++
	}
}

// emit adds a field.
func (s *scanner) emit(m *member, value string, kind event.Kind) {
	n := len(s.sink.fields)
	if n >= MaxFields-1 {
		s.sink.spill(m.name, value)
		return
	}
	s.sink.put(m.name, value, kind)
	s.found = append(s.found, m)
	if m.key != keyNone && s.keys.at[m.key] == 0 {
		s.keys.at[m.key] = int32(n) + 1
	}
}

func (s *scanner) literal(pos int, word string, m *member, kind event.Kind) int {
	if !startsWith(s.src, pos, word) {
		return s.fail(pos, "expected "+word)
	}
	pos += len(word)
	if kind == event.Null {
		word = ""
	}
	s.emit(m, word, kind)
	return pos
}

func (s *scanner) number(start int, m *member) int {
	src := s.src
	i := start
	if src[i] == '-' {
		i++
	}
	end := skipDigits(src, i)
	if end == i {
		return s.fail(end, "expected a digit")
	}
	if src[i] == '0' {
		end = i + 1 // a leading zero stands alone
	}
	if end < len(src) && src[end] == '.' {
		i = end + 1
		if end = skipDigits(src, i); end == i {
			return s.fail(end, "expected a digit after the decimal point")
		}
	}
	if end < len(src) && src[end]|0x20 == 'e' {
		i = end + 1
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		if end = skipDigits(src, i); end == i {
			return s.fail(end, "expected a digit in the exponent")
		}
	}
	s.emit(m, aliasString(src[start:end]), event.Number)
	return end
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// str reads the string whose opening quote is at pos.
func (s *scanner) str(pos int) (string, int) {
	start := pos + 1
	end := nextStop(s.stops, start)
	if end < len(s.src) && s.src[end] == '"' {
		return aliasString(s.src[start:end]), end + 1
	}
	return s.unescape(start, end)
}

// unescaped gives the byte a two-character escape stands for; 0 is no escape.
var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unescape reads the string that begins at start and has its first stop, which
// does not end it, at i. Between two stops nothing needs to be looked at, and
// the distance is short as a rule, as in Windows paths: two words are copied
// whatever it is, and more only where it is longer.
func (s *scanner) unescape(start, i int) (string, int) {
	const step = 16
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
			binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(a))
			binary.LittleEndian.PutUint64(b[8:], binary.LittleEndian.Uint64(a[8:]))
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
		if plain := unescaped[src[i+1]]; plain != 0 {
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
