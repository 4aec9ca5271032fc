package sigma

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Compile builds a ruleset. Everything that can be wrong with a rule is found
// here, never while matching: a rule with an error is left out and reported,
// with file, line, column, reason and remedy, and the others load. Warnings
// are about rules that do load.
//
// Filters among the rules are applied to the others: a rule of the filter's log
// source that the filter names, by id or by name, matches only where the
// filter's condition holds as well. The order of the rules does not matter.
func Compile(rules []*Rule, m Mapping, o Options) (*Ruleset, []Problem) {
	c := &compiler{opts: &o, intern: map[string]*predicate{}, ids: map[string]*Rule{}}
	rules = c.process(rules)
	c.addFilters(rules)
	for _, r := range rules {
		if !r.IsFilter() && !r.IsCorrelation() {
			c.rule(r)
		}
	}
	rs := c.ruleset(m)
	rs.correlations = c.correlate(rules, m)
	return rs, c.problems
}

type compiler struct {
	opts     *Options
	intern   map[string]*predicate
	ids      map[string]*Rule
	filters  []*Rule
	excluded map[*detection]*expr // conditions of filters, built
	total    totals
	rules    []compiledRule
	problems []Problem
}

func (c *compiler) report(r *Rule, f *fail, s Severity) {
	if f.at.line == 0 {
		f.at = position{r.Line, 1}
	}
	c.problems = append(c.problems, f.problem(r, s))
}

func (c *compiler) rule(r *Rule) {
	if c.taken(r) {
		return
	}
	b := &exprBuilder{opts: c.opts, budget: newBudget(), intern: c.intern}
	e, f := b.build(&r.detection)
	warnings := b.warnings
	if f == nil {
		e, f = c.filtered(r, b, e)
	}
	if f == nil {
		f = c.total.add(b)
	}
	if f != nil {
		b.withdraw()
		c.report(r, f, Error)
		return
	}
	for _, w := range warnings {
		c.report(r, w, Warning)
	}
	c.take(r)
	c.rules = append(c.rules, compiledRule{r, e})
}

// totals is what a ruleset has used of its limits.
type totals struct{ values, bytes, nodes, steps int }

// add counts a rule in, or says why it is one too many.
func (t *totals) add(b *exprBuilder) *fail {
	b.renew()
	sum := totals{t.values + b.spent.values, t.bytes + b.spent.bytes, t.nodes + b.nodes, t.steps + b.spent.steps}
	for _, x := range []struct {
		n, most int
		what    string
	}{
		{sum.values, MaxRulesetValues, "values"},
		{sum.bytes, MaxRulesetBytes, "bytes of values"},
		{sum.nodes, MaxRulesetNodes, "parts of conditions"},
		{sum.steps, MaxRulesetSteps, "steps for each byte of a value"},
	} {
		if x.n > x.most {
			return failf(position{}, "load fewer rules", "with the rule, the ruleset would have more than %d %s", x.most, x.what)
		}
	}
	*t = sum
	return nil
}

// taken reports a rule whose id another one has.
func (c *compiler) taken(r *Rule) bool {
	old := c.ids[r.ID]
	if old == nil {
		return false
	}
	c.report(r, failf(position{}, "give it an id of its own or remove one of the two",
		"the id is already taken by %q in %s", old.Title, place(old)).as("duplicate-id"), Error)
	return true
}

func (c *compiler) take(r *Rule) {
	if r.ID != "" {
		c.ids[r.ID] = r
	}
}

func place(r *Rule) string {
	if r.File == "" {
		return "the same set"
	}
	return fmt.Sprintf("%s:%d", r.File, r.Line)
}

func (c *compiler) ruleset(m Mapping) *Ruleset {
	rs := &Ruleset{opts: *c.opts, mapping: m, filters: c.filters}
	fids := c.number(rs, m)
	bySource := map[LogSource]*group{}
	for _, r := range c.rules {
		rs.rules = append(rs.rules, r.rule)
		var key LogSource
		if !c.opts.Unscoped {
			key = r.rule.LogSource
		}
		g := bySource[key]
		if g == nil {
			g = &group{source: key}
			bySource[key] = g
			rs.groups = append(rs.groups, g)
		}
		g.rules = append(g.rules, r)
	}
	if len(rs.groups) == 0 {
		rs.groups = []*group{{}}
	}
	slices.SortFunc(rs.groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.source.Product, b.source.Product), cmp.Compare(a.source.Category, b.source.Category), cmp.Compare(a.source.Service, b.source.Service))
	})
	for i, g := range rs.groups {
		g.number = i
	}
	largest := slices.SortedStableFunc(slices.Values(rs.groups), func(a, b *group) int { return cmp.Compare(len(b.rules), len(a.rules)) })
	c.opts.each(len(largest), func(i int) {
		largest[i].index = newGroupIndex(largest[i].rules, len(rs.fields.names))
	})
	if !c.opts.Unscoped {
		rs.scoping = newScoping(rs.groups, m, fids)
	}
	return rs
}

// number gives each field name that a rule or the mapping reads a number, the
// same in every run: the order of hits comes from it.
func (c *compiler) number(rs *Ruleset, m Mapping) map[string]int32 {
	fids := map[string]int32{}
	var names []string
	add := func(name string) int32 {
		name = compactName(name)
		fid, ok := fids[name]
		if !ok {
			fid = int32(len(names))
			fids[name] = fid
			names = append(names, name)
		}
		return fid
	}
	add(fieldChannel)
	add(fieldEventID)
	for _, class := range m.classes {
		for _, field := range slices.Sorted(maps.Keys(class.Conditions)) {
			add(field)
		}
		for _, as := range slices.Sorted(maps.Keys(class.Aliases)) {
			add(as)
			add(class.Aliases[as])
		}
	}
	for _, r := range c.rules {
		r.expr.walk(func(e *expr) {
			if e.kind != exprLeaf {
				return
			}
			p := e.pred
			p.fid, p.otherFid = anyField, anyField
			if p.field != "" {
				p.fid = add(p.field)
			}
			if p.other != "" {
				p.otherFid = add(p.other)
			}
		})
	}
	rs.fields = newFieldTable(names)
	return fids
}
