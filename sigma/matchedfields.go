package sigma

import "slices"

// FieldFinder tells which values of an event made a rule match, without the rest
// of what [Ruleset.Explain] works out: it costs about as much as matching. It is
// not safe for concurrent use.
type FieldFinder struct {
	matcher *Matcher
	rules   map[*Rule]ruleAt

	// During Find.
	of    ruleAt
	found []int
	done  bool
}

type ruleAt struct {
	group *group
	expr  *expr
}

// NewFieldFinder returns a finder for the rules of rs.
func (rs *Ruleset) NewFieldFinder() *FieldFinder {
	f := &FieldFinder{matcher: rs.NewMatcher(), rules: make(map[*Rule]ruleAt, len(rs.rules))}
	for _, g := range rs.groups {
		for _, r := range g.rules {
			f.rules[r.rule] = ruleAt{g, r.expr}
			f.rules[r.rule.AsWritten()] = ruleAt{g, r.expr}
		}
	}
	f.matcher.fullScan = true
	f.matcher.inspect = f.look
	return f
}

// Find returns the places in ev.Fields of the values that made r match, in order:
// each satisfies a test that held and counts for the condition, be it that of r or
// of a filter for it. What held because something is missing has none. There are
// none either where r does not match, or is no detection rule of the ruleset. The
// slice is valid until the next call.
func (f *FieldFinder) Find(r *Rule, ev *Event) []int {
	f.found, f.done = f.found[:0], false
	of, ok := f.rules[r]
	if !ok {
		return nil
	}
	f.of = of
	f.matcher.Match(ev, nil) // never called: look stands in for all evaluation
	f.of = ruleAt{}
	slices.Sort(f.found)
	f.found = slices.Compact(f.found)
	return f.found
}

// look is called for each group in scope, while the view shows the event to it.
func (f *FieldFinder) look() {
	m := f.matcher
	if !f.done && m.ran[f.of.group.number] == m.view.stamp {
		f.done = true
		f.collect(f.of.expr)
	}
}

// collect adds what made e hold.
func (f *FieldFinder) collect(e *expr) {
	v := &f.matcher.view
	switch {
	case e.kind == exprLeaf:
		e.pred.each(v, func(i int) { f.found = append(f.found, i) })
	case e.kind != exprNot && e.holds(v):
		for _, k := range e.kids {
			f.collect(k)
		}
	}
}

// each calls hit for the event's fields that satisfy p: none for what p finds
// missing.
func (p *predicate) each(v *eventView, hit func(i int)) {
	if p.fid == anyField {
		for i := range v.ev.Fields {
			if v.hasValue(i) && p.holdsFor(v, i) {
				hit(i)
			}
		}
		return
	}
	for i := v.first(p.fid); i >= 0; i = v.next(i) {
		b := v.binding(i)
		if b == object {
			continue
		}
		isNull := v.ev.Fields[b].Kind == Null
		switch p.kind {
		case predExists:
			hit(b)
		case predNull:
			if isNull || p.emptyToo && v.ev.Fields[b].Value == "" {
				hit(b)
			}
		default:
			if !isNull && p.holdsFor(v, b) {
				hit(b)
			}
		}
	}
}
