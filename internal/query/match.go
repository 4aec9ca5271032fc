package query

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
)

// Match tells whether the query matches an event on which the given rules fired.
// It is the meaning of the language, not the fast way to search.
func (q *Query) Match(ev *event.Event, rules []string) bool {
	return q.Root == nil || match(q.Root, ev, rules)
}

func match(n Node, ev *event.Event, rules []string) bool {
	switch n := n.(type) {
	case And:
		for _, p := range n.Parts {
			if !match(p, ev, rules) {
				return false
			}
		}
		return true
	case Or:
		for _, p := range n.Parts {
			if match(p, ev, rules) {
				return true
			}
		}
		return false
	case Not:
		return !match(n.Part, ev, rules)
	case Term:
		return n.match(ev, rules)
	case Any:
		return n.match(ev)
	}
	return false
}

func (a *Any) match(ev *event.Event) bool {
	for i := range ev.Fields {
		f := &ev.Fields[i]
		if (a.Name == nil || a.Name(Fold(f.Name))) && a.Accepts(f.Value, f.Kind == event.Null) {
			return true
		}
	}
	return false
}

func (t Term) match(ev *event.Event, rules []string) bool {
	if t.Field == "" {
		if t.matchText(ev.Raw) {
			return true
		}
		for i := range ev.Fields {
			if f := &ev.Fields[i]; f.Kind != event.Null && t.matchText(f.Value) {
				return true
			}
		}
		return false
	}
	core, field := Resolve(t.Field)
	switch core {
	case NoCore:
	case Time:
		return t.matchTime(ev.Time)
	case Received:
		return t.matchTime(ev.Received)
	default:
		for _, v := range coreValues(core, ev, rules) {
			if t.matchValue(v, false) {
				return true
			}
		}
	}
	if field == "" {
		return false
	}
	for i := range ev.Fields {
		if f := &ev.Fields[i]; Fold(f.Name) == field && t.matchValue(f.Value, f.Kind == event.Null) {
			return true
		}
	}
	return false
}

// MatchValue tells whether a term with a field matches one value that is not
// null; Match asks it of every value of the field.
func (t *Term) MatchValue(v string) bool { return t.matchValue(v, false) }

func (t Term) matchText(s string) bool {
	if t.Op == Matches {
		return t.Regex.MatchString(s)
	}
	return t.Pattern.within(Fold(s))
}

// coreValues returns the texts of a part of the core. What an event lacks is
// absent, not empty: a host, a format, a product.
func coreValues(c Core, ev *event.Event, rules []string) []string {
	var v string
	switch c {
	case ID:
		v = ev.ID.String()
	case Unit:
		v = string(ev.Unit)
	case Host:
		v = ev.Host
	case Input:
		v = ev.Input
	case Peer:
		v = ev.Peer
	case Format:
		v = ev.Format
	case Product:
		v = ev.Source.Product
	case Category:
		v = ev.Source.Category
	case Service:
		v = ev.Source.Service
	case Rule:
		return rules
	case Skewed:
		v = strconv.FormatBool(ev.Skewed)
	case Raw:
		return []string{ev.Raw}
	}
	if v == "" {
		return nil
	}
	return []string{v}
}

func (t Term) matchTime(at time.Time) bool {
	switch t.Op {
	case Exists:
		return true
	case Range:
		us := at.UnixMicro()
		return t.Low.below(us) && t.High.above(us)
	}
	return false
}

func (b *Bound) below(us int64) bool {
	if b == nil {
		return true
	}
	low := b.Time.UnixMicro()
	return low < us || b.Inclusive && low == us
}

func (b *Bound) above(us int64) bool {
	if b == nil {
		return true
	}
	high := b.Time.UnixMicro()
	return us < high || b.Inclusive && us == high
}

func (t Term) matchValue(v string, null bool) bool {
	switch t.Op {
	case Exists:
		return !null
	case IsNull:
		return null
	case Equal:
		return !null && t.Pattern.whole(Fold(v))
	case Range:
		return !null && t.inRange(v)
	case Matches:
		return !null && t.Regex.MatchString(v)
	case Within:
		return !null && InNetwork(t.Network, v)
	}
	return false
}

func (t Term) inRange(v string) bool {
	if t.Low == nil && t.High == nil {
		return true
	}
	kind := NumberBound
	for _, b := range []*Bound{t.Low, t.High} {
		if b != nil {
			kind = b.Kind
		}
	}
	if kind == NumberBound {
		n, ok := number(v)
		return ok &&
			(t.Low == nil || t.Low.Number < n || t.Low.Inclusive && t.Low.Number == n) &&
			(t.High == nil || n < t.High.Number || t.High.Inclusive && n == t.High.Number)
	}
	v = Fold(v)
	return (t.Low == nil || t.Low.Text < v || t.Low.Inclusive && t.Low.Text == v) &&
		(t.High == nil || v < t.High.Text || t.High.Inclusive && v == t.High.Text)
}

// Whole reports whether the folded s as a whole fits the pattern.
func (p Pattern) Whole(s string) bool { return p.whole(s) }

func (p Pattern) whole(s string) bool {
	if lit, ok := p.Literal(); ok {
		return s == lit
	}
	return fits(p, s)
}

// within reports whether a part of the folded s fits the pattern.
func (p Pattern) within(s string) bool {
	if lit, ok := p.Literal(); ok {
		return strings.Contains(s, lit)
	}
	return fits(p.Anywhere(), s)
}

// Anywhere returns the pattern *p*.
func (p Pattern) Anywhere() Pattern {
	parts := make([]string, 0, len(p.Parts)+2)
	parts = append(append(append(parts, ""), p.Parts...), "")
	wild := make([]byte, 0, len(p.Wild)+2)
	wild = append(append(append(wild, '*'), p.Wild...), '*')
	return Pattern{Parts: parts, Wild: wild}
}

// fits is the classic greedy match that goes back to the last '*' only, so its
// time is bounded by len(s) times the pattern's length.
func fits(p Pattern, s string) bool {
	part, at := 0, 0 // the next literal, and where in s
	star, starAt := -1, 0
	for {
		if strings.HasPrefix(s[at:], p.Parts[part]) {
			next := at + len(p.Parts[part])
			switch {
			case part == len(p.Wild):
				if next == len(s) {
					return true
				}
			case p.Wild[part] == '*':
				part++
				star, starAt, at = part, next, next
				continue
			case next < len(s):
				_, n := utf8.DecodeRuneInString(s[next:])
				part, at = part+1, next+n
				continue
			}
		}
		if star < 0 || starAt >= len(s) {
			return false
		}
		_, n := utf8.DecodeRuneInString(s[starAt:])
		starAt += n
		part, at = star, starAt
	}
}
