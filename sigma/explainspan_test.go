package sigma

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// marked shows the spans of a value in brackets.
func marked(value string, spans []Span) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(value[at:s.Start] + "[" + value[s.Start:s.End] + "]")
		at = s.End
	}
	return b.String() + value[at:]
}

func TestSpansMarkWhatSatisfiesThePattern(t *testing.T) {
	for _, c := range []struct{ item, value, want string }{
		{`f: whoami`, `WhoAmI`, `[WhoAmI]`},
		{`f: ''`, ``, ``},
		{`f: 4688`, `4688.0`, `[4688.0]`},
		{`f: who*`, `Whoami`, `[Who]ami`},
		{`f: '*'`, `anything`, `anything`},
		{`f|startswith: 'c:\'`, `C:\a.exe`, `[C:\]a.exe`},
		{`f|endswith: '\a.exe'`, `C:\a.exe`, `C:[\a.exe]`},
		{`f|contains: ab`, `xAByab`, `x[AB]y[ab]`},
		{`f|contains: ab`, `abab`, `[abab]`},
		{`f|contains: [b, bc]`, `abc`, `a[bc]`},
		{`f|contains|cased: ab`, `AB ab`, `AB [ab]`},
		{`f|contains|all: [a, c]`, `abc`, `[a]b[c]`},
		{`f: 'a*c?e*g'`, `A bcde fG`, `[A] b[cde] f[G]`},
		{`f: '*c?e*'`, `xcdey cde`, `x[cde]y cde`},
		{`f: 'a*a'`, `aaa`, `[a]a[a]`},
		{`f|contains: '-enc'`, `powershell -EnC x`, `powershell [-EnC] x`},
		{`f|contains|windash: ' -c '`, `x /c y`, `x[ /c ]y`},
		{`f|re: 'a.c'`, `xabc ADC aac`, `x[abc] ADC [aac]`},
		{`f|re: 'x*'`, `abc`, `abc`},
		{`f|re|i: '^a'`, `ABC`, `[A]BC`},
		{`f|cidr: 10.0.0.0/8`, `10.1.2.3`, `[10.1.2.3]`},
		{`f|gt: 5`, `17`, `[17]`},
		{`f|hour: 8`, `2026-11-22T08:00:00Z`, `[2026-11-22T08:00:00Z]`},
		{`f|exists: true`, `v`, `v`},
		{`f|fieldref: g`, `Gee`, `[Gee]`},
		{`f|fieldref|startswith: g`, `geeks`, `[gee]ks`},
		{`f|base64offset|contains: whoami`, `xd2hvYW1p`, `x[d2hvYW1p]`},
		// Letters whose folded form has another length in bytes.
		{`f|contains: k1`, "\u212a\u212aK1", "\u212a\u212a[K1]"},
		{`f|contains: "s\u1e9e"`, "ſß ẞ", "[ſß] ẞ"},
		{`f|endswith: cảnh báo`, "\u212aCẢNH BÁO", "\u212a[CẢNH BÁO]"},
		// Bytes that are not UTF-8 stand for themselves.
		{`f|contains: x`, "\xff\xc3x\x80", "\xff\xc3[x]\x80"},
	} {
		rs := mustCompile(t, Options{Unscoped: true}, oneItemRule(c.item))
		ev := &Event{Fields: []Field{{Name: "f", Value: c.value}, {Name: "g", Value: "gee"}}}
		e := rs.Explain(rs.Rules()[0], ev)
		var spans []Span
		for _, h := range e.Fields {
			if h.Name == "f" {
				spans = MergeSpans(append(spans, h.Spans...))
			}
		}
		if got := marked(c.value, spans); got != c.want {
			t.Errorf("%s on %q: marked %q, want %q", c.item, c.value, got, c.want)
		}
	}
}

func TestSpansAreBounded(t *testing.T) {
	rs := mustCompile(t, Options{Unscoped: true}, oneItemRule("f|contains: a"))
	ev := &Event{Fields: []Field{{Name: "f", Value: strings.Repeat("a ", 10_000)}}}
	if n := len(rs.Explain(rs.Rules()[0], ev).Fields[0].Spans); n != maxSpans {
		t.Errorf("%d spans, want %d", n, maxSpans)
	}
}

// TestSpansOfRandomText checks, against matching the marked text alone, that
// spans are where they should be, whatever the case, the letters and the bytes.
func TestSpansOfRandomText(t *testing.T) {
	letters := []string{"a", "A", "k", "\u212a", "ſ", "s", "ß", "ẞ", "Ả", "ả", "\xff", "\xe1", "x", "İ", "i"}
	r := rand.New(rand.NewPCG(3, 4))
	text := func(most int) string {
		var b strings.Builder
		for range 1 + r.IntN(most) {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		return b.String()
	}
	found := 0
	for range 20_000 {
		value, needle := text(12), text(3)
		if !utf8.ValidString(needle) {
			continue
		}
		p := (&predicate{kind: predLiterals, field: "f", literals: []literal{{shapeContains, fold(needle)}}}).identify()
		ev := &Event{Fields: []Field{{Name: "f", Value: value}}}
		var v eventView
		names := newFieldTable([]string{"f"})
		v.heads = make([]head, 1)
		v.load(ev, names)
		spans := p.spans(&v, 0)
		if (len(spans) > 0) != p.holdsFor(&v, 0) {
			t.Fatalf("%q in %q: %v", needle, value, spans)
		}
		end := -1
		for _, s := range spans {
			found++
			if s.Start <= end || s.End <= s.Start || s.End > len(value) {
				t.Fatalf("%q in %q: spans %v are not in order", needle, value, spans)
			}
			end = s.End
			if !strings.Contains(fold(value[s.Start:s.End]), fold(needle)) {
				t.Fatalf("%q in %q: marked %q", needle, value, marked(value, spans))
			}
			if rest := fold(value[s.Start:s.End]); strings.ReplaceAll(rest, fold(needle), "") != "" {
				t.Fatalf("%q in %q: marked too much: %q", needle, value, marked(value, spans))
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d spans seen", found)
	}
}

// FuzzSpans explains one test on one value: it must agree with Match, and mark
// parts of the value in order wherever it matches by a part.
func FuzzSpans(f *testing.F) {
	f.Add("contains", "Ab*c?", "xaBzzcdE")
	f.Add("re", "a+|b", "caab\xff")
	f.Add("startswith|cased", "\u212a", "\u212ak")
	f.Add("endswith", "ß", "ẞ")
	f.Add("", `\*a*`, "*abc")
	f.Add("windash|contains", " -a", "x –A")
	f.Fuzz(func(t *testing.T, modifiers, pattern, value string) {
		text, err := json.Marshal(pattern)
		if err != nil || !utf8.ValidString(pattern) {
			return
		}
		name, err := json.Marshal(strings.TrimSuffix("f|"+modifiers, "|"))
		if err != nil || !utf8.ValidString(modifiers) {
			return
		}
		rules, problems := Parse([]byte(oneItemRule(string(name)+": "+string(text))), "")
		rs, more := Compile(rules, DefaultMapping(), Options{Unscoped: true})
		if len(rs.Rules()) == 0 || len(errorsOnly(append(problems, more...))) > 0 {
			return
		}
		ev := &Event{Fields: []Field{{Name: "f", Value: value}}}
		matched := false
		rs.Match(ev, func(*Rule) { matched = true })
		explained(t, rs, rs.Rules()[0], ev, matched)
	})
}
