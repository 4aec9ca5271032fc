package sigma

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// MaxLintSteps bounds the reasoning of Lint about one condition, in
// comparisons. Rules written by people need a thousandth of it.
const MaxLintSteps = 2_000_000

// logicNode is a part of a condition with its expression, for reasoning that
// can name the parts and their places.
type logicNode struct {
	kind   exprKind
	kids   []*logicNode
	e      *expr
	search bool   // a whole search identifier
	name   string // as a reader would call it
	at     position
}

// logic looks at the condition as a whole.
func (l *linter) logic() {
	r := l.rule
	if r.IsCorrelation() {
		return
	}
	l.unused()
	l.quantifiers(&r.detection.condition)
	done := l.loaded[r]
	if done == nil {
		return
	}
	l.steps = MaxLintSteps
	b := &logicBuilder{
		exprs:    &exprBuilder{opts: &l.opts.Options, budget: newBudget(), intern: map[string]*predicate{}},
		searches: map[string]*logicNode{}, d: &done.detection,
	}
	root := b.condition(&done.detection.condition)
	l.absence(root)
	for _, name := range done.detection.order {
		if n := b.searches[name]; n != nil {
			l.part(n)
		}
	}
	l.part(root)
}

func (l *linter) unused() {
	used := map[string]bool{}
	var walk func(c *condition)
	walk = func(c *condition) {
		used[c.name] = true
		for i := range c.kids {
			walk(&c.kids[i])
		}
	}
	walk(&l.rule.detection.condition)
	for _, name := range l.rule.detection.order {
		if !used[name] {
			l.report("unused-selection", l.search(name), "use it in the condition or remove it", "the condition does not use %q", name)
		}
	}
}

// search returns the place of a search identifier.
func (l *linter) search(name string) position {
	_, section := l.key("detection")
	if l.rule.IsFilter() {
		_, section = l.key("filter")
	}
	if section != nil {
		if k, _ := mapEntry(section, name); k != nil {
			return at(k)
		}
	}
	return position{l.rule.Line, 1}
}

func (l *linter) quantifiers(c *condition) {
	// "1 of filter_*" over one filter is how rules leave room for others.
	if c.of != "" && len(c.kids) == 1 && !strings.HasPrefix(c.of, "filter") {
		l.report("quantifier-of-one", c.at, "write "+c.kids[0].name+", unless more are to come", "of %s is over %s alone", c.of, c.kids[0].name)
	}
	for i := range c.kids {
		l.quantifiers(&c.kids[i])
	}
}

// logicBuilder builds logic nodes. It cannot fail: the rule compiled before.
type logicBuilder struct {
	exprs    *exprBuilder
	d        *detection
	searches map[string]*logicNode
}

func (b *logicBuilder) condition(c *condition) *logicNode {
	if c.kind == condRef {
		n := b.searches[c.name]
		if n == nil {
			n = b.search(b.d.searches[c.name])
			n.name, n.search = c.name, true
			b.searches[c.name] = n
		}
		named := *n
		named.at = c.at
		return &named
	}
	n := &logicNode{at: c.at}
	var exprs []*expr
	for i := range c.kids {
		k := b.condition(&c.kids[i])
		n.kids, exprs = append(n.kids, k), append(exprs, k.e)
	}
	switch c.kind {
	case condNot:
		n.kind, n.e, n.name = exprNot, not(n.kids[0].e), "not "+n.kids[0].name
		n.at = n.kids[0].at
	case condAnd:
		n.kind, n.e = exprAnd, join(exprAnd, exprs)
	case condOr:
		n.kind, n.e = exprOr, join(exprOr, exprs)
	default:
		n.kind, n.e = exprAtLeast, &expr{kind: exprAtLeast, count: c.count, kids: exprs}
	}
	if n.name == "" {
		n.name = n.joined()
	}
	return n
}

// joined makes up a name from those of the parts.
func (n *logicNode) joined() string {
	if len(n.kids) == 1 {
		return n.kids[0].name
	}
	word := map[exprKind]string{exprAnd: " and ", exprOr: " or "}[n.kind]
	if word == "" || len(n.kids) > 3 {
		return "a part"
	}
	var names []string
	for _, k := range n.kids {
		names = append(names, k.name)
	}
	return brief("(" + strings.Join(names, word) + ")")
}

func (b *logicBuilder) search(n *searchNode) *logicNode {
	if n.kind == nodeItem {
		e, _ := b.exprs.item(n.item)
		names := []string{n.item.field}
		for _, m := range n.item.modifiers {
			names = append(names, m.name)
		}
		name := strings.Join(names, "|")
		if name == "" {
			name = "keywords"
		}
		if len(n.item.values) == 1 {
			name += ": " + brief(n.item.values[0].written())
		}
		return &logicNode{kind: exprLeaf, e: e, name: name, at: n.item.at}
	}
	out := &logicNode{kind: exprAnd}
	if n.kind == nodeOr {
		out.kind = exprOr
	}
	var exprs []*expr
	for _, k := range n.kids {
		kid := b.search(k)
		out.kids, exprs = append(out.kids, kid), append(exprs, kid.e)
	}
	out.e, out.at = join(out.kind, exprs), out.kids[0].at
	out.name = cmp.Or(out.kids[0].name, "a part")
	if len(out.kids) > 1 {
		out.name = fmt.Sprintf("%s with %d more", out.name, len(out.kids)-1)
	}
	return out
}

