package hunt_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/hunt"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/testdata"
	"github.com/lachan-vn/lachan/sigma"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)
	// changed is when the files of testdata were last changed, as far as a test
	// is concerned: text logs name no year.
	changed = time.Date(2026, 11, 22, 0, 0, 0, 0, zone)
)

func compile(t testing.TB, folders ...string) *detect.Set {
	t.Helper()
	var files []detect.File
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
				return err
			}
			data, err := os.ReadFile(path)
			files = append(files, detect.File{Name: path, Pack: "local", Data: data})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping()})
}

func find(t testing.TB, paths ...string) []logfile.File {
	t.Helper()
	files, err := logfile.Find(paths)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// run hunts and returns what it found as NDJSON, with everything noted.
func run(t testing.TB, files []logfile.File, o hunt.Options) (found string, notes []string, stats hunt.Stats, summary *hunt.Summary) {
	t.Helper()
	var out bytes.Buffer
	write := hunt.NDJSON(&out)
	summary = hunt.NewSummary(1000)
	o.Note = func(text string) { notes = append(notes, text) }
	stats, err := hunt.Run(t.Context(), files, o, func(f *hunt.Finding) error {
		summary.Add(f)
		return write(f)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), notes, stats, summary
}

// small hunts through the files of testdata.
func small(t *testing.T, o hunt.Options) (string, hunt.Stats, *hunt.Summary) {
	t.Helper()
	o.Rules = compile(t, "testdata/rules")
	files := find(t, "testdata/logs")
	for i := range files {
		files[i].ModTime = changed
		files[i].Path = filepath.ToSlash(files[i].Path)
	}
	found, notes, stats, summary := run(t, files, o)
	if len(notes) != 0 {
		t.Errorf("notes: %q", notes)
	}
	return found, stats, summary
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func TestOutputs(t *testing.T) {
	found, stats, summary := small(t, hunt.Options{})
	golden(t, "found.ndjson", found)

	var table bytes.Buffer
	if err := hunt.Table(&table, summary, stats, hunt.TableOptions{Zone: zone, Top: 1}); err != nil {
		t.Fatal(err)
	}
	golden(t, "found.txt", table.String())
	if strings.Contains(table.String(), "\x1b") {
		t.Error("a log moves the cursor")
	}

	var page bytes.Buffer
	err := hunt.HTML(&page, summary, stats, hunt.ReportOptions{Zone: zone, Made: changed, Paths: []string{"logs"}, Rules: 2})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "found.html", page.String())
	for _, bad := range []string{"<b>a</b>", "<script", "http://www", "src=", "@import"} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("the report contains %q", bad)
		}
	}
}

