package system

import (
	"context"
	"fmt"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// Product is what assets of one system, or of a unit without a system, run: those of the
// same product and version together.
type Product struct {
	System  string // id; "" of no system
	Code    string // of the system
	Name    string // of the system
	Vendor  string
	Product string
	Release string
	CPE     string
	Count   int64
}

// ProductStamps returns the units that have assets with a product, and for each a text
// that is another once [Service.Products] may say something else. Errors: Denied.
func (s *Service) ProductStamps(ctx context.Context) (map[event.UnitID]string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	var rows []struct {
		Unit    string `bun:"unit"`
		Count   int64  `bun:"count"`
		Version int64  `bun:"version"`
		At      int64  `bun:"at"`
	}
	// Assets that go to another system of the unit have a new version, too; the name and
	// the state of a system are in its version.
	stamps := map[event.UnitID]string{}
	for _, table := range []struct{ name, where string }{{"assets", "product <> ''"}, {"systems", "1 = 1"}} {
		q := module.Scoped(s.DB.NewSelect().Table(table.name), p, "unit").Column("unit").
			ColumnExpr("count(*) AS count").ColumnExpr("CAST(sum(version) AS BIGINT) AS version").ColumnExpr("max(updated_at) AS at").Where(table.where).GroupExpr("unit")
		if err := q.Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			// A unit that has systems and no product has none to list.
			if stamp, known := stamps[event.UnitID(r.Unit)]; known || table.name == "assets" {
				stamps[event.UnitID(r.Unit)] = fmt.Sprintf("%s %d %d %d", stamp, r.Count, r.Version, r.At)
			}
		}
		rows = nil
	}
	return stamps, nil
}

// Products returns what the assets of a unit run, as their owner's, without those of
// retired systems. Errors: Denied; a unit the caller does not see has none.
func (s *Service) Products(ctx context.Context, unit event.UnitID) ([]Product, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	var rows []struct {
		System  string `bun:"system"`
		Number  int64  `bun:"number"`
		Name    string `bun:"name"`
		Vendor  string `bun:"vendor"`
		Product string `bun:"product"`
		Release string `bun:"release"`
		CPE     string `bun:"cpe"`
		Count   int64  `bun:"count"`
	}
	q := module.Scoped(s.DB.NewSelect().TableExpr("assets AS a"), p, "a.unit").Join("LEFT JOIN systems AS s ON s.id = a.system").
		ColumnExpr("a.system, coalesce(s.number, 0) AS number, coalesce(s.name, '') AS name, a.vendor, a.product, a.release, a.cpe, count(*) AS count").
		Where("a.unit = ?", string(unit)).Where("a.product <> ''").Where("coalesce(s.state, '') <> ?", module.SystemRetired).
		GroupExpr("a.system, s.number, s.name, a.vendor, a.product, a.release, a.cpe")
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	list := make([]Product, len(rows))
	for i, r := range rows {
		list[i] = Product{System: r.System, Name: r.Name, Vendor: r.Vendor, Product: r.Product, Release: r.Release, CPE: r.CPE, Count: r.Count}
		if r.Number > 0 {
			list[i].Code = (&System{Number: r.Number}).Code()
		}
	}
	return list, nil
}
