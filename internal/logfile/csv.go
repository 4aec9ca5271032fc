package logfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// maxColumns bounds a table.
const maxColumns = 1000

// delimiters are those that are recognised, the likelier ones first.
var delimiters = []byte{',', ';', '\t', '|'}

// rowState is what became of a row.
type rowState uint8

const (
	rowWhole  rowState = iota
	rowOpen            // no end in what is there
	rowBroken          // a quote that stands where none may
)

// cutRow takes the first row off data (RFC 4180): values, which alias data or,
// where quotes were doubled, are their own, and the bytes taken. With final a row
// needs no line end. Of a broken row the first line is taken.
func cutRow(data []byte, comma byte, final bool, values [][]byte) (row [][]byte, n int, state rowState) {
	row = values[:0]
	for {
		var value []byte
		if n < len(data) && data[n] == '"' {
			end, doubled := closingQuote(data[n+1:])
			if end < 0 {
				if final {
					return row, firstLine(data), rowBroken
				}
				return row, 0, rowOpen
			}
			value = data[n+1 : n+1+end]
			if doubled {
				value = bytes.ReplaceAll(value, []byte(`""`), []byte(`"`))
			}
			n += end + 2
			rest := data[n:]
			switch {
			case len(rest) == 0, rest[0] == comma, rest[0] == '\n':
			case rest[0] == '\r' && (len(rest) == 1 || rest[1] == '\n'):
			default:
				return row, firstLine(data), rowBroken
			}
		} else {
			end := bytes.IndexFunc(data[n:], func(r rune) bool { return r == rune(comma) || r == '\n' })
			if end < 0 {
				end = len(data) - n
			}
			value = data[n : n+end]
			n += end
			if n == len(data) || data[n] == '\n' {
				value = bytes.TrimSuffix(value, []byte("\r"))
			}
		}
		row = append(row, value)
		if n < len(data) && data[n] == '\r' {
			n++
		}
		switch {
		case n >= len(data) && final:
			return row, n, rowWhole
		case n >= len(data):
			return row, 0, rowOpen
		case data[n] == '\n':
			return row, n + 1, rowWhole
		case len(row) > maxColumns:
			return row, firstLine(data), rowBroken
		}
		n++ // the delimiter
	}
}

// closingQuote finds the quote that ends a value; doubled ones belong to it.
func closingQuote(data []byte) (at int, doubled bool) {
	for at < len(data) {
		i := bytes.IndexByte(data[at:], '"')
		if i < 0 {
			return -1, doubled
		}
		at += i
		if at+1 == len(data) || data[at+1] != '"' {
			return at, doubled
		}
		doubled = true
		at += 2
	}
	return -1, doubled
}

func firstLine(data []byte) int {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1
	}
	return len(data)
}

// tableOf says which delimiter a text has if it looks like a table: a first row of
// different names and rows of as many values behind it. Asked for, anything with a
// first row is one.
func tableOf(text []byte, asked bool) (comma byte, ok bool) {
	const looked = 5
	best := 1
	if asked {
		comma, ok = ',', true
	}
	for _, c := range delimiters {
		rest, columns, rows := text, 0, 0
		for rows < looked && len(rest) > 0 {
			row, n, state := cutRow(rest, c, true, nil)
			if state != rowWhole {
				break
			}
			rest = rest[n:]
			if len(row) == 1 && len(bytes.TrimSpace(row[0])) == 0 {
				continue
			}
			if rows == 0 && (len(row) < 2 || !asked && !areNames(row)) {
				break
			}
			if rows == 0 {
				columns = len(row)
			} else if len(row) != columns && !(len(rest) == 0) && !asked {
				rows = 0
				break
			}
			rows++
		}
		if columns > best && (rows >= 2 || asked && rows >= 1) {
			best, comma, ok = columns, c, true
		}
	}
	return comma, ok
}

// areNames says whether a row could be headings: short, different, beginning with
// a letter.
func areNames(row [][]byte) bool {
	seen := map[string]bool{}
	for _, v := range row {
		v = bytes.TrimSpace(v)
		first, _ := utf8.DecodeRune(v)
		if len(v) == 0 || len(v) > 80 || seen[string(v)] || !unicode.IsLetter(first) && first != '@' && first != '_' && first != '#' {
			return false
		}
		if bytes.ContainsAny(v, "=\"{}[]<>") {
			return false
		}
		seen[string(v)] = true
	}
	return true
}

// openCSV yields one JSON object per row, with the headings as names. A row with
// another number of values, or with a broken quote, is yielded as the text it is.
func (s *Source) openCSV(r *bufio.Reader, comma byte) error {
	t := &table{source: s, r: r, comma: comma}
	if err := t.headings(); err != nil {
		return err
	}
	s.Kind, s.Hint = KindCSV, event.HintJSON
	s.next = t.next
	return nil
}

