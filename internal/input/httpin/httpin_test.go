package httpin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type server struct {
	*inputtest.Server
}

func serve(t testing.TB, change func(*input.ReceiverConfig)) server {
	return server{inputtest.Serve(t, Endpoint(), change)}
}

// post sends with the good token, unless the headers say otherwise.
func (s server) post(t testing.TB, path string, body []byte, headers ...string) (int, map[string]any, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer lc_good")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		t.Fatalf("status %d, body is not JSON: %v", res.StatusCode, err)
	}
	if want := "application/json"; res.StatusCode == 200 && res.Header.Get("Content-Type") != want {
		t.Errorf("content type %q, want %q", res.Header.Get("Content-Type"), want)
	}
	if want := "application/problem+json"; res.StatusCode != 200 && res.Header.Get("Content-Type") != want {
		t.Errorf("content type %q, want %q", res.Header.Get("Content-Type"), want)
	}
	return res.StatusCode, got, res.Header
}

func gz(t testing.TB, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&out)
		io.WriteString(w, p)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func zst(t testing.TB, parts ...string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var out []byte
	for _, p := range parts {
		out = w.EncodeAll([]byte(p), out)
	}
	return out
}

func TestJSONForms(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"NDJSON":                      {"{\"a\":1}\n{\"a\":2}\n", []string{`{"a":1}`, `{"a":2}`}},
		"CR LF and no last line end":  {"{\"a\":1}\r\n{\"a\":2}", []string{`{"a":1}`, `{"a":2}`}},
		"blank lines":                 {"\n \n{\"a\":1}\n\n", []string{`{"a":1}`}},
		"one value":                   {`{"a":1}`, []string{`{"a":1}`}},
		"one value on many lines":     {"{\n  \"a\": 1\n}\n", []string{"{\n  \"a\": 1\n}"}},
		"an array":                    {`[{"a":"],\"["}, [1,2] ,3]`, []string{`{"a":"],\"["}`, `[1,2]`, `3`}},
		"an array on many lines":      {"[\n{\"a\":1},\n{\"a\":2}\n]\n", []string{`{"a":1}`, `{"a":2}`}},
		"lines that are arrays":       {"[1]\n[2]\n", []string{"[1]", "[2]"}},
		"an empty array":              {"[]", nil},
		"not JSON is stored as it is": {"{\"a\":1}\nnot JSON\n{broken\n[\n", []string{`{"a":1}`, "not JSON", "{broken", "["}},
		"a byte order mark":           {"\xef\xbb\xbf{\"a\":1}\n", []string{`{"a":1}`}},
		"empty":                       {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil)
			status, got, _ := s.post(t, "/ingest/json", []byte(c.in))
			if d := cmp.Diff(c.want, s.Shelf.Records()); status != 200 || d != "" {
				t.Errorf("status %d, (-want +got):\n%s", status, d)
			}
			if got["accepted"] != float64(len(c.want)) {
				t.Errorf("accepted %v, want %d", got["accepted"], len(c.want))
			}
		})
	}
}

func TestTheAnswerNamesTheBlocks(t *testing.T) {
	s := serve(t, nil)
	line := strings.Repeat("x", 999) + "\n"
	status, got, _ := s.post(t, "/ingest/lines", []byte(strings.Repeat(line, 5000)))
	want := map[string]any{"accepted": 5000.0, "sequences": []any{11.0, 15.0}}
	if d := cmp.Diff(want, got); status != 200 || d != "" {
		t.Errorf("status %d (-want +got):\n%s", status, d)
	}
	_, got, _ = s.post(t, "/ingest/lines", nil)
	if d := cmp.Diff(map[string]any{"accepted": 0.0, "sequences": []any{}}, got); d != "" {
		t.Errorf("of nothing (-want +got):\n%s", d)
	}
	b := s.Shelf.Batches()[0]
	if b.Unit != "so-noi-vu" || b.Input != "http" || b.Peer != "127.0.0.1" || b.Received.IsZero() || !b.DateHint.IsZero() || b.Records[0].Hint != event.HintText {
		t.Errorf("batch %+v", b)
	}
}

