package dossier

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// CallFilter says which calls to list; its zero: the open ones.
type CallFilter struct {
	System string
	Unit   event.UnitID
	Any    bool // those that were decided, too
}

// Calls returns calls, the newest first, at most 200. Errors: Denied.
func (s *Service) Calls(ctx context.Context, f CallFilter) ([]Call, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierRead); err != nil {
		return nil, err
	}
	return s.store.calls(ctx, p, &f)
}

// Order notes that a competent authority orders the level of a system to be determined
// anew, by a document. Errors: Denied, NotFound, Invalid.
func (s *Service) Order(ctx context.Context, system, document string) (Call, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierWrite); err != nil {
		return Call{}, err
	}
	document = strings.TrimSpace(document)
	if len([]rune(document)) < minReason || !module.IsText(document, maxNote) {
		return Call{}, bad("reason", "reason", "name who orders it and by which document, in at least %d letters", minReason)
	}
	x, err := s.Systems.System(ctx, system)
	if err != nil {
		return Call{}, err
	}
	of := module.Subject{Kind: subjectOrder, ID: module.NewID()}
	var c Call
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.call(ctx, tx, &x.Registered, "order", document, of); err != nil {
			return err
		}
		c, _, err = s.store.callOf(ctx, tx, x.ID, of)
		return err
	})
	if err == nil {
		s.Wake()
	}
	return c, err
}

// Dismiss notes why the level need not be determined anew. Errors: Denied, NotFound,
// Conflict dossier.changed or dossier.state, Invalid.
func (s *Service) Dismiss(ctx context.Context, id, why string, version int64) (Call, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierAppraise); err != nil {
		return Call{}, err
	}
	why = strings.TrimSpace(why)
	if len([]rune(why)) < minReason || !module.IsText(why, maxNote) {
		return Call{}, bad("reason", "reason", "say why it need not be, in at least %d letters: others read it", minReason)
	}
	var c Call
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var ok bool
		var err error
		if c, ok, err = s.store.oneCall(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case !ok || !p.Sees(c.Unit) && (c.Operator == "" || !p.Sees(c.Operator)):
			return fault.New(fault.NotFound, "no such call").WithCode("dossier.unknown")
		case c.State != CallOpen:
			return fault.New(fault.Conflict, "it was decided already").WithCode("dossier.state")
		case c.Version != version:
			return changed()
		}
		c.State, c.Note, c.Decided, c.Version = CallDismissed, why, Hand{p.ID, p.DisplayName, s.Now()}, c.Version+1
		if ok, err := s.store.updateCall(ctx, tx, &c); err != nil || !ok {
			return orChanged(err)
		}
		return s.trailCall(ctx, tx, "dismiss", &c)
	})
	return c, err
}
