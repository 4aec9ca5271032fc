package sigma

import (
	"encoding/base64"
	"strings"
)

// operation is what an item does with its values in the end.
type operation uint8

const (
	opMatch operation = iota // compare strings, numbers, booleans, null
	opRegex
	opCIDR
	opExists
	opFieldRef
	opCompare
	opTime
)

// opSet is a set of operations, for the table below.
type opSet uint8

func ops(list ...operation) opSet {
	var s opSet
	for _, op := range list {
		s |= 1 << op
	}
	return s
}

func (s opSet) has(op operation) bool { return s&(1<<op) != 0 }

// modifier is one row of the table of modifiers.
type modifier struct {
	name string
	// on lists the operations the modifier may follow. Most change strings
	// and so follow opMatch, which every chain begins with.
	on opSet
	// fresh modifiers decide the operation and want the value as written, so
	// no modifier that changes strings may stand before them.
	fresh bool
	apply func(c *chain, m modifierRef) *fail
}

// modifiers is the table of the specification's modifiers. To add one, add a
// row and a case file in testdata.
var modifiers = []modifier{
	// How values of a list are joined, and negation.
	{"all", ops(opMatch, opRegex, opCIDR, opFieldRef, opCompare, opTime), false, func(c *chain, _ modifierRef) *fail { c.all = true; return nil }},
	{"neq", ops(opMatch, opRegex, opCIDR, opFieldRef, opTime), false, func(c *chain, _ modifierRef) *fail { c.neq = true; return nil }},

	// Where in the field the value stands.
	{"contains", ops(opMatch, opRegex, opFieldRef), false, func(c *chain, m modifierRef) *fail { return c.anchorTo(shapeContains, m) }},
	{"startswith", ops(opMatch, opRegex, opFieldRef), false, func(c *chain, m modifierRef) *fail { return c.anchorTo(shapePrefix, m) }},
	{"endswith", ops(opMatch, opRegex, opFieldRef), false, func(c *chain, m modifierRef) *fail { return c.anchorTo(shapeSuffix, m) }},
	{"cased", ops(opMatch, opFieldRef), false, func(c *chain, _ modifierRef) *fail { c.cased = true; return nil }},

	// Changes of the text.
	{"windash", ops(opMatch), false, func(c *chain, m modifierRef) *fail { return c.transform(m, windash) }},
	{"wide", ops(opMatch), false, func(c *chain, m modifierRef) *fail { return c.encode(m, utf16LE) }},
	{"utf16le", ops(opMatch), false, func(c *chain, m modifierRef) *fail { return c.encode(m, utf16LE) }},
	{"utf16be", ops(opMatch), false, func(c *chain, m modifierRef) *fail { return c.encode(m, utf16BE) }},
	{"utf16", ops(opMatch), false, func(c *chain, m modifierRef) *fail { return c.encode(m, utf16BOM) }},
	{"base64", ops(opMatch), false, func(c *chain, m modifierRef) *fail {
		return c.transform(m, plainOnly(m, func(s string) []string { return []string{base64.StdEncoding.EncodeToString([]byte(s))} }))
	}},
	{"base64offset", ops(opMatch), false, func(c *chain, m modifierRef) *fail { return c.transform(m, plainOnly(m, base64Offsets)) }},
	{"expand", ops(opMatch, opRegex, opCIDR), false, (*chain).expandHolders},

	// Other operations than comparing text.
	{"re", ops(opMatch), true, func(c *chain, _ modifierRef) *fail { c.op = opRegex; return nil }},
	{"i", ops(opRegex), false, func(c *chain, _ modifierRef) *fail { c.flags += "i"; return nil }},
	{"m", ops(opRegex), false, func(c *chain, _ modifierRef) *fail { c.flags += "m"; return nil }},
	{"s", ops(opRegex), false, func(c *chain, _ modifierRef) *fail { c.flags += "s"; return nil }},
	{"cidr", ops(opMatch), true, func(c *chain, _ modifierRef) *fail { c.op = opCIDR; return nil }},
	{"exists", ops(opMatch), true, func(c *chain, m modifierRef) *fail {
		if c.all || c.neq || c.cased {
			return failf(m.at, "write true or false and no other modifier", "exists takes no other modifier")
		}
		c.op = opExists
		return nil
	}},
	{"fieldref", ops(opMatch), true, func(c *chain, _ modifierRef) *fail { c.op = opFieldRef; return nil }},

	// Numbers, and numbers taken from dates.
	{"lt", ops(opMatch, opTime), true, compareBy(less)},
	{"lte", ops(opMatch, opTime), true, compareBy(lessEqual)},
	{"gt", ops(opMatch, opTime), true, compareBy(greater)},
	{"gte", ops(opMatch, opTime), true, compareBy(greaterEqual)},
	{"minute", ops(opMatch), true, takeTime(unitMinute)},
	{"hour", ops(opMatch), true, takeTime(unitHour)},
	{"day", ops(opMatch), true, takeTime(unitDay)},
	{"week", ops(opMatch), true, takeTime(unitWeek)},
	{"month", ops(opMatch), true, takeTime(unitMonth)},
	{"year", ops(opMatch), true, takeTime(unitYear)},
}

