package detect_test

import (
	"bufio"
	"compress/gzip"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/testdata"
	"github.com/lachan-vn/lachan/sigma"
)

// Cores change how long a load takes, and nothing else.
func TestRulesLoadTheSameOnManyCores(t *testing.T) {
	files := append(readRules(t, "rules", "rules-emerging-threats", "rules-placeholder"),
		detect.File{Name: "broken.yml", Data: []byte("title: [")}, detect.File{Name: "empty.yml"})
	o := detect.Options{Mapping: sigma.DefaultMapping()}
	one := detect.Compile(files, o)
	asked := 0
	o.Each = func(n int, do func(int)) {
		asked++
		var running sync.WaitGroup
		for i := range n {
			running.Go(func() { do(n - 1 - i) })
		}
		running.Wait()
	}
	many := detect.Compile(files, o)
	if asked != 2 || one.Refused() == 0 {
		t.Fatalf("cores were asked for %d times, %d rules refused", asked, one.Refused())
	}
	if d := cmp.Diff(one.Problems(), many.Problems()); d != "" {
		t.Errorf("problems (-one core +many):\n%s", d)
	}
	ids := func(s *detect.Set) (out []string) {
		for _, r := range s.Rules() {
			out = append(out, r.ID)
		}
		return out
	}
	if d := cmp.Diff(ids(one), ids(many)); d != "" {
		t.Errorf("rules (-one core +many):\n%s", d)
	}
	f, err := os.Open(testdata.Path(t, "ndjson", "windows-attack.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	a, b := newDetector(one), newDetector(many)
	for lines, n := bufio.NewScanner(z), 0; lines.Scan(); n++ {
		x, y := a.rules(lines.Bytes()), b.rules(lines.Bytes())
		slices.Sort(x)
		slices.Sort(y)
		if d := cmp.Diff(x, y); d != "" {
			t.Errorf("event %d (-one core +many):\n%s", n, d)
		}
	}
}
