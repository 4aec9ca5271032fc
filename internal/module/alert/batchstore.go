package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// latest is the state of the alerts as of now, up to the newest that p sees: that
// there are others is nothing to tell.
func (s store) latest(ctx context.Context, p module.Principal, now time.Time) (AsOf, error) {
	var id string
	var err error
	if reach := p.Reach(); len(reach) == 0 {
		err = module.Scoped(s.db.NewSelect().Table("alerts"), p, "unit").ColumnExpr("COALESCE(max(id), '')").Scan(ctx, &id)
	} else {
		// Asked for each unit an index leads to its newest; asked for all at once
		// every alert of theirs is read.
		units := make([]any, len(reach))
		for i := range reach {
			units[i] = reach[i]
		}
		err = s.db.NewRaw(`SELECT COALESCE(max((SELECT id FROM alerts WHERE unit = u.column1 ORDER BY created_at DESC, id DESC LIMIT 1)), '')
			FROM (VALUES `+strings.TrimSuffix(strings.Repeat("(?),", len(units)), ",")+`) AS u`, units...).Scan(ctx, &id)
	}
	return AsOf{id, now.UTC().Truncate(time.Microsecond)}, err
}

// selected returns the ids of what a filter finds, in order; one more than a batch
// takes where there are more.
func (s store) selected(ctx context.Context, f Filter) ([]string, error) {
	var ids []string
	err := f.levels(f.statuses(f.base(s.db.NewSelect().Table("alerts")))).Column("id").OrderExpr("id").Limit(MaxBatch+1).Scan(ctx, &ids)
	return ids, err
}

// locked reads alerts that are to be changed in tx; nobody else changes them before
// it ends. SQLite has one writer anyway.
func (s store) locked(ctx context.Context, tx bun.Tx, ids []string) (map[string]Alert, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []alertRow
	q := tx.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).OrderExpr("id")
	if s.postgres() {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	list, err := alertsOf(rows)
	if err != nil {
		return nil, err
	}
	found := make(map[string]Alert, len(list))
	for _, a := range list {
		found[a.ID] = a
	}
	return found, nil
}

// touchedSince tells which alerts somebody else changed since then.
func (s store) touchedSince(ctx context.Context, tx bun.Tx, ids []string, asOf AsOf, me string) (map[string]bool, error) {
	if asOf.zero() || len(ids) == 0 {
		return nil, nil
	}
	var rows []string
	err := tx.NewSelect().Table("alert_history").ColumnExpr("DISTINCT alert_id").Where("alert_id IN (?)", bun.List(ids)).
		Where("at > ?", sqldb.MicrosOf(asOf.at)).Where("by_id <> ?", me).Where("by_name <> ?", systemName).Scan(ctx, &rows)
	touched := make(map[string]bool, len(rows))
	for _, id := range rows {
		touched[id] = true
	}
	return touched, err
}

// updateMany writes what people change of many alerts; each must be at the version
// before.
func (s store) updateMany(ctx context.Context, tx bun.Tx, alerts []Alert) error {
	micros := func(t time.Time) sqldb.Micros {
		if t.IsZero() {
			return 0
		}
		return sqldb.MicrosOf(t)
	}
	rows := make([][]any, len(alerts))
	for i := range alerts {
		a := &alerts[i]
		rows[i] = []any{
			string(a.Status), string(a.Reason), a.Note, a.Assignee, micros(a.PostponedUntil), a.PostponedNote, micros(a.closed.at), a.closed.by,
			a.Version, sqldb.MicrosOf(a.UpdatedAt), a.ID, a.Version - 1,
		}
	}
	return s.forEach(ctx, tx, rows, "UPDATE alerts SET ", `
		status = ?, reason = ?, note = ?, assignee = ?, postponed_until = ?, postponed_note = ?, closed_at = ?, closed_by = ?, version = ?, updated_at = ?
		WHERE id = ? AND version = ?`, `
		status = v->>0, reason = v->>1, note = v->>2, assignee = v->>3, postponed_until = (v->>4)::bigint, postponed_note = v->>5,
		closed_at = (v->>6)::bigint, closed_by = v->>7, version = (v->>8)::bigint, updated_at = (v->>9)::bigint
		FROM json_array_elements(CAST(? AS json)) AS rows(v) WHERE id = v->>10 AND version = (v->>11)::bigint`)
}

