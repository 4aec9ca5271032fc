package sigma

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/testdata"
)

// lintRule is a rule that Lint has nothing to say about. Cases replace a line
// of it, named by its key, or its detection.
const lintRule = `title: Something Suspicious
id: 502b42de-4306-40b4-9596-6f590c81f073
status: test
description: What it detects and why that matters
references:
    - https://example.org/a
author: Somebody
date: 2026-01-02
modified: 2026-02-03
tags:
    - attack.execution
    - attack.t1059.001
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: '\a.exe'
    condition: selection
falsepositives:
    - Unknown
level: high
`

// lintSource replaces parts of lintRule: a key with its lines, or everything
// from the first line of a block on.
func lintSource(t *testing.T, edit string) string {
	t.Helper()
	src := lintRule
	for _, block := range strings.Split(strings.Trim(edit, "\n"), "\n;\n") {
		key, rest, _ := strings.Cut(block, ":")
		if strings.HasPrefix(block, "---") || strings.HasPrefix(key, "+") {
			src += strings.TrimPrefix(block, "+") + "\n"
			continue
		}
		remove := strings.HasPrefix(key, "-")
		key = strings.TrimPrefix(key, "-")
		start := strings.Index("\n"+src, "\n"+key+":")
		if start < 0 {
			t.Fatalf("no key %q in the rule", key)
		}
		end := start + strings.Index(src[start:], "\n") + 1
		for end < len(src) && src[end] == ' ' {
			end += strings.Index(src[end:], "\n") + 1
		}
		if remove {
			block, rest = "", ""
		} else {
			block += "\n"
		}
		_ = rest
		src = src[:start] + block + src[end:]
	}
	return src
}

// detect makes a detection section of search identifiers and a condition.
func detect(body string) string { return "detection:\n" + body }

type lintCase struct {
	check string
	where string // line:column of the problem; "" means that there must be none
	edit  string
}

