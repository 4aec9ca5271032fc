package parse

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/testdata"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// arrival is when every test record is received.
var arrival = time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)

// parseLine parses one line as the syslog input would hand it over.
func parseLine(t testing.TB, p *Parser, line string) *event.Event {
	t.Helper()
	b := &event.Batch{Unit: "so-y-te", Input: "syslog", Peer: "198.51.100.9", Received: arrival, Records: []event.Record{{Data: []byte(line)}}}
	var ev event.Event
	p.Parse(b, 0, &ev)
	if ev.Raw != line {
		t.Fatalf("Raw was changed:\n got %q\nwant %q", ev.Raw, line)
	}
	return &ev
}

// goldenEvent is the part of an event that golden files hold.
type goldenEvent struct {
	Line   string   `json:"line"`
	Format string   `json:"format"`
	Host   string   `json:"host"`
	Source string   `json:"source"`
	Time   string   `json:"time"`
	Skewed bool     `json:"skewed,omitempty"`
	Fields []string `json:"fields"`
}

func golden(line string, ev *event.Event) goldenEvent {
	g := goldenEvent{
		Line: line, Format: ev.Format, Host: ev.Host, Skewed: ev.Skewed,
		Source: ev.Source.Product + "/" + ev.Source.Category + "/" + ev.Source.Service,
		Time:   ev.Time.UTC().Format(time.RFC3339Nano),
	}
	for _, f := range ev.Fields {
		g.Fields = append(g.Fields, f.Name+" = "+f.Value)
	}
	return g
}

// TestFormats parses every corpus of testdata, one folder per format, and
// compares with the golden file beside it. Every line of a folder must be
// understood by the format the folder is named after, or have come in it.
func TestFormats(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			logs, err := filepath.Glob(filepath.Join("testdata", f.Name, "*.log"))
			if err != nil || len(logs) == 0 {
				t.Fatalf("format %s has no corpus in testdata/%s", f.Name, f.Name)
			}
			for _, log := range logs {
				got := parseFile(t, log)
				for i, g := range got {
					if g.Format != f.Name && !slices.Contains(g.Fields, "_wrapper = "+f.Name) {
						t.Errorf("%s line %d was read as %q:\n%s", log, i+1, g.Format, g.Line)
					}
				}
				compareGolden(t, strings.TrimSuffix(log, ".log")+".json", got)
			}
		})
	}
}

// TestUnparsed holds what no format understands: the event is there, whole,
// without a format, dated by its arrival.
func TestUnparsed(t *testing.T) {
	got := parseFile(t, "testdata/unparsed/unparsed.log")
	for i, g := range got {
		if g.Format != "" {
			t.Errorf("line %d was read as %q: %s", i+1, g.Format, g.Line)
		}
	}
	compareGolden(t, "testdata/unparsed/unparsed.json", got)
}

func parseFile(t *testing.T, path string) []goldenEvent {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := New(Options{})
	var out []goldenEvent
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line := lines.Text(); line != "" {
			out = append(out, golden(line, parseLine(t, p, line)))
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func compareGolden(t *testing.T, path string, got []goldenEvent) {
	t.Helper()
	if *update {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with go test -run %s -update)", err, t.Name())
	}
	var want []goldenEvent
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// TestLoghub parses real logs whole. Of each, at least 99 % of the lines must
// be understood.
func TestLoghub(t *testing.T) {
	for _, name := range []string{"Linux_2k.log", "OpenSSH_2k.log", "Apache_2k.log"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(testdata.Path(t, "loghub", name))
			if err != nil {
				t.Fatal(err)
			}
			p := New(Options{})
			formats := map[string]int{}
			total := 0
			for line := range strings.Lines(string(data)) {
				if line = strings.TrimRight(line, "\r\n"); line == "" {
					continue
				}
				total++
				ev := parseLine(t, p, line)
				formats[ev.Format]++
				if ev.Format == "" {
					t.Logf("not understood: %s", line)
				}
			}
			parsed := total - formats[""]
			t.Logf("%d of %d lines parsed: %v", parsed, total, formats)
			if parsed*100 < total*99 {
				t.Errorf("only %d of %d lines parsed", parsed, total)
			}
		})
	}
}
