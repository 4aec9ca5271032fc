package input

import (
	"context"
	"time"
)

const (
	backoffFirst = time.Second
	backoffMax   = time.Minute
	// healthyAfter is how long a run must last to count as recovered.
	healthyAfter = time.Minute
)

// Supervise runs in until ctx ends, and again with exponential back-off and
// jitter whenever it breaks; a run of a minute starts the back-off anew. It logs
// when the input breaks and when it has recovered, not every try in between. An
// input that returns nil by itself is done, and so is Supervise.
func Supervise(ctx context.Context, name string, in Input, out Sink, env Env) {
	env = env.WithDefaults()
	meter := env.Metrics.For(name)
	log := env.Log.With("input", name)
	wait, broken := backoffFirst, false
	defer meter.Up.Set(0)
	for {
		meter.Up.Set(1)
		started := env.Now()
		settle := func() {}
		if broken {
			settle = after(healthyAfter, func() { log.Info("input: runs again") })
		}
		err := in.Run(ctx, out)
		settle()
		if ctx.Err() != nil {
			if err != nil {
				log.Warn("input: stopped with an error", "err", err)
			}
			return
		}
		if err == nil {
			log.Info("input: finished")
			return
		}
		meter.Up.Set(0)
		if env.Now().Sub(started) >= healthyAfter {
			wait, broken = backoffFirst, false
		}
		if !broken {
			log.Error("input: broke; it is restarted with growing pauses until it works", "err", err)
			broken = true
		} else {
			log.Debug("input: broke again", "err", err, "pause", wait)
		}
		meter.Restarts.Inc()
		if !sleep(ctx, jitter(wait)) {
			return
		}
		wait = min(2*wait, backoffMax)
	}
}

// after calls f once d has passed. The returned function calls it off, or waits
// for it if it has begun.
func after(d time.Duration, f func()) (settle func()) {
	done := make(chan struct{})
	t := time.AfterFunc(d, func() { defer close(done); f() })
	return func() {
		if !t.Stop() {
			<-done
		}
	}
}
