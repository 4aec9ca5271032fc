package query

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Limits of one regular expression.
const (
	maxRegexLength = 1 << 10 // bytes as written
	maxRegexSize   = 5000    // instructions and character ranges, repetitions written out
)

// Regex is a regular expression of RE2 syntax. It is case-sensitive and fits
// anywhere in a value unless it says otherwise.
type Regex struct {
	Source string // as written
	// Portable means the same as Source to every engine of RE2 syntax, whatever
	// its tables of Unicode: named classes are ranges, and what (?i) adds beyond
	// ASCII is spelled out.
	Portable string
	re       *regexp.Regexp
	needle   string
}

// MatchString reports whether s holds a match.
func (r *Regex) MatchString(s string) bool { return r.re.MatchString(s) }

// compileRegex makes a Regex. anchors reports whether a match depends on what
// stands around it.
func compileRegex(source string) (r *Regex, anchors bool, err error) {
	if len(source) > maxRegexLength {
		return nil, false, errRegexSize
	}
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, false, err
	}
	if regexSize(tree, maxRegexSize) > maxRegexSize {
		return nil, false, errRegexSize
	}
	if holds(tree, syntax.OpNoWordBoundary) {
		return nil, false, errRegexBoundary
	}
	anchors = spellOut(tree)
	r = &Regex{Source: source, Portable: tree.String(), needle: needle(tree)}
	// What both engines get is one text, so that there is nothing to differ in
	// but the engines.
	r.re, err = regexp.Compile(r.Portable)
	return r, anchors, err
}

// errRegexBoundary: engines that walk bytes see a \B inside a letter of several
// bytes.
var errRegexBoundary = errors.New(`\B is not supported; write \b, or the characters that may stand there`)

func holds(t *syntax.Regexp, op syntax.Op) bool {
	return t.Op == op || slices.ContainsFunc(t.Sub, func(s *syntax.Regexp) bool { return holds(s, op) })
}

var errRegexSize = errors.New("the regular expression is too large")

// regexSize counts roughly what an automaton of the tree needs; it stops
// counting beyond limit.
func regexSize(t *syntax.Regexp, limit int) int {
	n := 1 + len(t.Rune)
	for _, s := range t.Sub {
		if n += regexSize(s, limit); n > limit {
			return n
		}
	}
	if t.Op == syntax.OpRepeat {
		n *= max(t.Min, t.Max, 1)
	}
	return n
}

// spellOut rewrites literals without case that go beyond ASCII as classes, and
// reports whether the tree holds an anchor or word boundary.
func spellOut(t *syntax.Regexp) (anchors bool) {
	switch t.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary:
		return true
	case syntax.OpCapture:
		t.Name = "" // engines differ in how names are written
	case syntax.OpLiteral:
		if t.Flags&syntax.FoldCase != 0 {
			foldLiteral(t)
		}
	}
	for _, s := range t.Sub {
		if spellOut(s) {
			anchors = true
		}
	}
	return anchors
}

func foldLiteral(t *syntax.Regexp) {
	subs := make([]*syntax.Regexp, len(t.Rune))
	for i, r := range t.Rune {
		class := []rune{r, r}
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			class = append(class, f, f)
		}
		subs[i] = &syntax.Regexp{Op: syntax.OpCharClass, Rune: class}
	}
	*t = syntax.Regexp{Op: syntax.OpConcat, Sub: subs}
}

// regex reads what follows "~": a quoted expression, in which only \" and \\
// are escapes, or one up to a space or the parenthesis that closes the group
// around it.
func (p *parser) regex(f fieldName, start int) (Node, error) {
	p.pos++
	at := p.pos
	var source string
	if p.peek() == '"' {
		w, err := p.phrase()
		if err != nil {
			return nil, err
		}
		source = w.text
	} else {
		source = p.bareRegex()
	}
	if source == "" {
		return nil, p.fail(at, max(p.pos-at, 1), "query.regex-missing", "no regular expression after the ~", "a regular expression such as ~^adm[0-9]+$", "a quoted one such as ~\"a b\"")
	}
	if f.text != "" && isTime(f.text) {
		return nil, p.fail(at, p.pos-at, "query.bad-time", "a time has no regular expression", aTime...)
	}
	r, anchors, err := compileRegex(source)
	if errors.Is(err, errRegexSize) {
		return nil, p.fail(at, p.pos-at, "query.regex-too-large", "the regular expression is too large: too long, or repeated too often")
	} else if err != nil {
		why := err.Error()
		if se, ok := errors.AsType[*syntax.Error](err); ok {
			why = se.Code.String()
			if se.Expr != "" {
				why += ": " + se.Expr
			}
		}
		return nil, p.fail(at, p.pos-at, "query.bad-regex", "not a regular expression (RE2 syntax): "+why)
	}
	if anchors && f.text == "" {
		// A value may stand anywhere in the record, and is kept there only: its
		// ends cannot be told.
		return nil, p.fail(at, p.pos-at, "query.regex-anchor", `^, $ and \b need a field to stand in`, "raw:~… for the whole record", "field:~…")
	}
	t := Term{place: place{start, p.pos - start}, Op: Matches, Field: f.text, Regex: r}
	p.space()
	return t, nil
}

func (p *parser) bareRegex() string {
	start, depth, class := p.pos, 0, false
	for ; !p.done() && !isSpace(p.peek()); p.pos++ {
		switch c := p.peek(); {
		case c == '\\' && p.pos+1 < len(p.src) && !isSpace(p.src[p.pos+1]):
			p.pos++
		case class:
			// "]" right after "[" or "[^" is a member of the class.
			if c == ']' && !strings.HasSuffix(strings.TrimSuffix(p.src[start:p.pos], "^"), "[") {
				class = false
			}
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			if depth == 0 {
				return p.src[start:p.pos]
			}
			depth--
		}
	}
	return p.src[start:p.pos]
}
