package sigma

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func sortedIDs(m *Matcher, ev *Event) []string {
	var ids []string
	m.Match(ev, func(r *Rule) { ids = append(ids, r.ID) })
	slices.Sort(ids)
	return ids
}

// The index and the full scan agree on every event of every corpus, scoped or
// not. They are spot checks: a full scan tries every rule in scope on each
// event. TestGoldenPairs compares the two on all of windows-attack.
func TestIndexAgreesWithFullScan(t *testing.T) {
	rules, _ := loadRules(t, "rules", "rules-emerging-threats", "rules-threat-hunting", "rules-placeholder")
	placeholders := map[string][]string{"Administrators": {"admin*"}, "Workstations": {"ws-*", "IEWIN7"}}
	for _, unscoped := range []bool{false, true} {
		rs, _ := Compile(rules, DefaultMapping(), Options{Unscoped: unscoped, Placeholders: placeholders, NullMatchesEmpty: unscoped})
		fast, slow := rs.NewMatcher(), rs.NewMatcher()
		slow.fullScan = true
		for _, file := range []string{"windows-attack", "windows-estate", "lane-structured-windows", "lane-cisco-syslog"} {
			t.Run(fmt.Sprintf("%s/unscoped=%t", file, unscoped), func(t *testing.T) {
				events := loadEvents(t, file+".ndjson.gz")
				step := 1 + len(events)/2000
				if unscoped {
					step = 1 + len(events)/100
				}
				for i := 0; i < len(events); i += step {
					a, b := sortedIDs(fast, events[i]), sortedIDs(slow, events[i])
					if !slices.Equal(a, b) {
						t.Errorf("event %d: the index finds %v, the full scan %v", i, a, b)
					}
				}
			})
		}
	}
}

// FuzzIndexAgreesWithFullScan makes rules and events from a seed, out of few
// letters and names so that they meet often, and compares the two ways.
func FuzzIndexAgreesWithFullScan(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, seed*7919)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		g := &generator{rand.New(rand.NewPCG(a, b))}
		var rules []*Rule
		var texts []string
		for i := range 1 + g.IntN(12) {
			text := g.rule(i)
			r, problems := Parse([]byte(text), "")
			if len(errorsOnly(problems)) > 0 {
				t.Fatalf("%v\n%s", problems, text)
			}
			rules, texts = append(rules, r...), append(texts, text)
		}
		if g.IntN(3) == 0 {
			text := "title: filter\nlogsource:\n    " + pick(g, "product: windows", "definition: any") + "\nfilter:\n    rules: any\n" + g.selection("s") + "    condition: not s\n"
			for _, op := range []string{"|gt", "|gte", "|lt", "|lte"} {
				text = strings.ReplaceAll(text, op+"|neq", op)
			}
			r, problems := Parse([]byte(text), "")
			if len(errorsOnly(problems)) > 0 {
				t.Fatalf("%v\n%s", problems, text)
			}
			rules, texts = append(rules, r...), append(texts, text)
		}
		o := Options{Unscoped: g.IntN(2) == 0, NullMatchesEmpty: g.IntN(2) == 0}
		rs, _ := Compile(rules, DefaultMapping(), o)
		fast, slow := rs.NewMatcher(), rs.NewMatcher()
		slow.fullScan = true
		for range 20 {
			ev := g.event()
			x, y := sortedIDs(fast, ev), sortedIDs(slow, ev)
			if !slices.Equal(x, y) {
				t.Fatalf("the index finds %v, the full scan %v\nevent %q\n%s", x, y, ev, strings.Join(texts, "---\n"))
			}
			r := pick(g, rs.Rules()...)
			explained(t, rs, r, ev, slices.Contains(x, r.ID))
		}
	})
}

type generator struct{ *rand.Rand }

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

