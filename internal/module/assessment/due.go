package assessment

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// NoticeBy is the last moment at which the unit may be told of a visit; zero once it was,
// and for kinds that need no notice.
func (s *Service) NoticeBy(v *Visit) time.Time {
	if v.State != Planned || v.Kind == Self || v.Kind == Device {
		return time.Time{}
	}
	rule, _ := s.Tables.early(&v.Facts, v.StartsAt)
	return v.StartsAt.Add(-time.Duration(rule.Hours) * time.Hour)
}

// Beginning returns at most so many visits that begin from one moment until before
// another and are not cancelled, those that begin first before others; of the unit alone
// where one is given. Errors: Denied.
func (s *Service) Beginning(ctx context.Context, from, before time.Time, unit event.UnitID, limit int) ([]Visit, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAssessmentRead); err != nil {
		return nil, err
	}
	var rows []visitRow
	q := module.Scoped(s.DB.NewSelect().Model(&rows), p, "unit").Where("starts_at >= ?", sqldb.MicrosOf(from)).Where("starts_at < ?", sqldb.MicrosOf(before)).
		Where("state <> ?", string(Cancelled)).OrderExpr("starts_at, id").Limit(int64(limit))
	if !p.AllUnits() {
		q = q.Where("state <> ?", string(Planned))
	}
	if unit != "" {
		q = q.Where("unit = ?", string(unit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return all(rows, (*visitRow).visit)
}

// FindingsDue returns at most so many findings that are to be mended between two days,
// both among them, closed ones too. Errors: Denied.
func (s *Service) FindingsDue(ctx context.Context, from, to module.Date, unit event.UnitID, limit int) ([]Finding, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAssessmentRead); err != nil {
		return nil, err
	}
	var rows []findingRow
	q := module.Scoped(s.DB.NewSelect().Model(&rows), p, "unit").Where("due >= ?", string(from)).Where("due <= ?", string(to)).OrderExpr("due, id").Limit(int64(limit))
	if unit != "" {
		q = q.Where("unit = ?", string(unit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return all(rows, (*findingRow).finding)
}
