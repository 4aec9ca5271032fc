// Package recordings holds the recorded attack day and checks that it is what
// README.md says: complete, free of what names the machine it was recorded on,
// understood by the parsers, and set off by exactly the starter rules listed in
// expected-rules.txt.
package recordings

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/rules"
	"github.com/lachan-vn/lachan/sigma"
)

var update = flag.Bool("update", false, "rewrite expected-rules.txt")

type manifest struct {
	Recorded string `json:"recorded"`
	Zone     string `json:"zone"`
	Attack   []struct {
		Name string    `json:"name"`
		From time.Time `json:"from"`
		To   time.Time `json:"to"`
	} `json:"attack"`
	Files []struct {
		File  string    `json:"file"`
		Input string    `json:"input"`
		Label string    `json:"label"`
		Lines int       `json:"lines"`
		First time.Time `json:"first"`
		Last  time.Time `json:"last"`
	} `json:"files"`
}

var hintOf = map[string]event.Hint{
	"syslog-tcp": event.HintSyslog, "syslog-udp": event.HintSyslog, "http-json": event.HintJSON,
}

func readManifest(t testing.TB) manifest {
	t.Helper()
	src, err := os.ReadFile("day/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(src, &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Attack) == 0 || len(m.Files) == 0 {
		t.Fatal("manifest.json names no files or no scenes of the attack")
	}
	return m
}

// eachLine calls f with every record of the day, parsed.
func eachLine(t testing.TB, m manifest, f func(file string, line int, ev *event.Event)) {
	t.Helper()
	p := parse.New(parse.Options{})
	var ev event.Event
	for _, entry := range m.Files {
		hint, ok := hintOf[entry.Input]
		if !ok {
			t.Fatalf("%s: input %q is not one of ours", entry.File, entry.Input)
		}
		file, err := os.Open(filepath.Join("day", entry.File))
		if err != nil {
			t.Fatal(err)
		}
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(unzipped)
		scanner.Buffer(nil, event.MaxRecordBytes)
		n := 0
		for scanner.Scan() {
			n++
			b := event.Batch{Unit: "so-thu-nghiem", Input: "test", Peer: "10.20.0.11", Received: entry.Last,
				Records: []event.Record{{Data: []byte(scanner.Text()), Hint: hint}}}
			p.Parse(&b, 0, &ev)
			f(entry.File, n, &ev)
		}
		if err := scanner.Err(); err != nil {
			t.Fatal(err)
		}
		file.Close()
		if n != entry.Lines {
			t.Errorf("%s has %d lines, the manifest says %d", entry.File, n, entry.Lines)
		}
	}
}

func compilePack(t testing.TB) (*sigma.Ruleset, map[*sigma.Rule]string) {
	t.Helper()
	var all []*sigma.Rule
	names := map[*sigma.Rule]string{}
	err := fs.WalkDir(rules.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".test.yml") {
			return err
		}
		src, err := rules.FS.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, problems := sigma.Parse(src, path)
		for _, p := range problems {
			t.Error(p)
		}
		for _, r := range parsed {
			names[r] = strings.TrimSuffix(path, ".yml")
		}
		all = append(all, parsed...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	set, problems := sigma.Compile(all, sigma.DefaultMapping(), sigma.Options{})
	for _, p := range problems {
		t.Error(p)
	}
	return set, names
}

func TestEveryLineIsUnderstood(t *testing.T) {
	m := readManifest(t)
	formats := map[string]int{}
	eachLine(t, m, func(file string, line int, ev *event.Event) {
		formats[ev.Format]++
		if ev.Format == "" {
			t.Errorf("%s:%d no parser understands %q", file, line, ev.Raw)
		}
		if ev.Skewed {
			t.Errorf("%s:%d time %v is off by much", file, line, ev.Time)
		}
		if ev.Host != "web01" && ev.Host != "db01" {
			t.Errorf("%s:%d host %q is not of the recording", file, line, ev.Host)
		}
	})
	for _, want := range []string{"sshd", "sudo", "su", "cron", "auditd", "access", "nginx-error", "json"} {
		if formats[want] == 0 {
			t.Errorf("no line of format %q: the recording misses a daemon", want)
		}
	}
}

// TestExpectedRulesFire compares the rules that the day sets off, and how often
// before the attack began, with expected-rules.txt.
func TestExpectedRulesFire(t *testing.T) {
	m := readManifest(t)
	set, names := compilePack(t)
	before, all := map[string]int{}, map[string]int{}
	fired := func(r *sigma.Rule, at time.Time) {
		all[names[r]]++
		if at.Before(m.Attack[0].From) {
			before[names[r]]++
		}
	}
	var se sigma.Event
	var hits []sigma.Hit
	eachLine(t, m, func(_ string, _ int, ev *event.Event) {
		se.Source = sigma.LogSource(ev.Source)
		se.Fields = se.Fields[:0]
		for _, f := range ev.Fields {
			se.Fields = append(se.Fields, sigma.Field{Name: f.Name, Value: f.Value, Kind: sigma.Kind(f.Kind)})
		}
		set.Match(&se, func(r *sigma.Rule) {
			fired(r, ev.Time)
			if set.Correlated(r) {
				hits = append(hits, sigma.Hit{Rule: r, Time: ev.Time, Event: &sigma.Event{Fields: set.HitFields(r, se.Fields)}})
			}
		})
	})
	slices.SortStableFunc(hits, func(a, b sigma.Hit) int { return a.Time.Compare(b.Time) })
	correlator := set.NewCorrelator(sigma.CorrelatorOptions{})
	for _, h := range hits {
		correlator.Observe(h, func(r *sigma.Rule, found sigma.CorrelationMatch) { fired(r, found.Time) })
	}
	var out strings.Builder
	out.WriteString("# rule, events (of a correlation: series) in the whole day, of them before the attack; written by go test ./test/recordings -update\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&out, "%s %d %d\n", name, all[name], before[name])
	}
	if *update {
		if err := os.WriteFile("expected-rules.txt", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("expected-rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != out.String() {
		t.Errorf("the day sets off other rules than expected-rules.txt says (see -update); now:\n%s", out.String())
	}
}
