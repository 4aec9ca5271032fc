package lake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/sample"
	"github.com/lachan-vn/lachan/internal/testdata"
)

// BenchmarkSegmentSize writes a merged segment and tells what it takes, in all
// and by column. One operation is one event.
func BenchmarkSegmentSize(b *testing.B) {
	l := openLake(b, openSQLite(b))
	recorded := func() []sample.Recording {
		return []sample.Recording{{Lines: testdata.Lines(b, "ndjson", "windows-attack.ndjson.gz"), Share: 100}}
	}
	for _, c := range []struct {
		name     string
		mix      sample.Mix
		recorded []sample.Recording
	}{
		{"windows", sample.WindowsMix, nil},
		{"recorded", sample.WindowsMix, recorded()},
		{"province", sample.ProvinceMix, nil},
	} {
		s := sampled(b, 262_144, c.mix, c.recorded...)
		for _, rows := range []int{1 << 16, 1 << 17} {
			b.Run(fmt.Sprintf("%s/groups=%d", c.name, rows), func(b *testing.B) {
				var r *segmentReader
				var size int
				cpu := cpuTime(b)
				for b.Loop() {
					r, size = encoded(b, l, s, rows)
				}
				n := float64(s.Len())
				b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/float64(b.N)/n, "cpu-ns/event")
				raw := 0
				var records cells
				type part struct {
					name  string
					bytes int64
				}
				var parts []part
				for g := range r.meta.RowGroups {
					if err := r.raws(g, allRows(r, g), &records); err != nil {
						b.Fatal(err)
					}
					raw += len(records.dict.arena)
					for col := range r.meta.RowGroups[g].Columns {
						m := &r.meta.RowGroups[g].Columns[col].MetaData
						if g == 0 {
							parts = append(parts, part{name: r.meta.Schema[1+col].Name})
						}
						parts[col].bytes += m.TotalCompressedSize
					}
				}
				index := int64(0)
				for g := range r.meta.RowGroups {
					x := r.groupIndex(g)
					index += x.grams.size
					for _, c := range x.columns {
						index += c.filter.size
					}
				}
				slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(b.bytes, a.bytes) })
				var text strings.Builder
				for _, p := range parts[:30] {
					fmt.Fprintf(&text, "\n%8.2f %s", float64(p.bytes)/n, p.name)
				}
				b.Logf("bytes an event:%s", text.String())
				b.ReportMetric(float64(raw)/n, "raw-B/event")
				b.ReportMetric(float64(size)/n, "B/event")
				b.ReportMetric(float64(raw)/float64(size), "raw/stored")
				b.ReportMetric(100*float64(index)/float64(size), "index-%")
			})
		}
	}
}
