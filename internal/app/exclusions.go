package app

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/exclusion"
	"github.com/lachan-vn/lachan/internal/pipeline"
	"github.com/lachan-vn/lachan/sigma"
)

// Exclude puts exclusions in the place of those in force. They outlive a reload of
// the rules.
func (b *rulebook) Exclude(list []detect.Exclusion) map[string][]sigma.Problem {
	b.reloading.Lock()
	defer b.reloading.Unlock()
	b.exclusions = list
	set, problems := b.current.Load().Excluding(list)
	b.current.Store(set)
	return problems
}

// exclusionAlerts shows module exclusion the alerts, its sibling.
type exclusionAlerts struct{ alerts *alert.Service }

// Subject implements [exclusion.Alerts].
func (x exclusionAlerts) Subject(ctx context.Context, id string) (exclusion.Subject, error) {
	a, err := x.alerts.Read(ctx, id)
	if err != nil {
		return exclusion.Subject{}, err
	}
	return subjectOf(&a), nil
}

// OfRules implements [exclusion.Alerts].
func (x exclusionAlerts) OfRules(ctx context.Context, rules []string, units []event.UnitID, since time.Time, limit int) ([]exclusion.Subject, error) {
	alerts, err := x.alerts.OfRules(ctx, rules, units, since, limit)
	if err != nil {
		return nil, err
	}
	out := make([]exclusion.Subject, len(alerts))
	for i := range alerts {
		out[i] = subjectOf(&alerts[i])
	}
	return out, nil
}

// Close implements [exclusion.Alerts].
func (x exclusionAlerts) Close(ctx context.Context, tx bun.Tx, id, reason, note string) error {
	status, why := alert.StatusClosed, alert.Reason(reason)
	c := alert.Change{Status: &status, Reason: &why}
	if note != "" {
		c.Note = &note
	}
	return x.alerts.ChangeIn(ctx, tx, id, c)
}

// Closed implements [exclusion.Alerts].
func (x exclusionAlerts) Closed(id string) { x.alerts.Committed([]alert.Recorded{{ID: id}}) }

func subjectOf(a *alert.Alert) exclusion.Subject {
	s := exclusion.Subject{
		ID: a.ID, RuleID: a.RuleID, Title: a.Title, TitleVi: a.TitleVi, Unit: a.Unit, EntityField: a.EntityField, EntityValue: a.EntityValue,
		Signal: a.Signal != nil, Series: a.Series != nil, At: a.LastSeen, Query: a.Query(),
		From: a.FirstSeen.Truncate(time.Millisecond), To: a.LastSeen.Truncate(time.Millisecond).Add(time.Millisecond),
	}
	if a.Series != nil {
		for _, g := range a.Series.Group {
			s.Group = append(s.Group, event.Field{Name: g.Name, Value: g.Value})
		}
	}
	return s
}

// leftOut is how the process loop's counts of exclusions reach their module.
func leftOut(b *pipeline.Effect) map[string]exclusion.LeftOut {
	if len(b.Excluded) == 0 {
		return nil
	}
	out := make(map[string]exclusion.LeftOut, len(b.Excluded))
	for id, n := range b.Excluded {
		out[id] = exclusion.LeftOut{Hits: n.Hits, Last: n.Last, Event: n.Event.String()}
	}
	return out
}
