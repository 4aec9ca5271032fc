package system

import (
	"context"
	"net/netip"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

func unknownAsset() error {
	return fault.New(fault.NotFound, "no such asset").WithCode("system.asset-unknown")
}

func seesAsset(p module.Principal, x *Asset) bool { return p.Sees(x.Unit) || p.Sees(x.Operator) }

// Assets returns assets by name and the cursor of the next page. Errors: Denied,
// Invalid (the cursor).
func (s *Service) Assets(ctx context.Context, f AssetFilter) ([]Asset, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, "", err
	}
	return s.store.listAssets(ctx, p, f)
}

// Asset returns one. Errors: Denied, NotFound.
func (s *Service) Asset(ctx context.Context, id string) (Asset, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return Asset{}, err
	}
	return s.seenAsset(ctx, s.DB, p, id)
}

func (s *Service) seenAsset(ctx context.Context, db bun.IDB, p module.Principal, id string) (Asset, error) {
	x, ok, err := s.store.asset(ctx, db, id)
	if err == nil && (!ok || !seesAsset(p, &x)) {
		err = unknownAsset()
	}
	if err != nil {
		return Asset{}, err
	}
	return x, nil
}

// belong gives the asset the owner and the operator of its system; one of no system
// stays with its unit.
func (s *Service) belong(ctx context.Context, db bun.IDB, p module.Principal, x *Asset) error {
	if x.System == "" {
		x.Operator = ""
		if x.Unit == "" || !p.Sees(x.Unit) || !s.Units.Active(x.Unit) {
			return fault.New(fault.NotFound, "unit: no such unit").WithCode("unit.unknown").OnField("body.unit")
		}
		return nil
	}
	of, err := s.seen(ctx, db, p, x.System)
	if err != nil {
		return err
	}
	x.Unit, x.Operator = of.Unit, operatorOf(&of)
	return nil
}

// operatorOf is the unit beside the owner that sees a system's assets.
func operatorOf(x *System) event.UnitID {
	if x.OperatorUnit == x.Unit {
		return ""
	}
	return x.OperatorUnit
}

// AddAsset enters an asset; unit is for one of no system. Errors: Denied, NotFound
// (the system or the unit), Invalid.
func (s *Service) AddAsset(ctx context.Context, f AssetFacts, unit event.UnitID) (Asset, error) {
	p := module.PrincipalOf(ctx)
	x := Asset{ID: module.NewID(), Unit: unit, AssetFacts: f, Version: 1}
	if err := p.Require(module.ActionSystemManage); err != nil {
		return x, err
	}
	err := s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.belong(ctx, tx, p, &x); err != nil {
			return err
		}
		if err := x.check(); err != nil {
			return err
		}
		x.UpdatedAt, x.UpdatedBy = s.Now(), p.DisplayName
		if err := s.store.insertAssets(ctx, tx, []Asset{x}); err != nil {
			return err
		}
		return s.noteAsset(ctx, tx, "asset.add", &x, "")
	})
	return x, err
}

// EditAsset makes the facts of an asset others; it may go to another system. Errors:
// Denied, NotFound, Conflict system.asset-changed, Invalid.
func (s *Service) EditAsset(ctx context.Context, id string, f AssetFacts, version int64) (Asset, error) {
	p := module.PrincipalOf(ctx)
	var x Asset
	if err := p.Require(module.ActionSystemManage); err != nil {
		return x, err
	}
	err := s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.seenAsset(ctx, tx, p, id)
		if err != nil {
			return err
		}
		x = old
		if x.AssetFacts = f; f.System != old.System {
			if err := s.belong(ctx, tx, p, &x); err != nil {
				return err
			}
		}
		if err := x.check(); err != nil {
			return err
		}
		x.Version, x.UpdatedAt, x.UpdatedBy = version+1, s.Now(), p.DisplayName
		ok, err := s.store.updateAsset(ctx, tx, &x)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "somebody else changed the asset meanwhile; read it again").WithCode("system.asset-changed")
		}
		if err != nil {
			return err
		}
		return s.noteAsset(ctx, tx, "asset.change", &x, old.text())
	})
	return x, err
}

// RemoveAsset takes an asset away. Errors: Denied, NotFound.
func (s *Service) RemoveAsset(ctx context.Context, id string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemManage); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		x, err := s.seenAsset(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("assets").Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return s.noteAsset(ctx, tx, "asset.remove", &x, "")
	})
}

func (s *Service) noteAsset(ctx context.Context, tx bun.Tx, action string, x *Asset, was string) error {
	return s.Trail.Append(ctx, tx, assetEntry(action, x, was))
}

func assetEntry(action string, x *Asset, was string) module.Entry {
	detail := map[string]string{"unit": string(x.Unit), "asset": module.Text(x.text(), maxAudited)}
	if x.System != "" {
		detail["system"] = x.System
	}
	if was != "" && was != x.text() {
		detail["was"] = module.Text(was, maxAudited)
	}
	return module.Entry{Action: action, Object: "asset:" + x.ID, Detail: detail}
}

// Found is an asset that was looked for by the name logs and scanners give it.
type Found struct {
	Asset  string
	System string // "" of no system
}

// FindAssets returns which assets of a unit, as the owner's or as the operator's, have
// the hostnames and addresses; names of none are left out. Errors: Denied; a unit the
// caller does not see has none.
func (s *Service) FindAssets(ctx context.Context, unit event.UnitID, names []string) (map[string]Found, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	if unit == "" || !p.Sees(unit) {
		return map[string]Found{}, nil
	}
	var keys []string
	asked := map[string][]string{} // key -> as it was asked for
	for _, name := range names {
		key := hostKey(name)
		if key == "" {
			continue
		}
		if asked[key] == nil {
			keys = append(keys, key)
		}
		asked[key] = append(asked[key], name)
	}
	list, err := s.store.found(ctx, []event.UnitID{unit}, keys)
	if err != nil {
		return nil, err
	}
	byKey := map[string][]*Asset{}
	for i := range list {
		x := &list[i]
		byKey[shortKey(x.Hostname)] = append(byKey[shortKey(x.Hostname)], x)
		byKey[x.Address] = append(byKey[x.Address], x)
	}
	out := map[string]Found{}
	for key, names := range asked {
		for _, x := range byKey[shortKey(key)] {
			if x.Address != key && !sameHost(x.Hostname, key) {
				continue
			}
			for _, name := range names {
				// Of several the first that belongs to a system.
				if had, ok := out[name]; !ok || had.System == "" && x.System != "" {
					out[name] = Found{x.ID, x.System}
				}
			}
		}
	}
	return out, nil
}

// hostKey is a hostname or address as assets are found by.
func hostKey(name string) string {
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	if a, err := netip.ParseAddr(name); err == nil {
		return a.Unmap().WithZone("").String()
	}
	return name
}

// shortKey is a host's name before its domain, or an address: logs often tell no more.
func shortKey(key string) string {
	if _, err := netip.ParseAddr(key); err == nil {
		return key
	}
	short, _, _ := strings.Cut(key, ".")
	return short
}

// sameHost tells whether two names in small letters may be one host's: they are the
// same, or one is the other without its domain.
func sameHost(a, b string) bool {
	return a != "" && (a == b || strings.HasPrefix(a, b+".") && b != "" || strings.HasPrefix(b, a+"."))
}
