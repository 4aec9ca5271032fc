package cli

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	probeEvery    = 100 * time.Millisecond
	probeLongest  = time.Minute // then the event counts as that late
	gaugesEvery   = 2 * time.Second
	pendingMetric = "lachan_bus_pending_blocks"
)

// measure sends single events as a unit of its own, and notes how long after its
// acceptance each is searchable.
func (l *loadRun) measure(ctx context.Context) {
	r := &benchServer{remote: &remote{base: l.bench.remote.base, token: l.probe, client: l.client}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	defer wg.Wait()
	// What was accepted is followed to its end, also after ctx.
	follow, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.duration+probeLongest)
	defer func() { wg.Wait(); cancel() }()
	for pause(ctx, probeEvery) {
		wg.Go(func() {
			seq, err := r.post(ctx, jsonPath, []byte(`{"message":"probe"}`+"\n"))
			if err != nil {
				if ctx.Err() == nil {
					l.failed.Add(1)
				}
				return
			}
			accepted := time.Now()
			one, cancel := context.WithTimeout(follow, probeLongest)
			defer cancel()
			if _, err := (&remoteImport{remote: r.remote, first: seq, last: seq}).Wait(one); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				l.failed.Add(1)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			l.waits = append(l.waits, time.Since(accepted))
		})
	}
}

// countConnections notes the most sockets that the server had open at a time.
func (l *loadRun) countConnections(ctx context.Context) {
	for l.pid != 0 && pause(ctx, gaugesEvery) {
		l.connections = max(l.connections, openSockets(l.pid))
	}
}

// drain waits until everything sent is searchable.
func (l *loadRun) drain(ctx context.Context) error {
	begun := time.Now()
	for time.Since(begun) < loadGrace {
		n, err := l.bench.metric(ctx, pendingMetric)
		if err != nil {
			return err
		}
		if n == 0 {
			l.drained = time.Since(begun)
			return nil
		}
		if !pause(ctx, storedPoll) {
			return ctx.Err()
		}
	}
	return fault.New(fault.Busy, "bench: events still wait %v after the end", loadGrace)
}
