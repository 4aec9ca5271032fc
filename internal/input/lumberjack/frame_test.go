package lumberjack

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lachan-vn/lachan/internal/event"
)

// readAll writes down what a reader finds in src.
func readAll(src io.Reader) string {
	var log strings.Builder
	r := reader{conn: bufio.NewReaderSize(src, 64), zips: newUnfolders(), limit: 1 << 20}
	defer r.free()
	for {
		f, err := r.next()
		if err != nil {
			// Where zlib breaks depends on how its input is cut.
			switch {
			case errors.Is(err, errBomb), errors.Is(err, errProtocol):
				log.WriteString("refused")
			default:
				fmt.Fprintf(&log, "%v", err)
			}
			return log.String()
		}
		fmt.Fprintf(&log, "%d %c %d %v %q\n", f.is, f.version, f.number, f.cut, f.data)
	}
}

// FuzzFrames holds that no bytes make the reader fail other than by an error, that
// how they are cut changes nothing, and that no event is over the limit.
func FuzzFrames(f *testing.F) {
	f.Add(window('2', jsonFrame(1, `{"a":1}`), jsonFrame(2, `{}`)))
	f.Add(window('1', dataFrame(1, "line", "x", "file", "y")))
	f.Add(append([]byte{'2', 'W', 0, 0, 0, 2}, compressed('2', append(jsonFrame(1, `{"a":1}`), jsonFrame(2, `{}`)...))...))
	f.Add(append([]byte{'2', 'W', 0, 0, 0, 1}, compressed('2', compressed('2', nil))...))
	f.Fuzz(func(t *testing.T, b []byte) {
		whole := readAll(bytes.NewReader(b))
		if cut := readAll(iotest.OneByteReader(bytes.NewReader(b))); cut != whole {
			t.Errorf("in one piece:\n%s\nbyte by byte:\n%s", whole, cut)
		}
		r := reader{conn: bufio.NewReader(bytes.NewReader(b)), zips: newUnfolders(), limit: 1 << 20}
		defer r.free()
		for {
			f, err := r.next()
			if err != nil {
				return
			}
			if len(f.data) > event.MaxRecordBytes || cap(r.buf) > 4*event.MaxRecordBytes {
				t.Fatalf("an event of %d bytes, memory of %d", len(f.data), cap(r.buf))
			}
		}
	})
}

func TestMemoryGrowsWithWhatCameNotWithWhatWasAnnounced(t *testing.T) {
	announced := append([]byte{'2', 'J', 0, 0, 0, 1, 0, 3, 0xff, 0xff}, "short"...)
	r := reader{conn: bufio.NewReader(bytes.NewReader(announced)), zips: newUnfolders()}
	if _, err := r.next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	if cap(r.buf) > 16<<10 {
		t.Errorf("%d bytes were taken for 5 that came", cap(r.buf))
	}
}

func TestAnEventWaitsForLeaveToGrow(t *testing.T) {
	refusal := errors.New("no")
	asked := 0
	frames := append(jsonFrame(1, strings.Repeat("x", freeEvent)), jsonFrame(2, strings.Repeat("x", freeEvent+1))...)
	r := reader{conn: bufio.NewReader(bytes.NewReader(frames)), zips: newUnfolders(), grow: func() error { asked++; return refusal }}
	if f, err := r.next(); err != nil || len(f.data) != freeEvent || asked != 0 {
		t.Errorf("%d bytes, %v, asked %d times", len(f.data), err, asked)
	}
	if _, err := r.next(); !errors.Is(err, refusal) || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}
