package warning

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Extend sends a published warning to more units, with a reason they read. Each
// gets its own copy, whose times run from now. Who wrote the warning may not, as
// with its publication; one that was closed stands again. Errors: Denied
// warning.four-eyes, NotFound, Conflict, Invalid.
func (s *Service) Extend(ctx context.Context, id string, version int64, units []event.UnitID, reason string) (Warning, error) {
	return s.edit(ctx, id, version, module.ActionWarningPublish, "extend", func(ctx context.Context, tx bun.Tx, p module.Principal, w *Warning) (map[string]string, error) {
		if err := inState(w, Published, Closed); err != nil {
			return nil, err
		}
		if slices.Contains(w.Writers, p.ID) {
			return nil, fault.New(fault.Denied, "who wrote a warning does not send it to more units: ask somebody else of the centre to").WithCode("warning.four-eyes")
		}
		reason = module.Text(strings.TrimSpace(reason), 4*maxTitle)
		if letters(reason) < minReason {
			return nil, bad("reason", "reason", "say in at least %d letters why", minReason)
		}
		if len(units) == 0 || len(units) > maxChosen {
			return nil, bad("units", "too-many", "choose 1 to %d units", maxChosen)
		}
		members, err := s.store.members(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		now := s.Now()
		for i, u := range units {
			if err := s.newcomer(ctx, tx, w, u); err != nil {
				return nil, err
			}
			if slices.Contains(units[:i], u) {
				return nil, bad("units", "had", "the unit %s is named twice", s.Units.Name(u))
			}
			members = slices.DeleteFunc(members, func(m Member) bool { return m.Unit == u })
			members = append(members, Member{Unit: u, By: p.DisplayName, Reasons: []AudienceReason{{By: "person", Detail: module.Text(reason, maxDetail)}}})
			c := Copy{Warning: w.ID, Unit: u, Drill: w.Drill, Open: true, SentAt: now, Version: 1,
				AckBy: now.Add(time.Duration(w.AckHours) * time.Hour), FixBy: now.Add(time.Duration(w.FixHours) * time.Hour)}
			if err := s.give(ctx, tx, w, &c, reason); err != nil {
				return nil, err
			}
		}
		w.State, w.EndedAt = Published, time.Time{}
		return map[string]string{"code": w.Code, "added": join(units), "units": strconv.Itoa(len(units)), "reason": reason}, s.store.setMembers(ctx, tx, id, members)
	})
}

// newcomer refuses a unit that cannot get the warning, or has it.
func (s *Service) newcomer(ctx context.Context, tx bun.Tx, w *Warning, u event.UnitID) error {
	if u == event.CentreUnit || !s.Units.Active(u) {
		return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.units")
	}
	_, had, err := s.store.copy(ctx, tx, w.ID, u)
	if err == nil && had {
		err = fault.New(fault.Conflict, "the unit %s has the warning; to have it dealt with again, reopen its copy", s.Units.Name(u)).WithCode("warning.had").OnField("body.units")
	}
	return err
}

// give makes a unit's copy and tells of it; reason is why it comes after the others.
func (s *Service) give(ctx context.Context, tx bun.Tx, w *Warning, c *Copy, reason string) error {
	if err := s.store.insertCopy(ctx, tx, c); err != nil {
		return err
	}
	if err := s.step(ctx, tx, c, StepSent, reason, nil); err != nil {
		return err
	}
	if err := s.toUnit(ctx, tx, w, c, "warning.published", "Cảnh báo sớm", "Early warning", []string{"security-officer", "unit-head"}); err != nil {
		return err
	}
	return s.tell(ctx, tx, w, c, FactSent)
}
