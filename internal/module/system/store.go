package system

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:systems,alias:s"`

	ID         string       `bun:"id,pk"`
	Number     int64        `bun:"number"`
	Name       string       `bun:"name"`
	Type       string       `bun:"type"`
	Unit       string       `bun:"unit"`
	Operator   string       `bun:"operator"`
	Level      int64        `bun:"level"`
	Proposed   int64        `bun:"proposed"`
	State      string       `bun:"state"`
	Critical   bool         `bun:"critical"`
	Facts      string       `bun:"facts"`
	SearchText string       `bun:"search_text"`
	CreatedAt  sqldb.Micros `bun:"created_at"`
	UpdatedAt  sqldb.Micros `bun:"updated_at"`
	UpdatedBy  string       `bun:"updated_by"`
	Version    int64        `bun:"version"`
}

func rowOf(x *System) (*row, error) {
	facts, err := json.Marshal(&x.Facts)
	return &row{
		ID: x.ID, Number: x.Number, Name: x.Name, Type: x.Type, Unit: string(x.Unit), Operator: string(x.OperatorUnit), Level: int64(x.Level), Proposed: int64(x.Proposed),
		State: x.State, Critical: x.Critical, Facts: string(facts), SearchText: searchText(x),
		CreatedAt: sqldb.MicrosOf(x.CreatedAt), UpdatedAt: sqldb.MicrosOf(x.UpdatedAt), UpdatedBy: x.UpdatedBy, Version: x.Version,
	}, err
}

const maxSearchText = 4000

// searchText is what a system is found by.
func searchText(x *System) string {
	parts := []string{x.Code(), x.Name, x.Operator.Name, x.DataCentre}
	parts = append(parts, x.Domains...)
	for _, z := range x.Zones {
		parts = append(append(append(parts, z.Name), z.Private...), z.Public...)
	}
	for _, s := range x.Services {
		parts = append(parts, s.Name, s.Server)
	}
	return module.Text(module.Fold(strings.Join(append(words(parts), x.Purpose, x.Serves), "\n")), maxSearchText)
}

func (r *row) system() (System, error) {
	x := System{
		ID: r.ID, Number: r.Number, Level: int(r.Level), Proposed: int(r.Proposed), State: r.State,
		CreatedAt: r.CreatedAt.Time(), UpdatedAt: r.UpdatedAt.Time(), UpdatedBy: r.UpdatedBy, Version: r.Version,
	}
	if err := json.Unmarshal([]byte(r.Facts), &x.Facts); err != nil {
		return x, fmt.Errorf("system %s: facts: %w", r.ID, err)
	}
	return x, nil
}

func systems(rows []row) ([]System, error) {
	list := make([]System, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].system(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// scoped narrows q to what p sees: as the owner's or as the operator's.
func scoped(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	if p.AllUnits() {
		return q
	}
	reach := p.Reach()
	if len(reach) == 0 {
		return q.Where("1 = 0")
	}
	return q.Where("(unit IN (?) OR operator IN (?))", bun.List(reach), bun.List(reach))
}

// Filter says which systems to list.
type Filter struct {
	Text     string
	Unit     event.UnitID // as the owner
	Operator event.UnitID
	Type     string
	State    string
	Level    *int // as approved; 0: without
	Critical bool
	Limit    int
	After    string // cursor
}

const (
	pageSize = 50
	maxPage  = 500
)

func pageOf(n int) int64 {
	if n <= 0 {
		return pageSize
	}
	return int64(min(n, maxPage))
}

func (f *Filter) where(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	q = scoped(q, p)
	for _, x := range []struct{ column, value string }{{"unit", string(f.Unit)}, {"operator", string(f.Operator)}, {"type", f.Type}, {"state", f.State}} {
		if x.value != "" {
			q = q.Where("? = ?", bun.Ident(x.column), x.value)
		}
	}
	if f.Level != nil {
		q = q.Where("level = ?", *f.Level)
	}
	if f.Critical {
		q = q.Where("critical = ?", true)
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(text))
	}
	return q
}

func (s store) list(ctx context.Context, p module.Principal, f Filter) ([]System, string, error) {
	n := pageOf(f.Limit)
	var rows []row
	q := f.where(s.db.NewSelect().Model(&rows), p).OrderExpr("number").Limit(n + 1)
	if f.After != "" {
		after, _, err := module.ReadCursor(f.After, "system.cursor")
		if err != nil {
			return nil, "", err
		}
		q = q.Where("number > ?", int64(after))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = module.Cursor(sqldb.Micros(rows[n-1].Number), "")
	}
	list, err := systems(rows)
	return list, next, err
}

// all returns every system p sees, by code.
func (s store) all(ctx context.Context, p module.Principal) ([]System, error) {
	var rows []row
	if err := scoped(s.db.NewSelect().Model(&rows), p).OrderExpr("number").Scan(ctx); err != nil {
		return nil, err
	}
	return systems(rows)
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (x System, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	if err != nil {
		return x, false, err
	}
	x, err = r.system()
	return x, err == nil, err
}

func (s store) insert(ctx context.Context, tx bun.Tx, x *System) error {
	r, err := rowOf(x)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(r).Exec(ctx)
	return err
}

// update stores x over the version before it; false: it was changed meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, x *System) (bool, error) {
	r, err := rowOf(x)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(r).ExcludeColumn("id", "number", "created_at").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

type changeRow struct {
	bun.BaseModel `bun:"table:system_changes"`

	ID     string       `bun:"id,pk"`
	System string       `bun:"system"`
	At     sqldb.Micros `bun:"at"`
	ByID   string       `bun:"by_id"`
	By     string       `bun:"by_name"`
	Field  string       `bun:"field"`
	Was    string       `bun:"was"`
	IsNow  string       `bun:"is_now"`
}

func (s store) addChanges(ctx context.Context, tx bun.Tx, id string, list []Change) error {
	if len(list) == 0 {
		return nil
	}
	rows := make([]changeRow, len(list))
	for i, c := range list {
		rows[i] = changeRow{ID: c.ID, System: id, At: sqldb.MicrosOf(c.At), ByID: c.ByID, By: c.By, Field: c.Field, Was: c.From, IsNow: c.To}
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

const maxHistory = 1000

func (s store) history(ctx context.Context, id string) ([]Change, error) {
	var rows []changeRow
	if err := s.db.NewSelect().Model(&rows).Where("system = ?", id).OrderExpr("id DESC").Limit(maxHistory).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Change, len(rows))
	for i, r := range rows {
		list[i] = Change{ID: r.ID, At: r.At.Time(), ByID: r.ByID, By: r.By, Field: r.Field, From: r.Was, To: r.IsNow}
	}
	return list, nil
}

// named returns systems by their ids, with their code and name only.
func (s store) named(ctx context.Context, ids []string) (map[string]System, error) {
	out := map[string]System{}
	for len(ids) > 0 {
		part := ids[:min(chunk, len(ids))]
		ids = ids[len(part):]
		var rows []row
		if err := s.db.NewSelect().Model(&rows).Column("id", "number", "name").Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, err
		}
		for i := range rows {
			out[rows[i].ID] = System{ID: rows[i].ID, Number: rows[i].Number, Facts: Facts{Name: rows[i].Name}}
		}
	}
	return out, nil
}
