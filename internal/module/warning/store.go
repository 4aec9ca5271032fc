package warning

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:warnings"`

	ID            string       `bun:"id,pk"`
	Code          string       `bun:"code"`
	Drill         bool         `bun:"drill"`
	Title         string       `bun:"title"`
	Kind          string       `bun:"kind"`
	Severity      string       `bun:"severity"`
	Facts         string       `bun:"facts"`
	State         string       `bun:"state"`
	Writers       string       `bun:"writers"`
	CreatedAt     sqldb.Micros `bun:"created_at"`
	CreatedBy     string       `bun:"created_by"`
	CreatedName   string       `bun:"created_name"`
	ChangedAt     sqldb.Micros `bun:"changed_at"`
	ReviewedAt    sqldb.Micros `bun:"reviewed_at"`
	ReviewedName  string       `bun:"reviewed_name"`
	PublishedAt   sqldb.Micros `bun:"published_at"`
	PublishedBy   string       `bun:"published_by"`
	PublishedName string       `bun:"published_name"`
	AckBy         sqldb.Micros `bun:"ack_by"`
	FixBy         sqldb.Micros `bun:"fix_by"`
	EndedAt       sqldb.Micros `bun:"ended_at"`
	Reason        string       `bun:"reason"`
	Computing     string       `bun:"computing"`
	Audience      string       `bun:"audience"`
	Version       int64        `bun:"version"`
	SearchText    string       `bun:"search_text"`
}

// computed is what is kept of the computation of an audience.
type computed struct {
	Computation
	Key string `json:"key"` // of what it was computed from
}

func rowOf(w *Warning) (row, error) {
	facts, err := json.Marshal(w.WarningFacts)
	writers, err2 := json.Marshal(w.Writers)
	audience, err3 := json.Marshal(computed{Computation: w.Audience})
	return row{
		ID: w.ID, Code: w.Code, Drill: w.Drill, Title: w.Title, Kind: w.Kind, Severity: w.Severity, Facts: string(facts), State: string(w.State),
		Writers: string(writers), CreatedAt: sqldb.MicrosOf(w.CreatedAt), CreatedBy: w.CreatedBy, CreatedName: w.CreatedName, ChangedAt: sqldb.MicrosOf(w.ChangedAt),
		ReviewedAt: sqldb.MicrosOf(w.ReviewedAt), ReviewedName: w.ReviewedName, PublishedAt: sqldb.MicrosOf(w.PublishedAt), PublishedBy: w.PublishedBy,
		PublishedName: w.PublishedName, AckBy: sqldb.MicrosOf(w.AckBy), FixBy: sqldb.MicrosOf(w.FixBy), EndedAt: sqldb.MicrosOf(w.EndedAt), Reason: w.Reason,
		Computing: w.Audience.State, Audience: string(audience), Version: w.Version,
		SearchText: module.Fold(w.Code + "\n" + w.Title + "\n" + w.Text.Content + "\n" + strings.Join(w.CVEs, " ")),
	}, errors.Join(err, err2, err3)
}

func (r *row) warning() (Warning, error) {
	w := Warning{
		ID: r.ID, Code: r.Code, Drill: r.Drill, State: State(r.State), CreatedAt: r.CreatedAt.Time(), CreatedBy: r.CreatedBy, CreatedName: r.CreatedName,
		ChangedAt: r.ChangedAt.Time(), ReviewedAt: r.ReviewedAt.Time(), ReviewedName: r.ReviewedName, PublishedAt: r.PublishedAt.Time(),
		PublishedBy: r.PublishedBy, PublishedName: r.PublishedName, AckBy: r.AckBy.Time(), FixBy: r.FixBy.Time(), EndedAt: r.EndedAt.Time(),
		Reason: r.Reason, Version: r.Version,
	}
	var c computed
	if err := errors.Join(json.Unmarshal([]byte(r.Facts), &w.WarningFacts), json.Unmarshal([]byte(r.Writers), &w.Writers), json.Unmarshal([]byte(r.Audience), &c)); err != nil {
		return w, fmt.Errorf("warning %s: %w", r.ID, err)
	}
	w.Audience = c.Computation
	return w, nil
}

// Filter says which warnings to list; its zero: all that are real.
type Filter struct {
	State    State
	Kind     string
	Severity string
	Drill    bool
	Text     string
	Limit    int
	After    string // cursor
}

const (
	pageSize = 50
	maxPage  = 200
)

func limitOf(n int) int64 {
	if n <= 0 {
		return pageSize
	}
	return int64(min(n, maxPage))
}

