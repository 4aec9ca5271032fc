package parse

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/testdata"
)

// TestWindowsShapes: one event in the four shapes shippers give it comes out
// the same, under Sigma's names, from the same source, host and time.
func TestWindowsShapes(t *testing.T) {
	shapes := map[string]string{
		"evtx-flat": `{"Provider_Name":"Microsoft-Windows-Sysmon","EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"PC-1",
			"SystemTime":"2026-03-02T04:59:50.5Z","EventRecordID":9,"Execution_ProcessID":4,"Image":"C:\\a.exe","CommandLine":"a \"b\""}`,
		"evtx-json": `{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":{"#text":1},
			"TimeCreated":{"#attributes":{"SystemTime":"2026-03-02T04:59:50.5Z"}},"EventRecordID":9,"Execution":{"#attributes":{"ProcessID":4}},
			"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"PC-1"},"EventData":{"Image":"C:\\a.exe","CommandLine":"a \"b\""}}}`,
		"winlogbeat": `{"@timestamp":"2026-03-02T04:59:50.5Z","winlog":{"provider_name":"Microsoft-Windows-Sysmon","event_id":1,"record_id":9,
			"channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"PC-1","process":{"pid":4},"event_data":{"Image":"C:\\a.exe","CommandLine":"a \"b\""}}}`,
		"nxlog": `{"EventTime":"2026-03-02 11:59:50.5","Hostname":"PC-1","EventID":1,"SourceName":"Microsoft-Windows-Sysmon","RecordNumber":9,
			"ExecutionProcessID":4,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\a.exe","CommandLine":"a \"b\""}`,
	}
	want := map[string]string{
		"Provider_Name": "Microsoft-Windows-Sysmon", "EventID": "1", "Channel": "Microsoft-Windows-Sysmon/Operational",
		"Computer": "PC-1", "EventRecordID": "9", "Execution_ProcessID": "4", "Image": `C:\a.exe`, "CommandLine": `a "b"`,
	}
	for format, line := range shapes {
		t.Run(format, func(t *testing.T) {
			ev := parseLine(t, New(Options{}), line)
			if ev.Format != format || ev.Host != "PC-1" || ev.Source != (event.Source{Product: "windows", Service: "sysmon"}) {
				t.Errorf("format %q, host %q, source %v", ev.Format, ev.Host, ev.Source)
			}
			if at := ev.Time.UTC().Format("2006-01-02T15:04:05.0"); at != "2026-03-02T04:59:50.5" {
				t.Errorf("time %s", at)
			}
			got := map[string]string{}
			for _, f := range ev.Fields {
				got[f.Name] = f.Value
			}
			maps.DeleteFunc(got, func(name, _ string) bool { return name == "SystemTime" || name == "@timestamp" || name == "EventTime" })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestWindowsCorpora: every record of the real sets is understood as a Windows
// event that says its computer.
func TestWindowsCorpora(t *testing.T) {
	for _, name := range []string{"windows-attack", "windows-estate"} {
		t.Run(name, func(t *testing.T) {
			p := New(Options{})
			for i, line := range testdata.Lines(t, "ndjson", name+".ndjson.gz") {
				ev := parseLine(t, p, string(line))
				computer, _ := ev.Get("Computer")
				if ev.Source.Product != "windows" || computer == "" || ev.Host != computer || ev.Time.Equal(arrival) {
					t.Fatalf("line %d: source %v, host %q, time %v: %s", i, ev.Source, ev.Host, ev.Time, line)
				}
			}
		})
	}
}
