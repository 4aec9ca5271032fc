package sigma

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// fold makes two texts equal exactly when strings.EqualFold does.
func TestFoldIsEqualFold(t *testing.T) {
	for r := range rune(utf8.MaxRune + 1) {
		if !utf8.ValidRune(r) {
			continue
		}
		if f := fold(string(r)); !strings.EqualFold(f, string(r)) || fold(f) != f {
			t.Fatalf("%U folds to %q", r, f)
		} else if len(f) > utf8.RuneLen(r) {
			t.Fatalf("%U folds to %d bytes", r, len(f))
		}
	}
	g := &generator{rand.New(rand.NewPCG(1, 1))}
	for range 20_000 {
		a, b := g.word(), g.word()
		if utf8.ValidString(a) && utf8.ValidString(b) && (fold(a) == fold(b)) != strings.EqualFold(a, b) {
			t.Fatalf("%q and %q", a, b)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0", "1", "1.0", "10", "1e1", ".5", "5.", "-1.5e-3", "007", "1e", "+1", "0.10", "9007199254740993", "1e400"} {
		f.Add(s, "1.5")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, ok := parseDecimal(a)
		y, ok2 := parseDecimal(b)
		if !ok || !ok2 || strings.ContainsAny(a+b, "eE") && len(a)+len(b) > 12 {
			return
		}
		p, ok := new(big.Rat).SetString(strings.TrimPrefix(a, "+"))
		q, ok2 := new(big.Rat).SetString(strings.TrimPrefix(b, "+"))
		if !ok || !ok2 {
			return
		}
		if got, want := x.compare(y), p.Cmp(q); got != want {
			t.Errorf("compare(%q, %q) = %d, want %d", a, b, got, want)
		}
		if (string(x.appendKey(nil)) == string(y.appendKey(nil))) != (p.Cmp(q) == 0) {
			t.Errorf("keys of %q and %q: %q, %q", a, b, x.appendKey(nil), y.appendKey(nil))
		}
		if isPlainInteger(a) && string(x.appendKey(nil)) != a {
			t.Errorf("%q is a plain integer but its key is %q", a, x.appendKey(nil))
		}
	})
}

// A glob is the regular expression one would write for it.
func FuzzGlob(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("*a*a*b", "aaab")
	f.Add("?*é?", "xéz")
	f.Fuzz(func(t *testing.T, p, text string) {
		if !utf8.ValidString(p) || !utf8.ValidString(text) || len(p) > 60 {
			return
		}
		pat := parsePattern(p, false).compact()
		var re strings.Builder
		re.WriteString(`(?s)\A`)
		for _, x := range pat {
			switch x.kind {
			case partMany:
				re.WriteString(".*")
			case partOne:
				re.WriteString(".")
			default:
				re.WriteString(regexp.QuoteMeta(x.text))
			}
		}
		re.WriteString(`\z`)
		if got, want := newGlob(pat).match(text), regexp.MustCompile(re.String()).MatchString(text); got != want {
			t.Errorf("glob %q on %q: %t, want %t", p, text, got, want)
		}
		if l, ok := pat.literal(); ok && l.match(text) != newGlob(pat).match(text) {
			t.Errorf("literal and glob of %q differ on %q", p, text)
		}
	})
}

// Whatever a regular expression matches contains one of its required texts.
func FuzzRequiredLiterals(f *testing.F) {
	for _, s := range []string{"abc", "a(b|c)d", "(?i)k+s", "x{2,3}y", "(ab)*c", "[ab]c|de", "(?i)(ab).*(cd|e)x"} {
		f.Add(s, "abcdeKſxxyc")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		p, fail := newRegexPredicate(&chain{budget: &budget{steps: MaxSteps}}, "f", expr, position{})
		if fail != nil || len(p.required) == 0 || !p.re.MatchString(text) {
			return
		}
		folded := fold(text)
		for _, set := range append([][]string{p.required}, p.also...) {
			if !slices.ContainsFunc(set, func(r string) bool { return strings.Contains(folded, r) }) {
				t.Errorf("%q matches %q without any of %q", expr, text, set)
			}
		}
	})
}

func TestDatePart(t *testing.T) {
	for _, tc := range []struct {
		in   string
		unit timeUnit
		want int
		ok   bool
	}{
		{"2026-01-02T03:04:05.123Z", unitMinute, 4, true},
		{"2026-01-02 03:04", unitHour, 3, true},
		{"2026-01-02", unitDay, 2, true},
		{"2026-01-02", unitHour, 0, false},
		{"2026-13-02", unitMonth, 0, false},
		{"2026-02-30", unitDay, 0, false},
		{"2026-01-02T25:00:00", unitDay, 0, false},
		{"2024-12-30", unitWeek, 1, true},
		{"1767362400", unitYear, 2026, true},
		{"1767362400123456789", unitHour, 14, true},
		{"133", unitYear, 0, false},
		{"", unitYear, 0, false},
	} {
		if got, ok := datePart(tc.in, tc.unit); ok != tc.ok || ok && got != tc.want {
			t.Errorf("datePart(%q, %d) = %d, %t", tc.in, tc.unit, got, ok)
		}
	}
}

