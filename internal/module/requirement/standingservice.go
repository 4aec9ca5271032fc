package requirement

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// hearSystem takes over what the register tells of a system. It may be told twice.
func (s *Service) hearSystem(ctx context.Context, fact module.Fact) error {
	var r module.Registered
	if err := json.Unmarshal(fact.Body, &r); err != nil || r.ID == "" {
		s.Log.ErrorContext(ctx, "a system could not be read; nothing is asked of it", "fact", fact.ID, "error", err)
		return nil
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.saveSystem(ctx, tx, &r); err != nil {
			return err
		}
		sys, _, err := s.store.system(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		return s.sum(ctx, tx, &sys)
	})
}

// sum makes the tallies of a system anew.
func (s *Service) sum(ctx context.Context, tx bun.Tx, sys *System) error {
	answers, err := s.store.answers(ctx, tx, sys.ID)
	if err != nil {
		return err
	}
	readings, err := s.store.readings(ctx, tx, sys.ID)
	if err != nil {
		return err
	}
	today := module.DateOf(s.Now())
	for _, x := range s.standards.All {
		if x.ID != DefaultStandard && !slices.ContainsFunc(x.Items, func(i Item) bool { return answers[i.ID] != nil }) {
			continue // nobody uses the older one here
		}
		if err := s.store.saveTallies(ctx, tx, sys, x.ID, s.standards.tally(x, sys, answers, readings, today)); err != nil {
			return err
		}
	}
	return nil
}

func systemUnknown() error {
	return fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
}

func answerChanged() error {
	return fault.New(fault.Conflict, "somebody else changed the requirement meanwhile; read it again").WithCode("requirement.changed")
}

// seen returns a system that the caller sees. Errors: Denied, NotFound.
func (s *Service) seen(ctx context.Context, db bun.IDB, a module.Action, id string) (System, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(a); err != nil {
		return System{}, err
	}
	sys, ok, err := s.store.system(ctx, db, id)
	if err == nil && (!ok || !sys.seenBy(p)) {
		err = systemUnknown()
	}
	return sys, err
}

// standard returns a catalogue, the one in force for "". Errors: NotFound.
func (s *Service) standard(id string) (*Standard, error) {
	if id == "" {
		id = DefaultStandard
	}
	if x := s.standards.byID[id]; x != nil {
		return x, nil
	}
	return nil, fault.New(fault.NotFound, "no such catalogue").WithCode("requirement.catalogue")
}

func (s *Service) item(id string) (*Standard, *Item, error) {
	if x, i, ok := s.standards.find(id); ok {
		return x, i, nil
	}
	return nil, nil, fault.New(fault.NotFound, "no such requirement").WithCode("requirement.item-unknown")
}

// Sheet is all that is asked of a system by a catalogue, and how it stands.
type Sheet struct {
	System
	Standard *Standard
	Answers  map[string]*Answer
	Readings map[string]*Reading
	Evidence map[string][]Evidence
	Findings map[string]int // open ones of the unit, by group
	Tallies  map[string]*Tally
}

// Sheet returns a system's requirements; ahead is another level than its own to look at,
// 0 none. Errors: Denied, NotFound.
func (s *Service) Sheet(ctx context.Context, system, standard string, ahead int) (*Sheet, error) {
	sys, err := s.seen(ctx, s.DB, module.ActionRequirementRead, system)
	if err != nil {
		return nil, err
	}
	sys.Ahead = ahead
	out := &Sheet{System: sys}
	if out.Standard, err = s.standard(standard); err != nil {
		return nil, err
	}
	if out.Answers, err = s.store.answers(ctx, s.DB, system); err != nil {
		return nil, err
	}
	if out.Readings, err = s.store.readings(ctx, s.DB, system); err != nil {
		return nil, err
	}
	if out.Evidence, err = s.store.evidence(ctx, s.DB, system); err != nil {
		return nil, err
	}
	if module.PrincipalOf(ctx).Sees(sys.Unit) { // findings are the owner's, and an operator sees its own only
		if out.Findings, err = s.store.openOf(ctx, sys.Unit); err != nil {
			return nil, err
		}
	}
	out.Tallies = s.standards.tally(out.Standard, &out.System, out.Answers, out.Readings, module.DateOf(s.Now()))
	return out, nil
}

