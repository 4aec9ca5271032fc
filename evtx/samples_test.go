package evtx

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/testdata"
)

// Every recording is read without a problem and with exactly the records that
// its chunk headers count: none lost, none invented from slack.
func TestSamplesHoldWhatTheirHeadersSay(t *testing.T) {
	files := 0
	for _, path := range logs(t, testdata.Path(t, "evtx")) {
		files++
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var want uint64
		for at := fileHeaderSize; at+chunkSize <= len(data); at += chunkSize {
			c := data[at:]
			first, last := binary.LittleEndian.Uint64(c[24:]), binary.LittleEndian.Uint64(c[32:])
			if string(c[:8]) == chunkSignature && last != ^uint64(0) {
				want += last - first + 1
			}
		}
		lines, r := readAll(t, data)
		if uint64(len(lines)) != want || want == 0 {
			t.Errorf("%s: %d records, the headers count %d", path, len(lines), want)
		}
		for _, p := range r.Problems() {
			t.Errorf("%s: %v", path, p)
		}
	}
	if files < 165 {
		t.Errorf("only %d files found", files)
	}
}

// The line of JSON says the same as the fields.
func TestJSONLinesEqualFields(t *testing.T) {
	for _, path := range logs(t, testdata.Path(t, "evtx")) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r := openBytes(t, data)
		var line []byte
		each(t, r, func(rec *Record) {
			line = rec.AppendJSON(line[:0])
			got := decodeLine(t, line)
			if len(got) != len(rec.Fields) {
				t.Fatalf("%s, record %d: %d keys for %d fields: %s", path, rec.ID, len(got), len(rec.Fields), line)
			}
			for _, f := range rec.Fields {
				var want any = f.Value
				switch {
				case f.Kind&List != 0:
					var items []any
					for item := range f.Items() {
						items = append(items, item)
					}
					want = items
				case f.Kind == Number:
					want = json.Number(f.Value)
				case f.Kind == Bool:
					want = f.Value == "true"
				case f.Kind == Null:
					want = nil
				}
				if fmt.Sprintf("%T %v", want, want) != fmt.Sprintf("%T %v", got[f.Name], got[f.Name]) {
					t.Errorf("%s, record %d: %s is %v in JSON, %v as a field", path, rec.ID, f.Name, got[f.Name], want)
				}
			}
		})
	}
}

func decodeLine(t *testing.T, line []byte) map[string]any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return m
}

// The same recordings were flattened by others to windows-attack.ndjson. Our
// lines equal those but for the differences in intended, which are ours on
// purpose.
func TestSamplesEqualFlattenedLines(t *testing.T) {
	type key struct {
		computer, id, minute, data string
	}
	keyOf := func(m map[string]any) key {
		return key{fmt.Sprint(m["Computer"]), fmt.Sprint(m["EventRecordID"]), fmt.Sprint(m["SystemTime"])[:16],
			fmt.Sprint(m["EventID"], m["UtcTime"], m["TargetUserName"], m["Execution_ThreadID"])}
	}
	theirs := map[key][]map[string]any{}
	f, err := os.Open(testdata.Path(t, "ndjson", "windows-attack.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(zr)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		m := decodeLine(t, in.Bytes())
		theirs[keyOf(m)] = append(theirs[keyOf(m)], m)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}

	met := map[string]int{}
	compared := 0
	for _, path := range logs(t, testdata.Path(t, "evtx")) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines, _ := readAll(t, data)
		for _, line := range lines {
			ours := decodeLine(t, []byte(line))
			var best []string
			var why map[string]int
			for i, their := range theirs[keyOf(ours)] {
				diff, ok := intended(ours, their)
				if i == 0 || len(diff) < len(best) {
					best, why = diff, ok
				}
			}
			if why == nil {
				t.Errorf("%s: not among their lines: %s", path, line)
				continue
			}
			compared++
			for _, d := range best {
				t.Errorf("%s: %s\n  in %s", path, d, line)
			}
			for k, n := range why {
				met[k] += n
			}
		}
	}
	if compared < 4000 {
		t.Errorf("only %d lines compared", compared)
	}
	t.Logf("%d lines compared, intended differences: %v", compared, met)
}

// intended compares one event and sets aside what differs on purpose.
func intended(ours, theirs map[string]any) (diff []string, why map[string]int) {
	why = map[string]int{}
	names := map[string]bool{}
	for k := range ours {
		names[k] = true
	}
	for k := range theirs {
		names[k] = true
	}
	_, single := theirs["Data"]
	for k := range names {
		o, inOurs := ours[k]
		h, inTheirs := theirs[k]
		if inOurs && inTheirs && fmt.Sprintf("%T %v", o, o) == fmt.Sprintf("%T %v", h, h) {
			continue
		}
		number, isNumber := h.(json.Number)
		switch {
		case k == "SystemTime" && closeTimes(o, h):
			why["time went through a float64 there, up to 2 us off"]++
		case isNumber && isFileTime(o, number):
			why["FILETIME is seconds since 1970 there, RFC 3339 here"]++
		case strings.HasPrefix(k, "xmlns:") && !inOurs:
			why["namespace declarations are no fields here"]++
		case (k == "Image" || k == "ParentImage") && !inOurs && fmt.Sprint(ours["EventID"]) == "4688":
			why["4688 got names of other events added there"]++
		case k == "Data" && !inOurs, !inTheirs && single && fmt.Sprint(o) == fmt.Sprint(theirs["Data"]):
			why["the name of an only Data element is lost there"]++
		case k == "Channel" && o == nil && isNumber:
			why["an empty Channel has the value of another element there"]++
		default:
			diff = append(diff, fmt.Sprintf("%s: ours %T %v, theirs %T %v", k, o, o, h, h))
		}
	}
	return diff, why
}

func closeTimes(a, b any) bool {
	x, err1 := time.Parse(time.RFC3339Nano, fmt.Sprint(a))
	y, err2 := time.Parse(time.RFC3339Nano, fmt.Sprint(b))
	return err1 == nil && err2 == nil && x.Sub(y).Abs() <= 2*time.Microsecond
}

func isFileTime(ours any, theirs json.Number) bool {
	x, err := time.Parse(time.RFC3339Nano, fmt.Sprint(ours))
	f, err2 := theirs.Float64()
	return err == nil && err2 == nil && math.Abs(float64(x.UnixMicro())/1e6-f) < 1e-5
}
