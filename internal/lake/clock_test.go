package lake

import (
	"testing"
	"time"
)

func TestAClockThatJumpsAheadDeletesNothingForADay(t *testing.T) {
	start := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	type tick struct {
		up, ahead time.Duration // running; clock ahead of what passed
		doubted   bool
	}
	const year = 365 * 24 * time.Hour
	for name, c := range map[string]struct {
		newest time.Time
		ticks  []tick
	}{
		"a clock that goes right":            {start, []tick{{0, 0, false}, {time.Minute, 0, false}, {48 * time.Hour, 0, false}}},
		"summer time set by hand":            {start, []tick{{0, 0, false}, {time.Minute, time.Hour, false}}},
		"a year ahead, believed after a day": {start, []tick{{0, 0, false}, {time.Minute, year, true}, {23 * time.Hour, year, true}, {25 * time.Hour, year, false}, {26 * time.Hour, year, false}}},
		"a year ahead, set right":            {start, []tick{{0, 0, false}, {time.Minute, year, true}, {2 * time.Minute, 0, false}, {3 * time.Minute, 0, false}}},
		"ahead in two steps":                 {start, []tick{{0, 0, false}, {time.Hour, 2 * time.Hour, true}, {20 * time.Hour, year, true}, {26 * time.Hour, year, true}, {44 * time.Hour, year, false}}},
		"back":                               {start, []tick{{0, 0, false}, {time.Minute, -year, false}, {2 * time.Minute, -year, false}}},
		"ahead while it was off":             {start.Add(-year), []tick{{0, 0, true}, {23 * time.Hour, 0, true}, {24 * time.Hour, 0, false}}},
		"off for a night":                    {start.Add(-12 * time.Hour), []tick{{0, 0, false}}},
		"a new lake":                         {time.Time{}, []tick{{0, 0, false}, {time.Minute, 0, false}}},
	} {
		w := clockWatch{newest: c.newest}
		for _, k := range c.ticks {
			if why := w.trust(start.Add(k.up+k.ahead), k.up); (why != "") != k.doubted {
				t.Errorf("%s: after %v: %q", name, k.up, why)
			}
		}
	}
}
