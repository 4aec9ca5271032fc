package sigma

import (
	"net/netip"
	"slices"
	"strings"
)

// The linter's reasoning: does one expression hold whenever another one does,
// and can two hold at once? Both answer true only when it is certain, for events
// in which a field has one value at most. Predicates are compared by their
// keys, so the expressions must come from one builder's table.

// implies reports whether b holds whenever a does.
func (l *linter) implies(a, b *expr) bool {
	if l.steps--; l.steps < 0 {
		return false
	}
	if a == b {
		return true
	}
	every := func(list []*expr, f func(*expr) bool) bool {
		return !slices.ContainsFunc(list, func(e *expr) bool { return !f(e) })
	}
	switch {
	case a.kind == exprOr:
		return every(a.kids, func(k *expr) bool { return l.implies(k, b) })
	case b.kind == exprAnd:
		return every(b.kids, func(k *expr) bool { return l.implies(a, k) })
	case a.kind == exprLeaf && b.kind == exprLeaf:
		return l.predicateImplies(a.pred, b.pred)
	case b.kind == exprNot:
		return l.disjoint(a, b.kids[0])
	case a.kind == exprNot && b.kind == exprLeaf:
		return l.exhaustive(a.kids[0], b)
	}
	return b.kind == exprOr && slices.ContainsFunc(b.kids, func(k *expr) bool { return l.implies(a, k) }) ||
		a.kind == exprAnd && slices.ContainsFunc(a.kids, func(k *expr) bool { return l.implies(k, b) }) ||
		a.kind == exprAtLeast && b.kind == exprAtLeast && a.count >= b.count && slices.Equal(a.kids, b.kids)
}

// disjoint reports whether a and b cannot hold at once.
func (l *linter) disjoint(a, b *expr) bool {
	if l.steps--; l.steps < 0 {
		return false
	}
	every := func(list []*expr, with *expr) bool {
		return !slices.ContainsFunc(list, func(k *expr) bool { return !l.disjoint(k, with) })
	}
	switch {
	case a.kind == exprNot && b.kind == exprNot:
		return l.exhaustive(a.kids[0], b.kids[0])
	case a.kind == exprNot:
		return l.implies(b, a.kids[0])
	case b.kind == exprNot:
		return l.implies(a, b.kids[0])
	case a.kind == exprOr:
		return every(a.kids, b)
	case b.kind == exprOr:
		return every(b.kids, a)
	case a.kind == exprLeaf && b.kind == exprLeaf:
		return l.predicatesDisjoint(a.pred, b.pred)
	}
	return a.kind == exprAnd && slices.ContainsFunc(a.kids, func(k *expr) bool { return l.disjoint(k, b) }) ||
		b.kind == exprAnd && slices.ContainsFunc(b.kids, func(k *expr) bool { return l.disjoint(a, k) })
}

// exhaustive reports whether one of a and b always holds.
func (l *linter) exhaustive(a, b *expr) bool {
	if l.steps--; l.steps < 0 {
		return false
	}
	switch {
	case a.kind == exprNot:
		return l.implies(a.kids[0], b)
	case b.kind == exprNot:
		return l.implies(b.kids[0], a)
	case a.kind == exprAnd:
		return !slices.ContainsFunc(a.kids, func(k *expr) bool { return !l.exhaustive(k, b) })
	case b.kind == exprAnd:
		return !slices.ContainsFunc(b.kids, func(k *expr) bool { return !l.exhaustive(a, k) })
	case a.kind == exprOr:
		return slices.ContainsFunc(a.kids, func(k *expr) bool { return l.exhaustive(k, b) })
	case b.kind == exprOr:
		return slices.ContainsFunc(b.kids, func(k *expr) bool { return l.exhaustive(a, k) })
	}
	// Present with a value, or absent or null.
	present := func(e *expr) bool {
		return e.kind == exprLeaf && (e.pred.kind == predPresent || e.pred.kind == predExists)
	}
	null := func(e *expr) bool { return e.kind == exprLeaf && e.pred.kind == predNull }
	return (present(a) && null(b) || present(b) && null(a)) && a.pred.field == b.pred.field
}

