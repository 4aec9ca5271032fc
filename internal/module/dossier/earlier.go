package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
)

// Earlier is a level that was approved under the law of 2015, before its system came into
// this register. It is kept (Luật An ninh mạng 116/2025 Đ45.1); the measures of the law in
// force are due within twelve months.
type Earlier struct {
	System   string
	Level    int
	Decision Decision
	Reason   string // what was seen of it, or where the paper is
}

// inForce is the day of the law of 2025: a level that was approved on it or later goes the
// way of a dossier.
const inForce module.Date = "2026-07-01"

// Enter notes a level that was approved before, as a dossier that is approved and had no
// way here; who noted it stands in its history. Errors: Denied, NotFound, Conflict
// dossier.open or dossier.has-level, Invalid.
func (s *Service) Enter(ctx context.Context, e Earlier) (Dossier, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierAppraise); err != nil {
		return Dossier{}, err
	}
	r, err := s.Systems.System(ctx, e.System)
	if err != nil {
		return Dossier{}, err
	}
	e.Reason = strings.TrimSpace(e.Reason)
	switch {
	case e.Level < 1 || e.Level > 5:
		return Dossier{}, bad("level", "level", "a level is 1 to 5")
	case !module.IsText(e.Reason, maxNote):
		return Dossier{}, bad("reason", "note", "a reason has at most %d letters", maxNote)
	}
	if err := e.Decision.check("decision", s.today()); err != nil {
		return Dossier{}, err
	}
	if e.Decision.Date >= inForce {
		return Dossier{}, bad("decision.date", "earlier", "a level that is approved from 01/07/2026 on goes the way of a dossier")
	}
	if r.Level > 0 {
		return Dossier{}, fault.New(fault.Conflict, "the system has an approved level: begin a dossier that determines it anew").WithCode("dossier.has-level")
	}
	now := s.Now()
	hand := Hand{p.ID, p.DisplayName, now}
	d := Dossier{ID: module.NewID(), State: Approved, Criteria: level.Transition, Reason: e.Reason, Answers: level.Answers{}, Level: e.Level, Decision: e.Decision, Decider: hand,
		CreatedAt: now, ChangedAt: now, Version: 1}
	d.of(&r.Registered)
	if s.Aspects != nil {
		if d.Aspects, err = s.Aspects(ctx, d.System); err != nil {
			return Dossier{}, err
		}
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.store.ofSystem(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		if err := s.insert(ctx, tx, &d, before); err != nil {
			return err
		}
		x := Step{ID: module.NewID(), Verb: Enter, From: Draft, To: Approved, Note: e.Reason, Paper: e.Decision, ByID: p.ID, By: p.DisplayName, At: now}
		if err := s.store.addStep(ctx, tx, d.ID, &x); err != nil {
			return err
		}
		if err := s.Systems.SetLevel(ctx, tx, d.System, d.Level, d.Level); err != nil {
			return err
		}
		body, err := json.Marshal(Told{d.ID, d.Code, d.System, d.SystemName, d.Unit, d.Level, d.Decision})
		if err != nil {
			return err
		}
		if err := module.Emit(ctx, tx, []module.Fact{{Kind: FactApproved, Unit: d.Unit, Body: body}}); err != nil {
			return err
		}
		return s.trail(ctx, tx, "enter", &d, map[string]string{"system": d.SystemCode, "paper": d.Decision.Number, "level": fmt.Sprint(d.Level)})
	})
	if err == nil {
		s.Wake()
	}
	return d, err
}
