package assessment

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// FindingFilter says which findings to list.
type FindingFilter struct {
	Unit  event.UnitID
	State FindingState
	Limit int
}

// Findings returns findings, those due first before others. Errors: Denied.
func (s *Service) Findings(ctx context.Context, f FindingFilter) ([]Finding, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAssessmentRead); err != nil {
		return nil, err
	}
	return s.store.findings(ctx, p, &f)
}

var severities = []string{"critical", "high", "medium", "low"}

func (s *Service) checkFinding(v *Visit, f *Finding) error {
	f.Title, f.Text, f.Remedy = module.OneLine(f.Title), strings.TrimSpace(f.Text), strings.TrimSpace(f.Remedy)
	switch {
	case !isName(f.Title):
		return bad("title", "a title of at most 200 letters")
	case !slices.Contains(severities, f.Severity):
		return bad("severity", "one of critical, high, medium, low")
	case f.Remedy == "" || !module.IsText(f.Remedy, maxText):
		return bad("remedy", "say what is to be done")
	case !module.IsText(f.Text, maxText):
		return bad("text", "at most 20,000 letters")
	case f.Due == "":
		return bad("due", "the day until which it is mended")
	case f.Due < module.DateOf(v.StartsAt):
		return bad("due", "the day is before the visit; give one after it")
	case f.Item != "" && !s.asks(v, f.Item):
		return bad("item", "no such item of the checklist")
	}
	return nil
}

// AddFinding writes down what is to be mended, and has the unit told. Errors: Denied,
// NotFound, Invalid, Conflict.
func (s *Service) AddFinding(ctx context.Context, visit string, f Finding) (Finding, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAssessmentManage); err != nil {
		return f, err
	}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		v, err := s.visit(ctx, tx, p, visit)
		if err != nil {
			return err
		}
		if v.State != Running && v.State != Concluded {
			return wrongState("a visit that has not begun found nothing")
		}
		if err := s.checkFinding(&v, &f); err != nil {
			return err
		}
		n, err := s.store.countFindings(ctx, tx, visit)
		if err != nil {
			return err
		}
		if n >= maxItems {
			return bad("title", "a visit has at most 200 findings")
		}
		f.ID, f.Visit, f.Unit, f.State, f.CreatedAt, f.Version = module.NewID(), v.ID, v.Unit, Open, s.Now(), 1
		if err := s.store.insertFinding(ctx, tx, &f); err != nil {
			return err
		}
		if err := s.tellFinding(ctx, tx, FactFinding, &v, &f); err != nil {
			return err
		}
		if err := s.tellOne(ctx, tx, &v, &f); err != nil {
			return err
		}
		return s.trailFinding(ctx, tx, "add", &f)
	})
	if err == nil {
		s.Wake()
	}
	return f, err
}

// The steps of a finding.
const (
	StepAnswer = "answer" // by the unit: it is mended, with evidence
	StepReturn = "return" // by the centre: it is not
	StepClose  = "close"  // by the centre, which looked again
)

// StepFinding answers, returns or closes a finding. Errors: Denied, NotFound, Conflict,
// Invalid.
func (s *Service) StepFinding(ctx context.Context, id, verb, text, evidence string, version int64) (Finding, error) {
	p := module.PrincipalOf(ctx)
	action := module.ActionAssessmentManage
	if verb == StepAnswer {
		action = module.ActionAssessmentAnswer
	}
	if err := p.Require(action); err != nil {
		return Finding{}, err
	}
	text, evidence = strings.TrimSpace(text), strings.TrimSpace(evidence)
	var f Finding
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		var ok bool
		if f, ok, err = s.store.finding(ctx, tx, id); err != nil {
			return err
		}
		if !ok || !p.Sees(f.Unit) {
			return unknown("finding")
		}
		if f.Version != version {
			return changed()
		}
		v, err := s.visit(ctx, tx, p, f.Visit)
		if err != nil {
			return err
		}
		if err := f.step(verb, text, evidence); err != nil {
			return err
		}
		now, by := s.Now(), p.DisplayName
		if verb == StepAnswer {
			f.AnsweredAt, f.AnsweredBy = now, by
		} else {
			f.RecheckAt, f.RecheckBy = now, by
		}
		f.Version++
		if ok, err = s.store.updateFinding(ctx, tx, &f); err == nil && !ok {
			err = changed()
		}
		if err != nil {
			return err
		}
		kind := FactFinding
		if f.State == Closed {
			kind = FactClosed
		}
		if err := s.tellFinding(ctx, tx, kind, &v, &f); err != nil {
			return err
		}
		if f.State == Closed {
			if err := s.tellOne(ctx, tx, &v, &f); err != nil {
				return err
			}
		}
		return s.trailFinding(ctx, tx, verb, &f)
	})
	if err == nil {
		s.Wake()
	}
	return f, err
}

func (f *Finding) step(verb, text, evidence string) error {
	if text == "" || !module.IsText(text, maxText) {
		return bad("text", "say what was done or seen, in at most 20,000 letters")
	}
	switch {
	case verb == StepAnswer && f.State != Closed:
		if evidence == "" || !module.IsText(evidence, maxText) {
			return bad("evidence", "name what shows it: a document, a picture, a log")
		}
		f.State, f.Answer, f.Evidence = Answered, text, evidence
	case verb == StepReturn && f.State == Answered:
		f.State, f.Recheck = Open, text
	case verb == StepClose && f.State == Answered:
		f.State, f.Recheck = Closed, text
	default:
		return wrongState("a finding that is " + string(f.State) + " has no such step")
	}
	return nil
}

func (s *Service) trailFinding(ctx context.Context, tx bun.Tx, verb string, f *Finding) error {
	return s.Trail.Append(ctx, tx, module.Entry{Action: "assessment.finding-" + verb, Object: "assessment-finding:" + f.ID, Detail: map[string]string{
		"unit": string(f.Unit), "title": f.Title, "severity": f.Severity, "due": string(f.Due), "state": string(f.State)}})
}
