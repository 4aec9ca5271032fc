package dossier

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:dossiers"`

	ID           string       `bun:"id,pk"`
	Code         string       `bun:"code"`
	System       string       `bun:"system"`
	SystemCode   string       `bun:"system_code"`
	SystemName   string       `bun:"system_name"`
	Unit         string       `bun:"unit"`
	Operator     string       `bun:"operator"`
	OperatorName string       `bun:"operator_name"`
	State        string       `bun:"state"`
	IsOpen       bool         `bun:"is_open"`
	Level        int64        `bun:"level"`
	Clock        string       `bun:"clock"`
	DueAt        sqldb.Micros `bun:"due_at"`
	Late         bool         `bun:"late"`
	CreatedAt    sqldb.Micros `bun:"created_at"`
	ChangedAt    sqldb.Micros `bun:"changed_at"`
	SentAt       sqldb.Micros `bun:"sent_at"`
	JudgedAt     sqldb.Micros `bun:"judged_at"`
	DecidedAt    sqldb.Micros `bun:"decided_at"`
	Number       string       `bun:"number"`
	NumberDate   string       `bun:"number_date"`
	Issuer       string       `bun:"issuer"`
	Body         string       `bun:"body"`
	Version      int64        `bun:"version"`
	SearchText   string       `bun:"search_text"`
}

// rest is what of a dossier is in no column of its own.
type rest struct {
	Criteria   string                  `json:"criteria"`
	Answers    level.Answers           `json:"answers"`
	Trigger    string                  `json:"trigger"`
	Reason     string                  `json:"reason"`
	Remarks    string                  `json:"remarks"`
	Council    Decision                `json:"council"`
	Opinion    Decision                `json:"opinion"`
	Sender     Hand                    `json:"sender"`
	Judge      Hand                    `json:"judge"`
	Decider    Hand                    `json:"decider"`
	AcceptedAt time.Time               `json:"acceptedAt,omitzero"`
	Aspects    map[level.Aspect]string `json:"aspects"`
}

// micros is a moment in a column; the zero moment is 0.
func micros(t time.Time) sqldb.Micros {
	if t.IsZero() {
		return 0
	}
	return sqldb.MicrosOf(t)
}

func moment(m sqldb.Micros) time.Time {
	if m == 0 {
		return time.Time{}
	}
	return m.Time()
}

func rowOf(d *Dossier) (row, error) {
	body, err := json.Marshal(rest{d.Criteria, d.Answers, d.Trigger, d.Reason, d.Remarks, d.Council, d.Opinion, d.Sender, d.Judge, d.Decider, d.AcceptedAt, d.Aspects})
	return row{
		ID: d.ID, Code: d.Code, System: d.System, SystemCode: d.SystemCode, SystemName: d.SystemName, Unit: string(d.Unit), Operator: string(d.Operator),
		OperatorName: d.OperatorName, State: string(d.State), IsOpen: d.State.Open(), Level: int64(d.Level), Clock: string(d.Clock), DueAt: micros(d.DueAt),
		Late: d.Late, CreatedAt: micros(d.CreatedAt), ChangedAt: micros(d.ChangedAt), SentAt: micros(d.Sender.At), JudgedAt: micros(d.Judge.At),
		DecidedAt: micros(d.Decider.At), Number: d.Decision.Number, NumberDate: string(d.Decision.Date), Issuer: d.Decision.Issuer, Body: string(body),
		Version: d.Version, SearchText: module.Fold(d.Code + " " + d.SystemCode + " " + d.SystemName + " " + d.OperatorName + " " + d.Decision.Number),
	}, err
}

func (r *row) dossier() (Dossier, error) {
	var b rest
	if err := json.Unmarshal([]byte(r.Body), &b); err != nil {
		return Dossier{}, fmt.Errorf("dossier %s: %w", r.ID, err)
	}
	return Dossier{
		ID: r.ID, Code: r.Code, System: r.System, SystemCode: r.SystemCode, SystemName: r.SystemName, Unit: event.UnitID(r.Unit), Operator: event.UnitID(r.Operator),
		OperatorName: r.OperatorName, State: State(r.State), Criteria: b.Criteria, Answers: b.Answers, Level: int(r.Level), Trigger: b.Trigger, Reason: b.Reason,
		Remarks: b.Remarks, Council: b.Council, Opinion: b.Opinion, Decision: Decision{r.Number, module.Date(r.NumberDate), r.Issuer}, Sender: b.Sender, Judge: b.Judge,
		Decider: b.Decider, CreatedAt: r.CreatedAt.Time(), AcceptedAt: b.AcceptedAt, ChangedAt: r.ChangedAt.Time(), Clock: Clock(r.Clock), DueAt: moment(r.DueAt),
		Late: r.Late, Aspects: b.Aspects, Version: r.Version,
	}, nil
}

