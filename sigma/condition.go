package sigma

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

type condKind uint8

const (
	condRef condKind = iota // name
	condNot
	condAnd
	condOr
	condAtLeast // count of kids
)

// condition is a parsed condition expression over search identifiers.
type condition struct {
	kind  condKind
	name  string
	count int
	kids  []condition

	at position
	of string // what "1 of", "all of" was written with, such as "selection_*"
}

// parseConditions parses the condition, or the list of conditions, any one of
// which suffices.
func parseConditions(t *yamlTree, n *yaml.Node, names []string) (condition, *fail) {
	switch n.Kind {
	case yaml.ScalarNode:
		return parseCondition(n, names)
	case yaml.SequenceNode:
		if len(n.Content) == 0 {
			return condition{}, failf(at(n), "write one", "the list of conditions is empty")
		}
		or := condition{kind: condOr, at: at(n)}
		for _, c := range n.Content {
			c, f := t.resolve(c)
			if f != nil {
				return or, f
			}
			if c.Kind != yaml.ScalarNode {
				return or, failf(at(c), "write each condition as text", "a condition is not text")
			}
			k, f := parseCondition(c, names)
			if f != nil {
				return or, f
			}
			or.kids = append(or.kids, k)
		}
		return or, nil
	}
	return condition{}, failf(at(n), "write it as text, for example: selection and not filter", "the condition is a map")
}

type condToken struct {
	text string
	at   position
}

type condParser struct {
	tokens []condToken
	i      int
	end    position
	names  []string
	depth  int
	parts  int // that "1 of" and its like have added
}

func parseCondition(n *yaml.Node, names []string) (condition, *fail) {
	if len(n.Value) > MaxConditionLen {
		return condition{}, failf(at(n), "shorten it with patterns such as 1 of selection_*", "the condition has more than %d bytes", MaxConditionLen)
	}
	p := &condParser{names: names}
	p.tokens, p.end = condTokens(n)
	if len(p.tokens) == 0 {
		return condition{}, failf(at(n), "name a search identifier", "the condition is empty")
	}
	for _, tok := range p.tokens {
		if tok.text == "|" {
			return condition{}, failf(tok.at, "write a correlation rule (event_count, value_count, temporal) instead", "aggregations after | were removed in Sigma 2")
		}
	}
	c, f := p.or()
	if f == nil && p.i < len(p.tokens) {
		f = failf(p.tokens[p.i].at, "join expressions with and, or", "%q is not expected here", p.tokens[p.i].text)
	}
	return c, f
}

// condTokens cuts the text into words, parentheses and pipes. Columns are
// right for conditions on one line, which is nearly all of them.
func condTokens(n *yaml.Node) ([]condToken, position) {
	var out []condToken
	column := n.Column
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		column++
	}
	place := func(i int) position {
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			return at(n)
		}
		return position{n.Line, column + i}
	}
	s, start := n.Value, -1
	word := func(i int) {
		if start >= 0 {
			out = append(out, condToken{s[start:i], place(start)})
			start = -1
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r':
			word(i)
		case '(', ')', '|':
			word(i)
			out = append(out, condToken{string(c), place(i)})
		default:
			if start < 0 {
				start = i
			}
		}
	}
	word(len(s))
	return out, place(len(s))
}

func (p *condParser) peek() (condToken, bool) {
	if p.i < len(p.tokens) {
		return p.tokens[p.i], true
	}
	return condToken{at: p.end}, false
}

// operator takes the next token if it is the given operator, in any case.
func (p *condParser) operator(name string) bool {
	if tok, ok := p.peek(); ok && strings.EqualFold(tok.text, name) {
		p.i++
		return true
	}
	return false
}

func (p *condParser) or() (condition, *fail) { return p.chain(condOr, "or", p.and) }

func (p *condParser) and() (condition, *fail) { return p.chain(condAnd, "and", p.not) }

func (p *condParser) chain(kind condKind, word string, operand func() (condition, *fail)) (condition, *fail) {
	first, f := operand()
	if f != nil {
		return first, f
	}
	c := condition{kind: kind, kids: []condition{first}, at: first.at}
	for p.operator(word) {
		k, f := operand()
		if f != nil {
			return c, f
		}
		c.kids = append(c.kids, k)
	}
	if len(c.kids) == 1 {
		return first, nil
	}
	return c, nil
}

