package obligation

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
	bun.BaseModel `bun:"table:obligations"`

	ID          string       `bun:"id,pk"`
	Duty        string       `bun:"duty"`
	Vi          string       `bun:"vi"`
	En          string       `bun:"en"`
	Stage       string       `bun:"stage"`
	Basis       string       `bun:"basis"`
	Recipient   string       `bun:"recipient"`
	Form        string       `bun:"form"`
	Verify      string       `bun:"verify"`
	SubjectKind string       `bun:"subject_kind"`
	SubjectID   string       `bun:"subject_id"`
	SubjectCode string       `bun:"subject_code"`
	Subject     string       `bun:"subject"`
	Unit        string       `bun:"unit"`
	Drill       bool         `bun:"drill"`
	StartedAt   sqldb.Micros `bun:"started_at"`
	DueAt       sqldb.Micros `bun:"due_at"`
	Missing     string       `bun:"missing"`
	State       string       `bun:"state"`
	IsOpen      bool         `bun:"is_open"`
	Doubtful    bool         `bun:"doubtful"`
	Reminded    int64        `bun:"reminded"`
	NextLook    sqldb.Micros `bun:"next_look"`
	DoneAt      sqldb.Micros `bun:"done_at"`
	Version     int64        `bun:"version"`
	SearchText  string       `bun:"search_text"`
}

func rowOf(o *Obligation) (row, error) {
	basis, err := json.Marshal(o.Basis)
	missing, err2 := json.Marshal(o.Missing)
	return row{
		ID: o.ID, Duty: o.Duty, Vi: o.Vi, En: o.En, Stage: o.Stage, Basis: string(basis), Recipient: o.Recipient, Form: o.Form, Verify: o.Verify,
		SubjectKind: o.Subject.Kind, SubjectID: o.Subject.ID, SubjectCode: o.Subject.Code, Subject: o.Subject.Title, Unit: string(o.Unit), Drill: o.Drill,
		StartedAt: sqldb.MicrosOf(o.StartedAt), DueAt: sqldb.MicrosOf(o.DueAt), Missing: string(missing), State: string(o.State), IsOpen: o.State.Open(),
		Doubtful: o.Doubtful, Reminded: int64(o.Reminded), NextLook: sqldb.MicrosOf(o.nextLook()), DoneAt: sqldb.MicrosOf(o.DoneAt), Version: o.Version,
		SearchText: module.Fold(o.Vi + "\n" + o.En + "\n" + o.Subject.Code + "\n" + o.Subject.Title + "\n" + o.Basis.Text),
	}, errors.Join(err, err2)
}

// nextLook is when the next reminder is due; zero for never.
func (o *Obligation) nextLook() time.Time {
	if !o.State.Open() {
		return time.Time{}
	}
	for _, percent := range reminders {
		if o.Reminded < percent {
			return o.remindAt(percent)
		}
	}
	return time.Time{}
}

func (r *row) obligation() (Obligation, error) {
	o := Obligation{
		ID: r.ID, Duty: r.Duty, Vi: r.Vi, En: r.En, Stage: r.Stage, Recipient: r.Recipient, Form: r.Form, Verify: r.Verify,
		Subject: module.Subject{Kind: r.SubjectKind, ID: r.SubjectID, Code: r.SubjectCode, Title: r.Subject}, Unit: event.UnitID(r.Unit), Drill: r.Drill,
		StartedAt: r.StartedAt.Time(), DueAt: r.DueAt.Time(), State: State(r.State), Doubtful: r.Doubtful, Reminded: int(r.Reminded),
		DoneAt: r.DoneAt.Time(), Version: r.Version,
	}
	if err := errors.Join(json.Unmarshal([]byte(r.Basis), &o.Basis), json.Unmarshal([]byte(r.Missing), &o.Missing)); err != nil {
		return o, fmt.Errorf("obligation %s: %w", r.ID, err)
	}
	return o, nil
}

// Filter says which obligations to list; its zero: all that are open.
type Filter struct {
	State   State // "": open; "any": all
	Late    bool
	Unit    event.UnitID
	Duty    string
	Subject module.Subject // Kind and ID
	System  string         // id in the register: of matters that concern it
	Drill   bool           // the drills' instead of the real ones
	Text    string
	From    time.Time // due at it or later
	Before  time.Time // due before it
	Limit   int
	After   string // cursor: what the page before gave
}

const (
	pageSize = 100
	maxPage  = 500
)

