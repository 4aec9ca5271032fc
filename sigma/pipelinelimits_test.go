package sigma

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whatever pipelines make of a rule is bounded; a rule beyond is refused with a
// reason and a remedy, and soon.
func TestPipelineLimitsOnRules(t *testing.T) {
	list := func(n int, format string) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf(format, i))
		}
		return "[" + strings.Join(names, ", ") + "]"
	}
	hundred := func(of string) string { return list(100, of+"%d") }
	chain := "transformations:\n- {type: field_name_mapping, mapping: {F: " + hundred("a") + "}}\n"
	for i := range 4 {
		chain += "- {type: field_name_prefix_mapping, mapping: {'" + string(rune('a'+i)) + "': " + hundred(string(rune('b'+i))) + "}}\n"
	}
	for _, c := range []struct{ name, pipeline, value, reason string }{
		{"names mapped to many, again and again", chain, "x", "lines of the rule"},
		{"many names for many values", "transformations: [{type: field_name_mapping, mapping: {F: " + hundred("a") + "}}]", list(1000, "v%d"), "values of the rule"},
		{"many names for long values", "transformations: [{type: field_name_mapping, mapping: {F: " + hundred("a") + "}}]", list(10, strings.Repeat("x", 10_000)+"%d"), "bytes of the rule's values"},
		{"values mapped to many", "transformations: [{type: map_string, mapping: {x: " + list(100, "x%d") + "}}, {type: replace_string, regex: '\\d', replacement: ''}, {type: map_string, mapping: {x: " + list(1000, "x%d") + "}}]", "x", "too many values"},
		{"a replacement that grows", "transformations: [{type: replace_string, regex: '', replacement: " + strings.Repeat("y", 1000) + "}]", strings.Repeat("x", 1000), "bytes of a value"},
		{"a name that grows", "transformations: [" + strings.Repeat("{type: field_name_prefix, prefix: "+strings.Repeat("p", 100)+"}, ", 20) + "]", "x", "name of more than"},
		{"placeholders that multiply", "{vars: {v: " + hundred("v") + "}, transformations: [{type: value_placeholders}]}", "'" + strings.Repeat("%v%", 5) + "'", "expand to more than"},
		{"placeholders that multiply long values", "{vars: {v: " + list(20, strings.Repeat("v", 10_000)+"%d") + "}, transformations: [{type: value_placeholders}]}", "'" + strings.Repeat("%v%", 3) + "'", "expand to more than"},
		{"an expression that looks at everything for each match", "transformations: [{type: replace_string, regex: '(?s)a|.*(b|c|d){50}x', replacement: a}]", strings.Repeat("a", 16_000), "take too long"},
		{"slow expressions over much text", "transformations:\n" + strings.Repeat("- {type: drop_detection_item, detection_item_conditions: [{type: match_string, cond: any, pattern: '.*(x+x+)+y{500}'}]}\n", 30), list(100, strings.Repeat("x", 10_000)+"%d"), "take too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustPipeline(t, c.pipeline)
			rules := mustRules(t, "detection: {selection: {'F|expand': "+c.value+"}, condition: selection}")
			begun := time.Now()
			rs, problems := Compile(rules, Mapping{}, Options{Pipelines: []*Pipeline{p}})
			if len(rs.Rules()) != 0 || len(problems) != 1 || !strings.Contains(problems[0].Reason, c.reason) || problems[0].Remedy == "" {
				t.Errorf("%.300v, want a refusal for %q", problems, c.reason)
			}
			if d := time.Since(begun); d > 20*time.Second {
				t.Errorf("it took %v", d)
			}
		})
	}
}

func TestPipelineLimitsOnFiles(t *testing.T) {
	nest := "{type: drop_detection_item}"
	for range MaxPipelineNests + 1 {
		nest = "{type: nest, items: [" + nest + "]}"
	}
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 8 {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", 'b'+i, 'b'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i)
	}
	for _, c := range []struct{ name, src, reason string }{
		{"size", strings.Repeat("#", MaxPipelineBytes+1), "more than"},
		{"not UTF-8", "name: \xff", "not UTF-8"},
		{"documents", "name: a\n---\nname: b\n", "more than one document"},
		{"steps", "transformations:\n" + strings.Repeat("- {type: drop_detection_item}\n", MaxPipelineSteps+1), "more than 2000 steps"},
		{"nested steps count", "transformations:\n- type: nest\n  items:\n" + strings.Repeat("  - {type: drop_detection_item}\n", MaxPipelineSteps), "more than 2000 steps"},
		{"depth", "transformations: [" + nest + "]", "nested more than 8 deep"},
		{"expressions", "transformations:\n" + strings.Repeat("- {type: replace_string, regex: 'x{500}', replacement: y}\n", 50), "more than 20000 instructions"},
		{"anchors", "vars:\n  " + strings.ReplaceAll(strings.TrimSpace(bomb), "\n", "\n  "), "not plain text"},
		{"an anchor within itself", "transformations: &t [{type: nest, items: *t}]", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, problems := ParsePipeline([]byte(c.src), "p.yml")
			if p != nil || len(problems) == 0 || !strings.Contains(problems[0].Reason, c.reason) || problems[0].Remedy == "" || problems[0].File != "p.yml" {
				t.Errorf("%.300v, want a refusal for %q", problems, c.reason)
			}
		})
	}
}

