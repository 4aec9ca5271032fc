package evtx

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"testing"
)

// logs lists the event logs under root.
func logs(t testing.TB, root string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".evtx" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatalf("no event logs under %s", root)
	}
	return paths
}

// each reads all records of an open Reader.
func each(t testing.TB, r *Reader, do func(*Record)) {
	t.Helper()
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		do(rec)
	}
}
