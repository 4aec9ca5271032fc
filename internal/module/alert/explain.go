package alert

import (
	"context"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/sigma"
)

// Explained says why an alert's rule fires on one of the alert's events. The
// rule is the one in force now, the event is as it was stored.
type Explained struct {
	Event       *lake.Row
	Rule        *detect.Rule
	RulesLoaded time.Time // when the rules in force were loaded
	// Correlation says that Rule fires on series of events. Rules are then the
	// rules it is made of, those that fired on the event first; else Rule itself.
	Correlation bool
	Rules       []ExplainedRule
}

// ExplainedRule is one rule's view of the event. Where Fired and the explanation
// differ, the rule, a filter for it or the mapping of log sources has changed
// since.
type ExplainedRule struct {
	*detect.Rule
	Fired bool // on the event when it arrived
	*sigma.Explanation
}

// Explain says why the alert's rule fires on its newest event, or on the event of
// that id if eventID is not "". Errors: Denied; NotFound, also with
// alert.rule-gone if the rule is not loaded any more, and with alert.event-gone if
// the event, or each of the alert's, is not stored any more, and with alert.signal
// for one that no rule raised; Busy.
func (s *Service) Explain(ctx context.Context, id, eventID string) (Explained, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return Explained{}, err
	}
	if err := p.Require(module.ActionEventRead); err != nil {
		return Explained{}, err
	}
	a, err := s.get(ctx, s.store.db, p, id)
	if err != nil {
		return Explained{}, err
	}
	if a.Signal != nil {
		return Explained{}, fault.New(fault.NotFound, "the alert was raised by the centre itself, not by a rule; it explains itself").WithCode("alert.signal")
	}
	set, loadedAt := s.rules.Current()
	rule := set.Rule(a.RuleID)
	if rule == nil {
		return Explained{}, fault.New(fault.NotFound,
			"the rule %s is not loaded any more; put its file back, or see the alert's events", a.RuleID).WithCode("alert.rule-gone")
	}
	row, err := s.eventOf(ctx, a, eventID)
	if err != nil {
		return Explained{}, err
	}
	ev := row.Event()
	out := Explained{Event: row, Rule: rule, RulesLoaded: loadedAt}
	worker := set.NewWorker()
	add := func(r *detect.Rule) {
		why := worker.Explain(r, &ev)
		if why != nil {
			out.Rules = append(out.Rules, ExplainedRule{Rule: r, Fired: slices.Contains(row.Rules, r.ID), Explanation: why})
		}
	}
	if add(rule); len(out.Rules) == 0 {
		out.Correlation = true
		for _, part := range rule.Parts {
			add(part.Rule)
		}
		slices.SortStableFunc(out.Rules, func(a, b ExplainedRule) int { return a.rank() - b.rank() })
	}
	return out, nil
}

func (r *ExplainedRule) rank() int {
	switch {
	case r.Fired:
		return 0
	case r.Matched:
		return 1
	}
	return 2
}

// eventOf returns the event of that id of the alert's unit, or the alert's newest.
func (s *Service) eventOf(ctx context.Context, a Alert, eventID string) (*lake.Row, error) {
	if eventID == "" {
		var newest *lake.Row
		_, _, _, err := s.Events(ctx, a.ID, 1, func(r *lake.Row) error {
			newest = r
			return nil
		})
		if err == nil && newest == nil {
			err = fault.New(fault.NotFound, "none of the alert's events is stored any more: they are past the retention").WithCode("alert.event-gone")
		}
		return newest, err
	}
	id, err := event.ParseID(eventID)
	if err != nil {
		return nil, goneEvent()
	}
	ctx, cancel := context.WithTimeout(ctx, eventsTime)
	defer cancel()
	row, err := s.events.Event(ctx, lake.ScopeUnits(a.Unit), id)
	if fault.KindOf(err) == fault.NotFound {
		return nil, goneEvent()
	}
	return row, err
}

func goneEvent() error {
	return fault.New(fault.NotFound, "the event is not stored any more, or is not one of the alert's unit").WithCode("alert.event-gone").OnField("query.event")
}
