package query

import (
	"strings"
	"unicode"
)

// Fold is how values are compared: every rune in lower case. It is what SQL's
// lower() does, so that columns and events are compared alike.
func Fold(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || 'A' <= c && c <= 'Z' {
			return strings.Map(unicode.ToLower, s)
		}
	}
	return s
}

// word is one word or quoted phrase as read.
type word struct {
	text   string // unescaped, not folded; wildcards as written
	pat    Pattern
	quoted bool
}

func (w word) pattern() Pattern { return w.pat }

// escapable are the characters a backslash takes their meaning from. Before any
// other character a backslash stands for itself, so that Windows paths can be
// written as they are; only `\*`, `\?` and a path's end need care.
const escapable = `\*?"():[]{}<>!-+&|~ `

// word reads a quoted phrase, or a run of characters up to a space, a
// parenthesis or a quote; with isTerm also up to a colon, which makes it a field
// name.
func (p *parser) word(isTerm bool) (word, error) {
	if p.peek() == '"' {
		return p.phrase()
	}
	start := p.pos
	var text, lit strings.Builder
	var w word
	for !p.done() {
		c := p.src[p.pos]
		switch {
		case isSpace(c) || c == '(' || c == ')' || c == '"':
		case c == ':' && isTerm:
		case c == '\\' && p.pos+1 < len(p.src) && strings.IndexByte(escapable, p.src[p.pos+1]) >= 0:
			text.WriteByte(p.src[p.pos+1])
			lit.WriteByte(p.src[p.pos+1])
			p.pos += 2
			continue
		case c == '*' || c == '?':
			w.pat.Parts = append(w.pat.Parts, Fold(lit.String()))
			w.pat.Wild = append(w.pat.Wild, c)
			lit.Reset()
			text.WriteByte(c)
			p.pos++
			continue
		default:
			text.WriteByte(c)
			lit.WriteByte(c)
			p.pos++
			continue
		}
		break
	}
	if p.pos == start && (!isTerm || p.peek() != ':') {
		return w, p.fail(p.pos, 1, "query.value-missing", "a value is missing here", aValue...)
	}
	w.text = text.String()
	w.pat.Parts = append(w.pat.Parts, Fold(lit.String()))
	return w, nil
}

// phrase reads "…", in which only \" and \\ are escapes and wildcards stand for
// themselves.
func (p *parser) phrase() (word, error) {
	start := p.pos
	var b strings.Builder
	for p.pos++; !p.done(); p.pos++ {
		c := p.src[p.pos]
		if c == '"' {
			p.pos++
			return word{text: b.String(), pat: Pattern{Parts: []string{Fold(b.String())}}, quoted: true}, nil
		}
		if c == '\\' && p.pos+1 < len(p.src) && (p.src[p.pos+1] == '"' || p.src[p.pos+1] == '\\') {
			p.pos++
			c = p.src[p.pos]
		}
		b.WriteByte(c)
	}
	return word{}, p.fail(start, len(p.src)-start, "query.unclosed-quote", "a quoted phrase is not closed", "\"")
}

// Quote writes s so that it reads back as one literal value.
func Quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
