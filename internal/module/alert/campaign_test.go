package alert

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// briefsOf reads "id rule unit field=value [technique…] [+hours]", one a line.
func briefsOf(t testing.TB, text string) []Brief {
	t.Helper()
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	var out []Brief
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		field, value, _ := strings.Cut(w[3], "=")
		b := Brief{ID: w[0], RuleID: w[1], Unit: event.UnitID(w[2]), Field: field, Value: value, Level: "high", Count: 1, First: start, Last: start, Created: start, Status: StatusNew}
		for _, x := range w[4:] {
			if hours, ok := strings.CutPrefix(x, "+"); ok {
				d, err := time.ParseDuration(hours)
				if err != nil {
					t.Fatal(err)
				}
				b.First, b.Last = start.Add(d), start.Add(d)
			} else if name, v, ok := strings.Cut(x, "="); ok {
				b.Elements = append(b.Elements, GroupValue{name, v})
			} else {
				b.Techniques = append(b.Techniques, x)
			}
		}
		out = append(out, b)
	}
	return out
}

func shown(groups []Group) string {
	var out []string
	for _, g := range groups {
		var ids []string
		for _, a := range g.Alerts {
			ids = append(ids, a.ID)
		}
		slices.Sort(ids)
		out = append(out, fmt.Sprintf("%s %s: %s", g.Kind, g.Value, strings.Join(ids, " ")))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestCampaigns(t *testing.T) {
	for name, c := range map[string]struct{ alerts, want string }{
		"nothing in common":                    {"a r1 u1 host=h1\nb r2 u2 host=h2", "alert a: a\nalert b: b"},
		"a public address in two units":        {"a r1 u1 src_ip=8.8.8.8\nb r2 u2 src_ip=8.8.8.8", "indicator 8.8.8.8: a b"},
		"a private address is each unit's own": {"a r1 u1 src_ip=10.0.0.8\nb r2 u2 src_ip=10.0.0.8", "alert a: a\nalert b: b"},
		"a machine's name is each unit's own":  {"a r1 u1 host=PC01\nb r2 u2 host=PC01", "alert a: a\nalert b: b"},
		"several rules about one machine":      {"a r1 u1 host=PC01\nb r2 u1 host=pc01", "entity pc01: a b"},
		"a hash":                               {"a r1 u1 sha256=" + strings.Repeat("ab", 32) + "\nb r1 u2 sha256=" + strings.Repeat("AB", 32), "indicator " + strings.Repeat("ab", 32) + ": a b"},
		"an account of the network":            {"a r1 u1 user=lan@tinh.gov.vn\nb r2 u2 user=lan@tinh.gov.vn", "indicator lan@tinh.gov.vn: a b"},
		"an account named alike":               {"a r1 u1 user=admin\nb r2 u2 user=admin", "alert a: a\nalert b: b"},
		"one rule in several units":            {"a r1 u1 host=h1\nb r1 u2 host=h2", "spread r1: a b"},
		"one rule about several machines":      {"a r1 u1 host=h1\nb r1 u1 host=h2", "rule r1: a b"},
		"one technique, by several rules":      {"a r1 u1 host=h1 t1110\nb r2 u2 host=h2 t1110", "technique t1110: a b"},
		"an address says more than a rule":     {"a r1 u1 src_ip=8.8.8.8\nb r2 u2 src_ip=8.8.8.8\nc r1 u3 host=h", "alert c: c\nindicator 8.8.8.8: a b"},
		"the larger takes its alerts first":    {"a r1 u1 src_ip=8.8.8.8 dst_ip=9.9.9.9\nb r2 u2 src_ip=8.8.8.8\nc r3 u3 src_ip=9.9.9.9\nd r4 u4 src_ip=9.9.9.9", "alert b: b\nindicator 9.9.9.9: a c d"},
		"what a series is grouped by":          {"a r1 u1 host=h1 src_ip=8.8.8.8\nb r2 u2 src_ip=8.8.8.8", "indicator 8.8.8.8: a b"},
		"chains are not followed":              {"a r1 u1 src_ip=8.8.8.8\nb r1 u2 host=x\nc r2 u2 host=x", "alert c: c\nspread r1: a b"},
		"within a day":                         {"a r1 u1 src_ip=8.8.8.8\nb r1 u1 src_ip=8.8.8.8 +24h", "indicator 8.8.8.8: a b"},
		"a day apart":                          {"a r1 u1 src_ip=8.8.8.8\nb r1 u1 src_ip=8.8.8.8 +24h1s", "alert a: a\nalert b: b"},
		"step by step over days":               {"a r1 u1 src_ip=8.8.8.8\nb r1 u1 src_ip=8.8.8.8 +20h\nc r1 u1 src_ip=8.8.8.8 +40h", "indicator 8.8.8.8: a b c"},
	} {
		want := strings.Split(c.want, "\n")
		slices.Sort(want)
		if got := shown(Campaigns(briefsOf(t, c.alerts))); got != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, strings.Join(want, "\n"))
		}
	}
}

