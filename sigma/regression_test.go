package sigma

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/testdata"
)

// regressionCase is an info.yml of the regression data.
type regressionCase struct {
	RuleMetadata []struct {
		ID string `yaml:"id"`
	} `yaml:"rule_metadata"`
	Tests []struct {
		Name       string `yaml:"name"`
		Type       string `yaml:"type"`
		MatchCount int    `yaml:"match_count"`
		Path       string `yaml:"path"`
	} `yaml:"regression_tests_info"`
}

// Each regression case's rule matches the recorded events it was written for,
// and the index finds exactly the rules that the full scan finds.
func TestRegressionCases(t *testing.T) {
	dir := testdata.Path(t, "regression")
	rules, _ := loadRules(t, "rules", "rules-emerging-threats", "rules-threat-hunting")
	rs, _ := Compile(rules, DefaultMapping(), Options{})
	fast, slow := rs.NewMatcher(), rs.NewMatcher()
	slow.fullScan = true
	cases := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "info.yml" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var c regressionCase
		if err := yaml.Unmarshal(src, &c); err != nil {
			return err
		}
		for _, tc := range c.Tests {
			cases++
			file := filepath.Join(filepath.Dir(path), strings.TrimSuffix(filepath.Base(tc.Path), ".evtx")+".json")
			found := 0
			for _, ev := range windowsEvents(t, file) {
				a, b := matchIDs(fast, ev), matchIDs(slow, ev)
				if a != b {
					t.Errorf("%s: the index finds %s, the full scan %s", file, a, b)
				}
				found += strings.Count(a, c.RuleMetadata[0].ID)
			}
			if want := max(tc.MatchCount, 1); found < want {
				t.Errorf("%s: rule %s matches %d events, want %d", file, c.RuleMetadata[0].ID, found, want)
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

// matchIDs returns the ids of the rules that match, sorted, comma-separated.
func matchIDs(m *Matcher, ev *Event) string {
	return strings.Join(sortedIDs(m, ev), ",")
}

// windowsEvents reads a file of event objects as the EVTX tools print them.
func windowsEvents(t *testing.T, file string) []*Event {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []*Event
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	for {
		raw := &Event{}
		err := flattenJSON(dec, "", raw)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		ev := &Event{}
		for _, f := range raw.Fields {
			if f.Name = windowsFieldName(f.Name); f.Name != "" {
				ev.Fields = append(ev.Fields, f)
			}
		}
		out = append(out, ev)
	}
}

// windowsFieldName turns a path of the event's XML into the name Sigma uses:
// attributes of System are joined to their element with an underscore, and the
// fields of EventData and UserData stand at the top.
func windowsFieldName(name string) string {
	name = strings.TrimPrefix(name, "Event.")
	if rest, ok := strings.CutPrefix(name, "System."); ok {
		rest = strings.Replace(rest, ".#attributes.", "_", 1)
		return strings.TrimSuffix(rest, ".#text")
	}
	if rest, ok := strings.CutPrefix(name, "EventData."); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(name, "UserData."); ok {
		_, rest, _ = strings.Cut(rest, ".")
		return rest
	}
	return ""
}