type table struct {
	source *Source
	r      *bufio.Reader
	comma  byte
	names  [][]byte // quoted, with the colon
	line   int64    // of the row that comes next, counted from 1
	values [][]byte
	out    []byte
}

// row returns the next row and its bytes, which are valid until the next call.
func (t *table) row() (values [][]byte, raw []byte, state rowState, err error) {
	// What is in the buffer is enough for all rows but the last in it.
	data, _ := t.r.Peek(t.r.Buffered())
	values, n, state := cutRow(data, t.comma, false, t.values)
	if state != rowWhole {
		data, err = t.r.Peek(event.MaxRecordBytes)
		if len(data) == 0 {
			return nil, nil, 0, t.source.streamError(err)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, 0, t.source.streamError(err)
		}
		// A row that fills the buffer has no end that we would wait for.
		values, n, state = cutRow(data, t.comma, true, t.values)
		if err == nil && state == rowWhole && n == len(data) && data[n-1] != '\n' {
			state, n = rowBroken, firstLine(data)
		}
	}
	t.values = values
	raw = data[:n]
	_, _ = t.r.Discard(n) // it was peeked
	return values, raw, state, nil
}

func (t *table) headings() error {
	t.line = 1
	for {
		values, raw, state, err := t.row()
		switch {
		case errors.Is(err, io.EOF):
			return fault.New(fault.Invalid, "%s: a table without a row of headings", t.source.Name())
		case err != nil:
			return err
		case state != rowWhole || len(values) > maxColumns:
			return fault.New(fault.Invalid, "%s:%d: the row of headings cannot be read; at most %d columns and %d bytes", t.source.Name(), t.line, maxColumns, event.MaxRecordBytes)
		}
		t.line += int64(bytes.Count(raw, []byte("\n")))
		if line := bytes.TrimSpace(raw); len(line) == 0 {
			continue
		} else if len(line) == 5 && bytes.HasPrefix(line, []byte("sep=")) {
			t.comma = line[4] // as spreadsheets write it
			continue
		}
		used := map[string]bool{}
		for i, v := range values {
			name := string([]rune(string(bytes.TrimSpace(v)))) // as it is written later
			if name == "" {
				name = fmt.Sprintf("column%d", i+1)
			}
			for n, base := 2, name; used[name]; n++ {
				name = fmt.Sprintf("%s_%d", base, n)
			}
			used[name] = true
			t.names = append(t.names, append(appendQuoted(nil, []byte(name)), ':'))
		}
		return nil
	}
}

func (t *table) next() ([]byte, error) {
	for {
		values, raw, state, err := t.row()
		if err != nil {
			return nil, err
		}
		t.source.At = t.line
		t.line += int64(bytes.Count(raw, []byte("\n")))
		whole := len(raw) > 0 && raw[len(raw)-1] == '\n'
		raw = bytes.TrimRight(raw, "\r\n")
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		t.source.Hint = event.HintText
		if state == rowBroken && !whole {
			t.out = append(t.out[:0], raw...) // it lies where the reader goes on
			raw = t.out
		}
		switch {
		case state == rowBroken && !whole && t.skipLine():
			t.source.problem(Problem{At: t.source.At, Code: CodeCut, Stored: true, Detail: fmt.Sprintf("longer than %d bytes; the rest of it was cut off", event.MaxRecordBytes)})
			return raw, nil
		case state == rowBroken:
			t.source.problem(Problem{At: t.source.At, Code: CodeQuote, Stored: true, Detail: "a quote that does not end, or ends inside a value; the line is stored as it is"})
			return raw, nil
		case len(values) != len(t.names):
			t.source.problem(Problem{At: t.source.At, Code: CodeColumns, Stored: true, Detail: fmt.Sprintf("%d values under %d headings; the row is stored as it is", len(values), len(t.names))})
			return raw, nil
		}
		t.out = append(t.out[:0], '{')
		for i, v := range values {
			if i > 0 {
				t.out = append(t.out, ',')
			}
			t.out = appendQuoted(append(t.out, t.names[i]...), v)
		}
		t.out = append(t.out, '}')
		if len(t.out) > event.MaxRecordBytes {
			t.source.problem(Problem{At: t.source.At, Code: CodeCut, Stored: true, Detail: fmt.Sprintf("longer than %d bytes with its headings; the row is stored as it is", event.MaxRecordBytes)})
			return raw, nil
		}
		t.source.Hint = event.HintJSON
		return t.out, nil
	}
}

// skipLine passes over the rest of a line that was cut, and says whether there was
// one.
func (t *table) skipLine() (skipped bool) {
	for {
		rest, err := t.r.ReadSlice('\n')
		skipped = skipped || len(rest) > 0
		if !errors.Is(err, bufio.ErrBufferFull) {
			t.line++
			return skipped
		}
	}
}

// appendQuoted appends a JSON string. What is no UTF-8 becomes U+FFFD.
func appendQuoted(dst, v []byte) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, `\u00`...)
			dst = append(dst, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRune(v[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}
