package system

import (
	"context"
	"encoding/json"
	"fmt"
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
	certificates, err := s.store.certificates(ctx, p, unit, until)
	if err != nil {
		return nil, err
	}
	list = append(list, certificates...)
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

// certificates returns those of the people in charge that end until then. Of the facts of
// a system, only what may say so is read.
func (s store) certificates(ctx context.Context, p module.Principal, unit event.UnitID, until module.Date) ([]Ending, error) {
	var rows []struct {
		ID    string `bun:"id"`
		Unit  string `bun:"unit"`
		Facts string `bun:"facts"`
	}
	q := scoped(s.db.NewSelect().Table("systems").Column("id", "unit", "facts"), p).Where("state <> ?", module.SystemRetired).Where("facts LIKE ?", `%"ends":"2%`).OrderExpr("number")
	if unit != "" {
		q = q.Where("unit = ?", string(unit))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var list []Ending
	for _, r := range rows {
		var facts struct {
			Staff []Staff `json:"staff"`
		}
		if err := json.Unmarshal([]byte(r.Facts), &facts); err != nil {
			return nil, fmt.Errorf("system %s: facts: %w", r.ID, err)
		}
		for _, who := range facts.Staff {
			if who.Ends != "" && who.Ends <= until {
				list = append(list, Ending{Kind: "certificate", What: line(who.Certificate, who.Name), System: r.ID, Unit: event.UnitID(r.Unit), Ends: who.Ends})
			}
		}
	}
	return list, nil
}
