package drill

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:drills"`

	ID        string       `bun:"id,pk"`
	Name      string       `bun:"name"`
	State     string       `bun:"state"`
	Plan      string       `bun:"plan"`
	CreatedAt sqldb.Micros `bun:"created_at"`
	ByID      string       `bun:"by_id"`
	By        string       `bun:"by_name"`
	StartedAt sqldb.Micros `bun:"started_at"`
	EndedAt   sqldb.Micros `bun:"ended_at"`
	Version   int64        `bun:"version"`
}

func rowOf(x *Exercise) (row, error) {
	plan, err := json.Marshal(x.Plan)
	return row{ID: x.ID, Name: x.Name, State: string(x.State), Plan: string(plan), CreatedAt: sqldb.MicrosOf(x.CreatedAt), ByID: x.ByID, By: x.By,
		StartedAt: sqldb.MicrosOf(x.StartedAt), EndedAt: sqldb.MicrosOf(x.EndedAt), Version: x.Version}, err
}

func (r *row) exercise() (Exercise, error) {
	x := Exercise{ID: r.ID, State: State(r.State), CreatedAt: r.CreatedAt.Time(), ByID: r.ByID, By: r.By, StartedAt: r.StartedAt.Time(),
		EndedAt: r.EndedAt.Time(), Version: r.Version}
	if err := json.Unmarshal([]byte(r.Plan), &x.Plan); err != nil {
		return x, fmt.Errorf("exercise %s: %w", r.ID, err)
	}
	return x, nil
}

func exercises(rows []row) ([]Exercise, error) {
	list := make([]Exercise, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].exercise(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

const (
	pageSize = 50
	maxPage  = 200
)

// list returns a page of exercises, the newest first, and the cursor of the next.
func (s store) list(ctx context.Context, state State, limit int, after string) ([]Exercise, string, error) {
	n := int64(min(limit, maxPage))
	if n <= 0 {
		n = pageSize
	}
	var rows []row
	q := s.db.NewSelect().Model(&rows).OrderExpr("created_at DESC, id DESC").Limit(n + 1)
	if state != "" {
		q = q.Where("state = ?", string(state))
	}
	if after != "" {
		text, id, ok := strings.Cut(after, ".")
		at, err := strconv.ParseInt(text, 10, 64)
		if !ok || err != nil || len(id) > 64 {
			return nil, "", fault.New(fault.Invalid, "the cursor is not one that a list gave").WithCode("drill.cursor").OnField("query.after")
		}
		q = q.Where("(created_at < ? OR created_at = ? AND id < ?)", at, at, id)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = strconv.FormatInt(int64(rows[n-1].CreatedAt), 10) + "." + rows[n-1].ID
	}
	list, err := exercises(rows)
	return list, next, err
}

func (s store) running(ctx context.Context, db bun.IDB) ([]Exercise, error) {
	var rows []row
	if err := db.NewSelect().Model(&rows).Where("state = ?", string(Running)).OrderExpr("id").Scan(ctx); err != nil {
		return nil, err
	}
	return exercises(rows)
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (x Exercise, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	if err != nil {
		return x, false, err
	}
	x, err = r.exercise()
	return x, err == nil, err
}

func (s store) insert(ctx context.Context, tx bun.Tx, x *Exercise) error {
	r, err := rowOf(x)
	if err == nil {
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
	}
	if err != nil {
		return err
	}
	return s.units(ctx, tx, x)
}

// update stores x over the version before it; false: it was changed meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, x *Exercise) (bool, error) {
	r, err := rowOf(x)
	if err != nil {
		return false, err
	}
	res, err := tx.NewUpdate().Model(&r).ExcludeColumn("id", "created_at", "by_id", "by_name").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return false, err
	}
	return true, s.units(ctx, tx, x)
}

// units keeps the table of units in step with the plan.
func (s store) units(ctx context.Context, tx bun.Tx, x *Exercise) error {
	if _, err := tx.NewDelete().Table("drill_units").Where("drill = ?", x.ID).Exec(ctx); err != nil {
		return err
	}
	for _, u := range x.Units {
		if _, err := tx.NewRaw("INSERT INTO drill_units (drill, unit, running) VALUES (?, ?, ?)", x.ID, string(u), x.State == Running).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// exerciseOf returns the exercise that a fact about a matter of a unit belongs to,
// "" for none, and notes that it heard of the matter.
func (s store) exerciseOf(ctx context.Context, tx bun.Tx, of module.Subject, unit event.UnitID, at time.Time) (string, error) {
	const during = "drills.started_at > 0 AND drills.started_at <= ? AND (drills.ended_at = 0 OR drills.ended_at >= ?)"
	now := sqldb.MicrosOf(at)
	var bound []struct {
		Drill  string `bun:"drill"`
		During bool   `bun:"during"`
	}
	err := tx.NewRaw("SELECT drill_matters.drill, ("+during+") AS during FROM drill_matters JOIN drills ON drills.id = drill_matters.drill WHERE subject_kind = ? AND subject_id = ?",
		now, now, of.Kind, of.ID).Scan(ctx, &bound)
	if err != nil {
		return "", err
	}
	if len(bound) > 0 {
		if bound[0].During {
			return bound[0].Drill, nil
		}
		return "", nil
	}
	var found []string
	err = tx.NewRaw("SELECT drills.id FROM drill_units JOIN drills ON drills.id = drill_units.drill WHERE drill_units.unit = ? AND "+during+" ORDER BY drills.started_at DESC LIMIT 1",
		string(unit), now, now).Scan(ctx, &found)
	if err != nil || len(found) == 0 {
		return "", err
	}
	_, err = tx.NewRaw("INSERT INTO drill_matters (subject_kind, subject_id, drill) VALUES (?, ?, ?)", of.Kind, of.ID, found[0]).Exec(ctx)
	return found[0], err
}

type lineRow struct {
	bun.BaseModel `bun:"table:drill_log"`

	ID    string       `bun:"id,pk"`
	Drill string       `bun:"drill"`
	Fact  string       `bun:"fact"`
	At    sqldb.Micros `bun:"at"`
	Line  string       `bun:"line"`
}

// addLine appends to the log, once for a fact, and nothing to one that is full.
func (s store) addLine(ctx context.Context, tx bun.Tx, l *Line) error {
	n, err := tx.NewSelect().Table("drill_log").Where("drill = ?", l.Exercise).Count(ctx)
	if err != nil || n >= maxLog {
		return err
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&lineRow{ID: l.ID, Drill: l.Exercise, Fact: l.Fact, At: sqldb.MicrosOf(l.At), Line: string(text)}).
		On("CONFLICT (fact) DO NOTHING").Exec(ctx)
	return err
}

// lines returns the log in its order.
func (s store) lines(ctx context.Context, exercise string) ([]Line, error) {
	var rows []lineRow
	if err := s.db.NewSelect().Model(&rows).Where("drill = ?", exercise).OrderExpr("at, id").Limit(maxLog).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Line, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.Line), &list[i]); err != nil {
			return nil, fmt.Errorf("drill log %s: %w", r.ID, err)
		}
		list[i].ID, list[i].Exercise, list[i].Fact, list[i].At = r.ID, r.Drill, r.Fact, r.At.Time()
	}
	return list, nil
}