// Declare takes what a unit says of a requirement of its system. version 0: nothing
// was said before. Errors: Denied, NotFound, Conflict requirement.changed, Invalid.
func (s *Service) Declare(ctx context.Context, system, item string, d Declaration, version int64) error {
	if err := d.tidy(module.DateOf(s.Now())); err != nil {
		return err
	}
	return s.answer(ctx, module.ActionRequirementDeclare, system, item, version, "declare", func(a *Answer, by Mark) (map[string]string, error) {
		from := a.State
		a.declare(d, by)
		detail := map[string]string{"from": string(from), "to": string(d.State), "reason": d.Reason, "owner": d.Owner, "due": string(d.Due)}
		if d.Exception.Reason != "" {
			detail["exception"], detail["exceptionUntil"] = d.Exception.Reason, string(d.Exception.Until)
		}
		return detail, nil
	})
}

// Verify notes what somebody of the centre found of a declaration. Errors: Denied,
// NotFound, Conflict, Invalid.
func (s *Service) Verify(ctx context.Context, system, item string, v Verdict, note string, version int64) error {
	return s.answer(ctx, module.ActionRequirementVerify, system, item, version, "judge", func(a *Answer, by Mark) (map[string]string, error) {
		return map[string]string{"declared": string(a.State), "verdict": string(v), "note": note}, a.verify(v, note, by)
	})
}

// answer reads an answer, changes it and stores it with what the system comes to.
func (s *Service) answer(ctx context.Context, a module.Action, system, item string, version int64, action string, change func(*Answer, Mark) (map[string]string, error)) error {
	x, it, err := s.item(item)
	if err != nil {
		return err
	}
	p := module.PrincipalOf(ctx)
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		sys, err := s.seen(ctx, tx, a, system)
		if err != nil {
			return err
		}
		if sys.State == module.SystemRetired {
			return fault.New(fault.Conflict, "the system was retired; nothing more is asked of it").WithCode("requirement.retired")
		}
		answers, err := s.store.answers(ctx, tx, system)
		if err != nil {
			return err
		}
		one := answers[it.ID]
		if one == nil {
			one = &Answer{System: system, Item: it.ID}
		}
		if one.Version != version {
			return answerChanged()
		}
		detail, err := change(one, Mark{p.ID, p.DisplayName, s.Now()})
		if err != nil {
			return err
		}
		one.Version++
		if ok, err := s.store.saveAnswer(ctx, tx, one); err != nil || !ok {
			if err == nil {
				err = answerChanged()
			}
			return err
		}
		if err := s.sum(ctx, tx, &sys); err != nil {
			return err
		}
		detail["system"], detail["unit"], detail["item"], detail["catalogue"] = sys.Code, string(sys.Unit), it.ID, x.ID
		return s.Trail.Append(ctx, tx, module.Entry{Action: "requirement." + action, Object: "system:" + system, Detail: detail})
	})
}

// Overview sums up by unit and group what the caller sees. Errors: Denied, NotFound.
func (s *Service) Overview(ctx context.Context, standard string) (*Standard, []UnitTally, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRequirementRead); err != nil {
		return nil, nil, err
	}
	x, err := s.standard(standard)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.store.overview(ctx, p, x.ID)
	return x, rows, err
}

// Systems sums up by system, those with most gaps first, and says how many there
// are. Errors: Denied, NotFound.
func (s *Service) Systems(ctx context.Context, f SystemFilter) ([]SystemTally, int64, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRequirementRead); err != nil {
		return nil, 0, err
	}
	x, err := s.standard(f.Standard)
	if err != nil {
		return nil, 0, err
	}
	f.Standard = x.ID
	return s.store.bySystem(ctx, p, f)
}
