package readiness

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// OverridesEnding returns at most so many decisions whose last day is between two days,
// both among them, and that nobody ended before. Errors: Denied.
func (s *Service) OverridesEnding(ctx context.Context, from, to module.Date, unit event.UnitID, limit int) ([]Override, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessRead); err != nil {
		return nil, err
	}
	return s.store.overrides(ctx, s.DB, func(q *bun.SelectQuery) *bun.SelectQuery {
		if unit != "" {
			q = q.Where("unit = ?", string(unit))
		}
		return reach(q, p).Where("ended_at = 0").Where("until >= ?", string(from)).Where("until <= ?", string(to)).Limit(int64(limit))
	})
}

// Cycle is the last day by which a system is to be assessed again by others.
type Cycle struct {
	module.Registered
	Assessor string
	Day      module.Date
}

// CyclesEnding returns the systems whose assessment cycle ends between two days, both
// among them. Errors: Denied.
func (s *Service) CyclesEnding(ctx context.Context, from, to module.Date, unit event.UnitID) ([]Cycle, error) {
	list, err := s.All(ctx)
	var out []Cycle
	for i := range list {
		x := &list[i]
		if day := x.NextAssessment(); day >= from && day <= to && day != "" && (unit == "" || x.Unit == unit) {
			out = append(out, Cycle{x.Registered, x.Layers[2].Facts.Organisation, day})
		}
	}
	return out, err
}
