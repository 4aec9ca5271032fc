package unit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Change is what is asked to be different; nil: as it was.
type Change struct {
	Version   int64
	Name      *string
	ShortName *string
	Kind      *Kind
	Code      *string
	Province  *string
	ValidFrom *module.Date
	Address   *string
	Note      *string
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Update changes what a unit is, except its place, its end and whom to reach.
// Errors: Denied, NotFound, Invalid, Conflict if its version is another.
func (s *Service) Update(ctx context.Context, id event.UnitID, c Change) (Unit, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitManage); err != nil {
		return Unit{}, err
	}
	return s.edit(ctx, id, c.Version, "update", func(u *Unit, _ *draft) error {
		set(&u.Name, c.Name)
		set(&u.ShortName, c.ShortName)
		set(&u.Kind, c.Kind)
		set(&u.Code, c.Code)
		set(&u.Province, c.Province)
		set(&u.ValidFrom, c.ValidFrom)
		set(&u.Address, c.Address)
		set(&u.Note, c.Note)
		return nil
	})
}

// SetContacts replaces whom to reach in a unit that the caller sees.
// Errors: Denied, NotFound, Invalid, Conflict if its version is another.
func (s *Service) SetContacts(ctx context.Context, id event.UnitID, version int64, address string, c Contacts) (Unit, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitContacts); err != nil {
		return Unit{}, err
	}
	return s.edit(ctx, id, version, "contacts", func(u *Unit, _ *draft) error {
		u.Contacts, u.Address = c, address
		return nil
	})
}

// Happening is one thing that happened to a unit.
type Happening struct {
	ID             string
	At             time.Time
	Actor          string
	Action         string // create, update, contacts, move, import, merge, split, rename, end, undo
	Changes        []FieldChange
	Reorganisation *Decision
}

// Decision is a reorganisation that was carried out.
type Decision struct {
	ID       string
	Kind     ReorganisationKind
	Day      module.Date
	Decision string
	Undone   bool
	Undoable bool // by now
}

// maxHistory bounds what is shown of one unit's history.
const maxHistory = 500

// History returns what happened to a unit the caller sees, newest first.
// Errors: Denied, NotFound.
func (s *Service) History(ctx context.Context, id event.UnitID) ([]Happening, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	rows, err := s.store.historyOf(ctx, id, maxHistory)
	if err != nil {
		return nil, err
	}
	var made []string
	for i := range rows {
		if rows[i].Reorganisation != "" {
			made = append(made, rows[i].Reorganisation)
		}
	}
	decisions, err := s.store.reorganisations(ctx, made)
	if err != nil {
		return nil, err
	}
	t := s.today()
	list := make([]Happening, len(rows))
	for i, r := range rows {
		h := Happening{ID: r.ID, At: r.At.Time(), Actor: r.Actor, Action: r.Action}
		if err := json.Unmarshal([]byte(r.Changes), &h.Changes); err != nil {
			return nil, fmt.Errorf("history of unit %s: %w", id, err)
		}
		if d, ok := decisions[r.Reorganisation]; ok {
			p, err := d.plan()
			if err != nil {
				return nil, fmt.Errorf("reorganisation %s: %w", d.ID, err)
			}
			h.Reorganisation = &Decision{
				ID: d.ID, Kind: ReorganisationKind(d.Kind), Day: module.Date(d.Day), Decision: d.Decision, Undone: d.UndoneAt != 0, Undoable: d.undoable(p, t),
			}
		}
		list[i] = h
	}
	return list, nil
}

func codeOfErr(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Code
	}
	return ""
}
