package lumberjack

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/elastic/go-lumber/client/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// tally is a Sink that only counts, as slow as a disk.
type tally struct{ records atomic.Int64 }

func (c *tally) Put(_ context.Context, b *event.Batch) (uint64, error) {
	time.Sleep(500 * time.Microsecond)
	c.records.Add(int64(len(b.Records)))
	return 1, nil
}

// BenchmarkWindows sends windows as a Beat does, 2,048 events of 200 bytes, and
// waits for each answer; one operation is one event.
func BenchmarkWindows(b *testing.B) {
	for _, level := range []int{0, 3} {
		for _, senders := range []int{1, 8} {
			b.Run(fmt.Sprintf("level=%d/senders=%d", level, senders), func(b *testing.B) {
				c := DefaultConfig()
				c.TCP = []string{"127.0.0.1:0"}
				in, err := New(c, input.Env{})
				if err != nil {
					b.Fatal(err)
				}
				ctx, cancel := context.WithCancel(context.Background())
				done := make(chan error, 1)
				var out tally
				go func() { done <- in.Run(ctx, &out) }()
				<-in.Ready()
				defer func() { cancel(); <-done }()
				one := []byte(fmt.Sprintf(`{"@timestamp":"2026-11-22T08:30:00.000Z","message":"%0150d"}`, 7))
				encoded := func(any) ([]byte, error) { return one, nil }
				window := make([]any, 2048)
				b.ReportAllocs()
				b.SetBytes(int64(len(one)))
				b.ResetTimer()
				var wg sync.WaitGroup
				var sent atomic.Int64
				for range senders {
					wg.Go(func() {
						conn, err := net.Dial("tcp", in.Bound()[0].String())
						if err != nil {
							b.Error(err)
							return
						}
						cl, err := client.NewSyncClientWithConn(conn, client.CompressionLevel(level), client.JSONEncoder(encoded))
						if err != nil {
							b.Error(err)
							return
						}
						defer cl.Close()
						for sent.Add(int64(len(window))) < int64(b.N+senders*len(window)) {
							if _, err := cl.Send(window); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(out.records.Load())/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}