// Whatever a log says is text on the page: no markup, no address to fetch, no
// character that hides or turns other text.
func TestTheReportShowsHostileValuesAsText(t *testing.T) {
	hostile := []string{
		"<script>alert(1)</script>", "</code></td><img src=x onerror=alert(1)>", `" onmouseover="alert(1)`,
		"javascript:alert(1)", "{{.Stats}}", "<!--", "]]>", "a\x00b\x1b[31m", "exe.\u202etxt", "\u2066x", "&lt;b&gt;",
	}
	s := hunt.NewSummary(100)
	for _, text := range hostile {
		rule := &detect.Rule{
			Rule: &sigma.Rule{Title: text, Description: text, Tags: []string{"attack." + text, "attack.t1000"}},
			ID:   text, TitleVi: text, Explain: text, Checks: []string{text},
		}
		s.Add(&hunt.Finding{
			File: text, Record: text, Host: text, Time: changed, Rule: rule, Fields: []event.Field{{Name: text, Value: text}},
			Series: &hunt.Series{First: changed, Last: changed, Events: []hunt.Place{{File: text}}},
		})
	}
	stats := hunt.Stats{Broken: []error{errors.New(hostile[0]), errors.New(hostile[7])}}
	var page bytes.Buffer
	if err := hunt.HTML(&page, s, stats, hunt.ReportOptions{Zone: zone, Made: changed, Paths: hostile}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "<!--", `" onmouse`, "href", "url(", "@import", "\x00", "\x1b", "\u202e", "\u2066"} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;alert(1)&lt;/script&gt;", "exe.·txt", "&amp;lt;b&amp;gt;", "default-src 'none'"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// A page and a table stay of a size that opens, whatever was found, and say what
// they leave out. The counts are of all.
func TestLargeResultsAreCut(t *testing.T) {
	const found, kept = 100_000, 5_000
	s := hunt.NewSummary(kept)
	rule := &detect.Rule{Rule: &sigma.Rule{Title: "Often"}, ID: "r"}
	for i := range found {
		level := hunt.Low
		if i%1000 == 0 {
			level = hunt.Critical
		}
		s.Add(&hunt.Finding{File: "a.log", Line: int64(i), Host: fmt.Sprint("h", i%7), Time: changed.Add(time.Duration(i) * time.Second), Level: level, Rule: rule})
	}
	var page, table bytes.Buffer
	if err := errors.Join(
		hunt.HTML(&page, s, hunt.Stats{}, hunt.ReportOptions{Zone: zone, Made: changed}),
		hunt.Table(&table, s, hunt.Stats{}, hunt.TableOptions{Zone: zone}),
	); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(page.String(), "<code>a.log:"); n != kept || page.Len() > 4<<20 {
		t.Errorf("%d rows in %d bytes", n, page.Len())
	}
	for _, want := range []string{"<b>100000</b>", "còn 95000 phát hiện khác không nghiêm trọng hơn", "<code>a.log:99000</code>"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !strings.Contains(table.String(), "… and 95000 findings more, none graver than these") {
		t.Errorf("the table does not say what it leaves out")
	}
}

func TestCSV(t *testing.T) {
	var out bytes.Buffer
	row, end, err := hunt.CSV(&out)
	if err != nil {
		t.Fatal(err)
	}
	files := find(t, "testdata/logs/a-pc.ndjson")
	if _, err := hunt.Run(t.Context(), files, hunt.Options{Rules: compile(t, "testdata/rules")}, row); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	golden(t, "found.csv", out.String())
	if strings.Contains(out.String(), ",=") {
		t.Error("a cell is a formula")
	}
}

func TestNothingFoundIsSaidSo(t *testing.T) {
	_, stats, summary := small(t, hunt.Options{MinLevel: hunt.Critical})
	var table, page bytes.Buffer
	if err := errors.Join(
		hunt.Table(&table, summary, stats, hunt.TableOptions{Zone: zone}),
		hunt.HTML(&page, summary, stats, hunt.ReportOptions{Zone: zone, Made: changed}),
	); err != nil {
		t.Fatal(err)
	}
	if want := "0 findings in 6 events of 2 files; 1 events of no known format\n"; table.String() != want {
		t.Errorf("got %q, want %q", table.String(), want)
	}
	if !strings.Contains(page.String(), "Không phát hiện dấu hiệu nào") {
		t.Error("the report does not say that nothing was found")
	}
}

func TestBounds(t *testing.T) {
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, c := range map[string]struct {
		o                 hunt.Options
		findings, outside int64
	}{
		"none":                 {hunt.Options{}, 3, 0},
		"level":                {hunt.Options{MinLevel: hunt.High}, 2, 0},
		"from":                 {hunt.Options{From: at("2026-11-20T01:05:00Z")}, 2, 3},
		"to is not included":   {hunt.Options{To: at("2026-11-21T09:00:00Z")}, 2, 2},
		"from is included":     {hunt.Options{From: at("2026-11-21T09:00:00Z"), To: at("2026-11-21T09:00:01Z")}, 1, 5},
		"nothing in this time": {hunt.Options{To: at("2000-01-01T00:00:00Z")}, 0, 6},
	} {
		t.Run(name, func(t *testing.T) {
			_, stats, summary := small(t, c.o)
			if stats.Findings != c.findings || stats.Outside != c.outside || summary.Total() != c.findings {
				t.Errorf("%d findings, %d outside; want %d, %d", stats.Findings, stats.Outside, c.findings, c.outside)
			}
		})
	}
}

// Where the event has other names than the rule, the event's own are given: a 4688
// has NewProcessName for Image.
func TestFieldsUnderTheNamesOfTheEvent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "security.ndjson")
	record := `{"Channel":"Security","EventID":4688,"Computer":"PC","NewProcessName":"C:\\x\\certutil.exe"}`
	if err := os.WriteFile(path, []byte(record), 0o600); err != nil {
		t.Fatal(err)
	}
	rule := "title: Certutil\nid: 6a3b1b5e-31f1-4a5c-8b5e-5d3f0a3d1c03\nlogsource: {product: windows, category: process_creation}\n" +
		"detection:\n    selection:\n        Image|endswith: '\\certutil.exe'\n    condition: selection\n"
	set := detect.Compile([]detect.File{{Name: "r.yml", Data: []byte(rule)}}, detect.Options{Mapping: sigma.DefaultMapping()})
	found, _, _, _ := run(t, find(t, path), hunt.Options{Rules: set})
	if want := `"fields":{"NewProcessName":"C:\\x\\certutil.exe"}}`; !strings.Contains(found, want) {
		t.Errorf("no %s in %s", want, found)
	}
}

