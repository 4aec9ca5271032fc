package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct {
	db     *bun.DB
	looked int // see [looked]
}

type alertRow struct {
	bun.BaseModel `bun:"table:alerts,alias:a"`

	ID           string       `bun:"id,pk"`
	Key          string       `bun:"group_key"`
	RuleID       string       `bun:"rule_id"`
	RuleHash     string       `bun:"rule_hash"`
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
	EventQuery   string       `bun:"event_query"`
	Series       string       `bun:"series"`  // JSON, or ""
	Signal       string       `bun:"signal"`  // "" for an alert of a rule
	Details      string       `bun:"details"` // JSON, of a signal
	SettledAt    sqldb.Micros `bun:"settled_at"`

	ClosedAt       sqldb.Micros `bun:"closed_at"`
	ClosedBy       string       `bun:"closed_by"`
	PostponedUntil sqldb.Micros `bun:"postponed_until"`
	PostponedNote  string       `bun:"postponed_note"`
	Drill          string       `bun:"drill"`
}

func (r *alertRow) alert() (Alert, error) {
	a := Alert{
		ID: r.ID, RuleID: r.RuleID, RuleHash: r.RuleHash, Title: r.Title, TitleVi: r.TitleVi, Level: r.Level, Status: Status(r.Status),
		Unit: event.UnitID(r.Unit), EntityField: r.EntityField, EntityValue: r.EntityValue, Count: r.Count,
		FirstSeen: r.FirstSeen.Time(), LastSeen: r.LastSeen.Time(), LastArrival: r.LastArrival.Time(),
		CreatedAt: r.CreatedAt.Time(), UpdatedAt: r.UpdatedAt.Time(),
		Assignee: r.Assignee, Reason: Reason(r.Reason), Note: r.Note, Version: r.Version, eventQuery: r.EventQuery, Drill: r.Drill,
	}
	if r.ClosedAt != 0 {
		a.closed = closure{r.ClosedAt.Time(), r.ClosedBy}
	}
	if r.PostponedUntil != 0 {
		a.PostponedUntil, a.PostponedNote = r.PostponedUntil.Time(), r.PostponedNote
	}
	if r.Series != "" {
		if err := json.Unmarshal([]byte(r.Series), &a.Series); err != nil {
			return a, fmt.Errorf("alert %s: series: %w", r.ID, err)
		}
	}
	if r.Signal != "" {
		a.Signal = &SignalInfo{Kind: r.Signal, SettledAt: r.SettledAt.Time()}
		if err := json.Unmarshal([]byte(r.Details), &a.Signal.Details); err != nil {
			return a, fmt.Errorf("alert %s: details: %w", r.ID, err)
		}
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
func (s store) openAlerts(ctx context.Context, tx bun.Tx, groups []*group, since sqldb.Micros) (_ map[string][]openRow, err error) {
	keys := make([]string, 0, len(groups))
	open := make(map[string][]openRow, len(groups))
	for _, g := range groups {
		if _, twice := open[g.key]; !twice {
			open[g.key] = nil
			keys = append(keys, g.key)
		}
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	list := "SELECT value FROM json_each(?)"
	if s.postgres() {
		list = "SELECT json_array_elements_text(CAST(? AS json))"
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT id, group_key, first_arrival, last_arrival FROM alerts
		WHERE group_key IN (`+list+`) AND status <> 'closed' AND last_arrival >= ?
		ORDER BY last_arrival DESC, id DESC`, string(text), since)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r openRow
		if err := rows.Scan(&r.ID, &r.Key, &r.FirstArrival, &r.LastArrival); err != nil {
			return nil, err
		}
		open[r.Key] = append(open[r.Key], r)
	}
	return open, rows.Err()
}

func (s store) postgres() bool { return sqldb.Dialect(s.db) == "postgres" }

// insert stores new alerts and tells of them. What is the same in all of them is in the statement.
func (s store) insert(ctx context.Context, tx bun.Tx, made []*counted, now sqldb.Micros) error {
	rows, opened := make([][]any, len(made)), make([]alertRow, len(made))
	for i, c := range made {
		opened[i] = rowOf(c)
		r := &opened[i]
		rows[i] = []any{
			r.ID, r.Key, r.RuleID, r.Title, r.TitleVi, r.Level, r.LevelRank, r.Unit, r.EntityField, r.EntityValue,
			r.Count, r.FirstSeen, r.LastSeen, r.FirstArrival, r.LastArrival, r.Tags, r.SearchText, now, now,
			r.EventQuery, r.Series, r.RuleHash, r.Drill,
		}
	}
	err := s.forEach(ctx, tx, rows, `
		INSERT INTO alerts (id, group_key, rule_id, title, title_vi, level, level_rank, unit, entity_field, entity_value,
			count, first_seen, last_seen, first_arrival, last_arrival, tags, search_text, created_at, updated_at,
			event_query, series, rule_hash, drill, status, assignee, reason, note, version) `, `
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'new', '', '', '', 1)`, `
		SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, (v->>6)::integer, v->>7, v->>8, v->>9,
			(v->>10)::bigint, (v->>11)::bigint, (v->>12)::bigint, (v->>13)::bigint, (v->>14)::bigint, v->>15, v->>16,
			(v->>17)::bigint, (v->>18)::bigint, v->>19, v->>20, v->>21, v->>22, 'new', '', '', '', 1
		FROM json_array_elements(CAST(? AS json)) AS rows(v)`)
	if err != nil {
		return err
	}
	return tellOpened(ctx, tx, opened)
}

// add counts findings into alerts that exist and touches only what findings move.
func (s store) add(ctx context.Context, tx bun.Tx, moved []*counted, now sqldb.Micros) error {
	rows := make([][]any, len(moved))
	for i, c := range moved {
		rows[i] = []any{
			c.count, sqldb.MicrosOf(c.firstSeen), sqldb.MicrosOf(c.lastSeen),
			sqldb.MicrosOf(c.firstArrival), sqldb.MicrosOf(c.lastArrival), now, c.id,
		}
	}
	return s.forEach(ctx, tx, rows, "UPDATE alerts SET ", `
		count = count + ?, first_seen = min(first_seen, ?), last_seen = max(last_seen, ?),
		first_arrival = min(first_arrival, ?), last_arrival = max(last_arrival, ?), updated_at = ?
		WHERE id = ?`, `
		count = count + (v->>0)::bigint, first_seen = least(first_seen, (v->>1)::bigint), last_seen = greatest(last_seen, (v->>2)::bigint),
		first_arrival = least(first_arrival, (v->>3)::bigint), last_arrival = greatest(last_arrival, (v->>4)::bigint), updated_at = (v->>5)::bigint
		FROM json_array_elements(CAST(? AS json)) AS rows(v) WHERE id = v->>6`)
}

// setSeries puts the newest series of correlation rules into their alerts.
func (s store) setSeries(ctx context.Context, tx bun.Tx, moved []*counted) error {
	var rows [][]any
	for _, c := range moved {
		if c.series != nil {
			rows = append(rows, []any{seriesText(c.series), c.id})
		}
	}
	return s.forEach(ctx, tx, rows, "UPDATE alerts SET ", "series = ? WHERE id = ?",
		"series = v->>0 FROM json_array_elements(CAST(? AS json)) AS rows(v) WHERE id = v->>1")
}

// forEach changes one row of the table for each of rows. Findings may come by the
// ten thousand, and a statement full of literals is then mostly work for the
// database's parser. SQLite, called without a round trip, runs one prepared
// statement for each; PostgreSQL runs one for all and takes a JSON array apart.
func (s store) forEach(ctx context.Context, tx bun.Tx, rows [][]any, what, one, all string) error {
	if len(rows) == 0 {
		return nil
	}
	change, statement := prepared, what+one
	if s.postgres() {
		change, statement = atOnce, what+all
	}
	changed, err := change(ctx, tx, statement, rows)
	if err == nil && changed != int64(len(rows)) {
		err = fmt.Errorf("%d rows were to be changed, %d were", len(rows), changed)
	}
	return err
}

func atOnce(ctx context.Context, tx bun.Tx, statement string, rows [][]any) (changed int64, err error) {
	text, err := json.Marshal(rows)
	if err != nil {
		return 0, err
	}
	res, err := tx.ExecContext(ctx, statement, string(text))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func prepared(ctx context.Context, tx bun.Tx, statement string, rows [][]any) (changed int64, err error) {
	st, err := tx.Tx.PrepareContext(ctx, statement)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	for _, row := range rows {
		res, err := st.ExecContext(ctx, row...)
		if err != nil {
			return changed, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
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

func (s store) ofRules(ctx context.Context, p module.Principal, rules []string, units []event.UnitID, since sqldb.Micros, limit int) ([]Alert, error) {
	var rows []alertRow
	q := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").Where("rule_id IN (?)", bun.List(rules)).Where("last_seen >= ?", since)
	if units != nil {
		q = q.Where("unit IN (?)", bun.List(units))
	}
	if err := q.OrderExpr("last_seen DESC, id DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, err
	}
	return alertsOf(rows)
}

// update writes what people change, if the version is still the given one.
func (s store) update(ctx context.Context, tx bun.Tx, version int64, a Alert) (bool, error) {
	var closedAt sqldb.Micros
	if !a.closed.at.IsZero() {
		closedAt = sqldb.MicrosOf(a.closed.at)
	}
	return sqldb.One(putOff(tx.NewUpdate().Table("alerts"), &a).Set("closed_at = ?", closedAt).Set("closed_by = ?", a.closed.by).
		Set("status = ?", string(a.Status)).Set("reason = ?", string(a.Reason)).Set("note = ?", a.Note).
		Set("assignee = ?", a.Assignee).Set("version = ?", a.Version).Set("updated_at = ?", sqldb.MicrosOf(a.UpdatedAt)).
		Where("id = ?", a.ID).Where("version = ?", version).Exec(ctx))
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
	ByID    string       `bun:"by_id"`
	Batch   string       `bun:"batch"`
}

// author is who took a step; without an id, the centre itself.
type author struct{ id, name string }

func (s store) insertHistory(ctx context.Context, tx bun.Tx, alertID string, by author, at sqldb.Micros, steps []Step) error {
	rows := make([]historyRow, len(steps))
	for i, st := range steps {
		rows[i] = historyRow{
			ID: module.NewID(), AlertID: alertID, At: at, By: by.name, ByID: by.id, Action: st.Action, From: st.From, To: st.To, Reason: st.Reason, Note: st.Note,
		}
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

func (s store) open(ctx context.Context, p module.Principal) (byLevel map[string]int64, unseen int64, err error) {
	var rows []struct {
		Level  string `bun:"level"`
		Status string `bun:"status"`
		N      int64  `bun:"n"`
	}
	q := s.db.NewSelect().Table("alerts").ColumnExpr("level, status, count(*) AS n").Where("status <> 'closed'").GroupExpr("level, status")
	if err := scopedReal(q, p, "unit").Scan(ctx, &rows); err != nil {
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
	if err := scopedReal(q, p, "unit").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	hits := make(map[string]int64, len(rows))
	for _, r := range rows {
		hits[r.RuleID] = r.N
	}
	return hits, nil
}
