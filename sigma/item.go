package sigma

import (
	"net/netip"
	"strings"
)

// item compiles one detection item: modifiers first, then one expression for
// each value, joined with or (with and under the all modifier).
func (b *exprBuilder) item(it *item) (*expr, *fail) {
	c, f := newChain(it, b.opts, &b.budget)
	if f != nil {
		return nil, f
	}
	if c.all && !it.list {
		b.warnings = append(b.warnings, failf(it.at, "remove all", "all on a single value has no effect").as("all-single-value"))
	}
	field := compactName(it.field)
	if field == "" && c.op != opMatch && c.op != opRegex {
		return nil, failf(it.at, "name the field", "%s needs a field name", operationNames[c.op])
	}
	var e *expr
	switch c.op {
	case opMatch:
		e, f = b.matchItem(c, field)
	case opExists:
		e, f = b.existsItem(c, field)
	default:
		e, f = b.typedItem(c, field)
	}
	if f != nil {
		return nil, f
	}
	if c.neq {
		e = not(e)
	}
	return e, nil
}

// matchItem compiles plain values. Without all, the values without inner
// wildcards become one predicate, so that a list of thousands stays one node.
func (b *exprBuilder) matchItem(c *chain, field string) (*expr, *fail) {
	var kids []*expr
	set := &predicate{kind: predLiterals, field: field, cased: c.cased}
	flush := func() {
		if len(set.literals) > 0 {
			kids = append(kids, b.predicate(set))
			set = &predicate{kind: predLiterals, field: field, cased: c.cased}
		}
	}
	for _, v := range c.values {
		if v.kind == Null {
			if field == "" {
				return nil, failf(v.at, "name a field", "null cannot be a keyword")
			}
			kids = append(kids, b.predicate(&predicate{kind: predNull, field: field, emptyToo: b.opts.NullMatchesEmpty}))
			continue
		}
		if v.kind == Number && c.touched == "" && field != "" {
			d, _ := parseDecimal(v.text)
			set.literals = append(set.literals, literal{shapeNumber, string(d.appendKey(nil))})
			if c.all {
				flush()
			}
			continue
		}
		var others []*expr
		for _, p := range v.alts {
			if f := checkPattern(p, v.at); f != nil {
				return nil, f
			}
			if field == "" && c.anchor == shapeEqual {
				p = p.openStart().openEnd()
			}
			p = p.compact()
			if !c.cased {
				p = p.mapText(fold)
			}
			if l, ok := p.literal(); ok {
				set.literals = append(set.literals, l)
				if c.cased {
					if f := b.budget.step(1, v.at); f != nil {
						return nil, f
					}
				}
			} else if len(p) == 1 && p[0].kind == partMany {
				if field == "" {
					return nil, failf(v.at, "write a keyword", "an empty keyword or * would match every event")
				}
				others = append(others, b.predicate(&predicate{kind: predPresent, field: field}))
			} else {
				if b.budget.patterns--; b.budget.patterns < 0 {
					return nil, failf(v.at, "split the rule or use plain values", "the rule has more than %d values with wildcards inside", MaxPatterns)
				}
				g := newGlob(p)
				if f := b.budget.step(g.steps(), v.at); f != nil {
					return nil, f
				}
				others = append(others, b.predicate(&predicate{kind: predGlob, field: field, cased: c.cased, glob: g}))
			}
		}
		if c.all {
			mark := len(kids)
			flush()
			others = append(others, kids[mark:]...)
			kids = append(kids[:mark], join(exprOr, others))
		} else {
			kids = append(kids, others...)
		}
	}
	flush()
	if c.all {
		return join(exprAnd, kids), nil
	}
	return join(exprOr, kids), nil
}

