package app

import (
	"context"

	published "github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/advisory"
	"github.com/lachan-vn/lachan/internal/module/system"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
)

// inventoryList tells module advisory what the assets of the register run.
type inventoryList struct{ systems *system.Service }

// Origin implements [advisory.Lister].
func (inventoryList) Origin() advisory.Origin { return advisory.OriginInventory }

// Stamps implements [advisory.Lister].
func (x inventoryList) Stamps(ctx context.Context) (map[event.UnitID]string, error) {
	return x.systems.ProductStamps(ctx)
}

// Lines implements [advisory.Lister].
func (x inventoryList) Lines(ctx context.Context, unit event.UnitID) ([]advisory.Software, error) {
	list, err := x.systems.Products(ctx, unit)
	lines := make([]advisory.Software, len(list))
	for i, p := range list {
		lines[i] = advisory.Software{Part: p.System, Product: published.Product{Vendor: p.Vendor, Name: p.Product, CPE: p.CPE}, Release: p.Release, Count: p.Count}
		if p.System != "" {
			lines[i].Place = p.Code + " · " + p.Name
		}
	}
	return lines, err
}

// componentList tells module advisory what bills of materials list.
type componentList struct {
	findings func() *vulnerability.Service // made after it
}

// Origin implements [advisory.Lister].
func (componentList) Origin() advisory.Origin { return advisory.OriginComponents }

// Stamps implements [advisory.Lister].
func (x componentList) Stamps(ctx context.Context) (map[event.UnitID]string, error) {
	return x.findings().ComponentStamps(ctx)
}

// Lines implements [advisory.Lister].
func (x componentList) Lines(ctx context.Context, unit event.UnitID) ([]advisory.Software, error) {
	list, err := x.findings().Components(ctx, unit)
	lines := make([]advisory.Software, len(list))
	for i, c := range list {
		lines[i] = advisory.Software{Part: c.Target, Place: c.Target, Product: published.Product{Vendor: c.Vendor, Name: c.Name, CPE: c.CPE, PURL: c.PURL}, Release: c.Release, Count: 1}
	}
	return lines, err
}