// The finder reports exactly the texts that are there, in a folded value and in
// one it folds on the way, and so does the automaton it falls back on.
func FuzzFinder(f *testing.F) {
	f.Add("abc\nbcd\nabcde", "xxabcdexabc")
	f.Add("mimikatz\nsekurlsa::\nkatz::x", "MIMIKATZ sekurlsa::logonpasswords katz::")
	f.Add("aaaa\naaab\nbaaa", "aaaaaabaaaaa")
	g := &generator{rand.New(rand.NewPCG(5, 6))}
	for range 300 {
		var needles []string
		for range 1 + g.IntN(5) {
			needles = append(needles, g.word()+g.word()+pick(g, "abc", "xyzw"))
		}
		text := ""
		for range g.IntN(12) {
			text += g.word() + pick(g, "", pick(g, needles...))
		}
		f.Add(strings.Join(needles, "\n"), text)
	}
	f.Fuzz(func(t *testing.T, list, text string) {
		set := needles(list)
		if set == nil {
			return
		}
		check := func(how string, found func(needle string) bool) {
			for needle := range set {
				if got, want := found(needle), strings.Contains(fold(text), needle); got != want {
					t.Errorf("%s: %q in %q: %t, want %t", how, needle, text, got, want)
				}
			}
		}
		finder := newFinder(set, 0, &rarity{})
		scan := func(value string, folded bool) func(string) bool {
			return reported(set, func(m *Matcher) { finder.scan(value, folded, m) })
		}
		check("finder", scan(fold(text), true))
		var all []int32
		for n := range finder.texts {
			all = append(all, int32(n))
		}
		seen := map[string]bool{}
		automaton := newAutomaton(finder.texts, all)
		automaton.scan(fold(text), true, func(n int32) { seen[finder.texts[n]] = true })
		check("automaton", func(needle string) bool { return seen[needle] })
		if isASCII(text) {
			check("finder folding", scan(text, false))
			clear(seen)
			automaton.scan(text, false, func(n int32) { seen[finder.texts[n]] = true })
			check("automaton folding", func(needle string) bool { return seen[needle] })
		}
	})
}

// needles makes a set of the folded lines of list, each with a target of its own.
func needles(list string) needleSet {
	set := needleSet{}
	for _, s := range strings.Split(list, "\n") {
		if s = fold(s); s != "" && len(s) <= maxNeedle && len(set[s]) == 0 {
			set.add(s, int32(len(set)))
		}
	}
	if len(set) == 0 || len(list) > 4000 {
		return nil
	}
	return set
}

// reported runs scan and tells which texts of the set it reported.
func reported(set needleSet, scan func(m *Matcher)) func(text string) bool {
	ix := &groupIndex{}
	for range set {
		ix.watchers.add(nil)
	}
	m := &Matcher{ix: ix, epoch: 1, memo: make([]uint32, len(set)), needles: make([]uint32, len(set))}
	scan(m)
	return func(text string) bool { return m.memo[set[text][0]] != 0 }
}

// What the tables of equal texts, beginnings and endings report is exactly the
// truth, also where they overflow.
func FuzzEnds(f *testing.F) {
	f.Add("abc\nabcdefgh\nabcdefghi\ngh", "ABCDEFGH")
	f.Add(".exe\n\\cmd.exe\n\\powershell.exe\nx", `C:\Windows\System32\CMD.EXE`)
	f.Add("đ\nĐà\nnẵng\nK", "ĐÀ NẴNG")
	crowd := ""
	for i := range 40 {
		crowd += fmt.Sprintf("%c%csame-end\nbeginning%[1]c%[2]c\n", 'a'+i%26, 'a'+i/26)
	}
	f.Add(crowd, "beginningbasame-end")
	f.Fuzz(func(t *testing.T, list, text string) {
		set := needles(list)
		if set == nil {
			return
		}
		equal, beginning, ending := newEquals(set), newAffixes(set, false), newAffixes(set, true)
		tables := []struct {
			name string
			scan func(value string, folded bool, m *Matcher)
			want func(value, text string) bool
		}{
			{"equals", func(value string, folded bool, m *Matcher) {
				equal.scan(value, folded, endsOf(value, folded), m)
				equal.scanOver(fold(value), m)
			}, func(value, text string) bool { return value == text }},
			{"beginnings", func(value string, folded bool, m *Matcher) {
				beginning.scan(value, folded, endsOf(value, folded), m)
				if beginning.over != nil {
					beginning.scanOver(fold(value), m)
				}
			}, strings.HasPrefix},
			{"endings", func(value string, folded bool, m *Matcher) {
				ending.scan(value, folded, endsOf(value, folded), m)
				if ending.over != nil {
					ending.scanOver(fold(value), m)
				}
			}, strings.HasSuffix},
		}
		values := []string{text}
		for needle := range set {
			values = append(values, needle, strings.ToUpper(needle), needle+text, text+needle)
		}
		for _, value := range values[:min(len(values), 30)] {
			for _, table := range tables {
				got := reported(set, func(m *Matcher) { table.scan(fold(value), true, m) })
				onTheWay := got
				if isASCII(value) {
					onTheWay = reported(set, func(m *Matcher) { table.scan(value, false, m) })
				}
				for needle := range set {
					if want := table.want(fold(value), needle); got(needle) != want || onTheWay(needle) != want {
						t.Errorf("%s: %q of %q: %t, folding on the way %t, want %t", table.name, needle, value, got(needle), onTheWay(needle), want)
					}
				}
			}
		}
	})
}

// Texts that share all their grams overflow to the automaton and are still found.
func TestFinderOverflow(t *testing.T) {
	set := needleSet{}
	for n := 4; n <= 60; n++ {
		set.add(strings.Repeat("a", n), int32(len(set)))
	}
	finder := newFinder(set, 0, &rarity{})
	if finder.rest == nil {
		t.Fatal("57 texts of one gram do not overflow")
	}
	found := reported(set, func(m *Matcher) { finder.scan("b"+strings.Repeat("A", 40)+"b", false, m) })
	for text := range set {
		if got, want := found(text), len(text) <= 40; got != want {
			t.Errorf("%d letters: %t, want %t", len(text), got, want)
		}
	}
}