func checkPattern(p pattern, where position) *fail {
	wild := 0
	for _, x := range p {
		if x.kind == partMany || x.kind == partOne {
			wild++
		}
		if len(x.text) > MaxValueBytes {
			return failf(where, "shorten it", "a value has more than %d bytes", MaxValueBytes)
		}
	}
	if wild > MaxWildcards {
		return failf(where, "use re, or fewer wildcards", "a value has more than %d wildcards", MaxWildcards)
	}
	return nil
}

func (b *exprBuilder) existsItem(c *chain, field string) (*expr, *fail) {
	v := c.values[0]
	if c.item.list || v.kind != Bool {
		return nil, failf(v.at, "write true or false", "exists takes one boolean, not %q", v.text)
	}
	e := b.predicate(&predicate{kind: predExists, field: field})
	if v.text == "false" {
		return not(e), nil
	}
	return e, nil
}

// typedItem compiles the operations that are not about plain strings.
func (b *exprBuilder) typedItem(c *chain, field string) (*expr, *fail) {
	var kids []*expr
	nets := &predicate{kind: predCIDR, field: field}
	for _, v := range c.values {
		if v.kind == Null || v.kind == Bool {
			return nil, failf(v.at, "correct the value", "%s cannot take %s", operationNames[c.op], kindName(v.kind))
		}
		switch c.op {
		case opRegex:
			texts, f := c.expandText(v, true)
			if f != nil {
				return nil, f
			}
			var alts []*expr
			for _, text := range texts {
				p, f := newRegexPredicate(c, field, text, v.at)
				if f != nil {
					return nil, f
				}
				alts = append(alts, b.predicate(p))
			}
			kids = append(kids, join(exprOr, alts))
		case opCIDR:
			texts, f := c.expandText(v, false)
			if f != nil {
				return nil, f
			}
			for _, text := range texts {
				n, f := b.parseNet(text, v.at)
				if f != nil {
					return nil, f
				}
				nets.nets = append(nets.nets, n)
			}
			if c.all {
				kids = append(kids, b.predicate(nets))
				nets = &predicate{kind: predCIDR, field: field}
			}
		case opFieldRef:
			other := compactName(strings.TrimSpace(v.text))
			if other == "" {
				return nil, failf(v.at, "name a field", "fieldref names no field")
			}
			if f := b.budget.step(1, v.at); f != nil {
				return nil, f
			}
			kids = append(kids, b.predicate(&predicate{kind: predFieldRef, field: field, other: other, anchor: c.anchor, cased: c.cased}))
		default:
			if v.kind != Number {
				return nil, failf(v.at, "write a number without quotes", "%q is not a number", v.text)
			}
			d, _ := parseDecimal(v.text)
			p := &predicate{kind: predCompare, field: field, cmp: c.cmp, number: d}
			if c.op == opTime {
				p.kind, p.unit = predTime, c.unit
			}
			kids = append(kids, b.predicate(p))
		}
	}
	if len(nets.nets) > 0 {
		kids = append(kids, b.predicate(nets))
	}
	if c.all {
		return join(exprAnd, kids), nil
	}
	return join(exprOr, kids), nil
}

func kindName(k Kind) string {
	return [...]string{"a text", "a number", "a boolean", "null"}[k]
}

func (b *exprBuilder) parseNet(s string, where position) (netip.Prefix, *fail) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	n, err := netip.ParsePrefix(s)
	if err != nil {
		return n, failf(where, "write for example 10.0.0.0/8 or fe80::/10", "%q is not a network", s)
	}
	if a := n.Addr(); a.Is4In6() {
		if n.Bits() < 96 {
			return n, failf(where, "write the IPv4 network, or an IPv6 one", "%q mixes IPv4 and IPv6 networks", s)
		}
		n = netip.PrefixFrom(a.Unmap(), n.Bits()-96)
	}
	if m := n.Masked(); m != n {
		b.warnings = append(b.warnings, failf(where, "write "+m.String(), "%q has host bits set; it is taken as %s", s, m).as("cidr-host-bits"))
		n = m
	}
	return n, nil
}
