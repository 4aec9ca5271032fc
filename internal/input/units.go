package input

import (
	"net/netip"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// UnitTable finds the unit of an address in an input's own configuration. It is
// immutable.
type UnitTable struct {
	byPrefix map[netip.Prefix]event.UnitID
	lengths  []int // prefix lengths in use, longest first
	fallback event.UnitID
}

// NewUnitTable reads addresses and networks; fallback owns what none claims.
// Errors: Invalid.
func NewUnitTable(fallback event.UnitID, units map[string]event.UnitID) (*UnitTable, error) {
	t := &UnitTable{byPrefix: map[netip.Prefix]event.UnitID{}, fallback: fallback}
	seen := map[int]bool{}
	for text, unit := range units {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, aerr := netip.ParseAddr(text)
			if aerr != nil {
				return nil, fault.New(fault.Invalid, "units: %q is not an address or network; write 10.1.2.3 or 10.1.0.0/16", text).OnField("units")
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if unit == "" {
			return nil, fault.New(fault.Invalid, "units: %q has no unit", text).OnField("units")
		}
		t.byPrefix[p.Masked()] = unit
		seen[p.Bits()] = true
	}
	for bits := 128; bits >= 0; bits-- {
		if seen[bits] {
			t.lengths = append(t.lengths, bits)
		}
	}
	return t, nil
}

// Find returns the unit the configuration gives to addr, and whether it names it.
func (t *UnitTable) Find(addr netip.Addr) (event.UnitID, bool) {
	for _, bits := range t.lengths {
		if p, err := addr.Prefix(bits); err == nil {
			if u, ok := t.byPrefix[p]; ok {
				return u, true
			}
		}
	}
	return t.fallback, false
}

// UnitOf resolves a source address: the input's own table first, then the node's
// register, then the table's fallback.
func (t *UnitTable) UnitOf(addr netip.Addr, register Units) event.UnitID {
	u, named := t.Find(addr)
	if !named && register != nil {
		if known, ok := register.UnitByAddr(addr); ok {
			return known
		}
	}
	return u
}
