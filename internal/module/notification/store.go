package notification

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

type settingRow struct {
	bun.BaseModel `bun:"table:notification_settings"`

	ID        string       `bun:"id,pk"`
	Sort      string       `bun:"sort"`
	Unit      string       `bun:"unit"`
	Name      string       `bun:"name"`
	Enabled   bool         `bun:"enabled"`
	Body      string       `bun:"body"` // JSON of Channel, Rule or Plan
	Sealed    string       `bun:"sealed"`
	Version   int64        `bun:"version"`
	CreatedAt sqldb.Micros `bun:"created_at"`
	UpdatedAt sqldb.Micros `bun:"updated_at"`
}

func (r *settingRow) setting() Setting {
	return Setting{ID: r.ID, Unit: event.UnitID(r.Unit), Name: r.Name, Enabled: r.Enabled, Version: r.Version, UpdatedAt: r.UpdatedAt.Time()}
}

// settings reads all of them.
func (s store) settings(ctx context.Context) (*settings, error) {
	var rows []settingRow
	if err := s.db.NewSelect().Model(&rows).OrderExpr("name, id").Scan(ctx); err != nil {
		return nil, err
	}
	all := &settings{channels: map[string]*Channel{}, plans: map[string]*Plan{}}
	for i := range rows {
		r := &rows[i]
		var err error
		switch Sort(r.Sort) {
		case SortChannel:
			c := &Channel{Setting: r.setting(), Sealed: r.Sealed}
			err = json.Unmarshal([]byte(r.Body), c)
			all.channels[r.ID] = c
		case SortRule:
			x := &Rule{Setting: r.setting()}
			err = json.Unmarshal([]byte(r.Body), x)
			all.rules = append(all.rules, x)
		case SortPlan:
			p := &Plan{Setting: r.setting()}
			err = json.Unmarshal([]byte(r.Body), p)
			all.plans[r.ID] = p
		}
		if err != nil {
			return nil, fmt.Errorf("notification setting %s: %w", r.ID, err)
		}
	}
	return all, nil
}

func (s store) insertSetting(ctx context.Context, tx bun.Tx, r *settingRow) error {
	_, err := tx.NewInsert().Model(r).Exec(ctx)
	return err
}

// updateSetting stores r over the version before it; false: changed meanwhile.
func (s store) updateSetting(ctx context.Context, tx bun.Tx, r *settingRow) (bool, error) {
	return sqldb.One(tx.NewUpdate().Model(r).ExcludeColumn("id", "sort", "unit", "created_at").
		Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

func (s store) removeSetting(ctx context.Context, tx bun.Tx, id string, version int64) (bool, error) {
	return sqldb.One(tx.NewDelete().Model((*settingRow)(nil)).Where("id = ?", id).Where("version = ?", version).Exec(ctx))
}

func (s store) countSettings(ctx context.Context, tx bun.Tx, sort Sort) (int64, error) {
	return tx.NewSelect().Model((*settingRow)(nil)).Where("sort = ?", string(sort)).Count(ctx)
}

type preferenceRow struct {
	bun.BaseModel `bun:"table:notification_preferences"`

	UserID    string       `bun:"user_id,pk"`
	Body      string       `bun:"body"`
	Version   int64        `bun:"version"`
	UpdatedAt sqldb.Micros `bun:"updated_at"`
}

func (r *preferenceRow) preferences() (Preferences, error) {
	p := defaultPreferences()
	err := json.Unmarshal([]byte(r.Body), &p)
	p.Version = r.Version
	return p, err
}

func (s store) allPreferences(ctx context.Context) (map[string]Preferences, error) {
	var rows []preferenceRow
	if err := s.db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, err
	}
	out := make(map[string]Preferences, len(rows))
	for i := range rows {
		p, err := rows[i].preferences()
		if err != nil {
			return nil, fmt.Errorf("preferences of %s: %w", rows[i].UserID, err)
		}
		out[rows[i].UserID] = p
	}
	return out, nil
}

func (s store) preferences(ctx context.Context, user string) (Preferences, error) {
	var r preferenceRow
	err := s.db.NewSelect().Model(&r).Where("user_id = ?", user).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return defaultPreferences(), nil
	}
	if err != nil {
		return Preferences{}, err
	}
	return r.preferences()
}

func (s store) setPreferences(ctx context.Context, tx bun.Tx, user string, p *Preferences, now time.Time) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	r := preferenceRow{UserID: user, Body: string(body), Version: p.Version, UpdatedAt: sqldb.MicrosOf(now)}
	_, err = tx.NewInsert().Model(&r).On("CONFLICT (user_id) DO UPDATE").
		Set("body = EXCLUDED.body").Set("version = EXCLUDED.version").Set("updated_at = EXCLUDED.updated_at").Exec(ctx)
	return err
}

