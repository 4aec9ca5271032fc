package unit

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// ReorganisationKind says what a decision does with units.
type ReorganisationKind string

// The kinds.
const (
	Merge  ReorganisationKind = "merge"  // sáp nhập, hợp nhất: several become, or join, one
	Split  ReorganisationKind = "split"  // chia, tách: one becomes several
	Rename ReorganisationKind = "rename" // đổi tên: the unit stays
	End    ReorganisationKind = "end"    // giải thể: nobody succeeds
)

// Seen names a unit and the version its caller saw.
type Seen struct {
	ID      event.UnitID
	Version int64
}

// Reorganisation is a decision on units, to be carried out.
type Reorganisation struct {
	Kind     ReorganisationKind
	Day      module.Date // from which it counts
	Decision string      // number and title of the paper, for the history
	Units    []Seen      // those that end, or are renamed
	// Into are the successors, the first answering before the others. A version
	// of 0 stands for a unit that is new.
	Into []Seen
	// New are the successors that are not registered yet. A parent that is not
	// given is the first ended unit's.
	New  []Unit
	Name string // of Rename
}

// plan is what is stored to undo a reorganisation.
type plan struct {
	Before  []Unit                 `json:"before"`  // units that were there
	Created []event.UnitID         `json:"created"` // units that were not
	After   map[event.UnitID]int64 `json:"after"`   // versions it left
}

func (r *Reorganisation) check() error {
	r.Decision, r.Name = module.OneLine(r.Decision), module.OneLine(r.Name)
	if r.Day == "" {
		return bad("day", "the day from which it counts")
	}
	if !module.IsText(r.Decision, maxLongText) {
		return bad("decision", "at most %d characters", maxLongText)
	}
	if len(r.Units) == 0 || len(r.Units) > maxSuccessors || len(r.Into) > maxSuccessors || repeated(r.Units) || repeated(r.Into) {
		return bad("units", "1 to %d, each once", maxSuccessors)
	}
	ok := false
	switch r.Kind {
	case Merge:
		ok = len(r.Into) == 1
	case Split:
		ok = len(r.Units) == 1 && len(r.Into) >= 2
	case Rename:
		ok = len(r.Units) == 1 && len(r.Into) == 0 && r.Name != ""
	case End:
		ok = len(r.Into) == 0
	}
	if !ok {
		return bad("into", "merge: one successor; split: one unit into two or more; rename: one unit and its name; end: no successor")
	}
	for _, u := range r.Units {
		if u.ID == event.CentreUnit && r.Kind != Rename {
			return fault.New(fault.Conflict, "the centre is the root and cannot be ended").WithCode("unit.centre-fixed").OnField("body.units")
		}
		if slices.ContainsFunc(r.Into, func(i Seen) bool { return i.ID == u.ID }) {
			return bad("into", "%s cannot succeed itself; leave it out of the units that end", u.ID)
		}
	}
	return nil
}

func repeated(list []Seen) bool {
	seen := map[event.UnitID]bool{}
	for _, s := range list {
		if seen[s.ID] {
			return true
		}
		seen[s.ID] = true
	}
	return false
}

// Reorganise carries a decision out and returns its id and the units touched.
// What is under a unit that ends comes under its first successor. Errors: Denied,
// NotFound, Invalid, Conflict.
func (s *Service) Reorganise(ctx context.Context, r Reorganisation) (string, []Unit, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitManage); err != nil {
		return "", nil, err
	}
	if err := r.check(); err != nil {
		return "", nil, err
	}
	id := module.NewID()
	var touched []event.UnitID
	err := s.apply(ctx, func(ctx context.Context, tx bun.Tx, d *draft) (change, error) {
		if err := r.draw(d); err != nil {
			return change{}, err
		}
		touched = d.order
		p := plan{Created: []event.UnitID{}, After: map[event.UnitID]int64{}}
		for _, id := range d.order {
			p.After[id] = d.changed[id].Version
			if old := d.old.units[id]; old != nil {
				p.Before = append(p.Before, *old)
			} else {
				p.Created = append(p.Created, id)
			}
		}
		err := s.store.addReorganisation(ctx, tx, reorganisationRow{
			ID: id, Kind: string(r.Kind), Day: string(r.Day), Decision: r.Decision, MadeAt: sqldb.MicrosOf(d.now), MadeBy: d.actor, Plan: jsonOf(p),
		})
		return r.change(id), err
	})
	if err != nil {
		return "", nil, err
	}
	return id, s.named(touched), nil
}

func (r *Reorganisation) change(id string) change {
	ended, into := ids(r.Units), ids(r.Into)
	detail := map[string]string{"units": joinIDs(ended), "day": string(r.Day)}
	for name, value := range map[string]string{"into": joinIDs(into), "decision": module.Text(r.Decision, maxAudited), "name": r.Name} {
		if value != "" {
			detail[name] = value
		}
	}
	c := change{action: string(r.Kind), reorganisation: id, entries: []module.Entry{{
		Action: "unit." + string(r.Kind), Object: object(ended[0]), Detail: detail,
	}}}
	if len(into) > 0 {
		c.facts = []module.Fact{{Kind: FactMerged, Unit: into[0], Body: []byte(jsonOf(map[string]any{
			"reorganisation": id, "kind": r.Kind, "day": r.Day, "units": ended, "successors": into,
		}))}}
	}
	return c
}

func ids(list []Seen) []event.UnitID {
	out := make([]event.UnitID, len(list))
	for i, s := range list {
		out[i] = s.ID
	}
	return out
}