// aboutValue reports whether the predicate holds for a value only.
func (p *predicate) aboutValue() bool { return p.kind != predNull && p.kind != predExists }

func (l *linter) predicateImplies(p, q *predicate) bool {
	if p == q || p.key == q.key {
		return true
	}
	if p.field == "" || p.field != q.field {
		return p.field == "" && q.field == "" && p.kind == predLiterals && q.kind == predLiterals && l.literalsImply(p, q)
	}
	switch q.kind {
	case predExists:
		return p.kind != predNull
	case predPresent:
		return p.aboutValue()
	case predLiterals:
		switch p.kind {
		case predLiterals:
			return l.literalsImply(p, q)
		case predGlob:
			return slices.ContainsFunc(q.literals, func(x literal) bool { l.steps--; return !q.cased && p.glob.has(x, p.cased) })
		}
	case predGlob:
		return p.kind == predLiterals && (!q.cased || p.cased) && !slices.ContainsFunc(p.literals, func(x literal) bool {
			l.steps--
			return !q.glob.covers(x, !q.cased)
		})
	case predCIDR:
		return p.kind == predCIDR && !slices.ContainsFunc(p.nets, func(n netip.Prefix) bool {
			return !slices.ContainsFunc(q.nets, func(m netip.Prefix) bool { return m.Bits() <= n.Bits() && m.Contains(n.Addr()) })
		})
	case predCompare, predTime:
		return p.kind == q.kind && p.unit == q.unit && p.compareImplies(q) ||
			q.kind == predCompare && p.allNumbers(func(d decimal) bool { return q.cmp.holds(d.compare(q.number)) })
	}
	return false
}

// allNumbers reports whether p is a list of numbers for all of which f holds.
func (p *predicate) allNumbers(f func(decimal) bool) bool {
	return p.kind == predLiterals && !slices.ContainsFunc(p.literals, func(x literal) bool {
		if x.shape != shapeEqual && (x.shape != shapeNumber || !isPlainInteger(x.text)) {
			return true
		}
		d, ok := parseDecimal(x.text)
		return !ok || !f(d)
	})
}

func (l *linter) literalsImply(p, q *predicate) bool {
	if q.cased && !p.cased {
		return false
	}
	if l.steps -= min(len(p.literals)*len(q.literals), MaxLintSteps); l.steps < 0 {
		return false
	}
	for _, x := range p.literals {
		if !q.cased {
			x.text = fold(x.text)
		}
		if !slices.ContainsFunc(q.literals, x.implies) {
			return false
		}
	}
	return true
}

// implies reports whether every value that matches l matches o.
func (l literal) implies(o literal) bool {
	if l == o {
		return true
	}
	if l.shape == shapeNumber {
		return false
	}
	switch o.shape {
	case shapePrefix:
		return (l.shape == shapeEqual || l.shape == shapePrefix) && strings.HasPrefix(l.text, o.text)
	case shapeSuffix:
		return (l.shape == shapeEqual || l.shape == shapeSuffix) && strings.HasSuffix(l.text, o.text)
	case shapeContains:
		return strings.Contains(l.text, o.text)
	case shapeNumber:
		return l.shape == shapeEqual && o.match(l.text)
	}
	return false
}

// disjoint reports whether no value matches both.
func (l literal) disjoint(o literal) bool {
	if l.shape > o.shape {
		l, o = o, l
	}
	switch {
	case l.shape == shapeEqual:
		return !o.match(l.text)
	case l.shape == shapePrefix && o.shape == shapePrefix:
		return !strings.HasPrefix(l.text, o.text) && !strings.HasPrefix(o.text, l.text)
	case l.shape == shapeSuffix && o.shape == shapeSuffix:
		return !strings.HasSuffix(l.text, o.text) && !strings.HasSuffix(o.text, l.text)
	}
	return l.shape == shapeNumber && o.shape == shapeNumber && l.text != o.text
}

