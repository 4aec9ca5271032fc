package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// part is one thing that is started and stopped. Parts start in the order they
// are listed and stop in reverse.
type part struct {
	name string
	// start returns once the part works. nil: nothing to start.
	start func(ctx context.Context) error
	// stop returns once the part has let go of everything, or ctx is over. nil:
	// nothing to stop.
	stop func(ctx context.Context) error
	// within is what stop may take. 0: what the parts that name their time leave
	// of stopAll.
	within time.Duration
}

// lifecycle runs parts.
type lifecycle struct {
	log     *slog.Logger
	parts   []part
	started int
}

// stopAll bounds the stop of all parts together: a node ends within ten seconds
// of being told to. A part that hangs is left behind, and never eats the time of
// those that name theirs.
const (
	stopAll   = 9500 * time.Millisecond
	stopLeast = 100 * time.Millisecond // what a part gets however late it is
)

func (l *lifecycle) add(p part) { l.parts = append(l.parts, p) }

// start starts every part. Where one fails, those before it are stopped again.
func (l *lifecycle) start(ctx context.Context) error {
	for _, p := range l.parts[l.started:] {
		if p.start != nil {
			begun := time.Now()
			if err := p.start(ctx); err != nil {
				l.stop()
				return fmt.Errorf("start %s: %w", p.name, err)
			}
			l.log.Debug("started", "part", p.name, "took", time.Since(begun))
		}
		l.started++
	}
	return nil
}

// stop stops what was started, last first, and logs what did not end in time.
func (l *lifecycle) stop() {
	deadline := time.Now().Add(stopAll)
	for ; l.started > 0; l.started-- {
		p := l.parts[l.started-1]
		if p.stop == nil {
			continue
		}
		within := p.within
		if within == 0 {
			within = time.Until(deadline)
			for _, later := range l.parts[:l.started-1] {
				within -= later.within
			}
			within = max(within, stopLeast)
		}
		ctx, cancel := context.WithTimeout(context.Background(), within)
		begun := time.Now()
		if err := p.stop(ctx); err != nil {
			l.log.Warn("did not stop cleanly", "part", p.name, "took", time.Since(begun), "error", err)
		} else {
			l.log.Debug("stopped", "part", p.name, "took", time.Since(begun))
		}
		cancel()
	}
}

// loop makes a part of a function that runs until its context ends.
func (l *lifecycle) loop(name string, run func(ctx context.Context) error) {
	var cancel context.CancelFunc
	var done chan struct{}
	l.add(part{
		name: name,
		start: func(context.Context) error {
			var ctx context.Context
			ctx, cancel = context.WithCancel(context.Background())
			done = make(chan struct{})
			go func() {
				defer close(done)
				if err := run(ctx); err != nil && ctx.Err() == nil {
					l.log.Error("stopped working", "part", name, "error", err)
				}
			}()
			return nil
		},
		stop: func(ctx context.Context) error {
			cancel()
			select {
			case <-done:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		},
	})
}
