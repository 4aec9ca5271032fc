package sigma

import (
	"maps"
	"slices"
	"sync"
)

// SieveKind says what a [Sieve] asks.
type SieveKind uint8

// The kinds of sieves.
const (
	SieveAll      SieveKind = iota // nothing: every event passes
	SieveAnd                       // all of Parts
	SieveOr                        // one of Parts
	SieveProduct                   // Event.Source.Product, in lower case, is Text
	SieveCategory                  // Event.Source.Category is
	SieveService                   // Event.Source.Service is
	SieveField                     // a field has a value that Test accepts
)

// Sieve is a condition that every event a rule matches meets. Events that no rule
// matches may meet it, too: who keeps events by the million finds the few that are
// worth matching by it. It asks about the log source and about values one by one,
// as an index or a table by columns can answer, and of what a rule excludes it
// knows nothing.
//
// It takes the event's fields for what they are called without spaces, and in any
// order. It does not change and is safe for any number of goroutines.
type Sieve struct {
	Kind  SieveKind
	Parts []*Sieve
	Text  string // of a part of the log source; "" where the event has none

	// Of SieveField.

	Names []string                // of the field, without spaces; nil: of any field
	Below bool                    // a field below one of Names (a.b for a) will do, whatever its value
	Null  bool                    // an explicit null will do
	Test  func(value string) bool // of a value that is not null; nil: any will do
	// Texts are sets of texts, folded by simple case folding: each value that Test
	// accepts contains, so folded, a text of each set.
	Texts [][]string
}

var sieveAll = &Sieve{Kind: SieveAll}

// Sieve returns a sieve that lets pass what one of the given detection rules of
// the ruleset matches; it asks about a log source once for all its rules. Of no
// rule it lets nothing pass. It costs about what compiling the rules did.
func (rs *Ruleset) Sieve(rules ...*Rule) *Sieve {
	wanted := make(map[*Rule]bool, len(rules))
	for _, r := range rules {
		wanted[r] = true
	}
	b := sieveBuilder{aliases: map[string][]string{}}
	for _, c := range rs.mapping.classes {
		for _, as := range slices.Sorted(maps.Keys(c.Aliases)) {
			name, of := compactName(as), compactName(c.Aliases[as])
			if !slices.Contains(b.aliases[name], of) {
				b.aliases[name] = append(b.aliases[name], of)
			}
		}
	}
	var ways []*Sieve
	for _, g := range rs.groups {
		var parts []*Sieve
		for _, r := range g.rules {
			if wanted[r.rule] || wanted[r.rule.AsWritten()] {
				parts = append(parts, b.expr(r.expr))
			}
		}
		if len(parts) == 0 {
			continue
		}
		scope := sieveAll
		if rs.scoping != nil {
			scope = rs.mapping.sieve(g.source)
		}
		ways = append(ways, sieveAnd(scope, sieveOr(parts...)))
	}
	return sieveOr(ways...)
}

func sieveAnd(parts ...*Sieve) *Sieve {
	var kept []*Sieve
	for _, p := range parts {
		switch p.Kind {
		case SieveAll:
		case SieveAnd:
			kept = append(kept, p.Parts...)
		default:
			kept = append(kept, p)
		}
	}
	switch len(kept) {
	case 0:
		return sieveAll
	case 1:
		return kept[0]
	}
	return &Sieve{Kind: SieveAnd, Parts: kept}
}

