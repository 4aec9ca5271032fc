package sigma

import (
	"slices"
	"strings"
)

// Explanation tells why a rule matches an event or does not. It holds copies,
// so the event may be reused. It marshals to JSON as it stands.
type Explanation struct {
	Rule *Rule `json:"-"`
	// Matched is what Match would say: in scope, and the conditions of the rule
	// and of its filters hold.
	Matched bool `json:"matched"`
	// InScope tells whether the event is of the rule's log source. If not,
	// Condition is evaluated all the same, without the mapping's aliases.
	InScope   bool `json:"in_scope"`
	Condition Part `json:"condition"`
	// Filters are the conditions of the filters for this rule. All must hold.
	Filters []FilterPart `json:"filters,omitempty"`
	// Fields are the event fields that made the condition hold, for
	// highlighting, at most 500. What held because something is missing names none.
	Fields []FieldHit `json:"fields,omitempty"`
}

// FilterPart is the explained condition of a filter.
type FilterPart struct {
	Filter *Rule  `json:"-"`
	Title  string `json:"title"`
	Part
}

// PartKind says what a part of an explained condition is.
type PartKind string

// The kinds of parts.
const (
	PartAll      PartKind = "all"      // holds if all of Parts hold
	PartAny      PartKind = "any"      // holds if one of Parts holds
	PartAtLeast  PartKind = "at_least" // holds if Count of Parts hold
	PartNot      PartKind = "not"      // holds if its only part does not
	PartSearch   PartKind = "search"   // a search identifier, Name; holds if all of Parts hold
	PartField    PartKind = "field"    // a test of a field
	PartKeywords PartKind = "keywords" // a search in all values of the event
)

// FieldState says what a field test found in the event.
type FieldState string

// The states of a tested field.
const (
	FieldAbsent FieldState = "absent"
	FieldNull   FieldState = "null"   // only null
	FieldObject FieldState = "object" // nested fields and no value of its own
	FieldValue  FieldState = "value"
)

// Part is one node of an explained condition. Every part is evaluated, also
// where matching would stop early.
type Part struct {
	Kind  PartKind `json:"kind"`
	Held  bool     `json:"held"`
	Name  string   `json:"name,omitempty"`
	Count int      `json:"count,omitempty"`
	Parts []Part   `json:"parts,omitempty"`

	// Of field tests and keywords:

	Field    string     `json:"field,omitempty"` // as the rule names it
	Modifier string     `json:"modifier,omitempty"`
	Patterns []string   `json:"patterns,omitempty"` // as written
	State    FieldState `json:"state,omitempty"`
	// Seen are the values looked at under the names the event has for them.
	// Keywords look at all of the event and list nothing here. At most 500.
	Seen []SeenValue `json:"seen,omitempty"`
	// Hits are the values that satisfy a pattern. Under neq these are the
	// reason that the test does not hold. At most 500.
	Hits []FieldHit `json:"hits,omitempty"`
	// Missing are, under the all modifier, the patterns nothing satisfies.
	Missing []string `json:"missing,omitempty"`
	Line    int      `json:"line,omitempty"` // in the rule's file
	Column  int      `json:"column,omitempty"`
}

// SeenValue is a value a test looked at.
type SeenValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Null  bool   `json:"null,omitempty"`
}

// FieldHit is a value of the event and the pattern it satisfies, as written in
// the rule.
type FieldHit struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Pattern string `json:"pattern"`
	// Spans are the parts of Value that satisfy Pattern, in order and apart
	// from each other; at most 64. They are none where it is enough that the
	// field is there.
	Spans []Span `json:"spans,omitempty"`
}

// maxExplained bounds the values a test shows as seen, and those it shows as
// satisfying a pattern: a rule of tens of thousands of patterns may meet an event
// of as many values.
const maxExplained = 500

// addHit adds h, or its spans to those of the same value and pattern. Beyond
// maxExplained hits are left out.
func addHit(hits []FieldHit, h FieldHit) []FieldHit {
	for i := range hits {
		if old := &hits[i]; old.Name == h.Name && old.Value == h.Value && old.Pattern == h.Pattern {
			old.Spans = MergeSpans(slices.Concat(old.Spans, h.Spans))
			return hits
		}
	}
	if len(hits) >= maxExplained {
		return hits
	}
	return append(hits, h)
}

