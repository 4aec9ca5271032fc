package unit

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// The facts. The body of FactChanged, told of each unit touched, is {"id",
// "action"}; that of FactMerged is {"reorganisation", "kind", "day", "units":
// those that end, "successors"}, and it is of the first successor. An undone
// merger is a FactChanged with the action undo.
const (
	FactChanged module.FactKind = "unit.changed"
	FactMerged  module.FactKind = "unit.merged"
)

// FieldChange is what became of one field.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// draft is the register as a change makes it: all units as they are, and what is
// to become of some.
type draft struct {
	old     *tree
	now     time.Time
	actor   string
	changed map[event.UnitID]*Unit // also those that are new
	order   []event.UnitID
}

// unit returns the unit as the draft has it so far.
func (d *draft) unit(id event.UnitID) (Unit, bool) {
	if u := d.changed[id]; u != nil {
		return u.clone(), true
	}
	if u := d.old.units[id]; u != nil {
		return u.clone(), true
	}
	return Unit{}, false
}

// put makes u part of the draft.
func (d *draft) put(u Unit) {
	if d.changed[u.ID] == nil {
		d.order = append(d.order, u.ID)
	}
	u.UpdatedAt, u.Version = d.now, 1
	if old := d.old.units[u.ID]; old != nil {
		u.Version, u.CreatedAt = old.Version+1, old.CreatedAt
	} else {
		u.CreatedAt = d.now
	}
	d.changed[u.ID] = &u
}

// tree is the whole as it would become.
func (d *draft) tree(version int64) *tree {
	units := make([]Unit, 0, len(d.old.list)+len(d.changed))
	for i := range d.old.list {
		if d.changed[d.old.list[i].ID] == nil {
			units = append(units, d.old.list[i])
		}
	}
	for _, id := range d.order {
		units = append(units, *d.changed[id])
	}
	return newTree(units, version, d.old.day)
}

func (u *Unit) clone() Unit {
	c := *u
	c.Successors = slices.Clone(u.Successors)
	c.Contacts.FocalPoints = slices.Clone(u.Contacts.FocalPoints)
	return c
}

// change is what a use case does to the draft, and how the trail calls it.
type change struct {
	action         string // in the history of each unit touched
	reorganisation string
	facts          []module.Fact // besides a FactChanged of each unit touched
	entries        []module.Entry
}

// apply runs do on a draft, judges the tree it makes, and stores it with its
// history, audit records and facts. Changes come one after the other.
func (s *Service) apply(ctx context.Context, do func(ctx context.Context, tx bun.Tx, d *draft) (change, error)) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	var became *tree
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		version, err := s.store.lock(ctx, tx)
		if err != nil {
			return err
		}
		units, _, err := s.store.read(ctx, tx)
		if err != nil {
			return err
		}
		d := &draft{
			old: newTree(units, version-1, module.DateOf(s.now())), now: s.now().UTC().Truncate(time.Microsecond),
			actor: module.PrincipalOf(ctx).Name, changed: map[event.UnitID]*Unit{},
		}
		c, err := do(ctx, tx, d)
		if err != nil {
			return err
		}
		became = d.tree(version)
		if err := became.check(); err != nil {
			return err
		}
		return s.write(ctx, tx, d, c)
	})
	if err != nil {
		return err
	}
	s.tree.Store(became)
	s.wake()
	return nil
}

func (s *Service) write(ctx context.Context, tx bun.Tx, d *draft, c change) error {
	var fresh, known []row
	history := make([]historyRow, 0, len(d.order))
	for _, id := range d.order {
		u, old := d.changed[id], d.old.units[id]
		if old == nil {
			fresh = append(fresh, rowOf(u))
			old = &Unit{}
		} else {
			known = append(known, rowOf(u))
		}
		history = append(history, historyRow{
			ID: module.NewID(), Unit: string(id), At: sqldb.MicrosOf(d.now), Actor: d.actor, Action: c.action,
			Reorganisation: c.reorganisation, Changes: jsonOf(diff(old, u)),
		})
	}
	if err := s.store.insert(ctx, tx, fresh); err != nil {
		return err
	}
	if err := s.store.update(ctx, tx, known); err != nil {
		return err
	}
	if err := s.store.addHistory(ctx, tx, history); err != nil {
		return err
	}
	for _, e := range c.entries {
		if err := s.trail.Append(ctx, tx, e); err != nil {
			return err
		}
	}
	facts := c.facts
	for _, id := range d.order {
		body := jsonOf(map[string]string{"id": string(id), "action": c.action})
		facts = append(facts, module.Fact{Kind: FactChanged, Unit: id, Body: []byte(body)})
	}
	return module.Emit(ctx, tx, facts)
}

// diff lists the fields in which b is another than a.
func diff(a, b *Unit) []FieldChange {
	changes := []FieldChange{}
	add := func(field, from, to string) {
		if from != to {
			changes = append(changes, FieldChange{field, from, to})
		}
	}
	add("name", a.Name, b.Name)
	add("shortName", a.ShortName, b.ShortName)
	add("kind", string(a.Kind), string(b.Kind))
	add("parent", string(a.Parent), string(b.Parent))
	add("code", a.Code, b.Code)
	add("province", a.Province, b.Province)
	add("validFrom", string(a.ValidFrom), string(b.ValidFrom))
	add("validTo", string(a.ValidTo), string(b.ValidTo))
	add("successors", joinIDs(a.Successors), joinIDs(b.Successors))
	add("address", a.Address, b.Address)
	add("dutyPhone", a.Contacts.DutyPhone, b.Contacts.DutyPhone)
	add("dutyMail", a.Contacts.DutyMail, b.Contacts.DutyMail)
	add("head", a.Contacts.Head.text(), b.Contacts.Head.text())
	add("focalPoints", peopleText(a.Contacts.FocalPoints), peopleText(b.Contacts.FocalPoints))
	add("note", a.Note, b.Note)
	return changes
}
