package bus_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
)

// logBatch makes a batch of syslog lines as compressible as real ones.
func logBatch(records int) *event.Batch {
	at := time.Unix(1_780_000_000, 0)
	b := &event.Batch{ID: event.NewBatchID(at), Unit: "so-noi-vu", Input: "syslog", Peer: "10.0.0.1", Received: at}
	for i := range records {
		b.Records = append(b.Records, event.Record{Hint: event.HintSyslog, Data: fmt.Appendf(nil,
			"<34>Nov 22 10:%02d:%02d web-%d sshd[%d]: Failed password for invalid user admin%d from 203.0.113.%d port %d ssh2",
			i/60%60, i%60, i%7, rand.IntN(30000), rand.IntN(500), rand.IntN(256), 1024+rand.IntN(60000))})
	}
	return b
}

func benchBus(b *testing.B, fsync bus.Fsync) *bus.Bus {
	c := config()
	c.Fsync = fsync
	c.MaxBytes = 64 << 30
	s, err := bus.Open(b.Context(), bus.Options{Dir: b.TempDir(), Config: c})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// BenchmarkPut reports records/s stored: from 64 senders of small batches, where
// the group commit must work, and from 4 senders of full ones.
func BenchmarkPut(b *testing.B) {
	for _, fsync := range []bus.Fsync{0, bus.Fsync(time.Second)} {
		for _, c := range []struct{ senders, records int }{{1, 1}, {64, 1}, {64, 50}, {4, 4096}} {
			b.Run(fmt.Sprintf("fsync=%v/senders=%d/records=%d", fsync, c.senders, c.records), func(b *testing.B) {
				s := benchBus(b, fsync)
				batches := make([]*event.Batch, c.senders)
				for i := range batches {
					batches[i] = logBatch(c.records)
				}
				var left atomic.Int64
				left.Store(int64(b.N))
				b.ReportAllocs()
				b.SetBytes(int64(batches[0].Bytes()))
				b.ResetTimer()
				done := make(chan error, c.senders)
				for _, batch := range batches {
					go func() {
						for left.Add(-1) >= 0 {
							if _, err := s.Put(b.Context(), batch); err != nil {
								done <- err
								return
							}
						}
						done <- nil
					}()
				}
				for range c.senders {
					if err := <-done; err != nil {
						b.Fatal(err)
					}
				}
				b.StopTimer()
				st, err := s.State(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(b.N*c.records)/b.Elapsed().Seconds(), "records/s")
				b.ReportMetric(float64(b.N)/float64(st.Last), "batches/block")
			})
		}
	}
}

// BenchmarkFetch reports what the process loop can take out: fetch, decode,
// acknowledge.
func BenchmarkFetch(b *testing.B) {
	s := benchBus(b, bus.Fsync(time.Second))
	batch := logBatch(4096)
	const stored = 64
	for range stored {
		if _, err := s.Put(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.SetBytes(int64(batch.Bytes()))
	b.ResetTimer()
	for n := 0; n < b.N; {
		blocks, err := s.Fetch(b.Context(), min(16, b.N-n), 0)
		if err != nil {
			b.Fatal(err)
		}
		if len(blocks) == 0 {
			if err := s.Rewind(b.Context()); err != nil {
				b.Fatal(err)
			}
			continue
		}
		for _, blk := range blocks {
			if blk.Records() != 4096 {
				b.Fatalf("block %d has %d records", blk.Seq, blk.Records())
			}
			blk.Release()
		}
		n += len(blocks)
	}
	b.ReportMetric(float64(b.N*4096)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkOpen is the share of the spool in the start of the node.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	for b.Loop() {
		s, err := bus.Open(b.Context(), bus.Options{Dir: dir, Config: config()})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
