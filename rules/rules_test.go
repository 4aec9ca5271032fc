package rules

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/sigma"
)

// testCase is one entry of a .test.yml file: a raw line as an input would hand
// it over, or the fields of a JSON event.
type testCase struct {
	Name  string         `yaml:"name"`
	Match bool           `yaml:"match"`
	Input string         `yaml:"input"` // how line is wrapped: syslog, json or text
	Line  string         `yaml:"line"`
	Event map[string]any `yaml:"event"`
	Steps []testStep     `yaml:"steps"` // of a correlation rule, instead of the three above
}

// testStep is a line that comes again and again. In it, {n} is the number of the
// time, from 1.
type testStep struct {
	Repeat int           `yaml:"repeat"`
	Every  time.Duration `yaml:"every"`
	Input  string        `yaml:"input"`
	Line   string        `yaml:"line"`
}

var (
	uuidV4    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	attackTag = regexp.MustCompile(`^attack\.(t\d{4}(\.\d{3})?|[a-z]+(-[a-z]+)*)$`)
	received  = time.Date(2026, 11, 22, 10, 56, 0, 0, time.FixedZone("+07", 7*3600))
	hints     = map[string]event.Hint{"syslog": event.HintSyslog, "json": event.HintJSON, "text": event.HintText}
)

// loadPack returns every rule by the path of its file, and the compiled pack.
func loadPack(t testing.TB) (map[string]*sigma.Rule, *sigma.Ruleset) {
	t.Helper()
	byFile := map[string]*sigma.Rule{}
	var all []*sigma.Rule
	err := fs.WalkDir(FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".test.yml") {
			return err
		}
		src, err := FS.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, problems := sigma.Parse(src, path)
		for _, p := range problems {
			t.Errorf("%v", p)
		}
		if len(parsed) != 1 {
			t.Fatalf("%s holds %d rules, want one", path, len(parsed))
		}
		byFile[path] = parsed[0]
		all = append(all, parsed[0])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	set, problems := sigma.Compile(all, sigma.DefaultMapping(), sigma.Options{})
	for _, p := range problems {
		t.Errorf("%v", p)
	}
	if got := len(set.Rules()) + len(set.Correlations()); got != len(all) {
		t.Fatalf("%d of %d rules compiled", got, len(all))
	}
	return byFile, set
}

// source turns a record into what rules are matched against, as the process
// loop does.
type source struct {
	parser *parse.Parser
	event  event.Event
	sigma  sigma.Event
}

func (s *source) read(data []byte, hint event.Hint) *sigma.Event {
	b := event.Batch{Unit: "so-thu-nghiem", Input: "test", Peer: "10.20.0.11", Received: received,
		Records: []event.Record{{Data: data, Hint: hint}}}
	s.parser.Parse(&b, 0, &s.event)
	s.sigma.Source = sigma.LogSource(s.event.Source)
	s.sigma.Fields = s.sigma.Fields[:0]
	for _, f := range s.event.Fields {
		s.sigma.Fields = append(s.sigma.Fields, sigma.Field{Name: f.Name, Value: f.Value, Kind: sigma.Kind(f.Kind)})
	}
	return &s.sigma
}

func TestEveryRuleMeetsItsCases(t *testing.T) {
	byFile, set := loadPack(t)
	for path, rule := range byFile {
		if rule.IsCorrelation() {
			continue
		}
		t.Run(strings.TrimSuffix(path, ".yml"), func(t *testing.T) {
			s := source{parser: parse.New(parse.Options{})}
			seen := map[bool]int{}
			for _, c := range casesOf(t, path) {
				var err error
				seen[c.Match]++
				data, hint := []byte(c.Line), hints[c.Input]
				if c.Event != nil {
					if data, err = json.Marshal(c.Event); err != nil {
						t.Fatal(err)
					}
					hint = event.HintJSON
				} else if hint == event.HintNone {
					t.Errorf("%s: input %q, want syslog, json or text", c.Name, c.Input)
				}
				ev := s.read(data, hint)
				matched := false
				set.Match(ev, func(r *sigma.Rule) { matched = matched || r == rule })
				if matched != c.Match {
					t.Errorf("%s: match = %v, want %v\nsource %+v\nfields %+v", c.Name, matched, c.Match, ev.Source, ev.Fields)
				}
			}
			if seen[true] == 0 || seen[false] == 0 {
				t.Errorf("%d matching and %d other cases, want at least one of each", seen[true], seen[false])
			}
		})
	}
}

func casesOf(t *testing.T, path string) []testCase {
	t.Helper()
	src, err := FS.ReadFile(strings.TrimSuffix(path, ".yml") + ".test.yml")
	if err != nil {
		t.Fatalf("a rule without test cases: %v", err)
	}
	var cases []testCase
	if err := yaml.Unmarshal(src, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestEveryCorrelationRuleMeetsItsCases(t *testing.T) {
	byFile, all := loadPack(t)
	for path, rule := range byFile {
		if !rule.IsCorrelation() {
			continue
		}
		t.Run(strings.TrimSuffix(path, ".yml"), func(t *testing.T) {
			set := without(t, byFile, all, rule)
			seen := map[bool]int{}
			for _, c := range casesOf(t, path) {
				seen[c.Match]++
				if got := tell(t, set, c.Steps)[rule.ID]; (got > 0) != c.Match {
					t.Errorf("%s: found %d times, want a match: %v", c.Name, got, c.Match)
				}
			}
			if seen[true] == 0 || seen[false] == 0 {
				t.Errorf("%d matching and %d other cases, want at least one of each", seen[true], seen[false])
			}
		})
	}
}

// without returns the pack without the correlations that are made of a rule, which
// keep what it finds to themselves.
func without(t *testing.T, byFile map[string]*sigma.Rule, all *sigma.Ruleset, rule *sigma.Rule) *detect.Set {
	t.Helper()
	var files []detect.File
	for path, r := range byFile {
		if slices.ContainsFunc(all.Parts(r), func(p sigma.CorrelationPart) bool { return p.Rule == rule }) {
			continue
		}
		src, err := FS.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, detect.File{Name: path, Data: src})
	}
	return detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping()})
}

