package system

import (
	"context"
	"slices"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// FoundBelow is an asset and the unit it was found at.
type FoundBelow struct {
	Found

	Unit event.UnitID
}

// FindAssetsBelow returns which assets of several units have the hostnames and addresses.
// Private addresses are used by many units: what assets of more than one of them may have
// is left out. Errors: Denied; a unit the caller does not see has none.
func (s *Service) FindAssetsBelow(ctx context.Context, units []event.UnitID, names []string) (map[string]FoundBelow, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	units = slices.DeleteFunc(slices.Clone(units), func(u event.UnitID) bool { return !p.Sees(u) })
	out := map[string]FoundBelow{}
	if len(units) == 0 || len(names) == 0 {
		return out, nil
	}
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = hostKey(name)
	}
	list, err := s.store.found(ctx, units, slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == "" }))
	if err != nil {
		return nil, err
	}
	byKey := map[string][]*Asset{}
	for i := range list {
		x := &list[i]
		byKey[shortKey(x.Hostname)] = append(byKey[shortKey(x.Hostname)], x)
		byKey[x.Address] = append(byKey[x.Address], x)
	}
	for i, key := range keys {
		var has *FoundBelow
		several := false
		for _, x := range byKey[shortKey(key)] {
			if key == "" || x.Address != key && !sameHost(x.Hostname, key) {
				continue
			}
			of := x.Unit
			if !slices.Contains(units, of) {
				of = x.Operator
			}
			switch {
			case has == nil:
				has = &FoundBelow{Found{x.ID, x.System}, of}
			case has.Asset != x.ID && has.Unit != of:
				several = true
			case has.System == "" && x.System != "":
				has.Found = Found{x.ID, x.System}
			}
		}
		if has != nil && !several {
			out[names[i]] = *has
		}
	}
	return out, nil
}