func TestEncodings(t *testing.T) {
	for name, c := range map[string]struct {
		encoding string
		body     []byte
	}{
		"plain":               {"", []byte("a\nb\n")},
		"identity":            {"identity", []byte("a\nb\n")},
		"gzip":                {"gzip", gz(t, "a\nb\n")},
		"gzip of two members": {"gzip", gz(t, "a\n", "b\n")},
		"upper case":          {"GZIP", gz(t, "a\nb\n")},
		"zstd":                {"zstd", zst(t, "a\nb\n")},
		"zstd of two frames":  {"zstd", zst(t, "a\n", "b\n")},
	} {
		s := serve(t, nil)
		status, _, _ := s.post(t, "/ingest/lines", c.body, "Content-Encoding", c.encoding)
		if d := cmp.Diff([]string{"a", "b"}, s.Shelf.Records()); status != 200 || d != "" {
			t.Errorf("%s: status %d (-want +got):\n%s", name, status, d)
		}
	}
}

func TestRefusals(t *testing.T) {
	big := strings.Repeat("0123456789abcdef\n", 1<<16) // 1.1 MB
	whole := gz(t, "line one\n", big)
	flipped := append([]byte(nil), whole...)
	flipped[len(flipped)/2] ^= 0xff
	for name, c := range map[string]struct {
		path, query string
		body        []byte
		headers     []string
		status      int
		code        string
		detail      string
	}{
		"no token":               {headers: []string{"Authorization", ""}, status: 401, code: "ingest.no-token"},
		"another scheme":         {headers: []string{"Authorization", "Basic lc_good"}, status: 401, code: "ingest.no-token"},
		"wrong token":            {headers: []string{"Authorization", "Bearer lc_bad"}, status: 401},
		"api token":              {headers: []string{"Authorization", "Bearer lc_api"}, status: 403},
		"unknown encoding":       {headers: []string{"Content-Encoding", "br"}, status: 415, code: "ingest.encoding"},
		"two encodings":          {headers: []string{"Content-Encoding", "gzip, zstd"}, status: 415, code: "ingest.encoding"},
		"not gzip":               {body: []byte("plain text"), headers: []string{"Content-Encoding", "gzip"}, status: 400, code: "ingest.broken-compression", detail: "broken gzip near byte"},
		"gzip cut short":         {body: whole[:len(whole)-20], headers: []string{"Content-Encoding", "gzip"}, status: 400, code: "ingest.broken-compression"},
		"gzip with a wrong byte": {body: flipped, headers: []string{"Content-Encoding", "gzip"}, status: 400, code: "ingest.broken-compression"},
		"garbage after gzip":     {body: append(gz(t, "a\n"), "garbage garbage"...), headers: []string{"Content-Encoding", "gzip"}, status: 400, code: "ingest.broken-compression"},
		"not zstd":               {body: []byte("plain text"), headers: []string{"Content-Encoding", "zstd"}, status: 400, code: "ingest.broken-compression"},
		"zstd cut short":         {body: zst(t, big)[:20], headers: []string{"Content-Encoding", "zstd"}, status: 400, code: "ingest.broken-compression"},
		"too large":              {body: bytes.Repeat([]byte("x"), 2<<20), status: 413, code: "ingest.body-too-large"},
		"a gzip bomb":            {body: gz(t, strings.Repeat("\x00", 20<<20)), headers: []string{"Content-Encoding", "gzip"}, status: 413, code: "ingest.decoded-too-large"},
		"a zstd bomb":            {body: zst(t, strings.Repeat("\x00", 20<<20)), headers: []string{"Content-Encoding", "zstd"}, status: 413, code: "ingest.decoded-too-large"},
		"a bad date":             {query: "?date=22/11/2026", body: []byte("a"), status: 400, code: "ingest.date"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(c *input.ReceiverConfig) { c.MaxBody, c.MaxDecoded = 1<<20, 4<<20 })
			status, got, header := s.post(t, "/ingest/lines"+c.query, c.body, c.headers...)
			if status != c.status || got["status"] != float64(c.status) || got["title"] == "" || c.code != "" && got["code"] != c.code {
				t.Errorf("status %d, %v; want %d %s", status, got, c.status, c.code)
			}
			if !strings.Contains(got["detail"].(string), c.detail) || got["accepted"] != 0.0 {
				t.Errorf("got %v", got)
			}
			if len(s.Shelf.Records()) != 0 {
				t.Errorf("%d records were stored of a refused request", len(s.Shelf.Records()))
			}
			if status == 401 && header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
			if n := refused(t, s.Registry, fmt.Sprint(c.status)); n != 1 {
				t.Errorf("counted %v times, want once", n)
			}
		})
	}
}

