package requirement

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

// Measures looks at what shows by itself.
type Measures interface {
	// Measure returns readings of systems, by their ids. What cannot be told is left
	// out, or not known.
	Measure(ctx context.Context, systems []System) (map[string][]Reading, error)
}

const (
	measureEvery = 4 * time.Hour
	measureFirst = 10 * time.Minute
	measureBatch = 200 // systems
)

// runMeasures measures all systems again and again until ctx ends.
func (s *Service) runMeasures(ctx context.Context) error {
	module.Every(ctx, measureFirst, measureEvery, func(ctx context.Context) {
		if err := s.MeasureAll(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "the systems could not be measured; it will be tried again", "error", err)
		}
	})
	return nil
}

// MeasureAll measures every system that is not retired.
func (s *Service) MeasureAll(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	after := ""
	for {
		batch, err := s.store.systems(ctx, after, measureBatch)
		if err != nil || len(batch) == 0 {
			return err
		}
		if err := s.measure(ctx, batch); err != nil {
			return err
		}
		after = batch[len(batch)-1].ID
	}
}

// MeasureNow measures one system because somebody asked. Errors: Denied, NotFound.
func (s *Service) MeasureNow(ctx context.Context, system string) error {
	sys, err := s.seen(ctx, s.DB, module.ActionRequirementRead, system)
	if err != nil {
		return err
	}
	return s.measure(module.WithPrincipal(ctx, module.System()), []System{sys})
}

func (s *Service) measure(ctx context.Context, systems []System) error {
	found, err := s.Measures.Measure(ctx, systems)
	if err != nil {
		return err
	}
	now := s.Now()
	for i := range systems {
		readings := found[systems[i].ID]
		for j := range readings {
			readings[j].At = now
		}
		err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if err := s.store.saveReadings(ctx, tx, systems[i].ID, readings); err != nil {
				return err
			}
			sys, _, err := s.store.system(ctx, tx, systems[i].ID) // it may be another's by now
			if err != nil {
				return err
			}
			return s.sum(ctx, tx, &sys)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
