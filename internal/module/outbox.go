package module

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

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
// is at least once; handlers know a repeat by Fact.ID. A [Taker] writes in the
// transaction that marks the facts as delivered, and so does it once. What is
// delivered is kept for a week.
type Outbox struct {
	db    *bun.DB
	log   *slog.Logger
	on    map[FactKind][]func(context.Context, Fact) error
	takes []Taker
	wake  chan struct{}
}

const (
	factBatch      = 100             // rows
	factsAtOnce    = 1000            // of a transaction; a row more may come on top
	factPoll       = 2 * time.Second // finds facts of another process on the same database
	factFirstRetry = 200 * time.Millisecond
	factLastRetry  = time.Minute
	factKept       = 7 * 24 * time.Hour // after delivery, for whoever looks into a defect
	factPruneEvery = time.Hour
	factsInRow     = 250
	manyMark       = "[]" // behind the kind of a row of several facts
)

// NewOutbox makes the outbox over the handlers of all modules.
func NewOutbox(db *bun.DB, log *slog.Logger, modules []Module) *Outbox {
	o := &Outbox{db: db, log: log, on: map[FactKind][]func(context.Context, Fact) error{}, wake: make(chan struct{}, 1)}
	for _, m := range modules {
		for kind, handle := range m.On {
			o.on[kind] = append(o.on[kind], handle)
		}
		if m.Take != nil {
			o.takes = append(o.takes, *m.Take)
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
	return Emit(ctx, tx, []Fact{{Kind: kind, Unit: unit, Body: body}})
}

// Emit writes facts into tx, in their order. Their IDs and times are set here; a
// body is JSON. Facts of one kind that follow one another share rows, for an
// attack may bring ten thousand at once. Who emits calls Outbox.Wake after the
// commit, or the facts wait up to two seconds.
func Emit(ctx context.Context, tx bun.Tx, facts []Fact) error {
	now := sqldb.MicrosOf(time.Now())
	for len(facts) > 0 {
		n := 1
		for n < len(facts) && n < factsInRow && facts[n].Kind == facts[0].Kind {
			n++
		}
		row := factRow{ID: NewID(), Kind: string(facts[0].Kind), Unit: string(facts[0].Unit), At: now, Body: string(facts[0].Body)}
		if n > 1 {
			var err error
			if row.Body, err = together(facts[:n]); err != nil {
				return fmt.Errorf("fact %s: %w", row.Kind, err)
			}
			row.Kind, row.Unit = row.Kind+manyMark, ""
		}
		if err := row.insert(ctx, tx); err != nil {
			return fmt.Errorf("fact %s: %w", facts[0].Kind, err)
		}
		facts = facts[n:]
	}
	return nil
}

func (r *factRow) insert(ctx context.Context, tx bun.Tx) error {
	if tx.Dialect().Name() == dialect.SQLite {
		// Without the body as a literal, which SQLite would have to read.
		_, err := tx.Tx.ExecContext(ctx, "INSERT INTO facts (id, kind, unit, at, body, delivered) VALUES (?, ?, ?, ?, ?, 0)",
			r.ID, r.Kind, r.Unit, int64(r.At), r.Body)
		return err
	}
	_, err := tx.NewInsert().Model(r).Exec(ctx)
	return err
}

// together writes facts as the body of one row: an array of [oneOfMany].
func together(facts []Fact) (string, error) {
	size := 2
	for _, f := range facts {
		size += len(f.Body) + len(f.Unit) + 16
	}
	text := make([]byte, 0, size)
	for i, f := range facts {
		unit, err := json.Marshal(f.Unit)
		if err != nil {
			return "", err
		}
		text = append(text, "[,"[min(i, 1)])
		text = append(append(text, `{"u":`...), unit...)
		text = append(append(append(text, `,"b":`...), f.Body...), '}')
	}
	return string(append(text, ']')), nil
}

// oneOfMany is a fact that shares a row.
type oneOfMany struct {
	Unit event.UnitID    `json:"u"`
	Body json.RawMessage `json:"b"`
}

// facts takes the row apart.
func (r *factRow) facts() ([]Fact, error) {
	kind, many := strings.CutSuffix(r.Kind, manyMark)
	if !many {
		return []Fact{{ID: r.ID, Kind: FactKind(kind), At: r.At.Time(), Unit: event.UnitID(r.Unit), Body: []byte(r.Body)}}, nil
	}
	var parts []oneOfMany
	if err := json.Unmarshal([]byte(r.Body), &parts); err != nil {
		return nil, fmt.Errorf("fact %s %s: %w", r.Kind, r.ID, err)
	}
	out := make([]Fact, len(parts))
	for i, p := range parts {
		out[i] = Fact{ID: r.ID + "." + strconv.Itoa(i), Kind: FactKind(kind), At: r.At.Time(), Unit: p.Unit, Body: p.Body}
	}
	return out, nil
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
	var pruned time.Time
	for ctx.Err() == nil {
		if time.Since(pruned) > factPruneEvery {
			if err := o.prune(ctx); err != nil && ctx.Err() == nil {
				o.log.WarnContext(ctx, "facts: old ones cannot be forgotten", "error", err)
			}
			pruned = time.Now()
		}
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
	done := 0
	var facts []Fact
	for _, row := range rows {
		if len(facts) >= factsAtOnce {
			break
		}
		var more []Fact
		if more, err = o.handle(ctx, &row); err != nil {
			break
		}
		facts = append(facts, more...)
		done++
	}
	if done == 0 {
		return 0, err
	}
	ids := make([]string, done)
	for i := range ids {
		ids[i] = rows[i].ID
	}
	var after []func()
	// A shutdown between handling and marking would repeat them for nothing.
	marked := o.db.RunInTx(context.WithoutCancel(ctx), nil, func(ctx context.Context, tx bun.Tx) error {
		for _, t := range o.takes {
			mine := t.of(facts)
			if len(mine) == 0 {
				continue
			}
			then, err := t.Take(ctx, tx, mine)
			if err != nil {
				return fmt.Errorf("facts %s to %s: %w", mine[0].ID, mine[len(mine)-1].ID, err)
			}
			if then != nil {
				after = append(after, then)
			}
		}
		_, err := tx.NewUpdate().Table("facts").Set("delivered = ?", sqldb.MicrosOf(time.Now())).
			Where("id IN (?)", bun.List(ids)).Exec(ctx)
		return err
	})
	if marked == nil {
		for _, then := range after {
			then()
		}
	}
	return done, errors.Join(err, marked)
}

// of returns those of facts that t takes.
func (t *Taker) of(facts []Fact) []Fact {
	var mine []Fact
	for _, f := range facts {
		if slices.Contains(t.Kinds, f.Kind) {
			mine = append(mine, f)
		}
	}
	return mine
}

// handle tells the handlers of a row's facts and returns those that are also
// taken.
func (o *Outbox) handle(ctx context.Context, row *factRow) (taken []Fact, err error) {
	kind := FactKind(strings.TrimSuffix(row.Kind, manyMark))
	on := o.on[kind]
	isTaken := slices.ContainsFunc(o.takes, func(t Taker) bool { return slices.Contains(t.Kinds, kind) })
	if len(on) == 0 && !isTaken {
		return nil, nil
	}
	facts, err := row.facts()
	if err != nil {
		return nil, err
	}
	for _, f := range facts {
		for _, handle := range on {
			if err := handle(ctx, f); err != nil {
				return nil, fmt.Errorf("fact %s %s: %w", f.Kind, f.ID, err)
			}
		}
	}
	if !isTaken {
		return nil, nil
	}
	return facts, nil
}

// prune forgets facts that were delivered long ago.
func (o *Outbox) prune(ctx context.Context) error {
	_, err := o.db.NewDelete().Table("facts").Where("delivered > 0").
		Where("delivered < ?", sqldb.MicrosOf(time.Now().Add(-factKept))).Exec(ctx)
	return err
}
