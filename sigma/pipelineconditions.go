package sigma

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The three sorts of conditions a step can have. All sorts must hold.
type (
	ruleTest  func(*processing) bool
	itemTest  func(*processing, *item) bool
	fieldTest struct {
		// name tells whether the condition holds for a field name, "" being
		// that of keywords.
		name func(p *processing, name string) bool
		// item, if set, is asked instead of name where the name stands in a
		// detection item.
		item itemTest
	}
)

// logic joins the conditions of one sort: all of them, any of them, or an
// expression over their names.
type logic struct {
	count  int
	any    bool
	negate bool
	expr   *condition
	names  []string // of the conditions, in their order; for expr
}

func (l *logic) holds(test func(i int) bool) bool {
	if l.count == 0 {
		return true
	}
	held := !l.any
	if l.expr != nil {
		held = l.eval(l.expr, test)
	} else {
		for i := range l.count {
			if test(i) == l.any {
				held = l.any
				break
			}
		}
	}
	return held != l.negate
}

func (l *logic) eval(c *condition, test func(i int) bool) bool {
	switch c.kind {
	case condRef:
		return test(slices.Index(l.names, c.name))
	case condNot:
		return !l.eval(&c.kids[0], test)
	case condAnd:
		return !slices.ContainsFunc(c.kids, func(k condition) bool { return !l.eval(&k, test) })
	}
	return slices.ContainsFunc(c.kids, func(k condition) bool { return l.eval(&k, test) })
}

// forRule, forItem and forName tell whether the conditions of a step hold.

func (s *step) forRule(p *processing) bool {
	return s.ruleLogic.holds(func(i int) bool { return s.ruleTests[i](p) })
}

func (s *step) forItem(p *processing, it *item) bool {
	return s.itemLogic.holds(func(i int) bool { return s.itemTests[i](p, it) }) &&
		s.fieldLogic.holds(func(i int) bool { return s.fieldTests[i].forItem(p, it) })
}

func (s *step) forName(p *processing, name string) bool {
	return s.fieldLogic.holds(func(i int) bool { return s.fieldTests[i].name(p, name) })
}

// forItem holds if the condition does for the field of the item, or for a field
// that one of its values refers to.
func (t *fieldTest) forItem(p *processing, it *item) bool {
	if t.item != nil {
		return t.item(p, it)
	}
	return t.name(p, it.field) ||
		it.has("fieldref") && slices.ContainsFunc(it.values, func(v scalar) bool { return t.name(p, strings.TrimSpace(v.text)) })
}

func (it *item) has(modifier string) bool {
	return slices.ContainsFunc(it.modifiers, func(m modifierRef) bool { return m.name == modifier })
}

func (p *pipelineParser) parseConditions(a *arguments, s *step) *fail {
	f := parseTests(p, a, "rule", ruleConditions, &s.ruleLogic, &s.ruleTests)
	if f == nil {
		f = parseTests(p, a, "detection_item", itemConditions, &s.itemLogic, &s.itemTests)
	}
	if f == nil {
		f = parseTests(p, a, "field_name", fieldConditions, &s.fieldLogic, &s.fieldTests)
	}
	return f
}

// conditionRow is one row of the tables of conditions.
type conditionRow[T any] struct {
	name  string
	parse func(*arguments) (T, *fail)
}

// parseTests reads the conditions of one sort, a list of them or a map of named
// ones, and what joins them.
func parseTests[T any](p *pipelineParser, a *arguments, sort string, table []conditionRow[T], l *logic, tests *[]T) *fail {
	conds, ok := a.take(sort + "_conditions")
	op, hasOp := a.take(sort + "_cond_op")
	not, hasNot := a.take(sort + "_cond_not")
	expr, hasExpr := a.take(sort + "_cond_expr")
	if !ok || conds.value.Kind == yaml.ScalarNode && conds.value.ShortTag() == "!!null" {
		for _, kv := range []pair{op, not, expr} {
			if kv.key != "" {
				return failf(kv.at, "add "+sort+"_conditions or remove it", "%s has no conditions to join", kv.key)
			}
		}
		return nil
	}
	var nodes []*yaml.Node
	switch conds.value.Kind {
	case yaml.SequenceNode:
		nodes = conds.value.Content
	case yaml.MappingNode:
		pairs, f := p.tree.pairs(conds.value)
		if f != nil {
			return f
		}
		for _, kv := range pairs {
			l.names = append(l.names, kv.key)
			nodes = append(nodes, kv.value)
		}
	default:
		return failf(at(conds.value), "write a list of conditions", "%s is not a list", conds.key)
	}
	if len(nodes) == 0 {
		return failf(conds.at, "add one or remove it", "%s is empty", conds.key)
	}
	for _, n := range nodes {
		n, f := p.tree.resolve(n)
		if f != nil {
			return f
		}
		test, f := parseTest(p, n, table)
		if f != nil {
			return f
		}
		*tests = append(*tests, test)
	}
	l.count = len(*tests)
	if hasNot {
		var f *fail
		if l.negate, f = boolean(not); f != nil {
			return f
		}
	}
	if hasOp {
		switch {
		case hasExpr:
			return failf(op.at, "remove one of the two", "%s and %s exclude each other", op.key, expr.key)
		case op.value.Value != "and" && op.value.Value != "or":
			return failf(at(op.value), "write and or or", "%s cannot be %q", op.key, op.value.Value)
		}
		l.any = op.value.Value == "or"
	}
	if hasExpr {
		return l.parseExpr(expr, conds)
	}
	return nil
}

func parseTest[T any](p *pipelineParser, n *yaml.Node, table []conditionRow[T]) (T, *fail) {
	var none T
	a, f := p.arguments(n, "a condition", "condition")
	if f != nil {
		return none, f
	}
	for _, row := range table {
		if row.name != a.kind {
			continue
		}
		test, f := row.parse(a)
		if f == nil {
			f = a.done()
		}
		return test, f
	}
	names := make([]string, len(table))
	for i, row := range table {
		names[i] = row.name
	}
	return none, failf(a.at, "use one of: "+strings.Join(names, ", "), "unknown condition %q", a.kind)
}

// parseExpr reads an expression over the named conditions: names, not, and, or,
// parentheses.
func (l *logic) parseExpr(expr, conds pair) *fail {
	const remedy = "write for example: a and not (b or c)"
	if l.names == nil {
		return failf(conds.at, "give each condition a name: a map instead of a list", "%s needs named conditions", expr.key)
	}
	if expr.value.Kind != yaml.ScalarNode {
		return failf(at(expr.value), remedy, "%s is not text", expr.key)
	}
	tokens, _ := condTokens(expr.value)
	for _, tok := range tokens {
		switch tok.text {
		case "and", "or", "not", "(", ")":
		default:
			if !slices.Contains(l.names, tok.text) {
				return failf(tok.at, "use the names "+strings.Join(l.names, ", "), "%q is not a condition of this step", tok.text)
			}
		}
	}
	c, f := parseCondition(expr.value, l.names)
	if f != nil {
		f.remedy = remedy
		return f
	}
	for _, name := range l.names {
		if !slices.ContainsFunc(tokens, func(t condToken) bool { return t.text == name }) {
			return failf(expr.at, "use it in the expression or remove it", "the condition %q is not used", name)
		}
	}
	l.expr = &c
	return nil
}
