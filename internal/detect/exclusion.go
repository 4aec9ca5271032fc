package detect

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// Exclusion keeps rules from firing on certain events of certain units, for a
// time. What is left out is said by a Sigma filter document that names the rules;
// the units and the time are not part of Sigma.
//
// An exclusion is judged on hits, which are rare: the rule and the filter are
// compiled together once more, and a hit is left out where the rule no longer
// matches with its filter. So mapping, pipelines and log sources mean exactly what
// they mean for filters in rule files, and events that no rule hits cost nothing.
//
// A hit that is left out never was, to all that follows: it is not stored with its
// event, it becomes no finding, and no correlation counts it. An exclusion may
// name a correlation rule, too; its filter then looks at the fields the rule
// groups by, and only the finding is left out: the series has used up its events.
type Exclusion struct {
	ID     string
	Filter []byte                // a filter document
	Units  map[event.UnitID]bool // whose events; nil: everybody's
	Until  time.Time             // events that arrive later are not left out; zero: no end
}

// Excluded is a hit that an exclusion left out. It aliases no event.
type Excluded struct {
	ID       string // the exclusion's
	RuleID   string
	Event    event.ID // of a series, the last
	Received time.Time
}

// SeriesSource is the log source that the filter of an exclusion from a
// correlation rule names: correlation rules have none of their own.
var SeriesSource = sigma.LogSource{Product: "lachan", Category: "correlation"}

// MaxFilterBytes bounds the text of an exclusion.
const MaxFilterBytes = 16 << 10

// exclusions are those of a Set, by rule id, in the order they were given.
type exclusions map[string][]compiledExclusion

type compiledExclusion struct {
	*Exclusion
	alone, with *sigma.Ruleset // the rule, and the rule with the filter
}

// ParseExclusion reads a filter document that may be an exclusion: one document,
// which names rules and excludes something. The problems say what is wrong; the
// filter is nil if one of them is an error.
func ParseExclusion(text []byte) (*sigma.Rule, []sigma.Problem) {
	problem := func(line int, reason, remedy string) []sigma.Problem {
		return []sigma.Problem{{Severity: sigma.Error, Line: max(line, 1), Column: 1, Reason: reason, Remedy: remedy}}
	}
	if len(text) > MaxFilterBytes {
		return nil, problem(1, fmt.Sprintf("the filter is longer than %d bytes", MaxFilterBytes), "shorten it, or write two")
	}
	rules, problems := sigma.Parse(text, "")
	if slices.ContainsFunc(problems, func(p sigma.Problem) bool { return p.Severity == sigma.Error }) {
		return nil, problems
	}
	if len(rules) != 1 || !rules[0].IsFilter() {
		return nil, append(problems, problem(1, "the text is not one Sigma filter", "write one document with title, logsource and filter")...)
	}
	f := rules[0]
	named, any := f.FilteredRules()
	switch {
	case any:
		return nil, append(problems, problem(f.Line, "the filter is for any rule, and would hide attacks nobody thought of", "list the ids of the rules under filter.rules")...)
	case !f.Negates():
		return nil, append(problems, problem(f.Line, "the condition excludes nothing by name: only what it describes would still be reported", "write condition: not selection")...)
	case len(named) > maxExcludedRules:
		return nil, append(problems, problem(f.Line, fmt.Sprintf("the filter names more than %d rules", maxExcludedRules), "write several")...)
	}
	return f, problems
}

const maxExcludedRules = 20

// Excluding returns the set with these exclusions in the place of those it had;
// the rules are the same. An exclusion that cannot be judged, say because its rule
// is not loaded any more, excludes nothing and is in problems under its ID.
func (s *Set) Excluding(list []Exclusion) (with *Set, problems map[string][]sigma.Problem) {
	out := *s
	out.excluded, problems = nil, map[string][]sigma.Problem{}
	for i := range list {
		x := &list[i]
		filter, found := ParseExclusion(x.Filter)
		if filter == nil {
			problems[x.ID] = found
			continue
		}
		found = nil // warnings
		named, _ := filter.FilteredRules()
		for _, name := range named {
			rule := s.Named(name)
			if rule == nil {
				found = append(found, sigma.Problem{Severity: sigma.Error, Line: filter.Line, Column: 1, RuleID: name,
					Reason: fmt.Sprintf("no rule of the id or name %q is loaded", name), Remedy: "correct the id, or wait until the rule is back"})
				continue
			}
			compiled, more := s.together(rule, filter)
			found = append(found, more...)
			if compiled.with != nil {
				compiled.Exclusion = x
				if out.excluded == nil {
					out.excluded = exclusions{}
				}
				out.excluded[rule.ID] = append(out.excluded[rule.ID], compiled)
			}
		}
		if len(found) > 0 {
			problems[x.ID] = found
		}
	}
	return &out, problems
}

// Named returns the loaded rule of that id or name, nil if there is none.
func (s *Set) Named(ref string) *Rule {
	if r := s.byID[ref]; r != nil {
		return r
	}
	for _, r := range s.rules {
		if r.Name == ref {
			return r
		}
	}
	return nil
}