// Explain tells for each part of the rule's condition what it saw in the event
// and whether it held. The rule is judged with the options and the mapping of
// rs; it need not be one of its rules. The result is nil for a filter
// or correlation and for a rule that Compile refuses. Explain evaluates everything the plain way and costs
// thousands of times what Match does: it is meant for single events.
func (rs *Ruleset) Explain(rule *Rule, ev *Event) *Explanation {
	c := &compiler{opts: &rs.opts, intern: map[string]*predicate{}, ids: map[string]*Rule{}, filters: rs.filters}
	if rule.IsFilter() || rule.IsCorrelation() {
		return nil
	}
	out := &Explanation{Rule: rule}
	if !slices.Contains(rs.rules, rule) {
		if rule = c.processed(rule); rule == nil {
			return nil
		}
	}
	c.rule(rule)
	if len(c.rules) == 0 {
		return nil
	}
	one := c.ruleset(rs.mapping)
	m := one.NewMatcher()
	look := func() {
		out.Condition = explainDetection(one, &m.view, &rule.detection)
		for _, f := range one.filters {
			if d := rule.filterFor(f); d != nil && f.wants(rule) {
				out.Filters = append(out.Filters, FilterPart{f, f.Title, explainDetection(one, &m.view, d)})
			}
		}
	}
	m.fullScan = true
	m.inspect = func() {
		out.InScope = true
		look()
	}
	m.Match(ev, func(*Rule) {})
	if !out.InScope {
		m.view.load(ev, one.fields)
		look()
		m.view.release()
	}
	out.Matched = out.InScope && out.Condition.Held &&
		!slices.ContainsFunc(out.Filters, func(f FilterPart) bool { return !f.Held })
	if out.Condition.Held {
		out.Fields = out.Condition.positive(nil)
	}
	return out
}

// positive collects the hits that made p hold.
func (p *Part) positive(hits []FieldHit) []FieldHit {
	if !p.Held || p.Kind == PartNot || len(hits) >= maxExplained {
		return hits
	}
	for i := range p.Parts {
		hits = p.Parts[i].positive(hits)
	}
	if slices.Contains(strings.Split(p.Modifier, "|"), "neq") {
		return hits // it holds in spite of them
	}
	for _, h := range p.Hits {
		hits = addHit(hits, h)
	}
	return hits
}

// explainer evaluates a detection on the event in view, keeping what it saw.
type explainer struct {
	rs       *Ruleset
	view     *eventView
	intern   map[string]*predicate
	sights   map[string]sight
	searches map[string]Part // a search identifier is looked at once, however often it is named
}

func explainDetection(rs *Ruleset, v *eventView, d *detection) Part {
	x := &explainer{rs: rs, view: v, intern: map[string]*predicate{}, sights: map[string]sight{}, searches: map[string]Part{}}
	return x.condition(d, &d.condition)
}

func (x *explainer) condition(d *detection, c *condition) Part {
	var p Part
	switch c.kind {
	case condRef:
		p, ok := x.searches[c.name]
		if !ok {
			p = x.search(d.searches[c.name])
			if p.Kind == PartAll {
				p.Kind = PartSearch
			} else {
				p = Part{Kind: PartSearch, Held: p.Held, Parts: []Part{p}}
			}
			p.Name = c.name
			x.searches[c.name] = p
		}
		return p
	case condNot:
		p.Kind = PartNot
	case condAnd:
		p.Kind = PartAll
	case condOr:
		p.Kind = PartAny
	case condAtLeast:
		p.Kind, p.Count = PartAtLeast, c.count
	}
	for i := range c.kids {
		p.Parts = append(p.Parts, x.condition(d, &c.kids[i]))
	}
	p.settle()
	return p
}

func (x *explainer) search(n *searchNode) Part {
	if n.kind == nodeItem {
		return x.item(n.item)
	}
	if len(n.kids) == 1 {
		return x.search(n.kids[0])
	}
	p := Part{Kind: PartAll}
	if n.kind == nodeOr {
		p.Kind = PartAny
	}
	for _, k := range n.kids {
		p.Parts = append(p.Parts, x.search(k))
	}
	p.settle()
	return p
}

// settle works out whether p holds from its parts.
func (p *Part) settle() {
	held := 0
	for i := range p.Parts {
		if p.Parts[i].Held {
			held++
		}
	}
	switch p.Kind {
	case PartNot:
		p.Held = held == 0
	case PartAny:
		p.Held = held > 0
	case PartAtLeast:
		p.Held = held >= p.Count
	default:
		p.Held = held == len(p.Parts)
	}
}

