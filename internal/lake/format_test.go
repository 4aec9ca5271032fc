package lake

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // its driver
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/lachan-vn/lachan/internal/event"
)

// A segment is what docs/format/segment.md says: a plain DuckDB without any of
// our code answers the example there.
func TestDuckDBReadsSegmentsWithoutUs(t *testing.T) {
	l := openLake(t, openSQLite(t))
	s := l.NewSegment()
	at := time.Date(2026, 11, 20, 3, 0, 0, 123456789, time.UTC)
	batch := event.NewBatchID(at)
	for i := range 30 {
		ev := event.Event{ID: batch.At(i), Unit: "so-noi-vu", Time: at, Received: at, Raw: "raw \xff"}
		ev.Add("EventID", "4625")
		ev.Add("TargetUserName", fmt.Sprintf("user%d", i%3))
		ev.Add("tag", "a")
		ev.Add("tag", "b")
		ev.Fields = append(ev.Fields, event.Field{Name: "gone", Kind: event.Null})
		s.Add(&ev, []string{"r1", "r2"})
	}
	if err := l.Commit(context.Background(), s, nil, nil); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	glob := filepath.Join(l.dir, "*", "*.parquet")
	rows, err := db.Query(`SELECT TargetUserName, count(*) AS n FROM read_parquet('` + glob + `', union_by_name = true)
		WHERE EventID = '4625' AND _time >= TIMESTAMPTZ '2026-11-20 00:00:00+07' GROUP BY ALL ORDER BY n DESC, 1 LIMIT 10`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var user string
		var n int
		if err := rows.Scan(&user, &n); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(user, " ", n))
	}
	if want := "[user0 10 user1 10 user2 10]"; fmt.Sprint(got) != want || rows.Err() != nil {
		t.Errorf("got %v, %v; want %s", got, rows.Err(), want)
	}
	var id, tag, gone, rules, raw string
	var rawBytes []byte
	var us int64
	err = db.QueryRow(`SELECT replace(_id::VARCHAR, '-', ''), tag, gone, _rules, _raw, _raw_bytes, epoch_us(_time) FROM read_parquet('`+glob+`') ORDER BY _id LIMIT 1`).
		Scan(&id, &tag, &gone, &rules, &raw, &rawBytes, &us)
	if err != nil {
		t.Fatal(err)
	}
	if id != batch.At(0).String() || tag != "a\x1fb" || gone != "\x18" || rules != "r1\x1fr2" || raw != "raw \ufffd" || !bytes.Equal(rawBytes, []byte("raw \xff")) || us != at.UnixMicro() {
		t.Errorf("%s %q %q %q %q %q %d", id, tag, gone, rules, raw, rawBytes, us)
	}
}

// Another implementation of Parquet reads every value of a segment.
func TestAnotherReaderReadsSegments(t *testing.T) {
	for _, version := range []string{versionText, versionShape} {
		t.Run(version, func(t *testing.T) { readByAnother(t, version) })
	}
}

func readByAnother(t *testing.T, version string) {
	events := randomEvents(rand.New(rand.NewPCG(8, 8)), 20_000, time.Hour)
	s := newSegment()
	s.version = version
	s.core[colShape].name = coreName(version, colShape)
	for i := range events {
		events[i].ev.Skewed = false
		s.Add(&events[i].ev, events[i].rules)
	}
	l := openLake(t, openSQLite(t))
	var out bytes.Buffer
	perm := s.order(false)
	if _, _, err := s.write(&out, new(encoder), l.best, perm, fileForm{index: true, thorough: true}); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]parquet.Value{}
	for _, g := range f.RowGroups() {
		rows := g.Rows()
		buf := make([]parquet.Row, 500)
		for {
			n, err := rows.ReadRows(buf)
			for _, row := range buf[:n] {
				for _, v := range row {
					name := f.Schema().Columns()[v.Column()][0]
					columns[name] = append(columns[name], v.Clone())
				}
			}
			if err != nil {
				break
			}
		}
		rows.Close()
	}
	check := func(c *column) {
		byRow := map[uint32]string{}
		for i, row := range c.rows {
			byRow[row] = string(c.dict.get(c.ids[i]))
		}
		got := columns[c.name]
		if len(got) != len(perm) {
			t.Fatalf("column %q has %d values of %d", c.name, len(got), len(perm))
		}
		for i, row := range perm {
			want, ok := byRow[row]
			if got[i].IsNull() == ok || ok && string(got[i].ByteArray()) != want {
				t.Fatalf("column %q, row %d: got %v, want %q (%v)", c.name, i, got[i], want, ok)
			}
		}
	}
	for _, c := range s.core {
		if c != nil {
			check(c)
		}
	}
	for _, c := range s.sortedFields() {
		check(c)
	}
	for i, row := range perm {
		if columns["_time"][i].Int64() != s.times[row] || !bytes.Equal(columns["_id"][i].ByteArray(), s.ids[row][:]) {
			t.Fatalf("row %d: other time or ID", i)
		}
	}
}