func findModifier(name string) *modifier {
	for i := range modifiers {
		if modifiers[i].name == name {
			return &modifiers[i]
		}
	}
	return nil
}

func modifierNames() string {
	names := make([]string, len(modifiers))
	for i, m := range modifiers {
		names[i] = m.name
	}
	return strings.Join(names, ", ")
}

// chain is an item on its way through its modifiers, from left to right.
type chain struct {
	item   *item
	opts   *Options
	budget *budget

	op      operation
	values  []chainValue
	touched string // the last modifier that changed the text

	all, neq, cased, expand bool

	anchor     shape // shapeEqual until contains, startswith or endswith
	anchorName string
	flags      string
	cmp        comparison
	compared   bool
	unit       timeUnit
}

// budget is what one rule may still use of the limits.
type budget struct {
	values, bytes, patterns, steps int
}

func newBudget() budget {
	return budget{values: MaxValues, bytes: MaxTextBytes, patterns: MaxPatterns, steps: MaxSteps}
}

// step charges for what the index does not find.
func (b *budget) step(n int, where position) *fail {
	if b.steps -= n; b.steps < 0 {
		return failf(where, "split the rule, or use fewer regular expressions, inner wildcards and cased values",
			"the rule would take more than %d steps for each byte of a value", MaxSteps)
	}
	return nil
}

// chainValue is one written value and the patterns made of it; the field
// matches the value if it matches any of them.
type chainValue struct {
	scalar
	alts []pattern
}

func newChain(it *item, opts *Options, budget *budget) (*chain, *fail) {
	c := &chain{item: it, opts: opts, budget: budget}
	for _, m := range it.modifiers {
		c.expand = c.expand || m.name == "expand"
	}
	for _, v := range it.values {
		if v.kind == Null && it.list {
			return nil, failf(v.at, "use a list of maps, one of them with field: null", "null inside a list is not allowed since Sigma 2.1")
		}
		c.values = append(c.values, chainValue{v, []pattern{parsePattern(v.text, c.expand)}})
		if f := c.spend(1, len(v.text), v.at); f != nil {
			return nil, f
		}
	}
	for _, m := range it.modifiers {
		row := findModifier(m.name)
		if row == nil {
			remedy := "use one of: " + modifierNames()
			if low := strings.ToLower(strings.TrimSpace(m.name)); findModifier(low) != nil {
				remedy = "write " + low
			}
			return nil, failf(m.at, remedy, "unknown modifier %q", m.name).as("unknown-modifier")
		}
		if f := c.step(row, m); f != nil {
			return nil, f
		}
	}
	return c, nil
}

