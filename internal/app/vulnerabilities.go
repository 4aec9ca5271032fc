package app

import (
	"context"
	"maps"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/advisory"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/system"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
	"github.com/lachan-vn/lachan/internal/module/warning"
)

// findingHosts tells module vulnerability what hosts are.
type findingHosts struct {
	systems *system.Service
	units   *unit.Service
}

// Find implements [vulnerability.Register]. Who may not read the register has hosts by
// their names alone.
func (x findingHosts) Find(ctx context.Context, unit event.UnitID, hosts []string) (map[string]*vulnerability.Place, error) {
	found, err := x.systems.FindAssets(ctx, unit, hosts)
	if fault.KindOf(err) == fault.Denied {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rest []string
	for _, host := range hosts {
		if _, ok := found[host]; !ok {
			rest = append(rest, host)
		}
	}
	below, err := x.systems.FindAssetsBelow(ctx, x.units.Below(unit), rest)
	if err != nil {
		return nil, err
	}
	levels := map[string]int{}
	places := make(map[string]*vulnerability.Place, len(found)+len(below))
	all := make(map[string]system.FoundBelow, len(found)+len(below))
	for host, f := range found {
		all[host] = system.FoundBelow{Found: f, Unit: unit}
	}
	maps.Copy(all, below)
	for host, f := range all {
		if _, ok := levels[f.System]; !ok && f.System != "" {
			r, err := x.systems.Ref(ctx, f.System)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
			levels[f.System] = r.Level
		}
		places[host] = &vulnerability.Place{Asset: f.Asset, System: f.System, Unit: f.Unit, Level: levels[f.System]}
	}
	return places, nil
}

// findingCodes tells module vulnerability what is exploited, and how likely it is to be.
type findingCodes struct{ bulletin *advisory.Service }

// Known implements [vulnerability.Advisories].
func (x findingCodes) Known(ctx context.Context, cves []string) (map[string]vulnerability.Known, error) {
	found, err := x.bulletin.Priorities(ctx, cves)
	known := make(map[string]vulnerability.Known, len(found))
	for id, p := range found {
		k := vulnerability.Known{Title: p.Title, KEV: p.KEV, KEVDue: p.KEVDue, EPSS: -1}
		if p.Scored {
			k.EPSS = p.EPSS
		}
		known[id] = k
	}
	return known, err
}

// findingMatters shows module vulnerability what findings are tied to, to those who see it.
type findingMatters struct {
	cases    *incident.Service
	warnings *warning.Service
}

// Matter implements [vulnerability.Matters].
func (x findingMatters) Matter(ctx context.Context, kind, id string) (module.Subject, error) {
	switch kind {
	case "incident":
		i, _, err := x.cases.Get(ctx, id)
		return module.Subject{Kind: kind, ID: i.ID, Code: i.Code, Title: i.Title}, err
	case "warning":
		w, err := x.warnings.Get(ctx, id)
		return module.Subject{Kind: kind, ID: w.ID, Code: w.Code, Title: w.Title}, err
	}
	return module.Subject{}, fault.New(fault.Invalid, "no kind of matter %q", kind).WithCode("vulnerability.matter").OnField("body.kind")
}
