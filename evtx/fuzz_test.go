package evtx

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// drain reads everything and holds the promises of the package: it ends, never
// panics, every record is valid JSON with distinct names, counts agree.
func drain(t *testing.T, b []byte) {
	r, err := NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		if !errors.Is(err, ErrNotEVTX) {
			t.Fatal(err)
		}
		return
	}
	n := 0
	var line []byte
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		line = rec.AppendJSON(line[:0])
		if !json.Valid(line) {
			t.Fatalf("record %d is not JSON: %s", rec.ID, line)
		}
		names := make(map[string]bool, len(rec.Fields))
		text := 0
		for _, f := range rec.Fields {
			if names[f.Name] || !utf8.ValidString(f.Name) || !utf8.ValidString(f.Value) {
				t.Fatalf("record %d: field %q twice or not UTF-8", rec.ID, f.Name)
			}
			names[f.Name] = true
			text += len(f.Value)
		}
		if len(rec.Fields) > maxRecordField+sysCount || text > maxRecordText {
			t.Fatalf("record %d: %d fields, %d bytes", rec.ID, len(rec.Fields), text)
		}
	}
	stat := r.Stats()
	if stat.Records != n || stat.Problems < len(r.Problems()) {
		t.Fatalf("%d records, stats %+v", n, stat)
	}
	if most := (len(b)/chunkSize + 1) * (chunkSize / recordMin); n > most {
		t.Fatalf("%d records out of %d bytes", n, len(b))
	}
}

func FuzzFile(f *testing.F) {
	b, free := encodeChunk([]testRecord{logon(1, "a"), logon(2, "b")})
	f.Add(encodeFile(b))
	f.Add(encodeFile(b)[:fileHeaderSize+free])
	dirty := encodeFile(b)
	dirty[120] |= flagDirty
	dirty[fileHeaderSize+52] ^= 1
	sealHeader(dirty[fileHeaderSize:])
	f.Add(dirty[:fileHeaderSize+free])
	f.Fuzz(func(t *testing.T, b []byte) { drain(t, b) })
}

// FuzzChunk fuzzes what is behind the checksums: the records of one chunk,
// sealed again after each change.
func FuzzChunk(f *testing.F) {
	add := func(records ...testRecord) {
		b, free := encodeChunk(records)
		f.Add(b[chunkHeaderSize:free])
	}
	add(logon(1, "a"), logon(2, "Lá Chắn"))
	add(withData(1, &fragment{inline: true, template: el("EventData", el("Data", name("A"), "a", cdata("b"), entityRef("lt"), charRef(65)))}))
	add(withData(1, &fragment{template: el("UserData", el("W", el("P", hole{0, false}, el("Q", attribute{"a", hole{1, true}}, "x")))),
		values: []typed{{typ: typeUint16 | arrayBit, data: []byte{1, 0, 2, 0}}, str("v")}}))
	f.Fuzz(func(t *testing.T, records []byte) {
		if len(records) > chunkSize-chunkHeaderSize {
			return
		}
		b, _ := encodeChunk([]testRecord{logon(1, "a")})
		clear(b[chunkHeaderSize:])
		copy(b[chunkHeaderSize:], records)
		free := uint32(chunkHeaderSize + len(records))
		b[48], b[49], b[50], b[51] = byte(free), byte(free>>8), byte(free>>16), byte(free>>24)
		sealChunk(b)
		drain(t, encodeFile(b))
	})
}

// Random changes behind valid checksums, many more than the fuzzer does: each
// run of the test takes other ones.
func TestMutatedChunks(t *testing.T) {
	data := &fragment{template: el("UserData", el("W", el("P", hole{0, false}, el("Q", attribute{"a", hole{1, true}}, "x")))),
		values: []typed{{typ: typeUint16 | arrayBit, data: []byte{1, 0, 2, 0}}, str("v")}}
	inline := &fragment{inline: true, template: el("EventData", el("Data", name("A"), "a", cdata("b"), entityRef("lt"), charRef(65)))}
	sound, free := encodeChunk([]testRecord{logon(1, "a"), withData(2, data), withData(3, inline), logon(4, "Lá Chắn")})
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	for range 2000 {
		b := bytes.Clone(sound)
		for range 1 + rnd.IntN(6) {
			at := chunkHeaderSize + rnd.IntN(free-chunkHeaderSize)
			switch rnd.IntN(4) {
			case 0:
				b[at] ^= 1 << rnd.IntN(8)
			case 1:
				b[at] = byte(rnd.IntN(0x50)) // a token or a type
			case 2:
				copy(b[at:free], le16(uint16(rnd.IntN(free)))) // an offset or a size
			case 3:
				from := chunkHeaderSize + rnd.IntN(free-chunkHeaderSize)
				copy(b[at:free], b[from:min(from+rnd.IntN(64), free)])
			}
		}
		sealChunk(b)
		drain(t, encodeFile(b))
	}
}
