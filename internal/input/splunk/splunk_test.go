package splunk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"go.uber.org/goleak"

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
	req.Header.Set("Authorization", "Splunk "+inputtest.Good)
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

const done = `{"text":"Success","code":0}`

func TestEventsAreStoredAsTheyAre(t *testing.T) {
	one := `{"event":"Failed password","host":"web01","time":1780000000.123,"fields":{"a":"b"}}`
	two := `{ "time" : 1, "event" : { "n" : [ 1, "}" ] } }`
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"one":                           {one, []string{one}},
		"one after the other":           {one + two + one, []string{one, two, one}},
		"on lines":                      {one + "\n" + two + "\r\n\n", []string{one, two}},
		"on many lines":                 {"{\n\"event\": 1\n}\n", []string{"{\n\"event\": 1\n}"}},
		"an array":                      {" [ " + one + " , " + two + " ] ", []string{one, two}},
		"arrays and objects":            {"[" + one + "]" + two + "[]\n[" + two + "]", []string{one, two, two}},
		"an event that is a number":     {`{"event":0}`, []string{`{"event":0}`}},
		"bytes that are not characters": {"{\"event\":\"\xff\"}", []string{"{\"event\":\"\xff\"}"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := inputtest.Serve(t, Endpoint(), nil)
			for i, path := range []string{"/services/collector", "/services/collector/event", "/services/collector/event/1.0", "/services/collector/"} {
				status, text, _ := ask(t, s, "POST", path, []byte(c.body))
				if status != 200 || text != done {
					t.Fatalf("%s: %d %s", path, status, text)
				}
				if d := cmp.Diff(c.want, s.Shelf.Records()[i*len(c.want):]); d != "" {
					t.Fatalf("%s (-want +got):\n%s", path, d)
				}
			}
			b := s.Shelf.Batches()[0]
			if b.Unit != inputtest.Unit || b.Credential != "token:good" || b.Input != "splunk" || b.Records[0].Hint != event.HintJSON {
				t.Errorf("batch %+v", b)
			}
		})
	}
}

func TestRawLines(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		body  string
		want  []string
		hint  event.Hint
	}{
		"plain": {"", "line one\r\n\n  line \"two\"", []string{"line one", "  line \"two\""}, event.HintText},
		"with tags": {"?host=so-y-te&source=%2Fvar%2Flog%2Fx&sourcetype=a%22b&index=so-y-te&time=1780000000.5&channel=x", "a \"b\"\n\xff\tc\n", []string{
			`{"event":"a \"b\"","time":1780000000.5,"host":"so-y-te","source":"/var/log/x","sourcetype":"a\"b","index":"so-y-te"}`,
			"{\"event\":\"\xff\\tc\",\"time\":1780000000.5,\"host\":\"so-y-te\",\"source\":\"/var/log/x\",\"sourcetype\":\"a\\\"b\",\"index\":\"so-y-te\"}",
		}, event.HintJSON},
		"a time that is no number": {"?time=now", "x", []string{`{"event":"x","time":"now"}`}, event.HintJSON},
		"a time that is an object": {"?time=%7B%7D", "x", []string{`{"event":"x","time":"{}"}`}, event.HintJSON},
	} {
		t.Run(name, func(t *testing.T) {
			s := inputtest.Serve(t, Endpoint(), nil)
			status, text, _ := ask(t, s, "POST", "/services/collector/raw"+c.query, []byte(c.body))
			if status != 200 || text != done {
				t.Fatalf("%d %s", status, text)
			}
			if d := cmp.Diff(c.want, s.Shelf.Records()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			b := s.Shelf.Batches()[0]
			if b.Unit != inputtest.Unit || b.Records[0].Hint != c.hint {
				t.Errorf("batch %+v", b)
			}
		})
	}
}

