package readiness

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Gate is what stands between a system and its operation.
type Gate struct {
	module.Registered
	Conditions []Condition
	Overrides  []Override // the newest decisions last
	In         *Override  // the decision in force; nil: none
}

// Against returns the codes of what is not met and not decided over. A decision covers
// what was missing when it was made: what is lost afterwards nobody decided over.
func (g *Gate) Against() []string {
	return slices.DeleteFunc(g.unmet(), g.covered)
}

func (g *Gate) covered(code string) bool { return g.In != nil && slices.Contains(g.In.Missing, code) }

// Uncovered tells whether the system operates though something stands against it.
func (g *Gate) Uncovered() bool {
	return g.State == module.SystemOperating && len(g.Against()) > 0
}

func (g *Gate) unmet() []string {
	var out []string
	for _, c := range g.Conditions {
		if !c.Met {
			out = append(out, c.Code)
		}
	}
	return out
}

// Gate returns what stands between a system and its operation. Errors: Denied,
// NotFound.
func (s *Service) Gate(ctx context.Context, system string) (*Gate, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionReadinessRead); err != nil {
		return nil, err
	}
	return s.gate(ctx, system)
}

func (s *Service) gate(ctx context.Context, system string) (*Gate, error) {
	r, err := s.Systems.Ref(ctx, system)
	if err != nil {
		return nil, err
	}
	papers, err := s.Systems.Papers(ctx, system)
	if err != nil {
		return nil, err
	}
	decisions, err := s.store.overrides(ctx, s.DB, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("system = ?", system) })
	if err != nil {
		return nil, err
	}
	return gateOf(&r, papers, decisions, module.DateOf(s.Now())), nil
}

func gateOf(r *module.Registered, papers Papers, decisions []Override, today module.Date) *Gate {
	g := &Gate{Registered: *r, Conditions: conditions(r, papers, today), Overrides: decisions}
	for i := range g.Overrides {
		if g.Overrides[i].Holds(today) {
			g.In = &g.Overrides[i]
		}
	}
	return g
}

// UncoveredGates returns the gates of the systems that the caller sees and that operate
// though something stands against them that no decision in force covers, by their code.
// Errors: Denied.
func (s *Service) UncoveredGates(ctx context.Context) ([]*Gate, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessRead); err != nil {
		return nil, err
	}
	systems, err := s.Systems.WithPapers(ctx)
	if err != nil {
		return nil, err
	}
	decisions, err := s.store.overrides(ctx, s.DB, func(q *bun.SelectQuery) *bun.SelectQuery { return reach(q, p) })
	if err != nil {
		return nil, err
	}
	of := map[string][]Override{}
	for _, o := range decisions {
		of[o.System] = append(of[o.System], o)
	}
	var out []*Gate
	today := module.DateOf(s.Now())
	for i := range systems {
		r := &systems[i]
		if g := gateOf(&r.Registered, r.Papers, of[r.ID], today); g.Uncovered() {
			out = append(out, g)
		}
	}
	return out, nil
}

// MayOperate returns what stands against a system's going into operation, as codes;
// nothing: it may. It goes by the register's own permission.
func (s *Service) MayOperate(ctx context.Context, system string) ([]string, error) {
	g, err := s.gate(ctx, system)
	if err != nil {
		return nil, err
	}
	return g.Against(), nil
}

