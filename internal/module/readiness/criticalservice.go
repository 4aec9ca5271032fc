package readiness

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Criticals returns the systems on the list of those critical to national security,
// or nominated for it, by code. Errors: Denied.
func (s *Service) Criticals(ctx context.Context) ([]Critical, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessRead); err != nil {
		return nil, err
	}
	return s.store.criticals(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return reach(q, p) })
}

// Critical returns one system towards the list; nil: it was never nominated. Errors:
// Denied, NotFound.
func (s *Service) Critical(ctx context.Context, system string) (*Critical, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionReadinessRead); err != nil {
		return nil, err
	}
	if _, err := s.Systems.Ref(ctx, system); err != nil {
		return nil, err
	}
	c, ok, err := s.store.critical(ctx, s.DB, system)
	if err != nil || !ok {
		return nil, err
	}
	return &c, nil
}

// Step nominates a system, puts it on the list or takes it off, by a document.
// Errors: Denied, NotFound, Conflict readiness.step or readiness.changed, Invalid.
func (s *Service) Step(ctx context.Context, system string, x CriticalStep, version int64) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessNominate); err != nil {
		return err
	}
	now := s.Now()
	x.Document, x.Note, x.By = module.OneLine(x.Document), strings.TrimSpace(x.Note), mark(p, now)
	switch {
	case x.Document == "" || !module.IsText(x.Document, maxLine):
		return fault.New(fault.Invalid, "name the document it follows from").WithCode("readiness.document").OnField("body.document")
	case x.Day == "" || x.Day > module.DateOf(now):
		return fault.New(fault.Invalid, "day: when the document was signed, no day to come").WithCode("readiness.day-future").OnField("body.day")
	case !module.IsText(x.Note, maxReason):
		return fault.New(fault.Invalid, "write at most %d letters", maxReason).WithCode("readiness.long").OnField("body.note")
	}
	r, err := s.Systems.Ref(ctx, system)
	if err != nil {
		return err
	}
	// What is listed, or no more, is decided above the unit.
	if x.State != Nominated && !p.AllUnits() {
		return fault.New(fault.Denied, "only the centre notes what was decided of the list").WithCode("readiness.centre")
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		c, _, err := s.store.critical(ctx, tx, system)
		switch {
		case err != nil:
			return err
		case c.Version != version:
			return changed()
		case !slices.Contains(criticalSteps[c.State], x.State):
			return fault.New(fault.Conflict, "that does not follow from how it stands").WithCode("readiness.step")
		}
		from := c.State
		c.System, c.Code, c.Title, c.Unit, c.Operator = r.ID, r.Code, r.Name, r.Unit, r.Operator
		c.State, c.Steps, c.Version = x.State, append(c.Steps, x), c.Version+1
		if ok, err := s.store.saveCritical(ctx, tx, &c); err != nil || !ok {
			if err == nil {
				err = changed()
			}
			return err
		}
		// One that never was on the list, and was held for critical, is not once it is removed.
		if c.State != Nominated {
			if err := s.Systems.SetCritical(ctx, tx, system, c.State == Listed, x.Document); err != nil {
				return err
			}
		}
		if from == Listed && c.Year > 0 {
			if err := s.tellSelfCheck(ctx, tx, &c, c.Year); err != nil {
				return err
			}
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "readiness.critical", Object: "system:" + system, Detail: map[string]string{
			"system": c.Code, "unit": string(c.Unit), "from": from, "to": c.State, "document": x.Document, "day": string(x.Day), "note": x.Note,
		}})
	})
	if err == nil {
		s.Wake()
	}
	return err
}

// askSelfChecks asks for the self-check of this year of every system on the list,
// once its time has begun.
func (s *Service) askSelfChecks(ctx context.Context) error {
	year, from := selfCheck(s.Now(), s.Zone)
	if s.Now().Before(from) {
		return nil
	}
	list, err := s.store.criticals(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("state = ?", Listed).Where("year < ?", year)
	})
	if err != nil {
		return err
	}
	for i := range list {
		c := &list[i]
		if last := c.Steps[len(c.Steps)-1].By.At; last.After(from.AddDate(0, 0, 30)) {
			continue // listed after this year's day
		}
		err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			c.Year, c.Version = year, c.Version+1
			if ok, err := s.store.saveCritical(ctx, tx, c); err != nil || !ok {
				return err // somebody changed it; at the next look
			}
			return s.tellSelfCheck(ctx, tx, c, year)
		})
		if err != nil {
			return err
		}
		s.Wake()
	}
	return nil
}

// tellSelfCheck tells of the self-check of a year; of a system that is no longer on
// the list, that it has ended.
func (s *Service) tellSelfCheck(ctx context.Context, tx bun.Tx, c *Critical, year int) error {
	y := strconv.Itoa(year)
	m := module.Matter{
		Subject: module.Subject{Kind: "critical-system", ID: c.System + "." + y, Code: c.Code + "/" + y, Title: c.Title},
		Unit:    c.Unit, Systems: []string{c.System}, Ended: c.State != Listed,
		At:     map[string]time.Time{"selfCheckFrom": time.Date(year, time.September, 1, 0, 0, 0, 0, s.Zone)},
		Traits: map[string]any{"critical": true},
	}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{{Kind: module.FactMatter, Unit: c.Unit, Body: body}})
}

const (
	lookFirst = 10 * time.Minute
	lookEvery = time.Hour
)

// run listens to the feeds, reminds of decisions and asks for self-checks until ctx
// ends.
func (s *Service) run(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	module.Every(ctx, lookFirst, lookEvery, func(ctx context.Context) {
		for what, look := range map[string]func(context.Context) error{"the feeds": s.listen, "decisions that end": s.remind, "self-checks": s.askSelfChecks} {
			if err := look(ctx); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "readiness could not look at "+what+"; it will be tried again", "error", err)
			}
		}
	})
	return nil
}
