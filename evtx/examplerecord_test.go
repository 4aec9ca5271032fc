package evtx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A record is a list of fields: those of System under their fixed names, then
// those of the event.
func ExampleRecord() {
	chunk, _ := encodeChunk([]testRecord{logon(7, `C:\Windows\explorer.exe`)})
	r, _ := NewReader(bytes.NewReader(encodeFile(chunk)), int64(len(encodeFile(chunk))))
	rec, err := r.Next()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range rec.Fields {
		switch f.Name {
		case "Provider_Name", "EventID", "Channel", "UserID", "Image", "LogonId":
			fmt.Println(f.Name, "=", f.Value)
		}
	}
	// Output:
	// Provider_Name = Test-Provider
	// EventID = 4624
	// Channel = Test/Operational
	// UserID = S-1-5-18
	// Image = C:\Windows\explorer.exe
	// LogonId = 0x3e7
}

// As JSON a record is one flat object, ready for a line of NDJSON.
func ExampleRecord_AppendJSON() {
	template := el("EventData", el("Data", attribute{"Name", "Groups"}, hole{0, false}), el("Data", attribute{"Name", "Tries"}, hole{1, false}))
	data := &fragment{template: template, values: []typed{{typ: typeString | arrayBit, data: wide("admins\x00users\x00")}, {typ: typeUint32, data: le32(3)}}}
	chunk, _ := encodeChunk([]testRecord{withData(7, data)})
	r, _ := NewReader(bytes.NewReader(encodeFile(chunk)), int64(len(encodeFile(chunk))))
	rec, err := r.Next()
	if err != nil {
		fmt.Println(err)
		return
	}
	text := rec.AppendJSON(nil)
	fmt.Println(string(text[bytes.Index(text, []byte(`"Groups"`)):]))

	groups, _ := rec.Get("Groups")
	fmt.Println(slices.Collect(groups.Items()))
	// Output:
	// "Groups":["admins","users"],"Tries":3}
	// [admins users]
}

// A damaged chunk costs its own records. The reader goes on with the next one and
// says what was lost.
func ExampleReader_Problems() {
	first, _ := encodeChunk([]testRecord{logon(1, "a.exe"), logon(2, "b.exe")})
	second, _ := encodeChunk([]testRecord{logon(3, "c.exe")})
	file := encodeFile(first, second)
	damaged := file[fileHeaderSize:]
	binary.LittleEndian.PutUint32(damaged[600:], 0xdeadbeef) // within the first chunk

	r, _ := NewReader(bytes.NewReader(file), int64(len(file)))
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("record", rec.ID)
	}
	for _, p := range r.Problems() {
		fmt.Println("chunk", p.Chunk, "lost", p.Lost)
	}
	// Output:
	// record 3
	// chunk 0 lost 2
}

// One Reader can read file after file and keeps its memory.
func ExampleReader_Reset() {
	var r Reader
	for _, image := range []string{"a.exe", "b.exe"} {
		chunk, _ := encodeChunk([]testRecord{logon(1, image)})
		file := encodeFile(chunk)
		if err := r.Reset(bytes.NewReader(file), int64(len(file))); err != nil {
			fmt.Println(err)
			return
		}
		rec, err := r.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		f, _ := rec.Get("Image")
		fmt.Println(f.Value, r.Stats().Records)
	}
	// Output:
	// a.exe 1
	// b.exe 1
}
