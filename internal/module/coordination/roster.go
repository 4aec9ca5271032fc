package coordination

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// maxOfUnit bounds what a unit keeps of a kind.
const maxOfUnit = 2000

// mine checks that the principal keeps the people and contacts of unit.
func (s *Service) mine(ctx context.Context, unit event.UnitID) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationManage); err != nil {
		return err
	}
	if !p.Sees(unit) || !s.Units.Active(unit) {
		return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	return nil
}

// before reads what is about to be changed. Errors: Denied, NotFound, Conflict.
func before[T kept](ctx context.Context, s *Service, id string, version int64) (T, error) {
	var none T
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationManage); err != nil {
		return none, err
	}
	x, err := one[T](ctx, s.DB, id)
	if err != nil {
		return none, err
	}
	r, err := recordOf(&x)
	switch {
	case err != nil:
		return none, err
	case !p.Sees(event.UnitID(r.Unit)):
		return none, unknown()
	case r.Version != version:
		return none, changed()
	}
	return x, nil
}

// save stores a thing that was checked, a new one if its version is 1.
func save[T kept](ctx context.Context, s *Service, x *T, detail map[string]string) error {
	r, err := recordOf(x)
	if err != nil {
		return err
	}
	return s.do(ctx, []event.UnitID{event.UnitID(r.Unit)}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		e := module.Entry{Action: "coordination.save-" + r.Kind, Object: r.Kind + ":" + r.ID, Detail: detail}
		if r.Version > 1 {
			return e, update(ctx, tx, x)
		}
		n, err := count[T](ctx, tx, event.UnitID(r.Unit))
		if err != nil {
			return e, err
		}
		if n >= maxOfUnit {
			return e, fault.New(fault.Conflict, "a unit keeps at most %d of these", maxOfUnit).WithCode("coordination.too-many")
		}
		return e, insert(ctx, tx, x)
	})
}

func remove[T kept](ctx context.Context, s *Service, id string, version int64) error {
	x, err := before[T](ctx, s, id, version)
	if err != nil {
		return err
	}
	r, err := recordOf(&x)
	if err != nil {
		return err
	}
	return s.do(ctx, []event.UnitID{event.UnitID(r.Unit)}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		return module.Entry{Action: "coordination.remove-" + r.Kind, Object: r.Kind + ":" + id}, drop[T](ctx, tx, id, version)
	})
}

// Team lists the response teams of the principal's units. Errors: Denied.
func (s *Service) Team(ctx context.Context, f Filter) ([]Responder, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationRead); err != nil {
		return nil, err
	}
	return list[Responder](ctx, s.DB, p, f, false)
}

// SaveResponder adds somebody to a team (no ID) or changes what is known of him.
// Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) SaveResponder(ctx context.Context, r Responder) (Responder, error) {
	if r.ID == "" {
		r.ID, r.Version = module.NewID(), 0
		if err := s.mine(ctx, r.Unit); err != nil {
			return r, err
		}
	} else {
		old, err := before[Responder](ctx, s, r.ID, r.Version)
		if err != nil {
			return r, err
		}
		r.Unit = old.Unit
	}
	if err := r.check(); err != nil {
		return r, err
	}
	if r.User != "" {
		if _, err := s.People.Person(ctx, r.User, r.Unit); err != nil {
			return r, bad("user", "user", "no such account, or one that does not see the unit")
		}
	}
	r.Version++
	return r, save(ctx, s, &r, map[string]string{"unit": string(r.Unit), "name": r.Name})
}

// RemoveResponder takes somebody out of a team; call-ups keep the name. Errors:
// Denied, NotFound, Conflict.
func (s *Service) RemoveResponder(ctx context.Context, id string, version int64) error {
	return remove[Responder](ctx, s, id, version)
}

// Contacts lists contacts of a kind; "" all but those of forces. Those of forces are
// for everybody. Errors: Denied.
func (s *Service) Contacts(ctx context.Context, kind ContactKind, f Filter) ([]Contact, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationRead); err != nil {
		return nil, err
	}
	if kind == OfForce {
		p = module.System()
	}
	all, err := list[Contact](ctx, s.DB, p, f, false)
	found := []Contact{}
	for _, c := range all {
		if c.Kind == kind || kind == "" && c.Kind != OfForce {
			found = append(found, c)
		}
	}
	return found, err
}

// SaveContact adds a contact (no ID) or changes one. Errors: Denied, NotFound,
// Conflict, Invalid.
func (s *Service) SaveContact(ctx context.Context, c Contact) (Contact, error) {
	if c.ID == "" {
		c.ID, c.Version = module.NewID(), 0
		if err := s.mine(ctx, c.Unit); err != nil {
			return c, err
		}
	} else {
		old, err := before[Contact](ctx, s, c.ID, c.Version)
		if err != nil || old.Kind == OfForce {
			if err == nil {
				err = unknown()
			}
			return c, err
		}
		c.Unit = old.Unit
	}
	if c.Kind != Member && c.Kind != Owner && c.Kind != Operator {
		return c, bad("kind", "kind", "no kind of contact %q", c.Kind)
	}
	c.Force = ""
	if err := c.check(); err != nil {
		return c, err
	}
	c.Version++
	return c, save(ctx, s, &c, map[string]string{"unit": string(c.Unit), "name": c.Name, "kind": string(c.Kind)})
}

