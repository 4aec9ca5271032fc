package logfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	// MinBlock is the room that Block needs: a record of any legal length, and
	// what tells that it is longer.
	MinBlock = 2 * (event.MaxRecordBytes + 2)
	// maxDocumentBytes bounds one JSON value of a file that is not NDJSON: it is
	// held in memory whole.
	maxDocumentBytes = 64 << 20
)

// Lines takes a block apart.
type Lines struct{ Rest []byte }

// Next returns the next line without its end, and whether it had to be cut to
// event.MaxRecordBytes. Empty lines are returned too, so that lines can be
// counted; ok is false after the last.
func (l *Lines) Next() (line []byte, cut, ok bool) {
	if len(l.Rest) == 0 {
		return nil, false, false
	}
	if i := bytes.IndexByte(l.Rest, '\n'); i >= 0 {
		line, l.Rest = l.Rest[:i], l.Rest[i+1:]
	} else {
		line, l.Rest = l.Rest, nil
	}
	line = bytes.TrimRight(line, "\r")
	if len(line) > event.MaxRecordBytes {
		return line[:event.MaxRecordBytes:event.MaxRecordBytes], true, true
	}
	return line, false, true
}

// CutNote says that the record at a place, counted from 0 as findings do, was cut.
func CutNote(name string, at int64) string {
	return fmt.Sprintf("%s:%d: record longer than %d bytes; the rest of it was cut off", name, at, event.MaxRecordBytes)
}

// openText decides between a table, NDJSON, other JSON and text by the beginning
// of it.
func (s *Source) openText(r *bufio.Reader, start []byte) error {
	text := bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))
	if len(text) < len(start) {
		_, _ = r.Discard(len(start) - len(text)) // it was peeked
	}
	if s.as == AsCSV || s.as == AsAuto {
		if comma, ok := tableOf(text, s.as == AsCSV); ok {
			return s.openCSV(r, comma)
		}
	}
	text = bytes.TrimLeft(text, " \t\r\n")
	switch {
	case s.as == AsLines:
		s.Kind, s.Hint = KindLines, event.HintText
		s.block = s.lines(r)
	case s.as == AsNDJSON:
		s.Kind, s.Hint = KindNDJSON, event.HintJSON
		s.block = s.lines(r)
	case len(text) > 0 && startsRecords(text):
		s.Kind, s.Hint = KindJSON, event.HintJSON
		s.block = s.documents(r, &recordList{})
	case len(text) > 0 && (text[0] == '{' && !firstLineIsJSON(text) || startsArrayOfObjects(text)):
		s.Kind, s.Hint = KindJSON, event.HintJSON
		if text[0] == '[' {
			s.block = s.documents(r, &array{})
		} else {
			s.block = s.documents(r, nil)
		}
	case len(text) > 0 && text[0] == '{':
		s.Kind, s.Hint = KindNDJSON, event.HintJSON
		s.block = s.lines(r)
	default:
		s.Kind, s.Hint = KindLines, event.HintText
		s.block = s.lines(r)
	}
	s.next = s.oneByOne()
	return nil
}

// firstLineIsJSON tells NDJSON from a JSON document laid out over lines.
func firstLineIsJSON(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return json.Valid(line)
}

// startsRecords knows the object that holds an array of records and that is what a
// cloud delivers, in one line of any length: {"Records":[{…},{…}]} of AWS
// CloudTrail, {"records":[…]} of Azure.
func startsRecords(text []byte) bool {
	for _, part := range []string{"{", `"Records"`, ":", "[", "{"} {
		text = bytes.TrimLeft(text, " \t\r\n")
		if len(text) < len(part) || !strings.EqualFold(string(text[:len(part)]), part) {
			return false
		}
		text = text[len(part):]
	}
	return true
}

// startsArrayOfObjects keeps text logs whose lines begin with "[" apart from JSON.
func startsArrayOfObjects(text []byte) bool {
	if text[0] != '[' {
		return false
	}
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	return len(rest) > 0 && rest[0] == '{'
}

// oneByOne yields the records of the blocks, without the empty ones.
func (s *Source) oneByOne() func() ([]byte, error) {
	var buf []byte
	var lines Lines
	n := int64(0)
	return func() ([]byte, error) {
		for {
			line, cut, ok := lines.Next()
			if !ok {
				if buf == nil {
					buf = make([]byte, MinBlock)
				}
				var err error
				if lines.Rest, err = s.block(buf); err != nil {
					return nil, err
				}
				continue
			}
			if cut {
				s.Problems++
				s.Notes = append(s.Notes, CutNote(s.Name(), n))
				s.detail(Problem{At: n + 1, Code: CodeCut, Stored: true, Detail: fmt.Sprintf("longer than %d bytes; the rest of it was cut off", event.MaxRecordBytes)})
			}
			n++
			s.At = n
			if len(line) > 0 {
				return line, nil
			}
		}
	}
}

