package alert

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/module"
)

// Series is what a correlation rule found last in an alert: events that belong
// together.
type Series struct {
	Group  []GroupValue `json:"group"`
	Value  float64      `json:"value"` // the count or aggregate that met the rule's condition
	First  time.Time    `json:"first"`
	Last   time.Time    `json:"last"`
	Events []string     `json:"events"` // ids of the newest of them, oldest first; at most 100
}

// GroupValue is a field the rule groups by.
type GroupValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func seriesOf(s *detect.Series) *Series {
	out := &Series{Value: s.Value, First: s.First, Last: s.Last, Events: s.Events}
	for _, g := range s.Group {
		out.Group = append(out.Group, GroupValue{module.Text(g.Name, maxEntityBytes), module.Text(g.Value, maxEntityBytes)})
	}
	return out
}

// seriesText is how a series is stored.
func seriesText(s *detect.Series) string {
	text, err := json.Marshal(seriesOf(s))
	if err != nil {
		return "" // a value that is no number
	}
	return string(text)
}

// eventQuery returns the search that finds the events of a finding: those of the
// rule about the entity, and of a series those of the rules it is made of.
func eventQuery(f *detect.Finding) string {
	if f.Series == nil {
		return about(quote(f.RuleID), f.EntityField, f.EntityValue)
	}
	// Rules whose events name the entity alike share one condition on it.
	var fields []string
	rules := map[string][]string{}
	for _, w := range f.Series.Where {
		if rules[w.Field] == nil {
			fields = append(fields, w.Field)
		}
		rules[w.Field] = append(rules[w.Field], quote(w.RuleID))
	}
	var parts []string
	for _, field := range fields {
		ids := strings.Join(rules[field], " OR ")
		if len(rules[field]) > 1 {
			ids = "(" + ids + ")"
		}
		part := about(ids, field, f.EntityValue)
		if len(fields) > 1 {
			part = "(" + part + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " OR ")
}

// about is the search for events of rules about an entity. One that could not be
// stored whole is left out: more events are found then.
func about(rules, field, value string) string {
	q := "rule:" + rules
	whole := len(value) < maxEntityBytes && !strings.ContainsRune(value, utf8.RuneError)
	if field != "" && value != "" && whole {
		if !plainField.MatchString(field) {
			field = quote(field)
		}
		q += " AND " + field + ":" + quote(value)
	}
	return q
}
