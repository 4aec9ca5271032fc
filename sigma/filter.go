package sigma

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// filter is the filter section of a filter document: a condition that the
// rules it is for must meet as well.
type filter struct {
	at    position
	any   bool // all rules of the log source
	rules []ruleRef
	names map[string]bool // of rules, as written
	ids   map[string]bool // the same in lower case
}

// ruleRef names another rule by its id or name.
type ruleRef struct {
	text string
	at   position
}

// ruleIndex finds rules by what refers to them: the name as written, or the id
// in any case.
type ruleIndex struct{ names, ids map[string][]*Rule }

func indexRules(rules []*Rule, wanted func(*Rule) bool) ruleIndex {
	x := ruleIndex{map[string][]*Rule{}, map[string][]*Rule{}}
	for _, r := range rules {
		if !wanted(r) {
			continue
		}
		if r.Name != "" {
			x.names[r.Name] = append(x.names[r.Name], r)
		}
		if id := strings.ToLower(r.ID); id != "" && id != r.Name {
			x.ids[id] = append(x.ids[id], r)
		}
	}
	return x
}

func (x ruleIndex) find(ref ruleRef) []*Rule {
	return slices.Concat(x.names[ref.text], x.ids[strings.ToLower(ref.text)])
}

// IsFilter reports whether the document is a filter, which matches nothing by
// itself: Compile adds its condition to the rules it names.
func (r *Rule) IsFilter() bool { return r.filter != nil }

// FilteredRules returns the ids and names of the rules a filter document is for, as
// written, or that it is for any rule of its log source. Of another rule: none.
func (r *Rule) FilteredRules() (refs []string, any bool) {
	if r.filter == nil {
		return nil, false
	}
	for _, ref := range r.filter.rules {
		refs = append(refs, ref.text)
	}
	return refs, r.filter.any
}

// Negates reports whether a filter document says what is to be excluded: its
// condition has a not.
func (r *Rule) Negates() bool { return r.filter != nil && r.detection.condition.negates() }

// Filters reports whether a filter document is for a detection rule: the rule is of
// its log source, and named unless the filter is for any.
func (r *Rule) Filters(rule *Rule) bool { return r.filter != nil && r.wants(rule) }

// parseFilter reads the filter section. What is not "rules" in it is the same
// as in a detection section.
func (b *ruleBuilder) parseFilter() *fail {
	r := b.rule
	n := b.filter
	if n.Kind != yaml.MappingNode {
		return failf(at(n), "write rules, search identifiers and a condition under it", "filter is not a map")
	}
	rest := *n
	rest.Content = nil
	r.filter = &filter{at: at(n)}
	found := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "rules" {
			rest.Content = append(rest.Content, n.Content[i], n.Content[i+1])
			continue
		}
		found = true
		if f := b.filterRules(n.Content[i+1]); f != nil {
			return f
		}
	}
	if !found {
		return failf(at(n), "list ids or names of rules, or write rules: any", "the filter names no rules")
	}
	var f *fail
	if r.detection, f = parseDetection(b.tree, &rest); f != nil {
		return f
	}
	if !r.detection.condition.negates() {
		b.warn("filter-without-not", at(n), "write not before what is to be excluded", "the filter excludes nothing by name: rules match only where its condition holds")
	}
	return nil
}

func (b *ruleBuilder) filterRules(n *yaml.Node) *fail {
	n, f := b.tree.resolve(n)
	if f != nil {
		return f
	}
	d := b.rule.filter
	if n.Kind == yaml.ScalarNode {
		if word := strings.ToLower(n.Value); word == "any" || word == "all" {
			d.any = true
			return nil
		}
	}
	d.rules, f = b.ruleRefs(n)
	d.names, d.ids = map[string]bool{}, map[string]bool{}
	for _, ref := range d.rules {
		d.names[ref.text], d.ids[strings.ToLower(ref.text)] = true, true
	}
	return f
}

