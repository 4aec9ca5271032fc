package sigma

type exprKind uint8

const (
	exprLeaf exprKind = iota
	exprAnd
	exprOr
	exprNot
	exprAtLeast
)

// expr is the boolean form of a rule: its condition with the search
// identifiers put in, over predicates.
type expr struct {
	kind  exprKind
	count int // exprAtLeast
	kids  []*expr
	pred  *predicate
}

// join builds an And or Or, without needless levels.
func join(kind exprKind, kids []*expr) *expr {
	var flat []*expr
	for _, k := range kids {
		if k.kind == kind {
			flat = append(flat, k.kids...)
		} else {
			flat = append(flat, k)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &expr{kind: kind, kids: flat}
}

func not(e *expr) *expr {
	if e.kind == exprNot {
		return e.kids[0]
	}
	return &expr{kind: exprNot, kids: []*expr{e}}
}

func leaf(p *predicate) *expr { return &expr{kind: exprLeaf, pred: p} }

// holds evaluates e the plain way: no index, no memo. It is what the index is
// measured against.
func (e *expr) holds(v *eventView) bool {
	switch e.kind {
	case exprLeaf:
		return e.pred.holds(v)
	case exprAnd:
		for _, k := range e.kids {
			if !k.holds(v) {
				return false
			}
		}
		return true
	case exprOr:
		for _, k := range e.kids {
			if k.holds(v) {
				return true
			}
		}
		return false
	case exprNot:
		return !e.kids[0].holds(v)
	}
	n := 0
	for _, k := range e.kids {
		if k.holds(v) {
			n++
		}
	}
	return n >= e.count
}

func (e *expr) walk(f func(*expr)) {
	f(e)
	for _, k := range e.kids {
		k.walk(f)
	}
}

// exprBuilder turns one rule's detection into an expression.
type exprBuilder struct {
	opts     *Options
	budget   budget
	spent    budget // of the budgets before this one
	nodes    int
	intern   map[string]*predicate
	added    []string // keys in intern that are this rule's
	searches map[string]*expr
	warnings []*fail
}

func (b *exprBuilder) build(d *detection) (*expr, *fail) {
	b.searches = map[string]*expr{}
	for _, name := range d.order {
		e, f := b.search(d.searches[name])
		if f != nil {
			return nil, f
		}
		b.searches[name] = e
	}
	return b.condition(&d.condition)
}

// withdraw takes out of the table what a refused rule put in, so that it costs
// no memory.
func (b *exprBuilder) withdraw() {
	for _, key := range b.added {
		delete(b.intern, key)
	}
}

// renew notes what is spent and begins a new budget.
func (b *exprBuilder) renew() {
	full := newBudget()
	b.spent.values += full.values - b.budget.values
	b.spent.bytes += full.bytes - b.budget.bytes
	b.spent.steps += full.steps - b.budget.steps
	b.budget = full
}

func (b *exprBuilder) condition(c *condition) (*expr, *fail) {
	if c.kind == condRef {
		e := b.searches[c.name]
		return e, b.count(e)
	}
	kids := make([]*expr, len(c.kids))
	for i := range c.kids {
		var f *fail
		if kids[i], f = b.condition(&c.kids[i]); f != nil {
			return nil, f
		}
	}
	switch c.kind {
	case condNot:
		return not(kids[0]), nil
	case condAnd:
		return join(exprAnd, kids), nil
	case condOr:
		return join(exprOr, kids), nil
	}
	return &expr{kind: exprAtLeast, count: c.count, kids: kids}, nil
}

// count counts the nodes that an expression adds to the rule.
func (b *exprBuilder) count(e *expr) *fail {
	e.walk(func(*expr) { b.nodes++ })
	if b.nodes > MaxExprNodes {
		return failf(position{}, "name each search identifier once", "the condition expands to more than %d parts", MaxExprNodes)
	}
	return nil
}

func (b *exprBuilder) search(n *searchNode) (*expr, *fail) {
	if n.kind == nodeItem {
		return b.item(n.item)
	}
	kids := make([]*expr, len(n.kids))
	for i, k := range n.kids {
		var f *fail
		if kids[i], f = b.search(k); f != nil {
			return nil, f
		}
	}
	if n.kind == nodeAnd {
		return join(exprAnd, kids), nil
	}
	return join(exprOr, kids), nil
}

func (b *exprBuilder) predicate(p *predicate) *expr {
	p.identify()
	if old, ok := b.intern[p.key]; ok {
		p = old
	} else {
		b.intern[p.key] = p
		b.added = append(b.added, p.key)
	}
	return leaf(p)
}