var lintCases = []lintCase{
	{"yaml", "1:1", "id: [a"},
	{CheckSpecification, "22:8", "level: huge"},
	{"unknown-modifier", "18:15", detect("    selection:\n        Image|endwith: a\n    condition: selection")},
	{"undefined-placeholder", "18:23", detect("    selection:\n        Image|expand: '%nobody%'\n    condition: selection")},
	{"duplicate-id", "24:1", "---\n" + strings.Replace(lintRule, "Something", "Else", 1)},

	{"missing-id", "1:1", "-id:"},
	{"id-format", "1:1", "id: one"},
	{"id-format", "", "id: 502B42DE-4306-40B4-9596-6F590C81F073"},
	{"unknown-status", "3:9", "status: ready"},
	{"inactive-status", "3:1", "status: deprecated"},
	{"missing-level", "1:1", "-level:"},
	{"missing-field", "1:1", "-author:"},
	{"missing-field", "1:1", "-falsepositives:"},
	{"title-length", "1:1", "title: " + strings.Repeat("x", 257)},
	{"title-style", "1:1", "title: Something happened."},
	{"title-style", "1:1", "title: Detects something"},
	{"title-style", "", "title: Detected By Defender..."},
	{"duplicate-title", "24:1", "---\n" + strings.Replace(lintRule, "502b", "502c", 1)},
	{"duplicate-name", "47:1", "+name: same\n---\n" + strings.Replace(lintRule, "502b", "502c", 1) + "name: same"},
	{"date-format", "8:1", "date: 2026/01/02"},
	{"date-format", "9:1", "modified: 2026-02-30"},
	{"date-order", "9:1", "modified: 2025-02-03"},
	{"tag-format", "11:7", "tags:\n    - execution"},
	{"tag-format", "11:7", "tags:\n    - attack.lateral_movement"},
	{"tag-format", "11:7", "tags:\n    - attack.t59"},
	{"tag-format", "11:7", "tags:\n    - cve.2021.44228"},
	{"tag-format", "", "tags: [cve.2021-44228, car.2016-04-005, tlp.amber-strict, stp.3k, detection.dfir, attack.s0154, attack.ds0005, d3fend.d3-am]"},
	{"tag-namespace", "11:7", "tags:\n    - mine.a"},
	{"unknown-tactic", "11:7", "tags:\n    - attack.lateral-motion"},
	{"unknown-tactic", "", "tags: [attack.defense-impairment, attack.defense-evasion]"},
	{"duplicate-entry", "12:7", "tags:\n    - attack.t1059\n    - attack.t1059"},
	{"reference-format", "6:7", "references:\n    - www.example.org"},
	{"reference-format", "", "references: [Internal Research]"},
	{"related-format", "24:7", "+related:\n    - id: 502b42de-4306-40b4-9596-6f590c81f073\n      type: similar"},
	{"related-format", "24:7", "+related:\n    - id: 502b42de-4306-40b4-9596-6f590c81f074\n      type: kin"},
	{"related-format", "", "+related:\n    - id: 502b42de-4306-40b4-9596-6f590c81f074\n      type: derived"},
	{"misspelled-key", "23:1", "+false_positives: [a]"},
	{"misspelled-key", "23:1", "+reference: a"},
	{"misspelled-key", "15:5", "logsource:\n    product: windows\n    catgory: process_creation"},
	{"misspelled-key", "", "+simulation: a\nregression_tests_path: b\nlachan: {}"},

	{"empty-log-source", "14:5", "logsource:\n    definition: nothing"},
	{"unselected-log-source", "13:1", "logsource:\n    product: windows\n    category: process_creationn"},
	{"unselected-log-source", "", "logsource:\n    product: windows\n    category: process_creation\n    service: sysmon"},
	{"unselected-log-source", "", "logsource:\n    product: okta"},
	{"field-characters", "18:9", detect("    selection:\n        \"Image\\u200b\": a\n    condition: selection")},

	{"unused-selection", "19:5", detect("    selection:\n        a: 1\n    filter:\n        b: 1\n    condition: selection")},
	{"unused-selection", "", detect("    selection:\n        a: 1\n    _aside:\n        b: 1\n    condition: selection or 1 of _*")},
	{"contradiction", "21:23", detect("    one:\n        a: x\n    two:\n        a: y\n    condition: all of them and one and two")},
	{"contradiction", "19:9", detect("    one:\n        a|startswith: x\n        a|startswith|cased: Y\n    condition: one")},
	{"contradiction", "21:34", detect("    selection:\n        a|endswith: xyz\n    filter:\n        a|endswith: [z, q]\n    condition: selection and not filter")},
	{"contradiction", "21:24", detect("    one:\n        a|gt: 5\n    two:\n        a|lt: 5\n    condition: one and two")},
	{"contradiction", "23:24", detect("    one:\n        a: x\n        a|re: .\n        a|exists: true\n    two:\n        a: null\n    condition: one and two")},
	{"contradiction", "", detect("    one:\n        a|gte: 5\n    two:\n        a|lte: 5\n    condition: one and two")},
	{"contradiction", "", detect("    one:\n        a|contains: x\n    two:\n        a|contains: y\n    condition: one and two")},
	{"contradiction", "", detect("    one:\n        a: x\n    two:\n        a|cased: X\n    condition: one and two")},
	{"contradiction", "", detect("    one:\n        ip|cidr: 10.0.0.0/8\n    two:\n        ip|cidr: 10.1.0.0/16\n    condition: one and two")},
	{"contradiction", "21:24", detect("    one:\n        ip|cidr: 10.0.0.0/8\n    two:\n        ip|cidr: 11.1.0.0/16\n    condition: one and two")},
	{"always-true", "21:27", detect("    one:\n        a: x\n    two:\n        a: x\n    condition: one or not two")},
	{"always-true", "21:23", detect("    one:\n        a: null\n    two:\n        a: '*'\n    condition: one or two")},
	{"matches-absence", "19:20", detect("    selection:\n        a: x\n    condition: not selection")},
	{"matches-absence", "", detect("    selection:\n        a: x\n    filter:\n        b: null\n    condition: selection and not filter")},
	{"idle-filter", "21:34", detect("    selection:\n        a|endswith: '\\cmd.exe'\n    filter:\n        a: 'C:\\powershell.exe'\n    condition: selection and not filter")},
	{"idle-filter", "23:39", detect("    selection:\n        a|endswith: '\\cmd.exe'\n    filter_1:\n        a: 'C:\\powershell.exe'\n    filter_2:\n        b: x\n    condition: selection and not 1 of filter_*")},
	{"idle-filter", "", detect("    selection:\n        a|endswith: '\\cmd.exe'\n    filter:\n        a: 'C:\\cmd.exe'\n    condition: selection and not filter")},
	{"redundant-part", "21:16", detect("    one:\n        a|contains: x\n    two:\n        a: axb\n    condition: one and two")},
	{"redundant-part", "19:9", detect("    one:\n        a|startswith: xy\n        a|contains: x\n    condition: one")},
	{"redundant-part", "21:24", detect("    one:\n        a: x*y?z\n    two:\n        a|contains: y\n    condition: one and two")},
	{"subsumed-branch", "21:23", detect("    one:\n        a|contains: x\n    two:\n        a: axb\n    condition: one or two")},
	{"subsumed-branch", "19:11", detect("    one:\n        - a|contains: x\n        - a|contains: xy\n          b: z\n    condition: one")},
	{"subsumed-branch", "", detect("    one:\n        - a|contains: xy\n        - b|contains: xyz\n    condition: one")},
	{"quantifier-of-one", "19:16", detect("    selection_a:\n        a: x\n    condition: 1 of selection_*")},
	{"quantifier-of-one", "", detect("    selection:\n        a: x\n    filter_main_a:\n        b: x\n    condition: selection and not 1 of filter_main_*")},
	{"duplicate-logic", "40:1", detect("    s:\n        a: [x, y]\n        b: 1\n    condition: s") + "\n;\n---\n" +
		strings.Replace(strings.Replace(lintRule, "502b", "502c", 1), lintRule[strings.Index(lintRule, "    selection:"):strings.Index(lintRule, "falsepositives")],
			"    one: {b: 1}\n    two: {a: [y, x]}\n    condition: all of them\n", 1)},

	{"duplicate-value", "20:15", detect("    s:\n        a:\n            - x\n            - X\n    condition: s")},
	{"duplicate-value", "", detect("    s:\n        a|cased:\n            - x\n            - X\n    condition: s")},
	{"duplicate-value", "", detect("    s:\n        a|base64offset|contains:\n            - xxxxxx\n            - XXXXXX\n    condition: s")},
	{"subsumed-value", "20:15", detect("    s:\n        a|contains:\n            - net\n            - dotnet\n    condition: s")},
	{"subsumed-value", "19:15", detect("    s:\n        a|contains|all:\n            - net\n            - dotnet\n    condition: s")},
	{"subsumed-value", "", detect("    s:\n        a|startswith:\n            - net\n            - dotnet\n    condition: s")},
	{"matches-anything", "18:21", detect("    s:\n        a|contains: ''\n    condition: s")},
	{"useless-wildcard", "18:21", detect("    s:\n        a|contains: '*x'\n    condition: s")},
	{"useless-wildcard", "", detect("    s:\n        a|endswith: 'x*y'\n    condition: s")},
	{"wildcard-for-modifier", "18:9", detect("    s:\n        a: ['*x', '*y']\n    condition: s")},
	{"wildcard-for-modifier", "", detect("    s:\n        a: ['*x', 'y']\n    condition: s")},
	{"escaped-wildcard", "18:12", detect("    s:\n        a: 'C:\\Users\\*\\x.exe'\n    condition: s")},
	{"escaped-wildcard", "", detect("    s:\n        a: 'C:\\Users\\\\*\\x.exe'\n    b:\n        a: ['? -Filter \\*', 'C:\\x\\\\\\*.dll', '\\\\\\\\\\*\\IPC$']\n    condition: s or b")},
	{"control-character", "18:12", detect("    s:\n        a: \"C:\\temp\"\n    condition: s")},
	{"control-character", "", detect("    s:\n        a: ['C:\\temp', \"a\\tb\", \"one:\\n\"]\n    condition: s")},
	{"invisible-character", "18:12", detect("    s:\n        a: \"power\\u200bshell\"\n    condition: s")},
	{"invisible-character", "", detect("    s:\n        a: [\"\\u200b\", \"\\U0001F469\\u200D\\U0001F4BB\"]\n    condition: s")},
	{"all-single-value", "18:9", detect("    s:\n        a|contains|all: x\n    condition: s")},
	{"all-single-value", "18:9", detect("    s:\n        a|contains|all: [x]\n    condition: s")},
	{"idle-modifier", "18:11", detect("    s:\n        a|windash|contains: x\n    condition: s")},
	{"idle-modifier", "18:11", detect("    s:\n        a|cased: '12'\n    condition: s")},
	{"idle-modifier", "", detect("    s:\n        a|windash|contains: ' -x'\n    condition: s")},
	{"base64-offset", "18:11", detect("    s:\n        a|base64|contains: longenough\n    condition: s")},
	{"base64-anchor", "18:11", detect("    s:\n        a|base64offset: longenough\n    condition: s")},
	{"base64-short", "18:34", detect("    s:\n        a|base64offset|contains: abc\n    condition: s")},
	{"wide-alone", "18:11", detect("    s:\n        a|wide|contains: abc\n    condition: s")},
	{"wide-alone", "", detect("    s:\n        a|wide|base64offset|contains: abc\n    condition: s")},
	{"cidr-host-bits", "18:17", detect("    s:\n        a|cidr: 10.0.0.1/8\n    condition: s")},
	{"regex-literal", "18:15", detect("    s:\n        a|re: foo\\.exe\n    condition: s")},
	{"regex-literal", "", detect("    s:\n        a|re: foo.exe\n    condition: s")},
	{"regex-open-end", "18:15", detect("    s:\n        a|re: .*fo+\n    condition: s")},
	{"regex-open-end", "18:15", detect("    s:\n        a|re: ^.*fo+x\n    condition: s")},
	{"regex-open-end", "", detect("    s:\n        a|re: a.*fo+\n    condition: s")},
	{"regex-anything", "18:15", detect("    s:\n        a|re: (fo+)?\n    condition: s")},

	{"unused-alias", "", ""}, // with the correlations below
	{"filter-without-not", "", ""},
	{"filter-target", "", ""},
	{"field-spelling", "", ""},
	{"filename", "", ""},
}

