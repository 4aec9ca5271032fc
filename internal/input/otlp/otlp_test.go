package otlp

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	protobuf = "application/x-protobuf"
	jsonType = "application/json"
)

// send posts a body with the good token.
func send(t testing.TB, s *inputtest.Server, path, kind string, body []byte, header ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+inputtest.Good)
	r.Header.Set("Content-Type", kind)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, answer
}

// message writes one protobuf field with a length.
func message(number protowire.Number, parts ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), bytes.Join(parts, nil))
}

// oneRecord is a request with one record of this body.
func oneRecord(kind, text string) []byte {
	if kind == jsonType {
		b, _ := json.Marshal(text)
		return fmt.Appendf(nil, `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":%s}}]}]}]}`, b)
	}
	return message(1, message(2, message(2, message(5, message(1, []byte(text))))))
}

const oneStored = `{"otlp":"log","body":"xin chào","resource":{},"scope":{},"attributes":{}}`

func TestSuccessIsAnsweredInTheSameType(t *testing.T) {
	for kind, want := range map[string]string{protobuf: "", jsonType: "{}"} {
		s := inputtest.Serve(t, Endpoint(), nil)
		res, answer := send(t, s, "/v1/logs", kind, oneRecord(kind, "xin chào"))
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != kind || string(answer) != want {
			t.Errorf("%s: %d %s %q", kind, res.StatusCode, res.Header.Get("Content-Type"), answer)
		}
		b := s.Shelf.Batches()
		if got := s.Shelf.Records(); len(got) != 1 || got[0] != oneStored {
			t.Errorf("%s: stored %q", kind, got)
		} else if b[0].Unit != inputtest.Unit || b[0].Credential != "token:good" || b[0].Input != "otlp" || b[0].Records[0].Hint != event.HintJSON {
			t.Errorf("%s: batch %+v", kind, b[0])
		}
		// A request without logs is one that succeeds.
		if res, answer = send(t, s, "/v1/logs", kind, []byte(want)); res.StatusCode != 200 || string(answer) != want {
			t.Errorf("%s: an empty request: %d %q", kind, res.StatusCode, answer)
		}
	}
}

func TestCompressedRequests(t *testing.T) {
	body := oneRecord(protobuf, "xin chào")
	var zipped bytes.Buffer
	gz := gzip.NewWriter(&zipped)
	gz.Write(body)
	gz.Close()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	s := inputtest.Serve(t, Endpoint(), nil)
	for encoding, sent := range map[string][]byte{"gzip": zipped.Bytes(), "zstd": z.EncodeAll(body, nil)} {
		if res, answer := send(t, s, "/v1/logs", protobuf, sent, "Content-Encoding", encoding); res.StatusCode != 200 {
			t.Errorf("%s: %d %q", encoding, res.StatusCode, answer)
		}
	}
	if n := len(s.Shelf.Records()); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}

// status reads google.rpc.Status.
func status(t testing.TB, kind string, body []byte) (code int, text string) {
	t.Helper()
	if kind == jsonType {
		var s struct {
			Code    int
			Message string
		}
		if err := json.Unmarshal(body, &s); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return s.Code, s.Message
	}
	f := fields{rest: body}
	for f.next() {
		switch f.number {
		case 1:
			code = int(f.value)
		case 2:
			text = string(f.bytes)
		}
	}
	if f.err != nil {
		t.Fatalf("%v: % x", f.err, body)
	}
	return code, text
}