// One file in every wrapping gives the same findings on the same lines.
func TestPackedFilesGiveTheSame(t *testing.T) {
	plain, err := os.ReadFile("testdata/logs/a-pc.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var gz, zst, archive bytes.Buffer
	g := gzip.NewWriter(&gz)
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	a := zip.NewWriter(&archive)
	e, err := a.Create("in/pc.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.Writer{g, z, e} {
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(g.Close(), z.Close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	want, _, _, _ := run(t, find(t, "testdata/logs/a-pc.ndjson"), hunt.Options{Rules: compile(t, "testdata/rules")})
	for name, data := range map[string][]byte{"pc.ndjson.gz": gz.Bytes(), "pc.zst": zst.Bytes(), "pc.zip": archive.Bytes()} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files := find(t, path)
		got, _, _, _ := run(t, files, hunt.Options{Rules: compile(t, "testdata/rules")})
		if d := cmp.Diff(strings.ReplaceAll(want, "testdata/logs/a-pc.ndjson", filepath.ToSlash(files[0].Name())), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// A large file is cut into many blocks; its lines keep their numbers and order.
func TestLargeFileKeepsItsOrder(t *testing.T) {
	var b strings.Builder
	var want []int64
	filler := strings.Repeat("x", 300)
	for i := range int64(30_000) {
		switch {
		case i%1000 == 7:
			want = append(want, i)
			fmt.Fprintf(&b, "Nov 20 08:00:59 web01 sshd[312]: Accepted password for root from 203.0.113.7 port %d ssh2\n", i)
		case i%10 == 3:
			b.WriteString("\n")
		default:
			fmt.Fprintf(&b, "Nov 20 08:00:59 web01 sshd[312]: %s\n", filler)
		}
	}
	path := filepath.Join(t.TempDir(), "auth.log")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	files := find(t, path, path, path)
	for _, workers := range []int{1, 3, 8} {
		var got []int64
		stats, err := hunt.Run(t.Context(), files, hunt.Options{Rules: compile(t, "testdata/rules"), Workers: workers},
			func(f *hunt.Finding) error { got = append(got, f.Line); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(slices.Concat(want, want, want), got); d != "" {
			t.Errorf("%d workers (-want +got):\n%s", workers, d)
		}
		if stats.Bytes != int64(3*b.Len()) || stats.Files != 3 {
			t.Errorf("%d bytes of %d files", stats.Bytes, stats.Files)
		}
	}
}

func TestBrokenFilesAreNamedAndTheRestIsRead(t *testing.T) {
	dir := t.TempDir()
	good, err := os.ReadFile("testdata/logs/a-pc.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"a-fake.evtx": "text", "b-binary.png": "\x89PNG\x00\x00", "c-cut.gz": "\x1f\x8b\x08", "d-broken.zip": "PK\x03\x04 no",
		"e-long.log": strings.Repeat("y", 3<<20) + "\nx", "f-good.ndjson": string(good),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, notes, stats, _ := run(t, find(t, dir), hunt.Options{Rules: compile(t, "testdata/rules")})
	if len(stats.Broken) != 3 || stats.Passed != 1 || stats.Files != 2 || stats.Damaged != 1 || stats.Findings != 2 {
		t.Errorf("%+v", stats)
	}
	all := strings.Join(notes, "\n")
	for _, want := range []string{"a-fake.evtx: ", "b-binary.png: not a log file; passed over", "c-cut.gz: broken gzip", "d-broken.zip: broken zip", "e-long.log:0: record longer than"} {
		if !strings.Contains(all, want) {
			t.Errorf("no note %q in:\n%s", want, all)
		}
	}
	if _, _, stats, _ := run(t, find(t, filepath.Join(dir, "b-binary.png")), hunt.Options{Rules: compile(t, "testdata/rules")}); len(stats.Broken) != 1 {
		t.Error("a binary file that was named itself is not told")
	}
}

func TestHuntEndsEarly(t *testing.T) {
	files := find(t, "testdata/logs", "testdata/logs", "testdata/logs")
	stop := errors.New("disk full")
	_, err := hunt.Run(t.Context(), files, hunt.Options{Rules: compile(t, "testdata/rules")}, func(*hunt.Finding) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = hunt.Run(ctx, files, hunt.Options{Rules: compile(t, "testdata/rules")}, func(*hunt.Finding) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSummaryKeepsTheGravest(t *testing.T) {
	s := hunt.NewSummary(3)
	for i := range 100 {
		level := hunt.Low
		if i%33 == 5 {
			level = hunt.Critical
		}
		rule := &detect.Rule{Rule: &sigma.Rule{Title: "r"}}
		s.Add(&hunt.Finding{Line: int64(i), Level: level, Rule: rule, Time: changed.Add(-time.Duration(i) * time.Second), Host: "h"})
	}
	kept, left := s.Timeline()
	var lines []int64
	for _, f := range kept {
		lines = append(lines, f.Line)
	}
	if d := cmp.Diff([]int64{71, 38, 5}, lines); d != "" || left != 97 {
		t.Errorf("left %d, lines (-want +got):\n%s", left, d)
	}
}

func TestAttackRecordingGivesExactlyTheGoldenPairs(t *testing.T) {
	text, err := os.ReadFile(testdata.Path(t, "golden", "windows-attack.pairs.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(text)), "\n")
	var got []string
	_, err = hunt.Run(t.Context(), find(t, testdata.Path(t, "ndjson", "windows-attack.ndjson.gz")),
		hunt.Options{Rules: compile(t, testdata.Path(t, "sigma", "rules"))},
		func(f *hunt.Finding) error { got = append(got, fmt.Sprintf("%d\t%s", f.Line, f.Rule.ID)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestRegressionCasesFire(t *testing.T) {
	want := map[string]string{} // by file: the rule
	root := testdata.Path(t, "regression")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "info.yml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var info struct {
			Rules []struct {
				ID string `yaml:"id"`
			} `yaml:"rule_metadata"`
			Tests []struct {
				Path string `yaml:"path"`
			} `yaml:"regression_tests_info"`
		}
		if err := yaml.Unmarshal(text, &info); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, c := range info.Tests {
			want[filepath.Join(filepath.Dir(path), filepath.Base(c.Path))] = info.Rules[0].ID
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	fired := map[string]bool{}
	set := compile(t, testdata.Path(t, "sigma", "rules"), testdata.Path(t, "sigma", "rules-emerging-threats"))
	stats, err := hunt.Run(t.Context(), find(t, root), hunt.Options{Rules: set},
		func(f *hunt.Finding) error { fired[f.File+" "+f.Rule.ID] = true; return nil })
	if err != nil || len(stats.Broken) != 0 {
		t.Fatal(err, stats.Broken)
	}
	for file, id := range want {
		if !fired[file+" "+id] {
			t.Errorf("%s: rule %s did not fire", file, id)
		}
	}
	if len(want) != 128 {
		t.Errorf("%d cases, want 128", len(want))
	}
}

// An event log cut into blocks gives what it gives as a whole.
func TestEventLogsInBlocksGiveTheSameRecords(t *testing.T) {
	root := testdata.Path(t, "evtx")
	set := compile(t, testdata.Path(t, "sigma", "rules"))
	for _, f := range find(t, root) {
		if filepath.Ext(f.Path) != ".evtx" || f.Size <= 1<<20 {
			continue
		}
		src, err := logfile.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		want := int64(0)
		for ; err == nil; want++ {
			_, err = src.Next()
		}
		src.Close()
		stats, err := hunt.Run(t.Context(), []logfile.File{f}, hunt.Options{Rules: set}, func(*hunt.Finding) error { return nil })
		if err != nil || stats.Events != want-1 || stats.Damaged != int64(src.Problems) {
			t.Errorf("%s: %d events, %d damaged, %v; want %d, %d", f.Path, stats.Events, stats.Damaged, err, want-1, src.Problems)
		}
	}
}

// A compressed event log is unpacked beside, and nothing of it is left behind.
func TestCompressedEventLog(t *testing.T) {
	var plain logfile.File
	for _, f := range find(t, testdata.Path(t, "evtx")) {
		if filepath.Ext(f.Path) == ".evtx" && f.Size > plain.Size {
			plain = f
		}
	}
	data, err := os.ReadFile(plain.Path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	dir, tmp := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	path := filepath.Join(dir, "log.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	set := compile(t, testdata.Path(t, "sigma", "rules"))
	want, _, wantStats, _ := run(t, []logfile.File{plain}, hunt.Options{Rules: set})
	got, _, stats, _ := run(t, find(t, path), hunt.Options{Rules: set})
	if strings.ReplaceAll(got, path, plain.Path) != want || stats.Events != wantStats.Events || stats.Events == 0 {
		t.Errorf("%d events, %d of the plain log; findings:\n%s\n%s", stats.Events, wantStats.Events, got, want)
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The same hunt gives the same bytes, whoever of the workers was faster.
func TestSameBytesEachTime(t *testing.T) {
	files := find(t, testdata.Path(t, "evtx"))
	set := compile(t, testdata.Path(t, "sigma", "rules"))
	want, _, _, _ := run(t, files, hunt.Options{Rules: set, Workers: 1})
	for i := range 5 {
		if got, _, _, _ := run(t, files, hunt.Options{Rules: set, Workers: 2 + i}); got != want {
			t.Fatalf("%d workers give something else than one", 2+i)
		}
	}
}

func BenchmarkHunt(b *testing.B) {
	files := find(b, testdata.Path(b, "evtx"))
	set := compile(b, testdata.Path(b, "sigma", "rules"))
	b.SetBytes(logfile.TotalSize(files))
	b.ReportAllocs()
	events := int64(0)
	for b.Loop() {
		stats, err := hunt.Run(b.Context(), files, hunt.Options{Rules: set}, func(*hunt.Finding) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		events += stats.Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