func (c *chain) step(row *modifier, m modifierRef) *fail {
	seen := 0
	for _, other := range c.item.modifiers {
		if other.name == m.name {
			seen++
		}
	}
	if seen > 1 && m.name != "base64" {
		return failf(m.at, "write it once", "the modifier %s is given twice", m.name)
	}
	if !row.on.has(c.op) {
		if strings.Contains("ims", m.name) {
			return failf(m.at, "put it after re, for example field|re|"+m.name, "the modifier %s belongs to re", m.name)
		}
		return failf(m.at, "remove one of the two", "the modifier %s cannot follow %s", m.name, operationNames[c.op])
	}
	if row.fresh && c.touched != "" {
		return failf(m.at, "remove "+c.touched, "the modifier %s cannot follow %s, which changes the text", m.name, c.touched)
	}
	return row.apply(c, m)
}

var operationNames = map[operation]string{
	opMatch: "a plain value", opRegex: "re", opCIDR: "cidr", opExists: "exists",
	opFieldRef: "fieldref", opCompare: "a comparison", opTime: "a time unit",
}

func (c *chain) spend(values, bytes int, where position) *fail {
	if c.budget.values -= values; c.budget.values < 0 {
		return failf(where, "split the rule", "the rule has more than %d values once its modifiers are applied", MaxValues)
	}
	if c.budget.bytes -= bytes; c.budget.bytes < 0 {
		return failf(where, "split the rule", "the values of the rule have more than %d bytes once its modifiers are applied", MaxTextBytes)
	}
	return nil
}

// transform replaces each pattern by the ones f makes of it.
func (c *chain) transform(m modifierRef, f func(pattern) ([]pattern, *fail)) *fail {
	c.touched = m.name
	for i := range c.values {
		v := &c.values[i]
		if v.kind == Null {
			return failf(v.at, "give a text", "the modifier %s needs a text, not null", m.name)
		}
		var alts []pattern
		for _, p := range v.alts {
			more, err := f(p)
			if err != nil {
				if err.at == (position{}) {
					err.at = v.at
				}
				return err
			}
			alts = append(alts, more...)
			grown := -p.size()
			for _, q := range more {
				grown += q.size()
			}
			if err := c.spend(len(more)-1, grown, v.at); err != nil {
				return err
			}
		}
		v.alts = alts
	}
	return nil
}

func (c *chain) anchorTo(s shape, m modifierRef) *fail {
	if c.anchor != shapeEqual {
		return failf(m.at, "keep one; contains includes the other two", "%s and %s contradict each other", c.anchorName, m.name)
	}
	c.anchor, c.anchorName = s, m.name
	if c.op != opMatch {
		return nil
	}
	return c.transform(m, func(p pattern) ([]pattern, *fail) {
		if s != shapePrefix {
			p = p.openStart()
		}
		if s != shapeSuffix {
			p = p.openEnd()
		}
		return []pattern{p}, nil
	})
}

func (c *chain) encode(m modifierRef, f func(string) string) *fail {
	return c.transform(m, func(p pattern) ([]pattern, *fail) { return []pattern{p.mapText(f)}, nil })
}

func plainOnly(m modifierRef, f func(string) []string) func(pattern) ([]pattern, *fail) {
	return func(p pattern) ([]pattern, *fail) {
		if p.wild() || p.has(partHolder) {
			return nil, failf(position{}, "put "+m.name+" before contains, startswith and endswith and after expand; escape a literal * or ? with a backslash", "%s cannot encode a value with wildcards or placeholders", m.name)
		}
		var out []pattern
		for _, s := range f(p.plain()) {
			out = append(out, pattern{{kind: partText, text: s}}.compact())
		}
		return out, nil
	}
}

func compareBy(cmp comparison) func(*chain, modifierRef) *fail {
	return func(c *chain, m modifierRef) *fail {
		if c.neq {
			return failf(m.at, "negate the search identifier in the condition instead", "neq cannot be combined with %s", m.name)
		}
		if c.compared {
			return failf(m.at, "write two items, one for each bound, in two search identifiers", "two comparisons in one item")
		}
		if c.op == opMatch {
			c.op = opCompare
		}
		c.cmp, c.compared = cmp, true
		return nil
	}
}

func takeTime(u timeUnit) func(*chain, modifierRef) *fail {
	return func(c *chain, _ modifierRef) *fail {
		c.op, c.unit = opTime, u
		return nil
	}
}
