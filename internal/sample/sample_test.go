package sample_test

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sample"
	"github.com/lachan-vn/lachan/internal/testdata"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func newProvince(t testing.TB, o sample.Options) *sample.Province {
	t.Helper()
	if o.Span == 0 {
		o.Start, o.Span = start, 30*24*time.Hour
	}
	p, err := sample.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// each parses all events of a province; the event is gone after f.
func each(p *sample.Province, f func(*event.Event)) sample.Truth {
	s, parser := p.Stream(), parse.New(parse.Options{})
	var ev event.Event
	for batches := s.Next(); batches != nil; batches = s.Next() {
		for i := range batches {
			for j := range batches[i].Records {
				parser.Parse(&batches[i], j, &ev)
				f(&ev)
				parser.Recycle()
			}
		}
	}
	return s.Truth()
}

func TestSameSeedMakesTheSameEvents(t *testing.T) {
	sum := func(seed uint64) uint64 {
		h := fnv.New64a()
		each(newProvince(t, sample.Options{Seed: seed, Events: 20_000}), func(ev *event.Event) {
			h.Write([]byte(ev.Raw))
			h.Write(ev.ID[:])
		})
		return h.Sum64()
	}
	if a, b := sum(7), sum(7); a != b {
		t.Errorf("seed 7 made %x and %x", a, b)
	}
	if sum(7) == sum(8) {
		t.Error("seeds 7 and 8 made the same")
	}
}

func TestEveryRecordIsUnderstood(t *testing.T) {
	formats := map[string]int{}
	truth := each(newProvince(t, sample.Options{Events: 50_000}), func(ev *event.Event) {
		if ev.Format == "" || ev.Format == "syslog" && !strings.Contains(ev.Raw, "backup[") || ev.Host == "" || ev.Skewed {
			t.Errorf("format %q, host %q, skewed %v: %s", ev.Format, ev.Host, ev.Skewed, ev.Raw)
		}
		formats[ev.Format]++
	})
	if truth.Events != 50_000 {
		t.Errorf("%d events, want 50000", truth.Events)
	}
	for _, f := range []string{"evtx-flat", "fortigate", "named", "access", "sshd", "auditd", "sudo", "systemd"} {
		if formats[f] == 0 {
			t.Errorf("no event of format %s among %v", f, formats)
		}
	}
	if w := formats["evtx-flat"]; w != truth.Windows || w < 25_000 {
		t.Errorf("%d Windows events, the truth says %d; most should be", w, truth.Windows)
	}
}

// TestTruthIsWhatAQueryFinds holds the counts that benchmarks check against what
// the definition of the query language finds.
func TestTruthIsWhatAQueryFinds(t *testing.T) {
	type wanted struct {
		name  string
		query *query.Query
		found int
	}
	var want []*wanted
	ask := func(name, text string) *wanted {
		q, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		w := &wanted{name: name, query: q}
		want = append(want, w)
		return w
	}
	for _, n := range sample.Needles() {
		ask(n.Name, n.Query)
	}
	powershell := ask("powershell", "CommandLine:*powershell*")
	queries, sources := map[string]int{}, map[string]int{}
	truth := each(newProvince(t, sample.Options{Seed: 3, Events: 60_000}), func(ev *event.Event) {
		for _, w := range want {
			if w.query.Match(ev, nil) {
				w.found++
			}
		}
		if v, ok := ev.Get("query"); ok {
			queries[strings.Clone(v)]++
		}
		if v, ok := ev.Get("src_ip"); ok && !strings.HasPrefix(v, "203.") && !strings.HasPrefix(v, "198.") {
			sources[strings.Clone(v)]++
		}
	})
	for i, n := range sample.Needles() {
		if want[i].found != n.Count || truth.Planted[n.Name] != n.Count {
			t.Errorf("%s: %d found, %d planted by the truth, want %d", n.Name, want[i].found, truth.Planted[n.Name], n.Count)
		}
	}
	if powershell.found != truth.PowerShell || powershell.found == 0 {
		t.Errorf("powershell: %d found, the truth says %d", powershell.found, truth.PowerShell)
	}
	for name, c := range map[string]struct {
		counts   map[string]int
		top      []sample.ValueCount
		distinct int
	}{"query": {queries, truth.Queries, truth.Distinct.Query}, "src_ip": {sources, truth.Sources, truth.Distinct.Source}} {
		if len(c.counts) != c.distinct || len(c.top) != 10 {
			t.Errorf("%s: %d values, the truth says %d and lists %d", name, len(c.counts), c.distinct, len(c.top))
		}
		for _, v := range c.top {
			if c.counts[v.Value] != v.Count {
				t.Errorf("%s %s: %d found, the truth says %d", name, v.Value, c.counts[v.Value], v.Count)
			}
		}
	}
}

func TestTimesFollowTheRhythmOfAnOffice(t *testing.T) {
	const days = 14
	p := newProvince(t, sample.Options{Events: 100_000, Start: start, Span: days * 24 * time.Hour, Mix: sample.WindowsMix})
	var last time.Time
	night, morning, sunday, monday := 0, 0, 0, 0
	s, parser := p.Stream(), parse.New(parse.Options{})
	var ev event.Event
	for batches := s.Next(); batches != nil; batches = s.Next() {
		for i := range batches {
			for j := range batches[i].Records {
				parser.Parse(&batches[i], j, &ev)
				if ev.Time.Before(start) || !ev.Time.Before(start.Add(days*24*time.Hour)) {
					t.Fatalf("%v is outside of the span", ev.Time)
				}
				local := ev.Time.In(time.FixedZone("", 7*3600))
				switch local.Hour() {
				case 3:
					night++
				case 9:
					morning++
				}
				switch local.Weekday() {
				case time.Sunday:
					sunday++
				case time.Monday:
					monday++
				}
				if ev.Time.After(batches[i].Received.Add(time.Millisecond)) {
					t.Fatalf("received %v before it happened, %v", batches[i].Received, ev.Time)
				}
			}
			if batches[i].Received.Before(last) {
				t.Fatal("batches out of order")
			}
			last = batches[i].Received
		}
	}
	if morning < 4*night || monday < 2*sunday {
		t.Errorf("9 h: %d, 3 h: %d; Monday: %d, Sunday: %d", morning, night, monday, sunday)
	}
}

// TestRecordedEventsAreVaried holds what must agree within one event and what
// must differ between events, on one recorded line.
func TestRecordedEventsAreVaried(t *testing.T) {
	line := `{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"PC-OLD","EventRecordID":77,"SystemTime":"2019-04-27T15:57:53.368864Z","ProcessGuid":"{365abb72-7c01-5cc4-0000-00102b3e0c00}","ProcessId":2680,"Image":"C:\\Users\\IEUser\\x.exe","CommandLine":"x.exe","User":"PC-OLD\\IEUser","Message":"Process Create:\r\nUtcTime: 2019-04-27T15:57:53.368864Z\r\nProcessGuid: {365abb72-7c01-5cc4-0000-00102b3e0c00}\r\nProcessId: 2680\r\nImage: C:\\Users\\IEUser\\x.exe\r\n"}`
	p := newProvince(t, sample.Options{Events: 30_000, Mix: sample.WindowsMix, Windows: []sample.Recording{{Lines: [][]byte{[]byte(line)}, Share: 100}}})
	get := func(ev *event.Event, name string) string { v, _ := ev.Get(name); return v }
	records := map[string][]int{}
	seen := map[string]bool{}
	each(p, func(ev *event.Event) {
		message := get(ev, "Message")
		if message == "" {
			return // a built-in one, with a needle
		}
		for _, text := range []string{
			"UtcTime: " + get(ev, "SystemTime") + "\r", "ProcessGuid: " + get(ev, "ProcessGuid") + "\r",
			"ProcessId: " + get(ev, "ProcessId") + "\r", "Image: " + get(ev, "Image") + "\r",
		} {
			if !strings.Contains(message, text) {
				t.Fatalf("the message does not say %q: %s", text, ev.Raw)
			}
		}
		if _, account, _ := strings.Cut(get(ev, "User"), `\`); !strings.Contains(get(ev, "Image"), `\`+account+`\`) {
			t.Fatalf("user and home differ: %s", ev.Raw)
		}
		if strings.Contains(ev.Raw, "IEUser") || strings.Contains(ev.Raw, "365abb72") {
			t.Fatalf("recorded values are left: %s", ev.Raw)
		}
		n, err := strconv.Atoi(get(ev, "EventRecordID"))
		if err != nil {
			t.Fatal(err)
		}
		host := strings.Clone(ev.Host)
		records[host] = append(records[host], n)
		seen[strings.Clone(get(ev, "ProcessGuid"))] = true
	})
	for host, numbers := range records {
		if !slices.IsSorted(numbers) {
			t.Errorf("%s: record numbers out of order", host)
		}
	}
	if len(records) < 1000 || len(seen) < 2000 {
		t.Errorf("%d hosts, %d processes", len(records), len(seen))
	}
}

func TestRefusesWhatIsNoEvent(t *testing.T) {
	for _, o := range []sample.Options{
		{Events: 0, Span: time.Hour},
		{Events: 1, Span: time.Second},
		{Events: 1, Span: time.Hour, Windows: []sample.Recording{{Lines: [][]byte{[]byte("<Event/>")}, Share: 1}}},
		{Events: 1, Span: time.Hour, Windows: []sample.Recording{{Lines: [][]byte{[]byte("{}")}, Share: 1}}},
	} {
		if _, err := sample.New(o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

// TestRecordedSetsParseLikeTheirOriginals varies the shared recordings: each
// keeps its format and its fields.
func TestRecordedSetsParseLikeTheirOriginals(t *testing.T) {
	for _, file := range []string{"windows-attack.ndjson.gz", "windows-estate.ndjson.gz"} {
		lines := testdata.Lines(t, "ndjson", file)
		p := newProvince(t, sample.Options{Events: 2 * len(lines), Mix: sample.WindowsMix, Windows: []sample.Recording{{Lines: lines, Share: 100}}})
		formats, fields := map[string]int{}, map[string]bool{}
		each(p, func(ev *event.Event) {
			formats[ev.Format]++
			for _, f := range ev.Fields {
				fields[f.Name] = true
			}
			if _, bad := ev.Get("_parse_error"); bad || ev.Time.Before(start) || ev.Time.After(start.Add(30*24*time.Hour)) {
				t.Errorf("%v: %s", ev.Time, ev.Raw)
			}
		})
		if len(fields) < 200 {
			t.Errorf("%s: %d fields in formats %v", file, len(fields), formats)
		}
	}
}

func BenchmarkStream(b *testing.B) {
	for _, c := range []struct {
		name string
		mix  sample.Mix
	}{{"province", sample.ProvinceMix}, {"windows", sample.WindowsMix}} {
		b.Run(c.name, func(b *testing.B) {
			p := newProvince(b, sample.Options{Events: 2_000_000, Mix: c.mix})
			b.ReportAllocs()
			events, bytes := 0, 0
			s := p.Stream()
			cpu := testdata.CPUTime()
			for b.Loop() {
				batches := s.Next()
				if batches == nil {
					s = p.Stream()
					continue
				}
				for i := range batches {
					events += len(batches[i].Records)
					bytes += batches[i].Bytes()
				}
			}
			b.ReportMetric(float64(events)/max(testdata.CPUTime()-cpu, 1).Seconds(), "events/cpu-s")
			b.ReportMetric(float64(bytes)/float64(cmp.Or(events, 1)), "bytes/event")
		})
	}
}
