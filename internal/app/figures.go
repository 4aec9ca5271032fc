package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/attack"
	"github.com/lachan-vn/lachan/internal/module/entity"
	"github.com/lachan-vn/lachan/internal/module/rule"
)

// attackAlerts counts alerts for the ATT&CK matrix.
type attackAlerts struct{ alerts *alert.Service }

func (a attackAlerts) ByRule(ctx context.Context, r attack.Range) ([]attack.RuleHits, error) {
	found, err := a.alerts.ByRule(ctx, alert.Span(r))
	out := make([]attack.RuleHits, len(found))
	for i, c := range found {
		out[i] = attack.RuleHits(c)
	}
	return out, err
}

func (a attackAlerts) OfRules(ctx context.Context, rules []string, r attack.Range, limit int) ([]module.AlertView, error) {
	return a.alerts.NewestOf(ctx, rules, alert.Span(r), limit)
}

// entityAlerts finds alerts about one host, account or address.
type entityAlerts struct{ alerts *alert.Service }

func (a entityAlerts) About(ctx context.Context, fields, values []string, from, to time.Time, limit int) ([]module.AlertView, entity.Counts, error) {
	views, counts, err := a.alerts.OfEntity(ctx, alert.Entity{Fields: fields, Values: values}, alert.Span{From: from, To: to}, limit)
	return views, entity.Counts(counts), err
}

func (a entityAlerts) Steps(ctx context.Context, alerts []string, limit int) ([]entity.Step, error) {
	found, err := a.alerts.Steps(ctx, alerts, limit)
	out := make([]entity.Step, len(found))
	for i, s := range found {
		out[i] = entity.Step{AlertID: s.AlertID, At: s.At, By: s.By, Action: s.Action, From: s.From, To: s.To, Reason: s.Reason, Note: s.Note}
	}
	return out, err
}

// Titles names a loaded rule.
func (b *rulebook) Titles(id string) (title, titleVi, level string) {
	if r := b.Rule(id); r != nil {
		return r.Title, r.TitleVi, r.EffectiveLevel()
	}
	return "", "", ""
}

// ruleNoise tells what a rule's alerts cost people.
type ruleNoise struct{ alerts *alert.Service }

func (a ruleNoise) Shares(ctx context.Context, since time.Time) (map[string]rule.Share, error) {
	found, err := a.alerts.Shares(ctx, since)
	out := make(map[string]rule.Share, len(found))
	for id, s := range found {
		out[id] = rule.Share(s)
	}
	return out, err
}

func (a ruleNoise) NoiseOf(ctx context.Context, id string, since time.Time) (rule.RuleNoise, error) {
	n, err := a.alerts.NoiseOf(ctx, id, since)
	out := rule.RuleNoise{ByReason: n.ByReason, Alerts: n.Alerts, Findings: n.Findings, MedianToClose: n.MedianToClose, Judged: n.Judged}
	for _, d := range n.Days {
		out.Days = append(out.Days, rule.NoiseDay(d))
	}
	for _, u := range n.Units {
		out.Units = append(out.Units, rule.NoiseUnit(u))
	}
	for _, e := range n.Entities {
		out.Entities = append(out.Entities, rule.NoiseEntity(e))
	}
	return out, err
}