func (l *linter) predicatesDisjoint(p, q *predicate) bool {
	if p.field == "" || p.field != q.field {
		return false
	}
	if p.kind > q.kind {
		p, q = q, p
	}
	switch {
	case p.kind == predNull || q.kind == predNull:
		// Both null, or one; an empty text may count as null too.
		return !p.emptyToo && !q.emptyToo && (p.aboutValue() || q.aboutValue())
	case p.kind == predLiterals && q.kind == predLiterals:
		if l.steps -= min(len(p.literals)*len(q.literals), MaxLintSteps); l.steps < 0 {
			return false
		}
		for _, x := range p.literals {
			x.text = fold(x.text)
			if slices.ContainsFunc(q.literals, func(y literal) bool {
				y.text = fold(y.text)
				return !x.disjoint(y)
			}) {
				return false
			}
		}
		return true
	case p.kind == predLiterals && q.kind == predGlob:
		return !slices.ContainsFunc(p.literals, func(x literal) bool {
			l.steps--
			text := x.text
			if !q.cased {
				text = fold(text)
			}
			return x.shape != shapeEqual || q.cased && !p.cased || q.glob.match(text)
		})
	case p.kind == predLiterals && q.kind == predCIDR:
		return !slices.ContainsFunc(p.literals, func(x literal) bool { return x.shape != shapeEqual || q.inNets(x.text) })
	case p.kind == predLiterals && q.kind == predCompare:
		return p.allNumbers(func(d decimal) bool { return !q.cmp.holds(d.compare(q.number)) })
	case p.kind == predCIDR && q.kind == predCIDR:
		return !slices.ContainsFunc(p.nets, func(n netip.Prefix) bool { return slices.ContainsFunc(q.nets, n.Overlaps) })
	case p.kind == q.kind && (p.kind == predCompare || p.kind == predTime) && p.unit == q.unit:
		return p.compareDisjoint(q)
	}
	return false
}

// has reports whether every match of g matches the literal.
func (g *glob) has(x literal, cased bool) bool {
	text := func(s string) string {
		if cased {
			return fold(s)
		}
		return s
	}
	first, last := g.segments[0], g.segments[len(g.segments)-1]
	switch x.shape {
	case shapePrefix:
		return !g.openStart && first[0].kind == partText && strings.HasPrefix(text(first[0].text), x.text)
	case shapeSuffix:
		end := last[len(last)-1]
		return !g.openEnd && end.kind == partText && strings.HasSuffix(text(end.text), x.text)
	case shapeContains:
		return slices.ContainsFunc(g.segments, func(seg pattern) bool {
			return slices.ContainsFunc(seg, func(y part) bool { return strings.Contains(text(y.text), x.text) })
		})
	}
	return false
}

// covers reports whether every value that matches the literal matches g: the
// text itself does, and g is open where the literal is.
func (g *glob) covers(x literal, folded bool) bool {
	text := x.text
	if folded {
		text = fold(text)
	}
	openStart, openEnd := x.shape == shapeSuffix || x.shape == shapeContains, x.shape == shapePrefix || x.shape == shapeContains
	return x.shape != shapeNumber && (g.openStart || !openStart) && (g.openEnd || !openEnd) && g.match(text)
}

// compareImplies reports whether every number that p holds for, q holds for.
func (p *predicate) compareImplies(q *predicate) bool {
	order := p.number.compare(q.number)
	switch {
	case p.cmp == equal:
		return q.cmp.holds(order)
	case q.cmp == equal || p.cmp.upward() != q.cmp.upward():
		return false
	case order == 0:
		return q.cmp.holds(0) || !p.cmp.holds(0)
	}
	return (order > 0) == p.cmp.upward()
}

// compareDisjoint reports whether p and q hold for no number both.
func (p *predicate) compareDisjoint(q *predicate) bool {
	order := p.number.compare(q.number)
	switch {
	case p.cmp == equal:
		return !q.cmp.holds(order)
	case q.cmp == equal:
		return !p.cmp.holds(-order)
	case p.cmp.upward() == q.cmp.upward():
		return false
	case order == 0:
		return !p.cmp.holds(0) || !q.cmp.holds(0)
	}
	return (order > 0) == p.cmp.upward()
}

func (c comparison) upward() bool { return c == greater || c == greaterEqual }
