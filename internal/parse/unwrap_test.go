package parse

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
)

// wrappers put a line into what each shipper makes of it.
var wrappers = map[string]func(line string) any{
	"beats": func(line string) any {
		return map[string]any{"@timestamp": arrival, "message": line, "agent": map[string]any{"type": "filebeat"}, "host": map[string]any{"name": "wrapper"}}
	},
	"otlp": func(line string) any {
		return map[string]any{"otlp": "log", "time": arrival, "body": line, "resource": map[string]any{"host.name": "wrapper"}}
	},
	"gelf": func(line string) any {
		return map[string]any{"version": "1.1", "host": "wrapper", "short_message": line, "timestamp": arrival.Unix()}
	},
	"hec": func(line string) any {
		return map[string]any{"event": line, "sourcetype": "x", "host": "wrapper", "time": arrival.Unix()}
	},
	"docker": func(line string) any {
		return map[string]any{"log": line + "\n", "stream": "stdout", "time": arrival, "host": "wrapper"}
	},
	"wazuh": func(line string) any {
		return map[string]any{"timestamp": arrival, "rule": map[string]any{"id": "1", "level": 3}, "agent": map[string]any{"id": "0", "name": "wrapper"}, "full_log": line}
	},
	"loki": func(line string) any {
		return struct {
			Loki map[string]string `json:"loki"`
			Time any               `json:"time"`
			Line string            `json:"line"`
		}{map[string]string{"host": "wrapper"}, arrival, line}
	},
}

// Whatever brings a line, it becomes the event that it would be alone: the same
// format, log source, time and fields, and the wrapper's host only where the line
// names none.
func TestAWrappedRecordIsReadAsIfItHadComeAlone(t *testing.T) {
	p := New(Options{})
	for _, f := range Formats() {
		if f.Name == "cri" {
			continue // it is cut off inside a wrapper
		}
		lines := corpusLines(t, f.Name)
		for name, wrap := range wrappers {
			for _, line := range lines {
				text := strings.TrimSpace(line)
				if text == "" || !utf8.ValidString(text) || text[0] == '{' && !strings.HasPrefix(f.Name, "evtx") {
					continue // what is no text may itself be a wrapper, and those are opened once
				}
				alone := clone(parseLine(t, p, text))
				if _, wrapped := alone.Get("_wrapper"); wrapped || alone.Format == "" {
					continue
				}
				data, err := json.Marshal(wrap(text))
				if err != nil {
					t.Fatal(err)
				}
				got := parseLine(t, p, string(data))
				if got.Format != alone.Format || got.Source != alone.Source || !got.Time.Equal(alone.Time) && !alone.Time.Equal(arrival) {
					t.Errorf("in %s: %s of %v at %v, alone %s of %v at %v:\n%s", name, got.Format, got.Source, got.Time, alone.Format, alone.Source, alone.Time, line)
				}
				if want := alone.Host; want != alone.Peer && got.Host != want || want == alone.Peer && got.Host != "wrapper" {
					t.Errorf("in %s: host %q, alone %q:\n%s", name, got.Host, want, line)
				}
				if w := got.Fields[len(got.Fields)-1]; w.Name != "_wrapper" || w.Value != name {
					t.Errorf("in %s: last field %v", name, w)
				}
				got.Fields = got.Fields[:len(got.Fields)-1]
				if rest := len(got.Fields) - len(alone.Fields); rest < 0 || !slices.Equal(got.Fields[rest:], alone.Fields) {
					t.Errorf("in %s (-alone +wrapped):\n%s", name, cmp.Diff(alone.Fields, got.Fields))
				}
			}
		}
	}
}

func corpusLines(t testing.TB, format string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", format, format+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(bytes.TrimSpace(data)), "\n")
}

func clone(ev *event.Event) *event.Event {
	c := *ev
	c.Fields = slices.Clone(ev.Fields)
	return &c
}

