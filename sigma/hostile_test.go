package sigma

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostile lists n values, each on its line.
func hostile(n int, value func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("\n            - " + quote(value(i)))
	}
	return b.String()
}

// hostileItems are detection items meant to cost far more than they look, and
// what the refusal says; "" where the item loads and must be harmless.
var hostileItems = []struct{ name, item, refused string }{
	{"ten thousand values", "f|contains:" + hostile(10_000, func(i int) string { return fmt.Sprintf("ab-%dx", i) }), ""},
	{"ten thousand cased values", "f|cased|contains:" + hostile(MaxSteps+1, func(i int) string { return fmt.Sprintf("ab-%dx", i) }), "more than 10000 steps"},
	{"ten thousand keywords", "'|all':" + hostile(10_000, func(i int) string { return fmt.Sprintf("ab-%dx", i) }), ""},
	{"ten thousand patterns", "f|contains:" + hostile(10_000, func(i int) string { return fmt.Sprintf("a%d*b%d", i, i) }), "more than 5000 values with wildcards"},
	{"five thousand patterns", "f|contains:" + hostile(MaxPatterns, func(i int) string { return fmt.Sprintf("a%d*b%d", i, i) }), ""},
	{"two thousand patterns with ?", "f|contains:" + hostile(2_000, func(i int) string { return fmt.Sprintf("a%d*b%d?c", i, i) }), "more than 10000 steps"},
	{"nested wildcards", "f: " + quote(strings.Repeat("*a", MaxWildcards)), ""},
	{"nested wildcards that end in what is not there", "f: " + quote(strings.Repeat("*a", MaxWildcards-1)+"*never"), ""},
	{"ten thousand nested wildcards", "f: " + quote(strings.Repeat("*a", 5_000)), "more than 32 wildcards"},
	{"a flood of ?", "f|contains: " + quote(strings.Repeat("?", MaxWildcards-2)+"z"), ""},
	{"a greater flood of ?", "f|contains: " + quote(strings.Repeat("?", 10_000)), "more than 32 wildcards"},
	{"a ? in a long text", "f|contains: " + quote(strings.Repeat("a", 5_000)+"?b"), ""},
	{"a ? in a longer text", "f|contains: " + quote(strings.Repeat("a", 12_000)+"?b"), "more than 10000 steps"},
	{"a long value", "f: " + quote(strings.Repeat("x", MaxValueBytes+1)), "more than 16384 bytes"},
	{"values times length", "f|windash:" + hostile(50, func(i int) string { return fmt.Sprintf("-a -b -c %d %s", i, strings.Repeat("x", 1000)) }), "more than 2097152 bytes"},
	{"too many values", "f|contains:" + hostile(MaxValues+1, func(i int) string { return fmt.Sprint("v", i) }), "more than 50000 values"},
	{"values times permutations", "f|windash:" + hostile(100, func(i int) string { return fmt.Sprintf("-a -b -c -d %d", i) }), "more than 50000 values"},
	{"permutations of one value", "f|windash: '-a -b -c -d -e'", "more than 5^4 variants"},
	{"base64 of base64 of base64", "f|base64|base64|base64|base64offset|contains: " + quote(strings.Repeat("x", 9_000)), "more than 16384 bytes"},
	{"wide and three offsets", "f|wide|base64offset|contains:" + hostile(MaxValues/3+1, func(i int) string { return fmt.Sprint("v", i) }), "more than 50000 values"},
	{"expression of nested stars", "f|re: '(((((a*)*)*)*)*)*b'", ""},
	{"expression bomb", "f|re: '(a{1,1000}){1,1000}'", "does not compile"},
	{"smaller expression bomb", "f|re: '(a{1,100}){1,100}'", "does not compile"},
	{"expression as large as is allowed", "f|re: '(a{1,30}){1,30}b'", ""},
	{"expression larger than that", "f|re: '(a{1,31}){1,32}b'", "more than 2000"},
	{"alternatives ten deep", "f|re: '(x|y|(x|y|(x|y|(x|y|(x|y|(x|y))))))+z'", ""},
	{"huge alternation", "f|re: " + quote("("+strings.TrimSuffix(strings.Repeat("ab|ba|", 1_000), "|")+")z"), "more than 2000"},
	{"alternation of words", "f|re: " + quote(words(1_000)), "more than 2000"},
	{"an expression too long", "f|re: " + quote(strings.Repeat("a|", MaxRegexBytes)), "bytes"},
	{"many expressions", "f|re:" + hostile(2000, func(i int) string { return fmt.Sprintf("x%d(a|b)+y{20}", i) }), "more than 10000 steps"},
	{"ten thousand networks", "f|cidr:" + hostile(10_000, func(i int) string { return fmt.Sprintf("10.%d.%d.0/24", i/256, i%256) }), ""},
	{"ten thousand references", "f|fieldref:" + hostile(MaxSteps+1, func(i int) string { return fmt.Sprint("g", i) }), "more than 10000 steps"},
}