func refused(t *testing.T, reg *prometheus.Registry, reason string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == "lachan_input_refused_total" && l.GetName() == "reason" && l.GetValue() == reason {
					return m.GetCounter().GetValue()
				}
			}
		}
	}
	return 0
}

func TestAFullSpoolSaysWhatIsStored(t *testing.T) {
	s := serve(t, nil)
	s.Shelf.Fail(3, fault.New(fault.Busy, "spool: full").WithCode("spool.full"))
	status, got, header := s.post(t, "/ingest/lines", []byte(strings.Repeat("x\n", 3*event.MaxBatchRecords)))
	if status != 429 || header.Get("Retry-After") == "" || got["accepted"] != float64(2*event.MaxBatchRecords) || got["code"] != "spool.full" {
		t.Errorf("status %d, %v", status, got)
	}
	if len(s.Shelf.Records()) != 2*event.MaxBatchRecords {
		t.Errorf("%d stored", len(s.Shelf.Records()))
	}
}

func TestAFailingSpoolIsNotTheSendersFault(t *testing.T) {
	s := serve(t, nil)
	s.Shelf.Fail(1, fmt.Errorf("disk on fire at /secret/path"))
	status, got, _ := s.post(t, "/ingest/lines", []byte("x\n"))
	if status != 503 || strings.Contains(got["detail"].(string), "secret") {
		t.Errorf("status %d, %v", status, got)
	}
}

func TestALongRecordIsCut(t *testing.T) {
	s := serve(t, nil)
	s.post(t, "/ingest/lines", []byte(strings.Repeat("x", event.MaxRecordBytes+1)+"\nnext\n"))
	if len(s.Shelf.Records()) != 2 || len(s.Shelf.Records()[0]) != event.MaxRecordBytes || s.Shelf.Records()[1] != "next" {
		t.Errorf("%d records", len(s.Shelf.Records()))
	}
}

func TestDates(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-22":                  "2026-11-21T17:00:00Z",
		"2026-11-22T08:30:00":         "2026-11-22T01:30:00Z",
		"2026-11-22T08:30:00Z":        "2026-11-22T08:30:00Z",
		"2026-11-22T08:30:00%2B07:00": "2026-11-22T01:30:00Z",
	} {
		s := serve(t, nil)
		if status, got, _ := s.post(t, "/ingest/lines?date="+text, []byte("x\n")); status != 200 {
			t.Fatalf("%s: %d %v", text, status, got)
		}
		if got := s.Shelf.Batches()[0].DateHint.UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s dates as %s, want %s", text, got, want)
		}
	}
}

func TestRequestsShareABoundedMemory(t *testing.T) {
	s := serve(t, func(c *input.ReceiverConfig) { c.MaxBody, c.MaxDecoded, c.MaxMemory = 1<<20, 1<<20, 2<<20 })
	hold := func() (release func()) {
		t.Helper()
		one, err := s.Receiver.Hold(1 << 20)
		two, err2 := s.Receiver.Hold(1 << 20)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal("requests that ended still hold memory:", err)
		}
		return func() { one(); two() }
	}
	release := hold()
	body := bytes.Repeat([]byte("y\n"), 500<<10)
	if saw, _, _ := s.post(t, "/ingest/lines", body); saw != 429 {
		t.Errorf("with the memory taken: status %d, want 429", saw)
	}
	release()
	// Twice: a request gives back what it took, also one that was refused.
	for range 2 {
		if saw, _, _ := s.post(t, "/ingest/lines", body); saw != 200 {
			t.Errorf("after they ended: status %d, want 200", saw)
		}
	}
	hold()()
}

