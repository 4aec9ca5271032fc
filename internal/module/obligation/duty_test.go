package obligation

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestTheShippedCatalogueIsSound(t *testing.T) {
	c, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"nd331-d31-at-once", "nd331-d31-initial", "nd331-d31-report", "nd331-d31-final", "nd356-personal-data", "qd05-five-days", "nd331-form08"} {
		if _, ok := c.Duties[id]; !ok {
			t.Errorf("no duty %s", id)
		}
	}
	if d := c.Duties["qd05-five-days"]; d.IsEnabled() {
		t.Error("the older rules are on from the start")
	}
	for _, id := range c.Order {
		if d := c.Duties[id]; d.En == "" || strings.HasSuffix(d.Vi, ".") {
			t.Errorf("%s: names %q, %q", id, d.Vi, d.En)
		}
	}
}

// Which duties a matter brings, by its traits.
func TestWhatAMatterBrings(t *testing.T) {
	c, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		why    string
		traits map[string]any
		want   []string
	}{
		{"an incident that is not grave", map[string]any{"subject": "incident"}, nil},
		{"a grave one", map[string]any{"subject": "incident", "grave": true}, []string{"nd331-d31-initial", "nd331-d31-report", "nd331-d31-final"}},
		{"signs against national security", map[string]any{"subject": "incident", "nationalSecurity": true}, []string{"nd331-d31-at-once", "nd331-d31-report", "nd331-d31-final"}},
		{"personal data", map[string]any{"subject": "incident", "personalData": true}, []string{"nd356-personal-data"}},
		{"faces and places", map[string]any{"subject": "incident", "personalData": true, "specialPersonalData": true}, []string{"nd356-personal-data", "nd356-data-subjects"}},
		{"grave, but something else", map[string]any{"subject": "report", "grave": true}, nil},
		{"an inspection that was planned", map[string]any{"subject": "inspection", "scheduled": true}, []string{"nd333-inspection-regular"}},
		{"one that was not", map[string]any{"subject": "inspection", "scheduled": false}, []string{"nd333-inspection-unscheduled"}},
		{"a text where truth is asked for", map[string]any{"subject": "incident", "grave": "true"}, nil},
	} {
		var got []string
		for _, id := range c.Order {
			if d := c.Duties[id]; d.On == OnMatter && d.IsEnabled() && d.Arises(x.traits) {
				got = append(got, id)
			}
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", x.why, got, x.want)
		}
	}
	d := c.Duties["nd331-d31-initial"]
	if got := d.RecipientOf(map[string]any{"military": true}); got != "mod-specialised" {
		t.Errorf("of a military system: %s", got)
	}
}

func TestConditions(t *testing.T) {
	for _, x := range []struct {
		text   string
		traits map[string]any
		want   bool
	}{
		{"{level: {atLeast: 3}}", map[string]any{"level": 3}, true},
		{"{level: {atLeast: 3}}", map[string]any{"level": 4.0}, true},
		{"{level: {atLeast: 3}}", map[string]any{"level": 2}, false},
		{"{level: {atLeast: 3}}", nil, false},
		{"{grave: false}", nil, true},
		{"{grave: false}", map[string]any{"grave": true}, false},
		{"{category: [ransomware, data-leak]}", map[string]any{"category": "data-leak"}, true},
		{"{category: ransomware}", map[string]any{"category": []any{"phishing", "ransomware"}}, true},
		{"{category: ransomware, grave: true}", map[string]any{"category": "ransomware"}, false},
	} {
		var c Condition
		if err := yaml.Unmarshal([]byte(x.text), &c); err != nil {
			t.Fatalf("%s: %v", x.text, err)
		}
		if c.Holds(x.traits) != x.want {
			t.Errorf("%s of %v: %v", x.text, x.traits, !x.want)
		}
	}
}