func TestCampaignsDoNotDependOnTheOrderOfAlerts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alerts := manyBriefs(500, r)
	want := shown(Campaigns(alerts))
	for range 5 {
		r.Shuffle(len(alerts), func(i, j int) { alerts[i], alerts[j] = alerts[j], alerts[i] })
		groups := Campaigns(alerts)
		if got := shown(groups); got != want {
			t.Fatal("another order makes other campaigns")
		}
		seen := map[string]int{}
		for _, g := range groups {
			for _, a := range g.Alerts {
				seen[a.ID]++
			}
		}
		for _, a := range alerts {
			if seen[a.ID] != 1 {
				t.Fatalf("%s is in %d groups", a.ID, seen[a.ID])
			}
		}
	}
}

func manyBriefs(n int, r *rand.Rand) []Brief {
	start := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	alerts := make([]Brief, n)
	for i := range alerts {
		at := start.Add(time.Duration(r.IntN(72*3600)) * time.Second)
		a := Brief{ID: fmt.Sprintf("%06d", i), RuleID: fmt.Sprint("rule-", r.IntN(300)), Unit: event.UnitID(fmt.Sprint("so-", r.IntN(200))), Level: Levels[r.IntN(5)],
			Field: "host", Value: fmt.Sprint("pc", r.IntN(400)), First: at, Last: at.Add(time.Duration(r.IntN(3600)) * time.Second), Created: at, Count: int64(r.IntN(50) + 1),
			Status: StatusNew, Techniques: []string{fmt.Sprint("t1", r.IntN(60))}}
		if r.IntN(3) == 0 {
			a.Field, a.Value = "src_ip", fmt.Sprintf("203.0.%d.%d", r.IntN(4)+114, r.IntN(200))
		}
		alerts[i] = a
	}
	return alerts
}

func TestTheTenThingsSayWhy(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	alerts := briefsOf(t, "a r1 u1 src_ip=8.8.8.8\nb r2 u2 src_ip=8.8.8.8\nc r3 u1 host=h1\nd r4 u1 host=h2\ne r5 u1 host=h3")
	alerts[2].Level, alerts[2].Created = "critical", now.Add(-30*time.Minute)
	alerts[3].Created, alerts[4].Created = now, now
	alerts[3].Count = 1000
	alerts[4].Assignee, alerts[4].Status = "lan", StatusInProgress
	past := func(rule, _ string) Past {
		return map[string]Past{"r1": {True: 2}, "r4": {False: 4}}[rule]
	}
	var things []Thing
	for _, g := range Campaigns(alerts) {
		things = append(things, Rank(g, "lan", now, past))
	}
	var got []string
	for _, x := range Today(things) {
		var codes []string
		sum := 0
		for _, p := range x.Why {
			codes = append(codes, fmt.Sprintf("%s%+d", p.Code, p.Points))
			sum += p.Points
			if p.Vi == "" || p.En == "" {
				t.Errorf("%s has no words", p.Code)
			}
		}
		if sum != x.Score {
			t.Errorf("the points of %s add up to %d, its score is %d", x.Value, sum, x.Score)
		}
		got = append(got, fmt.Sprintf("%s %d: %s", x.Worst.ID, x.Score, strings.Join(codes, " ")))
	}
	want := []string{
		"a 65: level+30 units+4 rules+3 overdue+12 unassigned+6 recurring+10",
		"c 56: level+50 unassigned+6",
		"e 38: level+30 mine+8",
		"d 30: level+30 unassigned+6 often-false-12 many+6",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func BenchmarkCampaigns(b *testing.B) {
	alerts := manyBriefs(10_000, rand.New(rand.NewPCG(1, 2)))
	for b.Loop() {
		groups := Campaigns(alerts)
		byWorst(groups)
	}
}
