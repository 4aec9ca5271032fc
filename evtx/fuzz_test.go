package evtx

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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
	f.Add(threeChunks())
	b, free := encodeChunk([]testRecord{logon(1, "a"), logon(2, "b")})
	f.Add(encodeFile(b))
	f.Add(encodeFile(b)[:fileHeaderSize+free])
	dirty := encodeFile(b)
	dirty[120] |= flagDirty
	dirty[fileHeaderSize+52] ^= 1
	sealHeader(dirty[fileHeaderSize:])
	f.Add(dirty)
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
