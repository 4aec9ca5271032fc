package lake

import (
	"context"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/sample"
)

// BenchmarkMerge merges sixteen flushes of Windows events into segments of hours.
func BenchmarkMerge(b *testing.B) {
	const events, flushes = 160_000, 16
	province, err := sample.New(sample.Options{Seed: 7, Events: events, Start: epoch, Span: time.Hour, Mix: sample.WindowsMix})
	if err != nil {
		b.Fatal(err)
	}
	l := openLake(b, openSQLite(b))
	s := l.NewSegment()
	parser := parse.New(parse.Options{})
	var ev event.Event
	for stream := province.Stream(); ; {
		batches := stream.Next()
		for i := range batches {
			for j := range batches[i].Records {
				parser.Parse(&batches[i], j, &ev)
				ev.Skewed = false
				s.Add(&ev, nil)
			}
		}
		if s.Len() >= events/flushes || batches == nil && s.Len() > 0 {
			if err := l.Commit(context.Background(), s, nil, nil); err != nil {
				b.Fatal(err)
			}
			s.Reset()
		}
		if batches == nil {
			break
		}
	}
	t := &mergeTask{level: levelHour, bucket: hourMicros}
	for _, seg := range l.segments {
		t.inputs = append(t.inputs, seg)
	}
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuTime(b)
	for b.Loop() {
		added, err := l.writeMerged(context.Background(), t)
		if err != nil {
			b.Fatal(err)
		}
		l.removeFiles(added)
	}
	b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/float64(b.N)/events, "cpu-ns/event")
}
