package coordination

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Calling is what somebody asks for who calls people up.
type Calling struct {
	Subject module.Subject
	Message string
	By      time.Time
	People  []string // ids of responders, in the order they are called in
	Needed  int      // 0: all of them
	Minutes int      // 0: 15
}

const usualMinutes = 15

// CallUp calls people to a matter. Errors: Denied, NotFound, Invalid.
func (s *Service) CallUp(ctx context.Context, in Calling) (CallUp, error) {
	m, err := s.matter(ctx, module.ActionCoordinationCall, in.Subject)
	if err != nil {
		return CallUp{}, err
	}
	p, now := module.PrincipalOf(ctx), s.Now()
	c := CallUp{ID: module.NewID(), Subject: m.Subject, Unit: m.Unit, Drill: m.Drill, Message: in.Message, By: in.By, Needed: in.Needed, Minutes: in.Minutes,
		At: now, Caller: p.ID, Name: p.DisplayName, Version: 1}
	if len(in.People) > maxLine {
		return CallUp{}, bad("people", "people", "call 1 to %d people", maxLine)
	}
	known, err := people(ctx, s.DB, p, in.People)
	if err != nil {
		return CallUp{}, err
	}
	for i, id := range in.People {
		r, ok := known[id]
		if !ok || slices.Contains(in.People[:i], id) {
			return CallUp{}, bad("people["+strconv.Itoa(i)+"]", "person", "no such person in the team, or twice")
		}
		c.Line = append(c.Line, Called{Person: r.ID, Name: r.Name, Phone: r.Phone, User: r.User})
	}
	if c.Needed == 0 {
		c.Needed = len(c.Line)
	}
	if c.Minutes == 0 {
		c.Minutes = usualMinutes
	}
	if err := c.check(now); err != nil {
		return CallUp{}, err
	}
	called := c.advance(now)
	err = s.do(ctx, []event.UnitID{c.Unit}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		if err := insert(ctx, tx, &c); err != nil {
			return module.Entry{}, err
		}
		if err := s.tellCalled(ctx, tx, &c, called); err != nil {
			return module.Entry{}, err
		}
		return module.Entry{Action: "coordination.call", Object: "call-up:" + c.ID, Detail: map[string]string{
			"subject": c.Subject.Code, "unit": string(c.Unit), "people": strconv.Itoa(len(c.Line)), "needed": strconv.Itoa(c.Needed),
		}}, nil
	})
	return c, err
}

// CallUps lists the call-ups of the principal's units, and those he is in the line
// of. Errors: Denied.
func (s *Service) CallUps(ctx context.Context, f Filter) ([]CallUp, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationRead); err != nil {
		return nil, err
	}
	f.Called = p.ID
	found, err := list[CallUp](ctx, s.DB, p, f, false)
	found = slices.DeleteFunc(found, func(c CallUp) bool { return !p.Sees(c.Unit) && !c.calls(p.ID) })
	for i := range found {
		found[i].narrow(p)
	}
	return found, err
}

// narrow leaves somebody who was called from elsewhere what the call says: not the
// matter, and not who else was called.
func (c *CallUp) narrow(p module.Principal) {
	if p.Sees(c.Unit) {
		return
	}
	c.Subject.ID, c.Subject.Title = "", ""
	c.Line = slices.DeleteFunc(slices.Clone(c.Line), func(x Called) bool { return x.User != p.ID })
	c.Needed = 0
}

// GetCallUp returns a call-up. Errors: Denied, NotFound.
func (s *Service) GetCallUp(ctx context.Context, id string) (CallUp, error) {
	c, err := s.callUp(ctx, id)
	c.narrow(module.PrincipalOf(ctx))
	return c, err
}

func (s *Service) callUp(ctx context.Context, id string) (CallUp, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationRead); err != nil {
		return CallUp{}, err
	}
	c, err := one[CallUp](ctx, s.DB, id)
	if err == nil && !p.Sees(c.Unit) && !c.calls(p.ID) {
		err = unknown()
	}
	return c, err
}

// calls tells whether the account is in the line and it was its turn.
func (c *CallUp) calls(user string) bool {
	return user != "" && slices.ContainsFunc(c.Line, func(x Called) bool { return x.User == user && !x.At.IsZero() })
}

