package sigma

import (
	"encoding/json"
	goflag "flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = goflag.Bool("update", false, "write the golden files")

// explained checks an explanation against the verdict of Match and against
// what each of its parts must fulfil.
func explained(t *testing.T, rs *Ruleset, r *Rule, ev *Event, matched bool) *Explanation {
	t.Helper()
	e := rs.Explain(r, ev)
	if e == nil {
		t.Fatalf("%s: no explanation", r.Title)
	}
	if e.Matched != matched {
		t.Fatalf("%s: explained as matched: %t, want %t\nevent %q\n%s", r.Title, e.Matched, matched, ev.Fields, e)
	}
	consistent(t, &e.Condition)
	return e
}

// consistent checks that the evidence of a field test says what the test says.
func consistent(t *testing.T, p *Part) {
	t.Helper()
	for i := range p.Parts {
		consistent(t, &p.Parts[i])
	}
	if p.Kind != PartField && p.Kind != PartKeywords {
		return
	}
	for _, h := range p.Hits {
		end := -1 // spans do not touch
		for _, span := range h.Spans {
			if span.Start <= end || span.End <= span.Start || span.End > len(h.Value) ||
				!utf8.RuneStart(h.Value[span.Start]) && utf8.ValidString(h.Value) {
				t.Errorf("%+v: spans of %q are not parts of it in order", h, h.Value)
			}
			end = span.End
		}
	}
	modifiers := strings.Split(p.Modifier, "|")
	neq := slices.Contains(modifiers, "neq")
	// These can hold by what an event lacks, without any value to show.
	lacking := slices.Contains(p.Patterns, "null") || slices.Contains(modifiers, "exists") || p.State == FieldObject
	satisfied := p.Held != neq
	switch {
	case slices.Contains(modifiers, "all"):
		if satisfied != (len(p.Missing) == 0) {
			t.Errorf("%+v: the missing patterns contradict the verdict", p)
		}
	case !lacking && satisfied != (len(p.Hits) > 0):
		t.Errorf("%+v: the hits contradict the verdict", p)
	}
}

func TestExplainAgreesWithMatch(t *testing.T) {
	rules, _ := loadRules(t, "rules", "rules-emerging-threats", "rules-threat-hunting", "rules-placeholder")
	rs, _ := Compile(rules, DefaultMapping(), Options{Placeholders: map[string][]string{"Administrators": {"admin*"}}})
	r := rand.New(rand.NewPCG(1, 2))
	for _, file := range []string{"windows-attack", "windows-estate", "lane-structured-windows", "lane-cisco-syslog"} {
		t.Run(file, func(t *testing.T) {
			events := loadEvents(t, file+".ndjson.gz")
			m := rs.NewMatcher()
			found := 0
			for i := 0; i < len(events); i += 1 + len(events)/400 {
				var hits []*Rule
				m.Match(events[i], func(r *Rule) { hits = append(hits, r) })
				for _, h := range hits {
					found++
					e := explained(t, rs, h, events[i], true)
					if len(e.Fields) == 0 && !strings.Contains(e.String(), "not:") && !strings.Contains(e.String(), "null") {
						t.Errorf("event %d, %s: no field made it match\n%s", i, h.Title, e)
					}
				}
				for range 3 {
					other := rs.Rules()[r.IntN(len(rs.Rules()))]
					explained(t, rs, other, events[i], slices.Contains(hits, other))
				}
			}
			t.Log(found, "matches explained")
		})
	}
}

// TestExplainText keeps what the text says for each way a part can hold or
// fail. The cases are in testdata/explain.golden, each a rule, an event and
// the text; -update rewrites the texts.
func TestExplainText(t *testing.T) {
	const file = "testdata/explain.golden"
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for i, c := range strings.Split(strings.TrimSpace(string(src)), "\n====\n") {
		input, want, _ := strings.Cut(c, "\n>>>>\n")
		text, event, ok := strings.Cut(input, "\n{")
		if !ok {
			t.Fatalf("case %d has no event", i)
		}
		ev, err := eventFromJSON([]byte("{" + event))
		if err != nil {
			t.Fatal(err)
		}
		rules, problems := Parse([]byte(text), "")
		rs, more := Compile(rules, DefaultMapping(), Options{})
		if e := errorsOnly(append(problems, more...)); len(e) > 0 {
			t.Fatal(e)
		}
		matched := false
		rs.Match(ev, func(*Rule) { matched = true })
		got := strings.TrimSpace(explained(t, rs, rs.Rules()[0], ev, matched).String())
		if got != strings.TrimSpace(want) && !*update {
			t.Errorf("case %d: got\n%s\nwant\n%s", i, got, want)
		}
		if i > 0 {
			out.WriteString("\n====\n")
		}
		fmt.Fprintf(&out, "%s\n>>>>\n%s", input, got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestExplainKeepsNothingOfTheEvent(t *testing.T) {
	rs := mustCompile(t, Options{Unscoped: true}, oneItemRule("f|contains: b"))
	value := []byte("abc")
	e := rs.Explain(rs.Rules()[0], &Event{Fields: []Field{{Name: "f", Value: view(value)}}})
	copy(value, "xxx")
	if got := e.Fields[0].Value; got != "abc" {
		t.Errorf("the explanation has %q", got)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Error(err)
	}
}

func TestExplainOfARefusedRuleIsNil(t *testing.T) {
	rules, _ := Parse([]byte(oneItemRule("f|unknown: b")), "")
	rs, _ := Compile(nil, Mapping{}, Options{})
	if e := rs.Explain(rules[0], &Event{}); e != nil {
		t.Errorf("got %s", e)
	}
}

func BenchmarkExplain(b *testing.B) {
	rs := mustCompile(b, Options{}, oneItemRule("f|contains: [a, b, c]"))
	ev := &Event{Source: LogSource{Product: "test"}, Fields: []Field{{Name: "f", Value: "xbx"}}}
	b.ReportAllocs()
	for b.Loop() {
		if !rs.Explain(rs.Rules()[0], ev).Matched {
			b.Fatal("no match")
		}
	}
}

func TestExplanationIsBounded(t *testing.T) {
	rs := mustCompile(t, Options{Unscoped: true}, oneItemRule("f|contains: ["+strings.Repeat("a, ", 2000)+"b]"))
	ev := &Event{}
	for i := range 2000 {
		ev.Fields = append(ev.Fields, Field{Name: "f", Value: fmt.Sprint("ab", i)})
	}
	e := explained(t, rs, rs.Rules()[0], ev, true)
	test := e.Condition.Parts[0]
	if len(test.Seen) != maxExplained || len(test.Hits) != maxExplained || len(e.Fields) != maxExplained {
		t.Errorf("%d values seen, %d hits, %d fields; want %d each", len(test.Seen), len(test.Hits), len(e.Fields), maxExplained)
	}
}
