package file

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// encoding is how the characters of a file are written.
type encoding uint8

const (
	unknownEncoding encoding = iota // not looked at yet
	utf8Text                        // or any other in which a line feed is one byte
	utf16LE
	utf16BE
)

// encodings are the values of the key; auto is not known before a file is read.
var encodings = map[string]encoding{"auto": unknownEncoding, "utf-8": utf8Text, "utf-16le": utf16LE, "utf-16be": utf16BE}

// mark finds a byte order mark at the start of a file and returns the encoding it
// stands for and its length.
func mark(start []byte) (encoding, int) {
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		return utf8Text, 3
	case bytes.HasPrefix(start, []byte("\xff\xfe")):
		return utf16LE, 2
	case bytes.HasPrefix(start, []byte("\xfe\xff")):
		return utf16BE, 2
	}
	return utf8Text, 0
}

// splitter cuts the bytes of a file into records. It keeps nothing between calls
// but memory: what it does depends on its arguments alone, so that the same bytes
// are cut in the same way after a restart.
type splitter struct {
	start    *regexp.Regexp // of a record of several lines; nil: every line is one
	maxLines int
	text     []byte // a line of UTF-16 as UTF-8
	joined   []byte // a record of several lines
}

// part is one line: what it says, and how many bytes of the file it takes.
type part struct {
	line  []byte
	taken int
	whole bool // ended by a line feed
	long  bool // no end within the limit: the rest of the line is to be skipped
}

// cut puts the records at the beginning of data into out, as many as fit.
// skipping says that data begins inside a line that was cut; rest tells so for
// what follows the taken bytes. With final, what is there of a last record
// counts as whole. cuts counts the records whose end is lost.
func (s *splitter) cut(data []byte, enc encoding, skipping, final bool, out *input.Batcher) (taken int, rest bool, cuts int) {
	for {
		if skipping {
			n, found := lineEnd(data[taken:], enc)
			taken += n
			if !found {
				return taken, true, cuts
			}
		}
		n, outcome := s.record(data[taken:], enc, final, out)
		if outcome == notYet {
			return taken, false, cuts
		}
		taken += n
		if outcome != stored {
			cuts++
		}
		skipping = outcome == storedBeginning
	}
}

// outcome is what became of a record.
type outcome uint8

const (
	stored          outcome = iota
	storedCut               // its end is lost: it is longer than the limit
	storedBeginning         // and the line goes on, to be skipped
	notYet                  // it is not whole, or there is no room for it
)

// record puts the first record of data into out.
func (s *splitter) record(data []byte, enc encoding, final bool, out *input.Batcher) (taken int, _ outcome) {
	first := s.line(data, enc)
	switch {
	case first.taken == 0 || !first.whole && !first.long && !final:
		return 0, notYet
	case first.long:
		if put(first.line, out) == notYet {
			return 0, notYet
		}
		return first.taken, storedBeginning
	case s.start == nil || len(first.line) == 0:
		return first.taken, put(first.line, out)
	}
	s.joined = append(s.joined[:0], first.line...)
	taken = first.taken
	for lines := 1; lines < s.maxLines; lines++ {
		next := s.line(data[taken:], enc)
		if !final && (next.taken == 0 || !next.whole && !next.long) {
			return 0, notYet // the next line may belong to it
		}
		if next.taken == 0 || next.long || s.start.Match(next.line) || len(s.joined)+1+len(next.line) > event.MaxRecordBytes {
			break
		}
		s.joined = append(append(s.joined, '\n'), next.line...)
		taken += next.taken
	}
	return taken, put(s.joined, out)
}

// put adds a record, unless there is nothing in it.
func put(record []byte, out *input.Batcher) outcome {
	switch {
	case len(record) == 0:
		return stored
	case !out.Fits(min(len(record), event.MaxRecordBytes)):
		return notYet
	}
	hint := event.HintText
	if record[0] == '{' {
		hint = event.HintJSON
	}
	if out.Add(record, hint) {
		return storedCut
	}
	return stored
}

// line takes the first line off data. It is valid until the next call.
func (s *splitter) line(data []byte, enc encoding) part {
	limit := event.MaxRecordBytes
	if enc != utf8Text {
		limit *= 2
	}
	n, found := lineEnd(data[:min(len(data), limit+2)], enc)
	p := part{taken: n, whole: found}
	raw := data[:n]
	if !found && n > limit {
		raw, p.taken, p.long = data[:limit], limit, true
	}
	if enc == utf8Text {
		// A file whose beginning was cut off under a writer that goes on where it
		// was starts with zero bytes.
		p.line = bytes.TrimLeft(input.TrimLine(raw), "\x00")
	} else {
		s.text = appendUTF16(s.text[:0], raw, enc)
		p.line = bytes.TrimLeft(input.TrimLine(s.text), "\x00")
	}
	return p
}

// lineEnd returns how many bytes of data its first line takes with its end, or
// all of data, in whole characters, if there is no end.
func lineEnd(data []byte, enc encoding) (n int, found bool) {
	if enc == utf8Text {
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			return i + 1, true
		}
		return len(data), false
	}
	order := orderOf(enc)
	whole := len(data) &^ 1
	for i := 0; i < whole; i += 2 {
		if order.Uint16(data[i:]) == '\n' {
			return i + 2, true
		}
	}
	return whole, false
}

func orderOf(enc encoding) binary.ByteOrder {
	if enc == utf16BE {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// appendUTF16 appends raw, whole UTF-16 characters, as UTF-8. What is no character
// becomes U+FFFD.
func appendUTF16(dst, raw []byte, enc encoding) []byte {
	order := orderOf(enc)
	for len(raw) >= 2 {
		u := rune(order.Uint16(raw))
		raw = raw[2:]
		if u >= 0xd800 && u < 0xdc00 && len(raw) >= 2 {
			if low := rune(order.Uint16(raw)); low >= 0xdc00 && low < 0xe000 {
				u = 0x10000 + (u-0xd800)<<10 + (low - 0xdc00)
				raw = raw[2:]
			}
		}
		dst = utf8.AppendRune(dst, u) // a lone surrogate becomes U+FFFD
	}
	return dst
}
