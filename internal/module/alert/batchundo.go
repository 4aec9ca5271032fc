package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Batches lists what the principal changed as a whole in the last day, the newest
// first. Errors: Denied.
func (s *Service) Batches(ctx context.Context) ([]Batch, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return nil, err
	}
	return s.store.batches(ctx, p.ID, s.now().Add(-itemsKept))
}

// Batch returns one. Errors: Denied, NotFound.
func (s *Service) Batch(ctx context.Context, id string) (Batch, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return Batch{}, err
	}
	return s.batch(ctx, s.store.db, p, id)
}

// batch answers for whoever works where it was done: each of them might change the
// alerts back one by one.
func (s *Service) batch(ctx context.Context, db bun.IDB, p module.Principal, id string) (Batch, error) {
	b, ok, err := s.store.batch(ctx, db, id)
	if err != nil {
		return Batch{}, err
	}
	missing := fault.New(fault.NotFound, "no such change of alerts").WithCode("alert.batch-unknown")
	switch {
	case !ok:
		return Batch{}, missing
	case !p.Sees(b.Unit):
		return Batch{}, module.Outside(missing)
	}
	return b, nil
}

// UndoBatch puts back what a batch changed, where nobody touched the alert since. If
// time runs out it may be called again for the rest. Errors: Denied, NotFound,
// Conflict alert.undone and alert.undo-over.
func (s *Service) UndoBatch(ctx context.Context, id string) (Batch, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return Batch{}, err
	}
	var told []Recorded
	defer func() { s.Committed(told) }()
	began := time.Now()
	for {
		b, done, changed, err := s.undoPiece(ctx, p, id)
		if err != nil {
			return Batch{}, err
		}
		told = append(told, changed...)
		if done || time.Since(began) >= batchTime {
			return b, nil
		}
	}
}

// undoPiece puts some alerts back in one transaction, and tells whether they were
// the last.
func (s *Service) undoPiece(ctx context.Context, p module.Principal, id string) (b Batch, done bool, told []Recorded, err error) {
	err = sqldb.Retry(ctx, s.store.db, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if b, err = s.batch(ctx, tx, p, id); err != nil {
			return err
		}
		if err := b.undo(s.now()); err != nil {
			return err
		}
		items, err := s.store.takeItems(ctx, tx, id, batchPiece)
		if err != nil {
			return err
		}
		ids := make([]string, len(items))
		for i := range items {
			ids[i] = items[i].AlertID
		}
		found, err := s.store.locked(ctx, tx, ids)
		if err != nil {
			return err
		}
		w := &batchWrite{Service: s, batch: id, by: author{p.ID, p.DisplayName}, now: s.now().UTC().Truncate(time.Microsecond)}
		for _, it := range items {
			a, ok := found[it.AlertID]
			if !ok || a.Version != it.Version || !p.Can(module.ActionAlertTriage, a.Unit) {
				continue
			}
			var was before
			if err := json.Unmarshal([]byte(it.Was), &was); err != nil {
				return fmt.Errorf("batch %s, alert %s: %w", id, it.AlertID, err)
			}
			w.add(a, was.restore(a))
		}
		if err := w.write(ctx, tx, "alert.batch-undo", map[string]string{"action": b.Action}); err != nil {
			return err
		}
		b.Restored += len(w.alerts)
		told = w.recorded()
		if done = len(items) < batchPiece; done {
			b.UndoneAt, b.UndoneBy = w.now, p.DisplayName
		}
		return s.store.setBatch(ctx, tx, &b)
	})
	return b, done, told, err
}

type batchRow struct {
	bun.BaseModel `bun:"table:alert_batches"`

	ID       string       `bun:"id,pk"`
	Unit     string       `bun:"unit"`
	ByID     string       `bun:"by_id"`
	ByName   string       `bun:"by_name"`
	Action   string       `bun:"action"`
	At       sqldb.Micros `bun:"at"`
	Matched  int64        `bun:"matched"`
	Changed  int64        `bun:"changed"`
	Left     int64        `bun:"remaining"`
	Skipped  string       `bun:"skipped"`
	Restored int64        `bun:"restored"`
	UndoneAt sqldb.Micros `bun:"undone_at"`
	UndoneBy string       `bun:"undone_by"`
}

func batchRowOf(b *Batch) (batchRow, error) {
	skipped, err := json.Marshal(b.Skipped)
	row := batchRow{
		ID: b.ID, Unit: string(b.Unit), ByID: b.By.id, ByName: b.By.name, Action: b.Action, At: sqldb.MicrosOf(b.At), Matched: int64(b.Matched),
		Changed: int64(b.Changed), Left: int64(b.Left), Skipped: string(skipped), Restored: int64(b.Restored), UndoneBy: b.UndoneBy,
	}
	if !b.UndoneAt.IsZero() {
		row.UndoneAt = sqldb.MicrosOf(b.UndoneAt)
	}
	return row, err
}
