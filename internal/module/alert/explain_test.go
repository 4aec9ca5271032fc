package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
	"github.com/lachan-vn/lachan/sigma"
)

func (noRules) Current() (*detect.Set, time.Time) {
	return detect.Compile(nil, detect.Options{}), time.Time{}
}

func (l *askedLake) Event(context.Context, lake.Scope, event.ID) (*lake.Row, error) {
	return nil, fault.New(fault.NotFound, "no such event")
}

// book is rules in force.
type book struct{ set *detect.Set }

func (b *book) Rule(id string) *detect.Rule { return b.set.Rule(id) }

func (b *book) Current() (*detect.Set, time.Time) { return b.set, time.Unix(1_800_000_000, 0) }

func newBook(t *testing.T, rules ...string) *book {
	t.Helper()
	var files []detect.File
	for i, text := range rules {
		files = append(files, detect.File{Name: fmt.Sprintf("%d.yml", i), Data: []byte(text)})
	}
	set := detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping()})
	if set.Refused() > 0 {
		t.Fatal(set.Problems())
	}
	return &book{set}
}

// rowsLake holds events, the newest last.
type rowsLake struct {
	askedLake
	rows []lake.Row
}

func (l *rowsLake) Search(_ context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error) {
	l.scope, l.search = sc, s
	for i := len(l.rows) - 1; i >= 0 && s.Limit > 0; i, s.Limit = i-1, s.Limit-1 {
		if err := each(&l.rows[i]); err != nil {
			return lake.Stats{}, err
		}
	}
	return lake.Stats{}, nil
}

