package module

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Outbox carries facts between modules.
//
// A fact is written in the transaction of the change it speaks of, so there is
// neither a change without its fact nor a fact without its change. One
// dispatcher delivers them in the order they were written. A handler that fails
// is called again, with a longer wait each time, before anything later is
// delivered: order is worth more than speed here, and a handler that can never
// succeed shows at once in the log and in the age of the oldest fact. Delivery
// is at least once; handlers know a repeat by Fact.ID.
type Outbox struct {
	db   *bun.DB
	log  *slog.Logger
	on   map[FactKind][]func(context.Context, Fact) error
	wake chan struct{}
}

const (
	factBatch      = 100
	factPoll       = 2 * time.Second // finds facts of another process on the same database
	factFirstRetry = 200 * time.Millisecond
	factLastRetry  = time.Minute
)

// NewOutbox makes the outbox over the handlers of all modules.
func NewOutbox(db *bun.DB, log *slog.Logger, modules []Module) *Outbox {
	o := &Outbox{db: db, log: log, on: map[FactKind][]func(context.Context, Fact) error{}, wake: make(chan struct{}, 1)}
	for _, m := range modules {
		for kind, handle := range m.On {
			o.on[kind] = append(o.on[kind], handle)
		}
	}
	return o
}

type factRow struct {
	bun.BaseModel `bun:"table:facts"`

	ID        string       `bun:"id,pk"`
	Kind      string       `bun:"kind"`
	Unit      string       `bun:"unit"`
	At        sqldb.Micros `bun:"at"`
	Body      string       `bun:"body"`
	Delivered sqldb.Micros `bun:"delivered"`
}

// Emit writes a fact into tx. Its ID and At are set here.
func (o *Outbox) Emit(ctx context.Context, tx bun.Tx, kind FactKind, unit event.UnitID, body []byte) error {
	row := factRow{ID: NewID(), Kind: string(kind), Unit: string(unit), At: sqldb.MicrosOf(time.Now()), Body: string(body)}
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("fact %s: %w", kind, err)
	}
	return nil
}

// Wake tells the dispatcher, after a commit, that there is something to deliver.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run delivers facts until ctx ends.
func (o *Outbox) Run(ctx context.Context) error {
	retry := factFirstRetry
	for ctx.Err() == nil {
		n, err := o.deliver(ctx)
		wait := factPoll
		switch {
		case ctx.Err() != nil:
			continue
		case err != nil:
			o.log.ErrorContext(ctx, "facts: delivery failed, will be tried again", "error", err, "wait", retry)
			wait = retry
			retry = min(2*retry, factLastRetry)
		case n > 0:
			retry = factFirstRetry
			continue
		default:
			retry = factFirstRetry
		}
		timer := time.NewTimer(wait)
		wake := o.wake
		if err != nil {
			wake = nil // a failure waits its time out
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

func (o *Outbox) deliver(ctx context.Context) (int, error) {
	var rows []factRow
	err := o.db.NewSelect().Model(&rows).Where("delivered = 0").OrderExpr("id").Limit(factBatch).Scan(ctx)
	if err != nil {
		return 0, err
	}
	for i, row := range rows {
		f := Fact{ID: row.ID, Kind: FactKind(row.Kind), At: row.At.Time(), Unit: event.UnitID(row.Unit), Body: []byte(row.Body)}
		for _, handle := range o.on[f.Kind] {
			if err := handle(ctx, f); err != nil {
				return i, fmt.Errorf("fact %s %s: %w", f.Kind, f.ID, err)
			}
		}
		row.Delivered = sqldb.MicrosOf(time.Now())
		// A shutdown between handling and marking would repeat it for nothing.
		if _, err := o.db.NewUpdate().Model(&row).Column("delivered").WherePK().Exec(context.WithoutCancel(ctx)); err != nil {
			return i, err
		}
	}
	return len(rows), nil
}
