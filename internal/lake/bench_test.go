package lake

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sample"
	"github.com/lachan-vn/lachan/internal/testdata"
)

// windowsEvents parses the shared Windows events, with their rules left out; the
// strings alias the lines, as they do on the real way.
func windowsEvents(tb testing.TB, file string) (events []event.Event, rawBytes int) {
	tb.Helper()
	b := &event.Batch{ID: event.NewBatchID(time.Now()), Unit: "so-noi-vu", Input: "http", Peer: "192.0.2.1", Received: time.Now()}
	for _, line := range testdata.Lines(tb, "ndjson", file) {
		b.Records = append(b.Records, event.Record{Data: line, Hint: event.HintJSON})
		rawBytes += len(line)
	}
	events = make([]event.Event, len(b.Records))
	// One parser for each event: what Parse fills lasts until its next call.
	for i := range events {
		parse.New(parse.Options{}).Parse(b, i, &events[i])
		events[i].Skewed = false // they are years old
	}
	return events, rawBytes
}

// variedEvents parses as many events of a province's machines, varied from the
// shared ones of file, or from made-up ones where file is empty.
func variedEvents(tb testing.TB, n int, file string) (events []event.Event, rawBytes int) {
	tb.Helper()
	o := sample.Options{Seed: 1, Events: n, Start: time.Now().Add(-time.Hour), Span: time.Hour, Mix: sample.WindowsMix}
	if file != "" {
		o.Windows = []sample.Recording{{Lines: testdata.Lines(tb, "ndjson", file), Share: 100}}
	}
	p, err := sample.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	s := p.Stream()
	for batches := s.Next(); batches != nil; batches = s.Next() {
		for i := range batches {
			b := batches[i]
			b.Records = slices.Clone(b.Records)
			for j := range b.Records {
				b.Records[j].Data = bytes.Clone(b.Records[j].Data)
				rawBytes += len(b.Records[j].Data)
				events = append(events, event.Event{})
				parse.New(parse.Options{}).Parse(&b, j, &events[len(events)-1])
			}
		}
	}
	return events, rawBytes
}

// cpuTime is what the process has used so far, which other load on the machine
// does not change.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSegmentWrite is what one core makes of parsed Windows events: one
// operation adds and writes a flush of 20,000 events to a file in memory: the
// recorded ones over and over, or ones varied as in `lachan bench lake`.
func BenchmarkSegmentWrite(b *testing.B) {
	const attack, estate, flush = "windows-attack.ndjson.gz", "windows-estate.ndjson.gz", 20_000
	for _, c := range []struct {
		name   string
		events func(b *testing.B) ([]event.Event, int)
	}{
		{"windows-attack", func(b *testing.B) ([]event.Event, int) { return windowsEvents(b, attack) }},
		{"windows-estate", func(b *testing.B) ([]event.Event, int) { return windowsEvents(b, estate) }},
		{"varied-attack", func(b *testing.B) ([]event.Event, int) { return variedEvents(b, flush, attack) }},
		{"varied-estate", func(b *testing.B) ([]event.Event, int) { return variedEvents(b, flush, estate) }},
		{"made-up", func(b *testing.B) ([]event.Event, int) { return variedEvents(b, flush, "") }},
	} {
		b.Run(c.name, func(b *testing.B) {
			events, rawBytes := c.events(b)
			fields := 0
			for i := range events {
				fields += len(events[i].Fields)
			}
			l := openLake(b, openSQLite(b))
			s := l.NewSegment()
			e := new(encoder)
			var out bytes.Buffer
			write := func() {
				s.Reset()
				for i := range flush {
					s.Add(&events[i%len(events)], nil)
				}
				out.Reset()
				if _, _, err := s.writeTo(&out, e, l.fast, s.order(false)); err != nil {
					b.Fatal(err)
				}
			}
			write() // buffers grow once
			b.ReportAllocs()
			cpu := cpuTime(b)
			for b.Loop() {
				write()
			}
			raw := float64(rawBytes) / float64(len(events)) * flush
			b.ReportMetric(float64(b.N)*flush/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(b.N)*flush/(cpuTime(b)-cpu).Seconds(), "events/cpu-s")
			b.ReportMetric(raw/float64(out.Len()), "raw/stored")
			b.ReportMetric(float64(fields)/float64(len(events)), "fields/event")
		})
	}
}