// A sender who makes up names, ten thousand of them and each of ten thousand
// bytes, fills _overflow and nothing else: nothing is lost, and the columns stay
// within their limits.
func TestColumnsAreBounded(t *testing.T) {
	l := openLake(t, openSQLite(t), later)
	batch := event.NewBatchID(epoch)
	var events []stored
	for i := range 100 {
		var raw strings.Builder
		fmt.Fprintf(&raw, `{"n":%d`, i)
		for j := range 100 {
			fmt.Fprintf(&raw, `,"name-%d":"value %d"`, i*100+j, j)
		}
		fmt.Fprintf(&raw, `,"%s-%d":"of a long name"}`, strings.Repeat("x", 10_000), i)
		ev := parsed(raw.String(), event.HintJSON)
		ev.ID, ev.Time, ev.Received, ev.Skewed = batch.At(i), epoch, epoch, false
		for j := range ev.Fields {
			ev.Fields[j].Kind = event.String // the lake does not keep it
		}
		events = append(events, stored{ev: *ev})
	}
	fill(t, l, events, 50)
	for range 2 {
		for _, s := range l.segments {
			if len(s.fields) > maxFields {
				t.Errorf("a segment has %d fields", len(s.fields))
			}
			for _, f := range s.fields {
				if len(f.name) > maxFieldName {
					t.Errorf("a column's name has %d bytes", len(f.name))
				}
			}
		}
		rows, _ := search(t, l, ScopeAll(), Search{})
		checkRows(t, rows, events)
		for text, want := range map[string]int{"name-9999:\"value 99\"": 1, "name-3:*": 1, "n:42": 1, "long": 100, "\"value 7\"": 100} {
			s := Search{Query: mustParse(t, text)}
			if rows, _ := search(t, l, ScopeAll(), s); len(rows) != want {
				t.Errorf("%s: %d rows, want %d", text, len(rows), want)
			}
		}
		compactAll(t, l)
	}
}

// Bits are written in few bytes where few differ, and read back as they were.
func TestBits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		n := 1 + r.IntN(300)
		bitmap := make([]byte, (n+7)/8)
		share := r.IntN(4) // of ones: none, few, most, half
		for i := 0; i < n; {
			one := share == 3 && r.IntN(2) == 0 || share == 2
			for range 1 + r.IntN(90) {
				if i < n && one {
					bitmap[i/8] |= 1 << (i % 8)
				}
				i++
			}
			if i < n && share > 0 {
				bitmap[i/8] ^= 1 << (i % 8)
			}
		}
		h := newHybrid(appendBits(nil, bitmap, n), 1)
		rank := 0
		for i := range n {
			want := uint32(bitmap[i/8] >> (i % 8) & 1)
			if got := h.at(i); !h.ok || got != want || h.rank(i) != rank {
				t.Fatalf("bit %d of %08b: got %d (%v), want %d", i, bitmap, got, h.ok, want)
			}
			rank += int(want)
		}
	}
	if b := appendBits(nil, make([]byte, 1024), 8192); len(b) > 4 {
		t.Errorf("8192 zeros take %d bytes", len(b))
	}
}

// What is front-coded comes back, and damage is an error.
func TestFrontCoding(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 300 {
		var plain []byte
		n := r.IntN(600)
		for range n {
			v := fmt.Sprintf("%0*d", 1+r.IntN(20), r.IntN(1<<r.IntN(30)))
			plain = append(binary.LittleEndian.AppendUint32(plain, uint32(len(v))), v...)
		}
		levels := []byte{0, 0, 0, 0}
		coded := new(encoder).appendFront(bytes.Clone(levels), plain)
		p := page{rows: n, enc: format.DeltaByteArray, data: coded}
		reader := &segmentReader{scratch: new(scratch)}
		if err := reader.plain(&p); err != nil || !bytes.Equal(p.data[4:], plain) || p.enc != format.Plain {
			t.Fatalf("%d texts: %v", n, err)
		}
		for range 50 {
			b := bytes.Clone(coded)
			b[r.IntN(len(b))] = byte(r.IntN(256))
			p := page{rows: n, enc: format.DeltaByteArray, data: b[:r.IntN(len(b)+1)]}
			_ = reader.plain(&p) // errors are as good as texts; only panics are not
		}
	}
}

