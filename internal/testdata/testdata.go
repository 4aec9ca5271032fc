// Package testdata finds the shared real-world data that tests and benchmarks
// read in place: SigmaHQ rules, EVTX recordings, NDJSON sets.
//
// The data is not part of the project. LACHAN_TESTDATA names its folder; without
// it, ../shared/data beside the project is tried. A test whose data is missing
// skips and says so, so a fresh clone alone always passes.
package testdata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path returns the path of a file or folder of the data set, or skips t.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("LACHAN_TESTDATA")
	if root == "" {
		_, file, _, _ := runtime.Caller(0)
		root = filepath.Join(filepath.Dir(file), "..", "..", "..", "shared", "data")
	}
	p := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("test data %s is not here: set LACHAN_TESTDATA to the data folder", filepath.Join(elem...))
	}
	return p
}
