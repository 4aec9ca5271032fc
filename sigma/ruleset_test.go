package sigma

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

func mustCompile(t testing.TB, o Options, texts ...string) *Ruleset {
	t.Helper()
	var rules []*Rule
	for _, text := range texts {
		r, problems := Parse([]byte(text), "")
		if e := errorsOnly(problems); len(e) > 0 {
			t.Fatal(e)
		}
		rules = append(rules, r...)
	}
	rs, problems := Compile(rules, DefaultMapping(), o)
	if e := errorsOnly(problems); len(e) > 0 {
		t.Fatal(e)
	}
	return rs
}

func oneItemRule(item string) string {
	return "title: t\nlogsource: {product: test}\ndetection:\n    s:\n        " + item + "\n    condition: s\n"
}

func TestParseKeepsEverything(t *testing.T) {
	rules, problems := Parse([]byte(`# a comment first
title: A title
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
name: a_name
related:
    - id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9
      type: derived
status: test
description: |
    Two
    lines
references: [https://example.org/a]
author: Somebody
date: 2026-01-02
modified: 2026-02-03
tags:
    - attack.execution
    - attack.t1059
logsource:
    product: Windows
    category: process_creation
    definition: needs Sysmon
detection:
    selection:
        Image|fieldref: ParentImage
        CommandLine|contains: x
    keywords: [a, b]
    condition: selection or keywords
falsepositives: Unknown
level: HIGH
license: MIT
lachan:
    vi: Giải thích
    checks: [1, two, null]
`), "dir/rule.yml")
	if len(problems) != 0 || len(rules) != 1 {
		t.Fatal(problems, rules)
	}
	r := rules[0]
	got := fmt.Sprintf("%q", []any{r.ID, r.Name, r.Title, r.Description, r.Status, r.Level, r.Author, r.Date, r.Modified, r.License,
		r.Tags, r.FalsePositives, r.References, r.Related, r.LogSource, r.Definition, r.File, r.Fields()})
	want := `["929a690e-bef0-4204-a928-ef5e620d6fcc" "a_name" "A title" "Two\nlines" "test" "high" "Somebody" "2026-01-02" "2026-02-03" "MIT" ` +
		`["attack.execution" "attack.t1059"] ["Unknown"] ["https://example.org/a"] [{"08fbc97d-0a2f-491c-ae21-8ffcfd3174e9" "derived"}] ` +
		`"windows/process_creation" "needs Sysmon" "dir/rule.yml" ["CommandLine" "Image" "ParentImage"]]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if fmt.Sprint(r.Custom) != "map[lachan:map[checks:[1 two <nil>] vi:Giải thích]]" {
		t.Errorf("custom keys: %v", r.Custom)
	}
	if r.Line != 2 {
		t.Errorf("line %d, want 2", r.Line)
	}
}

func TestParseRefusesFiles(t *testing.T) {
	for _, tc := range []struct {
		name, src string
		line      int
		want      string
	}{
		{"not UTF-8", "title: a\nid: \xff\n", 2, "not UTF-8"},
		{"broken YAML", "title: a\n  id: b\n", 2, "not valid YAML: mapping values are not allowed"},
		{"a list", "- a\n- b\n", 1, "not a map"},
		{"unknown action", "action: remove\ntitle: a\n", 1, "unknown action"},
		{"repeat first", "action: repeat\ntitle: a\n", 1, "no rule before"},
		{"alias to itself", "title: &a [*a]\n", 0, ""},
		{"undefined alias", "title: *nothing\n", 0, "unknown anchor"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rules, problems := Parse([]byte(tc.src), "f.yml")
			if len(rules) != 0 || len(problems) == 0 {
				t.Fatalf("rules %v, problems %v", rules, problems)
			}
			p := problems[0]
			if !strings.Contains(p.Reason, tc.want) || tc.line > 0 && p.Line != tc.line || p.Remedy == "" || p.File != "f.yml" {
				t.Errorf("got %#v", p)
			}
		})
	}
}

func TestEmptyFilesAndDocumentsAreNoRules(t *testing.T) {
	for _, src := range []string{"", "# nothing\n", "---\n---\n", "\n\n"} {
		rules, problems := Parse([]byte(src), "")
		if len(rules) != 0 || len(problems) != 0 {
			t.Errorf("%q: rules %v, problems %v", src, rules, problems)
		}
	}
}

// One ruleset serves many goroutines, through the pool and through matchers of
// their own, while others are being compiled from the same rules.
func TestRulesetIsShared(t *testing.T) {
	g := &generator{rand.New(rand.NewPCG(1, 2))}
	var texts []string
	for i := range 40 {
		texts = append(texts, g.rule(i))
	}
	rs := mustCompile(t, Options{}, texts...)
	events := make([]*Event, 200)
	want := make([]string, len(events))
	m := rs.NewMatcher()
	for i := range events {
		events[i] = g.event()
		want[i] = matchIDs(m, events[i])
	}
	var wg sync.WaitGroup
	for n := range 64 {
		wg.Go(func() {
			own := rs.NewMatcher()
			for i, ev := range events {
				if n%2 == 0 {
					if got := matchIDs(own, ev); got != want[i] {
						t.Errorf("event %d: %s, want %s", i, got, want[i])
					}
					continue
				}
				count := 0
				rs.Match(ev, func(*Rule) { count++ })
				if wanted := len(strings.FieldsFunc(want[i], func(r rune) bool { return r == ',' })); count != wanted {
					t.Errorf("event %d: %d rules, want %d", i, count, wanted)
				}
			}
		})
	}
	wg.Go(func() { Compile(rs.Rules(), DefaultMapping(), Options{Unscoped: true}) })
	wg.Wait()
}

// Hits come in the same order from every compilation and every matcher.
func TestOrderOfHits(t *testing.T) {
	rules, _ := loadRules(t, "rules")
	events := loadEvents(t, "windows-attack.ndjson.gz")
	order := func() (all []string) {
		rs, _ := Compile(rules, DefaultMapping(), Options{Unscoped: true})
		m := rs.NewMatcher()
		for i := range 500 {
			m.Match(events[i*len(events)/500], func(r *Rule) { all = append(all, fmt.Sprint(i, " ", r.ID)) })
		}
		return all
	}
	first := order()
	if len(first) == 0 {
		t.Fatal("no hit")
	}
	for range 2 {
		if again := order(); !slices.Equal(first, again) {
			t.Fatal("another order")
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes regular expressions allocate")
	}
	rs := mainRuleset(t, Options{})
	events := loadEvents(t, "windows-attack.ndjson.gz")[:1000]
	m := rs.NewMatcher()
	hits := 0
	hit := func(*Rule) { hits++ }
	run := func() {
		for _, ev := range events {
			m.Match(ev, hit)
		}
	}
	run()
	if n := testing.AllocsPerRun(3, run) / float64(len(events)); n > 0.01 {
		t.Errorf("%v allocations per event", n)
	}
}

func TestMatcherForgetsTheEvent(t *testing.T) {
	rs := mustCompile(t, Options{Unscoped: true}, oneItemRule("f: A"), oneItemRule("g: null"))
	m := rs.NewMatcher()
	for range 3 {
		if n := len(sortedIDs(m, &Event{Fields: []Field{{Name: "f", Value: "a"}, {Name: "g", Value: "x"}}})); n != 1 {
			t.Errorf("%d rules match the first event, want 1", n)
		}
		if n := len(sortedIDs(m, &Event{})); n != 1 {
			t.Errorf("%d rules match the empty event, want 1", n)
		}
	}
	if m.view.ev != nil {
		t.Error("the matcher still holds the event")
	}
}

// The stamps that tell one event's entries from another's survive their
// overflow.
func TestEpochOverflow(t *testing.T) {
	rs := mustCompile(t, Options{}, strings.Replace(oneItemRule("f|contains: a"), "test", "windows", 1))
	m := rs.NewMatcher()
	yes := &Event{Source: LogSource{Product: "windows"}, Fields: []Field{{Name: "f", Value: "xax"}}}
	no := &Event{Source: LogSource{Product: "windows"}, Fields: []Field{{Name: "f", Value: "xbx"}}}
	check := func() {
		t.Helper()
		if len(sortedIDs(m, yes)) != 1 || len(sortedIDs(m, no)) != 0 {
			t.Error("wrong after an overflow")
		}
	}
	check()
	m.epoch = maxEpoch - 1
	check()
	check()
	m.view.stamp = ^uint32(0) - 1
	check()
	check()
}

func TestScopeCacheIsBounded(t *testing.T) {
	rs := mustCompile(t, Options{}, oneItemRule("f: a"))
	m := rs.NewMatcher()
	for i := range 3 * maxCachedScopes {
		m.Match(&Event{Source: LogSource{Product: fmt.Sprint(i)}}, func(*Rule) {})
	}
	if len(m.scopes) > maxCachedScopes {
		t.Errorf("%d scopes cached", len(m.scopes))
	}
}

func TestEmptyRuleset(t *testing.T) {
	for _, unscoped := range []bool{false, true} {
		rs, problems := Compile(nil, Mapping{}, Options{Unscoped: unscoped})
		if len(problems) != 0 || len(rs.Rules()) != 0 {
			t.Error(problems, rs.Rules())
		}
		rs.Match(&Event{Fields: []Field{{Name: "f", Value: "x"}}}, func(*Rule) { t.Error("a match of nothing") })
	}
}

// FuzzLoad feeds arbitrary rule files to Parse and Compile: problems must name
// a reason, and whatever loads must match the same with and without the index.
func FuzzLoad(f *testing.F) {
	g := &generator{rand.New(rand.NewPCG(3, 4))}
	for i := range 20 {
		f.Add(g.rule(i), "abc")
	}
	f.Add(oneItemRule("f|base64offset|contains: abc"), "YWJj")
	f.Add(oneItemRule("f|hour|gt: 5"), "2026-01-02T10:00:00Z")
	f.Add(oneItemRule("f|expand: '%a%'"), "x")
	f.Add(strings.Join(correlationRules("type: value_percentile\nrules: [a]\ntimespan: 1m\naliases: {x: {a: f}}\ncondition: {field: x, percentile: 9, gte: 1}"), "---\n"), "7")
	f.Add("title: f\nlogsource: {product: test}\nfilter: {rules: any, s: {f: a}, condition: not s}\n---\n"+oneItemRule("f|contains: a"), "a")
	f.Fuzz(func(t *testing.T, src, value string) {
		rules, problems := Parse([]byte(src), "f")
		rs, more := Compile(rules, DefaultMapping(), Options{Unscoped: true, Placeholders: map[string][]string{"a": {"x*", "1"}}})
		for _, p := range append(problems, more...) {
			if p.Reason == "" || p.Error() == "" {
				t.Errorf("a problem without a reason: %#v", p)
			}
		}
		ev := &Event{}
		for _, name := range []string{"f", "g", "h", "EventID"} {
			ev.Fields = append(ev.Fields, Field{Name: name, Value: value})
		}
		fast, slow := rs.NewMatcher(), rs.NewMatcher()
		slow.fullScan = true
		if a, b := matchIDs(fast, ev), matchIDs(slow, ev); a != b {
			t.Errorf("the index finds %q, the full scan %q", a, b)
		}
	})
}
