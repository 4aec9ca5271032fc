package sigma

import (
	"slices"
	"strings"
)

// look is what steps see of an item's values: they stand after the modifiers,
// as in pySigma, so that contains: x is the pattern *x*. Placeholders are not
// resolved yet.
type look struct {
	op     operation
	all    bool
	neq    bool
	cased  bool
	values []lookValue
}

// lookValue is one value. The field matches it if it matches any of alts, of
// which encodings make several.
type lookValue struct {
	scalar
	isText bool      // a Sigma string, not a number, a regular expression, …
	alts   []pattern // nil under another operation than a plain comparison
}

// look runs the modifiers of an item. What is wrong with them is wrong with the
// rule: it is kept in p.fault and the result is empty.
func (p *processing) look(it *item) look {
	budget := newBudget()
	c := &chain{item: it, opts: p.opts, budget: &budget, expand: it.has("expand")}
	for _, v := range it.values {
		c.values = append(c.values, chainValue{v, []pattern{parsePattern(v.text, c.expand)}})
	}
	for _, m := range it.modifiers {
		row := findModifier(m.name)
		if row == nil || m.name == "expand" {
			continue // refused by Compile; resolved by steps or by Compile
		}
		if f := c.step(row, m); f != nil {
			if p.fault == nil {
				p.fault = p.placed(f)
			}
			return look{}
		}
	}
	out := look{op: c.op, all: c.all, neq: c.neq, cased: c.cased}
	for _, v := range c.values {
		isText := c.op == opMatch && (v.kind == String || v.kind != Null && c.touched != "")
		alts := v.alts
		if c.op != opMatch {
			alts = nil
		}
		out.values = append(out.values, lookValue{v.scalar, isText, alts})
	}
	return out
}

// is compares with a value written in a pipeline, exactly.
func (v lookValue) is(want scalar) bool {
	if v.isText {
		return want.kind == String && slices.ContainsFunc(v.alts, func(p pattern) bool {
			return slices.Equal(p.compact(), parsePattern(want.text, false).compact())
		})
	}
	return v.alts != nil && compareScalars("eq", v.scalar, want)
}

// rewritten makes an item, or several joined, of values that a step has
// changed. The text of the values now says it all, so only the modifiers that
// are about more than one value stay.
func (p *processing) rewritten(it *item, l look, values []lookValue) *searchNode {
	plain := func(values []lookValue, all bool) *searchNode {
		expand := slices.ContainsFunc(values, func(v lookValue) bool {
			return slices.ContainsFunc(v.alts, func(x pattern) bool { return v.isText && x.has(partHolder) })
		})
		out := &item{at: it.at, field: it.field, list: it.list && len(it.values) > 1 || len(values) > 1}
		keep := func(name string, when bool) {
			if when {
				out.modifiers = append(out.modifiers, modifierRef{name, it.at})
			}
		}
		// A keyword is looked for anywhere unless it has an anchor.
		keep("startswith", it.field == "" && it.has("startswith"))
		keep("endswith", it.field == "" && it.has("endswith"))
		keep("cased", l.cased)
		keep("expand", expand)
		keep("all", all)
		keep("neq", l.neq)
		for _, v := range values {
			if !v.isText {
				out.values = append(out.values, v.scalar)
				continue
			}
			for _, x := range v.alts {
				out.values = append(out.values, scalar{at: v.at, kind: String, text: x.written(expand)})
			}
		}
		out.list = out.list || len(out.values) > 1
		return &searchNode{kind: nodeItem, item: out}
	}
	if !l.all {
		return plain(values, false)
	}
	if !slices.ContainsFunc(values, func(v lookValue) bool { return v.isText && len(v.alts) > 1 }) {
		return plain(values, len(values) > 1)
	}
	// all over values that are alternatives themselves is an And of items. Its
	// negation is an Or of negated ones.
	out := &searchNode{kind: nodeAnd}
	if l.neq {
		out.kind = nodeOr
	}
	for _, v := range values {
		out.kids = append(out.kids, plain([]lookValue{v}, false))
	}
	return out
}

// shown is the text that the regular expressions of steps see: as in a rule, but
// with backslashes single, and escapes only before literal * and ?.
func (p pattern) shown() string {
	var b strings.Builder
	for _, a := range p.atoms() {
		b.WriteString(a.shown)
	}
	return b.String()
}

// atom is a piece of the shown text and what it stands for.
type atom struct {
	at    int // where it begins
	shown string
	part  part
}

func (p pattern) atoms() []atom {
	var out []atom
	n := 0
	add := func(shown string, x part) {
		out = append(out, atom{n, shown, x})
		n += len(shown)
	}
	for _, x := range p {
		switch x.kind {
		case partMany:
			add("*", x)
		case partOne:
			add("?", x)
		case partHolder:
			add("%"+x.text+"%", x)
		default:
			for s := x.text; s != ""; {
				i := strings.IndexAny(s, "*?")
				if i < 0 {
					i = len(s)
				}
				if i > 0 {
					add(s[:i], part{kind: partText, text: s[:i]})
				}
				if i < len(s) {
					add(`\`+s[i:i+1], part{kind: partText, text: s[i : i+1]})
					i++
				}
				s = s[i:]
			}
		}
	}
	return out
}

// written is the pattern as a rule would write it: parsePattern reads it back.
func (p pattern) written(expand bool) string {
	var b strings.Builder
	for i, x := range p {
		switch x.kind {
		case partMany:
			b.WriteByte('*')
		case partOne:
			b.WriteByte('?')
		case partHolder:
			b.WriteString("%" + x.text + "%")
		default:
			writeText(&b, x.text, i+1 < len(p), expand)
		}
	}
	return b.String()
}

// writeText escapes a text. A single backslash before an ordinary character
// needs no escape; before is whether a wildcard or placeholder follows.
func writeText(b *strings.Builder, s string, before, expand bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '*' || c == '?' || c == '%' && expand:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\\':
			b.WriteByte(c)
			run := i > 0 && s[i-1] == '\\'
			if i+1 == len(s) {
				run = run || before
			} else {
				run = run || strings.IndexByte(`\*?`, s[i+1]) >= 0 || expand && s[i+1] == '%'
			}
			if run {
				b.WriteByte(c)
			}
		default:
			b.WriteByte(c)
		}
	}
}
