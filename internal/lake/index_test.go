package lake

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sample"
)

// sampled is a segment of the events of a province, all of them of one day.
func sampled(tb testing.TB, n int, mix sample.Mix, recorded ...sample.Recording) *Segment {
	tb.Helper()
	p, err := sample.New(sample.Options{Seed: 7, Events: n, Start: epoch, Span: 24 * time.Hour, Mix: mix, Windows: recorded})
	if err != nil {
		tb.Fatal(err)
	}
	s := newSegment()
	s.version = versionShape
	parser := parse.New(parse.Options{})
	var ev event.Event
	for stream := p.Stream(); ; {
		batches := stream.Next()
		if batches == nil {
			return s
		}
		for i := range batches {
			for j := range batches[i].Records {
				parser.Parse(&batches[i], j, &ev)
				ev.Skewed = false
				s.Add(&ev, nil)
			}
		}
	}
}

// encoded writes a segment as a merge does, and opens it.
func encoded(tb testing.TB, l *Lake, s *Segment, groupRows int) (*segmentReader, int) {
	tb.Helper()
	var out bytes.Buffer
	s.groupRows = groupRows
	if _, _, err := s.write(&out, new(encoder), l.best, s.order(false), fileForm{index: true, thorough: true}); err != nil {
		tb.Fatal(err)
	}
	return openBytes(tb, l, out.Bytes()), out.Len()
}

// An index never denies what is there, and mostly denies what is not.
func TestIndexIsRight(t *testing.T) {
	l := openLake(t, openSQLite(t))
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for _, c := range []struct {
		name string
		s    *Segment
	}{
		{"windows", sampled(t, 40_000, sample.WindowsMix)},
		{"province", sampled(t, 40_000, sample.ProvinceMix)},
		{"anything", anything(r, 5000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			reader, _ := encoded(t, l, c.s, 10_000)
			passed, asked := 0, 0
			for g := range reader.meta.RowGroups {
				checkIndex(t, r, reader, g)
				if reader.groupIndex(g).grams.size == 0 {
					t.Errorf("row group %d has no grams", g)
				}
				for range 200 {
					asked++
					if reader.mayContain(g, randomWord(r)) {
						passed++
					}
				}
			}
			if share := float64(passed) / float64(asked); share > 0.02 {
				t.Errorf("%.1f %% of words that are not there pass", 100*share)
			}
		})
	}
}

// anything is a segment of random events, of which few have much in common.
func anything(r *rand.Rand, n int) *Segment {
	s := newSegment()
	s.version = versionShape
	for _, e := range randomEvents(r, n, time.Hour) {
		e.ev.Skewed = false
		s.Add(&e.ev, e.rules)
	}
	return s
}

func randomWord(r *rand.Rand) string {
	b := make([]byte, 10)
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

// checkIndex asks for parts of everything in a row group.
func checkIndex(t *testing.T, r *rand.Rand, reader *segmentReader, g int) {
	t.Helper()
	rows := allRows(reader, g)
	var c cells
	piece := func(s string) string {
		from := r.IntN(len(s) + 1)
		return query.Fold(strings.ToValidUTF8(s[from:min(len(s), from+r.IntN(12))], ""))
	}
	for col := range reader.meta.Schema[1:] {
		switch col {
		case colID, colTime, colReceived, colSkewed, colRawBytes:
			continue
		}
		if err := reader.texts(g, col, rows, &c); err != nil {
			t.Fatal(err)
		}
		for i := range c.dict.len() {
			cell := string(c.dict.get(uint32(i)))
			if col == colShape {
				parts, err := parseShape(cell)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range parts {
					if s := piece(p.literal); !reader.mayContain(g, s) {
						t.Fatalf("%q is in a shape", s)
					}
				}
				continue
			}
			for v := range strings.SplitSeq(cell, cellSeparator) {
				if s := piece(v); !reader.mayContain(g, s) {
					t.Fatalf("%q is in a value of %s", s, reader.meta.Schema[1+col].Name)
				}
				if v != cellNull && !reader.mayEqual(g, col, query.Fold(v)) {
					t.Fatalf("%q is a value of %s", v, reader.meta.Schema[1+col].Name)
				}
			}
		}
	}
	if !reader.coversBorders(g) {
		return
	}
	if err := reader.raws(g, rows, &c); err != nil {
		t.Fatal(err)
	}
	for i := range c.dict.len() {
		if s := piece(string(c.dict.get(uint32(i)))); !reader.mayContain(g, s) {
			t.Fatalf("%q is in the record %q", s, c.dict.get(uint32(i)))
		}
	}
}

func TestFilterOfIntegers(t *testing.T) {
	var v []int64
	for i := range int64(1000) {
		v = append(v, i, 1_000_000+i, -5_000_000+2*i)
	}
	ranges, _ := toRanges(v)
	for _, n := range v {
		if !inRanges(ranges, n) {
			t.Fatalf("%d is not in %v", n, ranges)
		}
	}
	for _, n := range []int64{-6_000_000, -1, 1000, 999_999, 1_001_000} {
		if inRanges(ranges, n) {
			t.Errorf("%d is in %v", n, ranges)
		}
	}
	for text, want := range map[string]bool{"0": true, "-1": true, "9223372036854775807": true, "-9223372036854775808": true, "": false, "-": false, "-0": false, "01": false, "+1": false, "1e3": false, "9223372036854775808": false, "1 ": false} {
		if _, ok := integer(text); ok != want {
			t.Errorf("%q: %v", text, ok)
		}
	}
}

// A damaged index is as good as none, and never more than that.
func TestDamagedIndex(t *testing.T) {
	l := openLake(t, openSQLite(t))
	var out bytes.Buffer
	s := sampled(t, 5000, sample.WindowsMix)
	if _, _, err := s.write(&out, new(encoder), l.best, s.order(false), fileForm{index: true, thorough: true}); err != nil {
		t.Fatal(err)
	}
	r := openBytes(t, l, out.Bytes())
	x, err := readIndex(r)
	if err != nil || len(x.groups) == 0 {
		t.Fatal(x, err)
	}
	b := bytes.Clone(out.Bytes())
	b[x.groups[0].grams.offset+10] ^= 1
	if r := openBytes(t, l, b); !r.mayContain(0, "khongcothat") {
		t.Error("a damaged bitmap is believed")
	}
	if r.mayContain(0, "khongcothat") {
		t.Error("the whole bitmap denies nothing")
	}
	random := rand.New(rand.NewPCG(1, 1))
	dir := make([]byte, 100)
	for range 20_000 {
		for i := range dir {
			dir[i] = byte(random.IntN(256) >> random.IntN(8))
		}
		dir[0] = byte(len(r.meta.RowGroups))
		_, _ = parseIndex(dir[:random.IntN(len(dir))], r.meta) // errors are as good as indexes; only panics are not
	}
}