type bucketRow struct {
	bun.BaseModel `bun:"table:notification_buckets"`

	ID      string       `bun:"id,pk"`
	Channel string       `bun:"channel"`
	Person  string       `bun:"person"`
	Address string       `bun:"address"`
	Unit    string       `bun:"unit"`
	Pile    string       `bun:"pile"`
	FirstAt sqldb.Micros `bun:"first_at"`
	DueAt   sqldb.Micros `bun:"due_at"`
}

func (r *bucketRow) bucket() (bucket, error) {
	b := bucket{Channel: r.Channel, Person: r.Person, Address: r.Address, Unit: event.UnitID(r.Unit), FirstAt: r.FirstAt.Time(), DueAt: r.DueAt.Time()}
	return b, json.Unmarshal([]byte(r.Pile), &b.Pile)
}

func rowOfBucket(b *bucket) (bucketRow, error) {
	text, err := json.Marshal(b.Pile)
	return bucketRow{ID: b.id(), Channel: b.Channel, Person: b.Person, Address: b.Address, Unit: string(b.Unit), Pile: string(text),
		FirstAt: sqldb.MicrosOf(b.FirstAt), DueAt: sqldb.MicrosOf(b.DueAt)}, err
}

// forUpdate keeps a row still until the transaction ends; on SQLite the
// transaction has the whole database.
func forUpdate(q *bun.SelectQuery, db *bun.DB) *bun.SelectQuery {
	if sqldb.Dialect(db) == "postgres" {
		return q.For("UPDATE")
	}
	return q
}

// fill adds b to what waits under its id, after due set its time.
func (s store) fill(ctx context.Context, tx bun.Tx, b *bucket, due func(*bucket)) error {
	last, err := lastSent(ctx, tx, b.id())
	if err != nil {
		return err
	}
	// Another process may make or take the row in between: then there is, or is
	// not, something to add to the next time round.
	for range 3 {
		var rows []bucketRow
		if err := forUpdate(tx.NewSelect().Model(&rows).Where("id = ?", b.id()), s.db).Scan(ctx); err != nil {
			return err
		}
		whole := *b
		if len(rows) == 1 {
			if whole, err = rows[0].bucket(); err != nil {
				return fmt.Errorf("waiting notifications %s: %w", b.id(), err)
			}
			whole.Pile.merge(&b.Pile)
		}
		whole.LastSent = last
		due(&whole)
		row, err := rowOfBucket(&whole)
		if err != nil {
			return err
		}
		if len(rows) == 1 {
			_, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
			return err
		}
		if made, err := sqldb.One(tx.NewInsert().Model(&row).On("CONFLICT (id) DO NOTHING").Exec(ctx)); err != nil || made {
			return err
		}
	}
	return fmt.Errorf("waiting notifications %s: changed by another process all the time", b.id())
}

