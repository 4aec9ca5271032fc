package main

import (
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/sigma"
)

// scoper tells the peers, which have no such table of their own, what rules an
// event concerns, by the table our engine uses. What it worked out for one
// channel and event number it keeps, so that a peer pays one look-up an event.
type scoper struct {
	rules    []ruleFile
	mapping  []sigma.Class
	channels map[string][]sigma.LogSource
	fields   []string // what decides, besides the channel
	known    map[string]*scope
}

// scope is the rules that concern an event, by number, and the names under which
// they look for fields that this log names otherwise.
type scope struct {
	rules   []int
	aliases map[string]string
}

func newScoper(rules []ruleFile) *scoper {
	m := sigma.DefaultMapping()
	s := &scoper{rules: rules, mapping: m.Classes(), channels: map[string][]sigma.LogSource{}, known: map[string]*scope{}}
	for is, channels := range m.Channels() {
		for _, c := range channels {
			s.channels[c] = append(s.channels[c], is)
		}
	}
	for _, c := range s.mapping {
		for field := range c.Conditions {
			if !slices.Contains(s.fields, field) {
				s.fields = append(s.fields, field)
			}
		}
	}
	slices.Sort(s.fields)
	return s
}

// of returns the scope of an event, whose fields get looks up.
func (s *scoper) of(get func(field string) string) *scope {
	key := strings.ToLower(get("Channel"))
	for _, f := range s.fields {
		key += "\x00" + strings.ToLower(get(f))
	}
	sc, ok := s.known[key]
	if !ok {
		sc = s.build(get)
		s.known[key] = sc
	}
	return sc
}

func (s *scoper) build(get func(field string) string) *scope {
	sc := &scope{aliases: map[string]string{}}
	concerns := make([]bool, len(s.rules))
	for _, is := range s.channels[strings.ToLower(get("Channel"))] {
		for i, r := range s.rules {
			concerns[i] = concerns[i] || covers(r.source, is)
		}
		for _, c := range s.mapping {
			if !covers(c.Of, is) || !meets(c, get) {
				continue
			}
			also := c.Is
			if also.Product == "" {
				also.Product = is.Product
			}
			if also.Service == "" {
				also.Service = is.Service
			}
			for i, r := range s.rules {
				concerns[i] = concerns[i] || covers(r.source, also) && (r.source.Category != "" || !covers(r.source, is))
			}
			for as, of := range c.Aliases {
				sc.aliases[as] = of
			}
		}
	}
	for i, yes := range concerns {
		if yes {
			sc.rules = append(sc.rules, i)
		}
	}
	return sc
}

func meets(c sigma.Class, get func(field string) string) bool {
	for field, values := range c.Conditions {
		if !slices.Contains(values, strings.ToLower(get(field))) {
			return false
		}
	}
	return true
}

// covers reports whether rules for rule want events of log.
func covers(rule, log sigma.LogSource) bool {
	return (rule.Product == "" || strings.EqualFold(rule.Product, log.Product)) &&
		(rule.Category == "" || strings.EqualFold(rule.Category, log.Category)) &&
		(rule.Service == "" || strings.EqualFold(rule.Service, log.Service))
}