func TestRefusals(t *testing.T) {
	deepResource := message(1, message(1, []byte{0x0a, 0x05, 'x'})) // a key value cut short
	for name, c := range map[string]struct {
		path, kind string
		body       []byte
		header     []string
		fail       error
		status     int
		code       int
		text       string
	}{
		"traces":               {path: "/v1/traces", kind: protobuf, status: 404, code: 12, text: "only logs"},
		"metrics":              {path: "/v1/metrics", kind: jsonType, body: []byte("{}"), status: 404, code: 12, text: "only logs"},
		"no token":             {kind: protobuf, header: []string{"Authorization", ""}, status: 401, code: 16, text: "token"},
		"token of another use": {kind: jsonType, header: []string{"Authorization", "Bearer " + inputtest.API}, status: 403, code: 7, text: "ingest"},
		"unknown type":         {kind: "text/plain", body: []byte("x"), status: 415, code: 3, text: "application/x-protobuf"},
		"unknown encoding":     {kind: jsonType, header: []string{"Content-Encoding", "br"}, status: 415, code: 3, text: "br"},
		"not gzip":             {kind: protobuf, body: []byte("xxxx"), header: []string{"Content-Encoding", "gzip"}, status: 400, code: 3, text: "gzip"},
		"not protobuf":         {kind: protobuf, body: []byte("\x0a\xff"), status: 400, code: 3, text: "the request is not protobuf"},
		"JSON as protobuf":     {kind: protobuf, body: oneRecord(jsonType, "x"), status: 400, code: 3, text: "not protobuf"},
		"broken scope":         {kind: protobuf, body: message(1, message(2, []byte{0x12, 0x7f})), status: 400, code: 3, text: "scope_logs"},
		"broken resource":      {kind: protobuf, body: message(1, deepResource), status: 400, code: 3, text: "resource"},
		"not JSON":             {kind: jsonType, body: []byte(`{"resourceLogs":[{]}`), status: 400, code: 3, text: "byte"},
		"JSON with a tail":     {kind: jsonType, body: []byte(`{} {}`), status: 400, code: 3, text: "ends at byte 3"},
		"logs of another kind": {kind: jsonType, body: []byte(`{"resourceLogs":{}}`), status: 400, code: 3, text: "resourceLogs is not an array"},
		"a number for a scope": {kind: jsonType, body: []byte(`{"resourceLogs":[{"scopeLogs":[7]}]}`), status: 400, code: 3, text: "scopeLogs"},
		"full spool":           {kind: protobuf, body: oneRecord(protobuf, "x"), fail: fault.New(fault.Busy, "full"), status: 429, code: 8, text: "full"},
		"broken spool":         {kind: jsonType, body: oneRecord(jsonType, "x"), fail: io.ErrShortWrite, status: 503, code: 14, text: "again"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inputtest.Serve(t, Endpoint(), nil)
			s.Shelf.Fail(1, c.fail)
			if c.path == "" {
				c.path = "/v1/logs"
			}
			res, answer := send(t, s, c.path, c.kind, c.body, c.header...)
			answered := c.kind
			if c.status == 415 && c.kind == "text/plain" {
				answered = jsonType
			}
			if res.StatusCode != c.status || res.Header.Get("Content-Type") != answered {
				t.Errorf("%d %s, want %d %s", res.StatusCode, res.Header.Get("Content-Type"), c.status, answered)
			}
			if code, text := status(t, answered, answer); code != c.code || !strings.Contains(text, c.text) {
				t.Errorf("code %d, message %q; want %d, %q", code, text, c.code, c.text)
			}
			if again := res.Header.Get("Retry-After") != ""; again != (c.status == 429 || c.status == 503) {
				t.Errorf("Retry-After %q", res.Header.Get("Retry-After"))
			}
			if n := len(s.Shelf.Records()); n != 0 {
				t.Errorf("%d records are stored", n)
			}
		})
	}
	s := inputtest.Serve(t, Endpoint(), nil)
	res, err := s.Client().Get(s.URL + "/v1/logs")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 405 || res.Header.Get("Allow") != "POST" {
		t.Errorf("GET: %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
}

// nested is an AnyValue of n arrays in one another.
func nested(n int) []byte {
	value := message(1, []byte("x"))
	for range n {
		value = message(5, message(1, value))
	}
	return value
}

func TestARecordThatCannotBeReadIsRefusedAlone(t *testing.T) {
	records := func(list ...[]byte) []byte {
		var scope []byte
		for _, r := range list {
			scope = append(scope, message(2, r)...)
		}
		return message(1, message(2, scope))
	}
	good := message(5, message(1, []byte("xin chào")))
	for name, c := range map[string]struct {
		kind string
		body []byte
		text string
	}{
		"broken":   {protobuf, records(good, []byte{0x2a, 0x09, 1}, good), "number 1, counted from 0: unexpected EOF"},
		"too deep": {protobuf, records(good, message(5, nested(maxDepth)), good), "deep"},
		"no object": {jsonType, []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[
			{"body":{"stringValue":"xin chào"}}, 17, {"body":{"stringValue":"xin chào"}}]}]}]}`), "object"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inputtest.Serve(t, Endpoint(), nil)
			res, answer := send(t, s, "/v1/logs", c.kind, c.body)
			if res.StatusCode != 200 {
				t.Fatalf("%d %q", res.StatusCode, answer)
			}
			rejected, text := "", ""
			if c.kind == jsonType {
				var a struct {
					PartialSuccess struct{ RejectedLogRecords, ErrorMessage string }
				}
				if err := json.Unmarshal(answer, &a); err != nil {
					t.Fatal(err)
				}
				rejected, text = a.PartialSuccess.RejectedLogRecords, a.PartialSuccess.ErrorMessage
			} else {
				f := fields{rest: answer}
				f.next()
				for p := (fields{rest: f.bytes}); p.next(); {
					if p.number == 1 {
						rejected = fmt.Sprint(p.value)
					} else {
						text = string(p.bytes)
					}
				}
			}
			if rejected != "1" || !strings.Contains(text, c.text) || !strings.Contains(text, "1 of 3") {
				t.Errorf("rejected %s: %s", rejected, text)
			}
			if got := s.Shelf.Records(); len(got) != 2 || got[0] != oneStored || got[1] != oneStored {
				t.Errorf("stored %q", got)
			}
			if n := inputtest.Count(t, s.Registry, "lachan_input_dropped_total", map[string]string{"input": "otlp", "reason": "not-readable"}); n != 1 {
				t.Errorf("%v counted", n)
			}
		})
	}
}

func TestTheDeepestValueThatIsTakenIsReadByTheParsers(t *testing.T) {
	record, err := (wire{}).record(nil, message(5, nested(maxDepth-1)), []byte("{}"), []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := input.JSONEnd(record, 0); !ok {
		t.Errorf("%s", record)
	}
}

func TestALongRecordIsCutAndTheClientIsTold(t *testing.T) {
	for _, kind := range []string{protobuf, jsonType} {
		s := inputtest.Serve(t, Endpoint(), nil)
		res, answer := send(t, s, "/v1/logs", kind, oneRecord(kind, strings.Repeat("x", 3*event.MaxRecordBytes)))
		if got := s.Shelf.Records(); res.StatusCode != 200 || len(got) != 1 || len(got[0]) != event.MaxRecordBytes {
			t.Errorf("%s: %d, %d records", kind, res.StatusCode, len(got))
		}
		if !bytes.Contains(answer, []byte("without their end")) || bytes.Contains(answer, []byte("rejected")) {
			t.Errorf("%s: answer %q", kind, answer)
		}
		if n := inputtest.Count(t, s.Registry, "lachan_input_cut_records_total", map[string]string{"input": "otlp"}); n != 1 {
			t.Errorf("%s: %v counted", kind, n)
		}
	}
}

// TestASmallRequestDoesNotStandForAFlood: a resource comes with each record.
func TestASmallRequestDoesNotStandForAFlood(t *testing.T) {
	resource := message(1, message(1, message(1, []byte("k")), message(2, message(1, bytes.Repeat([]byte("x"), 200<<10)))))
	body := message(1, resource, message(2, bytes.Repeat(message(2), 10_000)))
	s := inputtest.Serve(t, Endpoint(), nil)
	res, answer := send(t, s, "/v1/logs", protobuf, body)
	if _, text := status(t, protobuf, answer); res.StatusCode != 413 || !strings.Contains(text, "resources") {
		t.Errorf("%d %q", res.StatusCode, text)
	}
	if n := len(s.Shelf.Records()); n != 0 {
		t.Errorf("%d records are stored", n)
	}
}

// TestMemoryIsThatOfTheBodyWhateverItsShape: half a million empty records in a
// mebibyte, and one value nested a million deep.
func TestMemoryIsThatOfTheBodyWhateverItsShape(t *testing.T) {
	empty := message(1, message(2, bytes.Repeat([]byte{0x12, 0}, 1<<19)))
	s := inputtest.Serve(t, Endpoint(), nil)
	if res, answer := send(t, s, "/v1/logs", protobuf, empty); res.StatusCode != 200 {
		t.Fatalf("%d %q", res.StatusCode, answer)
	}
	if n := len(s.Shelf.Records()); n != 1<<19 {
		t.Errorf("%d records", n)
	}
	// Written from the inside out, into the end of a buffer.
	buf := make([]byte, 16<<20)
	at := len(buf)
	for range 1_000_000 {
		for _, tag := range []byte{0x0a, 0x2a} {
			head := protowire.AppendVarint([]byte{tag}, uint64(len(buf)-at))
			at -= len(head)
			copy(buf[at:], head)
		}
	}
	deep := message(1, message(2, message(2, message(5, buf[at:]))))
	res, answer := send(t, s, "/v1/logs", protobuf, deep)
	if res.StatusCode != 200 || !bytes.Contains(answer, []byte("deep")) {
		t.Errorf("%d %q", res.StatusCode, answer)
	}
	if res, answer = send(t, s, "/v1/logs", jsonType, bytes.Repeat([]byte(`{"resourceLogs":[`), 200_000)); res.StatusCode != 400 {
		t.Errorf("%d %q", res.StatusCode, answer)
	}
}

func TestTheUnitComesFromTheTokenAlone(t *testing.T) {
	body := []byte(`{"resourceLogs":[{"resource":{"attributes":[{"key":"unit","value":{"stringValue":"so-y-te"}},
		{"key":"tenant","value":{"stringValue":"so-y-te"}}]},"scopeLogs":[{"logRecords":[{"attributes":[{"key":"unit","value":{"stringValue":"so-y-te"}}]}]}]}]}`)
	s := inputtest.Serve(t, Endpoint(), nil)
	send(t, s, "/v1/logs?unit=so-y-te", jsonType, body, "X-Scope-OrgID", "so-y-te", "X-Unit", "so-y-te")
	if b := s.Shelf.Batches(); len(b) != 1 || b[0].Unit != inputtest.Unit {
		t.Errorf("%+v", b)
	}
}

func TestALargeRequestIsStoredInOrder(t *testing.T) {
	const n = 3*event.MaxBatchRecords + 7
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"body":{"intValue":"%d"}}`, i))
	}
	s := inputtest.Serve(t, Endpoint(), nil)
	send(t, s, "/v1/logs", jsonType, []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[`+strings.Join(list, ",")+`]}]}]}`))
	got := s.Shelf.Records()
	if len(got) != n {
		t.Fatalf("%d records, want %d", len(got), n)
	}
	for i, r := range got {
		if want := fmt.Sprintf(`{"otlp":"log","body":%d,`, i); !strings.HasPrefix(r, want) {
			t.Fatalf("record %d is %s", i, r)
		}
	}
}
