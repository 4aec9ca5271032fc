package dossier

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Due returns at most so many open dossiers whose clock runs out from one moment until
// before another, of the unit alone where one is given. Errors: Denied.
func (s *Service) Due(ctx context.Context, from, before time.Time, unit event.UnitID, limit int) ([]Dossier, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierRead); err != nil {
		return nil, err
	}
	var rows []row
	q := seen(s.DB.NewSelect().Model(&rows), p).Where("is_open").Where("due_at >= ?", sqldb.MicrosOf(from)).Where("due_at < ?", sqldb.MicrosOf(before)).
		OrderExpr("due_at, id").Limit(int64(limit))
	if unit != "" {
		q = q.Where("unit = ?", string(unit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return dossiers(rows)
}

// Expiring is a file that proves something until a day.
type Expiring struct {
	File    string // id
	Name    string
	Unit    event.UnitID
	Expires module.Date
	Dossier string // a dossier it is in, the newest
	Code    string
}

// Expiring returns at most so many files that expire between two days, both among them,
// and are in a dossier. Errors: Denied.
func (s *Service) Expiring(ctx context.Context, from, to module.Date, unit event.UnitID, limit int) ([]Expiring, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierRead); err != nil {
		return nil, err
	}
	var rows []struct {
		File    string `bun:"file"`
		Name    string `bun:"name"`
		Unit    string `bun:"unit"`
		Expires string `bun:"expires"`
		Dossier string `bun:"dossier"`
		Code    string `bun:"code"`
	}
	newest := s.DB.NewSelect().TableExpr("dossier_parts AS p").Join("JOIN dossiers AS d ON d.id = p.dossier").Where("d.state <> ?", string(Withdrawn)).
		ColumnExpr("p.file, max(d.code) AS code").GroupExpr("p.file")
	q := module.Scoped(s.DB.NewSelect().TableExpr("dossier_files AS f"), p, "f.unit").Join("JOIN (?) AS n ON n.file = f.id", newest).Join("JOIN dossiers AS d ON d.code = n.code").
		ColumnExpr("f.id AS file, f.name, f.unit, f.expires, d.id AS dossier, d.code").
		Where("f.expires >= ?", string(from)).Where("f.expires <= ?", string(to)).OrderExpr("f.expires, f.id").Limit(int64(limit))
	if unit != "" {
		q = q.Where("f.unit = ?", string(unit))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]Expiring, len(rows))
	for i, r := range rows {
		out[i] = Expiring{r.File, r.Name, event.UnitID(r.Unit), module.Date(r.Expires), r.Dossier, r.Code}
	}
	return out, nil
}