// Whatever a pipeline says, it is refused with a reason or applied, and what it
// makes of rules either compiles or is refused.
func FuzzParsePipeline(f *testing.F) {
	f.Add([]byte(renameAll), "x")
	f.Add([]byte("transformations: [{type: field_name_mapping, mapping: {null: m, F: [A, B], G: H}}]"), "x")
	f.Add([]byte("transformations: [{type: replace_string, regex: '(\\w)(\\*)?', replacement: '\\2\\g<1>\\*?', skip_special: true}]"), `a\*b*`)
	f.Add([]byte("transformations: [{type: replace_string, regex: '(\\\\)?.', replacement: 'x\\1\\\\'}]"), `\*\\?%v%\`)
	f.Add([]byte("{vars: {v: ['a*', 'b\\']}, transformations: [{type: value_placeholders, exclude: [w]}, {type: wildcard_placeholders}]}"), `%v%*\%v%%w%`)
	f.Add([]byte("transformations: [{type: map_string, mapping: {x: [y, z]}}, {type: case, method: snake_case}, {type: regex, method: plain}, {type: convert_type, target_type: num}]"), "x")
	f.Add([]byte("transformations: [{type: hashes_fields, valid_hash_algos: [MD5], field_prefix: h}]"), "MD5=1")
	f.Add([]byte("transformations: [{type: add_condition, conditions: {a: $product, b|re: x}, template: true, negated: true}, {type: change_logsource, service: s}, {type: nest, items: [{id: i, type: set_state, key: k, val: 1}]}]"), "x")
	f.Add([]byte("transformations: [{type: drop_detection_item, detection_item_conditions: {a: {type: match_string, cond: any, pattern: x}, b: {type: is_null, cond: all}}, detection_item_cond_expr: not a or b}]"), "x")
	f.Add([]byte("transformations: [{type: strict_field_mapping_failure, rule_conditions: [{type: rule_attribute, attribute: level, op: gte, value: low}, {type: tag, tag: t}], rule_cond_op: or, rule_cond_not: true}]"), "x")
	f.Fuzz(func(t *testing.T, src []byte, value string) {
		p, problems := ParsePipeline(src, "p.yml")
		for _, problem := range problems {
			if problem.Reason == "" || problem.Remedy == "" && problem.Severity == Error {
				t.Errorf("no reason or remedy: %v", problem)
			}
		}
		if p == nil {
			if len(errorsOnly(problems)) == 0 {
				t.Fatal("refused without a reason")
			}
			return
		}
		quoted := "'" + strings.NewReplacer("'", "''", "\n", " ", "\r", " ").Replace(value) + "'"
		rules, _ := Parse([]byte(`
title: one
name: one
level: low
tags: [t]
id: 00000000-0000-4000-8000-000000000001
logsource: {product: test}
detection:
  a:
    F|contains|expand: `+quoted+`
    G|all|windash|startswith: [`+quoted+`, ' -x']
    H|fieldref: F
    I: null
    J|gt: 5
  b:
    - `+quoted+`
    - K|neq: [4, `+quoted+`]
    - L|re|expand: '%v%'
  condition: a or 1 of b*
---
title: two
id: 00000000-0000-4000-8000-000000000002
correlation: {type: value_count, rules: [one], group-by: [F, al], aliases: {al: {one: G}}, timespan: 1m, condition: {gte: 1, field: F}}
---
title: three
id: 00000000-0000-4000-8000-000000000003
logsource: {product: test}
filter: {rules: any, t: {F: `+quoted+`}, condition: not t}
`), "")
		rs, problems := Compile(rules, Mapping{}, Options{Unscoped: true, Pipelines: []*Pipeline{p}, Placeholders: map[string][]string{"v": {"1"}}})
		for _, problem := range errorsOnly(problems) {
			if problem.Reason == "" || problem.Remedy == "" {
				t.Errorf("no reason or remedy: %v", problem)
			}
		}
		fast, slow := rs.NewMatcher(), rs.NewMatcher()
		slow.fullScan = true
		for _, ev := range []*Event{{}, {Fields: []Field{{Name: "F", Value: value}, {Name: "K", Value: "4"}}}} {
			if a, b := sortedIDs(fast, ev), sortedIDs(slow, ev); len(a) != len(b) {
				t.Errorf("the index finds %v, the full scan %v", a, b)
			}
			for _, r := range rs.Rules() {
				rs.Explain(r, ev)
				rs.Explain(r.AsWritten(), ev)
			}
		}
	})
}
