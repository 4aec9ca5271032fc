package sigma

import (
	"strings"
	"testing"
)

// painted marks the roles with letters.
var painted = TextStyle{Held: "✓", Failed: "✗", Paint: func(role TextRole, text string) string {
	return string("hfnm"[role]) + "<" + text + ">"
}}

func TestTreeMakesWhatMatchedStandOut(t *testing.T) {
	rs := mustCompile(t, Options{Unscoped: true}, oneItemRule(`f|contains: [b, d, x]`))
	got := rs.Explain(rs.Rules()[0], &Event{Fields: []Field{{Name: "f", Value: "abcd\x1b"}}}).Tree(painted)
	want := "h<✓> n<s>\n" +
		"  h<✓> n<f>|contains: `b`, `d`, `x`\n" +
		"    f = \"am<b>cd\\x1b\" satisfies `b`\n" +
		"    f = \"abcm<d>\\x1b\" satisfies `d`\n" +
		"matched fields:\n" +
		"  n<f> = \"am<b>cd\\x1b\" (`b`)\n" +
		"  n<f> = \"abcm<d>\\x1b\" (`d`)\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTreeShowsTheMatchedPartOfALongValue(t *testing.T) {
	rs := mustCompile(t, Options{Unscoped: true}, oneItemRule(`f|contains: needle`))
	for _, c := range []struct{ value, want string }{
		{strings.Repeat("ả", 500) + "NEEDLE" + strings.Repeat("b", 500), "…`" + strings.Repeat("ả", 20) + "m<NEEDLE>" + strings.Repeat("b", 134) + "`…"},
		{"needle" + strings.Repeat("b", 500), "`m<needle>" + strings.Repeat("b", 194) + "`…"},
		{strings.Repeat("b", 500) + "needle", "…`" + strings.Repeat("b", 194) + "m<needle>`"},
	} {
		got := rs.Explain(rs.Rules()[0], &Event{Fields: []Field{{Name: "f", Value: c.value}}}).Tree(painted)
		if !strings.Contains(got, "n<f> = "+c.want+" (`needle`)") {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

// What a log or a rule says must not drive the terminal it is shown on.
func TestTreeIsHarmlessOnATerminal(t *testing.T) {
	hostile := "\x1b]0;x\x07\u202egpj.exe\u2028\u0085\n\xff`"
	rs := mustCompile(t, Options{Unscoped: true}, oneItemRule(`"g\u202e": a`))
	r := rs.Rules()[0]
	got := rs.Explain(r, &Event{Fields: []Field{{Name: "g\u202e", Value: hostile}}}).Tree(TextStyle{})
	for _, line := range strings.Split(strings.TrimSuffix(got, "\n"), "\n") {
		if !harmless(strings.ReplaceAll(line, "`", "")) {
			t.Errorf("%q", line)
		}
	}
}
