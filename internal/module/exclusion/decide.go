package exclusion

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Decision is what a person decides on an exclusion.
type Decision struct {
	Verb    Verb
	Version int64
	Note    string
	Days    int // of approve and extend; 0: as proposed
}

// Decide approves, rejects, revokes or extends. Errors: Denied, NotFound, Conflict
// exclusion.changed or exclusion.state, Invalid.
func (s *Service) Decide(ctx context.Context, id string, d Decision) (Exclusion, error) {
	facts := map[Verb]module.FactKind{Approve: FactApproved, Reject: FactRejected, Revoke: FactRevoked, Extend: FactExtended}
	return s.edit(ctx, id, d.Version, "exclusion."+string(d.Verb), facts[d.Verb], func(p module.Principal, x Exclusion) (Exclusion, error) {
		mine := d.Verb == Reject && x.ProposedBy == p.ID && p.Can(module.ActionExclusionPropose, x.Unit)
		if !mine && !p.Can(module.ActionExclusionApprove, x.Unit) {
			return x, fault.New(fault.Denied, "you may propose exclusions, not decide on them").WithCode("permission.denied")
		}
		if d.Verb == Approve {
			if err := s.readFilter(&x); err != nil {
				return x, err
			}
		}
		return x.decide(d.Verb, p, d.Note, d.Days, s.Config.FourEyes, s.Now())
	})
}

// Change is an edit of a proposed or active exclusion; nil leaves a part.
type Change struct {
	Version int64
	Filter  *string
	Reason  *string
	Days    *int // of a proposed one
	Unit    *event.UnitID
}

// Edit changes an exclusion: a proposed one by who proposed it or may approve it,
// an active one by who may approve. Where four eyes are asked for, an active one is
// a proposal again, by whoever edited it, and stops acting until it is approved.
// Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Edit(ctx context.Context, id string, c Change) (Exclusion, error) {
	return s.edit(ctx, id, c.Version, "exclusion.edit", "", func(p module.Principal, x Exclusion) (Exclusion, error) {
		mine := x.State == Proposed && x.ProposedBy == p.ID
		if !mine && !p.Can(module.ActionExclusionApprove, x.Unit) {
			return x, fault.New(fault.Denied, "only who proposed it, or who may approve it, changes an exclusion").WithCode("permission.denied")
		}
		if x.State != Proposed && x.State != Active {
			return x, fault.New(fault.Conflict, "the exclusion is %s; propose another one", x.State).WithCode("exclusion.state")
		}
		if c.Filter != nil {
			x.Filter = *c.Filter
			if err := s.readFilter(&x); err != nil {
				return x, err
			}
		}
		if c.Reason != nil {
			if err := checkReason(*c.Reason); err != nil {
				return x, err
			}
			x.Reason = strings.TrimSpace(*c.Reason)
		}
		if c.Unit != nil {
			if err := s.checkUnit(p, *c.Unit); err != nil {
				return x, err
			}
			x.Unit = *c.Unit
		}
		if c.Days != nil && x.State == Proposed {
			if err := checkDays(*c.Days); err != nil {
				return x, err
			}
			x.Days = *c.Days
		}
		if x.State == Active && s.Config.FourEyes {
			x.State, x.ExpiresAt = Proposed, time.Time{}
			x.ProposedBy, x.ProposedName = p.ID, p.DisplayName
		}
		return x, nil
	})
}

func (s *Service) edit(ctx context.Context, id string, version int64, action string, fact module.FactKind, change func(module.Principal, Exclusion) (Exclusion, error)) (Exclusion, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionExclusionPropose); err != nil {
		return Exclusion{}, err
	}
	var after Exclusion
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.get(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if before.Version != version {
			return fault.New(fault.Conflict, "somebody else changed the exclusion; read it again").WithCode("exclusion.changed")
		}
		if after, err = change(p, before); err != nil {
			return err
		}
		after.Version++
		if ok, err := s.store.update(ctx, tx, &after); err != nil || !ok {
			if err == nil {
				err = fault.New(fault.Conflict, "somebody else changed the exclusion; read it again").WithCode("exclusion.changed")
			}
			return err
		}
		if fact != "" {
			if err := s.tell(ctx, tx, fact, &after, p.ID); err != nil {
				return err
			}
		}
		return s.audit(ctx, tx, action, &after)
	})
	if err != nil {
		return Exclusion{}, err
	}
	return after, s.changed(ctx)
}
