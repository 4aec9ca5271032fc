package sigma

import (
	"maps"
	"slices"
)

// processing is the run of all pipelines over one rule: a private copy of it and
// what the steps so far have noted.
type processing struct {
	opts  *Options
	vars  map[string][]string
	rule  *Rule        // the copy
	parts []*detection // of the rule, then of the filters for it; none of a correlation
	sorts []LogSource  // of the rules a correlation refers to
	fault *fail        // the first thing found wrong with the rule on looking at its values
	warns []*fail
	work  int           // of regular expressions, still allowed
	size  processedSize // of all parts
	used  []*Rule       // the filters, in the order of their parts
	part  int           // the part being worked on

	// What conditions ask about.
	applied     map[string]bool            // ids of steps applied to the rule
	itemIDs     map[*item]map[string]bool  // to a line of its detection
	nameApplied map[string]map[string]bool // to a name in a list of fields or a reference
	state       map[string]scalar
	mapped      map[string]bool // names that were mapped, and what they were mapped to
}

// processedSize is what the limits count.
type processedSize struct{ items, values, bytes int }

// process applies the pipelines of the options. The rules come back in their
// order: copies of those given, without the ones a pipeline refuses. Rules that
// are copies themselves, from another ruleset, are taken as they were written.
func (c *compiler) process(rules []*Rule) []*Rule {
	if slices.ContainsFunc(rules, func(r *Rule) bool { return r.origin != nil }) {
		rules = slices.Clone(rules)
		for i, r := range rules {
			rules[i] = r.AsWritten()
		}
	}
	if len(c.opts.Pipelines) == 0 {
		return rules
	}
	joined := joinPipelines(c.opts.Pipelines)
	index := indexRules(rules, func(r *Rule) bool { return !r.IsFilter() })
	var filters []*Rule
	copies := make([]*Rule, len(rules))
	for i, r := range rules {
		if !r.IsFilter() {
			continue
		}
		if copies[i] = c.processOne(joined, r, nil, nil); copies[i] != nil {
			filters = append(filters, copies[i])
		}
	}
	problems := make([][]Problem, len(rules))
	c.opts.each(len(rules), func(i int) {
		if r := rules[i]; !r.IsFilter() {
			one := &compiler{opts: c.opts}
			copies[i] = one.processOne(joined, r, filters, &index)
			problems[i] = one.problems
		}
	})
	for _, list := range problems {
		c.problems = append(c.problems, list...)
	}
	return slices.DeleteFunc(copies, func(r *Rule) bool { return r == nil })
}

// processed applies the pipelines to one rule beside the filters that are
// loaded. It returns nil for a rule that they refuse.
func (c *compiler) processed(r *Rule) *Rule {
	if r = r.AsWritten(); len(c.opts.Pipelines) == 0 {
		return r
	}
	return c.processOne(joinPipelines(c.opts.Pipelines), r, c.filters, nil)
}

// processOne applies the steps to a copy of r and of the filters for it. It
// reports what is wrong and returns nil if the rule cannot be used.
func (c *compiler) processOne(joined pipelineSteps, r *Rule, filters []*Rule, index *ruleIndex) *Rule {
	p := &processing{
		opts: c.opts, vars: joined.vars, work: maxProcessingWork,
		applied: map[string]bool{}, itemIDs: map[*item]map[string]bool{}, nameApplied: map[string]map[string]bool{},
		state: map[string]scalar{}, mapped: map[string]bool{},
	}
	done := *r
	done.origin = r
	p.rule = &done
	if r.IsCorrelation() {
		p.sorts = correlatedSources(r, index, nil)
	} else {
		p.addPart(&r.detection)
		for _, f := range filters {
			if f.wants(r) {
				p.used = append(p.used, f)
				p.addPart(&f.AsWritten().detection)
			}
		}
	}
	f := p.check()
	if f == nil {
		f = p.run(joined.steps)
	}
	if f == nil {
		f = p.finish()
	}
	for _, w := range p.warns {
		c.report(r, w, Warning)
	}
	if f != nil {
		c.report(r, f, Error)
		return nil
	}
	return &done
}