// words is an alternation in which no branch shares its beginning with another.
func words(n int) string {
	var alts []string
	for i := range n {
		alts = append(alts, fmt.Sprintf("%cx%d[xy]", 'a'+i%26, i*7919))
	}
	return strings.Join(alts, "|")[:min(MaxRegexBytes, 1<<20)-8] + "|z"
}

// A hostile item is refused with its place, reason and remedy, or it loads and
// an event of 64 KiB made for it is still done with. Enforced are steps, which
// do not depend on the machine; the clock only tells polynomial work from an
// explosion.
func TestHostileItems(t *testing.T) {
	values := []string{strings.Repeat("a", 64<<10), strings.Repeat("ab-c ", 13<<10), strings.Repeat("x", 64<<10), strings.Repeat("-a /b ", 11<<10)}
	for _, tc := range hostileItems {
		t.Run(tc.name, func(t *testing.T) {
			start := time.Now()
			rules, problems := Parse([]byte(oneItemRule(tc.item)), "hostile.yml")
			rs, more := Compile(rules, Mapping{}, Options{Unscoped: true})
			problems = errorsOnly(append(problems, more...))
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("loading took %v", d)
			}
			if tc.refused != "" {
				if len(problems) != 1 || !strings.Contains(problems[0].Reason, tc.refused) {
					t.Fatalf("problems: %v", problems)
				}
				if p := problems[0]; p.File != "hostile.yml" || p.Line < 5 || p.Column < 9 || p.Remedy == "" {
					t.Errorf("no place or remedy: %#v", p)
				}
				return
			}
			if len(problems) != 0 {
				t.Fatal(problems)
			}
			for _, value := range values {
				event := &Event{Fields: []Field{{Name: "f", Value: value}, {Name: "g", Value: "x"}}}
				start := time.Now()
				rs.Match(event, func(*Rule) {})
				if d := time.Since(start); d > 20*time.Second {
					t.Errorf("one event of 64 KiB took %v", d)
				} else if d > 100*time.Millisecond {
					t.Logf("%v for %.4s", d, value)
				}
			}
		})
	}
}

