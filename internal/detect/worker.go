package detect

import (
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// Worker matches events against one Set. One goroutine at a time.
type Worker struct {
	set     *Set
	matcher *sigma.Matcher
	view    sigma.Event
	hits    []*Rule
	onHit   func(*sigma.Rule)
	fields  []sigma.Field // of an event that was hit
	finder  *sigma.FieldFinder

	excluded []Excluded
}

// NewWorker makes a worker over the set.
func (s *Set) NewWorker() *Worker {
	w := &Worker{set: s, matcher: s.ruleset.NewMatcher()}
	w.onHit = func(r *sigma.Rule) { w.hits = append(w.hits, w.set.byRule[r]) }
	return w
}

// Set returns the set the worker matches against.
func (w *Worker) Set() *Set { return w.set }

// Match returns the rules that fire on ev, valid until the next call. It does
// not allocate where nothing fires.
func (w *Worker) Match(ev *event.Event) []*Rule {
	w.hits = w.hits[:0]
	w.look(ev)
	w.matcher.Match(&w.view, w.onHit)
	w.view = sigma.Event{}
	w.excluded = w.excluded[:0]
	if len(w.hits) > 0 && w.set.excluded != nil {
		w.leaveOut(ev)
	}
	return w.hits
}

// Explain says why r fires on ev or does not; nil for a rule that is none by
// itself. It costs thousands of times what Match does.
func (w *Worker) Explain(r *Rule, ev *event.Event) *sigma.Explanation {
	w.look(ev)
	return w.set.ruleset.Explain(r.Rule, &w.view)
}

// Matched returns the places in ev.Fields of the values that made r fire on ev, in
// order, valid until the next call. It costs about what Match does.
func (w *Worker) Matched(r *Rule, ev *event.Event) []int {
	if w.finder == nil {
		w.finder = w.set.ruleset.NewFieldFinder()
	}
	w.look(ev)
	return w.finder.Find(r.Rule, &w.view)
}

// Sieve returns a condition that every event meets on which one of the given
// detection rules of the set fires, for finding such events in a store.
func (s *Set) Sieve(rules []*Rule) *sigma.Sieve {
	of := make([]*sigma.Rule, len(rules))
	for i, r := range rules {
		of[i] = r.Rule
	}
	return s.ruleset.Sieve(of...)
}

// look shows ev to the rule engine.
func (w *Worker) look(ev *event.Event) {
	w.view = sigma.Event{Source: sigma.LogSource(ev.Source), Fields: sigmaFields(ev.Fields)}
}

// Find makes the finding of rule r on ev.
func Find(r *Rule, ev *event.Event) Finding {
	field, value := entity(r, ev)
	return Finding{
		RuleID: r.ID, RuleHash: r.Hash, Title: r.Title, TitleVi: r.TitleVi, Level: r.level, Tags: r.Tags,
		Unit: ev.Unit, EntityField: field, EntityValue: strings.Clone(value),
		EventID: ev.ID, Time: ev.Time, Received: ev.Received, Drill: strings.Clone(event.DrillOf(ev.Credential)),
	}
}

// entity picks whom the alert is about: the field the rule names, else the host
// the event speaks of, else the address it came from.
func entity(r *Rule, ev *event.Event) (field, value string) {
	if r.Entity != "" && r.Entity != "host" {
		if v, ok := ev.Get(r.Entity); ok && v != "" {
			return r.Entity, v
		}
	}
	if ev.Host != "" {
		return "host", ev.Host
	}
	return "peer", ev.Peer
}
