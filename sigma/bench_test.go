package sigma

import (
	"runtime"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/testdata"
)

// The events are parsed beforehand: these measure matching alone.

func BenchmarkMatchAttack(b *testing.B) { benchmarkMatch(b, "windows-attack.ndjson.gz", Options{}) }

func BenchmarkMatchEstate(b *testing.B) { benchmarkMatch(b, "windows-estate.ndjson.gz", Options{}) }

func BenchmarkMatchAttackUnscoped(b *testing.B) {
	benchmarkMatch(b, "windows-attack.ndjson.gz", Options{Unscoped: true})
}

func BenchmarkMatchLaneHints(b *testing.B) {
	benchmarkMatch(b, "lane-structured-windows.ndjson.gz", Options{})
}

func BenchmarkMatchLaneUnscoped(b *testing.B) {
	benchmarkMatch(b, "lane-structured-windows.ndjson.gz", Options{Unscoped: true})
}

func benchmarkMatch(b *testing.B, file string, o Options) {
	rs := mainRuleset(b, o)
	events := loadEvents(b, file)
	m := rs.NewMatcher()
	hits := 0
	count := func(*Rule) { hits++ }
	for _, ev := range events { // reach the steady state of scratch memory
		m.Match(ev, count)
	}
	runtime.GC()
	b.ReportAllocs()
	b.ResetTimer()
	start := testdata.CPUTime()
	for i := range b.N {
		m.Match(events[i%len(events)], count)
	}
	if used := testdata.CPUTime() - start; used > 0 {
		b.ReportMetric(float64(b.N)/used.Seconds(), "ev/cpu-s")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ev/s")
}

// BenchmarkCompileAll builds the ruleset from parsed rules; parse-ms is the
// time Parse took for the same rules.
func BenchmarkCompileAll(b *testing.B) {
	testdata.Path(b, "sigma", "rules")
	start := time.Now()
	rules := parseFolder(b, "rules").rules
	parse := time.Since(start)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		rs, _ := Compile(rules, DefaultMapping(), Options{})
		if len(rs.Rules()) != len(rules) {
			b.Fatal("rules are missing")
		}
	}
	b.ReportMetric(float64(parse.Milliseconds()), "parse-ms")
}
