package detect

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

const backupLogin = `title: The backup server logs in as root
logsource: {product: linux, service: sshd}
filter:
  rules: [6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e]
  selection: {src_ip: 10.1.1.5}
  condition: not selection
`

func rootFrom(unit event.UnitID, address string) *event.Event {
	ev := sshEvent(event.Field{Name: "user", Value: "root"}, event.Field{Name: "outcome", Value: "success"}, event.Field{Name: "src_ip", Value: address})
	ev.Unit = unit
	return ev
}

// excluding returns a worker over the root login rule with one exclusion.
func excluding(t *testing.T, x Exclusion) *Worker {
	t.Helper()
	set, problems := compile(t, rootLogin).Excluding([]Exclusion{x})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return set.NewWorker()
}

func TestAnExclusionActsOnItsUnitsEventsOnly(t *testing.T) {
	w := excluding(t, Exclusion{ID: "x1", Filter: []byte(backupLogin), Units: map[event.UnitID]bool{"so-noi-vu": true, "so-noi-vu.van-thu": true}})
	for _, c := range []struct {
		unit event.UnitID
		from string
		left bool
	}{
		{"so-noi-vu", "10.1.1.5", true},
		{"so-noi-vu.van-thu", "10.1.1.5", true},
		{"so-noi-vu", "10.1.1.6", false},
		{"so-y-te", "10.1.1.5", false},
		{event.CentreUnit, "10.1.1.5", false},
		{"", "10.1.1.5", false},
	} {
		hits := w.Match(rootFrom(c.unit, c.from))
		if got := len(hits) == 0; got != c.left || len(w.Excluded()) != map[bool]int{true: 1}[c.left] {
			t.Errorf("%s %s: %d hits, %d left out", c.unit, c.from, len(hits), len(w.Excluded()))
		}
	}
	w.Match(rootFrom("so-noi-vu", "10.1.1.5"))
	if x := w.Excluded()[0]; x.ID != "x1" || x.RuleID != "6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e" || !x.Received.Equal(time.Unix(1001, 0)) {
		t.Errorf("%+v", x)
	}
}

func TestAnExclusionForAllUnitsAndItsEnd(t *testing.T) {
	w := excluding(t, Exclusion{ID: "x1", Filter: []byte(backupLogin), Until: time.Unix(1001, 0)})
	ev := rootFrom("so-y-te", "10.1.1.5")
	if len(w.Match(ev)) != 1 {
		t.Error("it acts on an event that arrives when it has ended")
	}
	ev.Received = ev.Received.Add(-time.Nanosecond)
	if len(w.Match(ev)) != 0 {
		t.Error("it has ended too soon")
	}
}

func TestAnExclusionMayNameTheHostAlertsAreGroupedBy(t *testing.T) {
	text := strings.Replace(backupLogin, "src_ip: 10.1.1.5", "host: WEB01", 1)
	w := excluding(t, Exclusion{ID: "x1", Filter: []byte(text)})
	if n := len(w.Match(rootFrom("so-y-te", "203.0.113.9"))); n != 0 {
		t.Errorf("%d hits", n)
	}
	ev := rootFrom("so-y-te", "203.0.113.9")
	ev.Host = "web02"
	if n := len(w.Match(ev)); n != 1 {
		t.Errorf("on another host: %d hits", n)
	}
}

func TestExclusionsAreReplacedAndTheRulesStay(t *testing.T) {
	base := compile(t, rootLogin)
	with, _ := base.Excluding([]Exclusion{{ID: "x1", Filter: []byte(backupLogin)}})
	without, _ := with.Excluding(nil)
	ev := rootFrom("so-y-te", "10.1.1.5")
	for i, n := range []int{len(base.NewWorker().Match(ev)), len(with.NewWorker().Match(ev)), len(without.NewWorker().Match(ev))} {
		if n != []int{1, 0, 1}[i] {
			t.Errorf("set %d: %d hits", i, n)
		}
	}
	if base.Rule("6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e") != with.Rule("6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e") {
		t.Error("the rules are others")
	}
}

func TestExclusionsThatCannotBeJudgedExcludeNothingAndSayWhy(t *testing.T) {
	for name, c := range map[string]struct{ from, to, says string }{
		"any rule":          {"rules: [6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e]", "rules: any", "for any rule"},
		"nothing excluded":  {"condition: not selection", "condition: selection", "excludes nothing"},
		"unknown rule":      {"6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e", "00000000-5b2e-4a9c-9d4e-3f4a5b6c7d8e", "no rule of the id"},
		"other log source":  {"product: linux, service: sshd", "product: windows", "another log source"},
		"not a filter":      {backupLogin, rootLogin, "not one Sigma filter"},
		"no YAML":           {backupLogin, "{", ""},
		"two documents":     {backupLogin, backupLogin + "---\n" + backupLogin, "not one Sigma filter"},
		"a broken modifier": {"src_ip:", "src_ip|nonsense:", ""},
		"too long":          {"title: ", "title: " + strings.Repeat("a", MaxFilterBytes), "longer than"},
	} {
		text := strings.Replace(backupLogin, c.from, c.to, 1)
		set, problems := compile(t, rootLogin).Excluding([]Exclusion{{ID: "x1", Filter: []byte(text)}})
		if !strings.Contains(fmt.Sprint(problems["x1"]), c.says) || len(problems["x1"]) == 0 {
			t.Errorf("%s: problems %v", name, problems)
		}
		if len(set.NewWorker().Match(rootFrom("so-y-te", "10.1.1.5"))) != 1 {
			t.Errorf("%s: it excludes", name)
		}
	}
}

