package parse

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/testdata"
)

// benchmarkLines parses all lines over and over; one operation is one event.
func benchmarkLines(b *testing.B, format string, lines [][]byte) {
	batch := &event.Batch{Input: "http", Received: arrival}
	size := 0
	for _, line := range lines {
		batch.Records = append(batch.Records, event.Record{Data: line})
		size += len(line)
	}
	p := New(Options{})
	var ev event.Event
	for i := range batch.Records {
		if p.Parse(batch, i, &ev); ev.Format != format && format != "" {
			b.Fatalf("line %d was read as %q: %s", i+1, ev.Format, lines[i])
		}
	}
	b.SetBytes(int64(size / len(lines)))
	b.ReportAllocs()
	i := 0
	start := testdata.CPUTime()
	for b.Loop() {
		p.Parse(batch, i, &ev)
		p.Recycle()
		if i++; i == len(batch.Records) {
			i = 0
		}
	}
	if used := testdata.CPUTime() - start; used > 0 {
		b.ReportMetric(float64(b.N)/used.Seconds(), "ev/cpu-s")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkJSONAttack(b *testing.B) {
	benchmarkLines(b, "", testdata.Lines(b, "ndjson", "windows-attack.ndjson.gz"))
}

func BenchmarkJSONEstate(b *testing.B) {
	benchmarkLines(b, "", testdata.Lines(b, "ndjson", "windows-estate.ndjson.gz"))
}

func BenchmarkWinlogbeat(b *testing.B) { benchmarkCorpus(b, "winlogbeat") }
func BenchmarkSSHD(b *testing.B)       { benchmarkCorpus(b, "sshd") }
func BenchmarkAuditd(b *testing.B)     { benchmarkCorpus(b, "auditd") }
func BenchmarkAccess(b *testing.B)     { benchmarkCorpus(b, "access") }
func BenchmarkFortigate(b *testing.B)  { benchmarkCorpus(b, "fortigate") }
func BenchmarkSyslog(b *testing.B)     { benchmarkCorpus(b, "syslog") }

func benchmarkCorpus(b *testing.B, format string) {
	data, err := os.ReadFile("testdata/" + format + "/" + format + ".log")
	if err != nil {
		b.Fatal(err)
	}
	benchmarkLines(b, format, bytes.Split(bytes.TrimSpace(data), []byte("\n")))
}

// BenchmarkEncodingJSONAttack is the yardstick: the same records through
// encoding/json, on the same machine in the same minute.
func BenchmarkEncodingJSONAttack(b *testing.B) {
	lines := testdata.Lines(b, "ndjson", "windows-attack.ndjson.gz")
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		var m map[string]any
		if err := json.Unmarshal(lines[i], &m); err != nil {
			b.Fatal(err)
		}
		if i++; i == len(lines) {
			i = 0
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkParse parses the corpus of each format over and over.
func BenchmarkParse(b *testing.B) {
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) { benchmarkCorpus(b, f.Name) })
	}
}
