package incident

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Systems is the register of information systems. It goes by the principal in ctx: a
// system he does not see is fault.NotFound.
type Systems interface {
	Ref(ctx context.Context, id string) (module.Registered, error)
}

// registered returns systems with what the register says of those it has: the name,
// and the level that decides which clocks run. A level nobody approved yet is the one
// people entered. before are those the incident had: one of them that the principal
// does not see stays as it was. Errors: NotFound.
func (s *Service) registered(ctx context.Context, systems, before []AffectedSystem) ([]AffectedSystem, error) {
	out := slices.Clone(systems)
	for n := range out {
		x := &out[n]
		if x.ID == "" {
			x.Code = ""
			continue
		}
		r, err := s.Systems.Ref(ctx, x.ID)
		if fault.KindOf(err) == fault.NotFound {
			if at := slices.IndexFunc(before, func(b AffectedSystem) bool { return b.ID == x.ID }); at >= 0 {
				*x = before[at]
				continue
			}
			return nil, fault.New(fault.NotFound, "no such information system").WithCode("system.unknown").OnField("body.systems")
		}
		if err != nil {
			return nil, err
		}
		x.Code, x.Name, x.Critical = r.Code, r.Name, r.Critical
		if r.Level > 0 {
			x.Level = r.Level
		}
	}
	return out, nil
}

// systems keeps the table of affected systems in step with the facts.
func (s store) systems(ctx context.Context, tx bun.Tx, i *Incident) error {
	if _, err := tx.NewDelete().Table("incident_systems").Where("incident = ?", i.ID).Exec(ctx); err != nil {
		return err
	}
	done := map[string]bool{}
	for _, x := range i.Systems {
		if x.ID == "" || done[x.ID] {
			continue
		}
		done[x.ID] = true
		if _, err := tx.NewRaw("INSERT INTO incident_systems (incident, system) VALUES (?, ?)", i.ID, x.ID).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