// tell shows the steps to the rules and counts by rule what correlations found.
func tell(t *testing.T, set *detect.Set, steps []testStep) map[string]int {
	t.Helper()
	parser, worker, correlator := parse.New(parse.Options{}), set.NewWorker(), set.NewCorrelator(detect.CorrelatorOptions{InOrder: true})
	found := map[string]int{}
	at := received
	var ev event.Event
	for _, s := range steps {
		hint, ok := hints[s.Input]
		if !ok || s.Repeat < 1 || s.Every <= 0 {
			t.Fatalf("step %+v: needs input, repeat and every", s)
		}
		for n := range s.Repeat {
			at = at.Add(s.Every)
			line := strings.ReplaceAll(s.Line, "{n}", strconv.Itoa(n+1))
			b := event.Batch{Unit: "so-thu-nghiem", Input: "test", Peer: "10.20.0.11", Received: at, Records: []event.Record{{Data: []byte(line), Hint: hint}}}
			parser.Parse(&b, 0, &ev)
			ev.Time = at
			for _, r := range worker.Match(&ev) {
				if r.Correlated {
					h := worker.Hit(r, &ev)
					for _, f := range correlator.Observe(&h) {
						found[f.RuleID]++
					}
				}
			}
		}
	}
	for _, f := range correlator.End() {
		found[f.RuleID]++
	}
	return found
}

func TestPackIsWellFormed(t *testing.T) {
	byFile, _ := loadPack(t)
	if len(byFile) < 60 {
		t.Errorf("%d rules, want at least 60", len(byFile))
	}
	ids, titles := map[string]string{}, map[string]string{}
	for path, r := range byFile {
		if other := ids[r.ID]; other != "" {
			t.Errorf("%s has the id of %s", path, other)
		}
		if other := titles[r.Title]; other != "" {
			t.Errorf("%s has the title of %s", path, other)
		}
		ids[r.ID], titles[r.Title] = path, path
		if !uuidV4.MatchString(r.ID) {
			t.Errorf("%s: id %q is not a random UUID", path, r.ID)
		}
		if r.Title == "" || r.Description == "" || r.Author != "Lá Chắn" || r.Date == "" || len(r.FalsePositives) == 0 {
			t.Errorf("%s lacks a title, description, author, date or false positives", path)
		}
		if !slices.Contains([]string{"low", "medium", "high", "critical"}, r.Level) {
			t.Errorf("%s: level %q", path, r.Level)
		}
		checkTags(t, path, r.Tags)
		checkVietnamese(t, path, r)
	}
}

// checkTags wants one tactic and one technique of ATT&CK at least.
func checkTags(t *testing.T, path string, tags []string) {
	t.Helper()
	technique := regexp.MustCompile(`^attack\.t\d`)
	tactics, techniques := 0, 0
	for _, tag := range tags {
		switch {
		case !attackTag.MatchString(tag):
			t.Errorf("%s: tag %q is not of the form attack.tactic or attack.t0000.000", path, tag)
		case technique.MatchString(tag):
			techniques++
		default:
			tactics++
		}
	}
	if tactics == 0 || techniques == 0 {
		t.Errorf("%s: %d tactics and %d techniques, want at least one of each", path, tactics, techniques)
	}
}

// checkVietnamese looks at what the officer on duty reads.
func checkVietnamese(t *testing.T, path string, r *sigma.Rule) {
	t.Helper()
	var own struct {
		Title       string   `yaml:"title"`
		Explanation string   `yaml:"explanation"`
		Checks      []string `yaml:"checks"`
		Entity      string   `yaml:"entity"`
	}
	src, err := FS.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var whole struct {
		Lachan yaml.Node `yaml:"lachan"`
	}
	if err := yaml.Unmarshal(src, &whole); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Custom["lachan"]; !ok {
		t.Errorf("%s has no key lachan", path)
		return
	}
	if err := whole.Lachan.Decode(&own); err != nil {
		t.Errorf("%s: lachan: %v", path, err)
	}
	if len(own.Checks) != 3 {
		t.Errorf("%s: %d checks, want exactly three", path, len(own.Checks))
	}
	for _, text := range append([]string{own.Title, own.Explanation}, own.Checks...) {
		if !hasDiacritics(text) {
			t.Errorf("%s: %q is not Vietnamese with its diacritics", path, text)
		}
	}
	if own.Entity != "" && !slices.ContainsFunc([]string{"src_ip", "c-ip", "user", "srcip", "remip", "devname", "SRC", "IpAddress", "TargetUserName"},
		func(known string) bool { return known == own.Entity }) {
		t.Errorf("%s: entity %q is not a field our parsers give", path, own.Entity)
	}
}

func hasDiacritics(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) })
}
