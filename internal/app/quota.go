package app

import (
	"context"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/alert"
)

const (
	quotaEvery = 10 * time.Second
	// quotaOver is how long a unit must not be held back for its alarm to be over.
	quotaOver = 10 * time.Minute
	// quotaLeast is how many held-back records a look must find to raise an alarm:
	// a moment at the edge is none.
	quotaLeast = 1000
)

// signals raises alerts that no rule raises.
type signals interface {
	Signal(ctx context.Context, sig alert.Signal) error
	Settle(ctx context.Context, kind string, unit event.UnitID, about string) error
}

// watchQuota raises an alarm for units that are held back because they send more
// than their share.
func (n *Node) watchQuota(ctx context.Context) error {
	w := quotaWatch{held: n.fair.TakeHeld, signals: n.modules.alerts, last: map[event.UnitID]time.Time{}}
	return every(ctx, quotaEvery, false, func() {
		if err := w.look(ctx, time.Now()); err != nil && ctx.Err() == nil {
			n.log.Warn("cannot raise the alarm for a unit that sends more than its share; trying again", "error", err)
		}
	})
}

type quotaWatch struct {
	held    func() map[event.UnitID]int64
	signals signals
	last    map[event.UnitID]time.Time // when a unit under alarm was last held back
}

func (w *quotaWatch) look(ctx context.Context, now time.Time) error {
	for unit, records := range w.held() {
		if _, alarmed := w.last[unit]; !alarmed && records < quotaLeast {
			continue
		}
		w.last[unit] = now
		err := w.signals.Signal(ctx, alert.Signal{
			Kind: "input.quota", Unit: unit, About: string(unit), At: now,
			Details: map[string]string{"records": strconv.FormatInt(records, 10), "seconds": strconv.Itoa(int(quotaEvery.Seconds()))},
		})
		if err != nil {
			return err
		}
	}
	for unit, at := range w.last {
		if now.Sub(at) < quotaOver {
			continue
		}
		if err := w.signals.Settle(ctx, "input.quota", unit, string(unit)); err != nil {
			return err
		}
		delete(w.last, unit)
	}
	return nil
}
