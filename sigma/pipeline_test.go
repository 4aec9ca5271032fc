package sigma

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

func mustPipeline(t testing.TB, src string) *Pipeline {
	t.Helper()
	p, problems := ParsePipeline([]byte(src), "test.yml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func mustRules(t testing.TB, docs ...string) []*Rule {
	t.Helper()
	for i, doc := range docs {
		if !strings.Contains(doc, "title:") {
			doc += "\ntitle: rule\n"
		}
		if !strings.Contains(doc, "correlation:") && !strings.Contains(doc, "logsource:") {
			doc += "\nlogsource: {product: test}\n"
		}
		docs[i] = doc + fmt.Sprintf("\nid: 00000000-0000-4000-8000-%012d\n", i)
	}
	rules, problems := Parse([]byte(strings.Join(docs, "\n---\n")), "rules.yml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return rules
}

const renameAll = "transformations: [{id: all, type: field_name_prefix, prefix: new.}]"

// The rules given to Compile stay as they are, and lead from the copies back.
func TestPipelinesWorkOnCopies(t *testing.T) {
	rules := mustRules(t, `
fields: [A]
detection: {selection: {A: 1}, condition: selection}`)
	for range 2 {
		rs, problems := Compile(rules, Mapping{}, Options{Unscoped: true, Pipelines: []*Pipeline{mustPipeline(t, renameAll)}})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		loaded := rs.Rules()[0]
		if loaded == rules[0] || loaded.AsWritten() != rules[0] || rules[0].AsWritten() != rules[0] {
			t.Error("the rule of the set is no copy, or does not lead back")
		}
		if !slices.Equal(rules[0].Fields(), []string{"A"}) || !slices.Equal(loaded.Fields(), []string{"new.A"}) {
			t.Errorf("fields %q and %q", rules[0].Fields(), loaded.Fields())
		}
		if got := fmt.Sprint(rules[0].Custom["fields"], loaded.Custom["fields"]); got != "[A] [new.A]" {
			t.Errorf("lists of fields %s", got)
		}
		var hit *Rule
		rs.Match(&Event{Fields: []Field{{Name: "new.A", Value: "1", Kind: Number}}}, func(r *Rule) { hit = r })
		if hit != loaded {
			t.Error("the hit is not the rule of the set")
		}
		// Rules of a set, given to Compile again, are changed once.
		rules[0] = loaded.AsWritten()
		again, _ := Compile(rs.Rules(), Mapping{}, Options{Pipelines: []*Pipeline{mustPipeline(t, renameAll)}})
		if fields := again.Rules()[0].Fields(); !slices.Equal(fields, []string{"new.A"}) {
			t.Errorf("compiled again the rule reads %q", fields)
		}
	}
}

// Copies of another ruleset count as the rules they were made of.
func TestRulesWithoutPipelinesAreNotCopied(t *testing.T) {
	rules := mustRules(t, `detection: {selection: {A: 1}, condition: selection}`)
	plain, _ := Compile(rules, Mapping{}, Options{})
	if plain.Rules()[0] != rules[0] {
		t.Error("a copy was made")
	}
	changed, _ := Compile(rules, Mapping{}, Options{Pipelines: []*Pipeline{mustPipeline(t, renameAll)}})
	again, _ := Compile(changed.Rules(), Mapping{}, Options{})
	if again.Rules()[0] != rules[0] {
		t.Error("a copy of another set was taken as it is")
	}
	why := plain.Explain(changed.Rules()[0], &Event{})
	if field := why.Condition.Parts[0].Field; field != "A" {
		t.Errorf("a copy of another set is explained by %s", field)
	}
}

// On several cores the outcome is the same, problems in the same order.
func TestPipelinesOnSeveralCores(t *testing.T) {
	var docs []string
	for i := range 200 {
		docs = append(docs, fmt.Sprintf("title: rule %d\ndetection: {selection: {A%d: x, B: null}, condition: selection}", i, i%3))
	}
	rules := mustRules(t, docs...)
	p := mustPipeline(t, `
transformations:
- {id: a, type: replace_string, regex: x, replacement: y}
- {type: field_name_mapping, mapping: {A0: [a, b], B: c}}
- {type: rule_failure, message: refused, rule_conditions: [{type: contains_field, field: A1}]}
- {type: add_condition, conditions: {D: 1}, rule_conditions: [{type: processing_item_applied, processing_item_id: a}]}`)
	atOnce := func(n int, do func(int)) {
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { do(i) })
		}
		all.Wait()
	}
	one, want := Compile(rules, Mapping{}, Options{Pipelines: []*Pipeline{p}})
	many, got := Compile(rules, Mapping{}, Options{Pipelines: []*Pipeline{p}, Each: atOnce})
	if !slices.Equal(got, want) || len(want) != 67 {
		t.Errorf("%d problems, on several cores %d", len(want), len(got))
	}
	if len(one.Rules()) != 133 || !slices.EqualFunc(one.Rules(), many.Rules(), func(a, b *Rule) bool {
		return a.AsWritten() == b.AsWritten() && slices.Equal(a.Fields(), b.Fields())
	}) {
		t.Error("other rules on several cores")
	}
}

