package lake

import (
	"slices"

	"github.com/lachan-vn/lachan/internal/event"
)

// Scope says whose events a reader may see. The zero Scope sees nothing, so a
// forgotten scope shows no one's events rather than everyone's.
type Scope struct {
	all   bool
	units []event.UnitID
}

// ScopeAll sees every unit.
func ScopeAll() Scope { return Scope{all: true} }

// ScopeUnits sees the events of the given units.
func ScopeUnits(ids ...event.UnitID) Scope {
	units := slices.Clone(ids)
	slices.Sort(units)
	return Scope{units: slices.Compact(units)}
}

// empty reports whether s sees nothing.
func (s Scope) empty() bool { return !s.all && len(s.units) == 0 }

// Sees reports whether s covers the unit.
func (s Scope) Sees(u event.UnitID) bool {
	if s.all {
		return true
	}
	_, found := slices.BinarySearch(s.units, u)
	return found
}

func (s Scope) sees(unit string) bool { return s.Sees(event.UnitID(unit)) }

// seesBetween reports whether s covers a unit low <= unit <= high.
func (s Scope) seesBetween(low, high string) bool {
	if s.all {
		return true
	}
	i, _ := slices.BinarySearch(s.units, event.UnitID(low))
	return i < len(s.units) && string(s.units[i]) <= high
}
