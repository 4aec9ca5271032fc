package evtx

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func openBytes(t testing.TB, b []byte) *Reader {
	t.Helper()
	r, err := NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// readAll returns the JSON of all records, and the Reader at its end.
func readAll(t testing.TB, b []byte) ([]string, *Reader) {
	t.Helper()
	r := openBytes(t, b)
	var lines []string
	each(t, r, func(rec *Record) {
		line := rec.AppendJSON(nil)
		if !json.Valid(line) {
			t.Errorf("not JSON: %s", line)
		}
		lines = append(lines, string(line))
	})
	return lines, r
}

func ids(t testing.TB, b []byte) ([]uint64, *Reader) {
	t.Helper()
	r := openBytes(t, b)
	var got []uint64
	each(t, r, func(rec *Record) { got = append(got, rec.ID) })
	return got, r
}

func chunkOf(records ...testRecord) []byte {
	b, _ := encodeChunk(records)
	return b
}

const logonJSON = `{"Provider_Name":"Test-Provider","EventID":4624,"Version":2,"Level":4,"Task":12544,"Opcode":0,` +
	`"Keywords":"0x8020000000000000","EventRecordID":%d,"Channel":"Test/Operational","Computer":"host.example",` +
	`"SystemTime":"2019-04-17T18:40:00.123456Z","Execution_ProcessID":504,"Execution_ThreadID":5500,"UserID":"S-1-5-18",` +
	`"Image":%q,"LogonId":"0x3e7"}`

func TestRecordsInOrderAcrossChunks(t *testing.T) {
	b := encodeFile(chunkOf(logon(7, `C:\a.exe`), logon(8, "b")), chunkOf(logon(9, "Lá Chắn")))
	got, r := readAll(t, b)
	want := []string{fmt.Sprintf(logonJSON, 7, `C:\a.exe`), fmt.Sprintf(logonJSON, 8, "b"), fmt.Sprintf(logonJSON, 9, "Lá Chắn")}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if want := (Stats{Chunks: 2, Records: 3}); r.Stats() != want {
		t.Errorf("stats %+v, want %+v", r.Stats(), want)
	}
	if len(r.Problems()) != 0 {
		t.Errorf("problems in a sound file: %v", r.Problems())
	}
}

func TestRecordHeaderAndExtra(t *testing.T) {
	r := openBytes(t, encodeFile(chunkOf(logon(7, "a"))))
	rec, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2019, 4, 17, 18, 40, 0, 123456700, time.UTC); rec.ID != 7 || !rec.Written.Equal(want) {
		t.Errorf("record %d written %v, want 7, %v", rec.ID, rec.Written, want)
	}
	want := []Field{{Name: "Provider_Guid", Value: "{00112233-4455-6677-8899-AABBCCDDEEFF}"}}
	if !slices.Equal(rec.Extra, want) {
		t.Errorf("extra %v, want %v", rec.Extra, want)
	}
	if f, ok := rec.Get("Image"); !ok || f.Value != "a" {
		t.Errorf("Get(Image) = %v, %v", f, ok)
	}
	if _, ok := rec.Get("image"); ok {
		t.Error("Get ignores case")
	}
}

func TestValuesOutliveTheRecord(t *testing.T) {
	r := openBytes(t, encodeFile(chunkOf(logon(1, "first"), logon(2, "other"))))
	rec, _ := r.Next()
	f, _ := rec.Get("Image")
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if f.Value != "first" {
		t.Errorf("the value became %q with the next record", f.Value)
	}
}

// Values share memory with those of other records, and programs are written over
// from chunk to chunk; neither may change what was returned.
func TestManyValuesOutliveTheirRecords(t *testing.T) {
	var chunks [][]byte
	value := func(id uint64) string { return strings.Repeat(string(rune('a'+id%26)), 300+int(id)) }
	for c := range uint64(12) {
		var records []testRecord
		for i := range uint64(20) {
			id := 20*c + i + 1
			records = append(records, logon(id, value(id)))
		}
		chunks = append(chunks, chunkOf(records...))
	}
	r := openBytes(t, encodeFile(chunks...))
	kept := map[uint64]string{}
	each(t, r, func(rec *Record) {
		f, _ := rec.Get("Image")
		kept[rec.ID] = f.Value
	})
	if len(kept) != 240 {
		t.Fatalf("%d records", len(kept))
	}
	for id, got := range kept {
		if got != value(id) {
			t.Errorf("record %d: the value has become %q", id, got)
		}
	}
}

func TestResetReadsAnotherFile(t *testing.T) {
	bad := encodeFile(chunkOf(logon(1, "a")))
	bad[fileHeaderSize+600] ^= 1
	good := encodeFile(chunkOf(logon(5, "b")))
	r := openBytes(t, bad)
	each(t, r, func(*Record) { t.Error("a record from a damaged chunk") })
	if err := r.Reset(strings.NewReader("text"), 4); !errors.Is(err, ErrNotEVTX) {
		t.Errorf("Reset on text: %v", err)
	}
	if _, err := r.Next(); !errors.Is(err, ErrNotEVTX) {
		t.Errorf("Next after a failed Reset: %v", err)
	}
	if err := r.Reset(bytes.NewReader(good), int64(len(good))); err != nil {
		t.Fatal(err)
	}
	n := 0
	each(t, r, func(rec *Record) { n++ })
	if n != 1 || len(r.Problems()) != 0 || r.Stats() != (Stats{Chunks: 1, Records: 1}) {
		t.Errorf("%d records, problems %v, stats %+v", n, r.Problems(), r.Stats())
	}
}

