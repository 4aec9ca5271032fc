package alert

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type alertRow struct {
	bun.BaseModel `bun:"table:alerts,alias:a"`

	ID           string       `bun:"id,pk"`
	Key          string       `bun:"group_key"`
	RuleID       string       `bun:"rule_id"`
	Title        string       `bun:"title"`
	TitleVi      string       `bun:"title_vi"`
	Level        string       `bun:"level"`
	LevelRank    int          `bun:"level_rank"`
	Status       string       `bun:"status"`
	Unit         string       `bun:"unit"`
	EntityField  string       `bun:"entity_field"`
	EntityValue  string       `bun:"entity_value"`
	Count        int64        `bun:"count"`
	FirstSeen    sqldb.Micros `bun:"first_seen"`
	LastSeen     sqldb.Micros `bun:"last_seen"`
	FirstArrival sqldb.Micros `bun:"first_arrival"`
	LastArrival  sqldb.Micros `bun:"last_arrival"`
	CreatedAt    sqldb.Micros `bun:"created_at"`
	UpdatedAt    sqldb.Micros `bun:"updated_at"`
	Assignee     string       `bun:"assignee"`
	Reason       string       `bun:"reason"`
	Note         string       `bun:"note"`
	Tags         string       `bun:"tags"` // JSON array
	Version      int64        `bun:"version"`
	SearchText   string       `bun:"search_text"` // folded, of what a person may remember
}

func (r *alertRow) alert() (Alert, error) {
	a := Alert{
		ID: r.ID, RuleID: r.RuleID, Title: r.Title, TitleVi: r.TitleVi, Level: r.Level, Status: Status(r.Status),
		Unit: event.UnitID(r.Unit), EntityField: r.EntityField, EntityValue: r.EntityValue, Count: r.Count,
		FirstSeen: r.FirstSeen.Time(), LastSeen: r.LastSeen.Time(), LastArrival: r.LastArrival.Time(),
		CreatedAt: r.CreatedAt.Time(), UpdatedAt: r.UpdatedAt.Time(),
		Assignee: r.Assignee, Reason: Reason(r.Reason), Note: r.Note, Version: r.Version,
	}
	if err := json.Unmarshal([]byte(r.Tags), &a.Tags); err != nil {
		return a, fmt.Errorf("alert %s: tags: %w", r.ID, err)
	}
	return a, nil
}

func alertsOf(rows []alertRow) ([]Alert, error) {
	out := make([]Alert, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].alert(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// openAlerts returns, by key, the alerts that are not closed and took a finding
// at or after since, newest first.
func (s store) openAlerts(ctx context.Context, tx bun.Tx, groups []*group, since sqldb.Micros) (map[string][]openRow, error) {
	keys := make([]string, 0, len(groups))
	open := make(map[string][]openRow, len(groups))
	for _, g := range groups {
		if _, twice := open[g.key]; !twice {
			open[g.key] = nil
			keys = append(keys, g.key)
		}
	}
	var rows []openRow
	err := tx.NewSelect().Table("alerts").Column("id", "group_key", "first_arrival", "last_arrival").
		Where("group_key IN (?)", bun.List(keys)).
		Where("status <> 'closed'").Where("last_arrival >= ?", since).
		OrderExpr("last_arrival DESC, id DESC").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		open[r.Key] = append(open[r.Key], r)
	}
	return open, nil
}

// upsert inserts new alerts and adds to those that exist, in one statement. Of
// an alert that exists only what findings move is touched.
func (s store) upsert(ctx context.Context, tx bun.Tx, rows []alertRow) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).
		On("CONFLICT (id) DO UPDATE").
		Set("count = a.count + EXCLUDED.count").
		Set("first_seen = CASE WHEN EXCLUDED.first_seen < a.first_seen THEN EXCLUDED.first_seen ELSE a.first_seen END").
		Set("last_seen = CASE WHEN EXCLUDED.last_seen > a.last_seen THEN EXCLUDED.last_seen ELSE a.last_seen END").
		Set("first_arrival = CASE WHEN EXCLUDED.first_arrival < a.first_arrival THEN EXCLUDED.first_arrival ELSE a.first_arrival END").
		Set("last_arrival = CASE WHEN EXCLUDED.last_arrival > a.last_arrival THEN EXCLUDED.last_arrival ELSE a.last_arrival END").
		Set("updated_at = EXCLUDED.updated_at").
		Exec(ctx)
	return err
}

