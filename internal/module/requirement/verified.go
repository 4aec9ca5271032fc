package requirement

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

// Checklist returns the catalogue in force and what it asks at a level, in its order.
func (s *Service) Checklist(level int) (*Standard, []*Item) {
	x := s.standards.byID[DefaultStandard]
	return x, x.At(level)
}

// hearVerified takes over what an inspection found of requirements. It may be told twice.
func (s *Service) hearVerified(ctx context.Context, fact module.Fact) error {
	var x module.Verified
	if err := json.Unmarshal(fact.Body, &x); err != nil {
		s.Log.ErrorContext(ctx, "what an inspection found could not be read; nothing is verified by it", "fact", fact.ID, "error", err)
		return nil
	}
	x.At = x.At.Truncate(time.Microsecond) // as the store keeps it
	ctx = module.WithPrincipal(ctx, module.System())
	bySystem := map[string][]module.VerifiedItem{}
	var order []string
	for _, f := range x.Found {
		if bySystem[f.System] == nil {
			order = append(order, f.System)
		}
		bySystem[f.System] = append(bySystem[f.System], f)
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, id := range order {
			sys, ok, err := s.store.system(ctx, tx, id)
			if err != nil {
				return err
			}
			if !ok || sys.State == module.SystemRetired {
				continue
			}
			if err := s.found(ctx, tx, &sys, &x, bySystem[id]); err != nil {
				return err
			}
		}
		return nil
	})
}

// found notes what an inspection found of a system.
func (s *Service) found(ctx context.Context, tx bun.Tx, sys *System, x *module.Verified, items []module.VerifiedItem) error {
	answers, err := s.store.answers(ctx, tx, sys.ID)
	if err != nil {
		return err
	}
	changed := false
	for i := range items {
		f := &items[i]
		if _, _, known := s.standards.find(f.Item); !known {
			continue
		}
		a := answers[f.Item]
		if a == nil {
			a = &Answer{System: sys.ID, Item: f.Item}
		}
		if !a.found(x, f) {
			continue
		}
		a.Version++
		if ok, err := s.store.saveAnswer(ctx, tx, a); err != nil || !ok {
			if err == nil {
				err = answerChanged() // the fact comes again
			}
			return err
		}
		changed = true
		err := s.Trail.Append(ctx, tx, module.Entry{Action: "requirement.judge", Object: "system:" + sys.ID, Detail: map[string]string{
			"system": sys.Code, "unit": string(sys.Unit), "item": f.Item, "declared": string(a.State), "verdict": string(a.Verdict), "note": f.Note,
			"inspection": x.Inspection.Code, "by": x.By,
		}})
		if err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return s.sum(ctx, tx, sys)
}