func (l *rowsLake) Event(_ context.Context, sc lake.Scope, id event.ID) (*lake.Row, error) {
	l.scope = sc
	for i := range l.rows {
		if l.rows[i].ID == id {
			return &l.rows[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "no such event").WithCode("event.not-found")
}

const loginRule = `
title: Failed login of an administrator
id: rule-1
logsource: {product: linux, service: sshd}
detection:
    selection:
        action: failed
        user|contains: [admin, root]
    local:
        src_ip|cidr: 127.0.0.0/8
    condition: selection and not local
level: high
`

const loginFilter = `
title: Not from the jump host
id: filter-1
logsource: {product: linux, service: sshd}
filter:
    rules: [rule-1]
    selection:
        src_ip: 10.0.0.9
    condition: not selection
`

// loginEvent is a stored event that rule-1 fired on.
func loginEvent(n byte, fields ...event.Field) lake.Row {
	return lake.Row{
		ID: event.ID{n}, Time: time.Unix(1_790_000_000+int64(n), 0), Unit: "so-y-te", Host: "web01", Format: "sshd",
		Source: event.Source{Product: "linux", Service: "sshd"}, Rules: []string{"rule-1"},
		Fields: append([]event.Field{{Name: "action", Value: "failed"}, {Name: "user", Value: "Ngọc-ADMIN"}, {Name: "src_ip", Value: "203.0.113.7"}}, fields...),
	}
}

// explaining is a fixture with one alert of rule-1.
func explaining(t *testing.T, b *book, rows ...lake.Row) (f *fixture, l *rowsLake, alertID string) {
	f = newFixture(t, sqldbtest.SQLite(t))
	l = &rowsLake{rows: rows}
	f.rules, f.events = b, l
	return f, l, f.record(f.at(0))[0].ID
}

func TestExplainSaysWhyTheNewestEventFired(t *testing.T) {
	f, l, id := explaining(t, newBook(t, loginRule, loginFilter), loginEvent(1), loginEvent(2, event.Field{Name: "nothing", Kind: event.Null}))
	x, err := f.Explain(centre, id, "")
	if err != nil {
		t.Fatal(err)
	}
	if x.Event.ID != l.rows[1].ID || len(x.Rules) != 1 || x.Correlation {
		t.Fatalf("explained %+v", x)
	}
	v := newExplanationView(&x)
	r := v.Rules[0]
	if !r.Matched || !r.Fired || !r.InScope || len(r.Filters) != 1 || !r.Filters[0].Condition.Held {
		t.Errorf("got %+v", r)
	}
	want := []ExplainedFieldView{
		{Name: "action", Value: "failed", Matched: true, Ranges: []module.CharacterRange{{Start: 0, End: 6}}},
		{Name: "user", Value: "Ngọc-ADMIN", Matched: true, Ranges: []module.CharacterRange{{Start: 5, End: 10}}},
		{Name: "src_ip", Value: "203.0.113.7", Ranges: []module.CharacterRange{}},
		{Name: "nothing", Null: true, Ranges: []module.CharacterRange{}},
	}
	if fmt.Sprint(v.Fields) != fmt.Sprint(want) {
		t.Errorf("fields\n%v, want\n%v", v.Fields, want)
	}
	test := r.Condition.Parts[0].Parts[1] // user|contains
	if test.Field != "user" || !test.Held || fmt.Sprint(test.Patterns, test.Seen, test.Hits) != "[admin root] [1] [{1 admin [{5 10}]}]" {
		t.Errorf("user: %+v", test)
	}
}

func TestExplainOfAGivenEvent(t *testing.T) {
	f, l, id := explaining(t, newBook(t, loginRule), loginEvent(1), loginEvent(2))
	x, err := f.Explain(centre, id, l.rows[0].ID.String())
	if err != nil || x.Event.ID != l.rows[0].ID {
		t.Fatalf("explained %v, %v", x.Event, err)
	}
	// The lake is asked in the scope of the alert's unit, whoever asks.
	if fmt.Sprint(l.scope) != fmt.Sprint(lake.ScopeUnits("so-y-te")) {
		t.Errorf("asked in %v", l.scope)
	}
}

func TestExplainTellsThatTheRuleChanged(t *testing.T) {
	for name, rules := range map[string][]string{
		"the rule":   {strings.Replace(loginRule, "[admin, root]", "[root]", 1)},
		"its source": {strings.Replace(loginRule, "linux", "windows", 1)},
		"a filter":   {loginRule, strings.Replace(loginFilter, "10.0.0.9", "203.0.113.7", 1)},
	} {
		f, _, id := explaining(t, newBook(t, rules...), loginEvent(1))
		x, err := f.Explain(centre, id, "")
		if err != nil {
			t.Fatal(err)
		}
		if r := newExplanationView(&x).Rules[0]; !r.Fired || r.Matched {
			t.Errorf("%s changed: fired %t, matches now %t", name, r.Fired, r.Matched)
		}
	}
}

func TestExplainOfACorrelationIsThatOfItsRules(t *testing.T) {
	series := `
title: Many failed logins
id: rule-1
correlation:
    type: event_count
    rules: [base-1, base-2]
    group-by: [src_ip]
    timespan: 5m
    condition: {gte: 2}
level: high
`
	base := func(id string) string {
		return strings.Replace(loginRule, "id: rule-1", "id: "+id, 1)
	}
	row := loginEvent(1)
	row.Rules = []string{"base-2"}
	f, _, id := explaining(t, newBook(t, series, strings.Replace(base("base-1"), "failed", "accepted", 1), base("base-2")), row)
	x, err := f.Explain(centre, id, "")
	if err != nil {
		t.Fatal(err)
	}
	v := newExplanationView(&x)
	if !v.Correlation || len(v.Rules) != 2 || v.Rules[0].ID != "base-2" || !v.Rules[0].Fired || !v.Rules[0].Matched || v.Rules[1].Fired || v.Rules[1].Matched {
		t.Errorf("got %+v", v.Rules)
	}
	if !v.Fields[0].Matched {
		t.Error("what base-2 looks for is not marked")
	}
}

func TestExplainWithoutRuleOrEventSaysWhatIsMissing(t *testing.T) {
	f, l, id := explaining(t, newBook(t, loginRule))
	for event, want := range map[string]string{"": "alert.event-gone", "zz": "alert.event-gone", strings.Repeat("0", 32): "alert.event-gone"} {
		if _, err := f.Explain(centre, id, event); fault.KindOf(err) != fault.NotFound || code(err) != want {
			t.Errorf("event %q: %v", event, err)
		}
	}
	l.rows = []lake.Row{loginEvent(1)}
	f.rules = newBook(t)
	if _, err := f.Explain(centre, id, ""); code(err) != "alert.rule-gone" {
		t.Errorf("without the rule: %v", err)
	}
}

func TestExplainIsForThoseWhoSeeTheAlert(t *testing.T) {
	f, _, id := explaining(t, newBook(t, loginRule), loginEvent(1))
	if _, err := f.Explain(as(module.RoleAnalyst, "so-y-te", "minh"), id, ""); err != nil {
		t.Errorf("its own unit: %v", err)
	}
	if _, err := f.Explain(as(module.RoleAnalyst, "so-noi-vu", "an"), id, ""); code(err) != "alert.unknown" {
		t.Errorf("another unit: %v", err)
	}
	if _, err := f.Explain(context.Background(), id, ""); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
}

// A rule of tens of thousands of values and an event of as many fields still
// give an answer a browser can show.
func TestExplanationIsBounded(t *testing.T) {
	var values, searches strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&values, ", value-%d", i)
	}
	for i := range 3_000 {
		fmt.Fprintf(&searches, "    s%d: {f: x}\n", i)
	}
	rule := "title: Large\nid: rule-1\nlogsource: {product: linux}\ndetection:\n    many:\n        f|contains: [a" + values.String() + ", " + strings.Repeat("x", 10_000) + "]\n" +
		searches.String() + "    condition: many or 1 of s*\nlevel: low\n"
	var fields []event.Field
	for range 500 {
		fields = append(fields, event.Field{Name: "f", Value: strings.Repeat("a", 100+len(fields))})
	}
	f, _, id := explaining(t, newBook(t, rule), loginEvent(1, fields...))
	x, err := f.Explain(centre, id, "")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(newExplanationView(&x))
	if err != nil {
		t.Fatal(err)
	}
	if v := newExplanationView(&x); v.Rules[0].Condition.Parts[1].MoreParts == 0 || len(text) > 8<<20 {
		t.Errorf("%d bytes, %d parts left out", len(text), v.Rules[0].Condition.Parts[1].MoreParts)
	}
}

func TestRangesCountCharactersAsTheyAreOnTheWire(t *testing.T) {
	for _, c := range []struct {
		value string
		spans []sigma.Span
		want  string
	}{
		{"abc", []sigma.Span{{Start: 2, End: 3}, {Start: 0, End: 1}}, "[{0 1} {2 3}]"},
		{"abc", []sigma.Span{{Start: 0, End: 2}, {Start: 1, End: 3}}, "[{0 3}]"},
		{"ảb😀c", []sigma.Span{{Start: 3, End: 4}, {Start: 8, End: 9}}, "[{1 2} {3 4}]"},
		{"\xff\xfea", []sigma.Span{{Start: 2, End: 3}}, "[{2 3}]"},
	} {
		got := module.Ranges(c.value, c.spans)
		if fmt.Sprint(got) != c.want {
			t.Errorf("%q: %v, want %s", c.value, got, c.want)
		}
		wire, err := json.Marshal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if err := json.Unmarshal(wire, &back); err != nil {
			t.Fatal(err)
		}
		if last := got[len(got)-1]; last.End > len([]rune(back)) {
			t.Errorf("%q: %v is beyond %q", c.value, last, back)
		}
	}
}
