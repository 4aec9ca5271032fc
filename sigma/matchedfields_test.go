package sigma

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// found names the fields a finder found, explanation those of Explain, each once.
func found(f *FieldFinder, r *Rule, ev *Event) (out []Field) {
	for _, i := range f.Find(r, ev) {
		out = append(out, Field{Name: ev.Fields[i].Name, Value: ev.Fields[i].Value})
	}
	return distinct(out)
}

func explanation(rs *Ruleset, r *Rule, ev *Event) (out []Field) {
	e := rs.Explain(r, ev)
	if !e.Matched {
		return nil
	}
	for _, h := range e.Fields {
		out = append(out, Field{Name: h.Name, Value: h.Value})
	}
	return distinct(out)
}

func distinct(fields []Field) []Field {
	slices.SortFunc(fields, func(a, b Field) int {
		return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value)
	})
	return slices.Compact(fields)
}

func TestFoundFieldsAreThoseThatCount(t *testing.T) {
	rules, problems := Parse([]byte(`title: t
logsource: {product: windows, category: process_creation}
detection:
  image: {Image|endswith: ['\cmd.exe', '\sh.exe']}
  words:
    - CommandLine|contains|all: [one, two]
    - Hashes|contains: 'MD5='
  none: {User: null}
  other: {CurrentDirectory: 'C:\'}
  not_me: {ParentImage|contains: lachan}
  condition: image and (words or other) and none and not not_me
---
title: filter
logsource: {product: windows}
filter:
  rules: any
  admin: {LogonId: '0x3e7'}
  condition: not admin
`), "")
	if len(errorsOnly(problems)) > 0 {
		t.Fatal(problems)
	}
	rs, problems := Compile(rules, DefaultMapping(), Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	f := rs.NewFieldFinder()
	r := rs.Rules()[0]
	base := func(fields ...Field) *Event {
		return &Event{Fields: append([]Field{{Name: "Channel", Value: "Security"}, {Name: "EventID", Value: "4688", Kind: Number}}, fields...)}
	}
	field := func(name, value string) Field { return Field{Name: name, Value: value} }
	for _, c := range []struct {
		name string
		ev   *Event
		want []int
	}{
		{"under the name the event has, values that count", base(
			field("NewProcessName", `C:\cmd.exe`), field("Other", "one two"), field("CommandLine", "two one"), field("Hashes", "SHA1=")), []int{2, 4}},
		{"of two alternatives both", base(
			field("Hashes", "MD5=1"), field("NewProcessName", `C:\sh.exe`), field("CommandLine", "two one"), field("CurrentDirectory", `c:\`)), []int{2, 3, 4, 5}},
		{"of several values the one", base(
			field("NewProcessName", `C:\a.exe`), field("NewProcessName", `C:\sh.exe`), field("CurrentDirectory", `c:\`)), []int{3, 4}},
		{"not where a test of several lacks one", base(
			field("NewProcessName", `C:\cmd.exe`), field("CommandLine", "one"), field("CurrentDirectory", `c:\`)), []int{2, 4}},
		{"an explicit null counts", base(
			field("NewProcessName", `C:\cmd.exe`), Field{Name: "User", Kind: Null}, field("CurrentDirectory", `c:\`)), []int{2, 3, 4}},
		{"no match, no fields", base(field("NewProcessName", `C:\cmd.exe`)), nil},
		{"filtered, no fields", base(field("NewProcessName", `C:\cmd.exe`), field("CurrentDirectory", `c:\`), field("LogonId", "0x3E7")), nil},
		{"another log source, no fields", &Event{Fields: []Field{field("Image", `C:\cmd.exe`), field("CurrentDirectory", `c:\`)}}, nil},
	} {
		if got := f.Find(r, c.ev); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := f.Find(&Rule{}, base()); got != nil {
		t.Errorf("a rule of another set: %v", got)
	}
}

// On every match of the attack recording the finder says what Explain says.
func TestFoundFieldsAgreeWithExplain(t *testing.T) {
	rs := mainRuleset(t, Options{})
	f, m := rs.NewFieldFinder(), rs.NewMatcher()
	n := 0
	for _, ev := range loadEvents(t, "windows-attack.ndjson.gz") {
		m.Match(ev, func(r *Rule) {
			n++
			if got, want := found(f, r, ev), explanation(rs, r, ev); !slices.Equal(got, want) {
				t.Errorf("%s: found %v, explained %v", r.Title, got, want)
			}
		})
	}
	if n != 1200 {
		t.Errorf("%d matches compared, want 1200", n)
	}
}

func FuzzFoundFieldsAgreeWithExplain(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed, seed*7919)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		g := &generator{rand.New(rand.NewPCG(a, b))}
		text := g.rule(0)
		rules, problems := Parse([]byte(text), "")
		if len(errorsOnly(problems)) > 0 {
			t.Fatalf("%v\n%s", problems, text)
		}
		rs, _ := Compile(rules, DefaultMapping(), Options{Unscoped: g.IntN(2) == 0, NullMatchesEmpty: g.IntN(2) == 0})
		if len(rs.Rules()) == 0 {
			return
		}
		finder := rs.NewFieldFinder()
		// A denial denied is an assertion to the finder, and nothing to Explain.
		denied := strings.Contains(text, "neq") || strings.Contains(text, "|exists': false") || strings.Contains(text, "not not")
		for range 20 {
			ev := g.event()
			got, want := found(finder, rs.Rules()[0], ev), explanation(rs, rs.Rules()[0], ev)
			if denied {
				for _, w := range want {
					if !slices.Contains(got, w) {
						t.Fatalf("found %v, explained %v\nevent %q\n%s", got, want, ev, text)
					}
				}
			} else if !slices.Equal(got, want) {
				t.Fatalf("found %v, explained %v\nevent %q\n%s", got, want, ev, text)
			}
		}
	})
}

func BenchmarkFindFields(b *testing.B) {
	rs := mainRuleset(b, Options{})
	type match struct {
		rule *Rule
		ev   *Event
	}
	var matches []match
	m := rs.NewMatcher()
	for _, ev := range loadEvents(b, "windows-attack.ndjson.gz") {
		m.Match(ev, func(r *Rule) { matches = append(matches, match{r, ev}) })
	}
	f := rs.NewFieldFinder()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f.Find(matches[i%len(matches)].rule, matches[i%len(matches)].ev)
	}
}
