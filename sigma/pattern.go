package sigma

import (
	"slices"
	"strings"
	"unicode/utf8"
)

type partKind uint8

const (
	partText   partKind = iota
	partMany            // *
	partOne             // ?
	partHolder          // %name%, only while expand is at work
)

type part struct {
	kind partKind
	text string
}

// pattern is a Sigma string value: text and wildcards, escapes resolved.
type pattern []part

// parsePattern resolves escapes as the specification has them: a backslash
// hides the special meaning of *, ? and of another backslash; before anything
// else it is an ordinary character. Placeholders are looked for only when the
// value is under the expand modifier, and then \% is a plain percent sign.
func parsePattern(s string, expand bool) pattern {
	var p pattern
	var text []byte
	flush := func() {
		if len(text) > 0 {
			p = append(p, part{kind: partText, text: string(text)})
			text = text[:0]
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '*' || s[i+1] == '?' || s[i+1] == '\\' || expand && s[i+1] == '%'):
			i++
			text = append(text, s[i])
		case c == '*':
			flush()
			p = append(p, part{kind: partMany})
		case c == '?':
			flush()
			p = append(p, part{kind: partOne})
		case c == '%' && expand:
			if n := placeholderLen(s[i:]); n > 0 {
				flush()
				p = append(p, part{kind: partHolder, text: s[i+1 : i+n-1]})
				i += n - 1
			} else {
				text = append(text, c)
			}
		default:
			text = append(text, c)
		}
	}
	flush()
	return p
}

// placeholderLen returns the length of the "%name%" that s begins with, or 0.
func placeholderLen(s string) int {
	if s[0] != '%' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && i > 1:
			return i + 1
		case c == '_', c == '-', c == '.', c-'0' < 10, c-'a' < 26, c-'A' < 26:
		default:
			return 0
		}
	}
	return 0
}

func (p pattern) has(kind partKind) bool {
	return slices.ContainsFunc(p, func(x part) bool { return x.kind == kind })
}

func (p pattern) wild() bool { return p.has(partMany) || p.has(partOne) }

// size returns the bytes of text in p.
func (p pattern) size() int {
	n := 0
	for _, x := range p {
		n += len(x.text)
	}
	return n
}

// plain returns the text of a pattern without wildcards.
func (p pattern) plain() string {
	var b strings.Builder
	for _, x := range p {
		b.WriteString(x.text)
	}
	return b.String()
}

// openStart and openEnd add a * unless one is there already.
func (p pattern) openStart() pattern {
	if len(p) > 0 && p[0].kind == partMany {
		return p
	}
	return append(pattern{{kind: partMany}}, p...)
}

func (p pattern) openEnd() pattern {
	if len(p) > 0 && p[len(p)-1].kind == partMany {
		return p
	}
	return append(slices.Clone(p), part{kind: partMany})
}

// mapText applies f to each run of text and keeps the wildcards.
func (p pattern) mapText(f func(string) string) pattern {
	out := slices.Clone(p)
	for i := range out {
		if out[i].kind == partText {
			out[i].text = f(out[i].text)
		}
	}
	return out
}

// compact joins neighbouring texts and drops repeated *.
func (p pattern) compact() pattern {
	var out pattern
	for _, x := range p {
		if n := len(out); n > 0 {
			if x.kind == partText && out[n-1].kind == partText {
				out[n-1].text += x.text
				continue
			}
			if x.kind == partMany && out[n-1].kind == partMany {
				continue
			}
		}
		if x.kind == partText && x.text == "" {
			continue
		}
		out = append(out, x)
	}
	return out
}

// shape is how a literal must sit in a field's value.
type shape uint8

const (
	shapeEqual    shape = iota
	shapePrefix         // the value starts with it
	shapeSuffix         // the value ends with it
	shapeContains       // the value contains it
	shapeNumber         // the value is this number; the text is its decimal key
)

// literal is a value without inner wildcards.
type literal struct {
	shape shape
	text  string
}

func (l literal) match(value string) bool {
	switch l.shape {
	case shapeEqual:
		return value == l.text
	case shapePrefix:
		return strings.HasPrefix(value, l.text)
	case shapeSuffix:
		return strings.HasSuffix(value, l.text)
	case shapeContains:
		return strings.Contains(value, l.text)
	case shapeNumber:
		if value == "" || value[0] > '9' {
			return false
		}
		d, ok := parseDecimal(value)
		if !ok {
			return false
		}
		var buf [64]byte
		return string(d.appendKey(buf[:0])) == l.text
	}
	return false
}

