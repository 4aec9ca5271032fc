package parse

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
)

// TestIdentity: what the batch says is never overruled by what the record says.
func TestIdentity(t *testing.T) {
	b := &event.Batch{
		ID: event.BatchID{1, 2, 3}, Unit: "so-noi-vu", Input: "http", Peer: "192.0.2.1", Received: arrival,
		Records: []event.Record{{Data: []byte(`x`)}, {Data: []byte(`{"unit":"other","_unit":"other","id":"9"}`)}},
	}
	ev := event.Event{Host: "stale", Format: "stale", Skewed: true, Fields: []event.Field{{Name: "stale"}}}
	New(Options{}).Parse(b, 1, &ev)
	if ev.ID != b.ID.At(1) || ev.Unit != "so-noi-vu" || ev.Input != "http" || ev.Peer != "192.0.2.1" || !ev.Received.Equal(arrival) {
		t.Errorf("wrong identity: %+v", ev)
	}
	if ev.Host != "192.0.2.1" || ev.Skewed || len(ev.Fields) != 3 || ev.Format != "json" {
		t.Errorf("state of the event before is left: %+v", ev)
	}
}

// TestInvalidUTF8: Raw stays as received, values become valid, and the event
// says that something was replaced.
func TestInvalidUTF8(t *testing.T) {
	for _, c := range []struct{ name, line, field, want, format string }{
		{"json", "{\"a\":\"x\xff\xfey\"}", "a", "x\uFFFDy", "json"},
		{"json key", "{\"k\xff\":\"v\"}", "k\uFFFD", "v", "json"},
		{"syslog", "<13>Mar  2 11:59:50 host app: \xd0\xe0\xe7 end", "message", "\uFFFD end", "syslog"},
		{"text", "\xff\xfe", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ev := parseLine(t, New(Options{}), c.line)
			if ev.Format != c.format {
				t.Errorf("format %q, want %q", ev.Format, c.format)
			}
			if got, _ := ev.Get(c.field); got != c.want {
				t.Errorf("%s = %q, want %q", c.field, got, c.want)
			}
			if got, _ := ev.Get("_invalid_utf8"); got != "true" {
				t.Error("_invalid_utf8 is missing")
			}
		})
	}
}

// TestTime: which time an event gets, and when it is marked.
func TestTime(t *testing.T) {
	utc := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	received := utc("2026-03-02T05:00:00Z")
	newYear := utc("2026-01-01T00:10:00Z")
	for _, c := range []struct {
		name, line     string
		received, hint time.Time
		input          string
		want           time.Time
		skewed         bool
	}{
		{name: "none: arrival", line: "x", received: received, want: received},
		{name: "none, imported: the file's time", line: "x", received: received, hint: utc("2024-05-05T00:00:00Z"), want: utc("2024-05-05T00:00:00Z")},
		{name: "default zone", line: "Mar  2 11:00:00 h a: x", received: received, want: utc("2026-03-02T04:00:00Z")},
		{name: "last year across New Year", line: "Dec 31 23:59:00 h a: x", received: newYear, want: utc("2025-12-31T16:59:00Z")},
		{name: "next year from a fast clock", line: "Jan  1 10:00:00 h a: x", received: utc("2025-12-31T20:00:00Z"), want: utc("2026-01-01T03:00:00Z")},
		{name: "a day ahead at most", line: "Mar  3 12:00:01 h a: x", received: received, want: utc("2025-03-03T05:00:01Z"), skewed: true},
		{name: "leap day", line: "Feb 29 12:00:00 h a: x", received: received, want: utc("2024-02-29T05:00:00Z"), skewed: true},
		{name: "dated from the file", line: "Jun 14 15:16:01 combo app: x", received: received, hint: utc("2005-08-01T00:00:00Z"), want: utc("2005-06-14T08:16:01Z")},
		{name: "import of old events", line: `{"time":"2019-01-01T00:00:00Z"}`, received: received, input: "import", want: utc("2019-01-01T00:00:00Z")},
		{name: "import from the future", line: `{"time":"2027-01-01T00:00:00Z"}`, received: received, input: "import", want: utc("2027-01-01T00:00:00Z"), skewed: true},
		{name: "29 days late", line: `{"time":"2026-02-01T06:00:00Z"}`, received: received, want: utc("2026-02-01T06:00:00Z")},
		{name: "31 days late", line: `{"time":"2026-01-30T04:00:00Z"}`, received: received, want: utc("2026-01-30T04:00:00Z"), skewed: true},
		{name: "23 hours ahead", line: `{"time":"2026-03-03T04:00:00Z"}`, received: received, want: utc("2026-03-03T04:00:00Z")},
		{name: "25 hours ahead", line: `{"time":"2026-03-03T06:00:01Z"}`, received: received, want: utc("2026-03-03T06:00:01Z"), skewed: true},
		{name: "year 9999", line: `{"time":"9999-01-01T00:00:00Z"}`, received: received, want: received, skewed: true},
		{name: "epoch s", line: `{"ts":1772427598}`, received: received, want: utc("2026-03-02T04:59:58Z")},
		{name: "epoch s.frac", line: `{"ts":"1772427598.5"}`, received: received, want: utc("2026-03-02T04:59:58.5Z")},
		{name: "epoch ms", line: `{"ts":1772427598123}`, received: received, want: utc("2026-03-02T04:59:58.123Z")},
		{name: "epoch us", line: `{"ts":1772427598123456}`, received: received, want: utc("2026-03-02T04:59:58.123456Z")},
		{name: "epoch ns", line: `{"ts":1772427598123456789}`, received: received, want: utc("2026-03-02T04:59:58.123456789Z")},
		{name: "offset without colon", line: `{"time":"2026-03-02 11:00:00,250 +0700"}`, received: received, want: utc("2026-03-02T04:00:00.25Z")},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &event.Batch{Input: c.input, Received: c.received, DateHint: c.hint, Records: []event.Record{{Data: []byte(c.line)}}}
			var ev event.Event
			New(Options{}).Parse(b, 0, &ev)
			if !ev.Time.Equal(c.want) || ev.Skewed != c.skewed {
				t.Errorf("time %v skewed %v, want %v %v", ev.Time.UTC(), ev.Skewed, c.want, c.skewed)
			}
		})
	}
}

