package app

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/input"
)

// uploadNode is the node as module upload sees it.
type uploadNode struct{ *Node }

// Lag is how long events wait for being searchable now; 0 where nobody can tell.
func (n uploadNode) Lag(ctx context.Context) time.Duration {
	if state, err := n.bus.State(ctx); err != nil || state.Pending == 0 {
		return 0
	}
	return n.pipeline.Lag()
}

// DiskFree is how much the disk of the data folder takes still.
func (n uploadNode) DiskFree() (int64, error) {
	free, _, err := diskSpace(n.o.Data)
	return free, err
}

// Meter counts what goes into the spool.
func (n uploadNode) Meter(name string) *input.Meter { return n.inMeter.For(name) }
