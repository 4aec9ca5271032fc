package assessment

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type planRow struct {
	bun.BaseModel `bun:"table:assessment_plans"`

	ID        string       `bun:"id,pk"`
	Year      int64        `bun:"year"`
	State     string       `bun:"state"`
	Body      string       `bun:"body"`
	CreatedAt sqldb.Micros `bun:"created_at"`
	Version   int64        `bun:"version"`
}

const (
	planDraft    = "draft"
	planApproved = "approved"
)

func planRowOf(p *Plan) (*planRow, error) {
	body, err := json.Marshal(p)
	r := &planRow{ID: p.ID, Year: p.Year, State: planDraft, Body: string(body), CreatedAt: sqldb.MicrosOf(p.CreatedAt), Version: p.Version}
	if p.Approved {
		r.State = planApproved
	}
	return r, err
}

func (r *planRow) plan() (Plan, error) {
	p := Plan{ID: r.ID, Year: r.Year, Approved: r.State == planApproved, CreatedAt: r.CreatedAt.Time(), Version: r.Version}
	return p, readBody("plan", r.ID, r.Body, &p)
}

func readBody(what, id, body string, to any) error {
	if err := json.Unmarshal([]byte(body), to); err != nil {
		return fmt.Errorf("%s %s: %w", what, id, err)
	}
	return nil
}

type visitRow struct {
	bun.BaseModel `bun:"table:assessment_visits"`

	ID        string       `bun:"id,pk"`
	Code      string       `bun:"code"`
	Unit      string       `bun:"unit"`
	Kind      string       `bun:"kind"`
	State     string       `bun:"state"`
	StartsAt  sqldb.Micros `bun:"starts_at"`
	Body      string       `bun:"body"`
	CreatedAt sqldb.Micros `bun:"created_at"`
	Version   int64        `bun:"version"`
}

func visitRowOf(v *Visit) (*visitRow, error) {
	body, err := json.Marshal(v)
	return &visitRow{ID: v.ID, Code: v.Code, Unit: string(v.Unit), Kind: string(v.Kind), State: string(v.State), StartsAt: sqldb.MicrosOf(v.StartsAt), Body: string(body),
		CreatedAt: sqldb.MicrosOf(v.CreatedAt), Version: v.Version}, err
}

func (r *visitRow) visit() (Visit, error) {
	v := Visit{ID: r.ID, Code: r.Code, State: State(r.State), CreatedAt: r.CreatedAt.Time(), Version: r.Version}
	return v, readBody("visit", r.ID, r.Body, &v)
}

type findingRow struct {
	bun.BaseModel `bun:"table:assessment_findings"`

	ID        string       `bun:"id,pk"`
	Visit     string       `bun:"visit"`
	Unit      string       `bun:"unit"`
	State     string       `bun:"state"`
	Due       string       `bun:"due"`
	Body      string       `bun:"body"`
	CreatedAt sqldb.Micros `bun:"created_at"`
	Version   int64        `bun:"version"`
}

func findingRowOf(f *Finding) (*findingRow, error) {
	body, err := json.Marshal(f)
	return &findingRow{ID: f.ID, Visit: f.Visit, Unit: string(f.Unit), State: string(f.State), Due: string(f.Due), Body: string(body), CreatedAt: sqldb.MicrosOf(f.CreatedAt), Version: f.Version}, err
}

func (r *findingRow) finding() (Finding, error) {
	f := Finding{ID: r.ID, Visit: r.Visit, Unit: event.UnitID(r.Unit), State: FindingState(r.State), Due: module.Date(r.Due), CreatedAt: r.CreatedAt.Time(), Version: r.Version}
	return f, readBody("finding", r.ID, r.Body, &f)
}

func (s store) plans(ctx context.Context) ([]Plan, error) {
	var rows []planRow
	if err := s.db.NewSelect().Model(&rows).OrderExpr("year DESC").Limit(100).Scan(ctx); err != nil {
		return nil, err
	}
	return all(rows, (*planRow).plan)
}

// approved are the approved plans of years, both among them.
func (s store) approved(ctx context.Context, from, to int) ([]Plan, error) {
	var rows []planRow
	if err := s.db.NewSelect().Model(&rows).Where("state = ?", planApproved).Where("year >= ?", from).Where("year <= ?", to).OrderExpr("year").Scan(ctx); err != nil {
		return nil, err
	}
	return all(rows, (*planRow).plan)
}