// BenchmarkCommit is a whole commit of 4,096 events, fsync and SQL included.
func BenchmarkCommit(b *testing.B) {
	events, _ := windowsEvents(b, "windows-attack.ndjson.gz")
	l := openLake(b, openSQLite(b))
	s := l.NewSegment()
	for i := range 4096 {
		s.Add(&events[i], nil)
	}
	b.ReportAllocs()
	seq := uint64(0)
	for b.Loop() {
		seq++
		if err := l.Commit(context.Background(), s, []Block{{Stream: "a", Seq: seq, Events: 4096}}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*4096/b.Elapsed().Seconds(), "events/s")
}

// benchLake holds n Windows events of 50 units over 30 days, merged into days.
func benchLake(b *testing.B, n int) *Lake {
	b.Helper()
	events, _ := windowsEvents(b, "windows-attack.ndjson.gz")
	clock := time.Now()
	l := openLake(b, openSQLite(b), func(o *Options) {
		o.Now = func() time.Time { return clock }
		if dir := os.Getenv("LACHAN_BENCH_LAKE"); dir != "" {
			o.Dir = dir
		}
	})
	s := l.NewSegment()
	start := clock.Add(-30 * 24 * time.Hour)
	step := 30 * 24 * time.Hour / time.Duration(n)
	var id event.BatchID
	for i := range n {
		if i%4096 == 0 {
			id = event.NewBatchID(start.Add(time.Duration(i) * step))
		}
		ev := events[(i*7919)%len(events)]
		ev.ID = id.At(i % 4096)
		ev.Unit = event.UnitID(fmt.Sprintf("don-vi-%02d", i%50))
		ev.Time = start.Add(time.Duration(i) * step)
		ev.Received, ev.Skewed = ev.Time, false
		s.Add(&ev, nil)
		if s.Len() == 50_000 || i == n-1 {
			if err := l.Commit(context.Background(), s, nil, nil); err != nil {
				b.Fatal(err)
			}
			s.Reset()
		}
	}
	clock = clock.Add(3 * 24 * time.Hour)
	compactAll(b, l)
	var size int64
	for _, seg := range l.segments {
		size += seg.bytes
	}
	b.Logf("%d events in %d segments, %d MB", n, len(l.segments), size>>20)
	return l
}

// BenchmarkSearch times the questions of docs/benchmarks.md on a lake of
// LACHAN_BENCH_EVENTS (default 1,000,000) events.
func BenchmarkSearch(b *testing.B) {
	n := 1_000_000
	if s := os.Getenv("LACHAN_BENCH_EVENTS"); s != "" {
		if _, err := fmt.Sscan(s, &n); err != nil {
			b.Fatal(err)
		}
	}
	l := benchLake(b, n)
	ctx := context.Background()
	find := func(sc Scope, text string, limit int) func() error {
		q := mustParse(b, text)
		return func() error {
			_, err := l.Search(ctx, sc, Search{Query: q, Limit: limit}, func(*Row) error { return nil })
			return err
		}
	}
	table := func(text string) func() error {
		pl, err := query.ParsePipeline(text)
		if err != nil {
			b.Fatal(err)
		}
		return func() error {
			_, _, err := l.Aggregate(ctx, ScopeAll(), pl, time.Time{}, time.Time{})
			return err
		}
	}
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"regexNone", find(ScopeAll(), `CommandLine:~z{3}[0-9]$`, 100)},
		{"regexFreeTextNone", find(ScopeAll(), `~z{3}[0-9]\.qqq`, 100)},
		{"networkNone", find(ScopeAll(), `SourceIp:203.0.113.0/25`, 100)},
		{"network6None", find(ScopeAll(), `SourceIp:2001:db8::/32`, 100)},
		{"statsByField", table("| stats count by EventID")},
		{"top10OfFew", table("| top 10 Image")},
		{"top10OfMany", table("| top 10 EventRecordID")},
		{"statsDistinct", table("| stats dc(EventRecordID), max(time) by host")},
		{"timechart", table("| timechart 1h by EventID")},
		{"fieldNames", func() error { _, _, _, err := l.FieldNames(ctx, ScopeAll(), time.Time{}, time.Time{}); return err }},
		{"fieldValues", func() error {
			_, _, err := l.FieldValues(ctx, ScopeAll(), Search{}, "Image", "c:\\win", 10)
			return err
		}},
		{"newest100", find(ScopeAll(), "", 100)},
		{"newest100OfUnit", find(ScopeUnits("don-vi-07"), "", 100)},
		{"fieldEqualsRare", find(ScopeAll(), `EventRecordID:6577`, 100)},
		{"fieldEqualsNone", find(ScopeAll(), `Image:"nothing"`, 100)},
		{"fieldContains", find(ScopeAll(), `CommandLine:*zzzz*`, 100)},
		{"freeTextRare", find(ScopeAll(), `khongcothat`, 100)},
		{"freeTextFrequent", find(ScopeAll(), `powershell`, 100)},
		{"countAll", func() error { _, err := l.Count(ctx, ScopeAll(), Search{}); return err }},
		{"histogramAll", func() error {
			_, _, _, err := l.Histogram(ctx, ScopeAll(), Search{}, 100)
			return err
		}},
		{"fieldStats10000", func() error {
			_, _, _, err := l.FieldStats(ctx, ScopeAll(), Search{}, 10000)
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