// A hostile condition is refused, or is work in proportion to its length.
func TestHostileConditions(t *testing.T) {
	selections := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "    s%d:\n        f|contains: v%d\n", i, i)
		}
		return b.String()
	}
	chain := func(n int, part string) string { return strings.Repeat(part, n) }
	for _, tc := range []struct{ name, detection, refused string }{
		{"1 of 1,000", selections(1_000) + "    condition: 1 of *\n", ""},
		{"all of 1,000", selections(1_000) + "    condition: all of them\n", ""},
		{"500 of 1,000", selections(1_000) + "    condition: 500 of s*\n", ""},
		{"1 of 1,000, a thousand times", selections(1_000) + "    condition: " + chain(1_000, "1 of * or ") + "s1\n", "more than 60000 parts"},
		{"parentheses", selections(1) + "    condition: " + chain(1_000, "(") + "s0" + chain(1_000, ")") + "\n", "nested more than 64 deep"},
		{"negations", selections(1) + "    condition: " + chain(1_000, "not ") + "s0\n", "nested more than 64 deep"},
		{"as deep as is allowed", selections(1) + "    condition: " + chain(MaxConditionDeep/2, "not (") + "s0" + chain(MaxConditionDeep/2, ")") + "\n", ""},
		{"a long condition", selections(1) + "    condition: " + chain(5_000, "s0 or ") + "s0\n", "more than 16384 bytes"},
		{"a wide condition", selections(1) + "    condition: " + chain(2_000, "s0 or ") + "s0\n", ""},
		{"open parentheses", selections(1) + "    condition: " + chain(60, "(") + "s0\n", "not closed"},
		{"patterns of stars", selections(1) + "    condition: 1 of " + chain(1_000, "*s") + "\n", "selects no search identifier"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			start := time.Now()
			rules, problems := Parse([]byte("title: t\nlogsource: {product: x}\ndetection:\n"+tc.detection), "hostile.yml")
			rs, more := Compile(rules, Mapping{}, Options{Unscoped: true})
			problems = errorsOnly(append(problems, more...))
			if tc.refused == "" && len(problems) != 0 || tc.refused != "" && (len(problems) != 1 || !strings.Contains(problems[0].Reason, tc.refused) ||
				problems[0].File == "" || problems[0].Line == 0 || problems[0].Remedy == "") {
				t.Errorf("problems: %v", problems)
			}
			rs.Match(&Event{Fields: []Field{{Name: "f", Value: strings.Repeat("v1 v22 ", 9_000)}}}, func(*Rule) {})
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("it took %v", d)
			}
		})
	}
}

// YAML that multiplies when its aliases are followed, or that nests without
// end, is refused.
func TestHostileYAML(t *testing.T) {
	laughs := func(open, item, end string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "x0: &x0 %s%s%s\n", open, strings.TrimSuffix(strings.Repeat(item+", ", 10), ", "), end)
		for i := range 12 {
			list := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i), 10), ", ")
			fmt.Fprintf(&b, "x%d: &x%d [%s]\n", i+1, i+1, list)
		}
		return b.String()
	}
	rule := func(s string) string {
		return "title: t\nlogsource: {product: x}\n" + s
	}
	for _, tc := range []struct{ name, src string }{
		{"lists of lists in a selection", rule(laughs("[", "x", "]") + "detection:\n    s: *x12\n    condition: s\n")},
		{"lists of lists as values", rule(laughs("[", "x", "]") + "detection:\n    s: {f: *x12}\n    condition: s\n")},
		{"lists of lists as tags", rule(laughs("[", "x", "]") + "tags: *x12\ndetection:\n    s: {f: x}\n    condition: s\n")},
		{"lists of lists as conditions", rule(laughs("[", "s", "]") + "detection:\n    s: {f: x}\n    condition: *x12\n")},
		{"merges of merges", rule("a: &a {f: x, g: y}\nb: &b {<<: [*a, *a, *a, *a, *a, *a, *a, *a]}\nc: &c {<<: [*b, *b, *b, *b, *b, *b, *b, *b]}\nd: &d {<<: [*c, *c, *c, *c, *c, *c, *c, *c]}\n" +
			"e: &e {<<: [*d, *d, *d, *d, *d, *d, *d, *d]}\nh: &h {<<: [*e, *e, *e, *e, *e, *e, *e, *e]}\ni: &i {<<: [*h, *h, *h, *h, *h, *h, *h, *h]}\ndetection:\n    s: {<<: [*i, *i, *i, *i, *i, *i, *i, *i]}\n    condition: s\n")},
		{"nesting", rule("detection:\n    s: " + strings.Repeat("[", 5_000) + "x" + strings.Repeat("]", 5_000) + "\n    condition: s\n")},
		{"more nesting", rule("detection:\n    s: " + strings.Repeat("[", 1_000_000) + "\n    condition: s\n")},
		{"nesting in a key of one's own", rule("mine: " + strings.Repeat("{a: ", 5_000) + "x" + strings.Repeat("}", 5_000) + "\ndetection:\n    s: {f: x}\n    condition: s\n")},
		{"a large file", rule("description: " + strings.Repeat("x", MaxFileBytes) + "\n")},
		{"many documents", strings.Repeat("---\n# nothing\n", 3) + strings.Repeat("a: b\n---\n", MaxDocuments+1)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			start := time.Now()
			rules, problems := Parse([]byte(tc.src), "hostile.yml")
			_, more := Compile(rules, Mapping{}, Options{})
			problems = errorsOnly(append(problems, more...))
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("it took %v", d)
			}
			if strings.Contains(tc.name, "of one's own") {
				return // read as it is, or refused
			}
			if len(problems) == 0 || problems[0].File == "" || problems[0].Reason == "" || problems[0].Remedy == "" {
				t.Errorf("problems: %.300v", problems)
			}
		})
	}
}

