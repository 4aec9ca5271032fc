package lake

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A shape is the text of a raw record with the values that stand in its fields
// taken out. Records of one kind have one shape, so that a segment keeps the
// text between the values once and every value once, and still gives back each
// record to the byte. docs/format/segment.md has the grammar for strangers:
//
//	shape = { literal | slot }
//	slot  = U+001A kind column [ U+001F index ] U+001A
//
// kind says how the value was written ([escape]), column is the folded name of
// the column, index which of the values in the cell (0 if left out).
const slotMark = "\x1a"

// maxShaped bounds records that are taken apart and put together.
const maxShaped = 1 << 20

// escape is how a value stands in a raw record.
type escape byte

const (
	verbatim   escape = 'v'
	jsonPlain  escape = 'j' // JSON: the escapes that must be, \b \f \n \r \t and \u00xx in lower case
	jsonHTML   escape = 'h' // as j, and <, >, &, U+2028, U+2029 as \uxxxx
	jsonASCII  escape = 'a' // as j, and all beyond ASCII as \uxxxx
	jsonSlash  escape = 's' // as a, and / as \/
	escapeList        = "vjhas"
)

// shapePart is a literal, or the value of a column.
type shapePart struct {
	literal string
	field   string // folded name of the column; "" in a literal
	index   int    // which of its values
	escape  escape
}

// parseShape takes a shape apart; the parts alias s.
func parseShape(s string) ([]shapePart, error) {
	var parts []shapePart
	for s != "" {
		at := strings.Index(s, slotMark)
		if at != 0 {
			if at < 0 {
				at = len(s)
			}
			parts = append(parts, shapePart{literal: s[:at]})
			s = s[at:]
			continue
		}
		inner, rest, ok := strings.Cut(s[1:], slotMark)
		if !ok || len(inner) < 2 || strings.IndexByte(escapeList, inner[0]) < 0 {
			return nil, fmt.Errorf("%w: a shape has no slot at its %d last bytes", errSegment, len(s))
		}
		p := shapePart{field: inner[1:], escape: escape(inner[0])}
		if name, index, ok := strings.Cut(p.field, cellSeparator); ok {
			n, err := strconv.ParseUint(index, 10, 16)
			if err != nil || name == "" {
				return nil, fmt.Errorf("%w: a shape has the slot %q", errSegment, inner)
			}
			p.field, p.index = name, int(n)
		}
		parts = append(parts, p)
		s = rest
	}
	return parts, nil
}

// appendRaw puts a record together; value gives a value of a column as its cell
// has it.
func appendRaw(dst []byte, parts []shapePart, value func(field string, index int) (string, bool)) ([]byte, error) {
	return appendParts(dst, parts, func(_ int, p *shapePart) (string, bool) { return value(p.field, p.index) })
}

// appendParts is appendRaw for a caller who knows the parts by number.
func appendParts(dst []byte, parts []shapePart, value func(part int, p *shapePart) (string, bool)) ([]byte, error) {
	start := len(dst)
	for i := range parts {
		p := &parts[i]
		if p.field == "" {
			dst = append(dst, p.literal...)
		} else {
			v, ok := value(i, p)
			if !ok {
				return dst[:start], fmt.Errorf("%w: a record has no value %d in %q, which its shape names", errSegment, p.index, p.field)
			}
			dst = p.escape.append(dst, v)
		}
		if len(dst)-start > maxShaped {
			return dst[:start], fmt.Errorf("%w: a record of more than %d bytes", errSegment, maxShaped)
		}
	}
	return dst, nil
}

func appendSlot(dst []byte, how escape, column string, index int) []byte {
	dst = append(dst, slotMark[0], byte(how))
	dst = append(dst, column...)
	if index > 0 {
		dst = append(dst, cellSeparator[0])
		dst = strconv.AppendInt(dst, int64(index), 10)
	}
	return append(dst, slotMark[0])
}

// shortEscape is the letter behind the backslash that stands for a byte; 'u' for
// a control character without one, 0 for what needs no escape.
var shortEscape = func() (t [256]byte) {
	for c := range 0x20 {
		t[c] = 'u'
	}
	t['"'], t['\\'], t['\b'], t['\f'], t['\n'], t['\r'], t['\t'] = '"', '\\', 'b', 'f', 'n', 'r', 't'
	return t
}()

// append writes v as e says.
func (e escape) append(dst []byte, v string) []byte {
	if e == verbatim {
		return append(dst, v...)
	}
	from := 0
	for i := 0; i < len(v); {
		c := v[i]
		if short := shortEscape[c]; short != 0 {
			dst = append(dst, v[from:i]...)
			if short == 'u' {
				dst = appendHex4(dst, uint16(c))
			} else {
				dst = append(dst, '\\', short)
			}
			i++
			from = i
			continue
		}
		if e == jsonPlain || c < 0x80 && c != '<' && c != '>' && c != '&' && c != '/' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(v[i:])
		switch {
		case e == jsonSlash && c == '/':
			dst = append(append(dst, v[from:i]...), '\\', '/')
		case e == jsonHTML && (c == '<' || c == '>' || c == '&' || r == '\u2028' || r == '\u2029'):
			dst = appendHex4(append(dst, v[from:i]...), uint16(r))
		case e != jsonHTML && c >= 0x80:
			dst = append(dst, v[from:i]...)
			if r > 0xffff {
				high, low := utf16.EncodeRune(r)
				dst = appendHex4(appendHex4(dst, uint16(high)), uint16(low))
			} else {
				dst = appendHex4(dst, uint16(r))
			}
		default:
			i += size
			continue
		}
		i += size
		from = i
	}
	return append(dst, v[from:]...)
}

func appendHex4(dst []byte, c uint16) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[c>>12], digits[c>>8&15], digits[c>>4&15], digits[c&15])
}

// unescapedLen returns how many bytes at the start of v stand for themselves in
// a JSON string.
func unescapedLen(v string) int {
	for i := range len(v) {
		if shortEscape[v[i]] != 0 {
			return i
		}
	}
	return len(v)
}

// escapedEnd reports whether v, escaped as jsonPlain, stands in raw at at, and
// where it ends, without building it. n is v's unescapedLen.
func escapedEnd(raw string, at int, v string, n int) (end int, ok bool) {
	for {
		if !strings.HasPrefix(raw[at:], v[:n]) {
			return 0, false
		}
		at += n
		if n == len(v) {
			return at, true
		}
		short := shortEscape[v[n]]
		if len(raw)-at < 2 || raw[at] != '\\' || raw[at+1] != short {
			return 0, false
		}
		at += 2
		if short == 'u' {
			const digits = "0123456789abcdef"
			if len(raw)-at < 4 || raw[at] != '0' || raw[at+1] != '0' || raw[at+2] != digits[v[n]>>4] || raw[at+3] != digits[v[n]&15] {
				return 0, false
			}
			at += 4
		}
		v = v[n+1:]
		n = unescapedLen(v)
	}
}