// The rules of a correlation: a hit that is left out is not counted.
func TestACorrelationDoesNotCountWhatIsLeftOut(t *testing.T) {
	base := compile(t, countedLogins...)
	part := base.Rule("aaaaaaaa-0000-4000-8000-000000000001")
	text := "title: The scanner\nlogsource: {product: linux}\nfilter:\n  rules: [" + part.ID + "]\n  selection: {user: scan}\n  condition: not selection\n"
	set, problems := base.Excluding([]Exclusion{{ID: "x1", Filter: []byte(text), Units: map[event.UnitID]bool{"a": true}}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		set  *Set
		unit event.UnitID
		want int
	}{{base, "a", 1}, {set, "a", 0}, {set, "b", 1}} {
		if got, _ := countLogins(c.set, c.unit, "scan"); got != c.want {
			t.Errorf("unit %s: %d series, want %d", c.unit, got, c.want)
		}
	}
	if got, _ := countLogins(set, "a", "root"); got != 1 {
		t.Errorf("another user: %d series", got)
	}
}

// An exclusion from the correlation itself looks at what it groups by, and leaves
// the hits of its parts alone.
func TestAnExclusionFromACorrelationLooksAtItsGroup(t *testing.T) {
	text := "title: The scanner\nlogsource: {product: lachan, category: correlation}\nfilter:\n  rules: [aaaaaaaa-0000-4000-8000-000000000002]\n  selection: {user: Scan}\n  condition: not selection\n"
	set, problems := compile(t, countedLogins...).Excluding([]Exclusion{{ID: "x1", Filter: []byte(text), Units: map[event.UnitID]bool{"a": true}}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		unit          event.UnitID
		user          string
		found, leftly int
	}{{"a", "scan", 0, 1}, {"a", "root", 1, 0}, {"b", "scan", 1, 0}} {
		if found, left := countLogins(set, c.unit, c.user); found != c.found || left != c.leftly {
			t.Errorf("%s %s: %d series, %d left out", c.unit, c.user, found, left)
		}
	}
}

var countedLogins = []string{`title: A login fails
id: aaaaaaaa-0000-4000-8000-000000000001
logsource: {product: linux}
detection: {selection: {outcome: failure}, condition: selection}
`, `title: Logins fail
id: aaaaaaaa-0000-4000-8000-000000000002
correlation:
  type: event_count
  rules: [aaaaaaaa-0000-4000-8000-000000000001]
  group-by: [user]
  timespan: 10m
  condition: {gte: 2}
  generate: true
level: high
`}

// countLogins shows two failed logins and counts the series found and left out.
func countLogins(set *Set, unit event.UnitID, user string) (found, left int) {
	w, c := set.NewWorker(), set.NewCorrelator(CorrelatorOptions{InOrder: true})
	for i := range 2 {
		ev := sshEvent(event.Field{Name: "user", Value: user}, event.Field{Name: "outcome", Value: "failure"})
		ev.Unit, ev.Time = unit, ev.Time.Add(time.Duration(i)*time.Second)
		for _, r := range w.Match(ev) {
			h := w.Hit(r, ev)
			found += len(c.Observe(&h))
		}
	}
	found += len(c.End())
	return found, len(c.Excluded())
}

func FuzzParseExclusion(f *testing.F) {
	f.Add([]byte(backupLogin))
	f.Add([]byte("title: x\nlogsource: {}\nfilter: {rules: any, s: {a: 1}, condition: not s}"))
	set := Compile([]File{{Name: "a.yml", Data: []byte(rootLogin)}}, Options{Mapping: sigma.DefaultMapping()})
	f.Fuzz(func(t *testing.T, text []byte) {
		filter, problems := ParseExclusion(text)
		if filter == nil && len(problems) == 0 {
			t.Fatal("refused without a reason")
		}
		with, why := set.Excluding([]Exclusion{{ID: "x", Filter: text}})
		if filter == nil && len(why["x"]) == 0 {
			t.Fatal("refused before, taken now")
		}
		w := with.NewWorker()
		if n := len(w.Match(rootFrom("so-y-te", "10.1.1.5"))) + len(w.Excluded()); n != 1 {
			t.Fatalf("%d hits, kept or left out", n)
		}
	})
}

func BenchmarkMatchWithExclusions(b *testing.B) {
	base := compile(b, rootLogin)
	with, _ := base.Excluding([]Exclusion{{ID: "x1", Filter: []byte(backupLogin)}})
	for _, c := range []struct {
		name string
		set  *Set
		ev   *event.Event
	}{
		{"no hit, none", base, sshEvent(event.Field{Name: "user", Value: "root"})}, {"no hit, one", with, sshEvent(event.Field{Name: "user", Value: "root"})},
		{"hit, none", base, rootFrom("so-y-te", "10.1.1.5")}, {"hit, left out", with, rootFrom("so-y-te", "10.1.1.5")},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := c.set.NewWorker()
			b.ReportAllocs()
			for b.Loop() {
				w.Match(c.ev)
			}
		})
	}
}
