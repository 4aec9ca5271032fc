package exclusion

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

// look is how often the ends of exclusions are looked at. They do not act beyond
// their ends meanwhile: the rules go by each event's arrival.
const look = 30 * time.Second

func (s *Service) run(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Tick ends what has expired, and reminds of what soon will.
func (s *Service) Tick(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	now, ended, told := s.Now(), false, false
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		ended, told = false, false
		list, err := s.store.acting(ctx, tx)
		if err != nil {
			return err
		}
		for i := range list {
			x := &list[i]
			expired, remind := x.due(now)
			if !expired && !remind {
				continue
			}
			kind := FactExpiring
			x.RemindedAt = now
			if expired {
				kind, ended = FactExpired, true
				x.State, x.EndedAt = Expired, x.ExpiresAt
			}
			x.Version++
			if ok, err := s.store.update(ctx, tx, x); err != nil || !ok {
				return err
			}
			if err := s.tell(ctx, tx, kind, x, ""); err != nil {
				return err
			}
			told = true
			if expired {
				if err := s.audit(ctx, tx, "exclusion.expire", x); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil || !told {
		return err
	}
	s.Wake()
	if !ended {
		return nil
	}
	return s.Load(ctx)
}