// lines yields blocks of lines. Of a line that is too long as much is kept as
// shows that it is.
func (s *Source) lines(r *bufio.Reader) func([]byte) ([]byte, error) {
	var rest []byte  // of the line that the last block ended in
	var failed error // comes after the block that stands before it
	return func(buf []byte) ([]byte, error) {
		n := copy(buf, rest)
		rest = rest[:0]
		for failed == nil && n < len(buf) {
			var m int
			m, failed = r.Read(buf[n:])
			n += m
		}
		switch {
		case n == 0:
			return nil, s.streamError(failed)
		case n < len(buf):
			return buf[:n], nil
		}
		if end := bytes.LastIndexByte(buf[:n], '\n'); end >= 0 && n-end-1 <= event.MaxRecordBytes+1 {
			rest = append(rest, buf[end+1:n]...)
			return buf[:end+1], nil
		}
		// The last line is too long already: its end is looked for, not kept.
		for failed == nil {
			var tail []byte
			tail, failed = r.ReadSlice('\n')
			if errors.Is(failed, bufio.ErrBufferFull) {
				failed = nil
			} else if len(tail) > 0 {
				break
			}
		}
		end := bytes.LastIndexByte(buf[:n], '\n') + 1
		n = end + event.MaxRecordBytes + 2
		buf[n-1] = '\n'
		return buf[:n], nil
	}
}

func (s *Source) streamError(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fault.New(fault.Invalid, "%s: %w", s.Name(), err)
}

// boundedReader ends a JSON value that is too large to be held.
type boundedReader struct {
	r    io.Reader
	left int
}

var (
	errDocument    = fmt.Errorf("a JSON value of more than %d bytes; split the file", maxDocumentBytes)
	errCutJSON     = errors.New("the file ends in the middle of a JSON value; it was cut short")
	errBehindArray = errors.New("something else than an array stands behind an array")
	errNoRecords   = errors.New("expected an object with an array of records")
)

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errDocument
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// list walks to the elements of the arrays that a file's records are in.
type list interface {
	// token takes what stands where no element does. It reports whether that was
	// the beginning of an array's elements.
	token(dec *json.Decoder, t json.Token) (inside bool, err error)
	// ended: the file may end here.
	ended() bool
}

// array is a list of top-level arrays.
type array struct{ open bool }

func (a *array) token(_ *json.Decoder, t json.Token) (bool, error) {
	if !a.open && t != json.Delim('[') {
		return false, errBehindArray
	}
	a.open = !a.open
	return a.open, nil
}

func (a *array) ended() bool { return !a.open }

// recordList is a list of objects that have an array of records. Their other
// members say nothing of an event and are passed over.
type recordList struct{ depth int } // 1 inside an object, 2 inside its records

func (l *recordList) token(dec *json.Decoder, t json.Token) (bool, error) {
	switch name, isName := t.(string); {
	case l.depth == 0 && t == json.Delim('{'):
		l.depth = 1
	case l.depth == 1 && t == json.Delim('}'):
		l.depth = 0
	case l.depth == 1 && isName && strings.EqualFold(name, "Records"):
		if t, err := dec.Token(); err != nil || t != json.Delim('[') {
			return false, errors.Join(err, errNoRecords)
		}
		l.depth = 2
	case l.depth == 1 && isName:
		var passed json.RawMessage
		return false, dec.Decode(&passed)
	case l.depth == 2:
		l.depth = 1
	default:
		return false, errNoRecords
	}
	return l.depth == 2, nil
}

func (l *recordList) ended() bool { return l.depth == 0 }

// documents yields JSON values that are not one a line: documents laid out for
// people, or the elements of in.
func (s *Source) documents(r *bufio.Reader, in list) func([]byte) ([]byte, error) {
	bounded := &boundedReader{r: r, left: maxDocumentBytes}
	dec := json.NewDecoder(bounded)
	inside := false // an array
	var flat bytes.Buffer
	var failed error
	one := func() error {
		for in != nil && !(inside && dec.More()) {
			token, err := dec.Token()
			switch {
			case errors.Is(err, io.EOF) && in.ended():
				return io.EOF
			case errors.Is(err, io.EOF):
				return s.badJSON(dec, io.ErrUnexpectedEOF)
			case err != nil:
				return s.badJSON(dec, err)
			}
			if inside, err = in.token(dec, token); err != nil {
				return s.badJSON(dec, err)
			}
		}
		bounded.left = maxDocumentBytes
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			if inside && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return s.badJSON(dec, err)
		}
		flat.Reset()
		if err := json.Compact(&flat, raw); err != nil {
			return s.badJSON(dec, err)
		}
		if flat.Len() > event.MaxRecordBytes {
			flat.Truncate(event.MaxRecordBytes + 1)
		}
		flat.WriteByte('\n')
		return nil
	}
	return func(buf []byte) ([]byte, error) {
		n := copy(buf, flat.Bytes())
		flat.Reset()
		for failed == nil {
			if failed = one(); failed != nil {
				break
			}
			if flat.Len() > len(buf)-n {
				return buf[:n], nil
			}
			n += copy(buf[n:], flat.Bytes())
			flat.Reset()
		}
		if n == 0 {
			return nil, failed
		}
		return buf[:n], nil
	}
}

func (s *Source) badJSON(dec *json.Decoder, err error) error {
	switch {
	case errors.Is(err, io.EOF) && dec.InputOffset() > 0:
		return io.EOF
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = errCutJSON
	}
	return fault.New(fault.Invalid, "%s: byte %d: %w", s.Name(), dec.InputOffset(), err)
}
