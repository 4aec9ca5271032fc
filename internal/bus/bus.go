package bus

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Options are what Open needs.
type Options struct {
	Dir     string // of the embedded server
	Config  Config
	Log     *slog.Logger          // nil: slog.Default
	Metrics prometheus.Registerer // nil: not registered
	// Forward makes a spool whose blocks are sent on and then removed one by one
	// ([Bus.Next], [Bus.Remove]), in place of fetched and acknowledged. A folder
	// keeps to what it was first opened for.
	Forward bool
}

// Bus is an open spool, safe for any number of goroutines.
type Bus struct {
	dir     string
	forward bool
	run     string // names this process as a writer, see Origin
	written atomic.Uint64
	config  Config
	log     *slog.Logger
	metrics *metrics

	link     atomic.Pointer[link]
	reviving sync.Mutex  // held while a new link replaces a broken one
	down     atomic.Bool // said in the log that the disk refuses writes
	// refuseUntil is the Unix time in ns until which Put rests after the disk
	// refused; 0 = never refused.
	refuseUntil atomic.Int64

	queue    queue
	room     *semaphore.Weighted // bytes of batches waiting in queue
	closing  atomic.Bool
	puts     sync.WaitGroup
	putsGate sync.RWMutex // orders puts.Add against closing

	fetching sync.Mutex
	ledger   *ledger
	trimming sync.Mutex

	stop    context.CancelFunc
	workers sync.WaitGroup
	once    sync.Once
}

// Open starts the embedded server on o.Dir, or connects to the configured one,
// and makes sure of the stream. What was fetched but not acknowledged before is
// delivered again, first. Errors: Invalid for the configuration, Conflict if
// another process has the folder, Busy if an external server cannot be reached.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if err := o.Config.Validate(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	started := time.Now()
	l, err := dial(ctx, o.Dir, o.Config, o.Forward, o.Log)
	if err == nil {
		if err = l.reset(ctx); err != nil {
			l.close()
		}
	}
	if err != nil {
		m.close()
		return nil, err
	}
	b := &Bus{
		dir: o.Dir, forward: o.Forward, run: rand.Text(), config: o.Config, log: o.Log, metrics: m,
		room:   semaphore.NewWeighted(maxWaiting),
		ledger: newLedger(l.floor),
	}
	b.link.Store(l)
	b.queue.wake = make(chan struct{}, o.Config.Committers)
	m.maxBytes.Set(float64(o.Config.MaxBytes))
	// The committers outlive ctx: Close ends them, after the last Put.
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.stop = stop
	for range o.Config.Committers {
		b.workers.Go(func() { b.commitLoop(run) })
	}
	o.Log.Debug("spool: open", "stream", l.identity, "took", time.Since(started))
	return b, nil
}

// Stream identifies the incarnation of the stream: a sequence number of another
// incarnation (the spool was wiped) is another block.
func (b *Bus) Stream() string { return b.link.Load().identity }

// Drain refuses further Puts with Busy and waits until those in flight are
// answered, or ctx ends.
func (b *Bus) Drain(ctx context.Context) error {
	b.putsGate.Lock()
	b.closing.Store(true)
	b.putsGate.Unlock()
	done := make(chan struct{})
	go func() { b.puts.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fault.New(fault.Busy, "spool: batches still being written: %w", ctx.Err())
	}
}

// Close ends everything; Puts still waiting get Busy. Call Drain before it.
func (b *Bus) Close() error {
	b.once.Do(func() {
		b.putsGate.Lock()
		b.closing.Store(true)
		b.putsGate.Unlock()
		b.stop()
		b.workers.Wait()
		for _, r := range b.queue.takeAll() {
			r.done <- result{err: errClosing()}
		}
		b.puts.Wait()
		b.reviving.Lock()
		defer b.reviving.Unlock()
		b.link.Load().close()
		b.metrics.close()
	})
	return nil
}

func errClosing() error {
	return fault.New(fault.Busy, "spool: shutting down; send again").WithCode("spool.closing")
}
