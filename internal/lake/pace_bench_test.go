package lake

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkRunawaySearches writes 5,000 events every half second while four
// searches at a time put every record together for an expression that nothing
// fits, over and over. behind-ms is how late the last write was, worst-ms the
// latest: with searches that give way it does not grow.
func BenchmarkRunawaySearches(b *testing.B) {
	const every, rounds, events = 500 * time.Millisecond, 12, 5000
	windows, _ := windowsEvents(b, "windows-attack.ndjson.gz")
	for _, c := range []struct {
		name     string
		searches int
		gives    bool
	}{{"none", 0, false}, {"heedless", 4, false}, {"giveWay", 4, true}} {
		b.Run(c.name, func(b *testing.B) {
			l := benchLake(b, 200_000)
			var behind atomic.Int64
			if c.gives {
				l.pace.pressure = func() float64 {
					times := float64(behind.Load()) / float64(every)
					return min(max((times-0.5)/2.5, 0), 1)
				}
			}
			ctx, cancel := context.WithCancel(context.Background())
			var all sync.WaitGroup
			var ended atomic.Int64
			q := mustParse(b, `~[a-z]{3}x[0-9]{4}q`)
			for range c.searches {
				all.Go(func() {
					for ctx.Err() == nil {
						if _, err := l.Search(ctx, ScopeAll(), Search{Query: q, Limit: 100}, func(*Row) error { return nil }); err == nil {
							ended.Add(1)
						}
					}
				})
			}
			worst, seq := time.Duration(0), uint64(0)
			s := l.NewSegment()
			for b.Loop() {
				start := time.Now()
				for round := range rounds {
					due := start.Add(time.Duration(round) * every)
					time.Sleep(time.Until(due))
					s.Reset()
					for i := range events {
						s.Add(&windows[i%len(windows)], nil)
					}
					seq++
					if err := l.Commit(ctx, s, []Block{{Stream: "a", Seq: seq, Events: events}}, nil); err != nil {
						b.Fatal(err)
					}
					late := time.Since(due)
					behind.Store(int64(late))
					worst = max(worst, late)
				}
			}
			cancel()
			all.Wait()
			b.ReportMetric(float64(behind.Load())/1e6, "behind-ms")
			b.ReportMetric(math.Round(float64(worst)/1e6), "worst-ms")
			b.ReportMetric(float64(ended.Load()), "searches")
		})
	}
}
