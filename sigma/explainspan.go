package sigma

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Span is a part of a value: its bytes from Start up to End. It begins and
// ends between characters; a byte that is not UTF-8 counts as a character.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// maxSpans bounds the parts marked in one value for one test: a letter can
// occur in a long value hundreds of thousands of times.
const maxSpans = 64

// spans returns which parts of the event's i-th field satisfy p, in order and
// not touching each other. All of a value satisfies a test of what the value
// amounts to: a number, a network, a part of a date. That a field is there is
// satisfied by none.
func (p *predicate) spans(v *eventView, i int) []Span {
	value := v.ev.Fields[i].Value
	whole := []Span{{0, len(value)}}
	var found []Span
	folded := false
	switch p.kind {
	case predCIDR, predCompare, predTime:
		return whole
	case predRegex:
		for _, m := range p.re.FindAllStringIndex(value[:min(len(value), MaxRegexText)], maxSpans) {
			found = append(found, Span{m[0], m[1]})
		}
	case predLiterals:
		folded = !p.cased
		for _, l := range p.literals {
			if l.shape != shapeNumber {
				found = l.places(found, v.text(i, p.cased))
			} else if l.match(v.text(i, p.cased)) {
				return whole
			}
		}
	case predGlob:
		folded = !p.cased
		found = p.glob.places(v.text(i, p.cased))
	case predFieldRef:
		folded = !p.cased
		for j := v.first(p.otherFid); j >= 0; j = v.next(j) {
			if b := v.binding(j); v.hasValue(b) {
				found = literal{p.anchor, v.text(b, p.cased)}.places(found, v.text(i, p.cased))
			}
		}
	}
	found = MergeSpans(found)
	if len(found) > maxSpans {
		found = found[:maxSpans]
	}
	return onCharacters(value, found, folded)
}

// places appends where the literal is in value.
func (l literal) places(dst []Span, value string) []Span {
	switch {
	case l.shape != shapeContains:
		if l.match(value) {
			at := 0
			if l.shape == shapeSuffix {
				at = len(value) - len(l.text)
			}
			dst = append(dst, Span{at, at + len(l.text)})
		}
	case l.text != "":
		for at, n := 0, 0; n < maxSpans; n++ {
			i := strings.Index(value[at:], l.text)
			if i < 0 {
				break
			}
			at += i + len(l.text)
			dst = append(dst, Span{at - len(l.text), at})
		}
	}
	return dst
}

// places returns where the texts between the * of a matching value are, each
// at the place that match takes it at.
func (g *glob) places(s string) []Span {
	if !g.match(s) {
		return nil
	}
	var found []Span
	end, segs := len(s), g.segments
	at := 0
	if !g.openStart && len(segs) > 0 {
		rest, _ := cutSegment(s, segs[0])
		at = len(s) - len(rest)
		found = append(found, Span{0, at})
		segs = segs[1:]
	}
	if !g.openEnd && len(segs) > 0 {
		rest, _ := cutSegmentEnd(s[at:], segs[len(segs)-1])
		end = at + len(rest)
		found = append(found, Span{end, len(s)})
		segs = segs[:len(segs)-1]
	}
	for _, seg := range segs {
		rest, _ := findSegment(s[at:end], seg)
		from := at
		at = end - len(rest)
		// The leftmost occurrence ends at; where it begins, its length says.
		begun, _ := cutSegmentEnd(s[from:at], seg)
		found = append(found, Span{from + len(begun), at})
	}
	return found
}

// MergeSpans returns spans in order, those that touch as one, without the empty
// ones.
func MergeSpans(spans []Span) []Span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return a.Start - b.Start })
	out := spans[:0]
	for _, s := range spans {
		switch n := len(out); {
		case s.Start == s.End:
		case n > 0 && s.Start <= out[n-1].End:
			out[n-1].End = max(out[n-1].End, s.End)
		default:
			out = append(out, s)
		}
	}
	return out
}

// onCharacters widens spans to whole characters of value; if they are places in
// the folded value, it moves them to where these characters are in value.
// Folding puts one character in the place of one, so both are walked together.
func onCharacters(value string, spans []Span, folded bool) []Span {
	var out []Span
	at := 0 // in the text the spans are places in
	for i := 0; i < len(value) && len(spans) > 0; {
		r, n := utf8.DecodeRuneInString(value[i:])
		width := n
		if folded && (r != utf8.RuneError || n > 1) {
			width = utf8.RuneLen(foldRune(r))
		}
		if spans[0].Start < at+width {
			if last := len(out) - 1; last >= 0 && out[last].End == i {
				out[last].End = i + n
			} else {
				out = append(out, Span{i, i + n})
			}
		}
		i += n
		at += width
		for len(spans) > 0 && spans[0].End <= at {
			spans = spans[1:]
		}
	}
	return out
}
