package sigma

// Reach tells which rules events can meet at all: those whose log source an event
// belongs to, whatever is in it. It shows where rules wait for logs that nobody
// sends. It is not safe for concurrent use.
type Reach struct {
	matcher *Matcher
	of      map[*Rule]*group
	seen    []bool // by group
}

// NewReach returns a reach that has seen no event.
func (rs *Ruleset) NewReach() *Reach {
	r := &Reach{matcher: rs.NewMatcher(), of: make(map[*Rule]*group, len(rs.rules)), seen: make([]bool, len(rs.groups))}
	for _, g := range rs.groups {
		for i := range g.rules {
			r.of[g.rules[i].rule] = g
		}
	}
	r.matcher.fullScan, r.matcher.lenient = true, true
	r.matcher.inspect = func() {} // no rule is evaluated
	return r
}

// See takes an event in. Only its source and, of Windows, the fields Channel and
// EventID need be there; where a log source is told by others, too, they are taken
// to be as it wants them.
func (r *Reach) See(ev *Event) {
	m := r.matcher
	m.Match(ev, nil) // never called: inspect stands in for all evaluation
	for _, g := range r.matcher.rs.groups {
		if m.ran[g.number] == m.view.stamp {
			r.seen[g.number] = true
		}
	}
}

// Has reports whether one of the events seen was of the rule's log source. It is
// false for a rule that is not one of the ruleset's detection rules.
func (r *Reach) Has(rule *Rule) bool {
	g := r.of[rule]
	return g != nil && r.seen[g.number]
}