func sieveOr(parts ...*Sieve) *Sieve {
	var kept []*Sieve
	for _, p := range parts {
		switch p.Kind {
		case SieveAll:
			return sieveAll
		case SieveOr:
			kept = append(kept, p.Parts...)
		default:
			kept = append(kept, p)
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	return &Sieve{Kind: SieveOr, Parts: kept}
}

// sieve asks whether an event can be of a log source: by what its parser says, by
// the channel it came from, or by a class that its fields put it in. It follows
// [Matcher.runScoped], without what depends on several answers at once.
func (m Mapping) sieve(of LogSource) *Sieve {
	ways := []*Sieve{m.covers(of)}
	for i := range m.classes {
		c := &m.classes[i]
		wants := c.Of
		// A class without a product or service keeps the event's.
		is := c.Is
		if is.Product == "" && differ(wants.Product, of.Product) || is.Service == "" && differ(wants.Service, of.Service) {
			continue
		}
		if is.Product == "" {
			is.Product, wants.Product = of.Product, joined(wants.Product, of.Product)
		}
		if is.Service == "" {
			is.Service, wants.Service = of.Service, joined(wants.Service, of.Service)
		}
		if !of.covers(is) {
			continue
		}
		parts := []*Sieve{m.covers(wants)}
		for _, field := range slices.Sorted(maps.Keys(c.Conditions)) {
			parts = append(parts, sieveFolded(field, c.Conditions[field]))
		}
		ways = append(ways, sieveAnd(parts...))
	}
	return sieveOr(ways...)
}

// differ reports whether a and b both say something, and not the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// joined is what has to be b and, if a says something, a.
func joined(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// covers asks whether of covers what an event says of itself or what its channel
// stands for.
func (m Mapping) covers(of LogSource) *Sieve {
	own := sieveAll
	if of.Product != "" {
		own = &Sieve{Kind: SieveProduct, Text: of.Product}
		if of.Product == "windows" {
			// An event of no product and an unknown channel is taken for one.
			own = sieveOr(own, sieveAnd(&Sieve{Kind: SieveProduct}, sievePresent(fieldChannel), sievePresent(fieldEventID)))
		}
	}
	category := sieveAll
	if of.Category != "" {
		category = &Sieve{Kind: SieveCategory, Text: of.Category}
	}
	service := sieveAll
	if of.Service != "" {
		service = &Sieve{Kind: SieveService, Text: of.Service}
	}
	var plain, whole []string // channels whose events may have a category, or have one
	for _, c := range m.channels {
		switch {
		case of.Category != "" && of.covers(c.is):
			whole = append(whole, c.channel)
		case (LogSource{Product: of.Product, Service: of.Service}).covers(c.is):
			plain = append(plain, c.channel)
		}
	}
	ways := []*Sieve{sieveAnd(own, category, service)}
	if len(plain) > 0 {
		ways = append(ways, sieveAnd(category, sieveFolded(fieldChannel, plain)))
	}
	if len(whole) > 0 {
		ways = append(ways, sieveFolded(fieldChannel, whole))
	}
	return sieveOr(ways...)
}

func sievePresent(field string) *Sieve {
	return &Sieve{Kind: SieveField, Names: []string{compactName(field)}, Null: true, Below: true}
}

// sieveFolded asks for one of some folded values; a null is the empty text.
func sieveFolded(field string, values []string) *Sieve {
	s := &Sieve{Kind: SieveField, Names: []string{compactName(field)}, Null: slices.Contains(values, ""),
		Test: func(value string) bool { return slices.Contains(values, fold(value)) }}
	if !slices.Contains(values, "") {
		s.Texts = [][]string{values}
	}
	return s
}

type sieveBuilder struct {
	aliases map[string][]string // other names of a field
}

func (b *sieveBuilder) expr(e *expr) *Sieve {
	switch e.kind {
	case exprLeaf:
		return b.predicate(e.pred)
	case exprAnd:
		return sieveAnd(b.kids(e)...)
	case exprOr:
		return sieveOr(b.kids(e)...)
	case exprAtLeast:
		if e.count > 0 {
			return sieveOr(b.kids(e)...)
		}
	case exprNot:
	}
	return sieveAll
}

func (b *sieveBuilder) kids(e *expr) []*Sieve {
	out := make([]*Sieve, len(e.kids))
	for i, k := range e.kids {
		out[i] = b.expr(k)
	}
	return out
}

func (b *sieveBuilder) predicate(p *predicate) *Sieve {
	s := &Sieve{Kind: SieveField}
	if p.field != "" {
		s.Names = append([]string{p.field}, b.aliases[p.field]...)
	}
	switch p.kind {
	case predNull:
		return sieveAll // also where there is no such field
	case predExists:
		s.Null, s.Below = true, true
		return s
	case predPresent:
		s.Below = true
		return s
	case predFieldRef:
		other := &Sieve{Kind: SieveField, Names: append([]string{p.other}, b.aliases[p.other]...)}
		return sieveAnd(s, other)
	case predLiterals, predGlob, predRegex, predCIDR, predCompare, predTime:
	}
	s.Test = p.tester()
	if gate, ok := p.gate(); ok {
		s.addTexts(gate)
	}
	for _, set := range p.also {
		s.addTexts(containing(set))
	}
	return s
}

func containing(texts []string) []literal {
	out := make([]literal, len(texts))
	for i, text := range texts {
		out[i] = literal{shapeContains, text}
	}
	return out
}

// addTexts adds a set of texts, if each of them says something about a value.
func (s *Sieve) addTexts(set []literal) {
	texts := make([]string, len(set))
	for i, l := range set {
		if l.shape == shapeNumber || l.text == "" { // a number is written in many ways
			return
		}
		texts[i] = l.text
	}
	s.Texts = append(s.Texts, texts)
}

// fewLiterals are compared one by one.
const fewLiterals = 16

// tester returns a function that tells whether the predicate holds for a value
// that is not null. It may be called by any number of goroutines.
func (p *predicate) tester() func(value string) bool {
	if p.kind == predLiterals && len(p.literals) > fewLiterals {
		return newLiteralSet(p).accepts
	}
	return func(value string) bool {
		v := valueViews.Get().(*eventView)
		v.ev.Fields[0].Value = value
		v.foldState[0] = foldEntry{}
		v.arena = v.arena[:0]
		ok := p.holdsFor(v, 0)
		v.ev.Fields[0].Value = ""
		v.foldState[0] = foldEntry{}
		if cap(v.arena) <= maxKeptArena {
			valueViews.Put(v)
		}
		return ok
	}
}

// valueViews are views of events of one field.
var valueViews = sync.Pool{New: func() any {
	return &eventView{ev: &Event{Fields: make([]Field, 1)}, foldState: make([]foldEntry, 1)}
}}

// literalSet is many literals, prepared.
type literalSet struct {
	cased    bool
	equal    map[string]bool
	number   map[string]bool
	affixes  []literal
	contains *automaton
}

func newLiteralSet(p *predicate) *literalSet {
	s := &literalSet{cased: p.cased, equal: map[string]bool{}, number: map[string]bool{}}
	var texts []string
	for _, l := range p.literals {
		switch {
		case l.shape == shapeEqual:
			s.equal[l.text] = true
		case l.shape == shapeNumber:
			s.number[l.text] = true
		case l.shape == shapeContains && l.text != "":
			texts = append(texts, l.text)
		default:
			s.affixes = append(s.affixes, l)
		}
	}
	if len(texts) > 0 {
		slices.Sort(texts)
		texts = slices.Compact(texts)
		needles := make([]int32, len(texts))
		for i := range needles {
			needles[i] = int32(i)
		}
		s.contains = newAutomaton(texts, needles)
	}
	return s
}

func (s *literalSet) accepts(value string) bool {
	text := value
	if !s.cased {
		text = fold(value)
	}
	if s.equal[text] || slices.ContainsFunc(s.affixes, func(l literal) bool { return l.match(text) }) {
		return true
	}
	if len(s.number) > 0 && text != "" && text[0] <= '9' {
		if d, ok := parseDecimal(text); ok && s.number[string(d.appendKey(nil))] {
			return true
		}
	}
	if s.contains == nil {
		return false
	}
	found := false
	s.contains.scan(text, true, func(int32) { found = true })
	return found
}
