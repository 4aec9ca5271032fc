package sigma

import (
	"fmt"
	"strings"
	"testing"
)

// Case-insensitive means equal under Unicode simple case folding, rune by rune,
// with nothing normalised. The table is what that comes to for the letters people
// argue about, asked of a rule in every way a rule can ask.
func TestFoldingTable(t *testing.T) {
	for _, tc := range []struct {
		rule, event string
		equal       bool
		why         string
	}{
		{"kerberos", "\u212aerberos", true, "the Kelvin sign is a k"},
		{"KERBEROS", "\u212aerberos", true, "and a K"},
		{"\u212b", "å", true, "the Angstrom sign is an å"},
		{"\u212b", "Å", true, "and an Å"},
		{"mask", "ma\u017fk", true, "the long s is an s"},
		{"MASK", "ma\u017fk", true, "and an S"},
		{"ΟΔΟΣ", "οδος", true, "the final sigma is a sigma"},
		{"οδοσ", "οδος", true, "in small letters too"},
		{"ß", "\u1e9e", true, "sharp s has a capital"},
		{"ß", "ss", false, "which is one letter, not two"},
		{"i", "\u0130", false, "dotted capital I equals nothing but itself"},
		{"I", "\u0130", false, "not even capital I"},
		{"\u0130", "\u0130", true, "it does equal itself"},
		{"i", "\u0131", false, "dotless i equals nothing but itself"},
		{"I", "\u0131", false, "not even capital I"},
		{"µ", "μ", true, "micro is mu"},
		{"\ufb06", "st", false, "a ligature is one letter"},
		{"ǅ", "ǆ", true, "title case is a case"},
		{"ǅ", "Ǆ", true, "of both others"},
		{"ⓐ", "Ⓐ", true, "letters in circles have case"},
		{"𐐀", "𐐨", true, "letters beyond the first plane have case"},
		{"ＡＢＣ", "ａｂｃ", true, "full-width letters have case"},
		{"ABC", "ａｂｃ", false, "but are not the letters they look like"},
		{"а", "a", false, "Cyrillic a is not Latin a"},

		{"ĐẶNG VĂN ẤN", "đặng văn ấn", true, "Vietnamese letters, composed"},
		{"ƯỜNG", "ường", true, "with horn and grave"},
		{"ỷ", "Ỷ", true, "with hook above"},
		{"đ", "d", false, "a stroke is not a mark"},
		{"ă", "a", false, "nothing is stripped"},
		{"Việt", "Việt", true, "composed is composed"},
		{"Việt", "Vie\u0323\u0302t", false, "composed is not decomposed"},
		{"Vie\u0323\u0302t", "VIE\u0323\u0302T", true, "decomposed is decomposed"},
		{"Vie\u0302\u0323t", "Vie\u0323\u0302t", false, "and keeps the order of its marks"},
	} {
		if got := strings.EqualFold(tc.rule, tc.event); got != tc.equal {
			t.Fatalf("%q and %q: strings.EqualFold says %t", tc.rule, tc.event, got)
		}
		for _, item := range []string{
			"f: " + quote(tc.rule), "f|contains: " + quote(tc.rule), "f|startswith: " + quote(tc.rule), "f|endswith: " + quote(tc.rule),
			"f: " + quote(tc.rule+"*"), "f: " + quote("*"+tc.rule+"*"), "f: ['x?y', " + quote(tc.rule) + "]", "f|fieldref: g",
		} {
			rs := mustCompile(t, Options{Unscoped: true}, oneItemRule(item), "title: words\nlogsource: {product: test}\ndetection:\n    words: ["+quote(tc.rule)+"]\n    condition: words\n")
			for _, full := range []bool{false, true} {
				m := rs.NewMatcher()
				m.fullScan = full
				titles := map[string]bool{}
				m.Match(&Event{Fields: []Field{{Name: "f", Value: tc.event}}}, func(r *Rule) { titles[r.Title] = true })
				want := fmt.Sprint(tc.equal, tc.equal)
				if strings.Contains(item, "fieldref") {
					titles["t"] = false
					m.Match(&Event{Fields: []Field{{Name: "f", Value: tc.event}, {Name: "g", Value: tc.rule}}}, func(r *Rule) { titles[r.Title] = true })
					want = fmt.Sprint(tc.equal, true) // g holds the word itself
				}
				if got := fmt.Sprint(titles["t"], titles["words"]); got != want {
					t.Errorf("%s on %q (full scan %t): field and keyword %s, want %s: %s", item, tc.event, full, got, want, tc.why)
				}
			}
		}
		cased := mustCompile(t, Options{Unscoped: true}, oneItemRule("f|cased: "+quote(tc.rule)))
		hits := 0
		cased.Match(&Event{Fields: []Field{{Name: "f", Value: tc.event}}}, func(*Rule) { hits++ })
		if (hits == 1) != (tc.rule == tc.event) {
			t.Errorf("cased %q on %q: %d", tc.rule, tc.event, hits)
		}
	}
}

// A ? is one rune, before folding and after, whatever its length in bytes.
func TestFoldingKeepsRunes(t *testing.T) {
	rs := mustCompile(t, Options{Unscoped: true}, oneItemRule("f: a?b"))
	for value, want := range map[string]int{"aKb": 1, "a\u212ab": 1, "a\u0130b": 1, "aßb": 1, "aệb": 1, "ae\u0323\u0302b": 0, "a𐐀b": 1, "ab": 0, "assb": 0} {
		hits := 0
		rs.Match(&Event{Fields: []Field{{Name: "f", Value: value}}}, func(*Rule) { hits++ })
		if hits != want {
			t.Errorf("a?b on %q: %d, want %d", value, hits, want)
		}
	}
}
