package evtx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Example reads a log held in memory; with a file, pass the *os.File and its
// size.
func Example() {
	chunk, _ := encodeChunk([]testRecord{logon(7, `C:\Windows\explorer.exe`), logon(8, "cmd.exe")})
	file := encodeFile(chunk)

	r, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		image, _ := rec.Get("Image")
		session, _ := rec.Get("LogonId")
		fmt.Println(rec.ID, rec.Written.Format("2006-01-02 15:04:05"), image.Value, session.Value)
	}
	for _, p := range r.Problems() {
		fmt.Println(p)
	}
	// Output:
	// 7 2019-04-17 18:40:00 C:\Windows\explorer.exe 0x3e7
	// 8 2019-04-17 18:40:00 cmd.exe 0x3e7
}