// ruleRefs reads the id or name of a rule, or a list of them.
func (b *ruleBuilder) ruleRefs(n *yaml.Node) ([]ruleRef, *fail) {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	if len(list) == 0 {
		return nil, failf(at(n), "list ids or names of rules", "the list of rules is empty")
	}
	var refs []ruleRef
	seen := map[string]bool{}
	for _, c := range list {
		c, f := b.tree.resolve(c)
		if f != nil {
			return nil, f
		}
		if c.Kind != yaml.ScalarNode || c.Value == "" {
			return nil, failf(at(c), "write the id or the name of a rule", "an entry of rules is not plain text")
		}
		if seen[c.Value] {
			return nil, failf(at(c), "write it once", "the rule %q is listed twice", c.Value)
		}
		seen[c.Value] = true
		refs = append(refs, ruleRef{c.Value, at(c)})
	}
	return refs, nil
}

func (c *condition) negates() bool {
	return c.kind == condNot || slices.ContainsFunc(c.kids, func(k condition) bool { return k.negates() })
}

// wants reports whether a filter document is for a rule: the rule is of the
// filter's log source, and named unless the filter is for any.
func (r *Rule) wants(rule *Rule) bool {
	r, rule = r.AsWritten(), rule.AsWritten()
	return r.LogSource.covers(rule.LogSource) &&
		(r.filter.any || rule.Name != "" && r.filter.names[rule.Name] || r.filter.ids[strings.ToLower(rule.ID)])
}

// addFilters takes the filter documents out of rules. A filter that does not
// compile is reported and applies to nothing.
func (c *compiler) addFilters(rules []*Rule) {
	index := indexRules(rules, func(r *Rule) bool { return !r.IsFilter() && !r.IsCorrelation() })
	for _, r := range rules {
		if !r.IsFilter() || c.taken(r) {
			continue
		}
		if len(c.filters) >= MaxFilters {
			c.report(r, failf(position{}, "join filters", "more than %d filters are loaded", MaxFilters), Error)
			continue
		}
		b := &exprBuilder{opts: c.opts, budget: newBudget(), intern: c.intern}
		e, f := b.build(&r.detection)
		if f == nil {
			f = c.total.add(b)
		}
		if f != nil {
			b.withdraw()
			c.report(r, f, Error)
			continue
		}
		if c.excluded == nil {
			c.excluded = map[*detection]*expr{}
		}
		c.excluded[&r.detection] = e
		for _, w := range b.warnings {
			c.report(r, w, Warning)
		}
		c.take(r)
		c.filters = append(c.filters, r)
		for _, ref := range r.filter.rules {
			targets := index.find(ref)
			switch {
			case len(targets) == 0:
				c.report(r, failf(ref.at, "correct the id or name, or remove it", "no rule has the id or name %q", ref.text).as("filter-target"), Warning)
			case !slices.ContainsFunc(targets, r.wants):
				c.report(r, failf(ref.at, "give the filter a log source that includes the rule's", "the rule %q is of another log source than the filter", ref.text).as("filter-target"), Warning)
			}
		}
	}
}

// filtered adds the conditions of the filters that are for r to its own.
func (c *compiler) filtered(r *Rule, b *exprBuilder, e *expr) (*expr, *fail) {
	kids := []*expr{e}
	for _, f := range c.filters {
		if !f.wants(r) {
			continue
		}
		d := r.filterFor(f)
		if d == nil {
			continue
		}
		k, fault := c.exclusion(b, d)
		if fault != nil {
			// Its place is in the filter's file, which the report would not name.
			return nil, failf(position{}, "shorten the filter", "with the filter %q: %s", f.Title, fault.reason)
		}
		kids = append(kids, k)
	}
	return join(exprAnd, kids), nil
}

// exclusion returns the condition of a filter: the one built for all rules, or
// built anew where a pipeline changed it for this rule.
func (c *compiler) exclusion(b *exprBuilder, d *detection) (*expr, *fail) {
	if e := c.excluded[d]; e != nil {
		return e, b.count(e)
	}
	b.renew()
	return b.build(d)
}
