package detect_test

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/evtx"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/testdata"
	"github.com/lachan-vn/lachan/sigma"
)

// The whole way of an event, as a node takes it: record, parser, rules. These
// tests hold the parser's field names and the rules' expectations together; the
// rule engine alone is tested in package sigma.

func sigmaHQ(t *testing.T, folders ...string) *detect.Set {
	t.Helper()
	return detect.Compile(readRules(t, folders...), detect.Options{Mapping: sigma.DefaultMapping()})
}

func readRules(tb testing.TB, folders ...string) (files []detect.File) {
	tb.Helper()
	for _, folder := range folders {
		root := testdata.Path(tb, "sigma", folder)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
				return err
			}
			data, err := os.ReadFile(path)
			files = append(files, detect.File{Name: path, Pack: "sigmahq", Data: data})
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return files
}

// detector parses one record after the other and names the rules that fire.
type detector struct {
	parser *parse.Parser
	worker *detect.Worker
	batch  event.Batch
	event  event.Event
}

func newDetector(set *detect.Set) *detector {
	return &detector{parser: parse.New(parse.Options{}), worker: set.NewWorker(),
		batch: event.Batch{Unit: "u", Input: "import", Received: time.Now(), Records: make([]event.Record, 1)}}
}

func (d *detector) rules(record []byte) []string {
	d.batch.Records[0] = event.Record{Data: record, Hint: event.HintJSON}
	d.parser.Parse(&d.batch, 0, &d.event)
	var ids []string
	for _, r := range d.worker.Match(&d.event) {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestAllRulesOfSigmaHQLoad(t *testing.T) {
	set := sigmaHQ(t, "rules")
	if n := len(set.Rules()); n != 3141 || set.Refused() != 0 {
		t.Errorf("%d rules loaded, %d refused; want 3141 and 0", n, set.Refused())
	}
}

func TestPlaceholderRulesAreRefusedWithAReason(t *testing.T) {
	set := sigmaHQ(t, "rules-placeholder")
	if len(set.Rules()) != 0 || set.Refused() != 23 {
		t.Fatalf("%d loaded, %d refused; want 0 and 23", len(set.Rules()), set.Refused())
	}
	for _, p := range set.Problems() {
		if p.Severity == sigma.Error && (p.Line == 0 || !strings.Contains(p.Reason, "placeholder")) {
			t.Errorf("problem without place or reason: %v", p)
		}
	}
}

func TestAttackRecordingGivesExactlyTheGoldenPairs(t *testing.T) {
	want := goldenPairs(t)
	d := newDetector(sigmaHQ(t, "rules"))
	f, err := os.Open(testdata.Path(t, "ndjson", "windows-attack.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for n := 0; lines.Scan(); n++ {
		for _, id := range d.rules(lines.Bytes()) {
			got[fmt.Sprintf("%d\t%s", n, id)] = true
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	for _, pair := range slices.Sorted(maps.Keys(want)) {
		if !got[pair] {
			t.Errorf("missing: %s", pair)
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(got)) {
		if !want[pair] {
			t.Errorf("extra: %s", pair)
		}
	}
	t.Logf("%d pairs", len(got))
}

func goldenPairs(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(testdata.Path(t, "golden", "windows-attack.pairs.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	pairs := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		pairs[strings.TrimSpace(line)] = true
	}
	return pairs
}

// Each regression case of SigmaHQ is read from its .evtx, as an import would.
func TestRegressionCasesFireFromTheirEventLogs(t *testing.T) {
	d := newDetector(sigmaHQ(t, "rules", "rules-emerging-threats"))
	cases := 0
	err := filepath.WalkDir(testdata.Path(t, "regression"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "info.yml" {
			return err
		}
		for _, c := range readCase(t, path) {
			cases++
			hits := 0
			for _, ids := range c.run(t, d) {
				if slices.Contains(ids, c.rule) {
					hits++
				}
			}
			if hits < max(c.atLeast, 1) {
				t.Errorf("%s: rule %s fired %d times, want %d or more", c.file, c.rule, hits, max(c.atLeast, 1))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if cases != 128 {
		t.Errorf("%d cases, want 128", cases)
	}
}

type regressionCase struct {
	rule, file string
	atLeast    int
}

func readCase(t *testing.T, path string) []regressionCase {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Rules []struct {
			ID string `yaml:"id"`
		} `yaml:"rule_metadata"`
		Tests []struct {
			Type  string `yaml:"type"`
			Count int    `yaml:"match_count"`
			Path  string `yaml:"path"`
		} `yaml:"regression_tests_info"`
	}
	if err := yaml.Unmarshal(text, &info); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var out []regressionCase
	for _, test := range info.Tests {
		out = append(out, regressionCase{rule: info.Rules[0].ID, atLeast: test.Count,
			file: filepath.Join(filepath.Dir(path), filepath.Base(test.Path))})
	}
	return out
}

func (c regressionCase) run(t *testing.T, d *detector) (fired [][]string) {
	t.Helper()
	f, err := os.Open(c.file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	r, err := evtx.NewReader(f, info.Size())
	if err != nil {
		t.Fatalf("%s: %v", c.file, err)
	}
	var line []byte
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return fired
		}
		if err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		line = rec.AppendJSON(line[:0])
		fired = append(fired, d.rules(line))
	}
}