func (s store) list(ctx context.Context, f Filter) ([]Warning, string, error) {
	n := limitOf(f.Limit)
	var rows []row
	q := s.db.NewSelect().Model(&rows).Where("drill = ?", f.Drill).OrderExpr("changed_at DESC, id DESC").Limit(n + 1)
	for column, value := range map[string]string{"state": string(f.State), "kind": f.Kind, "severity": f.Severity} {
		if value != "" {
			q = q.Where("? = ?", bun.Ident(column), value)
		}
	}
	if f.Text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(f.Text))
	}
	if f.After != "" {
		at, id, err := module.ReadCursor(f.After, "warning.cursor")
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(changed_at < ? OR changed_at = ? AND id < ?)", at, at, id)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = module.Cursor(rows[n-1].ChangedAt, rows[n-1].ID)
	}
	list := make([]Warning, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].warning(); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (w Warning, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return w, false, nil
	}
	if err != nil {
		return w, false, err
	}
	w, err = r.warning()
	return w, err == nil, err
}

func (s store) insert(ctx context.Context, tx bun.Tx, w *Warning) error {
	r, err := rowOf(w)
	if err == nil {
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
	}
	return err
}

// update stores w, whose version is one more than the one read; false: it was
// changed meanwhile. How far the audience is stays as it is.
func (s store) update(ctx context.Context, tx bun.Tx, w *Warning) (bool, error) {
	r, err := rowOf(w)
	if err != nil {
		return false, err
	}
	res, err := tx.NewUpdate().Model(&r).ExcludeColumn("id", "drill", "created_at", "created_by", "created_name", "computing", "audience").
		Where("id = ?", r.ID).Where("version = ?", w.Version-1).Exec(ctx)
	return sqldb.One(res, err)
}

// setState stores the state alone, which copies bring about.
func (s store) setState(ctx context.Context, tx bun.Tx, w *Warning, now time.Time) error {
	_, err := tx.NewUpdate().Table("warnings").Set("state = ?", string(w.State)).Set("ended_at = ?", sqldb.MicrosOf(w.EndedAt)).
		Set("changed_at = ?", sqldb.MicrosOf(now)).Set("version = version + 1").Where("id = ?", w.ID).Exec(ctx)
	return err
}

// setAudience stores how far the audience is; false: nobody waits for it any more.
func (s store) setAudience(ctx context.Context, db bun.IDB, id string, c computed, from ...string) (bool, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return false, err
	}
	q := db.NewUpdate().Table("warnings").Set("computing = ?", c.State).Set("audience = ?", string(text)).Where("id = ?", id)
	if len(from) > 0 {
		q = q.Where("computing IN (?)", bun.List(from))
	}
	res, err := q.Exec(ctx)
	return sqldb.One(res, err)
}

func (s store) audienceKey(ctx context.Context, db bun.IDB, id string) (string, error) {
	var text string
	if err := db.NewSelect().Table("warnings").Column("audience").Where("id = ?", id).Scan(ctx, &text); err != nil {
		return "", err
	}
	var c computed
	err := json.Unmarshal([]byte(text), &c)
	return c.Key, err
}

// waiting returns the first warning whose audience is to be computed.
func (s store) waiting(ctx context.Context) (w Warning, ok bool, err error) {
	var r row
	err = s.db.NewSelect().Model(&r).Where("computing IN (?)", bun.List([]string{"waiting", "running"})).OrderExpr("id").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return w, false, nil
	}
	if err != nil {
		return w, false, err
	}
	w, err = r.warning()
	return w, err == nil, err
}

type memberRow struct {
	bun.BaseModel `bun:"table:warning_members"`

	Warning string `bun:"warning,pk"`
	Unit    string `bun:"unit,pk"`
	Reasons string `bun:"reasons"`
	Removed string `bun:"removed"`
	By      string `bun:"by_name"`
}

func (s store) members(ctx context.Context, db bun.IDB, id string) ([]Member, error) {
	var rows []memberRow
	if err := db.NewSelect().Model(&rows).Where("warning = ?", id).OrderExpr("unit").Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Member, len(rows))
	for i, r := range rows {
		list[i] = Member{Unit: event.UnitID(r.Unit), Removed: r.Removed, By: r.By}
		if err := json.Unmarshal([]byte(r.Reasons), &list[i].Reasons); err != nil {
			return nil, fmt.Errorf("audience of warning %s: %w", id, err)
		}
	}
	return list, nil
}

const insertAtOnce = 200

// setMembers replaces the audience.
func (s store) setMembers(ctx context.Context, tx bun.Tx, id string, list []Member) error {
	if _, err := tx.NewDelete().Table("warning_members").Where("warning = ?", id).Exec(ctx); err != nil {
		return err
	}
	rows := make([]memberRow, len(list))
	for i, m := range list {
		reasons, err := json.Marshal(module.OrEmpty(m.Reasons))
		if err != nil {
			return err
		}
		rows[i] = memberRow{Warning: id, Unit: string(m.Unit), Reasons: string(reasons), Removed: m.Removed, By: m.By}
	}
	for len(rows) > 0 {
		n := min(insertAtOnce, len(rows))
		part := rows[:n]
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
