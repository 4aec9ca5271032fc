package pipeline

import (
	"bufio"
	"compress/gzip"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/testdata"
	"github.com/lachan-vn/lachan/sigma"
)

// The process loop from blocks in the spool to committed segments, all rules of
// SigmaHQ loaded. The spool is filled before the clock runs.
func BenchmarkProcess(b *testing.B) {
	for _, set := range []string{"windows-attack", "windows-estate"} {
		b.Run(set, func(b *testing.B) {
			w := newWorld(b)
			w.rules.Store(benchRules(b))
			batches := benchBatches(b, set)
			b.ReportAllocs()
			events := 0
			for b.Loop() {
				b.StopTimer()
				const rounds = 8
				for range rounds {
					for _, batch := range batches {
						batch.ID, batch.Received = event.NewBatchID(time.Now()), time.Now()
						if _, err := w.bus.Put(b.Context(), &batch); err != nil {
							b.Fatal(err)
						}
						events += len(batch.Records)
					}
				}
				p := w.pipeline(nil)
				p.o.Config = DefaultConfig()
				p.o.Config.Workers = 2
				b.StartTimer()
				w.drain(b, p)
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func (w *world) drain(b *testing.B, p *Pipeline) {
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	for {
		if s, err := w.bus.State(ctx); err == nil && s.Pending == 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

func benchRules(b *testing.B) *detect.Set {
	b.Helper()
	var files []detect.File
	err := filepath.WalkDir(testdata.Path(b, "sigma", "rules"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, detect.File{Name: path, Data: data})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping()})
}

func benchBatches(b *testing.B, set string) []event.Batch {
	b.Helper()
	f, err := os.Open(testdata.Path(b, "ndjson", set+".ndjson.gz"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	var batches []event.Batch
	now := event.Batch{Unit: "u", Input: "bench", Peer: "192.0.2.1"}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if now.Bytes()+len(lines.Bytes()) > event.MaxBatchBytes {
			batches = append(batches, now)
			now.Records = nil
		}
		now.Records = append(now.Records, event.Record{Hint: event.HintJSON, Data: append([]byte(nil), lines.Bytes()...)})
	}
	if err := lines.Err(); err != nil {
		b.Fatal(err)
	}
	return append(batches, now)
}
