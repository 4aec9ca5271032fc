package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Parse reads a query; the empty text matches everything. The error is always a
// [*SyntaxError].
//
//	or    = and { ("OR" | "||") and }
//	and   = unary { ["AND" | "&&"] unary }
//	unary = ("NOT" | "!" | "-") unary | "(" or ")" | field ":" value | text
//
// It is a recursive descent over bytes without a token list: what a character
// means depends on where it stands (a ":" ends a field name and is part of a
// value), so a tokenizer would have to know the grammar anyway.
func Parse(text string) (*Query, error) {
	p, q, err := begin(text)
	if err != nil {
		return nil, err
	}
	if !p.done() {
		return nil, p.fail(p.pos, len(text)-p.pos, "query.pipeline", "only events can be asked for here, not a table", "the end of the query", "\\| for the character")
	}
	return q, nil
}

// begin reads a query up to its end or its first pipe.
func begin(text string) (*parser, *Query, error) {
	q := &Query{Text: text}
	if len(text) > MaxLength {
		return nil, nil, &SyntaxError{Offset: MaxLength, Length: len(text) - MaxLength, Code: "query.too-long", Message: "the query is too long"}
	}
	if !utf8.ValidString(text) {
		at := 0
		for at < len(text) {
			r, n := utf8.DecodeRuneInString(text[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return nil, nil, &SyntaxError{Offset: at, Length: 1, Code: "query.not-utf8", Message: "not valid UTF-8"}
	}
	p := &parser{src: text}
	p.space()
	if p.done() || p.atPipe() {
		return p, q, nil
	}
	root, err := p.or(0)
	if err != nil {
		return nil, nil, err
	}
	if !p.done() && !p.atPipe() {
		return nil, nil, p.fail(p.pos, 1, "query.unexpected-close", "a closing parenthesis without its opening one", "the end of the query", "AND", "OR")
	}
	q.Root = root
	return p, q, nil
}

// parser reads src from pos. group is the field whose "(…)" is being read.
type parser struct {
	src   string
	pos   int
	terms int
	group *fieldName
}

// fieldName is a field as written.
type fieldName struct {
	place
	text string
}

func (p *parser) done() bool { return p.pos >= len(p.src) }

func (p *parser) peek() byte {
	if p.done() {
		return 0
	}
	return p.src[p.pos]
}

func (p *parser) space() {
	for !p.done() && isSpace(p.src[p.pos]) {
		p.pos++
	}
}

func (p *parser) fail(offset, length int, code, message string, expected ...string) *SyntaxError {
	offset = min(offset, len(p.src))
	return &SyntaxError{Offset: offset, Length: min(length, len(p.src)-offset), Code: code, Message: message, Expected: expected}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// keyword reports whether the word kw starts at pos and ends there.
func (p *parser) keyword(kw string) bool {
	rest := p.src[p.pos:]
	if !strings.HasPrefix(rest, kw) {
		return false
	}
	if kw == "&&" || kw == "||" {
		return true
	}
	return len(rest) == len(kw) || isSpace(rest[len(kw)]) || rest[len(kw)] == '(' || rest[len(kw)] == ')' || rest[len(kw)] == '"'
}

func (p *parser) accept(kws ...string) bool {
	for _, kw := range kws {
		if p.keyword(kw) {
			p.pos += len(kw)
			p.space()
			return true
		}
	}
	return false
}

func (p *parser) or(depth int) (Node, error) {
	start := p.pos
	first, err := p.and(depth)
	if err != nil {
		return nil, err
	}
	parts := []Node{first}
	for p.accept("OR", "||") {
		next, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		parts = append(parts, next)
	}
	if len(parts) == 1 {
		return first, nil
	}
	return Or{place{start, end(parts[len(parts)-1]) - start}, parts}, nil
}

func (p *parser) and(depth int) (Node, error) {
	start := p.pos
	first, err := p.unary(depth)
	if err != nil {
		return nil, err
	}
	parts := []Node{first}
	for !p.done() && p.peek() != ')' && !p.keyword("OR") && !p.keyword("||") && !p.atPipe() {
		p.accept("AND", "&&")
		next, err := p.unary(depth)
		if err != nil {
			return nil, err
		}
		parts = append(parts, next)
	}
	if len(parts) == 1 {
		return first, nil
	}
	return And{place{start, end(parts[len(parts)-1]) - start}, parts}, nil
}

func end(n Node) int {
	o, l := n.Span()
	return o + l
}

var aTerm = []string{"a field:value", "a word", "a \"phrase\"", "("}

func (p *parser) unary(depth int) (Node, error) {
	if depth > maxDepth {
		return nil, p.fail(p.pos, 1, "query.too-deep", "too many parentheses or NOTs inside each other")
	}
	start := p.pos
	switch {
	case p.done():
		return nil, p.fail(p.pos, 0, "query.term-missing", "the query ends where something to search for must follow", aTerm...)
	case p.keyword("AND"), p.keyword("OR"), p.keyword("&&"), p.keyword("||"):
		return nil, p.fail(p.pos, 2, "query.term-missing", "nothing to search for before this operator", aTerm...)
	case p.atPipe():
		return nil, p.fail(p.pos, 1, "query.term-missing", "nothing to search for before this pipe", append(aTerm, "\\| for the character")...)
	case p.peek() == ')':
		return nil, p.fail(p.pos, 1, "query.term-missing", "nothing to search for before this parenthesis", aTerm...)
	case p.accept("NOT"), p.negation():
		part, err := p.unary(depth + 1)
		if err != nil {
			return nil, err
		}
		return Not{place{start, end(part) - start}, part}, nil
	case p.peek() == '(':
		p.pos++
		p.space()
		inner, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.peek() != ')' {
			return nil, p.fail(p.pos, 0, "query.unclosed", "a parenthesis is not closed", ")", "AND", "OR")
		}
		p.pos++
		p.space()
		return inner, nil
	}
	if p.terms++; p.terms > maxTerms {
		return nil, p.fail(start, 1, "query.too-many-terms", "too many terms in one query")
	}
	if p.group != nil {
		return p.value(*p.group, depth)
	}
	return p.term(depth)
}

// negation accepts "!" anywhere and "-" right before a term; inside field:(…) a
// "-" belongs to the value, because there it is mostly a number's.
func (p *parser) negation() bool {
	switch {
	case p.peek() == '!':
		p.pos++
		p.space()
		return true
	case p.peek() == '-' && p.group == nil && p.pos+1 < len(p.src) && !isSpace(p.src[p.pos+1]) && p.src[p.pos+1] != ')':
		p.pos++
		return true
	}
	return false
}

// term reads field:value or free text.
func (p *parser) term(depth int) (Node, error) {
	start := p.pos
	if p.peek() == '~' {
		return p.regex(fieldName{}, start)
	}
	w, err := p.word(true)
	if err != nil {
		return nil, err
	}
	if p.peek() != ':' {
		length := p.pos - start
		p.space()
		return Term{place: place{start, length}, Op: Text, Pattern: w.pattern()}, nil
	}
	if len(w.pat.Wild) != 0 {
		return nil, p.fail(start, p.pos-start, "query.wild-field", "a field name has no wildcards", "a field name")
	}
	if w.text == "" {
		return nil, p.fail(start, 1, "query.field-missing", "no field name before the colon", aTerm...)
	}
	f := fieldName{place{start, p.pos - start}, w.text}
	p.pos++
	p.space()
	if op, ok := existence(w.text); ok {
		return p.existence(op, start)
	}
	return p.value(f, depth)
}

func existence(name string) (Op, bool) {
	switch strings.ToLower(name) {
	case "_exists_":
		return Exists, true
	case "_null_":
		return IsNull, true
	}
	return 0, false
}

func (p *parser) existence(op Op, start int) (Node, error) {
	if p.done() || p.peek() == ')' || p.peek() == '(' {
		return nil, p.fail(p.pos, 1, "query.field-missing", "no field name after the colon", "a field name")
	}
	at := p.pos
	w, err := p.word(false)
	if err != nil {
		return nil, err
	}
	if w.text == "" {
		return nil, p.fail(at, p.pos-at, "query.field-missing", "no field name after the colon", "a field name")
	}
	if len(w.pat.Wild) != 0 {
		return nil, p.fail(at, p.pos-at, "query.wild-field", "a field name has no wildcards", "a field name")
	}
	length := p.pos - start
	p.space()
	return Term{place: place{start, length}, Op: op, Field: w.text}, nil
}

var aValue = []string{"a value", "a \"quoted value\"", "a comparison such as >=10", "a range such as [1 TO 5]", "("}

// value reads what follows field: (or stands inside its parentheses).
func (p *parser) value(f fieldName, depth int) (Node, error) {
	start := p.pos
	if p.group == nil {
		start = f.offset
	}
	if p.done() {
		return nil, p.fail(p.pos, 0, "query.value-missing", "no value after the colon", aValue...)
	}
	switch c := p.peek(); {
	case c == ')':
		return nil, p.fail(p.pos, 1, "query.value-missing", "no value after the colon", aValue...)
	case c == '(':
		p.group = &f
		inner, err := p.unary(depth + 1)
		p.group = nil
		return inner, err
	case c == '>' || c == '<':
		return p.comparison(f, start)
	case c == '[' || c == '{':
		return p.interval(f, start)
	case c == '~':
		return p.regex(f, start)
	}
	at := p.pos
	w, err := p.word(false)
	if err != nil {
		return nil, err
	}
	t := Term{place: place{start, p.pos - start}, Op: Equal, Field: f.text, Pattern: w.pattern()}
	if isTime(f.text) {
		if t, err = p.timeEqual(t, w, at); err != nil {
			return nil, err
		}
	} else if block, bits, ok := network(w.text); ok && !w.quoted {
		if !block.IsValid() {
			return nil, p.fail(at, p.pos-at, "query.bad-network", fmt.Sprintf("a network of this kind has 0 to %d bits", bits), "a network such as 10.0.0.0/8 or 2001:db8::/32", "a \"quoted value\"")
		}
		t = Term{place: t.place, Op: Within, Field: f.text, Network: block}
	}
	p.space()
	return t, nil
}
