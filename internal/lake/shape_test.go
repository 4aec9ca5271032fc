package lake

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/testdata"
)

// readable shows the marks of a shape.
var readable = strings.NewReplacer(slotMark, "␚", cellSeparator, "␟")

// shapeEvent returns the shape of an event, "" if it has none, and checks that
// the record can be put together again.
func shapeEvent(t testing.TB, ev *event.Event) string {
	t.Helper()
	s := newSegment()
	s.version = versionShape
	s.Add(ev, nil)
	shapes := s.core[colShape]
	if len(shapes.rows) == 0 {
		if got := string(s.core[colRaw].dict.get(0)); got != strings.ToValidUTF8(ev.Raw, "\ufffd") {
			t.Fatalf("the record is kept as %q, it is %q", got, ev.Raw)
		}
		return ""
	}
	shape := string(shapes.dict.get(0))
	parts, err := parseShape(shape)
	if err != nil {
		t.Fatalf("shape %q: %v", shape, err)
	}
	got, err := appendRaw(nil, parts, func(field string, index int) (string, bool) {
		c := s.byFolded[field]
		if c == nil || len(c.ids) == 0 {
			return "", false
		}
		return valueAt(string(c.dict.get(c.ids[0])), index)
	})
	if err != nil || string(got) != ev.Raw {
		t.Fatalf("shape %q: the record comes back as %q (%v), it was %q", shape, got, err, ev.Raw)
	}
	return readable.Replace(shape)
}

func parsed(raw string, hint event.Hint) *event.Event {
	b := &event.Batch{Unit: "so-noi-vu", Records: []event.Record{{Data: []byte(raw), Hint: hint}}}
	ev := new(event.Event)
	parse.New(parse.Options{}).Parse(b, 0, ev)
	return ev
}

