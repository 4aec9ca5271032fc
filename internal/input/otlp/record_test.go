package otlp

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logs "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	resource "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/lachan-vn/lachan/internal/input"
)

var update = flag.Bool("update", false, "write the golden files anew")

// records reads a request as the handler does; refused ones are left out.
func records(f form, body []byte) (list []string, refused int, err error) {
	if err := f.walk(body, &survey{form: f}); err != nil {
		return nil, 0, err
	}
	k := &keeper{form: f, add: func(r []byte) error { list = append(list, string(r)); return nil }}
	err = f.walk(body, k)
	return list, k.refused, err
}

// TestGolden holds what the examples become, byte for byte; spec.json is the one
// of the specification.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := records(text{}, body)
		if err != nil {
			t.Fatal(file, err)
		}
		got := strings.Join(list, "\n") + "\n"
		golden := strings.TrimSuffix(file, ".json") + ".golden"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s:\n%s", file, cmp.Diff(string(want), got))
		}
	}
}

// random makes requests with the types of the specification.
type random struct{ *rand.Rand }

func (r random) text() string {
	pieces := []string{"", "a", "host.name", "xin chào", "\"\\\n\t\x00\x7f", "🔒", "<&>", "\u2028", "thẻ: 1"}
	return pieces[r.IntN(len(pieces))] + pieces[r.IntN(len(pieces))]
}

func (r random) value(depth int) *common.AnyValue {
	switch r.IntN(9) {
	case 0:
		return nil
	case 1:
		return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: r.IntN(2) == 0}}
	case 2:
		return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: int64(r.Uint64())}}
	case 3:
		return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: []float64{0, 1, -1.5, 1e300, 5e-324, 123456.789, math.NaN(), math.Inf(1), math.Inf(-1)}[r.IntN(9)]}}
	case 4:
		return &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: []byte(r.text())}}
	case 5:
		if depth < 4 {
			a := &common.ArrayValue{}
			for range r.IntN(3) {
				v := r.value(depth + 1)
				if v == nil {
					v = &common.AnyValue{} // a list has no gaps
				}
				a.Values = append(a.Values, v)
			}
			return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: a}}
		}
	case 6:
		if depth < 4 {
			return &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: r.attributes(depth + 1)}}}
		}
	}
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: r.text()}}
}

func (r random) attributes(depth int) (list []*common.KeyValue) {
	for i := range r.IntN(3) {
		list = append(list, &common.KeyValue{Key: fmt.Sprint(r.text(), i), Value: r.value(depth)})
	}
	return list
}

func (r random) id(n int) []byte {
	id := make([]byte, n)
	if r.IntN(3) > 0 {
		for i := range id {
			id[i] = byte(r.Uint32())
		}
	}
	return id[:n*r.IntN(2)]
}

func (r random) nanos() uint64 {
	return []uint64{0, 1, 1544712660300000000, 1544712660300000001, math.MaxUint64}[r.IntN(5)]
}

func (r random) request() *collector.ExportLogsServiceRequest {
	q := &collector.ExportLogsServiceRequest{}
	for range r.IntN(3) {
		rl := &logs.ResourceLogs{SchemaUrl: r.text()}
		if r.IntN(3) > 0 {
			rl.Resource = &resource.Resource{Attributes: r.attributes(0), DroppedAttributesCount: r.Uint32N(2)}
		}
		for range r.IntN(3) {
			sl := &logs.ScopeLogs{SchemaUrl: r.text()}
			if r.IntN(3) > 0 {
				sl.Scope = &common.InstrumentationScope{Name: r.text(), Version: r.text(), Attributes: r.attributes(0)}
			}
			for range r.IntN(4) {
				sl.LogRecords = append(sl.LogRecords, &logs.LogRecord{
					TimeUnixNano: r.nanos(), ObservedTimeUnixNano: r.nanos(),
					SeverityNumber: logs.SeverityNumber(r.IntN(27) - 1), SeverityText: r.text(),
					Body: r.value(0), Attributes: r.attributes(0), DroppedAttributesCount: r.Uint32N(3),
					Flags: r.Uint32N(2) * 257, TraceId: r.id(16), SpanId: r.id(8), EventName: r.text(),
				})
			}
			rl.ScopeLogs = append(rl.ScopeLogs, sl)
		}
		q.ResourceLogs = append(q.ResourceLogs, rl)
	}
	return q
}

// The slow path: records built as trees, from the common library's messages.