// where narrows a query over obligations to what p sees and f asks for.
func (f *Filter) where(q *bun.SelectQuery, p module.Principal, now time.Time) *bun.SelectQuery {
	// The text first: SQLite judges a row in this order, and a text fails most of them.
	if f.Text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(f.Text))
	}
	q = module.Scoped(q, p, module.Unled(p, "unit")).Where("drill = ?", f.Drill)
	switch f.State {
	case "":
		q = q.Where("is_open = ?", true)
	case "any":
	default:
		q = q.Where("state = ?", string(f.State))
	}
	if f.Late {
		q = q.Where("(is_open = ? AND due_at < ? OR done_at > due_at AND state <> ?)", true, sqldb.MicrosOf(now), string(Withdrawn))
	}
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if f.Duty != "" {
		q = q.Where("duty = ?", f.Duty)
	}
	if f.Subject.Kind != "" {
		q = q.Where("subject_kind = ?", f.Subject.Kind)
	}
	if f.Subject.ID != "" {
		q = q.Where("subject_id = ?", f.Subject.ID)
	}
	if f.System != "" {
		q = ofSystem(q, f.System)
	}
	if !f.From.IsZero() {
		q = q.Where("due_at >= ?", sqldb.MicrosOf(f.From))
	}
	if !f.Before.IsZero() {
		q = q.Where("due_at < ?", sqldb.MicrosOf(f.Before))
	}
	return q
}

// list returns obligations, what is due first at the top, and the cursor of the
// next page; "" if this is the last.
func (s store) list(ctx context.Context, p module.Principal, f Filter, now time.Time) ([]Obligation, string, error) {
	n := int64(min(f.Limit, maxPage))
	if n <= 0 {
		n = pageSize
	}
	var rows []row
	q := f.where(s.db.NewSelect().Model(&rows), p, now).OrderExpr("due_at, id").Limit(n + 1)
	if f.After != "" {
		at, id, err := module.ReadCursor(f.After, "obligation.cursor")
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(due_at > ? OR due_at = ? AND id > ?)", at, at, id)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = module.Cursor(rows[n-1].DueAt, rows[n-1].ID)
	}
	list := make([]Obligation, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].obligation(); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

// wallRow counts the open obligations of a unit.
type wallRow struct {
	Unit  string       `bun:"unit"`
	Open  int64        `bun:"n"`
	Late  int64        `bun:"late"`
	Soon  int64        `bun:"soon"`
	First sqldb.Micros `bun:"first"`
}

func (s store) wall(ctx context.Context, p module.Principal, drill bool, now time.Time, soon time.Duration) ([]wallRow, error) {
	f := Filter{Drill: drill}
	var rows []wallRow
	at, by := sqldb.MicrosOf(now), sqldb.MicrosOf(now.Add(soon))
	err := f.where(s.db.NewSelect().Table("obligations"), p, now).
		ColumnExpr("unit, count(*) AS n").
		ColumnExpr("sum(CASE WHEN due_at < ? THEN 1 ELSE 0 END) AS late", at).
		ColumnExpr("sum(CASE WHEN due_at >= ? AND due_at < ? THEN 1 ELSE 0 END) AS soon", at, by).
		ColumnExpr("min(due_at) AS first").
		GroupExpr("unit").OrderExpr("late DESC, first").Scan(ctx, &rows)
	return rows, err
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (o Obligation, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return o, false, nil
	}
	if err != nil {
		return o, false, err
	}
	o, err = r.obligation()
	return o, err == nil, err
}

// about returns the obligations of a subject, by duty.
func (s store) about(ctx context.Context, tx bun.Tx, subject module.Subject) (map[string]Obligation, error) {
	var rows []row
	if err := tx.NewSelect().Model(&rows).Where("subject_kind = ?", subject.Kind).Where("subject_id = ?", subject.ID).Scan(ctx); err != nil {
		return nil, err
	}
	found := map[string]Obligation{}
	for i := range rows {
		o, err := rows[i].obligation()
		if err != nil {
			return nil, err
		}
		found[o.Duty] = o
	}
	return found, nil
}

// insert stores a new obligation; false if there is one already.
func (s store) insert(ctx context.Context, tx bun.Tx, o *Obligation) (bool, error) {
	r, err := rowOf(o)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewInsert().Model(&r).On("CONFLICT (subject_kind, subject_id, duty, unit) DO NOTHING").Exec(ctx))
}

// update stores o over the version before it; false: it was changed meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, o *Obligation) (bool, error) {
	r, err := rowOf(o)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("id").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

// waiting returns what a reminder is due of, at most n.
func (s store) waiting(ctx context.Context, tx bun.Tx, now time.Time, n int) ([]Obligation, error) {
	var rows []row
	err := tx.NewSelect().Model(&rows).Where("next_look > 0").Where("next_look <= ?", sqldb.MicrosOf(now)).OrderExpr("next_look").Limit(int64(n)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Obligation, len(rows))
	for i := range rows {
		if list[i], err = rows[i].obligation(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
