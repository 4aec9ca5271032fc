package logfile

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Whatever a file holds: it is opened or refused with a reason, no record is over
// the limit, and records one by one are those of the blocks.
func FuzzOpen(f *testing.F) {
	for _, seed := range []string{
		"", "\n\n", "one\ntwo", "{\"a\":1}\n{\"a\":2}\r\n", "{\n\"a\": 1\n}\n{\"b\":[]}", "[{\"a\":1},{\"a\":2}]", "[{\"a\":1},", "[x] text", "{\"Records\":[{\"a\":1},{}],\"b\":[1]}\n{\"records\":[]}", "{\"records\": [{",
		"\xef\xbb\xbf{\"a\":1}", "\xff\xfea\x00\n\x00", "\xfe\xff\x00a", "\x1f\x8b\x08\x00", "\x28\xb5\x2f\xfd\x04", "PK\x03\x04", "ElfFile\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		open := func() *Source {
			s := &Source{File: File{Path: "fuzz", Size: int64(len(data))}}
			if err := s.openStream(bytes.NewReader(data)); err != nil {
				s.Close()
				if fault.KindOf(err) != fault.Invalid {
					t.Fatalf("refused without being the file's fault: %v", err)
				}
				return nil
			}
			return s
		}
		s := open()
		if s == nil {
			return
		}
		defer s.Close()
		if log, _ := s.EventLog(); log != nil {
			return
		}
		var single [][]byte
		var singleErr error
		for {
			rec, err := s.Next()
			if err != nil {
				singleErr = err
				break
			}
			if len(rec) == 0 || len(rec) > event.MaxRecordBytes {
				t.Fatalf("a record of %d bytes", len(rec))
			}
			single = append(single, bytes.Clone(rec))
		}
		b := open()
		defer b.Close()
		buf, n := make([]byte, MinBlock+len(data)%7), 0
		for {
			block, err := b.Block(buf)
			if err != nil {
				if errors.Is(err, io.EOF) != errors.Is(singleErr, io.EOF) {
					t.Fatalf("by blocks %v, one by one %v", err, singleErr)
				}
				break
			}
			for l := (Lines{Rest: block}); ; {
				line, _, ok := l.Next()
				if !ok {
					break
				}
				if len(line) == 0 {
					continue
				}
				if n >= len(single) || !bytes.Equal(line, single[n]) {
					t.Fatalf("record %d differs by blocks", n)
				}
				n++
			}
		}
		if n != len(single) {
			t.Fatalf("%d records by blocks, %d one by one", n, len(single))
		}
	})
}
