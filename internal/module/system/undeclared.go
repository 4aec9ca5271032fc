package system

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Seen knows the machines that logs tell of.
type Seen interface {
	Hosts(ctx context.Context, since time.Time) ([]SeenHost, error)
}

// SeenHost is a machine that logs tell of.
type SeenHost struct {
	Unit    event.UnitID
	Host    string // "" where logs name none
	Address string // that they came from; a relay's, where one brought them
	First   time.Time
	Last    time.Time
}

// name is what the host is told apart by within its unit.
func (h *SeenHost) name() string { return hostKey(first(h.Host, h.Address)) }

// Undeclared is a host of logs that is no asset.
type Undeclared struct {
	SeenHost
	System module.Registered // in whose zone its address is; its zero: none
	Reason string            // why it need not be declared; "": nobody said so
	By     string
	At     time.Time
}

// seenFor is how long a host that is heard no more is asked about.
const seenFor = 30 * 24 * time.Hour

// Undeclared returns the hosts of logs that are no asset of their unit, those heard
// last first: those nobody has said anything about, or those that need not be
// declared. Errors: Denied.
func (s *Service) Undeclared(ctx context.Context, unit event.UnitID, ignored bool) ([]Undeclared, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	if s.Seen == nil {
		return nil, nil
	}
	hosts, err := s.Seen.Hosts(ctx, s.Now().Add(-seenFor))
	if err != nil {
		return nil, err
	}
	byUnit := map[event.UnitID]map[string]SeenHost{}
	for _, h := range hosts {
		if !p.Sees(h.Unit) || unit != "" && h.Unit != unit || h.name() == "" {
			continue
		}
		of := byUnit[h.Unit]
		if of == nil {
			of = map[string]SeenHost{}
			byUnit[h.Unit] = of
		}
		if had, ok := of[h.name()]; ok {
			h.First = earlier(h.First, had.First)
			if had.Last.After(h.Last) {
				h.Last, h.Address = had.Last, had.Address
			}
		}
		of[h.name()] = h
	}
	reasons, err := s.store.ignored(ctx, p)
	if err != nil {
		return nil, err
	}
	zones, err := s.zones(ctx, p)
	if err != nil {
		return nil, err
	}
	var out []Undeclared
	for of, list := range byUnit {
		known, err := s.declared(ctx, of, list)
		if err != nil {
			return nil, err
		}
		for name, h := range list {
			r, said := reasons[of][name]
			if known[name] || said != ignored {
				continue
			}
			out = append(out, Undeclared{SeenHost: h, System: zones.of(of, h.Address), Reason: r.Reason, By: r.By, At: r.At.Time()})
		}
	}
	slices.SortFunc(out, func(a, b Undeclared) int {
		if c := b.Last.Compare(a.Last); c != 0 {
			return c
		}
		return strings.Compare(string(a.Unit)+a.name(), string(b.Unit)+b.name())
	})
	return out, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// declared tells which of a unit's hosts are assets: by their name, or by the address
// of an asset that has no other name.
func (s *Service) declared(ctx context.Context, unit event.UnitID, hosts map[string]SeenHost) (map[string]bool, error) {
	var names []string
	for name, h := range hosts {
		names = append(names, name)
		if a := hostKey(h.Address); a != "" && a != name {
			names = append(names, a)
		}
	}
	list, err := s.store.found(ctx, []event.UnitID{unit}, names)
	if err != nil {
		return nil, err
	}
	byName := map[string][]Asset{}
	for _, x := range list {
		byName[shortKey(x.Hostname)] = append(byName[shortKey(x.Hostname)], x)
		byName[x.Address] = append(byName[x.Address], x)
	}
	known := map[string]bool{}
	for name, h := range hosts {
		if slices.ContainsFunc(byName[shortKey(name)], func(x Asset) bool { return sameHost(x.Hostname, name) || x.Address == name }) ||
			slices.ContainsFunc(byName[hostKey(h.Address)], func(x Asset) bool { return x.Hostname == "" && x.Address != "" }) {
			known[name] = true
		}
	}
	return known, nil
}

// zoned are the ranges of the systems of each unit.
type zoned map[event.UnitID][]zoneOf

type zoneOf struct {
	first, last netip.Addr
	system      module.Registered
}

// zones reads the ranges of the systems that p sees.
func (s *Service) zones(ctx context.Context, p module.Principal) (zoned, error) {
	list, err := s.store.all(ctx, p)
	if err != nil {
		return nil, err
	}
	out := zoned{}
	for i := range list {
		x := &list[i]
		if x.State == module.SystemRetired {
			continue
		}
		for _, z := range x.Zones {
			for _, text := range slices.Concat(z.Private, z.Public) {
				from, to, ok := rangeOf(text)
				if !ok {
					continue
				}
				of := zoneOf{from, to, x.Registered(s.Units)}
				out[x.Unit] = append(out[x.Unit], of)
				if o := operatorOf(x); o != "" {
					out[o] = append(out[o], of)
				}
			}
		}
	}
	return out, nil
}

// of is the system in whose zone an address is.
func (z zoned) of(unit event.UnitID, address string) module.Registered {
	a, err := netip.ParseAddr(hostKey(address))
	if err != nil {
		return module.Registered{}
	}
	for _, r := range z[unit] {
		if a.BitLen() == r.first.BitLen() && !a.Less(r.first) && !r.last.Less(a) {
			return r.system
		}
	}
	return module.Registered{}
}

// Ignore says that a host of logs need not be declared, and why. Errors: Denied,
// NotFound (a unit the caller does not see), Invalid.
func (s *Service) Ignore(ctx context.Context, unit event.UnitID, host, reason string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemManage); err != nil {
		return err
	}
	if unit == "" || !p.Sees(unit) || !s.Units.Active(unit) {
		return fault.New(fault.NotFound, "unit: no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	host, reason = hostKey(host), strings.TrimSpace(reason)
	if host == "" || !module.IsText(host, maxDomain) {
		return fault.New(fault.Invalid, "host: say which").WithCode("system.asset-hostname").OnField("body.host")
	}
	if reason == "" || !module.IsText(reason, maxNote) {
		return fault.New(fault.Invalid, "reason: say why it need not be declared").WithCode("system.bad-note").OnField("body.reason")
	}
	return s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		r := ignoredRow{Unit: string(unit), Host: host, Reason: reason, ByID: p.ID, By: p.DisplayName, At: sqldb.MicrosOf(s.Now())}
		if err := s.store.ignore(ctx, tx, &r); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "asset.ignore", Object: "host:" + host, Detail: map[string]string{"unit": string(unit), "reason": module.Text(reason, maxAudited)}})
	})
}

// Heed takes back that a host need not be declared. Errors: Denied, NotFound.
func (s *Service) Heed(ctx context.Context, unit event.UnitID, host string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemManage); err != nil {
		return err
	}
	host = hostKey(host)
	return s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ok, err := false, error(nil)
		if p.Sees(unit) {
			ok, err = s.store.heed(ctx, tx, unit, host)
		}
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "no such host is left out").WithCode("system.asset-unknown")
		}
		if err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "asset.heed", Object: "host:" + host, Detail: map[string]string{"unit": string(unit)}})
	})
}

type ignoredRow struct {
	bun.BaseModel `bun:"table:asset_ignored"`

	Unit   string       `bun:"unit,pk"`
	Host   string       `bun:"host,pk"`
	Reason string       `bun:"reason"`
	ByID   string       `bun:"by_id"`
	By     string       `bun:"by_name"`
	At     sqldb.Micros `bun:"at"`
}