// Replying is what a called person said, or what somebody noted of him.
type Replying struct {
	Person string // "" the one of the account itself
	Answer Reply
	Note   string
}

// Reply notes whether a called person comes: by himself in the console, or by
// somebody who had him on the telephone. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Reply(ctx context.Context, id string, in Replying) (CallUp, error) {
	c, err := s.callUp(ctx, id)
	if err != nil {
		return CallUp{}, err
	}
	p, now := module.PrincipalOf(ctx), s.Now()
	i := slices.IndexFunc(c.Line, func(x Called) bool {
		return in.Person == "" && x.User == p.ID || in.Person != "" && x.Person == in.Person
	})
	if i < 0 || !p.Sees(c.Unit) && c.Line[i].User != p.ID {
		return CallUp{}, bad("person", "person", "this person is not in the line")
	}
	own := c.Line[i].User == p.ID
	if !own && !p.Can(module.ActionCoordinationCall, c.Unit) {
		return CallUp{}, fault.New(fault.Denied, "only who called may note what others said").WithCode("permission.denied")
	}
	if err := text("note", &in.Note, maxText, false); err != nil {
		return CallUp{}, err
	}
	via, noted := "console", ""
	if !own {
		via, noted = "phone", p.DisplayName
	}
	if err := c.reply(i, in.Answer, via, noted, in.Note, now); err != nil {
		return CallUp{}, err
	}
	short := c.short()
	called := c.advance(now)
	c.Version++
	err = s.do(ctx, []event.UnitID{c.Unit}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		if err := update(ctx, tx, &c); err != nil {
			return module.Entry{}, err
		}
		if err := s.advanced(ctx, tx, &c, called, short); err != nil {
			return module.Entry{}, err
		}
		if err := emitCall(ctx, tx, FactReplied, &c, i); err != nil {
			return module.Entry{}, err
		}
		return module.Entry{Action: "coordination.reply", Object: "call-up:" + c.ID, Detail: map[string]string{
			"subject": c.Subject.Code, "person": c.Line[i].Name, "answer": string(in.Answer), "via": via,
		}}, nil
	})
	c.narrow(p)
	return c, err
}

// advanced tells whom the line came to, and that it is at its end.
func (s *Service) advanced(ctx context.Context, tx bun.Tx, c *CallUp, called []int, wasShort bool) error {
	if !wasShort && c.short() {
		if err := tell(ctx, tx, c.Unit, s.shortNotice(c)); err != nil {
			return err
		}
	}
	return s.tellCalled(ctx, tx, c, called)
}

// CloseCallUp ends a call-up: nobody else is called. Errors: Denied, NotFound, Conflict.
func (s *Service) CloseCallUp(ctx context.Context, id string) (CallUp, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionCoordinationCall); err != nil {
		return CallUp{}, err
	}
	c, err := one[CallUp](ctx, s.DB, id)
	if err != nil || !p.Sees(c.Unit) {
		if err == nil {
			err = unknown()
		}
		return c, err
	}
	if !c.ClosedAt.IsZero() {
		return c, fault.New(fault.Conflict, "the call-up is closed").WithCode("coordination.closed")
	}
	c.ClosedAt, c.Version = s.Now(), c.Version+1
	err = s.do(ctx, []event.UnitID{c.Unit}, func(ctx context.Context, tx bun.Tx) (module.Entry, error) {
		return module.Entry{Action: "coordination.close-call", Object: "call-up:" + c.ID, Detail: map[string]string{"subject": c.Subject.Code}}, update(ctx, tx, &c)
	})
	return c, err
}

// tickCalls goes on with the lines in which somebody did not acknowledge in time.
func (s *Service) tickCalls(ctx context.Context) error {
	now := s.Now()
	var units []event.UnitID
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		units = nil
		calls, err := due[CallUp](ctx, tx, now, atOnce)
		if err != nil {
			return err
		}
		for i := range calls {
			c := &calls[i]
			short := c.short()
			called := c.advance(now)
			c.Version++
			if err := update(ctx, tx, c); err != nil {
				return err
			}
			if err := s.advanced(ctx, tx, c, called, short); err != nil {
				return err
			}
			units = append(units, c.Unit)
		}
		return nil
	})
	if err == nil && len(units) > 0 {
		s.Wake()
		s.changedOf(units...)
	}
	return err
}