func TestADutyThatCannotBe(t *testing.T) {
	c, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	good := c.Duties["nd331-d31-initial"]
	dated := c.Duties["nd331-form08"]
	for _, x := range []struct {
		why    string
		from   Duty
		change func(*Duty)
		code   string
	}{
		{"as shipped", good, func(*Duty) {}, ""},
		{"an id of capitals", good, func(d *Duty) { d.ID = "Báo cáo" }, "duty.id"},
		{"no name", good, func(d *Duty) { d.Vi = " " }, "duty.name"},
		{"no law", good, func(d *Duty) { d.Basis.Text = "" }, "duty.basis"},
		{"another stage", good, func(d *Duty) { d.Stage = "later" }, "duty.stage"},
		{"nobody", good, func(d *Duty) { d.Recipient = "nobody" }, "duty.recipient"},
		{"hours and days", good, func(d *Duty) { d.WorkingDays = 3 }, "duty.time"},
		{"no time", good, func(d *Duty) { d.Hours = 0 }, "duty.time"},
		{"ten years", good, func(d *Duty) { d.Hours = 87600 }, "duty.time"},
		{"always", good, func(d *Duty) { d.When = nil }, "duty.condition"},
		{"an empty condition", good, func(d *Duty) { d.When = []Condition{{}} }, "duty.condition"},
		{"an unknown word", good, func(d *Duty) { d.When = []Condition{{"serious": {Is: &yes}}} }, "duty.attribute"},
		{"truth of a number", good, func(d *Duty) { d.When = []Condition{{"level": {Is: &yes}}} }, "duty.test"},
		{"a value that never is", good, func(d *Duty) { d.When = []Condition{{"severity": {OneOf: []string{"terrible"}}}} }, "duty.value"},
		{"from nowhere", good, func(d *Duty) { d.From = "" }, "duty.from"},
		{"a date with hours", dated, func(d *Duty) { d.Hours = 3 }, "duty.time"},
		{"31 November", dated, func(d *Duty) { d.Before = "11-31" }, "duty.time"},
		{"29 February each year", dated, func(d *Duty) { d.Before = "02-29" }, ""},
		{"once", dated, func(d *Duty) { d.Before = "2027-07-01" }, ""},
	} {
		d := x.from
		x.change(&d)
		if got := code(d.check(c)); got != x.code {
			t.Errorf("%s: %q, want %q", x.why, got, x.code)
		}
	}
}

func TestTheNextDate(t *testing.T) {
	calendar := NewCalendar(hanoi, nil)
	for _, x := range []struct{ before, now, want string }{
		{"12-25", "2026-11-22 10:00", "2026-12-25 00:00"},
		{"12-25", "2026-12-25 00:00", "2027-12-25 00:00"},
		{"02-29", "2026-11-22 10:00", ""}, // in neither year there is one
		{"2027-07-01", "2026-11-22 10:00", "2027-07-01 00:00"},
		{"2027-07-01", "2027-07-01 00:00", ""},
	} {
		d := Duty{Before: x.before}
		due, ok := d.Next(at(t, x.now), calendar)
		if got := due.In(hanoi).Format("2006-01-02 15:04"); ok != (x.want != "") || ok && got != x.want {
			t.Errorf("%s from %s: %s %v, want %q", x.before, x.now, got, ok, x.want)
		}
	}
}

func FuzzCondition(f *testing.F) {
	f.Add("{level: {atLeast: 3}}")
	f.Add("{grave: true, category: [a, b]}")
	f.Add("{grave: {atLeast: null}}")
	c, err := shipped()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var x Condition
		if yaml.Unmarshal([]byte(text), &x) != nil {
			return
		}
		if x.check(c.Attributes, "when") == nil && x.Holds(nil) {
			// What holds of nothing asks for falsehoods alone.
			for name, test := range x {
				if test.Is == nil || *test.Is {
					t.Fatalf("%q: %s holds of nothing", text, name)
				}
			}
		}
	})
}
