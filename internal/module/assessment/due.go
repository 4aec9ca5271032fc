package assessment

import (
	"context"
	"slices"
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

// PlannedItem is what an approved plan has in a month.
type PlannedItem struct {
	Item
	Plan string // its id
	Row  int    // of the plan
	Year int
	Day  module.Date // the last of the month
	Held bool        // a visit of that month that was concluded is of it
}

// PlannedItems returns at most so many items of approved plans whose month ends between
// two days, both among them, of the units the caller sees; of the unit alone where one is
// given. A unit may know when it is to be inspected once that is decided. Errors: Denied.
func (s *Service) PlannedItems(ctx context.Context, from, to module.Date, unit event.UnitID, limit int) ([]PlannedItem, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAssessmentRead); err != nil {
		return nil, err
	}
	first, last := from.Start(), to.Start()
	plans, err := s.store.approved(ctx, first.Year(), last.Year())
	if err != nil {
		return nil, err
	}
	var out []PlannedItem
	for i := range plans {
		for row, x := range plans[i].Items {
			day := module.DateOf(time.Date(int(plans[i].Year), time.Month(x.Month)+1, 1, 12, 0, 0, 0, first.Location()).AddDate(0, 0, -1))
			if day >= from && day <= to && p.Sees(x.Unit) && (unit == "" || x.Unit == unit) && len(out) < limit {
				out = append(out, PlannedItem{Item: x, Plan: plans[i].ID, Row: row, Year: int(plans[i].Year), Day: day})
			}
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	// The range may begin on the last day of a month, whose visits were before it.
	held, err := s.store.concluded(ctx, p, time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, first.Location()), to.Add(1).Start())
	for i := range out {
		x := &out[i]
		x.Held = slices.ContainsFunc(held, func(v Visit) bool { return x.heldBy(&v) })
	}
	return out, err
}

// heldBy tells whether a concluded visit is what the plan has in the month.
func (x *PlannedItem) heldBy(v *Visit) bool {
	day := module.DateOf(v.StartsAt)
	if v.Unit != x.Unit || v.Kind != x.Kind || day > x.Day || day[:7] != x.Day[:7] {
		return false
	}
	return x.System == "" || slices.ContainsFunc(v.Systems, func(t Target) bool { return module.Fold(t.Name) == module.Fold(x.System) })
}
