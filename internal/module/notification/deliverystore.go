package notification

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type deliveryRow struct {
	bun.BaseModel `bun:"table:notification_deliveries"`

	ID        string       `bun:"id,pk"`
	Bucket    string       `bun:"bucket"`
	Channel   string       `bun:"channel"`
	Person    string       `bun:"person"`
	Address   string       `bun:"address"`
	Unit      string       `bun:"unit"`
	Kind      string       `bun:"kind"`
	Level     string       `bun:"level"`
	Subject   string       `bun:"subject"`
	Message   string       `bun:"message"`
	Total     int64        `bun:"total"`
	State     string       `bun:"state"`
	Attempts  int64        `bun:"attempts"`
	NextAt    sqldb.Micros `bun:"next_at"`
	Claimed   sqldb.Micros `bun:"claimed_until"`
	Code      string       `bun:"code"`
	Reason    string       `bun:"reason"`
	CreatedAt sqldb.Micros `bun:"created_at"`
	SentAt    sqldb.Micros `bun:"sent_at"`
}

func (r *deliveryRow) delivery() (delivery, error) {
	d := delivery{
		ID: r.ID, Bucket: r.Bucket, Channel: r.Channel, Person: r.Person, Address: r.Address, Unit: event.UnitID(r.Unit), Kind: r.Kind, Level: r.Level,
		Subject: r.Subject, Total: int(r.Total), State: r.State, Attempts: int(r.Attempts), NextAt: r.NextAt.Time(), Code: r.Code, Reason: r.Reason,
		CreatedAt: r.CreatedAt.Time(), SentAt: r.SentAt.Time(),
	}
	if err := json.Unmarshal([]byte(r.Message), &d.Message); err != nil {
		return d, fmt.Errorf("notification %s: %w", r.ID, err)
	}
	return d, nil
}

func (s store) insertDelivery(ctx context.Context, tx bun.Tx, d *delivery) error {
	r := deliveryRow{
		ID: d.ID, Bucket: d.Bucket, Channel: d.Channel, Person: d.Person, Address: d.Address, Unit: string(d.Unit), Kind: d.Kind, Level: d.Level,
		Subject: d.Subject, Message: encode(d.Message), Total: int64(d.Total), State: d.State, NextAt: sqldb.MicrosOf(d.NextAt), CreatedAt: sqldb.MicrosOf(d.CreatedAt),
		Code: d.Code, Reason: d.Reason,
	}
	_, err := tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

func (s store) dueDeliveries(ctx context.Context, now time.Time, limit int64) ([]delivery, error) {
	var rows []deliveryRow
	at := sqldb.MicrosOf(now)
	err := s.db.NewSelect().Model(&rows).Where("state = 'waiting'").Where("next_at <= ?", at).Where("claimed_until < ?", at).
		OrderExpr("next_at, id").Limit(limit).Scan(ctx)
	return deliveries(rows, err)
}

func deliveries(rows []deliveryRow, err error) ([]delivery, error) {
	out := make([]delivery, len(rows))
	for i := range rows {
		if err == nil {
			out[i], err = rows[i].delivery()
		}
	}
	return out, err
}

// claim takes a delivery for one attempt; false: somebody else has it.
func (s store) claim(ctx context.Context, id string, now, until time.Time) (bool, error) {
	return sqldb.One(s.db.NewUpdate().Table("notification_deliveries").Set("claimed_until = ?", sqldb.MicrosOf(until)).
		Where("id = ?", id).Where("state = 'waiting'").Where("claimed_until < ?", sqldb.MicrosOf(now)).Exec(ctx))
}

func (s store) postpone(ctx context.Context, id string, to time.Time) error {
	_, err := s.db.NewUpdate().Table("notification_deliveries").Set("claimed_until = 0").Set("next_at = ?", sqldb.MicrosOf(to)).
		Where("id = ?", id).Where("state = 'waiting'").Exec(ctx)
	return err
}

// record writes down what an attempt came to.
func (s store) record(ctx context.Context, d *delivery) error {
	_, err := s.db.NewUpdate().Table("notification_deliveries").
		Set("state = ?", d.State).Set("attempts = ?", d.Attempts).Set("next_at = ?", sqldb.MicrosOf(d.NextAt)).Set("claimed_until = 0").
		Set("code = ?", d.Code).Set("reason = ?", module.Text(d.Reason, 1000)).Set("sent_at = ?", sqldb.MicrosOf(d.SentAt)).
		Where("id = ?", d.ID).Where("state = 'waiting'").Exec(ctx)
	return err
}

// again makes a delivery that ended wait once more.
func (s store) again(ctx context.Context, tx bun.Tx, id string, now time.Time) (bool, error) {
	return sqldb.One(tx.NewUpdate().Table("notification_deliveries").Set("state = 'waiting'").Set("attempts = 0").Set("claimed_until = 0").
		Set("next_at = ?", sqldb.MicrosOf(now)).Set("code = ''").Set("reason = ''").
		Where("id = ?", id).Where("state <> 'withheld'").Where("(state <> 'waiting' OR attempts > 0)").Exec(ctx))
}

// DeliveryFilter selects deliveries; the zero value all.
type DeliveryFilter struct {
	State, Channel, Kind string
	Before               string // id
	Limit                int64
}

func (s store) list(ctx context.Context, p module.Principal, f DeliveryFilter) ([]delivery, error) {
	var rows []deliveryRow
	q := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").OrderExpr("id DESC").Limit(f.Limit)
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Channel != "" {
		q = q.Where("channel = ?", f.Channel)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.Before != "" {
		q = q.Where("id < ?", f.Before)
	}
	return deliveries(rows, q.Scan(ctx))
}

// deliveryOf returns one that p sees.
func (s store) deliveryOf(ctx context.Context, db bun.IDB, p module.Principal, id string) (delivery, bool, error) {
	var rows []deliveryRow
	err := module.Scoped(db.NewSelect().Model(&rows).Where("id = ?", id), p, "unit").Scan(ctx)
	found, err := deliveries(rows, err)
	if err != nil || len(found) == 0 {
		return delivery{}, false, err
	}
	return found[0], true, nil
}