// Explain judges the rule as written and its copy alike, filters included.
func TestExplainGoesThroughPipelines(t *testing.T) {
	rules := mustRules(t, `
title: found
detection: {selection: {A: 1}, condition: selection}`, `
title: exclude
logsource: {product: test}
filter: {rules: any, trusted: {User: an}, condition: not trusted}`)
	rs, problems := Compile(rules, Mapping{}, Options{Unscoped: true, Pipelines: []*Pipeline{mustPipeline(t, renameAll)}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	ev := &Event{Fields: []Field{{Name: "new.A", Value: "1", Kind: Number}, {Name: "new.User", Value: "an"}}}
	for _, r := range []*Rule{rules[0], rs.Rules()[0]} {
		why := rs.Explain(r, ev)
		if why == nil || !why.Condition.Held || why.Matched || len(why.Filters) != 1 || why.Filters[0].Held {
			t.Fatalf("%+v", why)
		}
		if why.Rule != r || why.Condition.Parts[0].Field != "new.A" || why.Fields[0].Name != "new.A" {
			t.Errorf("%s", why)
		}
	}
}

// Placeholders of a filter get their values from pipelines, too.
func TestPipelinesFillPlaceholdersOfFilters(t *testing.T) {
	rules := mustRules(t, `detection: {selection: {A: 1}, condition: selection}`, `
title: exclude
logsource: {product: test}
filter: {rules: any, trusted: {'User|expand': '%who%'}, condition: not trusted}`)
	p := mustPipeline(t, "{vars: {who: an}, transformations: [{type: value_placeholders}]}")
	rs, problems := Compile(rules, Mapping{}, Options{Unscoped: true, Pipelines: []*Pipeline{p}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for user, want := range map[string]int{"an": 0, "binh": 1} {
		n := 0
		rs.Match(&Event{Fields: []Field{{Name: "A", Value: "1", Kind: Number}, {Name: "User", Value: user}}}, func(*Rule) { n++ })
		if n != want {
			t.Errorf("user %s: %d hits, want %d", user, n, want)
		}
	}
}

func TestPipelinesMapCorrelations(t *testing.T) {
	base := `
name: base
logsource: {product: windows}
detection: {selection: {A: 1}, condition: selection}`
	series := `
title: series
correlation:
  type: value_count
  rules: [base]
  group-by: [User, host]
  timespan: 5m
  aliases:
    host: {base: Computer}
  condition: {gte: 2, field: IP}`
	mapping := `
transformations:
- type: field_name_mapping
  mapping: {User: [user.name, user.id], Computer: host.name, IP: source.ip, host: wrong}
  rule_conditions: [{type: logsource, product: windows}]`
	rs, problems := Compile(mustRules(t, base, series), Mapping{}, Options{Pipelines: []*Pipeline{mustPipeline(t, mapping)}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c := rs.Correlations()[0].correlation
	if got := fmt.Sprint(c.groupBy, c.aliases, c.fields); got != "[user.name user.id host] map[host:map[base:host.name]] [source.ip]" {
		t.Error(got)
	}
	if keep := rs.correlations.keep[rs.Rules()[0]]; !slices.Contains(keep, "user.name") || !slices.Contains(keep, "host.name") || !slices.Contains(keep, "source.ip") {
		t.Errorf("kept of hits: %v", keep)
	}

	for what, mapping := range map[string]string{
		"field of the condition": "{IP: [a, b]}", "alias host": "{Computer: [a, b]}",
	} {
		p := mustPipeline(t, "transformations: [{type: field_name_mapping, mapping: "+mapping+"}]")
		rs, problems := Compile(mustRules(t, base, series), Mapping{}, Options{Pipelines: []*Pipeline{p}})
		if len(problems) != 1 || !strings.Contains(problems[0].Reason, what) || problems[0].Remedy == "" || len(rs.Correlations()) != 0 {
			t.Errorf("%s: %v", what, problems)
		}
	}
}

// Written and read again, a pattern is the same.
func TestPatternsAreWrittenTheWayTheyAreRead(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	const letters = `\\\\**??%%ab_`
	for range 200_000 {
		b := make([]byte, g.IntN(12))
		for i := range b {
			b[i] = letters[g.IntN(len(letters))]
		}
		for _, expand := range []bool{false, true} {
			p := parsePattern(string(b), expand)
			if again := parsePattern(p.written(expand), expand); !slices.Equal(again, p) {
				t.Fatalf("%q (expand %t) is %v, written %q is %v", b, expand, p, p.written(expand), again)
			}
		}
	}
}

// A step that replaces every text by itself takes every value through its
// modifiers and back into a rule. Whatever the rules matched they match after
// it: the 1,200 golden pairs, in a scope or in none.
func TestRewrittenRulesMatchTheSame(t *testing.T) {
	rules, _ := loadRules(t, "rules")
	events := loadEvents(t, "windows-attack.ndjson.gz")
	identity := mustPipeline(t, `
transformations:
- {type: replace_string, regex: '(?s)^.*$', replacement: '\g<0>', detection_item_conditions: [{type: match_string, cond: all, pattern: ''}]}
- {type: replace_string, regex: '(?s)^(.*)$', replacement: '\1', skip_special: true, detection_item_conditions: [{type: match_string, cond: all, pattern: ''}]}
- {type: map_string, mapping: {neverthere: x}}
- {type: field_name_mapping, mapping: {Image: Image, CommandLine: [CommandLine, never.there]}}`)
	plain, _ := Compile(rules, DefaultMapping(), Options{})
	changed, problems := Compile(rules, DefaultMapping(), Options{Pipelines: []*Pipeline{identity}})
	if list := errorsOnly(problems); len(list) > 0 {
		t.Fatalf("%d rules do not survive, such as %v", len(list), list[0])
	}
	pairs := 0
	a, b := plain.NewMatcher(), changed.NewMatcher()
	for i, ev := range events {
		want, got := sortedIDs(a, ev), sortedIDs(b, ev)
		if pairs += len(want); !slices.Equal(want, got) {
			t.Errorf("event %d: %v, rewritten %v", i, want, got)
		}
	}
	if pairs != 1200 {
		t.Errorf("%d pairs, want the golden 1,200", pairs)
	}
}

// The example in the documentation is one, and its tables miss nothing.
func TestPipelineDocumentation(t *testing.T) {
	src, err := os.ReadFile("../docs/format/pipeline.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	_, example, _ := strings.Cut(text, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	rules := mustRules(t, `
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: \whoami.exe
    User|expand: '%admins%'
    IntegrityLevel: High
  condition: selection`)
	rs, problems := Compile(rules, Mapping{}, Options{Unscoped: true, Pipelines: []*Pipeline{mustPipeline(t, example)}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	ev, err := eventFromJSON([]byte(`{"process": {"executable": "C:\\whoami.exe"}, "user": {"full_name": "backup1"}, "winlog": {"event_data": {"IntegrityLevel": "High"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	hits := 0
	if rs.Match(ev, func(*Rule) { hits++ }); hits != 1 {
		t.Error("the example does not do what it says")
	}

	var names []string
	for _, row := range transformations() {
		names = append(names, row.name)
	}
	for name := range refusedTransformations {
		names = append(names, name)
	}
	for _, row := range ruleConditions {
		names = append(names, row.name)
	}
	for _, row := range itemConditions {
		names = append(names, row.name)
	}
	for _, row := range fieldConditions {
		names = append(names, row.name)
	}
	for _, name := range names {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/format/pipeline.md does not mention %s", name)
		}
	}
}

// Every transformation and condition has a case.
func TestEveryStepAndConditionHasCases(t *testing.T) {
	var all strings.Builder
	for _, name := range []string{"fields", "values", "rules", "conditions", "errors"} {
		src, err := os.ReadFile("testdata/pipeline_" + name + ".case")
		if err != nil {
			t.Fatal(err)
		}
		all.Write(src)
	}
	check := func(name string) {
		if !strings.Contains(all.String(), "type: "+name) {
			t.Errorf("no case for %s", name)
		}
	}
	for _, row := range transformations() {
		if !strings.HasSuffix(row.name, "_field") { // TestListsOfFields
			check(row.name)
		}
	}
	for _, row := range ruleConditions {
		check(row.name)
	}
	for _, row := range itemConditions {
		check(row.name)
	}
	for _, row := range fieldConditions {
		check(row.name)
	}
}

func TestListsOfFields(t *testing.T) {
	p := mustPipeline(t, `
transformations:
- {type: add_field, field: c}
- {type: add_field, field: [d, e]}
- {type: remove_field, field: [a, never, d]}
- {type: field_name_mapping, mapping: {b: [x, y]}}
- {type: set_field, fields: [z], rule_conditions: [{type: rule_attribute, attribute: level, value: low}]}
- {type: field_name_suffix, suffix: '!', rule_conditions: [{type: rule_attribute, attribute: fields, op: in, value: z}]}`)
	for text, want := range map[string]string{
		"fields: [a, b]": "[x y c e]", "level: high": "[c e]", "{fields: [a], level: low}": "[z!]",
	} {
		rules := mustRules(t, strings.Trim(strings.ReplaceAll(text, "], ", "]\n"), "{}")+"\ndetection: {selection: {A: 1}, condition: selection}")
		rs, problems := Compile(rules, Mapping{}, Options{Pipelines: []*Pipeline{p}})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := fmt.Sprint(rs.Rules()[0].Custom["fields"]); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// BenchmarkCompilePipelines loads all rules, plain and through a pipeline of the
// usual size: the difference is what pipelines cost.
func BenchmarkCompilePipelines(b *testing.B) {
	rules, _ := loadRules(b, "rules")
	var src strings.Builder
	src.WriteString("transformations:\n")
	for i := range 20 {
		fmt.Fprintf(&src, "- type: field_name_mapping\n  mapping: {Image: Image%d, CommandLine: [a%d, b%d]}\n  rule_conditions: [{type: logsource, category: category%d}]\n", i, i, i, i)
	}
	src.WriteString("- {type: field_name_mapping, mapping: {Image: process.executable, CommandLine: [process.command_line, cmdline]}}\n" +
		"- {type: field_name_prefix, prefix: winlog., field_name_conditions: [{type: exclude_fields, mode: re, fields: ['.*\\.']}]}\n" +
		"- {type: replace_string, regex: '^\\*\\\\', replacement: '*\\\\'}\n")
	p := mustPipeline(b, src.String())
	for name, list := range map[string][]*Pipeline{"none": nil, "one": {p}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Compile(rules, DefaultMapping(), Options{Pipelines: list})
			}
		})
	}
}