// Fields beyond the limit of columns are found all the same, also after merging
// with segments that have columns for them.
func TestTooManyFields(t *testing.T) {
	var events []stored
	batch := event.NewBatchID(epoch)
	for i := range 60 {
		e := stored{ev: event.Event{ID: batch.At(i), Unit: "so-noi-vu", Time: epoch, Received: epoch, Raw: fmt.Sprint("r", i)}}
		for j := range 40 {
			e.ev.Add(fmt.Sprintf("f%d", i*40+j), fmt.Sprint("v", j))
		}
		e.ev.Add("f2399", "twice")
		e.ev.Add(`odd/na~me"`, "x")
		e.ev.Fields = append(e.ev.Fields, event.Field{Name: "F2398", Kind: event.Null})
		events = append(events, e)
	}
	l := openLake(t, openSQLite(t), later)
	fill(t, l, events, 30)
	for range 2 {
		for _, s := range l.segments {
			if len(s.fields) > maxFields {
				t.Errorf("a segment has %d fields", len(s.fields))
			}
		}
		for _, text := range []string{"f2390:v30", "F2399:twice", "f2399:v39", "_null_:f2398", "NOT _exists_:f2398", "f7:*", "NOT f1999:*", `"odd/na~me\"":X`, "v30", "twice", "f2395:[v1 TO v9]"} {
			s := Search{Query: mustParse(t, text)}
			rows, _ := search(t, l, ScopeAll(), s)
			if got, want := len(rows), len(expect(events, ScopeAll(), s)); got != want || want == 0 {
				t.Errorf("%s: %d rows, want %d", text, got, want)
			}
		}
		rows, _ := search(t, l, ScopeAll(), Search{})
		checkRows(t, rows, events)
		compactAll(t, l)
	}
}

// No damage makes the reader of segments panic, hang or answer with values that
// are not there. (The engine of native fuzzing watches all linked code; with two
// databases linked into this test it manages no run a second.)
func TestReaderSurvivesDamage(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	s := newSegment()
	for _, e := range randomEvents(r, 20, time.Hour) {
		e.ev.Skewed = false
		s.Add(&e.ev, e.rules)
	}
	for i := range 20 {
		s.Add(parsed(fmt.Sprintf(`{"EventID":%d,"Image":"C:\\Windows\\%d.exe"}`, 4600+i, i), event.HintJSON), nil)
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	unzstd, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(16<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer unzstd.Close()
	var files [][]byte
	for _, z := range []*zstd.Encoder{z, nil} {
		var out bytes.Buffer
		if _, _, err := s.write(&out, new(encoder), z, s.order(false), fileForm{index: true, thorough: true}); err != nil {
			t.Fatal(err)
		}
		files = append(files, out.Bytes())
	}
	runs := 3000
	if n := os.Getenv("LACHAN_TEST_RUNS"); n != "" {
		if _, err := fmt.Sscan(n, &runs); err != nil {
			t.Fatal(err)
		}
	}
	readable := 0
	for range runs {
		b := bytes.Clone(oneOf(r, files))
		for range 1 + r.IntN(4) {
			b[r.IntN(len(b))] = byte(r.IntN(256))
		}
		if r.IntN(10) == 0 {
			b = b[r.IntN(len(b)):]
		}
		if readDamaged(t, unzstd, b) {
			readable++
		}
	}
	t.Logf("%d of %d damaged files still have a footer", readable, runs)
}

func readDamaged(t *testing.T, unzstd *zstd.Decoder, b []byte) bool {
	meta, err := readFooter(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return false
	}
	r := &segmentReader{r: bytes.NewReader(b), meta: meta, zstd: unzstd, scratch: new(scratch)}
	rows := []uint32{0, 1, 5, 39}
	var c cells
	for g := range meta.RowGroups {
		if rng := allRows(r, g); len(rng) < 1000 {
			for col := range meta.Schema[1:] {
				_ = r.texts(g, col, rng, &c)
			}
			_ = r.raws(g, rng, &c)
			_, _ = r.int64s(g, colReceived, rng, nil)
		}
		for col := range meta.Schema[1:] {
			if err := r.texts(g, col, rows, &c); err != nil {
				continue
			}
			for _, id := range c.ids {
				if int(id) > c.dict.len() {
					t.Fatalf("value %d of %d", id, c.dict.len())
				}
			}
		}
		// Errors are as good as values; only panics are not.
		_ = r.raws(g, rows, &c)
		var d dict
		for col := range meta.Schema[1:] {
			_, _ = r.dictionary(g, col, &d)
			_ = r.mayEqual(g, col, "4625")
		}
		_ = r.mayContain(g, "powershell")
		_, _ = r.int64s(g, colTime, rows, nil)
		_, _ = r.ids(g, rows, nil)
		_, _ = r.bools(g, rows, nil)
	}
	return true
}