// A record inside a record inside a record is not read: what came in the outer
// one is JSON, and that is where it ends.
func TestNothingIsUnwrappedTwice(t *testing.T) {
	text := "Mar  2 11:59:50 h sshd[1]: Failed password for root from 192.0.2.1 port 1 ssh2"
	for range 40 {
		data, err := json.Marshal(wrappers["beats"](text))
		if err != nil {
			t.Fatal(err)
		}
		if text = string(data); len(text) > 200<<10 {
			break
		}
	}
	ev := parseLine(t, New(Options{}), text)
	if ev.Format != "beats" || ev.Source != (event.Source{}) {
		t.Errorf("format %q, source %v", ev.Format, ev.Source)
	}
}

// The log of a container, read as any file, is a line in a line of a wrapper.
func TestALineOfAContainerInAWrapper(t *testing.T) {
	line := "2026-03-02T04:59:54.1Z stderr F Mar  2 11:59:54 bastion sshd[7]: Failed password for root from 203.0.113.7 port 22 ssh2"
	data, err := json.Marshal(wrappers["beats"](line))
	if err != nil {
		t.Fatal(err)
	}
	ev := parseLine(t, New(Options{}), string(data))
	if ip, _ := ev.Get("src_ip"); ev.Format != "sshd" || ip != "203.0.113.7" || ev.Host != "bastion" {
		t.Errorf("%+v", ev)
	}
}

// What the collector of Splunk takes needs no more than its text: that it came
// there tells what it is.
func TestAnEventForSplunkNeedsNoMoreThanItsText(t *testing.T) {
	line := `{"event":"Mar  2 11:59:50 h sshd[1]: Failed password for root from 192.0.2.1 port 1 ssh2"}`
	for inputKind, format := range map[string]string{"splunk": "sshd", "http": "json"} {
		b := &event.Batch{Input: inputKind, Received: arrival, Records: []event.Record{{Data: []byte(line), Hint: event.HintJSON}}}
		var ev event.Event
		New(Options{}).Parse(b, 0, &ev)
		if ev.Format != format {
			t.Errorf("by %s: format %q, want %q", inputKind, ev.Format, format)
		}
	}
}

// The tables are read once, by their order; a mark more than the bits there are
// would be lost.
func TestMarksFit(t *testing.T) {
	if len(markNumbers) > maxMarks {
		t.Fatalf("%d marks, %d bits", len(markNumbers), maxMarks)
	}
	t.Logf("%d marks of %d", len(markNumbers), maxMarks)
	for _, kind := range jsonKinds {
		if !slices.ContainsFunc(Formats(), func(f Format) bool { return f.Name == kind.format }) {
			t.Errorf("%s is not in the list of formats", kind.format)
		}
	}
}

// FuzzUnwrap holds a wrapped line against the same line alone.
func FuzzUnwrap(f *testing.F) {
	logs, err := filepath.Glob("testdata/*/*.log")
	if err != nil {
		f.Fatal(err)
	}
	for _, log := range logs {
		data, err := os.ReadFile(log)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range bytes.Split(data, []byte("\n")) {
			f.Add(string(line))
		}
	}
	names := []string{"beats", "otlp", "gelf", "hec", "docker", "wazuh", "loki"}
	p := New(Options{})
	f.Fuzz(func(t *testing.T, line string) {
		if !utf8.ValidString(line) {
			return
		}
		for _, name := range names {
			data, err := json.Marshal(wrappers[name](line))
			if err != nil {
				t.Fatal(err)
			}
			b := &event.Batch{Unit: "u", Input: "syslog", Received: arrival, Records: []event.Record{{Data: data, Hint: event.HintJSON}}}
			var ev event.Event
			p.Parse(b, 0, &ev)
			checkEvent(t, string(data), &ev)
			if ev.Format == "" {
				t.Fatalf("%s: not understood: %s", name, data)
			}
		}
	})
}