func dossiers(rows []row) ([]Dossier, error) {
	list := make([]Dossier, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].dossier(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Filter says which dossiers to list; its zero: all.
type Filter struct {
	State  string // a state, or "open"
	Level  int
	Unit   event.UnitID
	System string
	Text   string
	Late   bool // their time is over at At
	At     time.Time
	Limit  int
	After  string
}

const (
	pageSize = 50
	maxPage  = 200
)

// seen narrows q to the dossiers of units p sees, as owner or as operator.
func seen(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	if p.AllUnits() {
		return q
	}
	reach := p.Reach()
	if len(reach) == 0 {
		return q.Where("1 = 0")
	}
	return q.Where("(unit IN (?) OR operator IN (?))", bun.List(reach), bun.List(reach))
}

func (s store) list(ctx context.Context, p module.Principal, f Filter) ([]Dossier, string, error) {
	n := int64(min(f.Limit, maxPage))
	if n <= 0 {
		n = pageSize
	}
	var rows []row
	q := seen(s.db.NewSelect().Model(&rows), p).OrderExpr("changed_at DESC, id DESC").Limit(n + 1)
	switch f.State {
	case "":
	case "open":
		q = q.Where("is_open")
	default:
		q = q.Where("state = ?", f.State)
	}
	if f.Level > 0 {
		q = q.Where("level = ?", f.Level)
	}
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if f.System != "" {
		q = q.Where("system = ?", f.System)
	}
	if f.Text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(f.Text))
	}
	if f.Late {
		q = q.Where("is_open").Where("due_at > 0").Where("due_at <= ?", sqldb.MicrosOf(f.At))
	}
	if f.After != "" {
		at, id, err := module.ReadCursor(f.After, "dossier.cursor")
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
	list, err := dossiers(rows)
	return list, next, err
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (d Dossier, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	d, err = r.dossier()
	return d, err == nil, err
}

func (s store) insert(ctx context.Context, tx bun.Tx, d *Dossier) error {
	r, err := rowOf(d)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// update writes a dossier over its version before; false if that is not there.
func (s store) update(ctx context.Context, tx bun.Tx, d *Dossier) (bool, error) {
	r, err := rowOf(d)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("id").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

// late returns dossiers whose time is over and of which nobody was told.
func (s store) late(ctx context.Context, tx bun.Tx, now time.Time, n int) ([]Dossier, error) {
	var rows []row
	err := tx.NewSelect().Model(&rows).Where("is_open").Where("due_at > 0").Where("due_at <= ?", sqldb.MicrosOf(now)).Where("NOT late").
		OrderExpr("due_at, id").Limit(int64(n)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return dossiers(rows)
}

// ofSystem returns the dossiers of a system, the newest first.
func (s store) ofSystem(ctx context.Context, db bun.IDB, system string) ([]Dossier, error) {
	var rows []row
	if err := db.NewSelect().Model(&rows).Where("system = ?", system).OrderExpr("created_at DESC, id DESC").Limit(maxPage).Scan(ctx); err != nil {
		return nil, err
	}
	return dossiers(rows)
}

type stepRow struct {
	bun.BaseModel `bun:"table:dossier_steps"`

	ID      string       `bun:"id,pk"`
	Dossier string       `bun:"dossier"`
	Verb    string       `bun:"verb"`
	From    string       `bun:"from_state"`
	To      string       `bun:"to_state"`
	Note    string       `bun:"note"`
	Paper   string       `bun:"paper"`
	ByID    string       `bun:"by_id"`
	By      string       `bun:"by_name"`
	At      sqldb.Micros `bun:"at"`
}

func (s store) addStep(ctx context.Context, tx bun.Tx, dossier string, x *Step) error {
	paper, err := json.Marshal(x.Paper)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&stepRow{ID: x.ID, Dossier: dossier, Verb: string(x.Verb), From: string(x.From), To: string(x.To), Note: x.Note,
		Paper: string(paper), ByID: x.ByID, By: x.By, At: sqldb.MicrosOf(x.At)}).Exec(ctx)
	return err
}

func (s store) steps(ctx context.Context, dossier string) ([]Step, error) {
	var rows []stepRow
	if err := s.db.NewSelect().Model(&rows).Where("dossier = ?", dossier).OrderExpr("at, id").Scan(ctx); err != nil {
		return nil, err
	}
	steps := make([]Step, len(rows))
	for i, r := range rows {
		steps[i] = Step{ID: r.ID, Verb: Verb(r.Verb), From: State(r.From), To: State(r.To), Note: r.Note, ByID: r.ByID, By: r.By, At: r.At.Time()}
		if err := json.Unmarshal([]byte(r.Paper), &steps[i].Paper); err != nil {
			return nil, fmt.Errorf("dossier step %s: %w", r.ID, err)
		}
	}
	return steps, nil
}