// retime sets anew when what waits for a person is due.
func (s store) retime(ctx context.Context, tx bun.Tx, person string, again func(*bucket)) error {
	var rows []bucketRow
	if err := forUpdate(tx.NewSelect().Model(&rows).Where("person = ?", person).OrderExpr("id"), s.db).Scan(ctx); err != nil {
		return err
	}
	for i := range rows {
		b, err := rows[i].bucket()
		if err != nil {
			return fmt.Errorf("waiting notifications %s: %w", rows[i].ID, err)
		}
		if b.LastSent, err = lastSent(ctx, tx, b.id()); err != nil {
			return err
		}
		again(&b)
		if _, err := tx.NewUpdate().Table("notification_buckets").Set("due_at = ?", sqldb.MicrosOf(b.DueAt)).Where("id = ?", rows[i].ID).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// lastSent is when the newest message of a bucket was made, zero for none.
func lastSent(ctx context.Context, tx bun.Tx, id string) (time.Time, error) {
	var last sqldb.Micros
	err := tx.NewRaw("SELECT COALESCE(MAX(created_at), 0) FROM notification_deliveries WHERE bucket = ?", id).Scan(ctx, &last)
	return last.Time(), err
}

func (s store) dueBuckets(ctx context.Context, now time.Time, limit int64) ([]string, error) {
	var ids []string
	err := s.db.NewSelect().Table("notification_buckets").Column("id").Where("due_at <= ?", sqldb.MicrosOf(now)).OrderExpr("due_at").Limit(limit).Scan(ctx, &ids)
	return ids, err
}

// takeBuckets removes those that are still due and returns them.
func (s store) takeBuckets(ctx context.Context, tx bun.Tx, ids []string, now time.Time) ([]bucket, error) {
	var rows []bucketRow
	q := tx.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Where("due_at <= ?", sqldb.MicrosOf(now)).OrderExpr("due_at")
	if err := forUpdate(q, s.db).Scan(ctx); err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([]bucket, len(rows))
	taken := make([]string, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].bucket(); err != nil {
			return nil, fmt.Errorf("waiting notifications %s: %w", rows[i].ID, err)
		}
		taken[i] = rows[i].ID
	}
	_, err := tx.NewDelete().Model((*bucketRow)(nil)).Where("id IN (?)", bun.List(taken)).Exec(ctx)
	return out, err
}

type escalationRow struct {
	bun.BaseModel `bun:"table:notification_escalations"`

	ID        string       `bun:"id,pk"`
	Plan      string       `bun:"plan"`
	Alert     string       `bun:"alert"`
	Unit      string       `bun:"unit"`
	Item      string       `bun:"item"`
	Assignee  string       `bun:"assignee"`
	Step      int64        `bun:"step"`
	DueAt     sqldb.Micros `bun:"due_at"`
	State     string       `bun:"state"` // running, acknowledged, finished
	StartedAt sqldb.Micros `bun:"started_at"`
	EndedAt   sqldb.Micros `bun:"ended_at"`
}

func (s store) startEscalations(ctx context.Context, tx bun.Tx, list []escalation) error {
	if len(list) == 0 {
		return nil
	}
	rows := make([]escalationRow, len(list))
	for i := range list {
		e := &list[i]
		item, err := json.Marshal(e.Notice.Item)
		if err != nil {
			return err
		}
		rows[i] = escalationRow{ID: e.ID, Plan: e.Plan, Alert: e.Alert, Unit: string(e.Notice.Unit), Item: string(item), Assignee: e.Assignee,
			DueAt: sqldb.MicrosOf(e.DueAt), State: "running", StartedAt: sqldb.MicrosOf(e.Started)}
	}
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT (id) DO NOTHING").Exec(ctx)
	return err
}

func (s store) dueEscalations(ctx context.Context, now time.Time, limit int64) ([]escalation, error) {
	var rows []escalationRow
	err := s.db.NewSelect().Model(&rows).Where("state = 'running'").Where("due_at <= ?", sqldb.MicrosOf(now)).OrderExpr("due_at").Limit(limit).Scan(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]escalation, len(rows))
	for i, r := range rows {
		out[i] = escalation{ID: r.ID, Plan: r.Plan, Alert: r.Alert, Step: int(r.Step), DueAt: r.DueAt.Time(), Started: r.StartedAt.Time(), Assignee: r.Assignee}
		if err := json.Unmarshal([]byte(r.Item), &out[i].Notice.Item); err != nil {
			return nil, fmt.Errorf("escalation %s: %w", r.ID, err)
		}
		out[i].Notice.alert = r.Alert
	}
	return out, nil
}

// stepOn moves an escalation to its next step, or ends it; false: it ended, or
// somebody else moved it, meanwhile.
func (s store) stepOn(ctx context.Context, tx bun.Tx, e *escalation, due time.Time, end bool, now time.Time) (bool, error) {
	q := tx.NewUpdate().Table("notification_escalations").Set("step = step + 1").Set("due_at = ?", sqldb.MicrosOf(due))
	if end {
		q = q.Set("state = 'finished'").Set("ended_at = ?", sqldb.MicrosOf(now))
	}
	return sqldb.One(q.Where("id = ?", e.ID).Where("state = 'running'").Where("step = ?", e.Step).Exec(ctx))
}

func (s store) endEscalations(ctx context.Context, tx bun.Tx, alerts []string, now time.Time) error {
	if len(alerts) == 0 {
		return nil
	}
	_, err := tx.NewUpdate().Table("notification_escalations").Set("state = 'acknowledged'").Set("ended_at = ?", sqldb.MicrosOf(now)).
		Where("alert IN (?)", bun.List(alerts)).Where("state = 'running'").Exec(ctx)
	return err
}

func (s store) setAssignee(ctx context.Context, tx bun.Tx, alert, user string) error {
	_, err := tx.NewUpdate().Table("notification_escalations").Set("assignee = ?", user).
		Where("alert = ?", alert).Where("state = 'running'").Exec(ctx)
	return err
}

// running counts the escalations under way that p sees.
func (s store) running(ctx context.Context, p module.Principal) (int64, error) {
	return module.Scoped(s.db.NewSelect().Table("notification_escalations").Where("state = 'running'"), p, "unit").Count(ctx)
}

// prune forgets what is older than before.
func (s store) prune(ctx context.Context, before time.Time) error {
	at := sqldb.MicrosOf(before)
	_, err := s.db.NewDelete().Table("notification_deliveries").Where("created_at < ?", at).Where("state <> 'waiting'").Exec(ctx)
	if err != nil {
		return err
	}
	if _, err := s.db.NewDelete().Table("notification_inbox").Where("at < ?", at).Exec(ctx); err != nil {
		return err
	}
	_, err = s.db.NewDelete().Table("notification_escalations").Where("state <> 'running'").Where("ended_at < ?", at).Exec(ctx)
	return err
}
