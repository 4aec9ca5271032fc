package detect_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/testdata"
	"github.com/lachan-vn/lachan/sigma"
)

// BenchmarkLane takes the whole way of an event on one core: from the line as
// received, through the parser, to the rules of SigmaHQ that fire. One operation
// is one event. GOMAXPROCS=1 keeps the collector on the same core.
func BenchmarkLane(b *testing.B) {
	for _, lane := range []struct {
		name, file string
		unscoped   bool
	}{
		{name: "attack", file: "windows-attack"},
		{name: "estate", file: "windows-estate"},
		// The lane's lines name product and category; a ruleset that scopes by
		// log source uses them, one that does not tries every rule.
		{name: "lane-hints", file: "lane-structured-windows"},
		{name: "lane-unscoped", file: "lane-structured-windows", unscoped: true},
	} {
		b.Run(lane.name, func(b *testing.B) {
			files := readRules(b, "rules")
			set := detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping(), Unscoped: lane.unscoped})
			benchmarkLane(b, set, testdata.Lines(b, "ndjson", lane.file+".ndjson.gz"))
		})
	}
}

func benchmarkLane(b *testing.B, set *detect.Set, lines [][]byte) {
	batch := &event.Batch{Unit: "u", Input: "import", Received: time.Unix(1_800_000_000, 0)}
	size := 0
	for _, line := range lines {
		batch.Records = append(batch.Records, event.Record{Data: line})
		size += len(line)
	}
	parser, worker := parse.New(parse.Options{}), set.NewWorker()
	var ev event.Event
	for i := range lines { // reach the steady state of scratch memory and of tables made on demand
		parser.Parse(batch, i, &ev)
		worker.Match(&ev)
	}
	runtime.GC()
	b.SetBytes(int64(size / len(lines)))
	b.ReportAllocs()
	b.ResetTimer()
	start, hits, next := testdata.CPUTime(), 0, 0
	for range b.N {
		parser.Parse(batch, next, &ev)
		hits += len(worker.Match(&ev))
		parser.Recycle() // as a hunt does; a node keeps the events of a block
		if next++; next == len(lines) {
			next = 0
		}
	}
	if used := testdata.CPUTime() - start; used > 0 {
		b.ReportMetric(float64(b.N)/used.Seconds(), "ev/cpu-s")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ev/s")
	b.ReportMetric(float64(hits)/float64(b.N), "hits/ev")
}