// addSteps writes history of many alerts.
func (s store) addSteps(ctx context.Context, tx bun.Tx, batch string, by author, at time.Time, alerts []Alert, steps [][]Step) error {
	var rows [][]any
	for i := range alerts {
		for _, st := range steps[i] {
			rows = append(rows, []any{module.NewID(), alerts[i].ID, sqldb.MicrosOf(at), by.name, by.id, batch, st.Action, st.From, st.To, st.Reason, st.Note})
		}
	}
	return s.forEach(ctx, tx, rows, "INSERT INTO alert_history (id, alert_id, at, by_name, by_id, batch, action, from_value, to_value, reason, note) ",
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"SELECT v->>0, v->>1, (v->>2)::bigint, v->>3, v->>4, v->>5, v->>6, v->>7, v->>8, v->>9, v->>10 FROM json_array_elements(CAST(? AS json)) AS rows(v)")
}

func (s store) addItems(ctx context.Context, tx bun.Tx, rows [][]any) error {
	return s.forEach(ctx, tx, rows, "INSERT INTO alert_batch_items (batch_id, alert_id, version, was) ", "VALUES (?, ?, ?, ?)",
		"SELECT v->>0, v->>1, (v->>2)::bigint, v->>3 FROM json_array_elements(CAST(? AS json)) AS rows(v)")
}

type itemRow struct {
	AlertID string `bun:"alert_id"`
	Version int64  `bun:"version"`
	Was     string `bun:"was"`
}

// takeItems takes some of what a batch kept; the batch is locked.
func (s store) takeItems(ctx context.Context, tx bun.Tx, batch string, n int) (items []itemRow, err error) {
	err = tx.NewRaw(`DELETE FROM alert_batch_items WHERE batch_id = ? AND alert_id IN (
		SELECT alert_id FROM alert_batch_items WHERE batch_id = ? ORDER BY alert_id LIMIT ?) RETURNING alert_id, version, was`, batch, batch, n).Scan(ctx, &items)
	return items, err
}

func (s store) addBatch(ctx context.Context, tx bun.Tx, b *Batch) error {
	row, err := batchRowOf(b)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&row).Exec(ctx)
	return err
}

func (s store) setBatch(ctx context.Context, tx bun.Tx, b *Batch) error {
	row, err := batchRowOf(b)
	if err != nil {
		return err
	}
	_, err = tx.NewUpdate().Model(&row).Column("changed", "remaining", "skipped", "restored", "undone_at", "undone_by").WherePK().Exec(ctx)
	return err
}

// pruneBatches forgets what can no longer be undone, and batches of long ago; the
// trail and the history of alerts keep them.
func (s store) pruneBatches(ctx context.Context, tx bun.Tx, now time.Time) error {
	old := tx.NewSelect().Table("alert_batches").Column("id").Where("at < ?", sqldb.MicrosOf(now.Add(-itemsKept)))
	if _, err := tx.NewDelete().Table("alert_batch_items").Where("batch_id IN (?)", old).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewDelete().Table("alert_batches").Where("at < ?", sqldb.MicrosOf(now.Add(-batchesKept))).Exec(ctx)
	return err
}

func (s store) batches(ctx context.Context, by string, since time.Time) ([]Batch, error) {
	var rows []batchRow
	err := s.db.NewSelect().Model(&rows).Where("by_id = ?", by).Where("at >= ?", sqldb.MicrosOf(since)).OrderExpr("id DESC").Limit(batchesShown).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return batchesOf(rows)
}

// batch reads one. In a transaction nobody else changes it until the end: of two who
// undo it at once, the second sees what the first did.
func (s store) batch(ctx context.Context, db bun.IDB, id string) (Batch, bool, error) {
	var rows []batchRow
	q := db.NewSelect().Model(&rows).Where("id = ?", id)
	if _, inTx := db.(bun.Tx); inTx && s.postgres() {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil || len(rows) == 0 {
		return Batch{}, false, err
	}
	list, err := batchesOf(rows)
	if err != nil {
		return Batch{}, false, err
	}
	return list[0], true, nil
}

func batchesOf(rows []batchRow) ([]Batch, error) {
	out := make([]Batch, len(rows))
	for i, r := range rows {
		out[i] = Batch{
			ID: r.ID, Unit: event.UnitID(r.Unit), By: author{r.ByID, r.ByName}, Action: r.Action, At: r.At.Time(), Matched: int(r.Matched), Changed: int(r.Changed),
			Left: int(r.Left), Restored: int(r.Restored), UndoneBy: r.UndoneBy,
		}
		if r.UndoneAt != 0 {
			out[i].UndoneAt = r.UndoneAt.Time()
		}
		if err := json.Unmarshal([]byte(r.Skipped), &out[i].Skipped); err != nil {
			return nil, fmt.Errorf("batch %s: skipped: %w", r.ID, err)
		}
	}
	return out, nil
}
