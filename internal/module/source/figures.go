package source

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Figures over sources, for dashboards. They count what the principal sees.

// ByUnit counts the sources of each unit that has any, by status. Errors: Denied.
func (s *Service) ByUnit(ctx context.Context) ([]module.UnitSources, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return nil, err
	}
	return s.store.byUnit(ctx, p, s.now())
}

func (s store) byUnit(ctx context.Context, p module.Principal, now time.Time) ([]module.UnitSources, error) {
	var rows []struct {
		Unit   string `bun:"unit"`
		Status string `bun:"status"`
		N      int64  `bun:"n"`
	}
	q := s.db.NewSelect().TableExpr("sources AS s").Join("LEFT JOIN source_health AS h ON h.id = s.id").ColumnExpr("s.unit AS unit").
		ColumnExpr("("+statusSQL+") AS status, count(*) AS n", sqldb.MicrosOf(now), sqldb.MicrosOf(now.Add(-newFor))).GroupExpr("1, 2").OrderExpr("1")
	if err := module.Scoped(q, p, "s.unit").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var out []module.UnitSources
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Unit != event.UnitID(r.Unit) {
			out = append(out, module.UnitSources{Unit: event.UnitID(r.Unit), ByStatus: map[string]int64{}})
		}
		out[len(out)-1].ByStatus[r.Status] = r.N
	}
	return out, nil
}

// SilentNow returns sources that are silent, the worst first, and how many there
// are in all. Errors: Denied.
func (s *Service) SilentNow(ctx context.Context, n int) ([]module.SourceView, int64, error) {
	page, err := s.List(ctx, Filter{Statuses: []string{"silent"}, Limit: n})
	if err != nil {
		return nil, 0, err
	}
	out := make([]module.SourceView, len(page.Items))
	for i := range page.Items {
		out[i] = page.Items[i].view(s.now())
	}
	return out, page.Total, nil
}

// UnparsedOver counts the lines that no parser understood, by the hour they
// arrived in. Parts of b narrower than an hour hold the whole hour that begins in
// them. Errors: Denied.
func (s *Service) UnparsedOver(ctx context.Context, b module.Buckets) ([]int64, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return nil, err
	}
	var rows []struct {
		Part int   `bun:"part"`
		N    int64 `bun:"n"`
	}
	from := sqldb.MicrosOf(b.From)
	q := s.store.db.NewSelect().TableExpr("unparsed AS u").
		ColumnExpr("(u.bucket - ?) / ? AS part, CAST(sum(u.count) AS BIGINT) AS n", from, b.Width.Microseconds()).
		Where("u.bucket >= ?", from).Where("u.bucket < ?", sqldb.MicrosOf(b.At(b.N))).GroupExpr("1")
	if err := module.Scoped(q, p, "u.unit").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]int64, b.N)
	for _, r := range rows {
		if r.Part >= 0 && r.Part < b.N {
			out[r.Part] += r.N
		}
	}
	return out, nil
}

// Disks tells when the disks will be full; nothing to principals of a unit.
// Errors: Denied.
func (s *Service) Disks(ctx context.Context) ([]module.DiskForecast, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return nil, err
	}
	if !p.AllUnits() {
		return nil, nil
	}
	list, err := s.forecasts(ctx, s.now())
	if err != nil {
		return nil, err
	}
	out := make([]module.DiskForecast, len(list))
	for i, f := range list {
		out[i] = module.DiskForecast{Path: f.Path, Free: f.Free, PerDay: f.PerDay, Known: f.Known, FullOn: f.FullOn}
		for _, part := range f.Parts {
			out[i].Used += part.Used
		}
	}
	return out, nil
}
