package coordination

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Ask asks another side about a matter. Errors: Denied, NotFound, Invalid.
func (s *Service) Ask(ctx context.Context, subject module.Subject, to Side, question string, by time.Time) (Ask, error) {
	m, err := s.matter(ctx, module.ActionCoordinationAsk, subject)
	if err != nil {
		return Ask{}, err
	}
	p, now := module.PrincipalOf(ctx), s.Now()
	if to, err = s.side(ctx, to, "to"); err != nil {
		return Ask{}, err
	}
	a := Ask{ID: module.NewID(), Subject: m.Subject, Unit: m.Unit, Drill: m.Drill, To: to, Question: question, By: by, State: AskSent,
		At: now, Asker: p.ID, Name: p.DisplayName, Steps: []AskStep{}, Version: 1}
	if err := a.check(now); err != nil {
		return Ask{}, err
	}
	return a, s.do(ctx, []event.UnitID{a.Unit, a.To.other()}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		if err := insert(ctx, tx, &a); err != nil {
			return module.Entry{}, err
		}
		n := askNotice(&a, "coordination.ask", "high", "Yêu cầu phối hợp", "Asked for help")
		if err := tell(ctx, tx, noticeUnit(&a), n); err != nil {
			return module.Entry{}, err
		}
		return module.Entry{Action: "coordination.ask", Object: "ask:" + a.ID, Detail: map[string]string{
			"subject": a.Subject.Code, "unit": string(a.Unit), "to": a.To.Kind + ":" + a.To.ID,
		}}, nil
	})
}

// noticeUnit is the unit whose people are told of an ask.
func noticeUnit(a *Ask) event.UnitID {
	if to := a.To.other(); to != "" {
		return to
	}
	return a.Unit
}

// Asks lists the asks of the principal's units and those to them. Errors: Denied.
func (s *Service) Asks(ctx context.Context, f Filter) ([]Ask, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationRead); err != nil {
		return nil, err
	}
	found, err := list[Ask](ctx, s.DB, p, f, true)
	for i := range found {
		found[i].narrow(p)
	}
	return found, err
}

// narrow leaves to who is asked the ask alone: the title of the matter is not his.
func (a *Ask) narrow(p module.Principal) {
	if !p.Sees(a.Unit) {
		a.Subject.ID, a.Subject.Title = "", ""
	}
}

// GetAsk returns an ask. Errors: Denied, NotFound.
func (s *Service) GetAsk(ctx context.Context, id string) (Ask, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationRead); err != nil {
		return Ask{}, err
	}
	a, err := one[Ask](ctx, s.DB, id)
	if err == nil && !p.Sees(a.Unit) && !p.Sees(a.To.other()) {
		err = unknown()
	}
	a.narrow(p)
	return a, err
}

// StepAsk takes an ask further: who is asked sees, answers or refuses it, and for
// who has no console the asking side notes it; the asking side withdraws it.
// Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) StepAsk(ctx context.Context, id string, to AskState, words string, version int64) (Ask, error) {
	p := module.PrincipalOf(ctx)
	needed := module.ActionCoordinationAnswer
	if to == AskWithdrawn {
		needed = module.ActionCoordinationAsk
	}
	if err := p.Require(needed); err != nil {
		return Ask{}, err
	}
	a, err := one[Ask](ctx, s.DB, id)
	if err == nil && !p.Sees(a.Unit) && !p.Sees(a.To.other()) {
		err = unknown()
	}
	if err != nil {
		return Ask{}, err
	}
	side := a.To.other()
	if to == AskWithdrawn || side == "" {
		side = a.Unit
	}
	if !p.Can(needed, side) {
		return Ask{}, fault.New(fault.Denied, "this is for the other side to say").WithCode("coordination.other-side")
	}
	if a.Version != version {
		return Ask{}, changed()
	}
	if err := a.step(to, words, p, s.Now()); err != nil {
		return Ask{}, err
	}
	a.Version++
	err = s.do(ctx, []event.UnitID{a.Unit, a.To.other()}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		if err := update(ctx, tx, &a); err != nil {
			return module.Entry{}, err
		}
		if n, ok := steppedNotice(&a, p.ID); ok {
			if err := tell(ctx, tx, a.Unit, n); err != nil {
				return module.Entry{}, err
			}
		}
		return module.Entry{Action: "coordination.ask-" + string(to), Object: "ask:" + a.ID, Detail: map[string]string{"subject": a.Subject.Code, "to": a.To.Kind + ":" + a.To.ID}}, nil
	})
	a.narrow(p)
	return a, err
}

