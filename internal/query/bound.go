package query

import (
	"strconv"
	"strings"
	"time"
)

// NumberSyntax is what counts as a number in a range, of a bound and of a value
// alike (RE2, whole text).
const NumberSyntax = `[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?`

// Number reads a number as ranges and functions do; past the range of a float64
// it is infinite.
func Number(s string) (float64, bool) { return number(s) }

func number(s string) (float64, bool) {
	if len(s) == 0 || s[0] > '9' {
		return 0, false
	}
	rest := s
	if s[0] == '+' || s[0] == '-' {
		rest = s[1:]
	}
	whole := digits(rest)
	if whole == 0 {
		return 0, false
	}
	if whole == len(s) && whole <= 15 { // most numbers there are, and all exact
		n := int64(0)
		for i := range whole {
			n = 10*n + int64(s[i]-'0')
		}
		return float64(n), true
	}
	if rest = rest[whole:]; rest != "" && rest[0] == '.' {
		n := digits(rest[1:])
		if n == 0 {
			return 0, false
		}
		rest = rest[1+n:]
	}
	if rest != "" && rest[0]|0x20 == 'e' {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n := digits(rest)
		if n == 0 {
			return 0, false
		}
		rest = rest[n:]
	}
	if rest != "" {
		return 0, false
	}
	n, _ := strconv.ParseFloat(s, 64) // an overflow returns ±Inf, which compares as it should
	return n, true
}

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// timeForms are how times are written, with the span of time each names.
var timeForms = []struct {
	layout string
	span   time.Duration
}{
	{"2006-01-02", 24 * time.Hour},
	{"2006-01-02T15", time.Hour},
	{"2006-01-02T15:04", time.Minute},
	{"2006-01-02 15:04", time.Minute},
	{"2006-01-02T15:04Z07:00", time.Minute},
	{"2006-01-02T15:04:05", time.Second},
	{"2006-01-02 15:04:05", time.Second},
	{"2006-01-02T15:04:05Z07:00", time.Second},
	{"2006-01-02 15:04:05Z07:00", time.Second},
}

// parseTime reads a time and the span its precision leaves open.
func parseTime(s string) (time.Time, time.Duration, bool) {
	for _, f := range timeForms {
		t, err := time.ParseInLocation(f.layout, s, Zone)
		if err != nil {
			continue
		}
		span := f.span
		if strings.ContainsAny(s, ".,") { // time.Parse takes a fraction after the seconds of any layout
			span = time.Microsecond
			if t.Nanosecond()%1e6 == 0 {
				span = time.Millisecond
			}
		}
		return t.Truncate(time.Microsecond).UTC(), span, true
	}
	return time.Time{}, 0, false
}

var aTime = []string{"a time such as 2026-11-22, 2026-11-22T10:30 or 2026-11-22T03:30:00Z"}

// timeEqual turns time:2026-11-22 into the range of that day.
func (p *parser) timeEqual(t Term, w word, at int) (Term, error) {
	if w.text == "*" && !w.quoted {
		return Term{place: t.place, Op: Exists, Field: t.Field}, nil
	}
	low, span, ok := parseTime(w.text)
	if !ok {
		return t, p.fail(at, p.pos-at, "query.bad-time", "not a time", aTime...)
	}
	return Term{
		place: t.place, Op: Range, Field: t.Field,
		Low:  &Bound{Kind: TimeBound, Time: low, Inclusive: true},
		High: &Bound{Kind: TimeBound, Time: low.Add(span)},
	}, nil
}

// comparison reads >=v, >v, <=v or <v.
func (p *parser) comparison(f fieldName, start int) (Node, error) {
	low := p.peek() == '>'
	p.pos++
	inclusive := p.peek() == '='
	if inclusive {
		p.pos++
	}
	p.space()
	if p.done() {
		return nil, p.fail(p.pos, 0, "query.bound-missing", "nothing to compare with", "a number", "a text", "a time")
	}
	at := p.pos
	w, err := p.word(false)
	if err != nil {
		return nil, err
	}
	b, err := p.bound(f, w, at, p.pos)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, p.fail(at, p.pos-at, "query.bound-missing", "\"*\" is nothing to compare with", "a number", "a text", "a time")
	}
	b.Inclusive = inclusive
	t := Term{place: place{start, p.pos - start}, Op: Range, Field: f.text}
	if low {
		t.Low = b
	} else {
		t.High = b
	}
	p.space()
	return t, nil
}

// interval reads [a TO b], {a TO b} or a mix of the brackets; "*" leaves an end
// open.
func (p *parser) interval(f fieldName, start int) (Node, error) {
	open := p.pos
	t := Term{Op: Range, Field: f.text}
	lowInclusive := p.peek() == '['
	p.pos++
	low, lowAt, err := p.end(open)
	if err != nil {
		return nil, err
	}
	if !p.accept("TO") {
		return nil, p.fail(p.pos, 1, "query.to-missing", "the two ends of a range are not parted", "TO")
	}
	high, highAt, err := p.end(open)
	if err != nil {
		return nil, err
	}
	if c := p.peek(); c != ']' && c != '}' {
		return nil, p.fail(p.pos, 1, "query.unclosed-range", "a range is not closed", "]", "}")
	}
	highInclusive := p.peek() == ']'
	p.pos++
	if t.Low, err = p.bound(f, low, lowAt.offset, lowAt.offset+lowAt.length); err != nil {
		return nil, err
	}
	if t.High, err = p.bound(f, high, highAt.offset, highAt.offset+highAt.length); err != nil {
		return nil, err
	}
	// Both ends compare alike: one that is no number makes the other a text.
	if t.Low != nil && t.High != nil && t.Low.Kind != t.High.Kind {
		for _, b := range []*Bound{t.Low, t.High} {
			b.Kind = TextBound
		}
	}
	if t.Low != nil {
		t.Low.Inclusive = lowInclusive
	}
	if t.High != nil {
		t.High.Inclusive = highInclusive
	}
	t.place = place{start, p.pos - start}
	p.space()
	return t, nil
}

// end reads one end of an interval up to a space or closing bracket.
func (p *parser) end(open int) (word, place, error) {
	p.space()
	at := p.pos
	if p.peek() == '"' {
		w, err := p.phrase()
		pl := place{at, p.pos - at}
		p.space()
		return w, pl, err
	}
	for !p.done() && !isSpace(p.peek()) && strings.IndexByte(`]}()"`, p.peek()) < 0 {
		p.pos++
	}
	text := p.src[at:p.pos]
	if text == "" {
		if p.done() {
			return word{}, place{}, p.fail(open, len(p.src)-open, "query.unclosed-range", "a range is not closed", "]", "}")
		}
		return word{}, place{}, p.fail(at, 1, "query.bound-missing", "one end of the range is missing", "a number", "a text", "a time", "*")
	}
	pl := place{at, p.pos - at}
	p.space()
	return word{text: text}, pl, nil
}

// bound says how one end compares; nil for an open end.
func (p *parser) bound(f fieldName, w word, from, to int) (*Bound, error) {
	if w.text == "*" && !w.quoted {
		return nil, nil
	}
	b := &Bound{Kind: TextBound, Text: Fold(w.text)}
	if isTime(f.text) {
		t, _, ok := parseTime(w.text)
		if !ok {
			return nil, p.fail(from, to-from, "query.bad-time", "not a time", aTime...)
		}
		b.Kind, b.Time = TimeBound, t
	} else if n, ok := number(w.text); ok && !w.quoted {
		b.Kind, b.Number = NumberBound, n
	}
	return b, nil
}
