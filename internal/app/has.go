package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
)

// Has tells whether an event is stored, once all that the spool holds at the call
// is processed. It is for those who put a batch and were killed before they knew:
// the identity of its first event tells.
func (n *Node) Has(ctx context.Context, id event.ID) (bool, error) {
	state, err := n.bus.State(ctx)
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for last := state.Last; err == nil && state.Pending > 0 && state.AckFloor < last; {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-tick.C:
		}
		state, err = n.bus.State(ctx)
	}
	if err != nil {
		return false, err
	}
	_, err = n.store.Lake.Event(ctx, lake.ScopeAll(), id)
	switch {
	case err == nil:
		return true, nil
	case fault.KindOf(err) == fault.NotFound:
		return false, nil
	}
	return false, err
}