func (p *processing) addPart(d *detection) {
	part := &detection{searches: make(map[string]*searchNode, len(d.searches)), order: slices.Clone(d.order), condition: d.condition}
	for name, n := range d.searches {
		part.searches[name] = n.clone()
		p.size.add(n, 1)
	}
	p.parts = append(p.parts, part)
}

// clone copies the nodes and items. The values are shared: they are replaced,
// never changed.
func (n *searchNode) clone() *searchNode {
	out := &searchNode{kind: n.kind}
	if n.item != nil {
		it := *n.item
		out.item = &it
	}
	for _, k := range n.kids {
		out.kids = append(out.kids, k.clone())
	}
	return out
}

func (n *searchNode) each(f func(*item)) {
	if n.item != nil {
		f(n.item)
	}
	for _, k := range n.kids {
		k.each(f)
	}
}

func (s *processedSize) add(n *searchNode, sign int) {
	n.each(func(it *item) {
		s.items += sign
		s.values += sign * len(it.values)
		s.bytes += sign * it.bytes()
	})
}

func (it *item) bytes() int {
	n := 0
	for _, v := range it.values {
		n += len(v.text)
	}
	return n
}

// check refuses what a step has made too big.
func (p *processing) check() *fail {
	const remedy = "map to fewer names or values, or split the rule"
	switch {
	case p.size.items > MaxProcessedItems:
		return failf(position{}, remedy, "the pipelines make more than %d lines of the rule", MaxProcessedItems)
	case p.size.values > MaxValues:
		return failf(position{}, remedy, "the pipelines make more than %d values of the rule", MaxValues)
	case p.size.bytes > MaxTextBytes:
		return failf(position{}, remedy, "the pipelines make more than %d bytes of the rule's values", MaxTextBytes)
	case p.work < 0:
		return failf(position{}, "shorten the rule or simplify the regular expressions of the pipelines", "the regular expressions of the pipelines take too long on the rule")
	}
	return p.fault
}

func (p *processing) run(steps []*step) *fail {
	for _, s := range steps {
		if !s.forRule(p) {
			if f := p.check(); f != nil {
				return f
			}
			continue
		}
		// Noted first, as pySigma does: a nested step sees that it is in effect.
		if s.id != "" {
			p.applied[s.id] = true
		}
		if f := s.apply(p, s); f != nil {
			return f
		}
		if f := p.check(); f != nil {
			return f
		}
	}
	return nil
}

// dropped stands for an item that a step removes.
var dropped = &searchNode{}

// eachItem calls f for every line that the conditions of the step hold for. f
// may change the item, which is the copy's own, or return what takes its place;
// nil means that it left the item alone.
func (p *processing) eachItem(s *step, f func(*item) (*searchNode, *fail)) *fail {
	defer func() { p.part = 0 }()
	for i, d := range p.parts {
		p.part = i
		for _, name := range slices.Clone(d.order) {
			n, err := p.eachItemOf(s, d.searches[name], f)
			if err != nil {
				return p.placed(err)
			}
			if n == nil {
				delete(d.searches, name)
				d.order = slices.DeleteFunc(d.order, func(s string) bool { return s == name })
				continue
			}
			d.searches[name] = n
		}
	}
	return nil
}

// placed takes the place off what is wrong in a filter: it is in a file of the
// filter, and the report names that of the rule.
func (p *processing) placed(f *fail) *fail {
	if p.part == 0 || f.at.line == 0 {
		return f
	}
	return failf(position{}, f.remedy, "with the filter %q: %s", p.used[p.part-1].Title, f.reason)
}

