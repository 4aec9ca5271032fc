package warning

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Received is a unit's copy with the warning it is of.
type Received struct {
	Warning
	Copy
}

// Mine returns the copies of the principal's units, the newest first, and the cursor
// of the next page. Errors: Denied, Invalid (the cursor).
func (s *Service) Mine(ctx context.Context, f CopyFilter) ([]Received, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionWarningRead); err != nil {
		return nil, "", err
	}
	return s.store.received(ctx, p, f, s.Now())
}

// Copies returns all copies of a warning. Errors: Denied, NotFound.
func (s *Service) Copies(ctx context.Context, id string) ([]Copy, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionWarningOversee); err != nil {
		return nil, err
	}
	if _, err := s.get(ctx, s.DB, id); err != nil {
		return nil, err
	}
	return s.store.copies(ctx, s.DB, id)
}

// Copy returns a unit's copy, its history and its files. Errors: Denied, NotFound.
func (s *Service) Copy(ctx context.Context, id string, unit event.UnitID) (Received, []Step, []File, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionWarningRead); err != nil {
		return Received{}, nil, nil, err
	}
	r, err := s.copy(ctx, s.DB, p, id, unit)
	if err != nil {
		return r, nil, nil, err
	}
	steps, err := s.store.steps(ctx, s.DB, id, unit)
	if err != nil {
		return r, nil, nil, err
	}
	files, err := s.store.files(ctx, s.DB, id, unit)
	return r, steps, files, err
}

func noCopy() error {
	return fault.New(fault.NotFound, "no such copy of a warning").WithCode("warning.unknown")
}

func (s *Service) copy(ctx context.Context, db bun.IDB, p module.Principal, id string, unit event.UnitID) (Received, error) {
	var r Received
	if !p.Sees(unit) {
		return r, noCopy()
	}
	c, ok, err := s.store.copy(ctx, db, id, unit)
	if err == nil && !ok {
		err = noCopy()
	}
	if err != nil {
		return r, err
	}
	w, err := s.get(ctx, db, id)
	return Received{w, c}, err
}

// Acknowledge says that the unit has read its copy. Errors: Denied, NotFound,
// Conflict.
func (s *Service) Acknowledge(ctx context.Context, id string, unit event.UnitID) (Received, error) {
	return s.take(ctx, id, unit, module.ActionWarningAnswer, func(ctx context.Context, tx bun.Tx, p module.Principal, r *Received) error {
		if err := r.acknowledge(s.Now(), p.DisplayName); err != nil {
			return err
		}
		return s.save(ctx, tx, &r.Warning, &r.Copy, StepAcknowledge, "", nil, FactAnswered)
	})
}

// Answer is what a unit says of a warning: not-us, fixed or need-help, with what it
// checked or did. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Answer(ctx context.Context, id string, unit event.UnitID, answer, text string) (Received, error) {
	return s.take(ctx, id, unit, module.ActionWarningAnswer, func(ctx context.Context, tx bun.Tx, p module.Principal, r *Received) error {
		if err := r.answer(answer, text, s.Now(), p.ID, p.DisplayName, time.Duration(r.WatchHours)*time.Hour); err != nil {
			return err
		}
		if r.Search() == "" {
			r.Recheck = Recheck{} // there is nothing to look for: a person looks
		}
		if err := s.save(ctx, tx, &r.Warning, &r.Copy, StepAnswer, strings.TrimSpace(text), map[string]string{"answer": answer}, FactAnswered); err != nil {
			return err
		}
		if answer == NeedHelp {
			return s.toCentre(ctx, tx, &r.Warning, &r.Copy, "warning.help", "Đơn vị đề nghị hỗ trợ xử lý cảnh báo", "A unit needs help with a warning", []string{"coordinator", "analyst"})
		}
		return s.toCentre(ctx, tx, &r.Warning, &r.Copy, "warning.answer", "Đơn vị đã trả lời cảnh báo", "A unit answered a warning", []string{"analyst"})
	})
}

// Reply is what the centre says to a unit, of the help it needs for instance. Errors:
// Denied, NotFound, Invalid.
func (s *Service) Reply(ctx context.Context, id string, unit event.UnitID, text string) (Received, error) {
	return s.take(ctx, id, unit, module.ActionWarningVerify, func(ctx context.Context, tx bun.Tx, _ module.Principal, r *Received) error {
		text = strings.TrimSpace(text)
		if n := letters(text); n == 0 || n > maxAnswer {
			return bad("text", "evidence", "write 1 to %d letters", maxAnswer)
		}
		if err := s.save(ctx, tx, &r.Warning, &r.Copy, StepReply, text, nil, ""); err != nil {
			return err
		}
		return s.toUnit(ctx, tx, &r.Warning, &r.Copy, "warning.answer", "Trung tâm phản hồi về cảnh báo", "The centre replied about a warning", []string{"security-officer"})
	})
}

// Settle ends a copy by a person's judgement. Errors: Denied, NotFound, Conflict,
// Invalid.
func (s *Service) Settle(ctx context.Context, id string, unit event.UnitID, reason string) (Received, error) {
	return s.take(ctx, id, unit, module.ActionWarningVerify, func(ctx context.Context, tx bun.Tx, p module.Principal, r *Received) error {
		if err := r.settle("person", reason, s.Now(), p.DisplayName); err != nil {
			return err
		}
		return s.end(ctx, tx, r, StepSettle, strings.TrimSpace(reason), nil)
	})
}