func lintOne(name, src string) []Problem {
	return Lint([]RuleFile{{Name: name, Data: []byte(src)}}, LintOptions{Mapping: DefaultMapping()})
}

// Each check finds what it is for, where it is, and leaves alone what only looks
// like it.
func TestLintChecks(t *testing.T) {
	if problems := lintOne("rule.yml", lintRule); len(problems) != 0 {
		t.Fatal(problems)
	}
	for _, tc := range lintCases {
		t.Run(tc.check, func(t *testing.T) {
			src := lintRule
			if tc.edit != "" {
				src = lintSource(t, tc.edit)
			}
			var found []string
			problems := lintOne("rule.yml", src)
			for _, p := range problems {
				if p.Reason == "" || p.Remedy == "" || p.Severity != severityOf(p.Check) {
					t.Errorf("%#v", p)
				}
				if p.Check == tc.check {
					found = append(found, fmt.Sprintf("%d:%d", p.Line, p.Column))
				}
			}
			if tc.where == "" && len(found) > 0 || tc.where != "" && !slices.Contains(found, tc.where) {
				t.Errorf("%s at %v, want %q; all: %v%s", tc.check, found, tc.where, problems, "")
			}
		})
	}
}

// Every check has a case, and every name in the cases is one of a check.
func TestEveryCheckHasCases(t *testing.T) {
	cases := map[string]bool{}
	for _, tc := range lintCases {
		cases[tc.check] = true
	}
	for _, c := range Checks() {
		if !cases[c.Name] {
			t.Errorf("no case for %s", c.Name)
		}
		if c.About == "" || !strings.HasSuffix(c.About, ".") {
			t.Errorf("%s: %q is not a sentence", c.Name, c.About)
		}
		delete(cases, c.Name)
	}
	for name := range cases {
		t.Errorf("a case for %s, which is not a check", name)
	}
}