// Ten thousand hostile rules together fill the ruleset to its limits and no
// further: those beyond are refused one by one, and what is refused leaves
// nothing behind.
func TestHostileRuleset(t *testing.T) {
	items := []func(i int) string{
		func(i int) string {
			return "f|contains:" + hostile(150, func(k int) string { return fmt.Sprintf("v%d-%d", i, k) })
		},
		func(i int) string {
			return "g|contains:" + hostile(3, func(k int) string { return strings.Repeat(fmt.Sprintf("%d,%d;", i, k), 300) })
		},
		func(i int) string {
			return "f|re:" + hostile(5, func(k int) string { return fmt.Sprintf("(a|b|%d){30}[^x]%d", i, k) })
		},
		func(i int) string {
			return "f|contains:" + hostile(20, func(k int) string { return fmt.Sprintf("a%d*%d*?%dz", k, i, k) })
		},
		func(i int) string {
			return "h|cased|contains:" + hostile(20, func(k int) string { return fmt.Sprintf("V%d-%d", i, k) })
		},
	}
	const count = 10_000
	var rules []*Rule
	for i := range count {
		r, problems := Parse([]byte(oneItemRule(items[i%len(items)](i))), fmt.Sprintf("%d.yml", i))
		if len(errorsOnly(problems)) > 0 {
			t.Fatal(problems)
		}
		rules = append(rules, r...)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	rs, problems := Compile(rules, Mapping{}, Options{Unscoped: true})
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	problems = errorsOnly(problems)
	heap := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d rules loaded, %d refused, in %v, %d MB", len(rs.Rules()), len(problems), took, heap>>20)
	if len(rs.Rules())+len(problems) != count || len(problems) == 0 {
		t.Fatalf("%d rules and %d refusals of %d", len(rs.Rules()), len(problems), count)
	}
	for _, p := range problems {
		if !strings.Contains(p.Reason, "the ruleset would have more than") || p.File == "" || p.Line == 0 || p.Remedy == "" {
			t.Fatalf("%#v", p)
		}
	}
	if heap > 1<<30 {
		t.Errorf("the ruleset takes %d MB", heap>>20)
	}
	start = time.Now()
	text := strings.Repeat("a1b2-v3 ", 1<<10)
	rs.Match(&Event{Fields: []Field{{Name: "f", Value: text}, {Name: "g", Value: text}, {Name: "h", Value: text}}}, func(*Rule) {})
	if d := time.Since(start); d > time.Minute {
		t.Errorf("one event took %v", d)
	}
}

// The limits of a ruleset leave room for more than any public collection needs.
func TestRulesetLimitsHaveRoom(t *testing.T) {
	rules, _ := loadRules(t, "rules", "rules-emerging-threats", "rules-threat-hunting")
	c := &compiler{opts: &Options{}, intern: map[string]*predicate{}, ids: map[string]*Rule{}}
	for _, r := range rules {
		c.rule(r)
	}
	t.Logf("%+v", c.total)
	if c.total.values*5 > MaxRulesetValues || c.total.bytes*5 > MaxRulesetBytes || c.total.nodes*5 > MaxRulesetNodes || c.total.steps*5 > MaxRulesetSteps {
		t.Errorf("less than five times the room that %d rules need: %+v", len(rules), c.total)
	}
}