// TestAnswers has every documented code that there is an occasion for.
func TestAnswers(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), func(c *input.ReceiverConfig) { c.MaxBody, c.MaxDecoded = 4<<10, 8<<10 })
	good := `{"event":"x"}`
	const guid = "0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba"
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		want               string
	}{
		"a token for something else": {body: good, headers: []string{"Authorization", "Splunk " + inputtest.API}, status: 403, want: `{"text":"Token disabled","code":1}`},
		"no token":                   {body: good, headers: []string{"Authorization", ""}, status: 401, want: `{"text":"Token is required","code":2}`},
		"an empty token":             {body: good, headers: []string{"Authorization", "Splunk "}, status: 401, want: `{"text":"Token is required","code":2}`},
		"an unknown scheme":          {body: good, headers: []string{"Authorization", "Digest x"}, status: 401, want: `{"text":"Invalid authorization","code":3}`},
		"an unknown token":           {body: good, headers: []string{"Authorization", "Splunk x"}, status: 403, want: `{"text":"Invalid token","code":4}`},
		"nothing":                    {status: 400, want: `{"text":"No data","code":5}`},
		"white space":                {body: " \r\n", status: 400, want: `{"text":"No data","code":5}`},
		"an empty array":             {body: "[]", status: 400, want: `{"text":"No data","code":5}`},
		"raw without a line":         {path: "/raw", body: "\n\n", status: 400, want: `{"text":"No data","code":5}`},
		"not JSON":                   {body: "hello", status: 400, want: `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		"cut short":                  {body: good + `{"event":"`, status: 400, want: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`},
		"an open array":              {body: "[" + good, status: 400, want: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`},
		"an array without a comma":   {body: "[" + good + good + "]", status: 400, want: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`},
		"an array with a comma more": {body: "[" + good + ",]", status: 400, want: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`},
		"an array that ends so":      {body: "[" + good + ",", status: 400, want: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`},
		"an array in an array":       {body: "[[" + good + "]]", status: 400, want: `{"text":"Invalid data format","code":6,"invalid-event-number":0}`},
		"a comma between objects":    {body: good + "," + good, status: 400, want: `{"text":"Invalid data format","code":6,"invalid-event-number":1}`},
		"tags that are too long":     {path: "/raw?host=" + strings.Repeat("x", 2000), body: "x", status: 400, want: `{"text":"Incorrect index: host, source, sourcetype, index and time are too long","code":7}`},
		"ack without a channel":      {path: "/ack", body: `{"acks":[1]}`, status: 400, want: `{"text":"Data channel is missing","code":10}`},
		"ack with a bad channel":     {path: "/ack?channel=x", body: `{"acks":[1]}`, status: 400, want: `{"text":"Invalid data channel","code":11}`},
		"ack":                        {path: "/ack", body: `{"acks":[1]}`, headers: []string{"X-Splunk-Request-Channel", guid}, status: 400, want: `{"text":"ACK is disabled","code":14}`},
		"ack of nobody":              {path: "/ack?channel=" + guid, headers: []string{"Authorization", "Splunk x"}, status: 403, want: `{"text":"Invalid token","code":4}`},
		"without an event":           {body: good + `{"host":"x"}`, status: 400, want: `{"text":"Event field is required","code":12,"invalid-event-number":1}`},
		"with a blank event":         {body: `{"event":""}`, status: 400, want: `{"text":"Event field cannot be blank","code":13,"invalid-event-number":0}`},
		"with an event that is null": {body: `{"event":null}`, status: 400, want: `{"text":"Event field cannot be blank","code":13,"invalid-event-number":0}`},
		"a token in the address":     {path: "/event?token=" + inputtest.Good, body: good, status: 400, want: `{"text":"Query string authorization is not enabled","code":16}`},
		"health":                     {method: "GET", path: "/health", headers: []string{"Authorization", ""}, status: 200, want: `{"text":"HEC is healthy","code":17}`},
		"health 1.0":                 {method: "GET", path: "/health/1.0", status: 200, want: `{"text":"HEC is healthy","code":17}`},
		"health by POST":             {path: "/health", status: 405, want: `{"text":"Method not allowed","code":405}`},
		"events by GET":              {method: "GET", path: "/event", status: 405, want: `{"text":"Method not allowed","code":405}`},
		"another path":               {path: "/s2s", status: 404, want: `{"text":"The requested URL was not found on this server.","code":404}`},
		"a body that is too long":    {body: strings.Repeat("x", 5<<10), status: 413, want: `{"text":"the body has 5120 bytes, the limit is 4096; send less at once","code":6}`},
	} {
		t.Run(name, func(t *testing.T) {
			if c.method == "" {
				c.method = "POST"
			}
			status, text, _ := ask(t, s, c.method, "/services/collector"+c.path, []byte(c.body), c.headers...)
			if status != c.status || text != c.want || !json.Valid([]byte(text)) {
				t.Errorf("got  %d %s\nwant %d %s", status, text, c.status, c.want)
			}
		})
	}
	if n := len(s.Shelf.Records()); n != 0 {
		t.Errorf("%d records stored", n)
	}
}

func TestTooManyEvents(t *testing.T) {
	for _, body := range []string{strings.Repeat(`{"event":1}`, maxEvents+1), "[" + strings.Repeat(`{"event":1},`, maxEvents) + `{"event":1}]`} {
		if _, err := split([]byte(body)); !errors.Is(err, tooMany) {
			t.Errorf("%.20s…: %v", body, err)
		}
	}
}

func TestAFullSpoolPushesBack(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	s.Shelf.Fail(1, fault.New(fault.Busy, "the spool is full"))
	for _, path := range []string{"/services/collector", "/services/collector/raw", "/services/collector/raw?host=x"} {
		status, text, h := ask(t, s, "POST", path, []byte(`{"event":"x"}`))
		if status != 503 || text != `{"text":"Server is busy","code":9}` || h.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s, Retry-After %q", path, status, text, h.Get("Retry-After"))
		}
	}
	s.Shelf.Fail(1, io.ErrUnexpectedEOF)
	if status, text, _ := ask(t, s, "POST", "/services/collector", []byte(`{"event":"x"}`)); status != 503 || text != `{"text":"Server is busy","code":9}` {
		t.Errorf("%d %s", status, text)
	}
}

