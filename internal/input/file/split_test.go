package file

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// records cuts data whole, as a file that does not grow any more.
func records(s *splitter, data []byte, enc encoding) (out []string, cuts int) {
	skipping := false
	for {
		var b input.Batcher
		taken, rest, n := s.cut(data, enc, skipping, true, &b)
		cuts += n
		if b.Len() > 0 {
			for _, r := range b.Batch("u", "file", "p", time.Unix(1, 0)).Records {
				out = append(out, string(r.Data))
			}
		}
		if taken == 0 {
			return out, cuts
		}
		data, skipping = data[taken:], rest
	}
}

func utf16Bytes(text string, enc encoding) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, 0, 0)
		orderOf(enc).PutUint16(out[len(out)-2:], u)
	}
	return out
}

func TestLinesBecomeRecords(t *testing.T) {
	long := strings.Repeat("x", event.MaxRecordBytes)
	for name, c := range map[string]struct {
		text string
		want []string
		cuts int
	}{
		"lines":                    {"one\ntwo\r\n\nthree\n", []string{"one", "two", "three"}, 0},
		"a last line without end":  {"one\ntwo", []string{"one", "two"}, 0},
		"bytes that are no UTF-8":  {"a\xff\xfeb\n", []string{"a\xff\xfeb"}, 0},
		"zero bytes before a line": {strings.Repeat("\x00", 5000) + "one\n", []string{"one"}, 0},
		"a line as long as it may": {long + "\r\nb\n", []string{long, "b"}, 0},
		"a line that is too long":  {long + "tail of it\nb\n", []string{long, "b"}, 1},
		"one much too long":        {strings.Repeat(long, 9) + "\nb", []string{long, "b"}, 1},
		"nothing":                  {"", nil, 0},
		"empty lines":              {"\n\r\n\n", nil, 0},
	} {
		got, cuts := records(&splitter{maxLines: 500}, []byte(c.text), utf8Text)
		if d := cmp.Diff(c.want, got); d != "" || cuts != c.cuts {
			t.Errorf("%s: %d cut, want %d; (-want +got):\n%.2000s", name, cuts, c.cuts, d)
		}
		if !utf8.ValidString(c.text) {
			continue
		}
		for _, enc := range []encoding{utf16LE, utf16BE} {
			got, _ := records(&splitter{maxLines: 500}, utf16Bytes(c.text, enc), enc)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s in UTF-16 (%d): (-want +got):\n%.2000s", name, enc, d)
			}
		}
	}
}

func TestVietnameseInUTF16(t *testing.T) {
	const text = "Đăng nhập thất bại 🛡\r\nhai\r\n"
	for _, enc := range []encoding{utf16LE, utf16BE} {
		got, _ := records(&splitter{}, utf16Bytes(text, enc), enc)
		if d := cmp.Diff([]string{"Đăng nhập thất bại 🛡", "hai"}, got); d != "" {
			t.Error(d)
		}
	}
	// Half a surrogate and half a character must not stop anything.
	if got, _ := records(&splitter{}, []byte{0x3d, 0xd8, 'a', 0, '\n', 0, 'b', 0, 'c'}, utf16LE); len(got) != 2 || got[1] != "b" {
		t.Errorf("%q", got)
	}
}

func TestStackTracesAreOneRecord(t *testing.T) {
	s := &splitter{start: regexp.MustCompile(`^\d{4}-`), maxLines: 4}
	got, _ := records(s, []byte("  left over\n2026-11-22 boom\n\tat a\n\n\tat b\r\n2026-11-23 x\n2026-11-24 y\n 1\n 2\n 3\n 4\n"), utf8Text)
	want := []string{"  left over", "2026-11-22 boom\n\tat a\n\n\tat b", "2026-11-23 x", "2026-11-24 y\n 1\n 2\n 3", " 4"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// The last record waits: its next line may be on its way.
	var b input.Batcher
	if taken, _, _ := s.cut([]byte("2026-1 a\n b\n2026-2 c\n d\n"), utf8Text, false, false, &b); taken != len("2026-1 a\n b\n") || b.Len() != 1 {
		t.Errorf("took %d bytes, %d records", taken, b.Len())
	}
}

// FuzzSplitter holds the splitter against the obvious one, and against itself on
// what it said it had taken: that is what a restart relies on.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\nthree"), uint8(0), false, false)
	f.Add([]byte("2 a\n b\n2 c\n"), uint8(0), true, false)
	f.Add(utf16Bytes("một\r\nhai\r\n", utf16LE), uint8(1), false, true)
	f.Add(bytes.Repeat([]byte("\x00y"), 3000), uint8(2), true, false)
	f.Fuzz(func(t *testing.T, data []byte, which uint8, multiline, skipping bool) {
		enc := []encoding{utf8Text, utf16LE, utf16BE}[which%3]
		s := &splitter{maxLines: 3}
		if multiline {
			s.start = regexp.MustCompile(`^2`)
		}
		for _, final := range []bool{false, true} {
			var b, again input.Batcher
			taken, rest, cuts := s.cut(data, enc, skipping, final, &b)
			if taken > len(data) {
				t.Fatalf("took %d of %d bytes", taken, len(data))
			}
			taken2, rest2, cuts2 := s.cut(data[:taken], enc, skipping, true, &again)
			if taken2 != taken || rest2 != rest || cuts2 != cuts || !sameRecords(&b, &again) {
				t.Fatalf("%d bytes cut again: %d bytes, rest %v, %d cuts, %d records; first %v, %d, %d", taken, taken2, rest2, cuts2, again.Len(), rest, cuts, b.Len())
			}
		}
		if enc != utf8Text || multiline || skipping {
			return
		}
		var want []string
		for line := range bytes.SplitSeq(data, []byte("\n")) {
			if line = bytes.TrimLeft(bytes.TrimRight(line, "\r\x00"), "\x00"); len(line) > 0 && len(line) < event.MaxRecordBytes {
				want = append(want, string(line))
			}
		}
		if got, _ := records(s, data, enc); len(data) < event.MaxRecordBytes && len(want) < event.MaxBatchRecords && !cmp.Equal(want, got) {
			t.Fatalf("%q: got %q, want %q", data, got, want)
		}
	})
}

func sameRecords(a, b *input.Batcher) bool {
	if a.Len() == 0 || b.Len() == 0 {
		return a.Len() == b.Len()
	}
	x, y := a.Batch("u", "i", "p", time.Unix(1, 0)), b.Batch("u", "i", "p", time.Unix(1, 0))
	return cmp.Equal(x.Records, y.Records)
}
