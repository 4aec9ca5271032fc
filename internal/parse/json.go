package parse

import (
	"fmt"

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
	fields  []event.Field // the sink's, while scan runs
	arena   *arena
	vectors bool // the processor can do what unescapeBlocks needs
	members memberCache
	found   [MaxFields]int32 // by field that scan added: the id of its member
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
func (s *scanner) unload() { s.src, s.fields, s.keys.fields = nil, nil, nil }

// scan reads the whole of the loaded text. Fields found before an error stay in
// the sink; the caller removes them.
func (s *scanner) scan() jsonError {
	s.err = jsonError{}
	s.keys = keys{}
	s.members.begin()
	s.fields = s.sink.fields
	pos := s.space(0)
	if pos < len(s.src) && s.src[pos] == '{' {
		pos = s.object(pos, s.members.root, 1)
	} else {
		pos = s.value(pos, s.members.value, 0)
	}
	if pos >= 0 {
		if pos = s.space(pos); pos != len(s.src) {
			s.fail(pos, "unexpected text after the value")
		}
	}
	s.sink.fields = s.fields
	s.keys.fields = s.fields
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
// the member in. It is the loop where the time goes: what is common is here and
// not in functions of its own.
func (s *scanner) object(pos int, in *member, depth int) int {
	if depth > maxDepth {
		return s.fail(pos, "nested too deep")
	}
	src := s.src
	if pos = s.space(pos + 1); pos < len(src) && src[pos] == '}' {
		return pos + 1
	}
	expected := &in.first
	for n := 0; ; n++ {
		m := *expected
		if m.standsAt(src, pos) {
			pos += len(m.token)
		} else if m, pos = s.name(pos, in, expected, depth); pos < 0 {
			return -1
		}
		expected = &m.next[n%len(m.next)]
		if pos < len(src) && src[pos] <= ' ' {
			pos = s.space(pos)
		}
		if pos == len(src) {
			return s.fail(pos, "unexpected end")
		}
		c := src[pos]
		if c == '"' || c-'0' <= 9 {
			value, kind := "", event.String
			if c != '"' {
				end := digitsEnd(src, pos)
				if end < 0 {
					end = s.number(pos)
				}
				if end >= 0 {
					value = aliasString(src[pos:end])
				}
				kind, pos = event.Number, end
			} else if end := nextStop(s.stops, pos+1); end < len(src) && src[end] == '"' {
				value, pos = aliasString(src[pos+1:end]), end+1
			} else {
				value, pos = s.unescape(pos+1, end)
			}
			if pos < 0 {
				return -1
			}
			if i := len(s.fields); i < MaxFields-1 && i < cap(s.fields) {
				s.fields = s.fields[:i+1]
				f := &s.fields[i]
				f.Name, f.Value, f.Kind = m.name, value, kind
				s.found[i] = m.id
				if m.key != keyNone && s.keys.at[m.key] == 0 {
					s.keys.at[m.key] = int32(i) + 1
				}
			} else {
				s.emit(m, value, kind)
			}
		} else if pos = s.value(pos, m, depth); pos < 0 {
			return -1
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
	}
}

// digitsEnd returns the end of the digits at pos, if the number is nothing else;
// else -1.
func digitsEnd(src []byte, pos int) int {
	end := pos + 1
	for end < len(src) && src[end]-'0' <= 9 {
		end++
	}
	if end < len(src) && (src[end] == '.' || src[end]|0x20 == 'e') || src[pos] == '0' && end > pos+1 {
		return -1
	}
	return end
}

func startsWith(src []byte, pos int, word string) bool {
	return len(src)-pos >= len(word) && string(src[pos:pos+len(word)]) == word
}

// name reads the member name at pos where it is not the expected one, and
// expects it the next time. The place it returns is behind the colon.
func (s *scanner) name(pos int, in *member, expected **member, depth int) (*member, int) {
	src := s.src
	if pos = s.space(pos); pos == len(src) || src[pos] != '"' {
		return nil, s.fail(pos, "expected a member name")
	}
	if m := *expected; startsWith(src, pos, m.token) { // white space hid it
		return m, pos + len(m.token)
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
		m = s.members.learn(in, src[pos:end], key, depth)
	}
	if m.id != passing {
		*expected = m
	}
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
			end := s.number(pos)
			if end >= 0 {
				s.emit(m, aliasString(s.src[pos:end]), event.Number)
			}
			return end
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
	i := len(s.fields)
	if i >= MaxFields-1 {
		s.sink.spill(m.name, value)
		return
	}
	s.fields = append(s.fields, event.Field{Name: m.name, Value: value, Kind: kind})
	s.found[i] = m.id
	if m.key != keyNone && s.keys.at[m.key] == 0 {
		s.keys.at[m.key] = int32(i) + 1
	}
}

func (s *scanner) literal(pos int, word string, m *member, kind event.Kind) int {
	if !startsWith(s.src, pos, word) {
		return s.fail(pos, "expected "+word)
	}
	// A view of the record, as of any other value: who stores the record sees
	// where it stands.
	value := aliasString(s.src[pos : pos+len(word)])
	if kind == event.Null {
		value = ""
	}
	s.emit(m, value, kind)
	return pos + len(word)
}

// number checks the number at start and returns its end.
func (s *scanner) number(start int) int {
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
