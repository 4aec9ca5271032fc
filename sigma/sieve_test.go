package sigma

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// passes is what a sieve means, the plain way.
func (s *Sieve) passes(ev *Event) bool {
	switch s.Kind {
	case SieveAll:
		return true
	case SieveAnd:
		return !slices.ContainsFunc(s.Parts, func(p *Sieve) bool { return !p.passes(ev) })
	case SieveOr:
		return slices.ContainsFunc(s.Parts, func(p *Sieve) bool { return p.passes(ev) })
	case SieveProduct:
		return s.Text == strings.ToLower(ev.Source.Product)
	case SieveCategory:
		return s.Text == strings.ToLower(ev.Source.Category)
	case SieveService:
		return s.Text == strings.ToLower(ev.Source.Service)
	}
	return slices.ContainsFunc(ev.Fields, func(f Field) bool {
		name := compactName(f.Name)
		if s.Below && slices.ContainsFunc(s.Names, func(n string) bool { return strings.HasPrefix(name, n+".") }) {
			return true
		}
		if s.Names != nil && !slices.Contains(s.Names, name) {
			return false
		}
		if f.Kind == Null {
			return s.Null
		}
		return s.Test == nil || s.Test(f.Value) && s.textsIn(f.Value)
	})
}

// textsIn is what is promised of an accepted value.
func (s *Sieve) textsIn(value string) bool {
	value = fold(value)
	return !slices.ContainsFunc(s.Texts, func(set []string) bool {
		return !slices.ContainsFunc(set, func(text string) bool { return strings.Contains(value, text) })
	})
}

// No event that a rule of SigmaHQ matches is held back by the rule's sieve, and
// the sieves hold back nearly all others.
func TestSievesOfAllRules(t *testing.T) {
	rs := mainRuleset(t, Options{})
	sieves := map[*Rule]*Sieve{}
	for _, r := range rs.Rules() {
		sieves[r] = rs.Sieve(r)
		if sieves[r].Kind == SieveAll {
			t.Errorf("%s: no sieve", r.Title)
		}
	}
	m := rs.NewMatcher()
	matched, passed, asked := 0, 0, 0
	for _, name := range []string{"windows-attack.ndjson.gz", "windows-estate.ndjson.gz", "lane-structured-windows.ndjson.gz"} {
		for i, ev := range loadEvents(t, name) {
			m.Match(ev, func(r *Rule) {
				matched++
				if !sieves[r].passes(ev) {
					t.Errorf("%s: event %d is held back by the sieve of %s %s", name, i, r.ID, r.Title)
				}
			})
			if i%100 == 0 {
				for _, s := range sieves {
					asked++
					if s.passes(ev) {
						passed++
					}
				}
			}
		}
	}
	if matched < 1200 {
		t.Fatalf("only %d matches", matched)
	}
	if passed*500 > asked {
		t.Errorf("%d of %d pairs pass: the sieves hold back too little", passed, asked)
	}
	t.Logf("%d matches; of %d pairs of rule and event %d pass", matched, asked, passed)
}

// Log sources of every sort, against mappings with every sort of entry: whenever
// a rule is tried on an event, its sieve lets the event pass.
func TestSievesFollowTheScoping(t *testing.T) {
	mapping, err := ParseMapping([]byte(`
logsources:
  a: {product: windows, service: security, sources: ["WinEventLog:Security"]}
  b: {product: windows, category: cat, service: sysmon, sources: ["WinEventLog:Sysmon"]}
  c: {category: process, conditions: {EventID: [1, 4688]}, rewrite: {product: windows, service: sysmon}, fieldmappings: {Image: NewProcessName}}
  d: {product: linux, category: cat, conditions: {Type: exec, EventID: 1}, rewrite: {product: linux, service: ""}}
  e: {category: any, service: odd, conditions: {Type: ""}, rewrite: {product: "", service: ""}}
`))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	product := func() string { return pick("", "", "windows", "linux") }
	category := func() string { return pick("", "", "cat", "process", "any") }
	service := func() string { return pick("", "", "security", "sysmon", "odd") }
	tried := 0
	for range 3000 {
		text := "title: x\nid: 00000000-0000-0000-0000-000000000001\nlogsource:\n"
		for name, value := range map[string]string{"product": product(), "category": category(), "service": service()} {
			if value != "" {
				text += fmt.Sprintf("  %s: %s\n", name, value)
			}
		}
		if strings.HasSuffix(text, "logsource:\n") {
			text += "  product: windows\n"
		}
		text += "detection:\n  s:\n    " + pick("Absent: null", "Image: x", "Image|exists: true", "Image: '*'") + "\n  condition: s\n"
		rules, problems := Parse([]byte(text), "x.yml")
		rs, more := Compile(rules, mapping, Options{})
		if len(errorsOnly(append(problems, more...))) > 0 {
			t.Fatalf("%s: %v %v", text, problems, more)
		}
		sieve := rs.Sieve(rs.Rules()[0])
		for range 20 {
			ev := &Event{Source: LogSource{product(), category(), service()}}
			if random.IntN(3) == 0 {
				ev.Source.Product = strings.ToUpper(ev.Source.Product)
			}
			for _, f := range []Field{
				{"Channel", pick("security", "Sysmon", "other", ""), String}, {"EventID", pick("1", "4688", "2"), Number}, {"EventID.x", "1", String},
				{"Type", pick("EXEC", "", "y"), String}, {"Image", "X", String}, {"NewProcessName", "x", String}, {"Image.path", "x", String},
				{"Ima ge", "x", String}, {"Type", "", Null},
			} {
				if random.IntN(3) == 0 {
					ev.Fields = append(ev.Fields, f)
				}
			}
			rs.Match(ev, func(*Rule) {
				tried++
				if !sieve.passes(ev) {
					t.Fatalf("held back:\n%s%+v", text, ev)
				}
			})
		}
	}
	if tried < 1000 {
		t.Errorf("only %d matches: the test tries too little", tried)
	}
}

func TestManyLiteralsAreTestedAlike(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	word := func() string {
		var b strings.Builder
		for range 1 + random.IntN(3) {
			b.WriteString([]string{"a", "B", "ſ", "s", "K", "1", ".", "\xff", "é"}[random.IntN(9)])
		}
		return b.String()
	}
	hits := 0
	for range 300 {
		p := &predicate{kind: predLiterals, cased: random.IntN(3) == 0}
		for range fewLiterals + 5 {
			l := literal{shape(random.IntN(4)), word()}
			if !p.cased {
				l.text = fold(l.text)
			}
			if random.IntN(5) == 0 {
				l = literal{shapeNumber, "1"}
			}
			if random.IntN(50) == 0 {
				l.text = ""
			}
			p.literals = append(p.literals, l)
		}
		test := p.tester()
		for range 50 {
			value := word() + word()
			if random.IntN(10) == 0 {
				value = "1.0"
			}
			ev := &Event{Fields: []Field{{Value: value}}}
			v := &eventView{ev: ev, foldState: make([]foldEntry, 1)}
			want := p.holdsFor(v, 0)
			if got := test(value); got != want {
				t.Fatalf("%q: %t, want %t: %+v", value, got, want, p)
			}
			if want {
				hits++
			}
		}
	}
	if hits < 1000 {
		t.Errorf("only %d hits", hits)
	}
}