func treeOf(v *common.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_BoolValue:
		return v.BoolValue
	case *common.AnyValue_IntValue:
		return json.Number(fmt.Sprint(v.IntValue))
	case *common.AnyValue_DoubleValue:
		switch d := v.DoubleValue; {
		case math.IsNaN(d):
			return "NaN"
		case math.IsInf(d, 1):
			return "Infinity"
		case math.IsInf(d, -1):
			return "-Infinity"
		default:
			return d
		}
	case *common.AnyValue_BytesValue:
		return base64.StdEncoding.EncodeToString(v.BytesValue)
	case *common.AnyValue_ArrayValue:
		list := []any{}
		for _, e := range v.ArrayValue.GetValues() {
			list = append(list, treeOf(e))
		}
		return list
	case *common.AnyValue_KvlistValue:
		return treeOfAll(v.KvlistValue.GetValues())
	}
	return nil
}

func treeOfAll(list []*common.KeyValue) map[string]any {
	tree := map[string]any{}
	for _, kv := range list {
		tree[kv.GetKey()] = treeOf(kv.GetValue())
	}
	return tree
}

func trees(q *collector.ExportLogsServiceRequest) (list []map[string]any) {
	for _, rl := range q.GetResourceLogs() {
		for _, sl := range rl.GetScopeLogs() {
			for _, r := range sl.GetLogRecords() {
				tree := map[string]any{"otlp": "log", "resource": treeOfAll(rl.GetResource().GetAttributes()), "attributes": treeOfAll(r.GetAttributes())}
				set := func(key string, value any, there bool) {
					if there {
						tree[key] = value
					}
				}
				at := func(ns uint64) string {
					return time.Unix(int64(ns/1e9), int64(ns%1e9)).UTC().Format(time.RFC3339Nano)
				}
				set("time", at(r.GetTimeUnixNano()), r.GetTimeUnixNano() != 0)
				set("observed", at(r.GetObservedTimeUnixNano()), r.GetObservedTimeUnixNano() != 0)
				number := r.GetSeverityNumber()
				name := strings.TrimPrefix(number.String(), "SEVERITY_NUMBER_")
				set("severity", name, number >= 1 && number <= 24)
				set("severity", r.GetSeverityText(), r.GetSeverityText() != "")
				set("severity_number", json.Number(fmt.Sprint(int32(number))), number != 0)
				set("event_name", r.GetEventName(), r.GetEventName() != "")
				set("body", treeOf(r.GetBody()), r.GetBody().GetValue() != nil)
				set("trace_id", hex.EncodeToString(r.GetTraceId()), len(bytes.Trim(r.GetTraceId(), "\x00")) > 0)
				set("span_id", hex.EncodeToString(r.GetSpanId()), len(bytes.Trim(r.GetSpanId(), "\x00")) > 0)
				set("flags", json.Number(fmt.Sprint(r.GetFlags())), r.GetFlags() != 0)
				set("dropped_attributes", json.Number(fmt.Sprint(r.GetDroppedAttributesCount())), r.GetDroppedAttributesCount() != 0)
				scope := map[string]any{}
				if s := sl.GetScope(); s.GetName() != "" {
					scope["name"] = s.GetName()
				}
				if s := sl.GetScope(); s.GetVersion() != "" {
					scope["version"] = s.GetVersion()
				}
				if s := sl.GetScope(); len(s.GetAttributes()) > 0 {
					scope["attributes"] = treeOfAll(s.GetAttributes())
				}
				tree["scope"] = scope
				list = append(list, tree)
			}
		}
	}
	return list
}

// sameTree compares a record with a tree, numbers by value.
func sameTree(record string, tree map[string]any) string {
	canon := func(b []byte) (v any) {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			return err.Error()
		}
		return v
	}
	want, err := json.Marshal(tree)
	if err != nil {
		return err.Error()
	}
	return cmp.Diff(canon(want), canon([]byte(record)), cmp.Comparer(func(a, b json.Number) bool {
		if a == b {
			return true
		}
		x, errX := a.Float64()
		y, errY := b.Float64()
		return strings.ContainsAny(string(a+b), ".eE") && errX == nil && errY == nil && x == y
	}))
}

// textOf writes a request in the JSON form of OTLP, as an exporter does: proto3
// JSON with hexadecimal identities and numbers for enums.
func textOf(t testing.TB, q *collector.ExportLogsServiceRequest) []byte {
	t.Helper()
	b, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	for _, rl := range q.GetResourceLogs() {
		for _, sl := range rl.GetScopeLogs() {
			for _, r := range sl.GetLogRecords() {
				for _, id := range [][]byte{r.GetTraceId(), r.GetSpanId()} {
					b = bytes.ReplaceAll(b, []byte(`Id":"`+base64.StdEncoding.EncodeToString(id)), []byte(`Id":"`+strings.ToUpper(hex.EncodeToString(id))))
					b = bytes.ReplaceAll(b, []byte(`Id": "`+base64.StdEncoding.EncodeToString(id)), []byte(`Id":"`+strings.ToUpper(hex.EncodeToString(id))))
				}
			}
		}
	}
	return b
}

