package app

import (
	"context"
	"math"
	"sync/atomic"
	"time"
)

// backlog tells the lake how far ingest is behind, so that searches and merges
// give way to it.
type backlog struct {
	bits     atomic.Uint64
	progress atomic.Int64 // Unix nanoseconds; when processing last moved on, or had nothing to do
}

// stalledFor is how long nothing has been processed although something waits.
func (b *backlog) stalledFor(now time.Time) time.Duration {
	at := b.progress.Load()
	if at == 0 {
		return 0
	}
	return now.Sub(time.Unix(0, at))
}

// pressure is 0 while ingest keeps up and 1 where it is far behind.
func (b *backlog) pressure() float64 { return math.Float64frombits(b.bits.Load()) }

// backlogEvery is how often the spool is asked.
const backlogEvery = 200 * time.Millisecond

// pressureOf is 0 while events wait no longer than half as long again as they
// would with nothing else to do, and 1 from four times as long on. What is
// committed more often than twice a second is not measured more finely: then
// writing itself takes most of the time.
func pressureOf(pending uint64, lag, flush time.Duration) float64 {
	if pending == 0 {
		return 0
	}
	times := float64(lag) / float64(max(flush, 500*time.Millisecond))
	return min(max((times-1.5)/2.5, 0), 1)
}

// watchBacklog keeps the pressure up to date.
func (n *Node) watchBacklog(ctx context.Context) error {
	ticker := time.NewTicker(backlogEvery)
	defer ticker.Stop()
	defer n.backlog.bits.Store(0)
	var floor uint64
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		state, err := n.bus.State(ctx)
		if err != nil {
			continue // an external spool may come and go; the health check tells of it
		}
		if state.Pending == 0 || state.AckFloor != floor {
			floor = state.AckFloor
			n.backlog.progress.Store(time.Now().UnixNano())
		}
		p := pressureOf(state.Pending, n.pipeline.Lag(), n.o.Config.Pipeline.FlushInterval)
		n.backlog.bits.Store(math.Float64bits(p))
		if state.Pending == 0 {
			n.fair.Idle()
		}
	}
}
