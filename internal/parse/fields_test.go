package parse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
)

// asJSON writes the fields as the members of one object.
func asJSON(t testing.TB, fields []event.Field) []byte {
	t.Helper()
	out := []byte{'{'}
	quote := func(s string) {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		out = append(out, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
	}
	for i, f := range fields {
		if i > 0 {
			out = append(out, ',')
		}
		quote(f.Name)
		out = append(out, ':')
		switch f.Kind {
		case event.Number, event.Bool:
			out = append(out, f.Value...)
		case event.Null:
			out = append(out, "null"...)
		case event.String:
			quote(f.Value)
		}
	}
	return append(out, '}')
}

// sameAsJSON fails if the fields become another event than the JSON object that
// has them.
func sameAsJSON(t testing.TB, fields []event.Field) {
	t.Helper()
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	b := event.Batch{Unit: "u", Input: "import", Peer: "log.evtx", Received: at, Records: []event.Record{{Data: asJSON(t, fields), Hint: event.HintJSON}}}
	var want event.Event
	New(Options{}).Parse(&b, 0, &want)
	got := event.Event{Fields: slices.Clone(fields)}
	New(Options{}).ParseFields(&b, 0, &got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("fields differ from their JSON (-JSON +fields):\n%s\n%s", d, b.Records[0].Data)
	}
}

func TestFieldsAreReadAsTheirJSON(t *testing.T) {
	many := make([]event.Field, MaxFields+5)
	for i := range many {
		many[i] = event.Field{Name: "f" + strconv.Itoa(i), Value: strings.Repeat("v", i%7)}
	}
	for name, fields := range map[string][]event.Field{
		"none": nil,
		"a record of a Windows event log": {
			{Name: "Provider_Name", Value: "Microsoft-Windows-Sysmon"}, {Name: "EventID", Value: "1", Kind: event.Number},
			{Name: "Channel", Value: "Microsoft-Windows-Sysmon/Operational"}, {Name: "Computer", Value: "PC"},
			{Name: "SystemTime", Value: "2026-11-20T01:00:00.123456Z"}, {Name: "Task", Kind: event.Null},
			{Name: "Image", Value: `C:\Windows\a "b".exe`}, {Name: "Data", Value: "one"}, {Name: "Data", Value: "two\x00\n"},
		},
		"names with blanks, of Defender": {
			{Name: "EventID", Value: "1116", Kind: event.Number}, {Name: "Channel", Value: "Microsoft-Windows-Windows Defender/Operational"},
			{Name: "Threat Name", Value: "x"}, {Name: " ", Value: "blank"},
		},
		"no time and no host":          {{Name: "a", Value: "b"}},
		"a log source of its own":      {{Name: "product", Value: "linux"}, {Name: "service", Value: "sshd"}, {Name: "hostname", Value: "h"}},
		"an impossible time":           {{Name: "SystemTime", Value: "9999-99-99T00:00:00Z"}, {Name: "UtcTime", Value: "2020-01-02 03:04:05.678"}},
		"names that belong elsewhere":  {{Name: "winlog.channel", Value: "Security"}, {Name: "event.code", Value: "4688"}},
		"the nested form":              {{Name: "Event.System.Channel", Value: "Security"}, {Name: "Event.EventData.Data.@Name", Value: "n"}, {Name: "Event.EventData.Data.#text", Value: "v"}},
		"exactly as many as there may": many[:MaxFields-1],
		"one more":                     many[:MaxFields],
		"many more":                    many,
		"names beyond their limit":     {{Name: "", Value: "empty"}, {Name: strings.Repeat("ă", MaxNameBytes), Value: "long"}},
	} {
		t.Run(name, func(t *testing.T) { sameAsJSON(t, fields) })
	}
}

func FuzzFieldsAreReadAsTheirJSON(f *testing.F) {
	f.Add("Channel=Security\nEventID#4688\nImage=C:\\a.exe\nImage=b")
	f.Add("Channel=Microsoft-Windows-Windows Defender/Operational\nEventID#1\nA B=c\nTask")
	f.Add("winlog.channel=x\nevent.code#5\n@timestamp=2026-01-02T03:04:05Z")
	f.Add("Event.System.Channel=x\nEventData.Data.Name=a\nEventData.Data.text=b\nhost=h")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		var fields []event.Field
		for line := range strings.SplitSeq(text, "\n") {
			switch name, value, ok := strings.Cut(line, "="); {
			case ok:
				fields = append(fields, event.Field{Name: name, Value: value})
			default:
				name, digits, ok := strings.Cut(line, "#")
				if n, err := strconv.Atoi(digits); ok && err == nil {
					fields = append(fields, event.Field{Name: name, Value: fmt.Sprint(n), Kind: event.Number})
				} else {
					fields = append(fields, event.Field{Name: line, Kind: event.Null})
				}
			}
		}
		sameAsJSON(t, fields)
	})
}