// together compiles a rule with a filter for it, and without.
func (s *Set) together(rule *Rule, filter *sigma.Rule) (c compiledExclusion, found []sigma.Problem) {
	written, o := rule.AsWritten(), sigma.Options{Placeholders: s.options.Placeholders, Pipelines: s.options.Pipelines, Unscoped: s.options.Unscoped}
	mapping := s.options.Mapping
	if rule.IsCorrelation() {
		written, o, mapping = anySeries(rule.ID, rule.Name), sigma.Options{Unscoped: true}, sigma.Mapping{}
	}
	with, problems := sigma.Compile([]*sigma.Rule{written, filter}, mapping, o)
	for _, p := range problems {
		// That the filter is not for the rule is a remark on a rule file, and the
		// end of an exclusion. Its other names are judged with their own rules.
		if p.Check == "filter-target" {
			continue
		}
		if p.Severity == sigma.Error {
			found = append(found, p)
		}
	}
	if len(found) == 0 && !filter.Filters(written) {
		of := written.LogSource
		found = append(found, sigma.Problem{Severity: sigma.Error, Line: filter.Line, Column: 1, RuleID: rule.ID,
			Reason: "the rule is of another log source than the filter",
			Remedy: fmt.Sprintf("write logsource: {product: %s, category: %s, service: %s}, without what is empty", of.Product, of.Category, of.Service)})
	}
	if len(found) > 0 || len(with.Rules()) == 0 {
		return c, found
	}
	c.with = with
	c.alone, _ = sigma.Compile([]*sigma.Rule{written}, mapping, o)
	return c, nil
}

// isSeries is the field by which the stand-in for a correlation rule matches.
const isSeries = "lachan.series"

// anySeries is a rule that matches every series, for filters of a correlation rule.
func anySeries(id, name string) *sigma.Rule {
	text := "title: series\nid: " + strconv.Quote(id) + "\n"
	if name != "" {
		text += "name: " + strconv.Quote(name) + "\n"
	}
	text += "logsource: {product: " + SeriesSource.Product + ", category: " + SeriesSource.Category + "}\n" +
		"detection: {it: {" + isSeries + ": 1}, condition: it}\n"
	rules, _ := sigma.Parse([]byte(text), "")
	if len(rules) != 1 {
		return &sigma.Rule{}
	}
	return rules[0]
}

// leaveOut takes the hits out of w.hits that an exclusion is for.
func (w *Worker) leaveOut(ev *event.Event) {
	kept := w.hits[:0]
	for _, r := range w.hits {
		x := w.set.excluded.on(r.ID, ev.Unit, ev.Received, func() *sigma.Event { return w.whole(ev) })
		if x == nil {
			kept = append(kept, r)
			continue
		}
		w.excluded = append(w.excluded, Excluded{ID: x.ID, RuleID: r.ID, Event: ev.ID, Received: ev.Received})
	}
	w.hits = kept
}

// on returns the first exclusion that is for the hit of a rule, or nil.
func (e exclusions) on(rule string, unit event.UnitID, received time.Time, view func() *sigma.Event) *Exclusion {
	var seen *sigma.Event
	for _, x := range e[rule] {
		if (x.Units != nil && !x.Units[unit]) || (!x.Until.IsZero() && !received.Before(x.Until)) {
			continue
		}
		if seen == nil {
			seen = view()
		}
		// The event is seen with fields it did not have when the rule fired; a rule
		// that does not like them is not the filter's doing.
		if !matches(x.with, seen) && matches(x.alone, seen) {
			return x.Exclusion
		}
	}
	return nil
}

func matches(rs *sigma.Ruleset, ev *sigma.Event) (one bool) {
	rs.Match(ev, func(*sigma.Rule) { one = true })
	return one
}

// whole shows an event with the fields every event has, whatever its log calls
// them: host and peer, by which alerts are grouped.
func (w *Worker) whole(ev *event.Event) *sigma.Event {
	fields := slices.Clone(sigmaFields(ev.Fields))
	for _, more := range []sigma.Field{{Name: fieldHost, Value: ev.Host}, {Name: fieldPeer, Value: ev.Peer}} {
		if more.Value != "" && !slices.ContainsFunc(fields, func(f sigma.Field) bool { return f.Name == more.Name }) {
			fields = append(fields, more)
		}
	}
	return &sigma.Event{Source: sigma.LogSource(ev.Source), Fields: fields}
}

// Excluded returns the hits that exclusions left out of the last Match, valid until
// the next.
func (w *Worker) Excluded() []Excluded { return w.excluded }

// leftOut tells whether an exclusion is for the finding of a correlation rule.
func (c *Correlator) leftOut(f *Finding) bool {
	x := c.set.excluded.on(f.RuleID, f.Unit, f.Received, func() *sigma.Event { return seriesEvent(f.Series.Group) })
	if x == nil {
		return false
	}
	c.excluded = append(c.excluded, Excluded{ID: x.ID, RuleID: f.RuleID, Event: f.EventID, Received: f.Received})
	return true
}

// seriesEvent is what the filter of an exclusion from a correlation rule looks at.
func seriesEvent(group []event.Field) *sigma.Event {
	fields := []sigma.Field{{Name: isSeries, Value: "1"}}
	for _, g := range group {
		fields = append(fields, sigma.Field{Name: g.Name, Value: g.Value})
	}
	return &sigma.Event{Source: SeriesSource, Fields: fields}
}

// LeavesOut tells whether an exclusion of the set is for a series that a correlation
// rule found, by the fields it is grouped by.
func (s *Set) LeavesOut(ruleID string, unit event.UnitID, received time.Time, group []event.Field) bool {
	return s.excluded.on(ruleID, unit, received, func() *sigma.Event { return seriesEvent(group) }) != nil
}

// Excluded returns the findings that exclusions left out since the last call.
func (c *Correlator) Excluded() []Excluded {
	out := c.excluded
	c.excluded = nil
	return out
}
