package dossier

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// hearInspected notes in Form 08 that systems were inspected, so that nobody enters it a
// second time.
func (s *Service) hearInspected(ctx context.Context, fact module.Fact) error {
	var told module.Inspected
	if err := json.Unmarshal(fact.Body, &told); err != nil {
		s.Log.ErrorContext(ctx, "an inspection could not be read; somebody must enter it in Form 08", "fact", fact.ID, "error", err)
		return nil
	}
	ctx = module.WithPrincipal(ctx, module.System())
	for _, id := range told.Systems {
		r, err := s.Systems.System(ctx, id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			x, err := s.store.inspection(ctx, tx, id)
			if err != nil || !x.visited(&told, r.State) {
				return err
			}
			return s.inspect(ctx, tx, &r.Registered, &x)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// visited takes over what an inspection says of a system in a state; false: nothing that
// was not known. One that was heard of is not taken again: the system may be in operation
// by now, and was not when it was inspected.
func (x *Inspection) visited(told *module.Inspected, state string) bool {
	if x.Visit.ID == told.Inspection.ID {
		return false
	}
	switch {
	case state == module.SystemPlanned && !x.BeforeUse:
		x.BeforeUse = true
	case state == module.SystemOperating && told.Day > x.InspectedAt:
		x.InspectedAt = told.Day
	default:
		return false
	}
	x.Visit = Visited{told.Inspection.ID, told.Inspection.Code}
	return true
}
