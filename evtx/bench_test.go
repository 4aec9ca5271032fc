package evtx

import (
	"bytes"
	"os"
	"runtime"
	"testing"

	"github.com/lachan-vn/lachan/internal/testdata"
)

// BenchmarkRead reads all sample logs from memory to fields; BenchmarkReadJSON
// writes each record as a line of JSON as well.
func BenchmarkRead(b *testing.B)     { benchmarkRead(b, false) }
func BenchmarkReadJSON(b *testing.B) { benchmarkRead(b, true) }

func benchmarkRead(b *testing.B, toJSON bool) {
	var files [][]byte
	size := 0
	for _, path := range logs(b, testdata.Path(b, "evtx")) {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, data)
		size += len(data)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var line []byte
	records := 0
	var r Reader
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		for _, data := range files {
			if err := r.Reset(bytes.NewReader(data), int64(len(data))); err != nil {
				b.Fatal(err)
			}
			each(b, &r, func(rec *Record) {
				records++
				if toJSON {
					line = rec.AppendJSON(line[:0])
				}
			})
		}
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(records), "allocs/record")
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
