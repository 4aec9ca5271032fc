package sigma

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lachan-vn/lachan/internal/testdata"
)

type parsedFolder struct {
	rules    []*Rule
	problems []Problem
}

// parsedFolders keeps what loadRules has read: rules never change.
var parsedFolders sync.Map

// loadRules parses all rule files under the folders of the test data.
func loadRules(t testing.TB, folders ...string) ([]*Rule, []Problem) {
	t.Helper()
	var all parsedFolder
	for _, folder := range folders {
		f, ok := parsedFolders.Load(folder)
		if !ok {
			f = parseFolder(t, folder)
			parsedFolders.Store(folder, f)
		}
		all.rules = append(all.rules, f.(parsedFolder).rules...)
		all.problems = append(all.problems, f.(parsedFolder).problems...)
	}
	return all.rules, all.problems
}

func parseFolder(t testing.TB, folder string) parsedFolder {
	t.Helper()
	dir := testdata.Path(t)
	var out parsedFolder
	err := filepath.WalkDir(filepath.Join(dir, "sigma", folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		r, p := Parse(src, rel)
		out.rules, out.problems = append(out.rules, r...), append(out.problems, p...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func errorsOnly(problems []Problem) []Problem {
	var out []Problem
	for _, p := range problems {
		if p.Severity == Error {
			out = append(out, p)
		}
	}
	return out
}

// mainRuleset compiles the main rule folder with the default mapping.
func mainRuleset(t testing.TB, o Options) *Ruleset {
	t.Helper()
	rules, problems := loadRules(t, "rules")
	rs, more := Compile(rules, DefaultMapping(), o)
	for _, p := range errorsOnly(append(problems, more...)) {
		t.Error(p.Error())
	}
	return rs
}

// loadEvents reads NDJSON, gzipped.
func loadEvents(t testing.TB, name string) []*Event {
	t.Helper()
	f, err := os.Open(filepath.Join(testdata.Path(t), "ndjson", name))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []*Event
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		ev, err := eventFromJSON(lines.Bytes())
		if err != nil {
			t.Fatalf("%s: line %d: %v", name, len(out), err)
		}
		out = append(out, ev)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// eventFromJSON flattens a JSON object the way Event wants it. Product,
// category and service at the top level become the event's source.
func eventFromJSON(src []byte) (*Event, error) {
	ev := &Event{}
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	if err := flattenJSON(dec, "", ev); err != nil {
		return nil, err
	}
	for _, f := range ev.Fields {
		switch f.Name {
		case "product":
			ev.Source.Product = f.Value
		case "category":
			ev.Source.Category = f.Value
		case "service":
			ev.Source.Service = f.Value
		}
	}
	return ev, nil
}

func flattenJSON(dec *json.Decoder, name string, ev *Event) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	add := func(value string, k Kind) { ev.Fields = append(ev.Fields, Field{name, value, k}) }
	switch v := tok.(type) {
	case json.Delim:
		for dec.More() {
			child := name
			if v == '{' {
				key, err := dec.Token()
				if err != nil {
					return err
				}
				child = strings.TrimPrefix(name+"."+key.(string), ".")
			}
			if err := flattenJSON(dec, child, ev); err != nil {
				return err
			}
		}
		_, err = dec.Token()
	case string:
		add(v, String)
	case json.Number:
		add(v.String(), Number)
	case bool:
		add(fmt.Sprint(v), Bool)
	case nil:
		add("", Null)
	}
	return err
}

func TestAllRulesLoad(t *testing.T) {
	for _, tc := range []struct {
		folder string
		want   int
	}{{"rules", 3141}, {"rules-emerging-threats", 471}, {"rules-threat-hunting", 140}, {"rules-placeholder", 0}} {
		t.Run(tc.folder, func(t *testing.T) {
			rules, problems := loadRules(t, tc.folder)
			for _, p := range errorsOnly(problems) {
				t.Error(p.Error())
			}
			rs, problems := Compile(rules, DefaultMapping(), Options{})
			for _, p := range errorsOnly(problems) {
				if !strings.Contains(p.Reason, "placeholder") || p.Line < 2 || p.Column < 2 || p.Remedy == "" || p.RuleID == "" {
					t.Error(p.Error())
				}
			}
			if n := len(rs.Rules()); n != tc.want {
				t.Errorf("%d rules load, want %d", n, tc.want)
			}
		})
	}
}

func TestPlaceholderRulesLoadWithValues(t *testing.T) {
	rules, _ := loadRules(t, "rules-placeholder")
	values := map[string][]string{}
	for range 10 {
		rs, problems := Compile(rules, DefaultMapping(), Options{Placeholders: values})
		problems = errorsOnly(problems)
		if len(problems) == 0 {
			if len(rs.Rules()) != 23 {
				t.Errorf("%d rules load, want 23", len(rs.Rules()))
			}
			return
		}
		for _, p := range problems {
			name := strings.Split(p.Reason, "%")[1]
			values[name] = []string{"srv*", "10.0.0.1"}
		}
	}
	t.Error("placeholders are still undefined after all were defined")
}

func readPairs(t *testing.T) map[string]bool {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(testdata.Path(t), "golden", "windows-attack.pairs.tsv"))
	if err != nil {
		t.Skip(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(src)) {
		out[strings.TrimSpace(line)] = true
	}
	return out
}

func TestGoldenPairs(t *testing.T) {
	rs := mainRuleset(t, Options{})
	events := loadEvents(t, "windows-attack.ndjson.gz")
	for _, full := range []bool{false, true} {
		t.Run(fmt.Sprintf("full scan %t", full), func(t *testing.T) {
			want := readPairs(t)
			m := rs.NewMatcher()
			m.fullScan = full
			n := 0
			for i, ev := range events {
				m.Match(ev, func(r *Rule) {
					n++
					key := fmt.Sprintf("%d\t%s", i, r.ID)
					if !want[key] {
						t.Errorf("extra: %s %s", key, r.Title)
					}
					delete(want, key)
				})
			}
			for key := range want {
				t.Errorf("missing: %s", key)
			}
			if n != 1200 {
				t.Errorf("%d pairs, want 1200", n)
			}
		})
	}
}