// TestManyTaggedLines: records that are built are whole, however many.
func TestManyTaggedLines(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	var body strings.Builder
	var want []string
	for i := range 10_000 {
		line := strings.Repeat(string(rune('a'+i%26)), i%700+1)
		body.WriteString(line + "\n")
		want = append(want, `{"event":"`+line+`","host":"h"}`)
	}
	if status, text, _ := ask(t, s, "POST", "/services/collector/raw?host=h", []byte(body.String())); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	if d := cmp.Diff(want, s.Shelf.Records()); d != "" {
		t.Errorf("(-want +got):\n%.2000s", d)
	}
}

func TestGzip(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, strings.Repeat(`{"event":"x"}`, 100))
	z.Close()
	if status, text, _ := ask(t, s, "POST", "/services/collector/event", zipped.Bytes(), "Content-Encoding", "gzip"); status != 200 || len(s.Shelf.Records()) != 100 {
		t.Errorf("%d %s", status, text)
	}
}

// FuzzSplit: what is found are valid objects with an event, in the order they were
// sent, and nothing but white space, commas and brackets is left over.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{`{"event":"x"}{"event":{}}`, "[{\"event\":1} , {\"event\":2}]\n[]", `{"a":"]","event":"}"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := split(body)
		if err != nil {
			return
		}
		last := uint32(0)
		for _, e := range append(events, span{uint32(len(body)), uint32(len(body))}) {
			if e.start < last || len(bytes.Trim(body[last:e.start], " \t\r\n,[]")) > 0 {
				t.Fatalf("%q between events", body[last:e.start])
			}
			last = e.end
		}
		// The slow way.
		var want []json.RawMessage
		for dec := json.NewDecoder(bytes.NewReader(body)); ; {
			var v json.RawMessage
			if err := dec.Decode(&v); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("taken, but encoding/json says %v", err)
			}
			if v[0] != '[' {
				want = append(want, v)
				continue
			}
			var list []json.RawMessage
			if err := json.Unmarshal(v, &list); err != nil {
				t.Fatal(err)
			}
			want = append(want, list...)
		}
		if len(want) != len(events) {
			t.Fatalf("%d events, want %d", len(events), len(want))
		}
		for i, e := range events {
			if !bytes.Equal(body[e.start:e.end], want[i]) {
				t.Fatalf("event %d is %q, want %q", i, body[e.start:e.end], want[i])
			}
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	body := []byte(strings.Repeat(`{"time":1780000000.123,"host":"web01","source":"/var/log/auth.log","sourcetype":"linux_secure","event":"Nov 22 15:30:00 web01 sshd[4711]: Failed password for root from 203.0.113.9 port 4711 ssh2"}`+"\n", 1000))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := split(body); err != nil {
			b.Fatal(err)
		}
	}
}
