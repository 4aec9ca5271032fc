package coordination

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// What other modules are told of call-ups, each with the body [CallTold].
const (
	FactCalled  module.FactKind = "coordination.called"
	FactReplied module.FactKind = "coordination.replied"
)

// CallTold is that a person was called to a matter, or what he said.
type CallTold struct {
	ID      string         `json:"id"` // of the call-up and the person
	Subject module.Subject `json:"subject"`
	Unit    event.UnitID   `json:"unit"`
	Drill   bool           `json:"drill"`
	Title   string         `json:"title"` // the person's name
	State   string         `json:"state"` // called, comes, declines
}

// emitCall tells of persons of a line, in tx.
func emitCall(ctx context.Context, tx bun.Tx, kind module.FactKind, c *CallUp, persons ...int) error {
	facts := make([]module.Fact, len(persons))
	for n, i := range persons {
		x := &c.Line[i]
		state := string(x.Answer)
		if kind == FactCalled {
			state = "called"
		}
		body, err := json.Marshal(CallTold{ID: c.ID + "/" + x.Person, Subject: c.Subject, Unit: c.Unit, Drill: c.Drill, Title: x.Name, State: state})
		if err != nil {
			return err
		}
		facts[n] = module.Fact{Kind: kind, Unit: c.Unit, Body: body}
	}
	return module.Emit(ctx, tx, facts)
}

// tellCalled tells those who are called now, and other modules of it.
func (s *Service) tellCalled(ctx context.Context, tx bun.Tx, c *CallUp, called []int) error {
	if err := emitCall(ctx, tx, FactCalled, c, called...); err != nil {
		return err
	}
	return tell(ctx, tx, c.Unit, s.calledNotices(c, called)...)
}