func TestShapeOfRecords(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"values become slots", `{"EventID":4688,"User":"anh"}`, `{"EventID":␚veventid␚,"User":"␚vuser␚"}`},
		{"a path is written with escapes", `{"Image":"C:\\Windows\\cmd.exe","n":1}`, `{"Image":"␚jimage␚","n":␚vn␚}`},
		{"line breaks", `{"m":"a\r\n\tb\u0007\"","n":1}`, `{"m":"␚jm␚","n":␚vn␚}`},
		{"other ways to escape", `{"a":"\u003cb\u003e"}`, `{"a":"␚ha␚"}`},
		{"beyond ASCII", `{"a":"Nguy\u1ec5n \ud83d\ude00"}`, `{"a":"␚aa␚"}`},
		{"slashes", `{"a":"x\/y\/\u1ec5"}`, `{"a":"␚sa␚"}`},
		{"an escape that need not be stays as it is", `{"a":"\u0041","b":2}`, `{"a":"\u0041","b":␚vb␚}`},
		{"an empty value is a slot, too", `{"a":"","b":""}`, `{"a":"␚va␚","b":"␚vb␚"}`},
		{"truth is a value, null is not", `{"a":true,"b":null,"c":false}`, `{"a":␚va␚,"b":null,"c":␚vc␚}`},
		{"arrays", `{"a":["x","y\\z",3],"b":1}`, `{"a":["␚va␚","␚ja␟1␚",␚va␟2␚],"b":␚vb␚}`},
		{"names that differ in case share a cell", `{"A":1,"b":2,"a":3}`, `{"A":␚va␚,"b":␚vb␚,"a":␚va␟1␚}`},
		{"a name of the core", `{"_time":"x"}`, `{"_time":"␚v__time␚"}`},
		{"white space", "{ \"a\" :\t1 }", "{ \"a\" :\t␚va␚ }"},
		{"the mark in a value", "{\"a\":\"x\\u001ay\"}", `{"a":"␚ja␚"}`},
		{"the mark in a name", "{\"a\\u001a\":\"x\"}", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shapeEvent(t, parsed(c.raw, event.HintJSON)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// Fields may come in any order, overlap, and say what does not stand in the
// record.
func TestShapeOfAnyFields(t *testing.T) {
	raw := "one two three"
	of := func(from, to int) string { return raw[from:to] }
	for _, c := range []struct {
		name   string
		fields []event.Field
		want   string
	}{
		{"in other order", []event.Field{{Name: "c", Value: of(8, 13)}, {Name: "a", Value: of(0, 3)}}, "␚va␚ two ␚vc␚"},
		{"one inside another", []event.Field{{Name: "a", Value: of(0, 3)}, {Name: "all", Value: of(0, 7)}, {Name: "b", Value: of(4, 7)}}, "␚vall␚ three"},
		{"twice", []event.Field{{Name: "a", Value: of(0, 3)}, {Name: "b", Value: of(0, 3)}}, "␚va␚ two three"},
		{"overlapping", []event.Field{{Name: "a", Value: of(4, 9)}, {Name: "b", Value: of(0, 5)}}, "one ␚va␚hree"},
		{"made up", []event.Field{{Name: "a", Value: "four"}, {Name: "b", Kind: event.Null}}, ""},
		{"nothing", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shapeEvent(t, &event.Event{Unit: "u", Raw: raw, Fields: c.fields}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("not UTF-8", func(t *testing.T) {
		raw := "a=\xff b=1"
		if got := shapeEvent(t, &event.Event{Unit: "u", Raw: raw, Fields: []event.Field{{Name: "b", Value: raw[6:]}}}); got != "" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("inside a character", func(t *testing.T) {
		raw := "Đ=1"
		if got := shapeEvent(t, &event.Event{Unit: "u", Raw: raw, Fields: []event.Field{{Name: "x", Value: unsafe.String((*byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(raw)), 1)), 0)}}}); got != "" {
			t.Errorf("got %q", got)
		}
	})
}

func TestShapeErrors(t *testing.T) {
	for _, s := range []string{"\x1a", "a\x1av", "\x1av\x1a", "\x1axname\x1a", "\x1avn\x1f\x1a", "\x1avn\x1f70000\x1a", "\x1avn\x1f-1\x1a", "\x1av\x1f1\x1a", "\x1avn\x1f1\x1f2\x1a"} {
		if _, err := parseShape(s); err == nil {
			t.Errorf("%q is taken for a shape", s)
		}
	}
	parts, err := parseShape("a\x1avn\x1f1\x1ab")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := appendRaw(nil, parts, func(string, int) (string, bool) { return "", false }); err == nil {
		t.Error("a value is missing, and nobody says so")
	}
	if _, err := appendRaw(nil, parts, func(string, int) (string, bool) { return strings.Repeat("x", maxShaped), true }); err == nil {
		t.Error("a record may be of any size")
	}
}

// Free text has as many shapes as records: most are kept as they are.
func TestShapesAreFew(t *testing.T) {
	s := newSegment()
	s.version = versionShape
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 10_000 {
		raw := strings.Repeat("x", r.IntN(50)) + " " + strings.Repeat("y", i%100) + " 7"
		s.Add(&event.Event{Unit: "u", Raw: raw, Fields: []event.Field{{Name: "n", Value: raw[len(raw)-1:]}}}, nil)
	}
	shapes, raws := s.core[colShape], s.core[colRaw]
	if n := shapes.dict.len(); n > 1500 || len(shapes.rows)+len(raws.rows) != 10_000 || len(raws.rows) == 0 {
		t.Errorf("%d shapes for %d records, %d records kept", n, len(shapes.rows), len(raws.rows))
	}
	if n := len(s.shaper.tree); n > maxShapeNodes {
		t.Errorf("%d nodes", n)
	}
}

// What is read back from a file is what was received, whatever the records are.
func TestRecordsComeBack(t *testing.T) {
	l := openLake(t, openSQLite(t))
	for _, c := range []struct {
		folder, file string
		hint         event.Hint
		atLeast      float64 // share of records that have a shape
	}{
		{"ndjson", "windows-attack.ndjson.gz", event.HintJSON, 0.95},
		{"ndjson", "windows-estate.ndjson.gz", event.HintJSON, 0.9},
	} {
		t.Run(c.file, func(t *testing.T) {
			lines := testdata.Lines(t, c.folder, c.file)
			b := &event.Batch{ID: event.NewBatchID(epoch), Unit: "so-noi-vu", Received: epoch}
			for _, line := range lines {
				b.Records = append(b.Records, event.Record{Data: line, Hint: c.hint})
			}
			p := parse.New(parse.Options{})
			s := newSegment()
			s.version = versionShape
			var ev event.Event
			for i := range b.Records {
				p.Parse(b, i, &ev)
				ev.Skewed = false
				s.Add(&ev, nil)
			}
			perm := s.order(false)
			var out bytes.Buffer
			if _, _, err := s.write(&out, new(encoder), l.best, perm, fileForm{thorough: true}); err != nil {
				t.Fatal(err)
			}
			shaped := len(s.core[colShape].rows)
			t.Logf("%d records, %d bytes, of %d shapes; %d kept; %d bytes in the file", len(lines), size(lines), s.core[colShape].dict.len(), len(lines)-shaped, out.Len())
			if float64(shaped) < c.atLeast*float64(len(lines)) {
				t.Errorf("only %d of %d records have a shape", shaped, len(lines))
			}
			r := openBytes(t, l, out.Bytes())
			var got cells
			for g := range r.meta.RowGroups {
				rows := allRows(r, g)
				if err := r.raws(g, rows, &got); err != nil {
					t.Fatal(err)
				}
				for i, id := range got.ids {
					if want := lines[perm[i]]; !bytes.Equal(got.dict.get(id-1), want) {
						t.Fatalf("row %d: got %q, want %q", i, got.dict.get(id-1), want)
					}
				}
			}
		})
	}
}

func size(lines [][]byte) (n int) {
	for _, line := range lines {
		n += len(line)
	}
	return n
}

func openBytes(t testing.TB, l *Lake, b []byte) *segmentReader {
	t.Helper()
	meta, err := readFooter(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return &segmentReader{r: bytes.NewReader(b), meta: meta, zstd: l.unzstd, scratch: new(scratch)}
}

func allRows(r *segmentReader, group int) []uint32 {
	rows := make([]uint32, r.meta.RowGroups[group].NumRows)
	for i := range rows {
		rows[i] = uint32(i)
	}
	return rows
}

// Any record with any fields comes back to the byte, or has no shape.
func FuzzShape(f *testing.F) {
	f.Add(`{"a":"b\\c","d":["e",1]}`, []byte{0, 6, 8, 1, 14, 3}, "x")
	f.Add("a=1 b=\x1a", []byte{2, 1}, "\x1f")
	f.Add(`{"a":"\u1ec5<\/"}`, []byte{200, 3}, "ễ</")
	f.Fuzz(func(t *testing.T, raw string, cuts []byte, text string) {
		ev := event.Event{Unit: "u", Raw: raw}
		for i := 0; i+1 < len(cuts); i += 2 {
			name := string(rune('a' + i%5))
			from, n := int(cuts[i]), int(cuts[i+1])
			if from > len(raw) {
				ev.Add(name, text)
				continue
			}
			ev.Add(name, raw[from:min(from+n, len(raw))])
		}
		shapeEvent(t, &ev)
		shapeEvent(t, parsed(raw, event.HintNone))
		shapeEvent(t, parsed(raw, event.HintJSON))
	})
}

// No text that is taken for a shape makes the reader do more than say so.
func FuzzParseShape(f *testing.F) {
	f.Add("a\x1avn\x1f1\x1ab\x1ajm\x1a")
	f.Fuzz(func(t *testing.T, s string) {
		parts, err := parseShape(s)
		if err != nil {
			return
		}
		var again []byte
		for _, p := range parts {
			if p.field == "" {
				again = append(again, p.literal...)
			} else {
				again = appendSlot(again, p.escape, p.field, p.index)
			}
		}
		back, err := parseShape(string(again))
		if err != nil || !slices.Equal(back, parts) {
			t.Fatalf("%q: %v, %v", s, back, err)
		}
	})
}

// The values of a column are read without its rows.
func TestDictionary(t *testing.T) {
	l := openLake(t, openSQLite(t))
	s := newSegment()
	batch := event.NewBatchID(epoch)
	for i := range 1000 {
		ev := event.Event{ID: batch.At(i), Unit: "u", Time: epoch, Raw: strings.Repeat("x", i)}
		if i%2 == 0 {
			ev.Add("few", []string{"a", "", "c"}[i%3])
		}
		ev.Add("many", ev.Raw)
		s.Add(&ev, nil)
	}
	var out bytes.Buffer
	if _, _, err := s.writeTo(&out, new(encoder), l.fast, s.order(false)); err != nil {
		t.Fatal(err)
	}
	r := openBytes(t, l, out.Bytes())
	var d dict
	few, _ := r.column("few")
	if plain, err := r.dictionary(0, few, &d); plain || err != nil || d.len() != 3 || string(d.get(0)) != "a" || r.nulls(0, few) != 500 {
		t.Errorf("%v, %v, %d values, %d nulls", plain, err, d.len(), r.nulls(0, few))
	}
	many, _ := r.column("many")
	if plain, err := r.dictionary(0, many, &d); !plain || err != nil || d.len() != 0 {
		t.Errorf("%v, %v, %d values", plain, err, d.len())
	}
	if plain, err := r.dictionary(0, colOverflow, &d); plain || err != nil || d.len() != 0 {
		t.Errorf("a column without values: %v, %v, %d values", plain, err, d.len())
	}
	if _, ok := r.column("nothere"); ok {
		t.Error("a column that is not there")
	}
}
