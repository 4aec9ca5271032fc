package connection

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

type row struct {
	bun.BaseModel `bun:"table:connections"`

	ID            string       `bun:"id,pk"`
	System        string       `bun:"system"`
	Unit          string       `bun:"unit"`
	Operator      string       `bun:"operator"`
	Other         string       `bun:"other"`
	OtherUnit     string       `bun:"other_unit"`
	OtherOperator string       `bun:"other_operator"`
	Kind          string       `bun:"kind"`
	Facts         string       `bun:"facts"`
	NextCheck     sqldb.Micros `bun:"next_check"`
	Health        string       `bun:"health"`
	State         string       `bun:"state"`
	UpdatedAt     sqldb.Micros `bun:"updated_at"`
	UpdatedBy     string       `bun:"updated_by"`
	Version       int64        `bun:"version"`
}

func rowOf(c *Connection, next time.Time) (*row, error) {
	facts, err := json.Marshal(&c.ConnectionFacts)
	if err != nil {
		return nil, err
	}
	health, err := json.Marshal(&c.Health)
	return &row{
		ID: c.ID, System: c.System, Unit: string(c.Unit), Operator: string(c.Operator), Other: c.Other, OtherUnit: string(c.OtherUnit), OtherOperator: string(c.OtherOperator),
		Kind: c.Kind, Facts: string(facts), NextCheck: sqldb.MicrosOf(next), Health: string(health), State: c.Health.State,
		UpdatedAt: sqldb.MicrosOf(c.UpdatedAt), UpdatedBy: c.UpdatedBy, Version: c.Version,
	}, err
}

func (r *row) connection() (Connection, error) {
	c := Connection{
		ID: r.ID, System: r.System, Unit: event.UnitID(r.Unit), Operator: event.UnitID(r.Operator), OtherUnit: event.UnitID(r.OtherUnit), OtherOperator: event.UnitID(r.OtherOperator),
		UpdatedAt: r.UpdatedAt.Time(), UpdatedBy: r.UpdatedBy, Version: r.Version,
	}
	if err := json.Unmarshal([]byte(r.Facts), &c.ConnectionFacts); err != nil {
		return c, fmt.Errorf("connection %s: facts: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(r.Health), &c.Health); err != nil {
		return c, fmt.Errorf("connection %s: health: %w", r.ID, err)
	}
	return c, nil
}

func connections(rows []row) ([]Connection, error) {
	list := make([]Connection, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].connection(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// scoped narrows q to what p sees: as people of either side.
func scoped(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	if p.AllUnits() {
		return q
	}
	reach := p.Reach()
	if len(reach) == 0 {
		return q.Where("1 = 0")
	}
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, column := range []string{"unit", "operator", "other_unit", "other_operator"} {
			q = q.WhereOr("? IN (?)", bun.Ident(column), bun.List(reach))
		}
		return q
	})
}

// Filter says which connections to list.
type Filter struct {
	System string // of either side
	Kind   string
	State  string // of the health
	After  string // cursor
}

const pageSize = 200

// list returns connections in the order they were entered and the cursor of the next page.
func (s store) list(ctx context.Context, p module.Principal, f Filter) ([]Connection, string, error) {
	var rows []row
	q := scoped(s.db.NewSelect().Model(&rows), p).OrderExpr("id").Limit(pageSize + 1)
	if f.System != "" {
		q = q.Where("(system = ? OR other = ?)", f.System, f.System)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.After != "" {
		q = q.Where("id > ?", f.After)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = rows[pageSize-1].ID
	}
	list, err := connections(rows)
	return list, next, err
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (c Connection, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	c, err = r.connection()
	return c, err == nil, err
}

func (s store) countOf(ctx context.Context, tx bun.Tx, system string) (int64, error) {
	return tx.NewSelect().Table("connections").Where("system = ?", system).Count(ctx)
}

func (s store) insert(ctx context.Context, tx bun.Tx, c *Connection, next time.Time) error {
	r, err := rowOf(c, next)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(r).Exec(ctx)
	return err
}

// update stores c over the version before it; false: it was changed meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, c *Connection, next time.Time) (bool, error) {
	r, err := rowOf(c, next)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(r).ExcludeColumn("id").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

func (s store) remove(ctx context.Context, tx bun.Tx, id string) error {
	if _, err := tx.NewDelete().Table("connection_outages").Where("connection = ?", id).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewDelete().Table("connections").Where("id = ?", id).Exec(ctx)
	return err
}

// keepHealth stores what a check told, unless the connection was changed meanwhile.
func (s store) keepHealth(ctx context.Context, tx bun.Tx, c *Connection, next time.Time) (bool, error) {
	health, err := json.Marshal(&c.Health)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Table("connections").Set("health = ?", string(health)).Set("state = ?", c.Health.State).Set("next_check = ?", sqldb.MicrosOf(next)).
		Where("id = ?", c.ID).Where("version = ?", c.Version).Exec(ctx))
}

// due returns connections whose check is due, those that wait longest first.
func (s store) due(ctx context.Context, now time.Time, n int64) ([]Connection, error) {
	var rows []row
	if err := s.db.NewSelect().Model(&rows).Where("next_check > 0").Where("next_check <= ?", sqldb.MicrosOf(now)).OrderExpr("next_check").Limit(n).Scan(ctx); err != nil {
		return nil, err
	}
	return connections(rows)
}

// follow gives connections to whom their systems belong now.
func (s store) follow(ctx context.Context, tx bun.Tx, r *module.Registered) error {
	operator := r.Operator
	if operator == r.Unit {
		operator = ""
	}
	for column, set := range map[string][2]string{"system": {"unit", "operator"}, "other": {"other_unit", "other_operator"}} {
		_, err := tx.NewUpdate().Table("connections").Set("? = ?", bun.Ident(set[0]), string(r.Unit)).Set("? = ?", bun.Ident(set[1]), string(operator)).
			Where("? = ?", bun.Ident(column), r.ID).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// Outage is a time in which a connection did not work.
type Outage struct {
	From   time.Time
	To     time.Time // zero: it lasts
	Code   string
	Reason string
}

type outageRow struct {
	bun.BaseModel `bun:"table:connection_outages"`

	ID         string       `bun:"id,pk"`
	Connection string       `bun:"connection"`
	BeganAt    sqldb.Micros `bun:"began_at"`
	EndedAt    sqldb.Micros `bun:"ended_at"`
	Code       string       `bun:"code"`
	Reason     string       `bun:"reason"`
}

func (s store) begin(ctx context.Context, tx bun.Tx, c *Connection) error {
	h := &c.Health
	r := outageRow{ID: module.NewID(), Connection: c.ID, BeganAt: sqldb.MicrosOf(h.Began), Code: h.Code, Reason: h.Reason}
	_, err := tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

func (s store) end(ctx context.Context, tx bun.Tx, id string, at time.Time) error {
	_, err := tx.NewUpdate().Table("connection_outages").Set("ended_at = ?", sqldb.MicrosOf(at)).Where("connection = ?", id).Where("ended_at = 0").Exec(ctx)
	return err
}

const maxOutages = 200

// outages returns the latest, newest first.
func (s store) outages(ctx context.Context, id string) ([]Outage, error) {
	var rows []outageRow
	if err := s.db.NewSelect().Model(&rows).Where("connection = ?", id).OrderExpr("began_at DESC, id DESC").Limit(maxOutages).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Outage, len(rows))
	for i, r := range rows {
		list[i] = Outage{From: r.BeganAt.Time(), To: r.EndedAt.Time(), Code: r.Code, Reason: r.Reason}
	}
	return list, nil
}
