package module

import (
	"context"
	"time"
)

// Every does something again and again until ctx ends: a while after the start, so that
// it is not in the way of it, then with a pause between.
func Every(ctx context.Context, first, pause time.Duration, do func(context.Context)) {
	wait := first
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		do(ctx)
		wait = pause
	}
}
