package evtx

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// sharedData finds the recordings that do not belong to the project, or skips.
func sharedData(t testing.TB, path ...string) string {
	t.Helper()
	root := os.Getenv("LACHAN_TESTDATA")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	root = filepath.Join(append([]string{root}, path...)...)
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no recordings at %s; set LACHAN_TESTDATA to the folder that has them", root)
	}
	return root
}

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