// RemoveContact removes a contact. Errors: Denied, NotFound, Conflict.
func (s *Service) RemoveContact(ctx context.Context, id string, version int64) error {
	return remove[Contact](ctx, s, id, version)
}

// SaveForce notes whom to reach at one of the four forces. Errors: Denied, NotFound,
// Conflict, Invalid.
func (s *Service) SaveForce(ctx context.Context, id string, c Contact) (Contact, error) {
	if err := s.mine(ctx, event.CentreUnit); err != nil {
		return c, err
	}
	c.ID, c.Kind, c.Force, c.Unit, c.System = "", OfForce, id, event.CentreUnit, ""
	for _, f := range s.forces {
		if f.ID == id {
			c.ID, c.Name = "force-"+id, f.Vi
		}
	}
	if c.ID == "" {
		return c, unknown()
	}
	old, err := one[Contact](ctx, s.DB, c.ID)
	switch {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return c, err
	case old.Version != c.Version:
		return c, changed()
	}
	if err := c.check(); err != nil {
		return c, err
	}
	c.Version++
	return c, save(ctx, s, &c, map[string]string{"force": id})
}

// OnCall is who is on call in a span, and when nobody is.
type OnCall struct {
	Shifts []Shift
	Now    []Shift
	Gaps   []Span // of the centre, from now on
	People map[string]Responder
}

// maxSpan bounds the calendar that is asked for.
const maxSpan = 400 * 24 * time.Hour

// OnCall returns the calendar of a unit. Errors: Denied, NotFound, Invalid.
func (s *Service) OnCall(ctx context.Context, unit event.UnitID, from, until time.Time) (OnCall, error) {
	p, now := module.PrincipalOf(ctx), s.Now()
	if err := p.Require(module.ActionCoordinationRead); err != nil {
		return OnCall{}, err
	}
	if unit == "" {
		unit = p.Unit
	}
	if !p.Sees(unit) {
		return OnCall{}, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("query.unit")
	}
	if from.IsZero() {
		from = now.Add(-24 * time.Hour)
	}
	if until.IsZero() {
		until = now.Add(28 * 24 * time.Hour)
	}
	if !until.After(from) || until.Sub(from) > maxSpan {
		return OnCall{}, fault.New(fault.Invalid, "the span is empty or longer than 400 days").WithCode("coordination.span").OnField("query.until")
	}
	shifts, err := list[Shift](ctx, s.DB, p, Filter{Unit: unit, From: from, Until: until}, false)
	if err != nil {
		return OnCall{}, err
	}
	o := OnCall{Shifts: shifts, Now: []Shift{}}
	var ids []string
	for _, x := range shifts {
		if !now.Before(x.From) && now.Before(x.Until) {
			o.Now = append(o.Now, x)
		}
		ids = append(ids, x.Primary, x.Backup)
	}
	start := from
	if now.After(start) {
		start = now
	}
	o.Gaps = gaps(shifts, start, until)
	o.People, err = people(ctx, s.DB, p, ids)
	return o, err
}

// SaveShift enters a shift (no ID) or changes one. Errors: Denied, NotFound,
// Conflict, Invalid.
func (s *Service) SaveShift(ctx context.Context, x Shift) (Shift, error) {
	if x.ID == "" {
		x.ID, x.Version = module.NewID(), 0
		if err := s.mine(ctx, x.Unit); err != nil {
			return x, err
		}
	} else {
		old, err := before[Shift](ctx, s, x.ID, x.Version)
		if err != nil {
			return x, err
		}
		x.Unit = old.Unit
	}
	if err := x.check(); err != nil {
		return x, err
	}
	known, err := people(ctx, s.DB, module.PrincipalOf(ctx), []string{x.Primary, x.Backup})
	if err != nil {
		return x, err
	}
	for field, id := range map[string]string{"primary": x.Primary, "backup": x.Backup} {
		if r, ok := known[id]; id != "" && (!ok || r.Unit != x.Unit) {
			return x, bad(field, "person", "no such person in the team of the unit")
		}
	}
	x.Version++
	return x, save(ctx, s, &x, map[string]string{"unit": string(x.Unit), "from": x.From.UTC().Format(time.RFC3339), "hours": strconv.Itoa(int(x.Until.Sub(x.From).Hours()))})
}

// RemoveShift removes a shift. Errors: Denied, NotFound, Conflict.
func (s *Service) RemoveShift(ctx context.Context, id string, version int64) error {
	return remove[Shift](ctx, s, id, version)
}
