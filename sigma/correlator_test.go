package sigma

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// correlationRules makes base rules a, b, c and d, which match nothing that
// matters here, and a correlation of the given section.
func correlationRules(sections ...string) []string {
	var out []string
	for _, name := range []string{"a", "b", "c", "d"} {
		out = append(out, fmt.Sprintf("title: %s\nname: %s\nlogsource: {product: test}\ndetection: {s: {f: %s}, condition: s}\n", name, name, name))
	}
	for i, s := range sections {
		head := fmt.Sprintf("title: k%d\nname: k%d\n", i, i)
		out = append(out, head+"correlation:\n    "+strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ")+"\n")
	}
	return out
}

func ruleNamed(t testing.TB, rs *Ruleset, name string) *Rule {
	t.Helper()
	for _, r := range append(rs.Rules(), rs.Correlations()...) {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no rule %q", name)
	return nil
}

var midnight = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// parseHit reads "SECOND RULE field=value...".
func parseHit(t testing.TB, rs *Ruleset, line string) Hit {
	t.Helper()
	words := strings.Fields(line)
	d, err := time.ParseDuration(words[0] + "s")
	if err != nil {
		t.Fatal(err)
	}
	h := Hit{Rule: ruleNamed(t, rs, words[1]), Time: midnight.Add(d), Event: &Event{}, Ref: words[0]}
	for _, w := range words[2:] {
		name, value, _ := strings.Cut(w, "=")
		h.Event.Fields = append(h.Event.Fields, Field{Name: name, Value: value})
	}
	return h
}

// matchText writes "SECOND RULE VALUE group refs".
func matchText(r *Rule, m CorrelationMatch) string {
	out := fmt.Sprintf("%v %s %v", m.Time.Sub(midnight).Seconds(), r.Name, m.Value)
	for _, g := range m.Group {
		out += fmt.Sprintf(" %s=%s", g.Name, g.Value)
	}
	return out + " " + fmt.Sprint(m.Refs)
}

func TestCorrelations(t *testing.T) {
	for _, tc := range []struct {
		name     string
		sections []string
		hits     []string // "@SECOND" advances the time
		want     []string
		stats    CorrelatorStats
	}{
		{"event_count fires at the event that completes it, and starts afresh",
			[]string{"type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\ncondition: {gte: 3}"},
			[]string{"0 a u=x", "1 a u=x", "2 a u=x", "3 a u=x", "4 a u=x", "5 a u=x"},
			[]string{"2 k0 3 u=x [0 1 2]", "5 k0 3 u=x [3 4 5]"}, CorrelatorStats{}},
		{"the timespan slides and includes its ends",
			[]string{"type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gt: 2}"},
			[]string{"0 a", "5 a", "10.1 a", "15 a"},
			[]string{"15 k0 3 [5 10.1 15]"}, CorrelatorStats{}},
		{"groups are counted apart, without regard to case; other rules do not count",
			[]string{"type: event_count\nrules: [a, b]\ngroup-by: [u]\ntimespan: 10s\ncondition: {gte: 2}"},
			[]string{"0 a u=x", "1 a u=y", "2 c u=y", "3 b u=X", "4 a"},
			[]string{"3 k0 2 u=X [0 3]"}, CorrelatorStats{Ungrouped: 1}},
		{"a range is tested when the timespan is over",
			[]string{"type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 2, lt: 4}"},
			[]string{"0 a", "1 a", "20 a", "30 a", "31 a", "32 a", "33 a", "45 a", "46 a", "47 a", "48 a", "60 a", "70 a", "@71"},
			[]string{"10 k0 2 [0 1]", "30 k0 2 [20 30]", "41 k0 3 [31 32 33]", "70 k0 2 [60 70]"}, CorrelatorStats{}},
		{"eq and neq",
			[]string{"type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {eq: 2}", "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {neq: 2}"},
			[]string{"0 a", "1 a", "20 a", "@40"},
			[]string{"10 k0 2 [0 1]", "30 k1 1 [20]"}, CorrelatorStats{}},
		{"value_count counts distinct values",
			[]string{"type: value_count\nrules: [a]\ngroup-by: [h]\ntimespan: 10s\ncondition: {field: u, gte: 3}"},
			[]string{"0 a h=1 u=x", "1 a h=1 u=X", "2 a h=1 u=y", "3 a h=1", "4 a h=1 u=z"},
			[]string{"4 k0 3 h=1 [1 2 4]"}, CorrelatorStats{Ungrouped: 1}},
		{"value_count below a number",
			[]string{"type: value_count\nrules: [a]\ntimespan: 10s\ncondition: {field: u, lt: 2}"},
			[]string{"0 a u=x", "1 a u=x", "20 a u=x", "21 a u=y", "@40"},
			[]string{"10 k0 1 [0]"}, CorrelatorStats{}},
		{"value_sum, and values that are no numbers",
			[]string{"type: value_sum\nrules: [a]\ntimespan: 10s\ncondition: {field: n, gt: 10}"},
			[]string{"0 a n=5.5", "1 a n=many", "2 a n=6", "@11", "20 a n=4", "21 a n=6", "@40"},
			[]string{"10 k0 11.5 [0 2]"}, CorrelatorStats{NoNumber: 1}},
		{"value_avg",
			[]string{"type: value_avg\nrules: [a]\ntimespan: 10s\ncondition: {field: n, lte: 2}"},
			[]string{"0 a n=1", "1 a n=3", "20 a n=3", "@40"},
			[]string{"10 k0 2 [0 1]"}, CorrelatorStats{}},
		{"value_median",
			[]string{"type: value_median\nrules: [a]\ntimespan: 10s\ncondition: {field: n, gte: 2}"},
			[]string{"0 a n=100", "1 a n=1", "2 a n=3", "3 a n=2", "@20"},
			[]string{"10 k0 2.5 [0 1 2 3]"}, CorrelatorStats{}},
		{"value_percentile",
			[]string{"type: value_percentile\nrules: [a]\ntimespan: 10s\ncondition: {field: n, percentile: 90, gt: 8}"},
			[]string{"0 a n=0", "1 a n=10", "@20", "30 a n=0", "31 a n=8", "@50"},
			[]string{"10 k0 9 [0 1]"}, CorrelatorStats{}},
		{"temporal wants all rules in any order",
			[]string{"type: temporal\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 10s"},
			[]string{"0 c u=x", "1 a u=x", "2 b u=y", "3 a u=x", "9 b u=x", "30 a u=x", "35 b u=x", "41 c u=x"},
			[]string{"9 k0 3 u=x [0 3 9]"}, CorrelatorStats{}},
		{"temporal wants some of the rules",
			[]string{"type: temporal\nrules: [a, b, c]\ntimespan: 10s\ncondition: {gte: 2}"},
			[]string{"0 c", "1 c", "2 a"},
			[]string{"2 k0 2 [1 2]"}, CorrelatorStats{}},
		{"temporal_ordered wants them in order",
			[]string{"type: temporal_ordered\nrules: [a, b, c]\ntimespan: 10s"},
			[]string{"0 c", "1 b", "2 a", "3 c", "4 b", "5 a", "6 c"},
			[]string{"6 k0 3 [0 1 2 3 4 5 6]"}, CorrelatorStats{}},
		{"temporal_ordered, the first too early",
			[]string{"type: temporal_ordered\nrules: [a, b]\ntimespan: 10s"},
			[]string{"0 a", "11 b", "12 a", "22 b"},
			[]string{"22 k0 2 [12 22]"}, CorrelatorStats{}},
		{"aliases give one name to fields of different names",
			[]string{"type: temporal\nrules: [a, b]\ngroup-by: [ip]\ntimespan: 10s\naliases: {ip: {a: src, b: dst}}"},
			[]string{"0 a src=1 dst=2", "1 b src=1 dst=2", "2 b src=3 dst=1"},
			[]string{"2 k0 2 ip=1 [0 2]"}, CorrelatorStats{}},
		{"hits without a usable time",
			[]string{"type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: 1}"},
			[]string{"-2000000000 a", "0 a", "-1 a"},
			[]string{"0 k0 1 [0]"}, CorrelatorStats{Untimed: 1, Late: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rs := mustCompile(t, Options{}, correlationRules(tc.sections...)...)
			c := rs.NewCorrelator(CorrelatorOptions{})
			var got []string
			fire := func(r *Rule, m CorrelationMatch) { got = append(got, matchText(r, m)) }
			for _, line := range tc.hits {
				if at, ok := strings.CutPrefix(line, "@"); ok {
					d, _ := time.ParseDuration(at + "s")
					c.Advance(midnight.Add(d), fire)
					continue
				}
				c.Observe(parseHit(t, rs, line), fire)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
			if c.Stats() != tc.stats {
				t.Errorf("stats %+v, want %+v", c.Stats(), tc.stats)
			}
		})
	}
}

func TestCorrelationsOfCorrelations(t *testing.T) {
	rs := mustCompile(t, Options{}, correlationRules(
		"type: temporal_ordered\nrules: [k1, b]\ngroup-by: [user]\ntimespan: 1m\naliases: {user: {k1: User, b: Account}}",
		"type: event_count\nrules: [a]\ngroup-by: [Host]\ntimespan: 1m\ncondition: {gte: 3}",
	)...)
	c := rs.NewCorrelator(CorrelatorOptions{})
	var got []string
	for _, line := range []string{"0 a Host=h User=x", "1 a Host=h User=z", "2 a Host=h User=y", "3 b Account=x", "4 b Account=Y"} {
		c.Observe(parseHit(t, rs, line), func(r *Rule, m CorrelationMatch) {
			got = append(got, fmt.Sprint(r.Name, m.Group, m.Refs, m.First.Sub(midnight)))
		})
	}
	if fmt.Sprint(got) != "[k0[{user Y false}] [0 1 2 4] 0s]" {
		t.Errorf("got %v", got)
	}
}

// A rule that only correlations use is silent, unless one says generate.
func TestSilent(t *testing.T) {
	rs := mustCompile(t, Options{}, correlationRules(
		"type: temporal\nrules: [a, b]\ntimespan: 1m",
		"type: temporal\nrules: [b, c, k0]\ntimespan: 1m\ngenerate: true",
	)...)
	for name, want := range map[string]bool{"a": true, "b": false, "c": false, "d": false, "k0": false, "k1": false} {
		if got := rs.Silent(ruleNamed(t, rs, name)); got != want {
			t.Errorf("%s silent: %t, want %t", name, got, want)
		}
	}
	if n := len(rs.Rules()); n != 4 {
		t.Errorf("%d detection rules, want 4", n)
	}
}

// manyKinds is one correlation of each kind and a chain.
func manyKinds(t testing.TB) *Ruleset {
	sections := []string{"type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 20s\ncondition: {gte: 3}\ngenerate: true",
		"type: temporal\nrules: [k0, b]\ngroup-by: [u]\ntimespan: 30s\ngenerate: true"}
	for _, kind := range []string{"value_count", "value_sum", "value_avg", "value_median"} {
		for _, cond := range []string{"gte: 3", "gte: 2, lte: 20"} {
			sections = append(sections, "type: "+kind+"\nrules: [a, b]\ngroup-by: [u]\ntimespan: 15s\ngenerate: true\ncondition: {field: n, "+cond+"}")
		}
	}
	sections = append(sections,
		"type: temporal\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 9s",
		"type: temporal_ordered\nrules: [a, b, c]\ngroup-by: [u]\ntimespan: 12s",
		"type: temporal_ordered\nrules: [k3, c]\ntimespan: 60s")
	return mustCompile(t, Options{}, correlationRules(sections...)...)
}

func randomHits(t testing.TB, rs *Ruleset, r *rand.Rand, n int) []Hit {
	var hits []Hit
	at := 0.0
	for range n {
		at += 0.001 + r.Float64()*3
		hits = append(hits, parseHit(t, rs, fmt.Sprintf("%.4f %c u=%c n=%d", at, 'a'+r.IntN(4), 'x'+r.IntN(3), r.IntN(6))))
	}
	return hits
}

func correlateAll(c *Correlator, hits []Hit) []string {
	var got []string
	fire := func(r *Rule, m CorrelationMatch) { got = append(got, m.Key+" "+matchText(r, m)) }
	for _, h := range hits {
		c.Observe(h, fire)
	}
	c.Advance(midnight.Add(24*time.Hour), fire)
	return got
}

// Hits that come late within the allowance lead to the same matches.
func TestCorrelatorOrderDoesNotMatter(t *testing.T) {
	rs := manyKinds(t)
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		hits := randomHits(t, rs, r, 200)
		want := correlateAll(rs.NewCorrelator(CorrelatorOptions{}), hits)
		if len(want) < 20 {
			t.Fatalf("only %d matches", len(want))
		}
		late := slices.Clone(hits)
		delay := map[string]time.Duration{}
		for _, h := range late {
			delay[h.Ref] = time.Duration(r.Int64N(int64(10 * time.Second)))
		}
		slices.SortStableFunc(late, func(a, b Hit) int { return a.Time.Add(delay[a.Ref]).Compare(b.Time.Add(delay[b.Ref])) })
		c := rs.NewCorrelator(CorrelatorOptions{Lateness: 10 * time.Second})
		if got := correlateAll(c, late); !slices.Equal(got, want) {
			t.Fatalf("seed %d: late hits lead to\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if c.Stats().Late != 0 {
			t.Errorf("%d hits are late", c.Stats().Late)
		}
	}
}

// A correlator restored at any point goes on as if nothing had happened: no
// match is lost and none is fired twice.
func TestCorrelatorRestore(t *testing.T) {
	rs, later := manyKinds(t), manyKinds(t)
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		hits := randomHits(t, rs, r, 200)
		o := CorrelatorOptions{Lateness: 5 * time.Second}
		want := correlateAll(rs.NewCorrelator(o), hits)
		var got []string
		fire := func(r *Rule, m CorrelationMatch) { got = append(got, m.Key+" "+matchText(r, m)) }
		cut := r.IntN(len(hits))
		before := rs.NewCorrelator(o)
		for _, h := range hits[:cut] {
			before.Observe(h, fire)
		}
		state, err := before.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		after := later.NewCorrelator(o)
		if err := after.Restore(state); err != nil {
			t.Fatal(err)
		}
		rest := slices.Clone(hits[cut:])
		for i := range rest {
			rest[i].Rule = ruleNamed(t, later, rest[i].Rule.Name)
		}
		got = append(got, correlateAll(after, rest)...)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d, cut at %d: got\n%s\nwant\n%s", seed, cut, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestCorrelatorRestoreLeavesOutWhatChanged(t *testing.T) {
	section := "type: event_count\nrules: [a]\ntimespan: 10s\ncondition: {gte: %d}"
	old := mustCompile(t, Options{}, correlationRules(fmt.Sprintf(section, 2))...)
	c := old.NewCorrelator(CorrelatorOptions{})
	c.Observe(parseHit(t, old, "0 a"), nil)
	state, _ := c.Snapshot()
	for gte, want := range map[int]int{2: 1, 3: 0} {
		rs := mustCompile(t, Options{}, correlationRules(fmt.Sprintf(section, gte))...)
		c := rs.NewCorrelator(CorrelatorOptions{})
		if err := c.Restore(state); err != nil || c.held != want {
			t.Errorf("gte %d: %d events held, want %d; %v", gte, c.held, want, err)
		}
	}
}

func TestCorrelatorIsBounded(t *testing.T) {
	rs := manyKinds(t)
	c := rs.NewCorrelator(CorrelatorOptions{Lateness: time.Hour, MaxPending: 100, MaxHeld: 500})
	for i := range 20_000 {
		c.Observe(parseHit(t, rs, fmt.Sprintf("%.3f %c u=user%d n=%d", float64(i)/1000, 'a'+i%3, i%5000, i)), nil)
		if c.held > 500 || len(c.pending) > 100 {
			t.Fatalf("%d held, %d pending", c.held, len(c.pending))
		}
	}
	held := 0
	for i := range c.nodes {
		if len(c.nodes[i].groups) != c.nodes[i].order.Len() {
			t.Error("groups and their order differ")
		}
		for e := c.nodes[i].order.Front(); e != nil; e = e.Next() {
			held += len(e.Value.(*groupState).events)
		}
	}
	if s := c.Stats(); held != c.held || s.Evicted == 0 || s.Forced == 0 {
		t.Errorf("%d held, counted as %d, %+v", held, c.held, s)
	}
}

// Chains and numbers of correlations are bounded, and what is refused is said.
func TestHostileCorrelations(t *testing.T) {
	for name, tc := range map[string]struct {
		n       int
		section func(i int) string
		loaded  int
	}{
		"deep": {40, func(i int) string {
			return fmt.Sprintf("type: temporal\nrules: [%s]\ntimespan: 1m", map[bool]string{true: "a", false: fmt.Sprint("k", i-1)}[i == 0])
		}, MaxCorrelationDeep},
		"many": {MaxCorrelations + 5, func(int) string { return "type: temporal\nrules: [a, b]\ntimespan: 1m" }, MaxCorrelations},
	} {
		t.Run(name, func(t *testing.T) {
			var sections []string
			for i := range tc.n {
				sections = append(sections, tc.section(i))
			}
			rules, _ := Parse([]byte(strings.Join(correlationRules(sections...), "---\n")), "")
			rs, problems := Compile(rules, Mapping{}, Options{})
			if n, bad := len(rs.Correlations()), len(errorsOnly(problems)); n != tc.loaded || bad != tc.n-n {
				t.Errorf("%d loaded, %d refused", n, bad)
			}
		})
	}
}

func FuzzCorrelatorRestore(f *testing.F) {
	rs := manyKinds(f)
	c := rs.NewCorrelator(CorrelatorOptions{Lateness: 5 * time.Second})
	for _, h := range randomHits(f, rs, rand.New(rand.NewPCG(1, 1)), 20) {
		c.Observe(h, nil)
	}
	state, err := c.Snapshot()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add([]byte(`{"Version":1}`))
	hits := randomHits(f, rs, rand.New(rand.NewPCG(2, 2)), 50)
	f.Fuzz(func(t *testing.T, state []byte) {
		c := rs.NewCorrelator(CorrelatorOptions{})
		if c.Restore(state) == nil {
			correlateAll(c, hits)
		}
	})
}

func BenchmarkCorrelator(b *testing.B) {
	rs := manyKinds(b)
	hits := randomHits(b, rs, rand.New(rand.NewPCG(1, 1)), 1000)
	c := rs.NewCorrelator(CorrelatorOptions{})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		h := hits[i%len(hits)]
		h.Time = midnight.Add(time.Duration(i) * time.Second)
		c.Observe(h, nil)
		i++
	}
}

// What a caller needs to keep of a hit: the fields of all correlations above, also
// under the other names that the mapping has for them.
func TestHitFields(t *testing.T) {
	var rules []*Rule
	for _, text := range correlationRules(
		"type: event_count\nrules: [a]\ngroup-by: [Image, who]\ntimespan: 10s\ncondition: {gte: 3}\naliases: {who: {a: User}}",
		"type: value_count\nrules: [k0]\ngroup-by: [Image]\ntimespan: 1m\ncondition: {field: Computer, gte: 2}",
	) {
		r, _ := Parse([]byte(text), "") // warns of missing ids
		rules = append(rules, r...)
	}
	rs, problems := Compile(rules, DefaultMapping(), Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := rs.HitFields(ruleNamed(t, rs, "a"), []Field{
		{Name: "NewProcessName", Value: "x.exe"}, {Name: "User", Value: "lan"}, {Name: "User", Value: "minh"},
		{Name: "Computer", Value: "pc", Kind: Null}, {Name: "Message", Value: "long"},
	})
	if want := "[{Image x.exe 0} {User lan 0}]"; fmt.Sprint(got) != want {
		t.Errorf("kept %v, want %s", got, want)
	}
	if rs.HitFields(ruleNamed(t, rs, "b"), got) != nil || rs.Correlated(ruleNamed(t, rs, "b")) || !rs.Correlated(ruleNamed(t, rs, "a")) {
		t.Error("b is not correlated, a is")
	}
	k0 := ruleNamed(t, rs, "k0")
	if parts := rs.Parts(k0); len(parts) != 1 || parts[0].Rule.Name != "a" || fmt.Sprint(parts[0].GroupBy) != "[Image User]" {
		t.Errorf("parts %+v", parts)
	}
	if fmt.Sprint(k0.GroupBy()) != "[Image who]" || k0.Timespan() != 10*time.Second || rs.Parts(ruleNamed(t, rs, "a")) != nil {
		t.Errorf("group by %v in %v", k0.GroupBy(), k0.Timespan())
	}
}

// A caller can bound several correlators together.
func TestForgetTheGroupNearestItsEnd(t *testing.T) {
	rs := mustCompile(t, Options{}, correlationRules("type: event_count\nrules: [a]\ngroup-by: [u]\ntimespan: 10s\ncondition: {gte: 3}")...)
	c := rs.NewCorrelator(CorrelatorOptions{Lateness: time.Second})
	if c.Forget() || !c.Clock().IsZero() {
		t.Error("an empty correlator has something to forget")
	}
	for _, line := range []string{"0 a u=x", "1 a u=x", "2 a u=y", "9 a u=z"} {
		c.Observe(parseHit(t, rs, line), nil)
	}
	if l := c.Load(); l != (CorrelatorLoad{Pending: 1, Groups: 2, Events: 3}) || c.Held() != 3 || !c.Clock().Equal(midnight.Add(8*time.Second)) {
		t.Errorf("holds %+v at %v", l, c.Clock())
	}
	if !c.Forget() || c.Held() != 1 || c.Stats().Evicted != 1 {
		t.Errorf("holds %+v", c.Load())
	}
}
