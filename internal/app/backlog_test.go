package app

import (
	"testing"
	"time"
)

func TestPressureGrowsWithTheLag(t *testing.T) {
	const flush = 800 * time.Millisecond
	for _, c := range []struct {
		pending    uint64
		lag, flush time.Duration
		want       float64
	}{
		{0, time.Hour, flush, 0}, // what the last block waited long ago
		{5, 900 * time.Millisecond, flush, 0},
		{5, 1200 * time.Millisecond, flush, 0},
		{5, 2200 * time.Millisecond, flush, 0.5},
		{5, time.Minute, flush, 1},
		{5, 200 * time.Millisecond, 50 * time.Millisecond, 0},
		{5, 2 * time.Second, 50 * time.Millisecond, 1},
	} {
		if got := pressureOf(c.pending, c.lag, c.flush); got < c.want-0.01 || got > c.want+0.01 {
			t.Errorf("%d blocks, the last after %v of %v: %v, want %v", c.pending, c.lag, c.flush, got, c.want)
		}
	}
}
