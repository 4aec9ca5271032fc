package dossier

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// FactApproved tells that the level of a system was approved; the body is a [Told].
const FactApproved module.FactKind = "dossier.approved"

// Told is the body of a FactApproved.
type Told struct {
	ID       string       `json:"id"`
	Code     string       `json:"code"`
	System   string       `json:"system"`
	Name     string       `json:"name"` // of the system
	Unit     event.UnitID `json:"unit"`
	Level    int          `json:"level"`
	Decision Decision     `json:"decision"`
}

// Take does a step. Errors: Denied, NotFound, Conflict dossier.changed,
// dossier.state, dossier.hands, dossier.owner, dossier.council, dossier.incomplete or
// dossier.regulation, Invalid naming the field.
func (s *Service) Take(ctx context.Context, id string, do Do) (Dossier, error) {
	p := module.PrincipalOf(ctx)
	var d Dossier
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if d, err = s.get(ctx, tx, p, module.ActionDossierRead, id); err != nil {
			return err
		}
		if err := p.Require(d.action(do.Verb)); err != nil {
			return err
		}
		if d.Version != do.Version {
			return changed()
		}
		to, err := d.step(&do, p, s.today())
		if err == nil {
			err = d.inOrder(&do)
		}
		if err != nil {
			return err
		}
		from, sender := d.State, d.Sender.ID
		d.State = to
		if err := s.effect(ctx, tx, &d, &do, p); err != nil {
			return err
		}
		d.ChangedAt, d.Version = s.Now(), d.Version+1
		if ok, err := s.store.update(ctx, tx, &d); err != nil || !ok {
			return orChanged(err)
		}
		x := Step{ID: module.NewID(), Verb: do.Verb, From: from, To: to, Note: do.Note, Paper: do.Paper, ByID: p.ID, By: p.DisplayName, At: s.Now()}
		if err := s.store.addStep(ctx, tx, d.ID, &x); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, &d, sender, do.Verb); err != nil {
			return err
		}
		return s.trail(ctx, tx, string(do.Verb), &d, map[string]string{"from": string(from), "to": string(to), "note": do.Note, "paper": do.Paper.Number})
	})
	if err == nil {
		s.Wake()
	}
	return d, err
}

// effect is what a step does besides moving the dossier; d is in its new state.
func (s *Service) effect(ctx context.Context, tx bun.Tx, d *Dossier, do *Do, p module.Principal) error {
	hand := Hand{p.ID, p.DisplayName, s.Now()}
	switch do.Verb {
	case Send:
		d.Sender, d.Judge, d.Council, d.Opinion, d.Remarks, d.AcceptedAt = hand, Hand{}, Decision{}, Decision{}, "", time.Time{}
		s.start(d, ClockCheck)
		return s.send(ctx, tx, d)
	case Accept:
		d.AcceptedAt = hand.At
		s.start(d, ClockAppraise)
	case Return:
		d.Remarks, d.Sender, d.Judge = do.Note, Hand{}, Hand{}
		s.start(d, "")
	case Council:
		d.Council = do.Paper
	case Judge:
		d.Judge, d.Opinion = hand, do.Paper
		s.start(d, ClockApprove)
	case Approve:
		d.Decider, d.Decision = hand, do.Paper
		s.start(d, "")
		return s.approve(ctx, tx, d)
	case Withdraw:
		s.start(d, "")
		return s.store.reopenCalls(ctx, tx, d.ID)
	}
	return nil
}

// start lets a clock run from now, "" none.
func (s *Service) start(d *Dossier, c Clock) {
	d.Clock, d.DueAt, d.Late = c, time.Time{}, false
	procedure := s.law.procedures[d.Level]
	if days := procedure.days(c); days > 0 {
		d.DueAt = s.Calendar.AfterWorkingDays(s.Now(), days)
	}
}