func (p *condParser) not() (condition, *fail) {
	start, _ := p.peek()
	if !p.operator("not") {
		return p.primary()
	}
	if f := p.enter(); f != nil {
		return condition{}, f
	}
	defer p.leave()
	k, f := p.not()
	return condition{kind: condNot, kids: []condition{k}, at: start.at}, f
}

func (p *condParser) enter() *fail {
	if p.depth++; p.depth > MaxConditionDeep {
		return failf(p.end, "simplify it", "the condition is nested more than %d deep", MaxConditionDeep)
	}
	return nil
}

func (p *condParser) leave() { p.depth-- }

func (p *condParser) primary() (condition, *fail) {
	tok, ok := p.peek()
	if !ok {
		return condition{}, failf(tok.at, "name a search identifier", "the condition ends where an operand is expected")
	}
	p.i++
	if tok.text == "(" {
		if f := p.enter(); f != nil {
			return condition{}, f
		}
		defer p.leave()
		c, f := p.or()
		if f != nil {
			return c, f
		}
		if next, ok := p.peek(); !ok || next.text != ")" {
			return c, failf(next.at, "add )", "a parenthesis is not closed")
		}
		p.i++
		return c, nil
	}
	if p.operator("of") {
		return p.quantified(tok)
	}
	if slices.Contains(p.names, tok.text) {
		return condition{kind: condRef, name: tok.text, at: tok.at}, nil
	}
	remedy := "define it, or use one of: " + strings.Join(p.names, ", ")
	if strings.Contains(tok.text, "*") {
		remedy = "write 1 of " + tok.text + " or all of " + tok.text
	}
	return condition{}, failf(tok.at, remedy, "%q is not a search identifier of this rule", tok.text)
}

// quantified parses what follows "1 of".
func (p *condParser) quantified(quantity condToken) (condition, *fail) {
	target, ok := p.peek()
	if !ok || target.text == "(" || target.text == ")" {
		return condition{}, failf(target.at, "write them or a pattern such as selection_*", "of has no target")
	}
	p.i++
	var kids []condition
	for _, name := range p.names {
		if selects(target.text, name) {
			kids = append(kids, condition{kind: condRef, name: name, at: target.at})
		}
	}
	if p.parts += len(kids); p.parts > MaxExprNodes {
		return condition{}, failf(target.at, "name each search identifier once", "the condition expands to more than %d parts", MaxExprNodes)
	}
	if len(kids) == 0 {
		return condition{}, failf(target.at, "correct the pattern; the identifiers are: "+strings.Join(p.names, ", "), "%q selects no search identifier", target.text)
	}
	switch strings.ToLower(quantity.text) {
	case "all":
		return condition{kind: condAnd, kids: kids, at: quantity.at, of: target.text}, nil
	case "any":
		return condition{kind: condOr, kids: kids, at: quantity.at, of: target.text}, nil
	}
	n, err := strconv.Atoi(quantity.text)
	if err != nil || n < 1 {
		return condition{}, failf(quantity.at, "write 1, all, any or a number", "%q is not a quantity", quantity.text)
	}
	if n > len(kids) {
		return condition{}, failf(quantity.at, "lower the number or widen the pattern", "%d of %s can never hold: it selects %d", n, target.text, len(kids))
	}
	if n == 1 {
		return condition{kind: condOr, kids: kids, at: quantity.at, of: target.text}, nil
	}
	return condition{kind: condAtLeast, count: n, kids: kids, at: quantity.at, of: target.text}, nil
}

// selects reports whether an identifier is meant by "of target". Names that
// begin with an underscore are left out unless the pattern begins with one.
func selects(target, name string) bool {
	if target == "them" {
		return !strings.HasPrefix(name, "_")
	}
	if strings.HasPrefix(name, "_") && !strings.HasPrefix(target, "_") {
		return false
	}
	var p pattern
	for i, text := range strings.Split(target, "*") {
		if i > 0 {
			p = append(p, part{kind: partMany})
		}
		p = append(p, part{kind: partText, text: text})
	}
	return newGlob(p.compact()).match(name)
}
