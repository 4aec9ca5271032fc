package detect

import (
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// Off says for whom a rule is switched off. Such a rule gives no finding about
// them. It still sees their events: its id is stored with them, so that a search
// finds what it would have told, and correlation rules go on counting them.
type Off struct {
	Everywhere bool
	Units      map[event.UnitID]bool
}

// In reports whether the rule is off for the unit; of a nil Off, false.
func (o *Off) In(unit event.UnitID) bool {
	return o != nil && (o.Everywhere || o.Units[unit])
}

// Switch puts in force which rules are off, by id; the others are on. It may be
// called while workers match: each event after it is judged by it. It is the one
// thing about a Set that changes, so that switching a rule costs no compilation.
func (s *Set) Switch(off map[string]*Off) {
	for _, r := range s.rules {
		r.off.Store(off[r.ID])
	}
}

// Tells reports whether the rule gives findings about events of the unit.
func (r *Rule) Tells(unit event.UnitID) bool { return !r.Silent && !r.off.Load().In(unit) }

// Enabled reports whether the rule gives findings about some unit: it is not off
// everywhere and not only there for correlations.
func (r *Rule) Enabled() bool {
	o := r.off.Load()
	return !r.Silent && (o == nil || !o.Everywhere)
}

// Reach tells which rules of a set have logs to look at. See sigma.Reach.
type Reach struct{ *sigma.Reach }

// NewReach returns a reach over the set that has seen nothing.
func (s *Set) NewReach() Reach { return Reach{s.ruleset.NewReach()} }

// See takes in that there are events of the source, of Windows with this channel
// and number.
func (r Reach) See(source event.Source, channel, eventID string) {
	ev := sigma.Event{Source: sigma.LogSource(source)}
	for _, f := range []sigma.Field{{Name: "Channel", Value: channel}, {Name: "EventID", Value: eventID}} {
		if f.Value != "" {
			ev.Fields = append(ev.Fields, f)
		}
	}
	r.Reach.See(&ev)
}

// Fed reports whether the rule's log source was seen; of a correlation rule,
// that of one of the rules it is made of.
func (r Reach) Fed(rule *Rule) bool {
	for _, p := range rule.Parts {
		if r.Has(p.Rule.Rule) {
			return true
		}
	}
	return r.Has(rule.Rule)
}