// send refuses an incomplete dossier and tells the register the proposed level.
func (s *Service) send(ctx context.Context, tx bun.Tx, d *Dossier) error {
	files, err := s.store.files(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	values, err := s.needed(ctx, d.ID)
	if err != nil {
		return err
	}
	items, err := s.law.checklist(d, files, string(s.today()), values)
	if err != nil {
		return err
	}
	var lacking []string
	for _, i := range items {
		if i.OK {
			continue
		}
		why := i.Why
		for _, n := range i.Lacks {
			why += ", " + n.En
		}
		lacking = append(lacking, i.Part.ID+" ("+why+")")
	}
	if len(lacking) > 0 {
		return fault.New(fault.Conflict, "the dossier is not complete: %s", strings.Join(lacking, ", ")).WithCode("dossier.incomplete")
	}
	r, err := s.Systems.System(ctx, d.System)
	if err != nil {
		return err
	}
	d.of(&r.Registered)
	if s.Aspects != nil {
		if d.Aspects, err = s.Aspects(ctx, d.System); err != nil {
			return err
		}
	}
	return s.Systems.SetLevel(ctx, tx, d.System, d.Level, -1)
}

// approve has the register take over the level, unless the regulation is missing.
func (s *Service) approve(ctx context.Context, tx bun.Tx, d *Dossier) error {
	x, err := s.Systems.System(ctx, d.System)
	if err != nil {
		return err
	}
	if x.Regulation.IsZero() || x.Regulation.Date > d.Decision.Date {
		return fault.New(fault.Conflict, "the security regulation must be issued before the approval: enter its number, date and issuer in the register first").WithCode("dossier.regulation")
	}
	if err := s.Systems.SetLevel(ctx, tx, d.System, d.Level, d.Level); err != nil {
		return err
	}
	body, err := json.Marshal(Told{d.ID, d.Code, d.System, d.SystemName, d.Unit, d.Level, d.Decision})
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{{Kind: FactApproved, Unit: d.Unit, Body: body}})
}

// told says who hears of a step: people of a role, at the owner and at the centre, or
// the one who sent the dossier.
var told = map[Verb]struct {
	kind, vi, en string
	roles        []string
}{
	Send:    {"dossier.sent", "Hồ sơ cấp độ chờ thẩm định", "A level dossier awaits its appraisal", []string{"appraiser"}},
	Judge:   {"dossier.judged", "Hồ sơ cấp độ chờ phê duyệt", "A level dossier awaits the decision", []string{"unit-head", "leader"}},
	Return:  {"dossier.returned", "Hồ sơ cấp độ được trả lại", "A level dossier was returned", nil},
	Approve: {"dossier.approved", "Cấp độ đã được phê duyệt", "A level was approved", nil},
}

// tell has people told of a step that concerns them.
func (s *Service) tell(ctx context.Context, tx bun.Tx, d *Dossier, sender string, v Verb) error {
	t, ok := told[v]
	if !ok {
		return nil
	}
	n := module.Notice{Kind: t.kind, Level: "medium", User: sender, TitleVi: t.vi + ": " + d.subject(), Title: t.en + ": " + d.subject(), Object: "dossier:" + d.ID}
	if t.roles == nil {
		return s.notify(ctx, tx, d.Unit, n)
	}
	n.User = ""
	return s.toRoles(ctx, tx, d, n, t.roles)
}

func (d *Dossier) subject() string { return d.Code + " " + d.SystemName }

// toRoles tells people with a role at the owner, and at the centre.
func (s *Service) toRoles(ctx context.Context, tx bun.Tx, d *Dossier, n module.Notice, roles []string) error {
	places := []event.UnitID{d.Unit, event.CentreUnit}
	if d.Unit == event.CentreUnit {
		places = places[1:]
	}
	for _, unit := range places {
		who := "unit-role"
		if unit == event.CentreUnit {
			who = "role"
		}
		n.Told = nil
		for _, r := range roles {
			n.Told = append(n.Told, module.Recipient{Who: who, ID: r})
		}
		if err := s.notify(ctx, tx, unit, n); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) notify(ctx context.Context, tx bun.Tx, unit event.UnitID, n module.Notice) error {
	fact, err := n.Fact(unit)
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{fact})
}

// atOnce bounds how many late dossiers one look takes.
const atOnce = 100

// look is how often the clocks are looked at.
const look = time.Minute

// run is the loop of the clocks.
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

// Tick tells of the dossiers whose time is over.
func (s *Service) Tick(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	for n := atOnce; n == atOnce; {
		err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			list, err := s.store.late(ctx, tx, s.Now(), atOnce)
			if err != nil {
				return err
			}
			n = len(list)
			for i := range list {
				d := &list[i]
				d.Late, d.Version = true, d.Version+1
				if ok, err := s.store.update(ctx, tx, d); err != nil || !ok {
					return err
				}
				roles := []string{"appraiser", "coordinator"}
				if d.Clock == ClockApprove {
					roles = []string{"unit-head", "leader"}
				}
				n := module.Notice{Kind: "dossier.late", Level: "high", TitleVi: "Hồ sơ cấp độ quá thời hạn xử lý: " + d.subject(),
					Title: "A level dossier is overdue: " + d.subject(), Object: "dossier:" + d.ID}
				if err := s.toRoles(ctx, tx, d, n, roles); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if n > 0 {
			s.Wake()
		}
	}
	return nil
}
