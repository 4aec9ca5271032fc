package requirement

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:requirement_findings"`

	ID          string       `bun:"id,pk"`
	Unit        string       `bun:"unit"`
	Group       string       `bun:"grp"`
	Code        string       `bun:"code"`
	Level       int64        `bun:"level"`
	Systems     string       `bun:"systems"`
	SubjectKind string       `bun:"subject_kind"`
	SubjectID   string       `bun:"subject_id"`
	SubjectCode string       `bun:"subject_code"`
	Subject     string       `bun:"subject"`
	Drill       bool         `bun:"drill"`
	State       string       `bun:"state"`
	IsOpen      bool         `bun:"is_open"`
	Since       sqldb.Micros `bun:"since"`
	EndedAt     sqldb.Micros `bun:"ended_at"`
	Version     int64        `bun:"version"`
}

func rowOf(f *Finding) (row, error) {
	systems, err := json.Marshal(module.OrEmpty(f.Systems))
	r := row{
		ID: f.ID, Unit: string(f.Unit), Group: f.Group, Code: f.Code, Level: int64(f.Level), Systems: string(systems),
		SubjectKind: f.Subject.Kind, SubjectID: f.Subject.ID, SubjectCode: f.Subject.Code, Subject: f.Subject.Title, Drill: f.Drill,
		State: string(f.State), IsOpen: f.State.Open(), Since: sqldb.MicrosOf(f.Since), Version: f.Version,
	}
	if !f.EndedAt.IsZero() {
		r.EndedAt = sqldb.MicrosOf(f.EndedAt)
	}
	return r, err
}

func (r *row) finding() (Finding, error) {
	f := Finding{
		ID: r.ID, Unit: event.UnitID(r.Unit), Group: r.Group, Code: r.Code, Level: int(r.Level),
		Subject: module.Subject{Kind: r.SubjectKind, ID: r.SubjectID, Code: r.SubjectCode, Title: r.Subject}, Drill: r.Drill,
		State: State(r.State), Since: r.Since.Time(), Version: r.Version,
	}
	if r.EndedAt != 0 {
		f.EndedAt = r.EndedAt.Time()
	}
	if err := json.Unmarshal([]byte(r.Systems), &f.Systems); err != nil {
		return f, fmt.Errorf("requirement finding %s: %w", r.ID, err)
	}
	return f, nil
}

func findings(rows []row) ([]Finding, error) {
	list := make([]Finding, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].finding(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Filter says which findings to list; its zero: all that are open, drills apart.
type Filter struct {
	State   State // "": open; "any": all
	Unit    event.UnitID
	Group   string
	Subject module.Subject // Kind and ID
	Drill   bool
	Limit   int
}

const (
	pageSize = 200
	maxPage  = 1000
)

func (f *Filter) where(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	q = module.Scoped(q, p, "unit").Where("drill = ?", f.Drill)
	switch f.State {
	case "":
		q = q.Where("is_open = ?", true)
	case "any":
	default:
		q = q.Where("state = ?", string(f.State))
	}
	for column, value := range map[string]string{"unit": string(f.Unit), "grp": f.Group, "subject_kind": f.Subject.Kind, "subject_id": f.Subject.ID} {
		if value != "" {
			q = q.Where("? = ?", bun.Ident(column), value)
		}
	}
	return q
}

// list returns the newest findings and how many there are in all.
func (s store) list(ctx context.Context, p module.Principal, f Filter) ([]Finding, int64, error) {
	n := int64(min(f.Limit, maxPage))
	if n <= 0 {
		n = pageSize
	}
	total, err := f.where(s.db.NewSelect().Table("requirement_findings"), p).Count(ctx)
	if err != nil {
		return nil, 0, err
	}
	var rows []row
	if err := f.where(s.db.NewSelect().Model(&rows), p).OrderExpr("since DESC, id").Limit(n).Scan(ctx); err != nil {
		return nil, 0, err
	}
	list, err := findings(rows)
	return list, total, err
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (f Finding, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	f, err = r.finding()
	return f, err == nil, err
}

// about returns the findings of a matter, by group.
func (s store) about(ctx context.Context, tx bun.Tx, subject module.Subject) (map[string]Finding, error) {
	var rows []row
	if err := tx.NewSelect().Model(&rows).Where("subject_kind = ?", subject.Kind).Where("subject_id = ?", subject.ID).Scan(ctx); err != nil {
		return nil, err
	}
	list, err := findings(rows)
	if err != nil {
		return nil, err
	}
	found := map[string]Finding{}
	for _, f := range list {
		found[f.Group] = f
	}
	return found, nil
}

// insert stores a new finding; false if there is one already.
func (s store) insert(ctx context.Context, tx bun.Tx, f *Finding) (bool, error) {
	r, err := rowOf(f)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewInsert().Model(&r).On("CONFLICT (subject_kind, subject_id, grp) DO NOTHING").Exec(ctx))
}

// update stores f over the version before it; false: it was changed meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, f *Finding) (bool, error) {
	r, err := rowOf(f)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("id").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

type stepRow struct {
	bun.BaseModel `bun:"table:requirement_steps"`

	ID      string       `bun:"id,pk"`
	Finding string       `bun:"finding"`
	Verb    string       `bun:"verb"`
	From    string       `bun:"from_state"`
	To      string       `bun:"to_state"`
	Note    string       `bun:"note"`
	ByID    string       `bun:"by_id"`
	By      string       `bun:"by_name"`
	At      sqldb.Micros `bun:"at"`
}

func (s store) addStep(ctx context.Context, tx bun.Tx, finding string, x *Step) error {
	_, err := tx.NewInsert().Model(&stepRow{ID: x.ID, Finding: finding, Verb: string(x.Verb), From: string(x.From), To: string(x.To),
		Note: x.Note, ByID: x.ByID, By: x.By, At: sqldb.MicrosOf(x.At)}).Exec(ctx)
	return err
}

func (s store) steps(ctx context.Context, finding string) ([]Step, error) {
	var rows []stepRow
	if err := s.db.NewSelect().Model(&rows).Where("finding = ?", finding).OrderExpr("at, id").Scan(ctx); err != nil {
		return nil, err
	}
	steps := make([]Step, len(rows))
	for i, r := range rows {
		steps[i] = Step{ID: r.ID, Verb: Verb(r.Verb), From: State(r.From), To: State(r.To), Note: r.Note, ByID: r.ByID, By: r.By, At: r.At.Time()}
	}
	return steps, nil
}

// counted is how many open findings a unit has.
type counted struct {
	Unit  string       `bun:"unit"`
	Open  int          `bun:"n"`
	First sqldb.Micros `bun:"first"`
}

func (s store) byUnit(ctx context.Context, p module.Principal) ([]counted, error) {
	var rows []counted
	f := Filter{}
	err := f.where(s.db.NewSelect().Table("requirement_findings"), p).ColumnExpr("unit, count(*) AS n, min(since) AS first").
		GroupExpr("unit").OrderExpr("n DESC, first").Scan(ctx, &rows)
	return rows, err
}