// item explains one field test. Whether it holds comes from the item compiled
// as a whole; which values did it, from each value compiled alone.
func (x *explainer) item(it *item) Part {
	p := Part{Kind: PartField, Field: it.field, Line: it.at.line, Column: it.at.column}
	if it.field == "" {
		p.Kind = PartKeywords
	} else {
		x.see(&p, it.field)
	}
	e := x.compile(it)
	p.Held = e.holds(x.view)
	all := false
	alone := item{at: it.at, field: it.field}
	var names []string
	for _, m := range it.modifiers {
		names = append(names, m.name)
		switch m.name {
		case "all":
			all = true
		case "neq":
		default:
			alone.modifiers = append(alone.modifiers, m)
		}
		if m.name == "fieldref" {
			for _, v := range it.values {
				x.see(&p, v.text)
			}
		}
	}
	p.Modifier = strings.Join(names, "|")
	for _, v := range it.values {
		pattern := v.written()
		p.Patterns = append(p.Patterns, pattern)
		alone.values = []scalar{v}
		e := x.compile(&alone)
		if e.holds(x.view) {
			e.walk(func(e *expr) {
				if e.kind == exprLeaf && len(p.Hits) < maxExplained {
					x.hits(&p, e.pred, pattern)
				}
			})
		} else if all {
			p.Missing = append(p.Missing, pattern)
		}
	}
	return p
}

// written returns the value the way it stands in the rule, without quotes.
func (s scalar) written() string {
	if s.kind == Null {
		return "null"
	}
	return s.text
}

// compile cannot fail: the rule was compiled before.
func (x *explainer) compile(it *item) *expr {
	b := &exprBuilder{opts: &x.rs.opts, budget: newBudget(), intern: x.intern}
	e, f := b.item(it)
	if f != nil {
		panic("sigma: explaining a rule that does not compile: " + f.reason)
	}
	e.walk(func(e *expr) {
		if e.kind != exprLeaf {
			return
		}
		e.pred.fid, e.pred.otherFid = anyField, anyField
		if e.pred.field != "" {
			e.pred.fid = x.rs.fields.lookup(e.pred.field)
		}
		if e.pred.other != "" {
			e.pred.otherFid = x.rs.fields.lookup(e.pred.other)
		}
	})
	return e
}

// sight is what the event has under a field name.
type sight struct {
	state FieldState
	seen  []SeenValue
}

// see notes what the event has under a field name. The state is that of the
// first name seen, the tested field itself.
func (x *explainer) see(p *Part, name string) {
	name = compactName(strings.TrimSpace(name))
	s, known := x.sights[name]
	if !known {
		s = x.look(name)
		x.sights[name] = s
	}
	if p.Seen == nil {
		p.Seen = slices.Clip(s.seen) // shared by all tests of the field
	} else {
		for _, v := range s.seen {
			if !slices.Contains(p.Seen, v) {
				p.Seen = append(p.Seen, v)
			}
		}
	}
	if p.State == "" {
		p.State = s.state
	}
}

func (x *explainer) look(name string) sight {
	s := sight{state: FieldAbsent}
	had := map[SeenValue]bool{}
	for i := x.view.first(x.rs.fields.lookup(name)); i >= 0; i = x.view.next(i) {
		b := x.view.binding(i)
		if b == object {
			if s.state != FieldValue {
				s.state = FieldObject
			}
			continue
		}
		f := &x.view.ev.Fields[b]
		if f.Kind != Null {
			s.state = FieldValue
		} else if s.state == FieldAbsent {
			s.state = FieldNull
		}
		v := SeenValue{f.Name, f.Value, f.Kind == Null}
		if !had[v] && len(s.seen) < maxExplained {
			had[v] = true
			s.seen = append(s.seen, SeenValue{strings.Clone(v.Name), strings.Clone(v.Value), v.Null})
		}
	}
	return s
}

// hits adds the event's values that satisfy a predicate.
func (x *explainer) hits(p *Part, pred *predicate, pattern string) {
	v := x.view
	pred.each(v, func(i int) {
		if len(p.Hits) >= maxExplained {
			return
		}
		f := &v.ev.Fields[i]
		p.Hits = addHit(p.Hits, FieldHit{strings.Clone(f.Name), strings.Clone(f.Value), pattern, pred.spans(v, i)})
	})
}
