package sigma

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// testCase is one case of a .case file; testdata/README.md describes the
// language.
type testCase struct {
	name    string
	line    int
	options Options
	rule    []string
	pipes   []string
	checks  []caseCheck
}

type caseCheck struct {
	line int
	verb string
	args string
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.case")
	if err != nil || len(files) == 0 {
		t.Fatal("no case files", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".case"), func(t *testing.T) {
			for _, tc := range parseCases(t, file, string(src)) {
				t.Run(tc.name, func(t *testing.T) { tc.run(t, file) })
			}
		})
	}
}

// Every modifier has a case file named after it.
func TestEveryModifierHasCases(t *testing.T) {
	for _, m := range modifiers {
		if _, err := os.Stat(filepath.Join("testdata", m.name+".case")); err != nil {
			t.Errorf("modifier %s: %v", m.name, err)
		}
	}
}

func parseCases(t *testing.T, file, src string) []*testCase {
	t.Helper()
	var cases []*testCase
	var cur *testCase
	var text *[]string // where indented lines go
	for i, line := range strings.Split(src, "\n") {
		if text != nil && (strings.HasPrefix(line, "    ") || line == "") {
			*text = append(*text, strings.TrimPrefix(line, "    "))
			continue
		}
		text = nil
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		verb, args, _ := strings.Cut(line, " ")
		if verb == "case" {
			cur = &testCase{name: args, line: i + 1, options: Options{Unscoped: true}}
			cases = append(cases, cur)
			continue
		}
		if cur == nil {
			t.Fatalf("%s:%d: %q before the first case", file, i+1, verb)
		}
		switch verb {
		case "option":
			cur.option(t, fmt.Sprintf("%s:%d", file, i+1), args)
		case "rule":
			text = &cur.rule
		case "pipeline":
			if cur.pipes != nil {
				cur.pipes = append(cur.pipes, "---")
			}
			text = &cur.pipes
		case "match", "nomatch", "refuse", "warn", "load":
			cur.checks = append(cur.checks, caseCheck{i + 1, verb, args})
		default:
			t.Fatalf("%s:%d: unknown verb %q", file, i+1, verb)
		}
	}
	for _, tc := range cases {
		if len(tc.checks) == 0 || len(tc.rule) == 0 {
			t.Fatalf("%s:%d: case %q needs a rule and a check", file, tc.line, tc.name)
		}
	}
	return cases
}

func (tc *testCase) option(t *testing.T, where, args string) {
	t.Helper()
	switch word, rest, _ := strings.Cut(args, " "); word {
	case "scoped":
		tc.options.Unscoped = false
	case "null-matches-empty":
		tc.options.NullMatchesEmpty = true
	case "placeholder":
		name, values, _ := strings.Cut(rest, "=")
		if tc.options.Placeholders == nil {
			tc.options.Placeholders = map[string][]string{}
		}
		tc.options.Placeholders[name] = strings.Split(values, ",")
	default:
		t.Fatalf("%s: unknown option %q", where, args)
	}
}

// source completes the rule text with what a case need not say.
func (tc *testCase) source() string {
	docs := strings.Split(strings.Join(tc.rule, "\n")+"\n", "\n---\n")
	for i, doc := range docs {
		if !strings.HasPrefix(doc, "title:") && !strings.Contains(doc, "\ntitle:") && !strings.Contains(doc, "untitled: true") {
			doc += "\ntitle: rule\n"
		}
		if !strings.Contains(doc, "logsource:") && !strings.Contains(doc, "sourceless: true") {
			doc += "\nlogsource: {product: test}\n"
		}
		if !strings.Contains(doc, "id:") {
			doc += fmt.Sprintf("\nid: 00000000-0000-4000-8000-%012d\n", i)
		}
		docs[i] = doc
	}
	return strings.Join(docs, "\n---\n")
}

func (tc *testCase) run(t *testing.T, file string) {
	rules, problems := Parse([]byte(tc.source()), "")
	for _, src := range strings.Split(strings.Join(tc.pipes, "\n"), "\n---\n") {
		if tc.pipes == nil {
			break
		}
		p, more := ParsePipeline([]byte(src), "")
		if problems = append(problems, more...); p != nil {
			tc.options.Pipelines = append(tc.options.Pipelines, p)
		}
	}
	rs, more := Compile(rules, DefaultMapping(), tc.options)
	problems = append(problems, more...)
	reported := make([]bool, len(problems))
	for _, c := range tc.checks {
		where := fmt.Sprintf("%s:%d", file, c.line)
		switch c.verb {
		case "refuse":
			reportedAt(t, where, Error, c.args, problems, reported)
		case "warn":
			reportedAt(t, where, Warning, c.args, problems, reported)
		case "match", "nomatch":
			tc.match(t, where, rs, c)
		}
	}
	for i, p := range problems {
		if !reported[i] {
			t.Errorf("%s:%d: unexpected problem: %v", file, tc.line, p)
		}
	}
}

// reportedAt looks for a problem by "line:column text" or just "text".
func reportedAt(t *testing.T, where string, s Severity, args string, problems []Problem, reported []bool) {
	t.Helper()
	place, text, _ := strings.Cut(args, " ")
	line, column, ok := strings.Cut(place, ":")
	l, err := strconv.Atoi(line)
	if !ok || err != nil {
		place, text = "", args
	}
	for i, p := range problems {
		if reported[i] || p.Severity != s || !strings.Contains(p.Reason, text) {
			continue
		}
		reported[i] = true
		if c, _ := strconv.Atoi(column); place != "" && (p.Line != l || p.Column != c) {
			t.Errorf("%s: reported at %d:%d, want %s: %s", where, p.Line, p.Column, place, p.Reason)
		}
		if s == Error && p.Remedy == "" {
			t.Errorf("%s: no remedy: %s", where, p.Reason)
		}
		return
	}
	t.Errorf("%s: no %v with %q in %v", where, s, text, problems)
}

func (tc *testCase) match(t *testing.T, where string, rs *Ruleset, c caseCheck) {
	t.Helper()
	words, object, ok := strings.Cut(c.args, "{")
	if !ok {
		t.Fatalf("%s: no event", where)
	}
	ev, err := eventFromJSON([]byte("{" + object))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	var want []string
	for _, w := range strings.Fields(words) {
		if source, ok := strings.CutPrefix(w, "@"); ok {
			parts := append(strings.Split(source, "/"), "", "")
			ev.Source = LogSource{parts[0], parts[1], parts[2]}
			continue
		}
		want = append(want, w)
	}
	if c.verb == "match" && want == nil {
		for _, r := range rs.Rules() {
			want = append(want, r.Title)
		}
	}
	slices.Sort(want)
	for _, full := range []bool{false, true} {
		m := rs.NewMatcher()
		m.fullScan = full
		var got []string
		m.Match(ev, func(r *Rule) { got = append(got, r.Title) })
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: matched %q, want %q (full scan: %t)", where, got, want, full)
		}
	}
	for _, r := range rs.Rules() {
		explained(t, rs, r, ev, slices.Contains(want, r.Title))
		if slices.Contains(want, r.Title) && !rs.Sieve(r).passes(ev) {
			t.Errorf("%s: the sieve of %q holds back an event it matches", where, r.Title)
		}
	}
}
