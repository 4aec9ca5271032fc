package system

import (
	"context"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// Ending is a licence or a certificate that ends, or has ended.
type Ending struct {
	Kind   string // licence, certificate
	What   string // the asset, or the certificate and whose it is
	Asset  string // id, of a licence
	System string // id; "" of no system
	Unit   event.UnitID
	Ends   module.Date
}

const maxEndings = 1000

// Endings returns the licences of assets and the certificates of staff that end within
// so many days, or have ended, the first to end first. Errors: Denied.
func (s *Service) Endings(ctx context.Context, unit event.UnitID, days int) ([]Ending, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSystemRead); err != nil {
		return nil, err
	}
	until := module.DateOf(s.Now()).Add(days)
	list, err := s.store.licences(ctx, p, unit, until)
	if err != nil {
		return nil, err
	}
	systems, err := s.store.all(ctx, p)
	if err != nil {
		return nil, err
	}
	for i := range systems {
		x := &systems[i]
		if x.State == module.SystemRetired || unit != "" && x.Unit != unit {
			continue
		}
		for _, who := range x.Staff {
			if who.Ends != "" && who.Ends <= until {
				list = append(list, Ending{Kind: "certificate", What: line(who.Certificate, who.Name), System: x.ID, Unit: x.Unit, Ends: who.Ends})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Ending) int { return strings.Compare(string(a.Ends), string(b.Ends)) })
	return list[:min(len(list), maxEndings)], nil
}

// licences returns those that end until then.
func (s store) licences(ctx context.Context, p module.Principal, unit event.UnitID, until module.Date) ([]Ending, error) {
	var rows []assetRow
	q := scoped(s.db.NewSelect().Model(&rows), p).Where("licence_ends <> ''").Where("licence_ends <= ?", string(until)).OrderExpr("licence_ends, id").Limit(maxEndings)
	if unit != "" {
		q = q.Where("unit = ?", string(unit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Ending, len(rows))
	for i := range rows {
		x := rows[i].asset()
		list[i] = Ending{Kind: "licence", What: x.text(), Asset: x.ID, System: x.System, Unit: x.Unit, Ends: x.LicenceEnds}
	}
	return list, nil
}