// concluded are the visits that p sees, began as planned from one moment until before
// another, and are over.
func (s store) concluded(ctx context.Context, p module.Principal, from, before time.Time) ([]Visit, error) {
	var rows []visitRow
	err := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").Where("state = ?", string(Concluded)).
		Where("starts_at >= ?", sqldb.MicrosOf(from)).Where("starts_at < ?", sqldb.MicrosOf(before)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return all(rows, (*visitRow).visit)
}

// all reads rows by read.
func all[R, T any](rows []R, read func(*R) (T, error)) ([]T, error) {
	list := make([]T, len(rows))
	for i := range rows {
		var err error
		if list[i], err = read(&rows[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s store) plan(ctx context.Context, db bun.IDB, id string) (p Plan, ok bool, err error) {
	var r planRow
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	p, err = r.plan()
	return p, true, err
}

func (s store) insertPlan(ctx context.Context, tx bun.Tx, p *Plan) error {
	r, err := planRowOf(p)
	if err == nil {
		_, err = tx.NewInsert().Model(r).Exec(ctx)
	}
	return err
}

func (s store) updatePlan(ctx context.Context, tx bun.Tx, p *Plan) (bool, error) {
	r, err := planRowOf(p)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(r).WherePK().Where("version = ?", p.Version-1).Exec(ctx))
}

const (
	pageSize = 100
	maxPage  = 200
)

func pageOf(limit int) int64 {
	if limit <= 0 {
		return pageSize
	}
	return int64(min(limit, maxPage))
}

func (s store) visits(ctx context.Context, p module.Principal, f *VisitFilter) ([]Visit, string, error) {
	n := pageOf(f.Limit)
	var rows []visitRow
	q := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").OrderExpr("starts_at DESC, id DESC").Limit(n + 1)
	if !p.AllUnits() {
		q = q.Where("state <> ?", string(Planned))
	}
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if f.State != "" {
		q = q.Where("state = ?", string(f.State))
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", string(f.Kind))
	}
	if f.Year != 0 {
		// A year in Vietnam, wherever the server's clock is set.
		from := time.Date(f.Year, 1, 1, 0, 0, 0, 0, time.FixedZone("ICT", 7*60*60))
		q = q.Where("starts_at >= ?", sqldb.MicrosOf(from)).Where("starts_at < ?", sqldb.MicrosOf(from.AddDate(1, 0, 0)))
	}
	if f.After != "" {
		at, id, err := module.ReadCursor(f.After, "assessment.cursor")
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(starts_at < ? OR starts_at = ? AND id < ?)", at, at, id)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = module.Cursor(rows[n-1].StartsAt, rows[n-1].ID)
	}
	list, err := all(rows, (*visitRow).visit)
	return list, next, err
}

func (s store) visit(ctx context.Context, db bun.IDB, id string) (v Visit, ok bool, err error) {
	var r visitRow
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	if err != nil {
		return v, false, err
	}
	v, err = r.visit()
	return v, true, err
}

func (s store) insertVisit(ctx context.Context, tx bun.Tx, v *Visit) error {
	r, err := visitRowOf(v)
	if err == nil {
		_, err = tx.NewInsert().Model(r).Exec(ctx)
	}
	return err
}

func (s store) updateVisit(ctx context.Context, tx bun.Tx, v *Visit) (bool, error) {
	r, err := visitRowOf(v)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(r).WherePK().Where("version = ?", v.Version-1).Exec(ctx))
}

func (s store) findingsOf(ctx context.Context, db bun.IDB, visit string) ([]Finding, error) {
	var rows []findingRow
	if err := db.NewSelect().Model(&rows).Where("visit = ?", visit).OrderExpr("id").Scan(ctx); err != nil {
		return nil, err
	}
	return all(rows, (*findingRow).finding)
}

func (s store) countFindings(ctx context.Context, db bun.IDB, visit string) (int64, error) {
	return db.NewSelect().Model((*findingRow)(nil)).Where("visit = ?", visit).Count(ctx)
}

func (s store) findings(ctx context.Context, p module.Principal, f *FindingFilter) ([]Finding, error) {
	var rows []findingRow
	q := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").OrderExpr("due, id").Limit(pageOf(f.Limit))
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if f.State != "" {
		q = q.Where("state = ?", string(f.State))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return all(rows, (*findingRow).finding)
}

func (s store) finding(ctx context.Context, db bun.IDB, id string) (f Finding, ok bool, err error) {
	var r findingRow
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	f, err = r.finding()
	return f, true, err
}

func (s store) insertFinding(ctx context.Context, tx bun.Tx, f *Finding) error {
	r, err := findingRowOf(f)
	if err == nil {
		_, err = tx.NewInsert().Model(r).Exec(ctx)
	}
	return err
}

func (s store) updateFinding(ctx context.Context, tx bun.Tx, f *Finding) (bool, error) {
	r, err := findingRowOf(f)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(r).WherePK().Where("version = ?", f.Version-1).Exec(ctx))
}
