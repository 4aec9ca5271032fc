package app

import (
	"context"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/advisory"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
	"github.com/lachan-vn/lachan/internal/module/warning"
)

// findingHosts tells module vulnerability what hosts are.
type findingHosts struct{}

// Find implements [vulnerability.Register].
func (findingHosts) Find(context.Context, event.UnitID, []string) (map[string]*vulnerability.Place, error) {
	return nil, nil
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