// threeChunks holds records 1-2, 3-4 and 5-6.
func threeChunks() []byte {
	return encodeFile(
		chunkOf(logon(1, "a"), logon(2, "b")),
		chunkOf(logon(3, "c"), logon(4, "d")),
		chunkOf(logon(5, "e"), logon(6, "f")))
}

// Damage costs what it touches, is told, and nothing else changes.
func TestDamage(t *testing.T) {
	second := fileHeaderSize + chunkSize
	third := second + chunkSize
	le := binary.LittleEndian
	for _, c := range []struct {
		name   string
		damage func([]byte) []byte
		want   []uint64
		stats  Stats
		told   string // the only problem
	}{
		{"none", func(b []byte) []byte { return b }, []uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6}, ""},
		{"a byte in a record", func(b []byte) []byte { b[second+700] ^= 0x10; return b },
			[]uint64{1, 2, 5, 6}, Stats{Chunks: 2, Records: 4, Damaged: 1, Lost: 2, Problems: 1},
			"chunk 1 (offset 69632): the checksum of the records does not match"},
		{"a byte in a chunk header", func(b []byte) []byte { b[second+24] ^= 0x10; return b },
			[]uint64{1, 2, 5, 6}, Stats{Chunks: 2, Records: 4, Damaged: 1, Problems: 1},
			"chunk 1 (offset 69632): the checksum of the chunk header does not match"},
		{"a chunk overwritten", func(b []byte) []byte { copy(b[second:third], bytes.Repeat([]byte{0xAA}, chunkSize)); return b },
			[]uint64{1, 2, 5, 6}, Stats{Chunks: 2, Records: 4, Damaged: 1, Problems: 1},
			"chunk 1 (offset 69632): no chunk signature"},
		{"a chunk zeroed", func(b []byte) []byte { clear(b[second:third]); return b },
			[]uint64{1, 2, 5, 6}, Stats{Chunks: 2, Records: 4}, ""},
		{"a byte in the slack", func(b []byte) []byte { b[third-1] ^= 0x10; return b },
			[]uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6}, ""},
		{"an old record in the slack", func(b []byte) []byte {
			old, end := encodeChunk([]testRecord{logon(3, "old")})
			free := le.Uint32(b[second+48:])
			copy(b[second+int(free):], old[chunkHeaderSize:end])
			return b
		}, []uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6}, ""},
		{"a chunk without checksums", func(b []byte) []byte {
			b[second+120] |= chunkNoCRC32
			clear(b[second+52 : second+56])
			clear(b[second+124 : second+128])
			return b
		}, []uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6}, ""},
		{"a chunk header of an open log", func(b []byte) []byte { b[120] |= flagDirty; b[second+24] ^= 0x10; return b },
			[]uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6, Problems: 1},
			"chunk 1 (offset 69632): the log was open and the checksum of the chunk header is not up to date; the records were read without it"},
		{"a chunk of an open log overwritten", func(b []byte) []byte {
			b[120] |= flagDirty
			copy(b[second+8:third], make([]byte, chunkSize))
			return b
		}, []uint64{1, 2, 5, 6}, Stats{Chunks: 2, Records: 4, Damaged: 1, Problems: 1},
			"chunk 1 (offset 69632): the checksum of the chunk header does not match"},
		{"cut inside a chunk", func(b []byte) []byte { return b[:third+30000] },
			[]uint64{1, 2, 3, 4}, Stats{Chunks: 2, Records: 4, Damaged: 1, Lost: 2, Problems: 1},
			"chunk 2 (offset 135168): the file ends inside the chunk: 30000 of 65536 bytes are there"},
		{"cut inside a chunk header", func(b []byte) []byte { return b[:third+100] },
			[]uint64{1, 2, 3, 4}, Stats{Chunks: 2, Records: 4, Damaged: 1, Problems: 1},
			"chunk 2 (offset 135168): the file ends inside the chunk: 100 of 65536 bytes are there"},
		{"cut after a chunk", func(b []byte) []byte { return b[:third] },
			[]uint64{1, 2, 3, 4}, Stats{Chunks: 2, Records: 4}, ""},
		{"header zeroed", func(b []byte) []byte { clear(b[:fileHeaderSize]); return b },
			[]uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6, Problems: 1},
			"file header (offset 0): the file header is missing or overwritten; the chunks were read without it"},
		{"header checksum", func(b []byte) []byte { b[50] ^= 1; return b },
			[]uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6, Problems: 1},
			"file header (offset 0): the checksum of the file header does not match"},
		{"dirty flag", func(b []byte) []byte { b[120] |= flagDirty; return b },
			[]uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6}, ""},
		{"a record with impossible size, checksums right", func(b []byte) []byte {
			c := b[second:third]
			le.PutUint32(c[chunkHeaderSize+4:], 0xFFFFFFF0)
			sealChunk(c)
			return b
		}, []uint64{1, 2, 5, 6}, Stats{Chunks: 3, Records: 4, Damaged: 1, Lost: 2, Problems: 1},
			"chunk 1 (offset 70144): impossible record size"},
		{"a record that cannot be decoded, checksums right", func(b []byte) []byte {
			c := b[second:third]
			c[chunkHeaderSize+recordHeader+4] = 0x3F // the instance token
			sealChunk(c)
			return b
		}, []uint64{1, 2, 4, 5, 6}, Stats{Chunks: 3, Records: 5, Lost: 1, Problems: 1},
			"chunk 1, record 3 (offset 70144): unknown token 0x3f"},
		{"a chunk header that promises too much", func(b []byte) []byte {
			c := b[second:third]
			le.PutUint64(c[32:], 1<<40)
			sealChunk(c)
			return b
		}, []uint64{1, 2, 5, 6}, Stats{Chunks: 2, Records: 4, Damaged: 1, Problems: 1},
			"chunk 1 (offset 69632): impossible chunk header: records 3 to 1099511627776, free space from "},
		{"a chunk header that promises one more", func(b []byte) []byte {
			c := b[second:third]
			le.PutUint64(c[32:], 5)
			sealChunk(c)
			return b
		}, []uint64{1, 2, 3, 4, 5, 6}, Stats{Chunks: 3, Records: 6, Damaged: 1, Lost: 1, Problems: 1},
			"the records end early"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, r := ids(t, c.damage(threeChunks()))
			if !slices.Equal(got, c.want) {
				t.Errorf("records %v, want %v", got, c.want)
			}
			if r.Stats() != c.stats {
				t.Errorf("stats %+v, want %+v", r.Stats(), c.stats)
			}
			var told string
			for _, p := range r.Problems() {
				told += p.String()
			}
			if c.told == "" && told != "" || !strings.Contains(told, c.told) {
				t.Errorf("told %q, want %q", told, c.told)
			}
		})
	}
}