// Reopen says that an answer, or a settlement, does not hold: the unit is to answer
// again. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Reopen(ctx context.Context, id string, unit event.UnitID, reason string) (Received, error) {
	return s.take(ctx, id, unit, module.ActionWarningVerify, func(ctx context.Context, tx bun.Tx, _ module.Principal, r *Received) error {
		if err := r.reopen(reason); err != nil {
			return err
		}
		return s.again(ctx, tx, r, StepReopen, strings.TrimSpace(reason), nil)
	})
}

// again stores a copy that is open once more, and asks the unit.
func (s *Service) again(ctx context.Context, tx bun.Tx, r *Received, kind StepKind, text string, detail map[string]string) error {
	if r.State == Closed {
		r.State, r.EndedAt = Published, time.Time{}
		if err := s.store.setState(ctx, tx, &r.Warning, s.Now()); err != nil {
			return err
		}
	}
	if err := s.save(ctx, tx, &r.Warning, &r.Copy, kind, text, detail, FactAnswered); err != nil {
		return err
	}
	return s.toUnit(ctx, tx, &r.Warning, &r.Copy, "warning.reminder", "Cảnh báo cần xử lý lại", "A warning is to be dealt with again", []string{"security-officer", "unit-head"})
}

// Scan notes the result of a repeat scan: clean settles the copy, found opens it
// again. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Scan(ctx context.Context, id string, unit event.UnitID, found bool, at time.Time, note string) (Received, error) {
	return s.take(ctx, id, unit, module.ActionWarningVerify, func(ctx context.Context, tx bun.Tx, p module.Principal, r *Received) error {
		now := s.Now()
		if note = strings.TrimSpace(note); letters(note) < minReason || letters(note) > maxAnswer {
			return bad("note", "reason", "say in at least %d letters what was scanned and with which tool", minReason)
		}
		if at.IsZero() {
			at = now
		}
		if at.After(now.Add(2*time.Minute)) || at.Before(r.SentAt) {
			return bad("at", "scan-time", "the scan is from after the warning was sent, and not from the future")
		}
		if !r.Open {
			return settled()
		}
		r.Recheck = Recheck{State: "clean", At: at, Note: note, Scan: true}
		detail := map[string]string{"result": "clean"}
		if !found {
			if err := r.settle("scan", "", now, p.DisplayName); err != nil {
				return err
			}
			return s.end(ctx, tx, r, StepScan, note, detail)
		}
		r.Recheck.State, detail["result"] = "found", "found"
		r.Answer, r.AnswerAt, r.FixedAt = "", time.Time{}, time.Time{}
		return s.again(ctx, tx, r, StepScan, note, detail)
	})
}

// take reads a copy of a warning that stands and changes it.
func (s *Service) take(ctx context.Context, id string, unit event.UnitID, action module.Action, change func(context.Context, bun.Tx, module.Principal, *Received) error) (Received, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(action); err != nil {
		return Received{}, err
	}
	var r Received
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if r, err = s.copy(ctx, tx, p, id, unit); err != nil {
			return err
		}
		if r.State != Published && r.State != Closed {
			return inState(&r.Warning, Published, Closed)
		}
		return change(ctx, tx, p, &r)
	})
	if err != nil {
		return Received{}, err
	}
	s.Wake()
	return r, nil
}

// save stores a copy with the step that changed it.
func (s *Service) save(ctx context.Context, tx bun.Tx, w *Warning, c *Copy, kind StepKind, text string, detail map[string]string, fact module.FactKind) error {
	read := c.Version
	c.Version++
	if ok, err := s.store.updateCopy(ctx, tx, c, read); err != nil || !ok {
		if err == nil {
			err = fault.New(fault.Conflict, "somebody else changed the copy; read it again").WithCode("warning.changed")
		}
		return err
	}
	if err := s.step(ctx, tx, c, kind, text, detail); err != nil {
		return err
	}
	if fact != "" {
		if err := s.tell(ctx, tx, w, c, fact); err != nil {
			return err
		}
	}
	said := map[string]string{"code": w.Code, "unit": string(c.Unit)}
	for k, v := range detail {
		said[k] = v
	}
	if text != "" {
		said["text"] = module.Text(text, 4*maxTitle)
	}
	return s.audit(ctx, tx, w, string(kind), said)
}

// end stores a copy that is settled; with the last one the warning is closed.
func (s *Service) end(ctx context.Context, tx bun.Tx, r *Received, kind StepKind, text string, detail map[string]string) error {
	if err := s.save(ctx, tx, &r.Warning, &r.Copy, kind, text, detail, FactSettled); err != nil {
		return err
	}
	open, err := s.store.openCopies(ctx, tx, r.ID)
	if err != nil || open > 0 || r.State != Published {
		return err
	}
	r.State, r.EndedAt = Closed, s.Now()
	if err := s.store.setState(ctx, tx, &r.Warning, s.Now()); err != nil {
		return err
	}
	return s.audit(ctx, tx, &r.Warning, "close", map[string]string{"code": r.Code})
}

func (s *Service) step(ctx context.Context, tx bun.Tx, c *Copy, kind StepKind, text string, detail map[string]string) error {
	p := module.PrincipalOf(ctx)
	return s.store.addStep(ctx, tx, c, &Step{ID: module.NewID(), Kind: kind, At: s.Now(), ByID: p.ID, By: p.DisplayName, Text: text, Detail: detail})
}
