package system

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// Machines returns what logs may know a system by, of one that the caller sees. Errors:
// Denied, NotFound.
func (s *Service) Machines(ctx context.Context, id string) (module.Machines, error) {
	x, err := s.Get(ctx, id)
	if err != nil {
		return module.Machines{}, err
	}
	names, err := s.store.hostsOf(ctx, id)
	if err != nil {
		return module.Machines{}, err
	}
	return machinesOf(&x, names), nil
}

// machinesOf knows a system's machines: names are the hosts and addresses of its
// inventory.
func machinesOf(x *System, names []string) module.Machines {
	byShort := map[string][]string{}
	for _, name := range names {
		if key := hostKey(name); key != "" {
			byShort[shortKey(key)] = append(byShort[shortKey(key)], key)
		}
	}
	var ranges [][2]netip.Addr
	for _, z := range x.Zones {
		for _, text := range slices.Concat(z.Private, z.Public) {
			if from, to, ok := rangeOf(text); ok {
				ranges = append(ranges, [2]netip.Addr{from, to})
			}
		}
	}
	m := module.Machines{Units: []event.UnitID{x.Unit}}
	if o := operatorOf(x); o != "" {
		m.Units = append(m.Units, o)
	}
	m.Has = func(host string) bool {
		key := hostKey(host)
		if slices.ContainsFunc(byShort[shortKey(key)], func(name string) bool { return sameHost(name, key) }) {
			return true
		}
		a, err := netip.ParseAddr(key)
		return err == nil && slices.ContainsFunc(ranges, func(r [2]netip.Addr) bool {
			return a.BitLen() == r[0].BitLen() && !a.Less(r[0]) && !r[1].Less(a)
		})
	}
	domains := x.Domains
	m.Serves = func(name string) bool {
		key := hostKey(name)
		return slices.ContainsFunc(domains, func(d string) bool {
			d = strings.TrimPrefix(hostKey(d), "*.")
			return d != "" && (key == d || strings.HasSuffix(key, "."+d))
		})
	}
	return m
}

// hostsOf returns the names and addresses of a system's inventory.
func (s store) hostsOf(ctx context.Context, id string) ([]string, error) {
	var rows []assetRow
	if err := s.db.NewSelect().Model(&rows).Column("hostname", "address").Where("system = ?", id).Where("hostname <> '' OR address <> ''").Scan(ctx); err != nil {
		return nil, err
	}
	names := make([]string, 0, 2*len(rows))
	for i := range rows {
		names = append(names, rows[i].Hostname, rows[i].Address)
	}
	return names, nil
}