// The newest chunk of an open log has a header older than its records, and
// behind them may lie records of the time before. Numbers that continue are
// taken, the others are not.
func TestOpenLogIsReadWithoutOldRecords(t *testing.T) {
	b, free := encodeChunk([]testRecord{logon(10, "a"), logon(11, "b"), logon(12, "c")})
	old, oldFree := encodeChunk([]testRecord{logon(3, "old")})
	copy(b[free:], old[chunkHeaderSize:oldFree])
	le := binary.LittleEndian
	le.PutUint64(b[32:], 11)           // the header still ends at 11
	le.PutUint32(b[48:], uint32(free)) // and its sum is not that of the records
	sealChunk(b)
	b[52] ^= 1
	sealHeader(b)

	file := encodeFile(b)
	got, r := ids(t, file)
	if len(got) != 0 || r.Stats().Lost != 2 {
		t.Errorf("a closed log: records %v, stats %+v; want none, two lost", got, r.Stats())
	}
	file[120] |= flagDirty
	got, r = ids(t, file)
	if !slices.Equal(got, []uint64{10, 11, 12}) || !r.Dirty() {
		t.Errorf("an open log: records %v, dirty %v", got, r.Dirty())
	}
	if p := r.Problems(); len(p) != 1 || !strings.Contains(p[0].Reason, "the log was open") {
		t.Errorf("problems %v", p)
	}
}

func TestNoEventLog(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty":          nil,
		"text":           []byte("Jan 1 00:00:00 host sshd[1]: text"),
		"signature only": []byte(fileSignature),
		"zeros":          make([]byte, 200_000),
		"old .evt":       append([]byte("\x30\x00\x00\x00LfLe"), make([]byte, 8192)...),
	} {
		if _, err := NewReader(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrNotEVTX) {
			t.Errorf("%s: %v, want ErrNotEVTX", name, err)
		}
	}
	if got, r := ids(t, encodeFile()); len(got) != 0 || len(r.Problems()) != 0 {
		t.Errorf("a log without chunks: %v, %v", got, r.Problems())
	}
	if got, r := ids(t, encodeFile(chunkOf())); len(got) != 0 || len(r.Problems()) != 0 {
		t.Errorf("a log with an unused chunk: %v, %v", got, r.Problems())
	}
}

type failing struct{ after int64 }

var errDisk = errors.New("disk gone")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.after {
		return 0, errDisk
	}
	return bytes.NewReader(threeChunks()).ReadAt(p, off)
}

func TestReadErrorsAreErrors(t *testing.T) {
	if _, err := NewReader(failing{0}, 1<<20); !errors.Is(err, errDisk) {
		t.Errorf("NewReader: %v", err)
	}
	r, err := NewReader(failing{fileHeaderSize + chunkSize}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, errDisk) {
			t.Errorf("Next: %v", err)
		}
	}
}