// steppedNotice tells the asker that an answer came, unless he noted it himself.
func steppedNotice(a *Ask, by string) (module.Notice, bool) {
	n := module.Notice{Kind: "coordination.answered", Level: "medium", User: a.Asker, Object: "ask:" + a.ID, Drill: a.Drill}
	switch a.State {
	case AskAnswered:
		n.TitleVi, n.Title = a.To.Name+" đã trả lời: "+a.Subject.Code, a.To.Name+" answered: "+a.Subject.Code
	case AskRefused:
		n.Level, n.TitleVi, n.Title = "high", a.To.Name+" từ chối: "+a.Subject.Code, a.To.Name+" refused: "+a.Subject.Code
	default:
		return n, false
	}
	return n, a.Asker != by
}

// tickAsks reminds who was asked.
func (s *Service) tickAsks(ctx context.Context) error {
	now, told := s.Now(), false
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		asks, err := due[Ask](ctx, tx, now, atOnce)
		if err != nil {
			return err
		}
		for i := range asks {
			a := &asks[i]
			a.Reminded, a.Version = a.reminder(now), a.Version+1
			if err := update(ctx, tx, a); err != nil {
				return err
			}
			n := askNotice(a, "coordination.ask-remind", "high", "Nhắc trả lời yêu cầu phối hợp", "An answer is awaited")
			if a.Reminded >= 100 {
				n.Level, n.User = "critical", a.Asker
				n.TitleVi, n.Title = "Yêu cầu phối hợp quá hạn trả lời: "+a.Subject.Code, "An ask was not answered in time: "+a.Subject.Code
			}
			if err := tell(ctx, tx, noticeUnit(a), n); err != nil {
				return err
			}
			told = true
		}
		return nil
	})
	if err == nil && told {
		s.Wake()
	}
	return err
}

// Propose offers the leadership of a matter to another side. Errors: Denied,
// NotFound, Invalid, Conflict where one is offered already.
func (s *Service) Propose(ctx context.Context, subject module.Subject, to Side, reason string) (Handover, error) {
	m, err := s.matter(ctx, module.ActionCoordinationCall, subject)
	if err != nil {
		return Handover{}, err
	}
	p, now := module.PrincipalOf(ctx), s.Now()
	if to, err = s.side(ctx, to, "to"); err != nil {
		return Handover{}, err
	}
	h := Handover{ID: module.NewID(), Subject: m.Subject, Unit: m.Unit, Drill: m.Drill, To: to, Reason: reason, State: HandoverProposed, At: now,
		Proposer: p.ID, Name: p.DisplayName, Version: 1, From: Side{Kind: SideUnit, ID: string(m.Unit), Name: s.Units.Name(m.Unit)}}
	if err := text("reason", &h.Reason, maxText, true); err != nil {
		return Handover{}, err
	}
	return h, s.do(ctx, []event.UnitID{h.Unit, to.other()}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		before, err := list[Handover](ctx, tx, module.System(), Filter{Subject: m.Subject}, false)
		if err != nil {
			return module.Entry{}, err
		}
		for _, b := range before { // the newest first
			if b.State == HandoverProposed {
				return module.Entry{}, fault.New(fault.Conflict, "a hand-over of it waits for an answer already").WithCode("coordination.offered")
			}
			if b.State == HandoverAccepted {
				h.From = b.To
				break
			}
		}
		if h.From.Kind == to.Kind && h.From.ID == to.ID {
			return module.Entry{}, bad("to", "leads", "%s leads already", to.Name)
		}
		if err := insert(ctx, tx, &h); err != nil {
			return module.Entry{}, err
		}
		unit := to.other()
		if unit == "" {
			unit = h.Unit
		}
		if err := tell(ctx, tx, unit, module.Notice{Kind: "coordination.handover", Level: "high", Object: "handover:" + h.ID, Drill: h.Drill, Told: answerable(to.other()),
			TitleVi: "Đề nghị tiếp nhận chủ trì: " + h.Subject.Code, Title: "Asked to take the lead: " + h.Subject.Code}); err != nil {
			return module.Entry{}, err
		}
		return module.Entry{Action: "coordination.propose", Object: "handover:" + h.ID, Detail: map[string]string{
			"subject": h.Subject.Code, "from": h.From.Kind + ":" + h.From.ID, "to": to.Kind + ":" + to.ID, "reason": h.Reason,
		}}, nil
	})
}

