package sigma

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/evtx"
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

// Each regression case's rule matches the recorded events it was written for, in
// both forms they are recorded in; and of every event, in scope or tried against
// all rules, exactly those rules match that the full scan finds: none more, none
// less.
func TestRegressionCases(t *testing.T) {
	dir := testdata.Path(t, "regression")
	rules, _ := loadRules(t, "rules", "rules-emerging-threats", "rules-threat-hunting")
	type engine struct {
		name       string
		fast, slow *Matcher
	}
	var engines []engine
	for _, unscoped := range []bool{false, true} {
		rs, _ := Compile(rules, DefaultMapping(), Options{Unscoped: unscoped})
		e := engine{fmt.Sprintf("unscoped %t", unscoped), rs.NewMatcher(), rs.NewMatcher()}
		e.slow.fullScan = true
		engines = append(engines, e)
	}
	cases, events, pairs := 0, 0, 0
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
			base := filepath.Join(filepath.Dir(path), strings.TrimSuffix(filepath.Base(tc.Path), ".evtx"))
			for file, list := range map[string][]*Event{base + ".json": windowsEvents(t, base+".json"), base + ".evtx": logEvents(t, base+".evtx")} {
				found := 0
				for i, ev := range list {
					events++
					for _, e := range engines {
						got, want := sortedIDs(e.fast, ev), sortedIDs(e.slow, ev)
						if !slices.Equal(got, want) {
							t.Errorf("%s, event %d, %s: the index finds %v, the full scan %v", file, i, e.name, got, want)
						}
						pairs += len(want)
						if e.name == engines[0].name && slices.Contains(got, c.RuleMetadata[0].ID) {
							found++
						}
					}
				}
				if want := max(tc.MatchCount, 1); found < want {
					t.Errorf("%s: rule %s matches %d events, want %d", file, c.RuleMetadata[0].ID, found, want)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if cases != 128 || events < 2*cases || pairs < events {
		t.Errorf("%d cases with %d events and %d matches, want 128 cases with two events each at least", cases, events, pairs)
	}
}

// logEvents reads an event log.
func logEvents(t *testing.T, file string) []*Event {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := evtx.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var out []*Event
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		ev := &Event{}
		for _, f := range rec.Fields {
			kinds := map[evtx.Kind]Kind{evtx.Number: Number, evtx.Bool: Bool, evtx.Null: Null}
			for item := range f.Items() {
				ev.Fields = append(ev.Fields, Field{strings.Clone(f.Name), strings.Clone(item), kinds[f.Kind&^evtx.List]})
			}
		}
		out = append(out, ev)
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