func TestASenderThatStopsIsLetGo(t *testing.T) {
	s := serve(t, func(c *input.ReceiverConfig) { c.ReadTimeout = 100 * time.Millisecond })
	pr, pw := io.Pipe()
	defer pw.Close()
	go pw.Write([]byte("half"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/ingest/lines", pr)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer lc_good")
	started := time.Now()
	res, err := s.Client().Do(req)
	if err == nil {
		res.Body.Close()
		if res.StatusCode != http.StatusRequestTimeout {
			t.Errorf("status %d, want 408", res.StatusCode)
		}
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("held on for %v", took)
	}
	if len(s.Shelf.Records()) != 0 {
		t.Error("half a request was stored")
	}
}

// FuzzBody: no body makes a handler panic, hold memory after it, store records
// over the limits, or store anything of a request it refuses.
func FuzzBody(f *testing.F) {
	for _, enc := range []string{"", "gzip", "zstd"} {
		f.Add([]byte("{\"a\":1}\n[1,\n2]\n"), enc, true)
	}
	f.Add(gz(f, "[{\"a\":\"\\\"\"},2]"), "gzip", true)
	f.Add(zst(f, "a\r\nb"), "zstd", false)
	c := input.DefaultReceiverConfig()
	c.MaxBody, c.MaxDecoded, c.MaxMemory, c.BusyWait = 64<<10, 256<<10, 1<<20, 0
	f.Fuzz(func(t *testing.T, body []byte, encoding string, asJSON bool) {
		sink := &inputtest.Shelf{}
		rc, err := input.NewReceiver(input.ReceiverOptions{Config: c, Credentials: inputtest.Credentials{}, Sink: sink})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer lc_good")
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		path := "/ingest/lines"
		if asJSON {
			path = "/ingest/json"
		}
		Endpoint().Routes(rc)[path].ServeHTTP(w, r)
		if w.Code != 200 && len(sink.Records()) > 0 || w.Code >= 500 {
			t.Fatalf("status %d with %d records stored: %s", w.Code, len(sink.Records()), w.Body)
		}
		for range int(c.MaxMemory / c.MaxDecoded) {
			if _, err := rc.Hold(int64(c.MaxDecoded)); err != nil {
				t.Fatal("memory is still claimed")
			}
		}
		if w.Code == 200 && encoding == "" {
			// Every byte that is not space between records is in a record.
			n := 0
			for _, r := range sink.Records() {
				n += len(r)
				if !bytes.Contains(body, []byte(r)) {
					t.Fatalf("record %q was never sent", r)
				}
			}
			if n > len(body) {
				t.Fatalf("%d bytes in records of %d sent", n, len(body))
			}
		}
	})
}

// FuzzArray: the elements found are those a JSON decoder finds.
func FuzzArray(f *testing.F) {
	f.Add([]byte(`[{"a":"],["},[1,[2]],"\\",null, 3.5e1 ]`))
	f.Fuzz(func(t *testing.T, in []byte) {
		in = bytes.TrimSpace(in)
		if len(in) == 0 || in[0] != '[' || !json.Valid(in) {
			return
		}
		var want []json.RawMessage
		if err := json.Unmarshal(in, &want); err != nil {
			t.Fatal(err)
		}
		i := 0
		eachElement(in, func(el []byte) error {
			if i >= len(want) || !bytes.Equal(el, want[i]) {
				t.Fatalf("element %d is %q in %q", i, el, in)
			}
			i++
			return nil
		})
		if i != len(want) {
			t.Fatalf("%d elements of %d in %q", i, len(want), in)
		}
	})
}