// Handovers lists the hand-overs of the principal's units and those to them.
// Errors: Denied.
func (s *Service) Handovers(ctx context.Context, f Filter) ([]Handover, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationRead); err != nil {
		return nil, err
	}
	found, err := list[Handover](ctx, s.DB, p, f, true)
	for i := range found {
		found[i].narrow(p)
	}
	return found, err
}

func (h *Handover) narrow(p module.Principal) {
	if !p.Sees(h.Unit) {
		h.Subject.ID, h.Subject.Title = "", ""
	}
}

// Decide accepts, refuses or withdraws a hand-over. A unit decides for itself; for a
// force or a member, the side of the matter notes what they said. Errors: Denied,
// NotFound, Conflict, Invalid.
func (s *Service) Decide(ctx context.Context, id string, to HandoverState, note string, version int64) (Handover, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationAnswer); err != nil {
		return Handover{}, err
	}
	h, err := one[Handover](ctx, s.DB, id)
	if err == nil && !p.Sees(h.Unit) && !p.Sees(h.To.other()) {
		err = unknown()
	}
	if err != nil {
		return Handover{}, err
	}
	side := h.To.other()
	if to == HandoverWithdrawn || side == "" {
		side = h.Unit
	}
	switch {
	case !p.Sees(side):
		return Handover{}, fault.New(fault.Denied, "this is for the other side to say").WithCode("coordination.other-side")
	case to == HandoverAccepted && h.To.Kind == SideUnit && h.Proposer == p.ID && p.Unit != side:
		return Handover{}, fault.New(fault.Denied, "who offers the leadership does not accept it for the other side").WithCode("coordination.own")
	case h.Version != version:
		return Handover{}, changed()
	}
	if err := h.decide(to, note, p, s.Now()); err != nil {
		return Handover{}, err
	}
	h.Version++
	err = s.do(ctx, []event.UnitID{h.Unit, h.To.other()}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		if err := update(ctx, tx, &h); err != nil {
			return module.Entry{}, err
		}
		if to == HandoverAccepted {
			body, err := json.Marshal(HandedOver{h.ID, h.Subject, h.Unit, h.Drill, h.From, h.To, h.Reason, h.DecidedAt, p.ID})
			if err != nil {
				return module.Entry{}, err
			}
			if err := module.Emit(ctx, tx, []module.Fact{{Kind: FactHandover, Unit: h.Unit, Body: body}}); err != nil {
				return module.Entry{}, err
			}
		}
		return module.Entry{Action: "coordination." + string(to), Object: "handover:" + h.ID, Detail: map[string]string{"subject": h.Subject.Code, "note": note}}, nil
	})
	h.narrow(p)
	return h, err
}