func (g *generator) word() string {
	var b strings.Builder
	for range g.IntN(5) {
		b.WriteString(pick(g, "a", "b", "A", "é", "É", "K", "\u212a", "ſ", "s", "-", "/", " ", `\`, "1", ".", "\xff", "đ", "Đ"))
	}
	return b.String()
}

// value is a word with wildcards and escapes mixed in.
func (g *generator) value() string {
	var b strings.Builder
	for range g.IntN(3) {
		b.WriteString(strings.ReplaceAll(g.word(), "\xff", ""))
		b.WriteString(pick(g, "", "", "", "*", "?", `\*`, `\\`))
	}
	return b.String() + strings.ReplaceAll(g.word(), "\xff", "")
}

func (g *generator) field() string { return pick(g, "f", "g", "h", "f.x", "Two Words") }

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// detectionItem writes one "field|modifiers: values" line.
func (g *generator) detectionItem(indent string) string {
	field := g.field()
	list := func(mod string, value func() string) string {
		n := 1 + g.IntN(3)
		if g.IntN(4) == 0 {
			mod += "|neq"
		}
		if n > 1 && g.IntN(3) == 0 {
			mod += "|all"
		}
		out := indent + quote(field+mod) + ":\n"
		for range n {
			out += indent + "  - " + value() + "\n"
		}
		return out
	}
	text := func() string { return quote(g.value()) }
	switch g.IntN(12) {
	case 0:
		return indent + quote(field) + ": null\n"
	case 1:
		return indent + quote(field+"|exists") + ": " + pick(g, "true", "false") + "\n"
	case 2:
		return list("|re"+pick(g, "", "|i", "|i|s"), func() string {
			return quote(pick(g, "a+b", "(ab|é)a", "k", "^a", "b$", "[ab]+s", "a.b", "(?i)ÉK", ".", "(a|b)*", "1{1,2}"))
		})
	case 3:
		return list("", func() string { return pick(g, "1", "11", "1.0", "1e1", "-1", "0x1", "true", "1.10") })
	case 4:
		return list("|"+pick(g, "gt", "gte", "lt", "lte"), func() string { return pick(g, "1", "1.5", "-1", "100000000000000000000") })[0:]
	case 5:
		return list("|fieldref"+pick(g, "", "|contains", "|startswith", "|endswith|cased"), func() string { return quote(g.field()) })
	case 6:
		return list("|cidr", func() string { return pick(g, "10.0.0.0/8", "fe80::/10", "0.0.0.0/0", "1.1.1.1") })
	case 7:
		return list("|contains|windash", text)
	case 8:
		return list("|cased"+pick(g, "", "|contains", "|startswith", "|endswith"), text)
	default:
		return list(pick(g, "", "|contains", "|startswith", "|endswith"), text)
	}
}

func (g *generator) selection(name string) string {
	switch g.IntN(5) {
	case 0:
		return "    " + name + ":\n      - " + quote(g.value()+"a") + "\n      - " + quote("b"+g.value()) + "\n"
	case 1:
		return "    " + name + ":\n      - " + strings.TrimLeft(g.detectionItem("        "), " ") + "      - " + strings.TrimLeft(g.detectionItem("        "), " ")
	}
	return "    " + name + ":\n" + g.detectionItem("      ")
}

func (g *generator) rule(n int) string {
	source := pick(g, "product: windows", "category: process_creation", "product: linux", "definition: any", "{product: windows, service: sysmon}", "{product: windows, category: registry_event}")
	if strings.HasPrefix(source, "{") {
		source = "logsource: " + source + "\n"
	} else {
		source = "logsource:\n    " + source + "\n"
	}
	text := fmt.Sprintf("title: t%d\nid: %08d-0000-4000-8000-000000000000\n%sdetection:\n", n, n, source)
	for _, name := range []string{"s1", "s2", "s3"} {
		item := g.selection(name)
		// neq has no meaning for comparisons and such a rule would be refused.
		for _, op := range []string{"|gt", "|gte", "|lt", "|lte"} {
			item = strings.ReplaceAll(item, op+"|neq", op)
		}
		text += item
	}
	return text + "    condition: " + g.condition(3) + "\n"
}

func (g *generator) condition(depth int) string {
	if depth == 0 {
		return pick(g, "s1", "s2", "s3")
	}
	switch g.IntN(6) {
	case 0:
		return "not " + g.condition(depth-1)
	case 1:
		return "(" + g.condition(depth-1) + " or " + g.condition(depth-1) + ")"
	case 2:
		return g.condition(depth-1) + " and " + g.condition(depth-1)
	case 3:
		return pick(g, "1", "2", "3", "all", "any") + " of " + pick(g, "s*", "them")
	}
	return g.condition(depth - 1)
}

func (g *generator) event() *Event {
	ev := &Event{}
	if g.IntN(2) == 0 {
		ev.Source = pick(g, LogSource{Product: "linux"}, LogSource{Product: "windows"}, LogSource{"windows", "process_creation", ""}, LogSource{"windows", "", "sysmon"})
	}
	for range g.IntN(7) {
		f := Field{Name: pick(g, "f", "g", "h", "f.x", "g.y.z", "f.x.y", "TwoWords", "Two Words", "other")}
		switch g.IntN(6) {
		case 0:
			f.Kind = Null
		case 1:
			f.Kind, f.Value = Number, pick(g, "1", "1.0", "11", "10", "-1", "1.5", "100000000000000000001")
		case 2:
			f.Kind, f.Value = Bool, pick(g, "true", "false")
		case 3:
			f.Value = pick(g, "10.1.2.3", "::ffff:10.0.0.1", "fe80::1%eth0", "1.1.1.1", "")
		default:
			f.Value = g.word() + g.word()
		}
		ev.Fields = append(ev.Fields, f)
	}
	if g.IntN(3) == 0 {
		ev.Fields = append(ev.Fields, Field{Name: "Channel", Value: pick(g, "Security", "microsoft-windows-sysmon/OPERATIONAL", "Nowhere")},
			Field{Name: "EventID", Value: pick(g, "1", "4688", "12", "13"), Kind: Number},
			Field{Name: "NewProcessName", Value: g.word()})
	}
	return ev
}
