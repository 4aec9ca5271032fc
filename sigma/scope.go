package sigma

import (
	"slices"
	"strings"
)

// group is all rules of one log source with the index they share.
type group struct {
	number int
	source LogSource
	rules  []compiledRule
	index  *groupIndex
}

type compiledRule struct {
	rule *Rule
	expr *expr
}

// scope is what one event log source means for a ruleset: the groups to run
// always, and the classes that add groups depending on the event's fields.
type scope struct {
	of      LogSource // set in a matcher's cache: strings of its own
	groups  []*group
	byID    map[string][]*scopeClass // classes with a condition on EventID
	general []*scopeClass
}

type scopeClass struct {
	conditions []scopeCondition
	aliases    []scopeAlias
	groups     []*group
}

type scopeCondition struct {
	fid    int32
	values []string
}

type scopeAlias struct{ as, of int32 }

const (
	fieldChannel = "Channel"
	fieldEventID = "EventID"
)

// scoping finds the groups of an event.
type scoping struct {
	groups   []*group
	mapping  Mapping
	fids     map[string]int32
	channels map[string][]channelScope // by folded channel
	channel  int32                     // the number of the field Channel
	eventID  int32
}

// channelScope is a service that a Windows channel stands for, with its scope
// when the event's parser knew no category.
type channelScope struct {
	is    LogSource
	scope *scope
}

func newScoping(groups []*group, m Mapping, fids map[string]int32) *scoping {
	s := &scoping{groups: groups, mapping: m, fids: fids, channels: map[string][]channelScope{},
		channel: fids[fieldChannel], eventID: fids[fieldEventID]}
	for _, c := range m.channels {
		s.channels[c.channel] = append(s.channels[c.channel], channelScope{c.is, s.build(c.is)})
	}
	return s
}

// build works out the scope of an event log source.
func (s *scoping) build(ls LogSource) *scope {
	ls = ls.lower()
	sc := &scope{byID: map[string][]*scopeClass{}}
	for _, g := range s.groups {
		if g.source.covers(ls) {
			sc.groups = append(sc.groups, g)
		}
	}
	for i := range s.mapping.classes {
		c := &s.mapping.classes[i]
		if !c.Of.covers(ls) {
			continue
		}
		s.addClass(sc, c, ls)
	}
	return sc
}

func (s *scoping) addClass(sc *scope, c *Class, ls LogSource) {
	is := c.Is
	if is.Product == "" {
		is.Product = ls.Product
	}
	if is.Service == "" {
		is.Service = ls.Service
	}
	out := &scopeClass{}
	for _, g := range s.groups {
		if g.source.covers(is) && (g.source.Category != "" || !g.source.covers(ls)) {
			out.groups = append(out.groups, g)
		}
	}
	if len(out.groups) == 0 {
		return
	}
	for as, of := range c.Aliases {
		out.aliases = append(out.aliases, scopeAlias{s.fids[compactName(as)], s.fids[compactName(of)]})
	}
	slices.SortFunc(out.aliases, func(a, b scopeAlias) int { return int(a.as - b.as) })
	for field, values := range c.Conditions {
		if field != fieldEventID {
			out.conditions = append(out.conditions, scopeCondition{s.fids[compactName(field)], values})
		}
	}
	ids, ok := c.Conditions[fieldEventID]
	if !ok {
		sc.general = append(sc.general, out)
	}
	for _, id := range ids {
		sc.byID[id] = append(sc.byID[id], out)
	}
}

const maxCachedScopes = 4096

// scopeOf returns the scope of an event log source, from the matcher's cache
// if it is there. The cache is bounded, whatever a log calls itself.
func (m *Matcher) scopeOf(ls LogSource) *scope {
	if m.lastScope != nil && m.lastSource == ls {
		return m.lastScope
	}
	sc, ok := m.scopes[ls]
	if !ok {
		if len(m.scopes) >= maxCachedScopes {
			clear(m.scopes)
		}
		ls = LogSource{strings.Clone(ls.Product), strings.Clone(ls.Category), strings.Clone(ls.Service)}
		sc = m.rs.scoping.build(ls)
		sc.of = ls
		m.scopes[ls] = sc
	}
	m.lastSource, m.lastScope = sc.of, sc
	return sc
}

// runScoped runs the groups of the loaded event, each at most once.
func (m *Matcher) runScoped() {
	s := m.rs.scoping
	src := m.view.ev.Source
	if src.Product == "" || src.Product == "windows" {
		if i := m.view.first(s.channel); i >= 0 && m.view.binding(i) != object {
			scopes, ok := s.channels[m.view.folded(m.view.binding(i))]
			for _, c := range scopes {
				sc := c.scope
				if src.Category != "" {
					sc = m.scopeOf(LogSource{c.is.Product, src.Category, c.is.Service})
				}
				m.runScope(sc)
			}
			if !ok && src.Product == "" && m.view.first(s.eventID) >= 0 {
				src.Product = "windows"
			}
			if ok && src.Service == "" {
				return
			}
		}
	}
	m.runScope(m.scopeOf(src))
}

func (m *Matcher) runScope(sc *scope) {
	for i := m.view.first(m.rs.scoping.eventID); i >= 0; i = m.view.next(i) {
		if m.view.binding(i) == object {
			continue
		}
		for _, c := range sc.byID[m.view.folded(m.view.binding(i))] {
			m.runClass(c)
		}
	}
	for _, c := range sc.general {
		m.runClass(c)
	}
	for _, g := range sc.groups {
		m.runOnce(g)
	}
}

func (m *Matcher) runClass(c *scopeClass) {
	for i := range c.conditions {
		if !m.meets(&c.conditions[i]) && !m.lenient {
			return
		}
	}
	n := len(m.view.bindings)
	for _, a := range c.aliases {
		if m.view.first(a.as) >= 0 {
			continue
		}
		for i := m.view.first(a.of); i >= 0; i = m.view.next(i) {
			m.view.bind(a.as, int32(m.view.binding(i)))
		}
	}
	for _, g := range c.groups {
		m.runOnce(g)
	}
	m.view.unbind(n)
}

func (m *Matcher) meets(c *scopeCondition) bool {
	for i := m.view.first(c.fid); i >= 0; i = m.view.next(i) {
		b := m.view.binding(i)
		if b != object && slices.Contains(c.values, m.view.folded(b)) {
			return true
		}
	}
	return false
}

func (m *Matcher) runOnce(g *group) {
	if m.ran[g.number] == m.view.stamp {
		return
	}
	m.ran[g.number] = m.view.stamp
	if m.fullScan {
		if m.inspect != nil {
			m.inspect()
			return
		}
		for i := range g.rules {
			if g.rules[i].expr.holds(&m.view) {
				m.hit(g.rules[i].rule)
			}
		}
		return
	}
	m.runIndexed(g)
}