// literal returns the pattern as a literal if it has no inner wildcard and is
// not the lone *.
func (p pattern) literal() (literal, bool) {
	text := func(x part) bool { return x.kind == partText }
	many := func(x part) bool { return x.kind == partMany }
	switch {
	case len(p) == 0:
		return literal{shapeEqual, ""}, true
	case len(p) == 1 && text(p[0]):
		return literal{shapeEqual, p[0].text}, true
	case len(p) == 2 && text(p[0]) && many(p[1]):
		return literal{shapePrefix, p[0].text}, true
	case len(p) == 2 && many(p[0]) && text(p[1]):
		return literal{shapeSuffix, p[1].text}, true
	case len(p) == 3 && many(p[0]) && text(p[1]) && many(p[2]):
		return literal{shapeContains, p[1].text}, true
	}
	return literal{}, false
}

// glob matches a pattern with inner wildcards. It is cut at each * into
// segments; each inner segment is taken at its leftmost place after the one
// before, which finds a match whenever there is one, so there is no
// backtracking and the time is bounded by len(value) x steps.
type glob struct {
	segments  []pattern // text and ? only
	openStart bool
	openEnd   bool
}

func newGlob(p pattern) *glob {
	g := &glob{}
	var seg pattern
	for i, x := range p {
		if x.kind != partMany {
			seg = append(seg, x)
			continue
		}
		if i == 0 {
			g.openStart = true
		}
		if len(seg) > 0 {
			g.segments = append(g.segments, seg)
			seg = nil
		}
		g.openEnd = i == len(p)-1
	}
	if len(seg) > 0 {
		g.segments = append(g.segments, seg)
	}
	return g
}

// steps bounds the time for a byte of a value. All segments together are
// searched for from the beginning of the value to its end, and a text is found
// in linear time; only a segment with a ? is compared anew at every place its
// beginning is at.
func (g *glob) steps() int {
	n := 1
	for _, seg := range g.segments {
		if len(seg) > 1 {
			n = max(n, seg.size()+len(seg))
		}
	}
	return n
}

// longest returns the longest text every match contains.
func (g *glob) longest() string {
	best := ""
	for _, seg := range g.segments {
		for _, x := range seg {
			if len(x.text) > len(best) {
				best = x.text
			}
		}
	}
	return best
}

func (g *glob) match(s string) bool {
	segs := g.segments
	if len(segs) == 0 {
		return g.openStart || s == ""
	}
	if !g.openStart {
		rest, ok := cutSegment(s, segs[0])
		if !ok {
			return false
		}
		s, segs = rest, segs[1:]
		if len(segs) == 0 && !g.openEnd {
			return s == ""
		}
	}
	if !g.openEnd && len(segs) > 0 {
		rest, ok := cutSegmentEnd(s, segs[len(segs)-1])
		if !ok {
			return false
		}
		s, segs = rest, segs[:len(segs)-1]
	}
	for _, seg := range segs {
		rest, ok := findSegment(s, seg)
		if !ok {
			return false
		}
		s = rest
	}
	return true
}

// cutSegment removes seg from the front of s.
func cutSegment(s string, seg pattern) (string, bool) {
	for _, x := range seg {
		if x.kind == partText {
			if !strings.HasPrefix(s, x.text) {
				return "", false
			}
			s = s[len(x.text):]
			continue
		}
		if s == "" {
			return "", false
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
	return s, true
}

// cutSegmentEnd removes seg from the end of s.
func cutSegmentEnd(s string, seg pattern) (string, bool) {
	for i := len(seg) - 1; i >= 0; i-- {
		if x := seg[i]; x.kind == partText {
			if !strings.HasSuffix(s, x.text) {
				return "", false
			}
			s = s[:len(s)-len(x.text)]
			continue
		}
		if s == "" {
			return "", false
		}
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s, true
}

// findSegment cuts s after the leftmost occurrence of seg.
func findSegment(s string, seg pattern) (string, bool) {
	for {
		if seg[0].kind == partText {
			i := strings.Index(s, seg[0].text)
			if i < 0 {
				return "", false
			}
			s = s[i:]
		}
		if rest, ok := cutSegment(s, seg); ok {
			return rest, true
		}
		if s == "" {
			return "", false
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
}
