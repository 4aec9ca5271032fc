package module

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestEveryWaitsAfterTheStartAndBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		start := time.Now()
		var at []time.Duration
		Every(ctx, time.Minute, time.Hour, func(context.Context) {
			if at = append(at, time.Since(start)); len(at) == 3 {
				end()
			}
		})
		want := []time.Duration{time.Minute, time.Minute + time.Hour, time.Minute + 2*time.Hour}
		if len(at) != 3 || at[0] != want[0] || at[1] != want[1] || at[2] != want[2] {
			t.Errorf("done at %v, want %v", at, want)
		}
	})
}
