package loki

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ask sends a request with the good token, unless the headers say otherwise.
func ask(t testing.TB, s *inputtest.Server, method, path string, body []byte, headers ...string) (status int, text string, h http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("agent", inputtest.Good)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(all), res.Header
}

// What a push in protobuf is made of.

type pushed struct {
	labels  string
	entries []entry
	pairs   [][2]string // metadata of every entry
}

func message(number protowire.Number, inner []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), inner)
}

func varint(number protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), v)
}

func (p pushed) stream(labelsLast bool) []byte {
	var out []byte
	for _, e := range p.entries {
		at := append(varint(1, uint64(e.seconds)), varint(2, uint64(e.nanos))...)
		text := append(message(1, at), message(2, e.line)...)
		for _, pair := range p.pairs {
			text = append(text, message(3, append(message(1, []byte(pair[0])), message(2, []byte(pair[1]))...))...)
		}
		out = append(out, message(2, text)...)
	}
	labels := message(1, []byte(p.labels))
	if labelsLast {
		return message(1, append(out, labels...))
	}
	return message(1, append(append(labels, out...), varint(3, 4711)...))
}

const base = 1_780_000_000

func TestProtobuf(t *testing.T) {
	one := pushed{labels: `{job="varlogs", host="web\"01"}`, entries: []entry{
		{seconds: base, nanos: 123456789, line: []byte(`Failed "password"`)},
		{seconds: base - 86400, line: []byte("\xff\ttwo")},
	}}
	two := pushed{labels: "{}", entries: []entry{{seconds: 0, line: nil}}, pairs: [][2]string{{"trace_id", "abc"}, {"unit", "so-y-te"}}}
	want := []string{
		`{"loki":{"job":"varlogs","host":"web\"01"},"time":"2026-05-28T20:26:40.123456789Z","line":"Failed \"password\""}`,
		"{\"loki\":{\"job\":\"varlogs\",\"host\":\"web\\\"01\"},\"time\":\"2026-05-27T20:26:40Z\",\"line\":\"\xff\\ttwo\"}",
		`{"loki":{},"time":"1970-01-01T00:00:00Z","line":"","metadata":{"trace_id":"abc","unit":"so-y-te"}}`,
	}
	for name, c := range map[string]struct {
		body    []byte
		path    string
		headers []string
	}{
		"Promtail, Alloy":         {append(one.stream(false), two.stream(false)...), "/loki/api/v1/push", []string{"Content-Type", "application/x-protobuf", "X-Scope-OrgID", "so-y-te"}},
		"named as snappy":         {append(one.stream(false), two.stream(false)...), "/loki/api/v1/push", []string{"Content-Type", "application/x-protobuf", "Content-Encoding", "snappy"}},
		"labels behind":           {append(one.stream(true), two.stream(true)...), "/loki/api/v1/push", nil},
		"unknown fields, old way": {append(append(varint(9, 1), one.stream(false)...), append(message(8, []byte("x")), two.stream(false)...)...), "/api/prom/push", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := inputtest.Serve(t, Endpoint(), nil)
			status, text, _ := ask(t, s, "POST", c.path, snappy.Encode(nil, c.body), c.headers...)
			if status != 204 || text != "" {
				t.Fatalf("%d %s", status, text)
			}
			if d := cmp.Diff(want, s.Shelf.Records()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			b := s.Shelf.Batches()[0]
			if b.Unit != inputtest.Unit || b.Credential != "token:good" || b.Input != "loki" || b.Records[0].Hint != event.HintJSON {
				t.Errorf("batch %+v", b)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"values": {`{"streams":[{"stream":{"job":"a","unit":"so-y-te"},"values":[["1780000000123456789","line \u0041 \"q\""],["1780000000000000000","two",{"trace_id":"x"}],["-1","old",{}]]}]}`, []string{
			`{"loki":{"job":"a","unit":"so-y-te"},"time":"2026-05-28T20:26:40.123456789Z","line":"line \u0041 \"q\""}`,
			`{"loki":{"job":"a","unit":"so-y-te"},"time":"2026-05-28T20:26:40Z","line":"two","metadata":{"trace_id":"x"}}`,
			`{"loki":{"job":"a","unit":"so-y-te"},"time":"1969-12-31T23:59:59.999999999Z","line":"old"}`,
		}},
		"values before the stream": {`{"streams":[{"values":[["1780000000000000000","x"]],"stream":{"b":"c"}}]}`, []string{`{"loki":{"b":"c"},"time":"2026-05-28T20:26:40Z","line":"x"}`}},
		"a time that is a number":  {`{"streams":[{"stream":{},"values":[[1780000000000000000,"x"]]}]}`, []string{`{"loki":{},"time":"2026-05-28T20:26:40Z","line":"x"}`}},
		"the old form": {`{"streams":[{"labels":"{job=\"a\"}","entries":[{"ts":"2026-05-29T03:26:40.5+07:00","line":"x"}]}]}`, []string{
			`{"loki":{"job":"a"},"time":"2026-05-28T20:26:40.5Z","line":"x"}`}},
		"nothing":           {`{"streams":[]}`, nil},
		"streams of none":   {`{"streams":[{"stream":{"a":"b"},"values":[]},{"stream":{},"values":null},{}]}`, nil},
		"null":              {`{"streams":null}`, nil},
		"something unknown": {` {"x":[{}],"streams":[{"x":1,"stream":{},"values":[["1780000000000000000","x",{"a":"b"},1]]}]} `, []string{`{"loki":{},"time":"2026-05-28T20:26:40Z","line":"x","metadata":{"a":"b"}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			s := inputtest.Serve(t, Endpoint(), nil)
			status, text, _ := ask(t, s, "POST", "/loki/api/v1/push", []byte(c.body), "Content-Type", "application/json; charset=utf-8")
			if status != 204 || text != "" {
				t.Fatalf("%d %s", status, text)
			}
			if d := cmp.Diff(c.want, s.Shelf.Records()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			for _, r := range s.Shelf.Records() {
				if !json.Valid([]byte(r)) {
					t.Errorf("%s is not JSON", r)
				}
			}
		})
	}
}

// TestRefusals: nothing of a push that is wrong anywhere is stored.
func TestRefusals(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), func(c *input.ReceiverConfig) { c.MaxBody, c.MaxDecoded = 64<<10, 128<<10 })
	good := pushed{labels: "{}", entries: []entry{{line: []byte("x")}}}.stream(false)
	proto := func(bad []byte) []byte { return snappy.Encode(nil, append(append([]byte{}, good...), bad...)) }
	object := func(bad string) []byte {
		return []byte(`{"streams":[{"stream":{},"values":[["1","x"]]},` + bad + `]}`)
	}
	for name, c := range map[string]struct {
		media  string
		body   []byte
		status int
		text   string
	}{
		"no snappy":              {"application/x-protobuf", []byte("x\xff\xff\xff\xff\xff"), 400, "not compressed with snappy"},
		"nothing":                {"application/x-protobuf", nil, 400, "not compressed with snappy"},
		"unfolds to too much":    {"application/x-protobuf", snappy.Encode(nil, make([]byte, 1<<20)), 413, "unfolds to 1048576 bytes, the limit is 131072"},
		"no protobuf":            {"application/x-protobuf", proto([]byte{0x0a, 0x7f}), 400, "no protobuf message"},
		"labels that are none":   {"application/x-protobuf", proto(pushed{labels: "job=a"}.stream(false)), 400, `the labels "job=a" are not written as {name="value", …}, near byte 0`},
		"labels without quotes":  {"application/x-protobuf", proto(pushed{labels: `{job="a", b=c}`}.stream(false)), 400, `near byte 12`},
		"labels without end":     {"application/x-protobuf", proto(pushed{labels: `{job="a"`}.stream(false)), 400, `near byte 8`},
		"labels with more":       {"application/x-protobuf", proto(pushed{labels: `{} x`}.stream(false)), 400, `near byte 3`},
		"labels that are long":   {"application/x-protobuf", proto(pushed{labels: `{a="` + strings.Repeat("x", 20<<10) + `"}`}.stream(false)), 400, "longer than 16384 bytes"},
		"metadata that is long":  {"application/x-protobuf", proto(pushed{labels: `{}`, entries: []entry{{}}, pairs: [][2]string{{"a", strings.Repeat("x", 20<<10)}}}.stream(false)), 400, "longer than 16384 bytes"},
		"a time that is none":    {"application/x-protobuf", proto(pushed{labels: "{}", entries: []entry{{seconds: 1 << 60}}}.stream(false)), 400, "is no time"},
		"nanoseconds too many":   {"application/x-protobuf", proto(pushed{labels: "{}", entries: []entry{{nanos: 1e9}}}.stream(false)), 400, "is no time"},
		"not JSON":               {"application/json", []byte("hello"), 400, "not one JSON object; see byte 0"},
		"no body":                {"application/json", nil, 400, "not one JSON object"},
		"cut short":              {"application/json", object(`{"stream":{`), 400, "not one JSON object"},
		"text behind":            {"application/json", []byte(`{"streams":[]} x`), 400, "not one JSON object; see byte 14"},
		"streams that are none":  {"application/json", []byte(`{"streams":{}}`), 400, "streams must be an array"},
		"a stream that is none":  {"application/json", object(`1`), 400, "a stream must be an object, not 1"},
		"labels not strings":     {"application/json", object(`{"stream":{"a":1},"values":[]}`), 400, "stream must be an object of strings"},
		"values that are none":   {"application/json", object(`{"stream":{},"values":{}}`), 400, "the values of a stream must be an array"},
		"an entry without line":  {"application/json", object(`{"stream":{},"values":[["1"]]}`), 400, "an entry must be"},
		"a time that is a word":  {"application/json", object(`{"stream":{},"values":[["now","x"]]}`), 400, `the time "now" of an entry is not a number of nanoseconds`},
		"a line that is none":    {"application/json", object(`{"stream":{},"values":[["1",2]]}`), 400, "the line of an entry must be a string, not 2"},
		"metadata not strings":   {"application/json", object(`{"stream":{},"values":[["1","x",{"a":{}}]]}`), 400, "metadata must be an object of strings"},
		"an old entry, no time":  {"application/json", object(`{"labels":"{}","entries":[{"line":"x"}]}`), 400, "an entry must have ts and line"},
		"an old entry, bad time": {"application/json", object(`{"labels":"{}","entries":[{"ts":"1","line":"x"}]}`), 400, "is not written as"},
		"old labels":             {"application/json", object(`{"labels":1}`), 400, "labels must be a string"},
		"another form":           {"text/plain", []byte("x"), 415, "Content-Type text/plain is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			status, text, h := ask(t, s, "POST", "/loki/api/v1/push", c.body, "Content-Type", c.media)
			if status != c.status || !strings.Contains(text, c.text) || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") {
				t.Errorf("%d %s", status, text)
			}
		})
	}
	if n := len(s.Shelf.Records()); n != 0 {
		t.Errorf("%d records stored", n)
	}
}

func TestWhoMaySend(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	for auth, want := range map[string]int{"": 401, "Bearer x": 401, "Bearer " + inputtest.API: 403, "Bearer " + inputtest.Good: 204} {
		if status, text, _ := ask(t, s, "POST", "/loki/api/v1/push", []byte(`{"streams":[]}`), "Content-Type", "application/json", "Authorization", auth); status != want {
			t.Errorf("%q: %d %s", auth, status, text)
		}
	}
	if status, _, h := ask(t, s, "GET", "/loki/api/v1/push", nil); status != 405 || h.Get("Allow") != "POST" {
		t.Errorf("GET: %d", status)
	}
	if status, text, _ := ask(t, s, "GET", "/ready", nil, "Authorization", ""); status != 200 || text != "ready\n" {
		t.Errorf("ready: %d %s", status, text)
	}
	if status, text, _ := ask(t, s, "GET", "/loki/api/v1/labels", nil); status != 200 || text != `{"status":"success","data":[]}` {
		t.Errorf("labels: %d %s", status, text)
	}
	if status, _, _ := ask(t, s, "GET", "/loki/api/v1/labels", nil, "Authorization", ""); status != 401 {
		t.Errorf("labels of nobody: %d", status)
	}
}

func TestAFullSpoolPushesBack(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	body := snappy.Encode(nil, pushed{labels: "{}", entries: []entry{{line: []byte("x")}}}.stream(false))
	s.Shelf.Fail(1, fault.New(fault.Busy, "the spool is full"))
	if status, text, h := ask(t, s, "POST", "/loki/api/v1/push", body); status != 429 || h.Get("Retry-After") == "" {
		t.Errorf("%d %s, Retry-After %q", status, text, h.Get("Retry-After"))
	}
	s.Shelf.Fail(1, io.ErrUnexpectedEOF)
	if status, text, _ := ask(t, s, "POST", "/loki/api/v1/push", body); status != 503 {
		t.Errorf("%d %s", status, text)
	}
	// The memory of pushes that failed is given back.
	s.Shelf.Fail(1, nil)
	for range 20 {
		ask(t, s, "POST", "/loki/api/v1/push", snappy.Encode(nil, make([]byte, 30<<20)))
	}
	if status, text, _ := ask(t, s, "POST", "/loki/api/v1/push", body); status != 204 {
		t.Errorf("%d %s", status, text)
	}
}

func TestManyEntriesGzip(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	var want []string
	io.WriteString(z, `{"streams":[{"stream":{"job":"a"},"values":[`)
	for i := range 10_000 {
		if i > 0 {
			io.WriteString(z, ",")
		}
		at := time.Unix(base, int64(i)).UTC()
		fmt.Fprintf(z, `["%d","line %d"]`, at.UnixNano(), i)
		want = append(want, fmt.Sprintf(`{"loki":{"job":"a"},"time":"%s","line":"line %d"}`, at.Format(time.RFC3339Nano), i))
	}
	io.WriteString(z, `]}]}`)
	z.Close()
	if status, text, _ := ask(t, s, "POST", "/loki/api/v1/push", zipped.Bytes(), "Content-Type", "application/json", "Content-Encoding", "gzip"); status != 204 {
		t.Fatalf("%d %s", status, text)
	}
	if d := cmp.Diff(want, s.Shelf.Records()); d != "" {
		t.Errorf("(-want +got):\n%.2000s", d)
	}
}

func TestTooMuch(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	entries := strings.Repeat(`["1","x"],`, maxEntries) + `["1","x"]`
	if status, _, _ := ask(t, s, "POST", "/loki/api/v1/push", []byte(`{"streams":[{"values":[`+entries+`]}]}`), "Content-Type", "application/json"); status != 413 {
		t.Errorf("too many entries: %d", status)
	}
	long := `{"streams":[{"stream":{"a":"` + strings.Repeat("x", 16000) + `"},"values":[` + strings.Repeat(`["1","x"],`, 20_000) + `["1","x"]]}]}`
	if status, _, _ := ask(t, s, "POST", "/loki/api/v1/push", []byte(long), "Content-Type", "application/json"); status != 413 {
		t.Errorf("labels repeated too often: %d", status)
	}
	if n := len(s.Shelf.Records()); n != 0 {
		t.Errorf("%d records stored", n)
	}
}

// checkWalk: what is found makes records that are JSON, twice the same.
func checkWalk(t *testing.T, walk walker) (n int) {
	t.Helper()
	var first, second []byte
	for _, all := range []*[]byte{&first, &second} {
		err := walk(func(labels []byte, e entry) error {
			n++
			record := appendRecord(nil, labels, e)
			if end, ok := input.JSONEnd(record, 0); !ok || end != len(record) {
				t.Fatalf("%q is not JSON", record)
			}
			*all = append(*all, record...)
			return nil
		})
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%v is no fault of the sender", err)
		}
	}
	if !bytes.Equal(first, second) {
		t.Fatalf("first %q, then %q", first, second)
	}
	return n / 2
}

func FuzzProto(f *testing.F) {
	f.Add(pushed{labels: `{a="b", c="\n"}`, entries: []entry{{seconds: 1, nanos: 2, line: []byte("x")}}, pairs: [][2]string{{"a", "b"}}}.stream(false))
	f.Add(pushed{labels: "{}", entries: []entry{{}, {}}}.stream(true))
	f.Fuzz(func(t *testing.T, body []byte) { checkWalk(t, protoPush(body)) })
}

// FuzzJSON: what is taken is what encoding/json reads.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"streams":[{"stream":{"job":"a"},"values":[["1780000000123456789","x",{"a":"b"}]]}]}`))
	f.Add([]byte(`{"streams":[{"labels":"{a=\"b\"}","entries":[{"ts":"2026-05-29T03:26:40.5+07:00","line":"x"}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		checkWalk(t, jsonPush(body))
		if err := jsonPush(body)(func([]byte, entry) error { return nil }); err == nil && !json.Valid(body) {
			t.Fatalf("%q is taken", body)
		}
	})
}

// FuzzLabels: labels that are taken are those that were written, read back.
func FuzzLabels(f *testing.F) {
	f.Add(`{a="b", c_1 = "\"\u00e9" ,}`)
	f.Add("{a=`b\\`}")
	f.Fuzz(func(t *testing.T, text string) {
		out, err := appendLabels(nil, text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		if end, ok := input.JSONEnd(out, 0); !ok || end != len(out) {
			t.Fatalf("%q is written as %q", text, out)
		}
	})
}

func BenchmarkPush(b *testing.B) {
	var entries []entry
	var text strings.Builder
	text.WriteString(`{"streams":[{"stream":{"job":"varlogs","host":"web01"},"values":[`)
	line := "Nov 22 15:30:00 web01 sshd[4711]: Failed password for root from 203.0.113.9 port 4711 ssh2"
	for i := range 1000 {
		entries = append(entries, entry{seconds: base, nanos: int64(i), line: []byte(line)})
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `["%d","%s"]`, base*1_000_000_000+i, line)
	}
	text.WriteString(`]}]}`)
	proto := pushed{labels: `{job="varlogs", host="web01"}`, entries: entries}.stream(false)
	for name, c := range map[string]struct {
		body []byte
		walk walker
	}{"protobuf": {proto, protoPush(proto)}, "json": {[]byte(text.String()), jsonPush([]byte(text.String()))}} {
		b.Run(name, func(b *testing.B) {
			var record []byte
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				if err := errors.Join(c.walk(func([]byte, entry) error { n++; return nil }), c.walk(func(labels []byte, e entry) error {
					record = appendRecord(record[:0], labels, e)
					return nil
				})); err != nil || n != 1000 {
					b.Fatal(n, err)
				}
			}
		})
	}
}