func checksOf(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Check)
	}
	return out
}

func TestLintCorrelationsAndFilters(t *testing.T) {
	more := `---
title: Many Of Them
id: 502b42de-4306-40b4-9596-6f590c81f001
description: d
author: a
date: 2026-01-02
status: test
level: high
references: [https://example.org]
tags: [attack.execution]
falsepositives: [Unknown]
correlation:
    type: event_count
    rules: [502b42de-4306-40b4-9596-6f590c81f073]
    aliases: {who: {502b42de-4306-40b4-9596-6f590c81f073: User}}
    timespan: 1m
    condition: {gte: 3}
---
title: Known Good
id: 502b42de-4306-40b4-9596-6f590c81f002
description: d
author: a
date: 2026-01-02
logsource: {product: windows}
filter:
    rules: [nobody]
    selection: {a: x}
    unused: {b: x}
    condition: selection
`
	got := checksOf(lintOne("rule.yml", lintRule+more))
	want := []string{"unused-alias", "filter-without-not", "filter-target", "unused-selection"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLintFieldSpelling(t *testing.T) {
	var src strings.Builder
	for i := range 11 {
		name := "CommandLine"
		if i == 7 {
			name = "Commandline"
		}
		rule := strings.Replace(lintRule, "502b42de", fmt.Sprintf("502b42d%x", i), 1)
		rule = strings.Replace(rule, "Something", fmt.Sprint("Something ", i), 1)
		src.WriteString(strings.Replace(rule, "Image|endswith: '\\a.exe'", fmt.Sprintf("%s: %d", name, i), 1) + "---\n")
	}
	problems := lintOne("rules.yml", src.String())
	if len(problems) != 1 || problems[0].Check != "field-spelling" || problems[0].Line != 7*strings.Count(lintRule+"-\n", "\n")+18 {
		t.Error(problems)
	}
}

func TestLintFileNames(t *testing.T) {
	for name, bad := range map[string]bool{"a/proc_creation_win_a.yml": false, "A.yml": true, "a-b.yml": false, "a b.yml": true, "a.yaml": true, "": false} {
		if got := checksOf(lintOne(name, lintRule)); slices.Contains(got, "filename") != bad {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLintSelectsChecks(t *testing.T) {
	src := lintSource(t, "title: Detects x.\n;\n-level:\n;\n-author:")
	files := []RuleFile{{"Rule.yml", []byte(src)}}
	for _, tc := range []struct {
		only, skip, want []string
	}{
		{nil, nil, []string{"title-style", "missing-level", "missing-field", "filename"}},
		{[]string{"missing-level", "filename"}, nil, []string{"missing-level", "filename"}},
		{nil, []string{"missing-level", "filename"}, []string{"title-style", "missing-field"}},
	} {
		got := checksOf(Lint(files, LintOptions{Only: tc.only, Skip: tc.skip}))
		slices.Sort(got)
		slices.Sort(tc.want)
		if !slices.Equal(got, tc.want) {
			t.Errorf("only %v skip %v: %v, want %v", tc.only, tc.skip, got, tc.want)
		}
	}
}

// The problems of several files come in the order of the files and lines.
func TestLintOrder(t *testing.T) {
	bad := lintSource(t, "-level:\n;\ndate: tomorrow\n;\nmodified: never")
	problems := Lint([]RuleFile{{"b.yml", []byte(bad)}, {"a.yml", []byte(strings.Replace(bad, "502b", "502c", 1))}}, LintOptions{Skip: []string{"duplicate-title", "duplicate-logic"}})
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%s:%d", p.File, p.Line))
	}
	if want := []string{"b.yml:1", "b.yml:8", "b.yml:9", "a.yml:1", "a.yml:8", "a.yml:9"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Lint sees rules before anybody vouches for them.
func TestLintOfHostileRules(t *testing.T) {
	for _, tc := range hostileItems {
		t.Run(tc.name, func(t *testing.T) {
			start := time.Now()
			problems := lintOne("hostile.yml", oneItemRule(tc.item))
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("it took %v", d)
			}
			if refused := len(errorsOnly(problems)) > 0; refused != (tc.refused != "") {
				t.Errorf("problems: %.300v", problems)
			}
		})
	}
	var long strings.Builder
	long.WriteString("title: t\nlogsource: {product: test}\ndetection:\n")
	for i := range 2_000 {
		fmt.Fprintf(&long, "    s%d:\n        - {f|contains: a%d, g|startswith: b%d}\n        - {f|endswith: c%d, g: null}\n", i, i, i%7, i)
	}
	for _, condition := range []string{"1 of them", "all of them", "not 1 of s1* and not all of s2*", "1000 of them"} {
		start := time.Now()
		lintOne("hostile.yml", long.String()+"    condition: "+condition+"\n")
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s took %v", condition, d)
		}
	}
}

// Rules are judged as the pipelines make them, and placed as they were written.
func TestLintWithPipelines(t *testing.T) {
	pipeline, problems := ParsePipeline([]byte(`name: ours
priority: 10
vars:
    admins: [an, binh]
transformations:
    - id: names
      type: field_name_mapping
      mapping: {user: TargetUserName}
    - id: source
      type: change_logsource
      product: windows
      service: no-such-service
    - id: values
      type: value_placeholders
`), "p.yml")
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	src := lintSource(t, "detection:\n    one:\n        user|expand: '%admins%'\n    two:\n        TargetUserName: mallory\n    condition: one and two")
	files := []RuleFile{{"rule.yml", []byte(src)}}
	got := map[string]string{}
	for _, p := range Lint(files, LintOptions{Mapping: DefaultMapping(), Options: Options{Pipelines: []*Pipeline{pipeline}}}) {
		got[p.Check] = fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	want := map[string]string{"contradiction": "21:24", "unselected-log-source": "13:1"}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := checksOf(Lint(files, LintOptions{Mapping: DefaultMapping()})); !slices.Equal(got, []string{"undefined-placeholder"}) {
		t.Errorf("without the pipeline: %v", got)
	}
}

// lintCorpus reads the main rule folder.
func lintCorpus(t testing.TB) []RuleFile {
	dir := testdata.Path(t, "sigma", "rules")
	var files []RuleFile
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yml" {
			return err
		}
		src, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files = append(files, RuleFile{filepath.ToSlash(rel), src})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Rules that thousands rely on are good rules: what Lint says about them must be
// true, and little. Each number was checked by reading what was reported.
func TestLintIsQuietOnGoodRules(t *testing.T) {
	most := map[string]int{
		"contradiction": 0, "always-true": 0, "unused-selection": 0, "duplicate-logic": 0, "duplicate-title": 0, "duplicate-value": 0,
		"escaped-wildcard": 0, "control-character": 0, "invisible-character": 0, "field-spelling": 0, "misspelled-key": 0, "tag-format": 0,
		"matches-absence": 1, "related-format": 2, "matches-anything": 7, "unselected-log-source": 8, "idle-filter": 13,
	}
	got := map[string]int{}
	for _, p := range Lint(lintCorpus(t), LintOptions{Mapping: DefaultMapping()}) {
		got[p.Check]++
		if limit, ok := most[p.Check]; p.Severity != Suggestion && (!ok || got[p.Check] > limit) {
			t.Errorf("%s: %v", p.Check, p)
		}
	}
	if got["idle-filter"] == 0 || got["matches-absence"] == 0 {
		t.Error("the known mistakes are not found")
	}
}

func BenchmarkLint(b *testing.B) {
	files := lintCorpus(b)
	b.ReportAllocs()
	for b.Loop() {
		Lint(files, LintOptions{Mapping: DefaultMapping()})
	}
}

// What Lint takes for certain about two expressions is so on random rules and
// events: an implied one holds where the other does, disjoint ones never hold
// both, of exhaustive ones one holds.
func TestLintReasoning(t *testing.T) {
	g := &generator{rand.New(rand.NewPCG(7, 8))}
	claims := 0
	for range 20_000 {
		var rules []*Rule
		texts := [2]string{}
		for i := range texts {
			texts[i] = oneItemRule(strings.TrimLeft(g.detectionItem("        "), " "))
			if g.IntN(3) == 0 {
				texts[i] = g.rule(i)
			}
			for _, op := range []string{"|gt", "|gte", "|lt", "|lte"} {
				texts[i] = strings.ReplaceAll(texts[i], op+"|neq", op)
			}
			r, _ := Parse([]byte(texts[i]), "")
			rules = append(rules, r...)
		}
		o := Options{Unscoped: true, NullMatchesEmpty: g.IntN(2) == 0}
		c := &compiler{opts: &o, intern: map[string]*predicate{}, ids: map[string]*Rule{}}
		for _, r := range rules {
			c.rule(r)
		}
		if len(c.rules) != 2 {
			continue
		}
		a, b := c.rules[0].expr, c.rules[1].expr
		l := &linter{steps: MaxLintSteps}
		implies, disjoint, exhaustive := l.implies(a, b), l.disjoint(a, b), l.exhaustive(a, b)
		if !implies && !disjoint && !exhaustive {
			continue
		}
		claims++
		m := c.ruleset(Mapping{}).NewMatcher()
		for range 50 {
			ev := singleValued(g.event())
			m.view.load(ev, m.rs.fields)
			x, y := a.holds(&m.view), b.holds(&m.view)
			if implies && x && !y || disjoint && x && y || exhaustive && !x && !y {
				t.Fatalf("implies %t, disjoint %t, exhaustive %t, but the event %q gives %t and %t\n%s---\n%s", implies, disjoint, exhaustive, ev.Fields, x, y, texts[0], texts[1])
			}
		}
	}
	if claims < 500 {
		t.Errorf("only %d claims were put to the test", claims)
	}
}

// singleValued leaves each field, and each object, of the event once.
func singleValued(ev *Event) *Event {
	seen := map[string]bool{}
	ev.Fields = slices.DeleteFunc(ev.Fields, func(f Field) bool {
		root, _, _ := strings.Cut(compactName(f.Name), ".")
		twice := seen[root]
		seen[root] = true
		return twice
	})
	return ev
}

// Whatever the rule, Lint ends and each problem is of a check.
func FuzzLint(f *testing.F) {
	f.Add(lintRule)
	g := &generator{rand.New(rand.NewPCG(9, 10))}
	for i := range 30 {
		f.Add(g.rule(i))
	}
	f.Fuzz(func(t *testing.T, src string) {
		for _, p := range lintOne("f.yml", src) {
			if p.Reason == "" {
				t.Errorf("%#v", p)
			}
			severityOf(p.Check)
		}
	})
}