// absence reports a condition that holds for an event without any field.
func (l *linter) absence(root *logicNode) {
	if l.rule.IsFilter() || !root.e.holdsForNothing() {
		return
	}
	l.report("matches-absence", root.at, "add what must be there, joined with and",
		"the condition holds for an event that has none of the rule's fields, so for nearly every event of the log source")
}

func (e *expr) holdsForNothing() bool {
	switch e.kind {
	case exprLeaf:
		return e.pred.kind == predNull
	case exprNot:
		return !e.kids[0].holdsForNothing()
	}
	held := 0
	for _, k := range e.kids {
		if k.holdsForNothing() {
			held++
		}
	}
	switch e.kind {
	case exprAnd:
		return held == len(e.kids)
	case exprOr:
		return held > 0
	}
	return held >= e.count
}

// part looks at a node and at what is below it, but not into the search
// identifiers a condition names, which are looked at once, by themselves.
func (l *linter) part(n *logicNode) {
	parts := n.operands()
	switch n.kind {
	case exprAnd:
		l.together(parts)
	case exprOr:
		l.alternatives(parts)
	}
	for _, k := range parts {
		if !k.search {
			l.part(k)
		}
	}
}

// operands lists the parts of n, with those of chained parts of its kind.
func (n *logicNode) operands() []*logicNode {
	var out []*logicNode
	for _, k := range n.kids {
		if k.kind == n.kind && !k.search {
			out = append(out, k.operands()...)
		} else {
			out = append(out, k)
		}
	}
	return out
}

// together looks at parts that must hold at once.
func (l *linter) together(parts []*logicNode) {
	for i, a := range parts {
		if l.steps < 0 {
			return
		}
		for _, b := range parts[i+1:] {
			if !l.disjoint(a.e, b.e) {
				continue
			}
			if x, y, ok := negated(a, b); ok {
				l.report("contradiction", y.at, "correct one of the two", "the condition cannot hold: whatever satisfies %q is excluded by %q", x.name, y.name)
			} else {
				l.report("contradiction", b.at, "join them with or, or correct one of the two", "%q and %q cannot hold at once, unless the field has several values", a.name, b.name)
			}
			return
		}
	}
	reported := map[*logicNode]bool{}
	for i, a := range parts {
		if l.steps < 0 {
			return
		}
		for j, b := range parts {
			if i == j || reported[b] || !l.implies(a.e, b.e) || j < i && l.implies(b.e, a.e) {
				continue
			}
			reported[b] = true
			switch {
			case a.kind == exprNot && b.kind == exprNot:
				l.report("idle-filter", b.at, "correct or remove it", "%q excludes nothing that %q does not exclude", b.name, a.name)
			case b.kind == exprNot:
				l.report("idle-filter", b.at, "correct or remove it", "%q excludes nothing that %q selects", b.name, a.name)
			default:
				l.report("redundant-part", b.at, "remove it", "%q holds whenever %q does", b.name, a.name)
			}
		}
	}
	l.idle(parts, reported)
}

func negated(a, b *logicNode) (plain, not *logicNode, ok bool) {
	switch {
	case a.kind == exprNot && b.kind != exprNot:
		return b, a, true
	case b.kind == exprNot:
		return a, b, true
	}
	return a, b, false
}

// idle looks at "selection and not (a or b)": each of the excluded
// alternatives may be one that the selection cannot have.
func (l *linter) idle(parts []*logicNode, reported map[*logicNode]bool) {
	for _, n := range parts {
		if reported[n] || n.kind != exprNot || n.kids[0].kind != exprOr || len(n.kids[0].kids) < 2 {
			continue
		}
		for _, alternative := range n.kids[0].kids {
			for _, a := range parts {
				if a != n && a.kind != exprNot && l.disjoint(a.e, alternative.e) {
					l.report("idle-filter", alternative.at, "correct or remove it", "%q excludes nothing that %q selects", alternative.name, a.name)
					break
				}
			}
		}
	}
}

// alternatives looks at parts one of which must hold.
func (l *linter) alternatives(parts []*logicNode) {
	for i, a := range parts {
		if l.steps < 0 {
			return
		}
		for j, b := range parts {
			if i == j {
				continue
			}
			if j > i && l.exhaustive(a.e, b.e) {
				l.report("always-true", b.at, "join them with and, or correct one of the two", "%q or %q holds for every event", a.name, b.name)
				return
			}
			if l.implies(a.e, b.e) && (j < i || !l.implies(b.e, a.e)) {
				l.report("subsumed-branch", a.at, "remove it, or narrow the other one", "%q is covered by the alternative %q", a.name, b.name)
				break
			}
		}
	}
}

// shape returns a text that is the same for expressions that are the same but
// for the order of their parts.
func (e *expr) shape() string {
	if e.kind == exprLeaf {
		return fmt.Sprintf("%q", e.pred.sortedKey())
	}
	kids := make([]string, len(e.kids))
	for i, k := range e.kids {
		kids[i] = k.shape()
	}
	slices.Sort(kids)
	return fmt.Sprintf("(%d %d %s)", e.kind, e.count, strings.Join(slices.Compact(kids), " "))
}

// sortedKey is the key of the predicate with its literals in order.
func (p *predicate) sortedKey() string {
	if len(p.literals) < 2 {
		return p.key
	}
	q := *p
	q.literals = slices.Clone(p.literals)
	slices.SortFunc(q.literals, func(a, b literal) int {
		return cmp.Or(cmp.Compare(a.shape, b.shape), strings.Compare(a.text, b.text))
	})
	return q.identify().key
}
