package testdata

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"
)

// Lines returns the lines of a gzip file of the data set, or skips t.
func Lines(t testing.TB, elem ...string) [][]byte {
	t.Helper()
	f, err := os.Open(Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(data), []byte("\n"))
}
