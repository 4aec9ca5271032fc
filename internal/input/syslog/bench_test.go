package syslog

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// BenchmarkTCP reports messages/s through sockets on loopback, by the number of
// senders; each writes 16 KiB at a time.
func BenchmarkTCP(b *testing.B) {
	for _, senders := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
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
			line := "<34>Nov 22 10:00:00 web-1 sshd[123]: Failed password for root from 203.0.113.9 port 4711 ssh2\n"
			const perWrite = 168
			chunk := []byte(strings.Repeat(line, perWrite))
			writes := b.N/perWrite/senders + 1
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			b.ResetTimer()
			for range senders {
				go func() {
					conn, err := net.Dial("tcp", in.Bound()[0].String())
					if err != nil {
						panic(err)
					}
					defer conn.Close()
					for range writes {
						conn.Write(chunk)
					}
				}()
			}
			for want := int64(writes * senders * perWrite); out.records.Load() < want; {
				time.Sleep(time.Millisecond)
			}
			b.ReportMetric(float64(writes*senders*perWrite)/b.Elapsed().Seconds(), "messages/s")
			b.StopTimer()
			cancel()
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		})
	}
}