// draw makes the draft what the decision says.
func (r *Reorganisation) draw(d *draft) error {
	for _, seen := range append(slices.Clone(r.Units), r.Into...) {
		u, ok := d.unit(seen.ID)
		switch {
		case seen.Version == 0 && slices.ContainsFunc(r.New, func(n Unit) bool { return n.ID == seen.ID }):
			if ok {
				return taken(seen.ID)
			}
		case !ok:
			return unknown()
		case u.Version != seen.Version:
			return changed()
		case u.ValidTo != "":
			return fault.New(fault.Conflict, "%s ends on %s already", u.Name, u.ValidTo).WithCode("unit.ended").OnField("body.units")
		}
	}
	if r.Kind == Rename {
		u, _ := d.unit(r.Units[0].ID)
		if u.Name == r.Name {
			return bad("name", "another than it has")
		}
		u.Name = r.Name
		if err := u.check(); err != nil {
			return err
		}
		d.put(u)
		return nil
	}
	first, _ := d.unit(r.Units[0].ID)
	for _, n := range r.New {
		if !slices.ContainsFunc(r.Into, func(i Seen) bool { return i.ID == n.ID }) {
			return bad("into", "%s is new and not among the successors", n.ID)
		}
		if n.Parent == "" {
			n.Parent = first.Parent
		}
		if n.Province == "" {
			n.Province = first.Province
		}
		n.ValidFrom, n.ValidTo, n.Successors = r.Day, "", nil
		if err := n.check(); err != nil {
			return err
		}
		d.put(n)
	}
	for _, seen := range r.Units {
		if err := r.end(d, seen.ID); err != nil {
			return err
		}
	}
	return nil
}

// end lets one unit end on the day before, and moves what is under it.
func (r *Reorganisation) end(d *draft, id event.UnitID) error {
	u, _ := d.unit(id)
	u.ValidTo, u.Successors = r.Day.Add(-1), ids(r.Into)
	if u.ValidFrom != "" && u.ValidFrom > u.ValidTo {
		return bad("day", "after %s, the first day of %s", u.ValidFrom, u.Name)
	}
	d.put(u)
	for _, child := range d.old.children[id] {
		c, _ := d.unit(child)
		switch {
		case c.Parent != id || c.ValidTo != "" && c.ValidTo <= u.ValidTo || r.ends(child):
			continue
		case len(r.Into) == 0:
			return fault.New(fault.Conflict, "%s is still under %s: move it first", c.Name, u.Name).WithCode("unit.has-children").OnField("body.units")
		case r.Day > d.old.day:
			return fault.New(fault.Conflict, "%s is still under %s: move it first, or carry the decision out on the day itself", c.Name, u.Name).
				WithCode("unit.children-future").OnField("body.day")
		}
		c.Parent = r.Into[0].ID
		if c.ID == c.Parent {
			c.Parent = u.Parent
		}
		d.put(c)
	}
	return nil
}

func (r *Reorganisation) ends(id event.UnitID) bool {
	return slices.ContainsFunc(r.Units, func(s Seen) bool { return s.ID == id })
}

// Undo takes a reorganisation back while none of the units it touched has changed
// since. Units it made are not deleted, since events may carry their id: they end
// without a successor. Errors: Denied, NotFound, Conflict.
func (s *Service) Undo(ctx context.Context, id string) ([]Unit, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionUnitManage); err != nil {
		return nil, err
	}
	var touched []event.UnitID
	err := s.apply(ctx, func(ctx context.Context, tx bun.Tx, d *draft) (change, error) {
		row, ok, err := s.store.reorganisation(ctx, tx, id)
		if err != nil {
			return change{}, err
		}
		if !ok {
			return change{}, fault.New(fault.NotFound, "no such reorganisation").WithCode("unit.reorganisation-unknown")
		}
		p, err := row.plan()
		if err != nil {
			return change{}, err
		}
		if !row.undoable(p, d.old) {
			return change{}, fault.New(fault.Conflict, "its units have changed since; make another decision instead").WithCode("unit.not-undoable")
		}
		for _, u := range p.Before {
			d.put(u)
		}
		for _, id := range p.Created {
			u, _ := d.unit(id)
			u.withdraw(d.old.day)
			d.put(u)
		}
		touched = d.order
		row.UndoneAt, row.UndoneBy = sqldb.MicrosOf(d.now), d.actor
		return change{action: "undo", reorganisation: id, entries: []module.Entry{{
			Action: "unit.undo", Object: "reorganisation:" + id, Detail: map[string]string{"kind": row.Kind, "units": joinIDs(touched)},
		}}}, s.store.markUndone(ctx, tx, row)
	})
	if codeOfErr(err) == "unit.parent-ended" {
		err = fault.New(fault.Conflict, "there are units under the new one by now: %w", err).WithCode("unit.not-undoable")
	}
	if err != nil {
		return nil, err
	}
	return s.named(touched), nil
}

// withdraw ends a unit that should not have begun.
func (u *Unit) withdraw(today module.Date) {
	u.ValidTo = today.Add(-1)
	if u.ValidFrom > today {
		u.ValidFrom = today
	}
	if u.ValidFrom != "" && u.ValidFrom <= u.ValidTo {
		u.ValidTo = u.ValidFrom.Add(-1)
	}
}

func (r *reorganisationRow) plan() (plan, error) {
	var p plan
	err := json.Unmarshal([]byte(r.Plan), &p)
	return p, err
}

// undoable tells whether every unit is as the reorganisation left it.
func (r *reorganisationRow) undoable(p plan, t *tree) bool {
	if r.UndoneAt != 0 {
		return false
	}
	for id, version := range p.After {
		if u := t.units[id]; u == nil || u.Version != version {
			return false
		}
	}
	return true
}