func (s store) byID(ctx context.Context, db bun.IDB, ids []string) ([]Alert, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []alertRow
	if err := db.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	return alertsOf(rows)
}

// update writes what people change, if the version is still the given one.
func (s store) update(ctx context.Context, tx bun.Tx, version int64, a Alert) (bool, error) {
	res, err := tx.NewUpdate().Table("alerts").
		Set("status = ?", string(a.Status)).Set("reason = ?", string(a.Reason)).Set("note = ?", a.Note).
		Set("assignee = ?", a.Assignee).Set("version = ?", a.Version).Set("updated_at = ?", sqldb.MicrosOf(a.UpdatedAt)).
		Where("id = ?", a.ID).Where("version = ?", version).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

type historyRow struct {
	bun.BaseModel `bun:"table:alert_history"`

	ID      string       `bun:"id,pk"`
	AlertID string       `bun:"alert_id"`
	At      sqldb.Micros `bun:"at"`
	By      string       `bun:"by_name"`
	Action  string       `bun:"action"`
	From    string       `bun:"from_value"`
	To      string       `bun:"to_value"`
	Reason  string       `bun:"reason"`
	Note    string       `bun:"note"`
}

func (s store) insertHistory(ctx context.Context, tx bun.Tx, alertID, by string, at sqldb.Micros, steps []Step) error {
	rows := make([]historyRow, len(steps))
	for i, st := range steps {
		rows[i] = historyRow{ID: module.NewID(), AlertID: alertID, At: at, By: by, Action: st.Action, From: st.From, To: st.To, Reason: st.Reason, Note: st.Note}
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

func (s store) history(ctx context.Context, alertID string) ([]Step, error) {
	var rows []historyRow
	if err := s.db.NewSelect().Model(&rows).Where("alert_id = ?", alertID).OrderExpr("id").Scan(ctx); err != nil {
		return nil, err
	}
	steps := make([]Step, len(rows))
	for i, r := range rows {
		steps[i] = Step{At: r.At.Time(), By: r.By, Action: r.Action, From: r.From, To: r.To, Reason: r.Reason, Note: r.Note}
	}
	return steps, nil
}

func scoped(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	switch {
	case p.AllUnits():
		return q
	case p.Role != "" && p.Unit != "":
		return q.Where("unit = ?", string(p.Unit))
	}
	return q.Where("1 = 0")
}

func (s store) open(ctx context.Context, p module.Principal) (byLevel map[string]int64, unseen int64, err error) {
	var rows []struct {
		Level  string `bun:"level"`
		Status string `bun:"status"`
		N      int64  `bun:"n"`
	}
	q := s.db.NewSelect().Table("alerts").ColumnExpr("level, status, count(*) AS n").Where("status <> 'closed'").GroupExpr("level, status")
	if err := scoped(q, p).Scan(ctx, &rows); err != nil {
		return nil, 0, err
	}
	byLevel = map[string]int64{}
	for _, r := range rows {
		byLevel[r.Level] += r.N
		if r.Status == string(StatusNew) {
			unseen += r.N
		}
	}
	return byLevel, unseen, nil
}

func (s store) hitsSince(ctx context.Context, p module.Principal, since sqldb.Micros) (map[string]int64, error) {
	var rows []struct {
		RuleID string `bun:"rule_id"`
		N      int64  `bun:"n"`
	}
	q := s.db.NewSelect().Table("alerts").ColumnExpr("rule_id, CAST(sum(count) AS BIGINT) AS n").Where("last_arrival >= ?", since).GroupExpr("rule_id")
	if err := scoped(q, p).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	hits := make(map[string]int64, len(rows))
	for _, r := range rows {
		hits[r.RuleID] = r.N
	}
	return hits, nil
}
