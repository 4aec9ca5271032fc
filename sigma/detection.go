package sigma

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// detection is the detection section as written: names resolved and shape
// checked, values not yet run through their modifiers.
type detection struct {
	searches  map[string]*searchNode
	order     []string
	condition condition
}

type nodeKind uint8

const (
	nodeAnd nodeKind = iota
	nodeOr
	nodeItem
)

// searchNode is a search identifier or a part of one: a map is an And of
// items, a list an Or of whatever it holds.
type searchNode struct {
	kind nodeKind
	kids []*searchNode
	item *item
}

// item is one "field|modifier|...: values" line. Keywords have no field.
type item struct {
	at        position
	field     string
	modifiers []modifierRef
	values    []scalar
	list      bool // the values were written as a list
}

type modifierRef struct {
	name string
	at   position
}

func parseDetection(t *yamlTree, n *yaml.Node) (detection, *fail) {
	d := detection{searches: map[string]*searchNode{}}
	if n.Kind != yaml.MappingNode {
		return d, failf(at(n), "write search identifiers and a condition under it", "detection is not a map")
	}
	pairs, f := t.pairs(n)
	if f != nil {
		return d, f
	}
	var cond *pair
	for i, p := range pairs {
		switch p.key {
		case "condition":
			cond = &pairs[i]
			continue
		case "timeframe":
			return d, failf(p.at, "write a correlation rule with a timespan", "detection.timeframe belongs to the aggregations that Sigma 2 removed")
		case "and", "or", "not", "AND", "OR", "NOT":
			return d, failf(p.at, "rename it", "%q is an operator and cannot name a search identifier", p.key)
		}
		s, f := parseSearch(t, p.value, 0)
		if f != nil {
			return d, f
		}
		d.searches[p.key] = s
		d.order = append(d.order, p.key)
	}
	if cond == nil {
		return d, failf(at(n), "add condition: with the names of the search identifiers", "detection has no condition")
	}
	if len(d.order) == 0 {
		return d, failf(at(n), "add at least one, for example selection:", "detection has no search identifier")
	}
	if d.condition, f = parseConditions(t, cond.value, d.order); f != nil {
		return d, f
	}
	return d, nil
}

func parseSearch(t *yamlTree, n *yaml.Node, depth int) (*searchNode, *fail) {
	if depth > MaxYAMLDepth {
		return nil, failf(at(n), "flatten it", "lists are nested more than %d deep", MaxYAMLDepth)
	}
	switch n.Kind {
	case yaml.MappingNode:
		pairs, f := t.pairs(n)
		if f != nil {
			return nil, f
		}
		if len(pairs) == 0 {
			return nil, failf(at(n), "add at least one field", "an empty map selects nothing")
		}
		and := &searchNode{kind: nodeAnd}
		for _, p := range pairs {
			it, f := parseItem(t, p)
			if f != nil {
				return nil, f
			}
			and.kids = append(and.kids, &searchNode{kind: nodeItem, item: it})
		}
		return and, nil
	case yaml.SequenceNode:
		return parseSearchList(t, n, depth)
	}
	s, f := toScalar(n)
	if f != nil {
		return nil, f
	}
	return &searchNode{kind: nodeItem, item: &item{at: s.at, values: []scalar{s}}}, nil
}

// parseSearchList joins neighbouring plain values into one keyword item, so
// that a list of ten thousand keywords stays one predicate.
func parseSearchList(t *yamlTree, n *yaml.Node, depth int) (*searchNode, *fail) {
	if len(n.Content) == 0 {
		return nil, failf(at(n), "add values or remove it", "an empty list selects nothing")
	}
	or := &searchNode{kind: nodeOr}
	var keywords *item
	for _, c := range n.Content {
		c, f := t.resolve(c)
		if f != nil {
			return nil, f
		}
		if c.Kind != yaml.ScalarNode {
			kid, f := parseSearch(t, c, depth+1)
			if f != nil {
				return nil, f
			}
			or.kids = append(or.kids, kid)
			continue
		}
		s, f := toScalar(c)
		if f != nil {
			return nil, f
		}
		if keywords == nil {
			keywords = &item{at: at(n), list: true}
			or.kids = append(or.kids, &searchNode{kind: nodeItem, item: keywords})
		}
		keywords.values = append(keywords.values, s)
	}
	return or, nil
}

func parseItem(t *yamlTree, p pair) (*item, *fail) {
	field, mods, _ := strings.Cut(p.key, "|")
	it := &item{at: p.at, field: strings.TrimSpace(field)}
	column := p.at.column + len(field)
	if mods != "" || strings.Contains(p.key, "|") {
		for _, m := range strings.Split(mods, "|") {
			column++
			it.modifiers = append(it.modifiers, modifierRef{m, position{p.at.line, column}})
			column += len(m)
		}
	}
	if it.field == "" && len(it.modifiers) == 0 {
		return nil, failf(p.at, "name the field, or write keywords as a list", "a field name is empty")
	}
	switch v := p.value; v.Kind {
	case yaml.ScalarNode:
		s, f := toScalar(v)
		if f != nil {
			return nil, f
		}
		it.values = []scalar{s}
	case yaml.SequenceNode:
		it.list = true
		if len(v.Content) == 0 {
			return nil, failf(at(v), "add values or remove the field", "the field %q has an empty list", p.key)
		}
		for _, c := range v.Content {
			c, f := t.resolve(c)
			if f != nil {
				return nil, f
			}
			if c.Kind != yaml.ScalarNode {
				return nil, failf(at(c), "list plain values; write nested fields as dotted names", "a value of %q is itself a list or map", p.key)
			}
			s, f := toScalar(c)
			if f != nil {
				return nil, f
			}
			it.values = append(it.values, s)
		}
	default:
		return nil, failf(at(v), "write nested fields as dotted names, for example "+p.key+".name", "the value of %q is a map", p.key)
	}
	return it, nil
}

// fieldNames returns the fields the items name, sorted.
func (d *detection) fieldNames() []string {
	var names []string
	var walk func(n *searchNode)
	walk = func(n *searchNode) {
		for _, k := range n.kids {
			walk(k)
		}
		if n.item == nil {
			return
		}
		if n.item.field != "" {
			names = append(names, n.item.field)
		}
		if slices.ContainsFunc(n.item.modifiers, func(m modifierRef) bool { return m.name == "fieldref" }) {
			for _, v := range n.item.values {
				names = append(names, v.text)
			}
		}
	}
	for _, s := range d.searches {
		walk(s)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
