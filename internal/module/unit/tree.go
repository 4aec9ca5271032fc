package unit

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// tree is all units as they stand on one day. It is never changed: whoever
// changes units makes another. What it returns is shared, for reading only.
type tree struct {
	version      int64
	day          module.Date
	list         []Unit // by name
	units        map[event.UnitID]*Unit
	children     map[event.UnitID][]event.UnitID // by name
	predecessors map[event.UnitID][]event.UnitID // those that have ended
	below        sync.Map                        // UnitID -> []UnitID, filled as it is asked for
}

// newTree takes units over.
func newTree(units []Unit, version int64, day module.Date) *tree {
	t := &tree{
		version: version, day: day, list: units, units: make(map[event.UnitID]*Unit, len(units)),
		children: map[event.UnitID][]event.UnitID{}, predecessors: map[event.UnitID][]event.UnitID{},
	}
	folded := make(map[event.UnitID]string, len(units))
	for i := range units {
		folded[units[i].ID] = module.Fold(units[i].Name)
	}
	slices.SortFunc(t.list, func(a, b Unit) int {
		return cmp.Or(strings.Compare(folded[a.ID], folded[b.ID]), cmp.Compare(a.ID, b.ID))
	})
	for i := range t.list {
		u := &t.list[i]
		t.units[u.ID] = u
		if u.Parent != "" {
			t.children[u.Parent] = append(t.children[u.Parent], u.ID)
		}
		if u.Ended(day) {
			for _, s := range u.Successors {
				t.predecessors[s] = append(t.predecessors[s], u.ID)
			}
		}
	}
	return t
}

// beneath returns the ids of all units that whoever answers for id answers for
// besides: those under it, the ended ones it succeeds, and all under and before
// these, in order.
func (t *tree) beneath(id event.UnitID) []event.UnitID {
	if found, ok := t.below.Load(id); ok {
		return found.([]event.UnitID)
	}
	seen := map[event.UnitID]bool{id: true}
	var found []event.UnitID
	for next := []event.UnitID{id}; len(next) > 0; {
		at := next[len(next)-1]
		next = next[:len(next)-1]
		for _, ids := range [][]event.UnitID{t.children[at], t.predecessors[at]} {
			for _, u := range ids {
				if !seen[u] {
					seen[u] = true
					found, next = append(found, u), append(next, u)
				}
			}
		}
	}
	slices.Sort(found)
	t.below.Store(id, found)
	return found
}

// path returns the units from the root down to id itself; nil if id is unknown.
func (t *tree) path(id event.UnitID) []*Unit {
	var up []*Unit
	for u := t.units[id]; u != nil && len(up) <= maxDepth; u = t.units[u.Parent] {
		up = append(up, u)
	}
	slices.Reverse(up)
	return up
}

// current follows successors, the first of each, to a unit that has not ended;
// where there is none it stays at the last.
func (t *tree) current(id event.UnitID) event.UnitID {
	seen := map[event.UnitID]bool{}
	for u := t.units[id]; u != nil && !seen[id] && u.Ended(t.day) && len(u.Successors) > 0; u = t.units[id] {
		if seen[id] = true; t.units[u.Successors[0]] == nil {
			break
		}
		id = u.Successors[0]
	}
	return id
}

// check tells whether the tree keeps the invariants of the package. Errors:
// Conflict.
func (t *tree) check() error {
	if len(t.list) > maxUnits {
		return fault.New(fault.Conflict, "at most %d units", maxUnits).WithCode("unit.too-many")
	}
	centre := t.units[event.CentreUnit]
	if centre == nil || centre.Parent != "" || centre.ValidTo != "" || len(centre.Successors) > 0 || centre.Kind != KindCentre {
		return fault.New(fault.Conflict, "the centre is the root and cannot be moved, ended or made something else").WithCode("unit.centre-fixed")
	}
	for i := range t.list {
		u := &t.list[i]
		if err := t.checkUnit(u); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) checkUnit(u *Unit) error {
	if u.ID == event.CentreUnit {
		return nil
	}
	parent := t.units[u.Parent]
	switch {
	case parent == nil:
		return fault.New(fault.Conflict, "parent of %s: there is no unit %q", u.ID, u.Parent).WithCode("unit.parent-unknown").OnField("body.parent")
	case u.Kind == KindCentre:
		return fault.New(fault.Conflict, "kind: there is one centre; use another type").WithCode("unit.bad-kind").OnField("body.kind")
	case !u.Ended(t.day) && parent.ValidTo != "" && (u.ValidTo == "" || u.ValidTo > parent.ValidTo):
		return fault.New(fault.Conflict, "parent of %s: %s ends on %s, before it", u.ID, parent.Name, parent.ValidTo).WithCode("unit.parent-ended").OnField("body.parent")
	}
	depth := 0
	for at := u; at.ID != event.CentreUnit; depth++ {
		if depth > maxDepth {
			return t.tooDeep(u)
		}
		if at = t.units[at.Parent]; at == nil {
			return nil // said of that unit itself
		}
	}
	if depth > maxDepth {
		return t.tooDeep(u)
	}
	for _, s := range u.Successors {
		switch {
		case t.units[s] == nil || s == u.ID || s == event.CentreUnit:
			return fault.New(fault.Conflict, "successor of %s: %q cannot be one", u.ID, s).WithCode("unit.successor-unknown").OnField("body.successors")
		case u.ValidTo == "":
			return fault.New(fault.Conflict, "successor of %s: it has no last day", u.ID).WithCode("unit.successor-early").OnField("body.validTo")
		}
	}
	return nil
}

func (t *tree) tooDeep(u *Unit) error {
	seen := map[event.UnitID]bool{}
	for at := u; at != nil; at = t.units[at.Parent] {
		if seen[at.ID] {
			return fault.New(fault.Conflict, "parent: %s would be under itself", at.ID).WithCode("unit.circle").OnField("body.parent")
		}
		seen[at.ID] = true
	}
	return fault.New(fault.Conflict, "parent: %s would be more than %d levels under the centre", u.ID, maxDepth).WithCode("unit.too-deep").OnField("body.parent")
}
