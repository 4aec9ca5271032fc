package assessment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Item is what a plan has in a month.
type Item struct {
	Unit   event.UnitID `json:"unit"`
	System string       `json:"system"` // by name, "" the unit as a whole
	Kind   Kind         `json:"kind"`
	Month  int          `json:"month"`
	Note   string       `json:"note"`
}

// Plan is what is inspected and assessed in a year.
type Plan struct {
	ID         string    `json:"-"`
	Year       int64     `json:"-"`
	Approved   bool      `json:"-"`
	Items      []Item    `json:"items"`
	Decision   string    `json:"decision"` // its number
	ApprovedAt time.Time `json:"approvedAt"`
	ApprovedBy string    `json:"approvedBy"`
	CreatedAt  time.Time `json:"-"`
	Version    int64     `json:"-"`
}

const maxPlanItems = 2000

func (s *Service) checkItems(items []Item) error {
	if len(items) > maxPlanItems {
		return bad("items", "at most 2,000")
	}
	for i := range items {
		x := &items[i]
		x.System, x.Note = module.OneLine(x.System), module.OneLine(x.Note)
		switch {
		case !s.Units.Active(x.Unit):
			return fault.New(fault.NotFound, "items[%d]: no such unit", i).WithCode("unit.unknown").OnField("body.items")
		case x.Month < 1 || x.Month > 12:
			return bad("items", "a month from 1 to 12")
		case len([]rune(x.System)) > maxName || len([]rune(x.Note)) > maxName:
			return bad("items", "a system and a note of at most 200 letters")
		}
	}
	slices.SortStableFunc(items, func(a, b Item) int { return a.Month - b.Month })
	return nil
}

// Plans returns the plans, the newest year first. Errors: Denied.
func (s *Service) Plans(ctx context.Context) ([]Plan, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAssessmentPlan); err != nil {
		return nil, err
	}
	return s.store.plans(ctx)
}

// AddPlan begins the plan of a year. Errors: Denied, NotFound (a unit), Invalid, Conflict
// (there is one).
func (s *Service) AddPlan(ctx context.Context, year int64, items []Item) (Plan, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAssessmentManage); err != nil {
		return Plan{}, err
	}
	if err := s.checkItems(items); err != nil {
		return Plan{}, err
	}
	p := Plan{ID: module.NewID(), Year: year, Items: items, CreatedAt: s.Now(), Version: 1}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		err := s.store.insertPlan(ctx, tx, &p)
		if sqldb.IsUnique(err) {
			return fault.New(fault.Conflict, "there is a plan for %d already; change that one", year).WithCode("assessment.plan-exists").OnField("body.year")
		}
		if err != nil {
			return err
		}
		return s.trailPlan(ctx, tx, "add", &p)
	})
	return p, err
}

// ChangePlan replaces what a draft holds. Errors: Denied, NotFound, Invalid, Conflict.
func (s *Service) ChangePlan(ctx context.Context, id string, items []Item, version int64) (Plan, error) {
	return s.editPlan(ctx, module.ActionAssessmentManage, id, version, "change", func(p *Plan) error {
		p.Items = items
		return s.checkItems(items)
	})
}

// ApprovePlan makes a draft what is in force. Errors: Denied, NotFound, Invalid, Conflict.
func (s *Service) ApprovePlan(ctx context.Context, id, decision string, version int64) (Plan, error) {
	return s.editPlan(ctx, module.ActionAssessmentApprove, id, version, "approve", func(p *Plan) error {
		decision = module.OneLine(decision)
		if !isName(decision) {
			return bad("decision", "the number of the decision")
		}
		if len(p.Items) == 0 {
			return wrongState("a plan without items is not approved")
		}
		p.Approved, p.Decision, p.ApprovedAt, p.ApprovedBy = true, decision, s.Now(), module.PrincipalOf(ctx).DisplayName
		return nil
	})
}

func (s *Service) editPlan(ctx context.Context, action module.Action, id string, version int64, verb string, change func(*Plan) error) (Plan, error) {
	if err := module.PrincipalOf(ctx).Require(action); err != nil {
		return Plan{}, err
	}
	var p Plan
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		var ok bool
		if p, ok, err = s.store.plan(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case !ok:
			return unknown("plan")
		case p.Version != version:
			return changed()
		case p.Approved:
			return wrongState("an approved plan does not change; visits beyond it are unscheduled")
		}
		if err := change(&p); err != nil {
			return err
		}
		p.Version++
		if ok, err = s.store.updatePlan(ctx, tx, &p); err == nil && !ok {
			err = changed()
		}
		if err != nil {
			return err
		}
		return s.trailPlan(ctx, tx, verb, &p)
	})
	return p, err
}

func (s *Service) trailPlan(ctx context.Context, tx bun.Tx, verb string, p *Plan) error {
	return s.Trail.Append(ctx, tx, module.Entry{Action: "assessment.plan-" + verb, Object: "assessment-plan:" + p.ID, Detail: map[string]string{
		"year": fmt.Sprint(p.Year), "items": strconv.Itoa(len(p.Items)), "decision": p.Decision}})
}