// TestDefect: a format that panics costs its own record only.
func TestDefect(t *testing.T) {
	p := New(Options{})
	p.order = newOrder([]Format{{Name: "broken", parse: func(p *Parser, r *record) bool {
		p.sink.text("half", "done")
		if strings.Contains(r.text, "poison") {
			panic("index out of range")
		}
		return true
	}}})
	ev := parseLine(t, p, "Mar  2 11:59:50 h app: poison")
	if why, _ := ev.Get("_parse_error"); ev.Format != "" || len(ev.Fields) != 1 || why != parserFault+"index out of range" || !ev.Time.Equal(arrival) {
		t.Errorf("%+v", ev)
	}
	if ev = parseLine(t, p, "Mar  2 11:59:50 h app: good"); ev.Format != "broken" {
		t.Errorf("the record after it: %+v", ev)
	}
}

// TestValuesOutliveTheNextRecord: a caller may parse a whole batch before it
// looks at any event.
func TestValuesOutliveTheNextRecord(t *testing.T) {
	b := &event.Batch{Received: arrival}
	for range 5000 {
		b.Records = append(b.Records, event.Record{Data: []byte(`{"a":"C:\\x\\` + strings.Repeat("y", len(b.Records)%300) + `","n":{"b":1}}`)})
	}
	p := New(Options{})
	events := make([]event.Event, len(b.Records))
	for i := range events {
		p.Parse(b, i, &events[i])
	}
	for i := range events {
		got, _ := events[i].Get("a")
		if want := `C:\x\` + strings.Repeat("y", i%300); got != want {
			t.Fatalf("event %d: %q, want %q", i, got, want)
		}
	}
}

// TestRecycle: with Recycle in between, text with escapes costs no memory, and
// names stay what they are.
func TestRecycle(t *testing.T) {
	b := &event.Batch{Received: arrival}
	for i := range 200 {
		b.Records = append(b.Records, event.Record{Data: []byte(`{"k\u0061` + strings.Repeat("x", i%7) + `":{"b":"` + strings.Repeat(`C:\\`, i) + `"}}`)})
	}
	p := New(Options{})
	var ev event.Event
	run := func() {
		for i := range b.Records {
			p.Parse(b, i, &ev)
			name, want := "ka"+strings.Repeat("x", i%7)+".b", strings.Repeat(`C:\`, i)
			if got, ok := ev.Get(name); !ok || got != want {
				t.Fatalf("record %d: %+v", i, ev.Fields)
			}
			p.Recycle()
		}
	}
	run()
	first := &p.arena.chunk[:1][0]
	if run(); first != &p.arena.chunk[:1][0] {
		t.Error("the memory was not reused")
	}
}

// TestAllocations: common records cost none.
func TestAllocations(t *testing.T) {
	for _, f := range Formats() {
		data, err := os.ReadFile(filepath.Join("testdata", f.Name, f.Name+".log"))
		if err != nil {
			t.Fatal(err)
		}
		b := &event.Batch{Received: arrival}
		for _, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
			b.Records = append(b.Records, event.Record{Data: line})
		}
		p := New(Options{})
		var ev event.Event
		allocs := testing.AllocsPerRun(200, func() {
			for i := range b.Records {
				p.Parse(b, i, &ev)
			}
		})
		if perEvent := allocs / float64(len(b.Records)); perEvent > 0.5 {
			t.Errorf("%s: %.2f allocations per event", f.Name, perEvent)
		}
	}
}

// FuzzParse feeds anything to the whole parser.
func FuzzParse(f *testing.F) {
	logs, err := filepath.Glob("testdata/*/*.log")
	if err != nil || len(logs) == 0 {
		f.Fatal("no corpus", err)
	}
	for _, log := range logs {
		data, err := os.ReadFile(log)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range bytes.Split(data, []byte("\n")) {
			f.Add(line, byte(0))
		}
	}
	p := New(Options{})
	var ev event.Event
	f.Fuzz(func(t *testing.T, data []byte, hint byte) {
		before := string(data)
		b := &event.Batch{Unit: "u", Input: "syslog", Received: arrival, Records: []event.Record{{Data: data, Hint: event.Hint(hint % 4)}}}
		p.Parse(b, 0, &ev)
		checkEvent(t, before, &ev)
	})
}

// checkEvent holds what is true of every event, whatever the record.
func checkEvent(t *testing.T, raw string, ev *event.Event) {
	t.Helper()
	if ev.Raw != raw {
		t.Fatalf("Raw changed: %q, was %q", ev.Raw, raw)
	}
	if ev.Unit != "u" {
		t.Fatalf("unit %q", ev.Unit)
	}
	if why, _ := ev.Get("_parse_error"); strings.HasPrefix(why, parserFault) {
		t.Fatal(why)
	}
	if len(ev.Fields) > MaxFields {
		t.Fatalf("%d fields", len(ev.Fields))
	}
	if y := ev.Time.UTC().Year(); y < minYear-1 || y > maxYear+1 {
		t.Fatalf("time %v", ev.Time)
	}
	known := ev.Format == ""
	for _, f := range Formats() {
		known = known || f.Name == ev.Format
	}
	if !known {
		t.Fatalf("format %q is not in the list", ev.Format)
	}
	if !utf8.ValidString(ev.Host) || !utf8.ValidString(ev.Source.Product+ev.Source.Category+ev.Source.Service) {
		t.Fatal("host or source is not valid UTF-8")
	}
	for _, f := range ev.Fields {
		if f.Name == "" || len(f.Name) > MaxNameBytes || !utf8.ValidString(f.Name) || !utf8.ValidString(f.Value) {
			t.Fatalf("field %q = %q", f.Name, f.Value)
		}
		if f.Kind == event.Null && f.Value != "" || f.Kind == event.Number && f.Value == "" {
			t.Fatalf("field %q of kind %d has value %q", f.Name, f.Kind, f.Value)
		}
	}
	if got := fieldBytes(ev); got > 6*len(raw)+MaxFields*MaxNameBytes+maxOverflowBytes {
		t.Fatalf("%d bytes of fields from %d bytes", got, len(raw))
	}
}

func fieldBytes(ev *event.Event) (n int) {
	for _, f := range ev.Fields {
		n += len(f.Name) + len(f.Value)
	}
	return n
}

// fuzzContent fuzzes one format's own function on text behind an envelope.
func fuzzContent(f *testing.F, format string, envelope string) {
	data, err := os.ReadFile(filepath.Join("testdata", format, format+".log"))
	if err != nil {
		f.Fatal(err)
	}
	p := New(Options{})
	var ev event.Event
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		b := &event.Batch{Received: arrival, Records: []event.Record{{Data: []byte(line)}}}
		p.Parse(b, 0, &ev)
		if m, ok := ev.Get("message"); ok {
			f.Add(m)
		} else {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		line := envelope + text
		b := &event.Batch{Unit: "u", Received: arrival, Records: []event.Record{{Data: []byte(line)}}}
		p.Parse(b, 0, &ev)
		checkEvent(t, line, &ev)
	})
}

func FuzzRFC5424(f *testing.F)   { fuzzContent(f, "syslog", "<13>1 ") }
func FuzzRFC3164(f *testing.F)   { fuzzContent(f, "syslog", "<13>Mar  2 11:59:50 ") }
func FuzzSSHD(f *testing.F)      { fuzzContent(f, "sshd", "<13>Mar  2 11:59:50 h sshd[1]: ") }
func FuzzSudo(f *testing.F)      { fuzzContent(f, "sudo", "<13>Mar  2 11:59:50 h sudo: ") }
func FuzzSystemd(f *testing.F)   { fuzzContent(f, "systemd", "<13>Mar  2 11:59:50 h systemd[1]: ") }
func FuzzAuditd(f *testing.F)    { fuzzContent(f, "auditd", "") }
func FuzzAccess(f *testing.F)    { fuzzContent(f, "access", "") }
func FuzzKV(f *testing.F)        { fuzzContent(f, "fortigate", "") }
func FuzzNetfilter(f *testing.F) { fuzzContent(f, "netfilter", "") }
func FuzzNamed(f *testing.F)     { fuzzContent(f, "named", "<13>Mar  2 11:59:50 h named[1]: ") }
func FuzzDnsmasq(f *testing.F)   { fuzzContent(f, "dnsmasq", "<13>Mar  2 11:59:50 h dnsmasq[1]: ") }
func FuzzErrorLogs(f *testing.F) { fuzzContent(f, "nginx-error", "") }
func FuzzZeekTSV(f *testing.F)   { fuzzContent(f, "zeek-tsv", "") }
func FuzzFilterlog(f *testing.F) {
	fuzzContent(f, "filterlog", "<13>Mar  2 11:59:50 h filterlog[1]: ")
}
func FuzzCEF(f *testing.F)         { fuzzContent(f, "cef", "") }
func FuzzLEEF(f *testing.F)        { fuzzContent(f, "leef", "") }
func FuzzCisco(f *testing.F)       { fuzzContent(f, "cisco", "<13>Mar  2 11:59:50 h : ") }
func FuzzSquid(f *testing.F)       { fuzzContent(f, "squid", "") }
func FuzzMikrotik(f *testing.F)    { fuzzContent(f, "mikrotik", "") }
func FuzzModSecurity(f *testing.F) { fuzzContent(f, "modsecurity", "") }
func FuzzDHCP(f *testing.F) {
	fuzzContent(f, "dhcp", "<13>Mar  2 11:59:50 h dhcpd[1]: ")
}
func FuzzWindowsDHCP(f *testing.F) { fuzzContent(f, "windows-dhcp", "") }
func FuzzWindowsDNS(f *testing.F)  { fuzzContent(f, "windows-dns", "") }
func FuzzPostgreSQL(f *testing.F)  { fuzzContent(f, "postgresql", "") }
func FuzzMySQL(f *testing.F)       { fuzzContent(f, "mysql", "") }
func FuzzPostfix(f *testing.F)     { fuzzContent(f, "postfix", "<22>Mar  2 11:59:50 h postfix/smtpd[1]: ") }
func FuzzDovecot(f *testing.F)     { fuzzContent(f, "dovecot", "<22>Mar  2 11:59:50 h dovecot: ") }
func FuzzClamAV(f *testing.F)      { fuzzContent(f, "clamav", "") }
func FuzzSnare(f *testing.F)       { fuzzContent(f, "snare", "") }
func FuzzHAProxy(f *testing.F)     { fuzzContent(f, "haproxy", "<134>Mar  2 11:59:50 h haproxy[1]: ") }
func FuzzIIS(f *testing.F)         { fuzzContent(f, "iis", "") }
func FuzzWazuhText(f *testing.F)   { fuzzContent(f, "wazuh", "<132>Mar  2 11:59:50 h ossec: ") }
func FuzzPaloAlto(f *testing.F)    { fuzzContent(f, "paloalto", "") }
func FuzzCheckpoint(f *testing.F)  { fuzzContent(f, "checkpoint", "") }
func FuzzSophos(f *testing.F)      { fuzzContent(f, "sophos", "") }
func FuzzVRP(f *testing.F)         { fuzzContent(f, "vrp", "") }
func FuzzJunos(f *testing.F) {
	fuzzContent(f, "junos", "<13>Mar  2 11:59:50 h RT_FLOW: ")
}
func FuzzKeyValue(f *testing.F) { fuzzContent(f, "keyvalue", "") }