// TestRecordsAreWhatTheCommonLibraryReads compares both forms with the slow path
// on random requests.
func TestRecordsAreWhatTheCommonLibraryReads(t *testing.T) {
	r := random{rand.New(rand.NewPCG(1, 2))}
	seen := 0
	for range 3000 {
		q := r.request()
		want := trees(q)
		body, err := proto.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			form form
			body []byte
		}{"protobuf": {wire{}, body}, "JSON": {text{}, textOf(t, q)}} {
			got, refused, err := records(c.form, c.body)
			if err != nil || refused != 0 || len(got) != len(want) {
				t.Fatalf("%s: %d records of %d, %d refused, %v", name, len(got), len(want), refused, err)
			}
			for i := range got {
				seen++
				if !json.Valid([]byte(got[i])) {
					t.Fatalf("%s: not JSON: %s", name, got[i])
				}
				if diff := sameTree(got[i], want[i]); diff != "" {
					t.Fatalf("%s: %s\n%s", name, got[i], diff)
				}
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d records were compared", seen)
	}
}

// FuzzWire holds that no bytes make the protobuf form fail other than by an error,
// that its records are JSON, and that what the common library reads, it reads alike.
func FuzzWire(f *testing.F) {
	r := random{rand.New(rand.NewPCG(3, 4))}
	for range 20 {
		b, err := proto.Marshal(r.request())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, _, err := records(wire{}, body)
		for _, rec := range got {
			if end, ok := input.JSONEnd([]byte(rec), 0); !ok || end != len(rec) {
				t.Fatalf("not JSON: %q", rec)
			}
		}
		var q collector.ExportLogsServiceRequest
		if proto.Unmarshal(body, &q) != nil {
			return
		}
		// As the library writes it again: without repeated scalars, unknown fields
		// and the like.
		again, err2 := proto.MarshalOptions{Deterministic: true}.Marshal(&q)
		if err2 != nil {
			return
		}
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		got, refused, err := records(wire{}, again)
		if err != nil {
			t.Fatal(err)
		}
		want := trees(&q)
		if len(got)+refused != len(want) {
			t.Fatalf("%d records and %d refused, want %d", len(got), refused, len(want))
		}
	})
}

// FuzzText is FuzzWire for the JSON form.
func FuzzText(f *testing.F) {
	r := random{rand.New(rand.NewPCG(5, 6))}
	for range 20 {
		f.Add(textOf(f, r.request()))
	}
	f.Add([]byte(`{"resourceLogs":[{"resource":7,"scopeLogs":[{"scope":[],"logRecords":[{"attributes":{"a":1},"timeUnixNano":{},"traceId":5,"body":{"intValue":"x"}}]}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, _, err := records(text{}, body)
		if err == nil {
			if end, ok := input.JSONEnd(body, 0); !ok || input.SkipSpace(body, end) != len(body) {
				t.Fatalf("taken, but not JSON: %q", body)
			}
		}
		for _, rec := range got {
			if end, ok := input.JSONEnd([]byte(rec), 0); !ok || end != len(rec) {
				t.Fatalf("not JSON: %q", rec)
			}
		}
	})
}

func BenchmarkRecords(b *testing.B) {
	q := &collector.ExportLogsServiceRequest{ResourceLogs: []*logs.ResourceLogs{{
		Resource:  &resource.Resource{Attributes: []*common.KeyValue{{Key: "host.name", Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: "may-1"}}}}},
		ScopeLogs: []*logs.ScopeLogs{{Scope: &common.InstrumentationScope{Name: "filelog"}}},
	}}}
	const n = 1000
	for i := range n {
		q.ResourceLogs[0].ScopeLogs[0].LogRecords = append(q.ResourceLogs[0].ScopeLogs[0].LogRecords, &logs.LogRecord{
			TimeUnixNano: uint64(1544712660300000000 + i), SeverityNumber: 9, SeverityText: "INFO", TraceId: bytes.Repeat([]byte{7}, 16), SpanId: bytes.Repeat([]byte{8}, 8),
			Body:       &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: "Accepted password for root from 203.0.113.7 port 4022 ssh2"}},
			Attributes: []*common.KeyValue{{Key: "log.file.name", Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: "auth.log"}}}, {Key: "pid", Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: int64(i)}}}},
		})
	}
	body, err := proto.Marshal(q)
	if err != nil {
		b.Fatal(err)
	}
	for name, c := range map[string]struct {
		form form
		body []byte
	}{"protobuf": {wire{}, body}, "JSON": {text{}, textOf(b, q)}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.body)))
			k := &keeper{form: c.form, add: func([]byte) error { return nil }}
			for b.Loop() {
				if err := c.form.walk(c.body, &survey{form: c.form}); err != nil {
					b.Fatal(err)
				}
				if err := c.form.walk(c.body, k); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/record")
		})
	}
}
