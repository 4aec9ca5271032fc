package input

import (
	"context"
	"net/netip"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// DrainTime bounds what an input does after its ctx has ended: store what it has
// read.
const DrainTime = 5 * time.Second

// Feed is what the sockets of one input share. It does not change once they run.
type Feed struct {
	Name string // of the input, in its batches and metrics
	Hint event.Hint
	Env  Env
	// Units says whose the records are that come without a credential.
	Units *UnitTable

	meter *Meter
}

// NewFeed fills what is nil in f.Env.
func NewFeed(f Feed) *Feed {
	f.Env = f.Env.WithDefaults()
	f.Env.Log = f.Env.Log.With("input", f.Name)
	f.meter = f.Env.Metrics.For(f.Name)
	return &f
}

// unit says whose the records from an address are.
func (f *Feed) unit(addr netip.Addr) event.UnitID { return f.Units.UnitOf(addr, f.Env.Units) }

// Meter counts for the input.
func (f *Feed) Meter() *Meter { return f.meter }

// Lost counts records that PutAll gave up on, and says why in the log if it is
// not the shutdown.
func (f *Feed) Lost(n int, err error) {
	reason := "shutdown"
	if fault.KindOf(err) == fault.Invalid {
		reason = "invalid"
		f.Env.Log.Error("input: the spool refuses a batch", "records", n, "err", err)
	}
	f.meter.Dropped(reason).Add(float64(n))
}

// storing returns a context that outlives ctx by DrainTime, for storing what was
// read before ctx ended. stop frees it.
func storing(ctx context.Context) (store context.Context, stop func()) {
	store, cut := context.WithCancel(context.WithoutCancel(ctx))
	stopDrain := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(DrainTime, cut)
		context.AfterFunc(store, func() { t.Stop() })
	})
	return store, func() { stopDrain(); cut() }
}