// eachItemOf returns what n becomes, nil if nothing of it is left.
func (p *processing) eachItemOf(s *step, n *searchNode, f func(*item) (*searchNode, *fail)) (*searchNode, *fail) {
	if n.kind != nodeItem {
		kids := n.kids[:0]
		for _, k := range n.kids {
			k, err := p.eachItemOf(s, k, f)
			if err != nil {
				return nil, err
			}
			if k != nil {
				kids = append(kids, k)
			}
		}
		if n.kids = kids; len(kids) == 0 {
			return nil, nil
		}
		return n, nil
	}
	holds := s.forItem(p, n.item)
	if p.fault != nil {
		return nil, p.fault
	}
	if !holds {
		return n, nil
	}
	before := processedSize{}
	before.add(n, 1)
	ids := p.itemIDs[n.item]
	out, err := f(n.item)
	if err == nil {
		err = p.fault
	}
	if err != nil || out == nil {
		return n, err
	}
	p.size.items -= before.items
	p.size.values -= before.values
	p.size.bytes -= before.bytes
	if out == dropped {
		return nil, nil
	}
	p.size.add(out, 1)
	out.each(func(it *item) {
		mine := maps.Clone(ids)
		if mine == nil {
			mine = map[string]bool{}
		}
		if s.id != "" {
			mine[s.id] = true
		}
		p.itemIDs[it] = mine
	})
	return out, p.check()
}

func (p *processing) itemApplied(it *item, id string) bool { return p.itemIDs[it][id] }

func (p *processing) anyItem(f func(*item) bool) bool {
	found := false
	defer func() { p.part = 0 }()
	for i, d := range p.parts {
		p.part = i
		for _, name := range d.order {
			d.searches[name].each(func(it *item) { found = found || f(it) })
		}
	}
	return found
}

// logSources are those that conditions on the log source look at: the rule's,
// or of a correlation those of the rules it refers to.
func (p *processing) logSources() []LogSource {
	if p.rule.IsCorrelation() {
		return p.sorts
	}
	return []LogSource{p.rule.LogSource}
}

func correlatedSources(r *Rule, index *ruleIndex, seen map[*Rule]bool) []LogSource {
	if seen == nil {
		seen = map[*Rule]bool{}
	}
	var out []LogSource
	for _, ref := range r.correlation.rules {
		for _, target := range index.find(ref) {
			switch {
			case seen[target]:
			case target.IsCorrelation():
				seen[target] = true
				out = append(out, correlatedSources(target, index, seen)...)
			default:
				seen[target] = true
				out = append(out, target.LogSource)
			}
		}
	}
	return out
}

func (p *processing) matches(re pipelineRegex, text string) bool {
	p.work -= len(text) * re.instructions
	return p.work >= 0 && re.MatchString(text)
}

// finish puts the parts into the copy: conditions lose what was dropped.
func (p *processing) finish() *fail {
	r := p.rule
	if r.IsCorrelation() {
		return nil
	}
	for i, d := range p.parts {
		left := d.condition.without(d.searches)
		if i == 0 {
			if left == nil {
				return failf(position{}, "give the step that drops them more conditions", "the pipelines drop everything the rule's condition names")
			}
			d.condition = *left
			r.detection = *d
			continue
		}
		if r.filtered == nil {
			r.filtered = map[*Rule]*detection{}
		}
		if left == nil {
			r.filtered[p.used[i-1]] = nil
			continue
		}
		d.condition = *left
		r.filtered[p.used[i-1]] = d
	}
	r.fields = r.detection.fieldNames()
	return nil
}

// without returns the condition with only the search identifiers that are left,
// nil if it names none of them. What is dropped neither holds nor fails.
func (c *condition) without(left map[string]*searchNode) *condition {
	if c.kind == condRef {
		if left[c.name] == nil {
			return nil
		}
		return c
	}
	out := *c
	out.kids = nil
	for i := range c.kids {
		if k := c.kids[i].without(left); k != nil {
			out.kids = append(out.kids, *k)
		}
	}
	if len(out.kids) == 0 {
		return nil
	}
	out.count = min(out.count, len(out.kids))
	return &out
}

// AsWritten returns the rule as it was parsed, where r is the copy of it that
// the pipelines of a Ruleset made, and r itself otherwise.
func (r *Rule) AsWritten() *Rule {
	if r.origin != nil {
		return r.origin
	}
	return r
}

// filterFor returns the condition of a filter as the pipelines made it for r,
// or nil if they left nothing of it.
func (r *Rule) filterFor(f *Rule) *detection {
	if d, ok := r.filtered[f]; ok {
		return d
	}
	return &f.detection
}