// Decide writes down a decision that lets a system into operation though something
// stands against it. Errors: Denied, NotFound, Conflict readiness.nothing-against or
// readiness.decided, Invalid.
func (s *Service) Decide(ctx context.Context, system string, o Override) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessOverride); err != nil {
		return err
	}
	now := s.Now()
	if err := o.tidy(module.DateOf(now)); err != nil {
		return err
	}
	g, err := s.gate(ctx, system)
	switch {
	case err != nil:
		return err
	case len(g.unmet()) == 0:
		return fault.New(fault.Conflict, "nothing stands against the system; no decision is needed").WithCode("readiness.nothing-against")
	case g.In != nil:
		return fault.New(fault.Conflict, "a decision is in force until %s; end it first", g.In.Until).WithCode("readiness.decided")
	}
	o.ID, o.System, o.Code, o.Title, o.Unit, o.Operator = module.NewID(), g.ID, g.Code, g.Name, g.Unit, g.Operator
	o.Missing, o.By = g.unmet(), mark(p, now)
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.addOverride(ctx, tx, &o); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "readiness.override", Object: "system:" + system, Detail: map[string]string{
			"system": o.Code, "unit": string(o.Unit), "missing": strings.Join(o.Missing, ", "), "decider": o.Decider, "document": o.Document,
			"reason": o.Reason, "until": string(o.Until),
		}})
	})
	return err
}

// End ends a decision before its day. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) End(ctx context.Context, system, id, reason string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessOverride); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" || !module.IsText(reason, maxReason) {
		return fault.New(fault.Invalid, "say why, in at most %d letters", maxReason).WithCode("readiness.reason").OnField("body.reason")
	}
	if _, err := s.Systems.Ref(ctx, system); err != nil {
		return err
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		found, err := s.store.overrides(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("id = ?", id).Where("system = ?", system)
		})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "no such decision").WithCode("readiness.unknown")
		}
		if ok, err := s.store.endOverride(ctx, tx, id, mark(p, s.Now()), reason); err != nil || !ok {
			if err == nil {
				err = fault.New(fault.Conflict, "the decision has ended already").WithCode("readiness.ended")
			}
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "readiness.override-end", Object: "system:" + system, Detail: map[string]string{
			"system": found[0].Code, "unit": string(found[0].Unit), "decider": found[0].Decider, "reason": reason,
		}})
	})
}

// Overrides returns the decisions in force that the caller sees, those that end
// first at the top. Errors: Denied.
func (s *Service) Overrides(ctx context.Context) ([]Override, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessRead); err != nil {
		return nil, err
	}
	return s.store.overrides(ctx, s.DB, func(q *bun.SelectQuery) *bun.SelectQuery {
		return reach(q, p).Where("ended_at = 0").Where("until >= ?", string(module.DateOf(s.Now())))
	})
}

// remind tells of decisions that end soon or have ended.
func (s *Service) remind(ctx context.Context) error {
	today := module.DateOf(s.Now())
	list, err := s.store.overrides(ctx, s.DB, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ended_at = 0").Where("told < 2").Where("until <= ?", string(today.Add(soonDays)))
	})
	if err != nil {
		return err
	}
	for i := range list {
		o := &list[i]
		stage := o.due(today)
		if stage == 0 {
			continue
		}
		err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if first, err := s.store.noteTold(ctx, tx, o.ID, stage); err != nil || !first {
				return err
			}
			fact, err := o.notice(stage).Fact(o.Unit)
			if err != nil {
				return err
			}
			return module.Emit(ctx, tx, []module.Fact{fact})
		})
		if err != nil {
			return err
		}
		s.Wake()
	}
	return nil
}

func (o *Override) notice(stage int) *module.Notice {
	until := string(o.Until)
	if t, err := time.Parse(time.DateOnly, until); err == nil {
		until = t.Format("02/01/2006")
	}
	n := &module.Notice{Kind: "readiness.override", Level: "high", Object: "system:" + o.System,
		Title:   o.Code + " " + o.Title + ": the decision to operate it without all conditions ends on " + until,
		TitleVi: o.Code + " " + o.Title + ": quyết định cho vận hành khi chưa đủ điều kiện hết hiệu lực ngày " + until,
		Told:    []module.Recipient{{Who: "role", ID: string(module.RoleLeader)}, {Who: "unit-role", ID: string(module.RoleSecurityOfficer)}}}
	if stage == 2 {
		n.Title = o.Code + " " + o.Title + ": the decision to operate it without all conditions has ended"
		n.TitleVi = o.Code + " " + o.Title + ": quyết định cho vận hành khi chưa đủ điều kiện đã hết hiệu lực"
	}
	return n
}
