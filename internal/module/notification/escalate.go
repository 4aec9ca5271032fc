package notification

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// escalation is one alert on its way through a plan.
type escalation struct {
	ID       string // plan and alert: once each
	Plan     string
	Alert    string
	Notice   notice
	Step     int
	DueAt    time.Time
	Started  time.Time
	Assignee string
}

const (
	// runningMost bounds the alerts of one plan that a batch puts on their way: who
	// is called for five hundred need not be called for the rest.
	runningMost    = 500
	escalateAtOnce = 100
)

func (t *telling) escalate(n *notice, p *Plan) {
	id := p.ID + "|" + n.alert
	if t.once(n, "plan|"+p.ID) || t.perPlan[p.ID] >= runningMost {
		return
	}
	t.perPlan[p.ID]++
	t.escalations = append(t.escalations, escalation{
		ID: id, Plan: p.ID, Alert: n.alert, Notice: *n, Started: t.now, Assignee: n.Assignee,
		DueAt: t.now.Add(time.Duration(p.Steps[0].AfterMinutes) * time.Minute),
	})
}

// escalate takes every escalation that is due one step on.
func (s *Service) escalate(ctx context.Context) error {
	due, err := s.store.dueEscalations(ctx, s.Now(), escalateAtOnce)
	if err != nil || len(due) == 0 {
		return err
	}
	var t *telling
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if t, err = s.telling(ctx); err != nil {
			return err
		}
		for i := range due {
			e := &due[i]
			p := t.all.plans[e.Plan]
			gone := p == nil || !p.Enabled || e.Step >= len(p.Steps)
			next := t.now
			if !gone && e.Step+1 < len(p.Steps) {
				next = t.now.Add(time.Duration(p.Steps[e.Step+1].AfterMinutes) * time.Minute)
			}
			// Somebody may have acknowledged since it was read.
			still, err := s.store.stepOn(ctx, tx, e, next, gone || e.Step+1 >= len(p.Steps), t.now)
			if err != nil {
				return err
			}
			if !still || gone {
				continue
			}
			n := e.Notice
			n.Kind, n.Assignee = KindEscalation, e.Assignee
			n.Fact = e.ID + "|" + string(rune('0'+e.Step))
			t.recipients(ctx, &n, p.Steps[e.Step].Recipients, p.Steps[e.Step].Channels)
		}
		return t.write(ctx, tx)
	})
	if err == nil {
		t.announce()
	}
	return err
}
