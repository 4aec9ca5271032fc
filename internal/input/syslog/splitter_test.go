package syslog

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
)

// split feeds the pieces and returns the messages.
func split(pieces ...[]byte) []string {
	var out []string
	var s splitter
	emit := func(m []byte) { out = append(out, string(m)) }
	for _, p := range pieces {
		s.Feed(p, emit)
	}
	s.Flush(emit)
	return out
}

func TestSplitter(t *testing.T) {
	long := strings.Repeat("x", event.MaxRecordBytes+10)
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"LF", "<1>a\n<2>b\n", []string{"<1>a", "<2>b"}},
		{"CR LF", "<1>a\r\n<2>b\r\n", []string{"<1>a", "<2>b"}},
		{"NUL", "<1>a\x00<2>b\x00", []string{"<1>a", "<2>b"}},
		{"octet counting", "4 <1>a5 <2>bc", []string{"<1>a", "<2>bc"}},
		{"octet counting keeps LF inside", "6 <1>a\nb4 <2>c", []string{"<1>a\nb", "<2>c"}},
		{"octet counting with LF after each frame", "4 <1>a\n4 <2>b\n", []string{"<1>a", "<2>b"}},
		{"LF counted in", "5 <1>a\n5 <2>b\n", []string{"<1>a", "<2>b"}},
		{"both on one connection", "<1>a\n4 <2>b<3>c\n4 <4>d", []string{"<1>a", "<2>b", "<3>c", "<4>d"}},
		{"JSON in frames", `7 {"a":1}7 {"a":2}`, []string{`{"a":1}`, `{"a":2}`}},
		{"text that begins with a number", "2026-11-22 hello\n22 Nov hello\n7\n", []string{"2026-11-22 hello", "22 Nov hello", "7"}},
		{"a number too big to be a count", "99999999 <1>a\n999999999999 <1>b\n", []string{"99999999 <1>a", "999999999999 <1>b"}},
		{"a count with a leading zero is text", "04 <1>a\n", []string{"04 <1>a"}},
		{"no end at all", "<1>a", []string{"<1>a"}},
		{"frame cut short", "40 <1>a", []string{"<1>a"}},
		{"count without frame", "40 ", []string{"40 "}},
		{"empty lines", "\n\n\r\n\x00<1>a\n\n", []string{"<1>a"}},
		{"a line over the limit is cut", long + "\n<1>a\n", []string{long[:event.MaxRecordBytes], "<1>a"}},
		{"a frame over the limit is cut", fmt.Sprintf("%d <%s4 <1>a", len(long)+1, long), []string{"<" + long[:event.MaxRecordBytes-1], "<1>a"}},
		{"empty", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, split([]byte(c.in))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestSplitterCutsWhereMemoryEnds(t *testing.T) {
	var out []string
	cuts := 0
	s := splitter{grow: func(n int) bool { return n <= 4 }, cut: func() { cuts++ }}
	emit := func(m []byte) { out = append(out, string(m)) }
	for _, p := range []string{"<1>a", "bcdefghijklmnopqrstuvwxyz0123456789", "more\n<2>b\n"} {
		s.Feed([]byte(p), emit)
	}
	if d := cmp.Diff([]string{"<1>a", "<2>b"}, out); d != "" || cuts != 1 {
		t.Errorf("%d cuts, (-want +got):\n%s", cuts, d)
	}
}

// FuzzSplitter: how the bytes arrive changes nothing, and no byte of a line is
// invented or lost but what framing takes.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("4 <1>a\n<2>b\r\n12 <3>c\x00d"), uint64(1))
	f.Add([]byte("22 Nov\n5 <1>a\n7 {}\n"), uint64(2))
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) {
		want := split(in)
		r := rand.New(rand.NewPCG(seed, 0))
		var pieces [][]byte
		for rest := in; len(rest) > 0; {
			n := 1 + r.IntN(min(len(rest), 9))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		if d := cmp.Diff(want, split(pieces...)); d != "" {
			t.Fatalf("pieces change the messages (-whole +pieces):\n%s", d)
		}
		for _, m := range want {
			if !bytes.Contains(in, []byte(m)) {
				t.Fatalf("message %q is not in the stream %q", m, in)
			}
		}
	})
}

func BenchmarkSplitter(b *testing.B) {
	line := "<34>Nov 22 10:00:00 web-1 sshd[123]: Failed password for root from 203.0.113.9 port 4711 ssh2"
	for name, msg := range map[string]string{"LF": line + "\n", "NUL": line + "\x00", "octets": fmt.Sprintf("%d %s", len(line), line)} {
		b.Run(name, func(b *testing.B) {
			chunk := bytes.Repeat([]byte(msg), (64<<10)/len(msg))
			var s splitter
			n := 0
			b.ReportAllocs()
			b.SetBytes(int64(len(chunk)))
			for b.Loop() {
				s.Feed(chunk, func([]byte) { n++ })
			}
		})
	}
}
