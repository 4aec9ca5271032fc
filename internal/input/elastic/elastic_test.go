package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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
	req.SetBasicAuth("elastic", inputtest.Good)
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

// TestTheContract has every request that a client is known to make before it
// sends. A test of the answer is one text that must be in it.
func TestTheContract(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	for _, c := range []struct {
		method, path string
		status       int
		holds        string
	}{
		{"HEAD", "/", 200, ""},
		{"GET", "/", 200, `"tagline":"You Know, for Search"`},
		{"GET", "/", 200, `"number":"8.19.0","build_flavor":"default"`},
		{"GET", "/?filter_path=version.number", 200, `{"version":{"number":"8.19.0"}}`},
		{"GET", "/_license", 200, `"license":{"status":"active","uid":"`},
		{"GET", "/_license?human=false", 200, `"expiry_date_in_millis":4000000000000`},
		{"GET", "/_xpack/license", 200, `"type":"basic"`},
		{"GET", "/_xpack", 200, `"ilm":{"available":true,"enabled":true}`},
		{"GET", "/_ilm/policy/filebeat", 200, `{"filebeat":{"version":1,`},
		{"HEAD", "/_ilm/policy/logstash-policy", 200, ""},
		{"PUT", "/_ilm/policy/filebeat", 200, `{"acknowledged":true}`},
		{"HEAD", "/_index_template/filebeat-8.19.0", 200, ""},
		{"GET", "/_index_template/filebeat-8.19.0", 200, `{"index_templates":[{"name":"filebeat-8.19.0"`},
		{"PUT", "/_index_template/filebeat-8.19.0", 200, `{"acknowledged":true}`},
		{"HEAD", "/_template/logstash", 200, ""},
		{"GET", "/_template/filebeat", 200, `{"filebeat":{"order":1,"index_patterns":["filebeat*"]`},
		{"PUT", "/_template/wazuh?include_type_name=true", 200, `{"acknowledged":true}`},
		{"GET", "/_component_template/logs@mappings", 200, `"logs@mappings"`},
		{"PUT", "/_component_template/logs@mappings", 200, `{"acknowledged":true}`},
		{"GET", "/_cat/templates/filebeat-7.10.2", 200, "filebeat-7.10.2 "},
		{"GET", "/_data_stream/filebeat-8.19.0", 200, `{"data_streams":[{"name":"filebeat-8.19.0"`},
		{"PUT", "/_data_stream/filebeat-8.19.0", 200, `{"acknowledged":true}`},
		{"GET", "/_ingest/pipeline/filebeat-8.19.0-system-auth-pipeline", 200, `{"filebeat-8.19.0-system-auth-pipeline":{"processors":[]}}`},
		{"PUT", "/_ingest/pipeline/winlogbeat-8.19.0-security", 200, `{"acknowledged":true}`},
		{"DELETE", "/_ingest/pipeline/winlogbeat-8.19.0-security", 200, `{"acknowledged":true}`},
		{"GET", "/_nodes", 200, `"publish_address":"127.0.0.1:`},
		{"GET", "/_nodes/http", 200, `"roles":["data","ingest","master"]`},
		{"GET", "/_nodes/_all/http", 200, `"version":"8.19.0"`},
		{"GET", "/_cluster/health", 200, `"status":"green"`},
		{"GET", "/_cat/health", 200, " lachan green 1 1 "},
		{"HEAD", "/_cat/health", 200, ""},
		{"HEAD", "/_alias/filebeat-7.17.0", 200, ""},
		{"GET", "/_alias/filebeat-7.17.0", 200, `"filebeat-7.17.0":{"is_write_index":true}`},
		{"HEAD", "/logstash", 200, ""},
		{"GET", "/logstash", 200, `{"logstash":{"aliases":{}`},
		{"PUT", "/%3Clogstash-%7Bnow%2Fd%7D-000001%3E", 200, `"index":"<logstash-{now/d}-000001>"`},
		{"GET", "/es/", 200, `"tagline"`},
		{"GET", "/es", 200, `"tagline"`},
		{"GET", "/es/_license", 200, `"active"`},
		{"GET", "/as/7.17.9/", 200, `"number":"7.17.9"`},
		{"GET", "/es/as/7.17.9", 200, `"number":"7.17.9"`},
		{"GET", "/as/7/", 405, "allowed: [POST]"}, // no version: an index and a type

		{"POST", "/_search", 404, `"type":"resource_not_found_exception"`},
		{"GET", "/logs/_search", 404, `"status":404}`},
		{"POST", "/_sql", 404, "search them in its console"},
		{"GET", "/_bulk", 405, "Incorrect HTTP method for uri [/_bulk] and method [GET], allowed: [POST, PUT]"},
		{"DELETE", "/logs", 405, "allowed: [GET, HEAD, PUT]"},
		{"POST", "/", 405, `"status":405}`},
		{"GET", "/_license/x/y", 404, ""},
		{"GET", "/_unknown", 404, "no handler found for uri [/_unknown] and method [GET]"},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			status, text, h := ask(t, s, c.method, c.path, nil)
			if status != c.status || !strings.Contains(text, c.holds) {
				t.Errorf("status %d, want %d; %s in %s", status, c.status, c.holds, text)
			}
			if h.Get("X-Elastic-Product") != "Elasticsearch" {
				t.Error("without X-Elastic-Product")
			}
			if strings.Contains(c.path, "_cat") {
				if h.Get("Content-Type") != "text/plain; charset=UTF-8" {
					t.Errorf("content type %q", h.Get("Content-Type"))
				}
			} else if c.method != "HEAD" && (!json.Valid([]byte(text)) || h.Get("Content-Type") != "application/json") {
				t.Errorf("content type %q: %s", h.Get("Content-Type"), text)
			}
			if c.method == "HEAD" && text != "" {
				t.Errorf("HEAD has a body: %s", text)
			}
		})
	}
	if n := len(s.Shelf.Records()); n != 0 {
		t.Errorf("%d records stored", n)
	}
}

func TestVersionIsThatOfTheBeat(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	for agent, want := range map[string]string{
		"Elastic-Filebeat/8.5.3 (linux; amd64; abc; 2022-12-04 00:00:00 +0000 UTC)": "8.5.3",
		"Filebeat/7.10.2 (linux; amd64; abc; 2021-01-12 00:00:00 +0000 UTC)":        "7.10.2",
		"Elastic-Winlogbeat/9.1.4-SNAPSHOT (windows; amd64)":                        "9.1.4",
		"Elastic-Elastic-Agent/8.19.3":                                              "8.19.3",
		"Elastic-Filebeat/8":                                                        defaultVersion,
		"Elastic-Filebeat/8.19.0\",\"x":                                             defaultVersion,
		"Elastic-Filebeat/0.0.1":                                                    defaultVersion,
		"go-elasticsearch/7.17.10 (linux amd64; Go 1.26)":                           defaultVersion,
		"curl/8.5.0": defaultVersion,
	} {
		_, text, _ := ask(t, s, "GET", "/?filter_path=version.number", nil, "User-Agent", agent)
		if want := fmt.Sprintf(`{"version":{"number":"%s"}}`, want); text != want {
			t.Errorf("%s is told %s, want %s", agent, text, want)
		}
	}
	if _, text, _ := ask(t, s, "GET", "/as/7.17.0/?filter_path=version.number", nil, "User-Agent", "Elastic-Filebeat/8.5.3"); !strings.Contains(text, "7.17.0") {
		t.Errorf("the path does not decide: %s", text)
	}
}

func TestTheFormOfAnAnswerIsTheOneAskedFor(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json",
		"application/vnd.elasticsearch+json; compatible-with=9": "application/vnd.elasticsearch+json;compatible-with=9",
		"application/vnd.elasticsearch+json;compatible-with=x":  "application/vnd.elasticsearch+json",
	} {
		_, _, h := ask(t, s, "POST", "/_bulk", []byte("{\"create\":{}}\n{}\n"), "Accept", accept)
		if got := h.Get("Content-Type"); got != want {
			t.Errorf("%q is answered with %q, want %q", accept, got, want)
		}
	}
}

// TestNobodyUnknown: every path wants a credential, and says so in the protocol's
// form.
func TestNobodyUnknown(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	for _, path := range []string{"/", "/_bulk", "/_license", "/nothing/at/_all", "/es/_bulk", "/logs"} {
		for auth, want := range map[string]int{"": 401, "Bearer nobody": 401, "Basic x": 401, "Bearer " + inputtest.API: 403} {
			status, text, h := ask(t, s, "POST", path, []byte("{\"create\":{}}\n{}\n"), "Authorization", auth)
			if status != want || !strings.Contains(text, `"type":"security_exception"`) || !strings.HasSuffix(text, fmt.Sprintf(`"status":%d}`, want)) {
				t.Errorf("%s as %q: %d %s", path, auth, status, text)
			}
			if want == 401 && len(h.Values("WWW-Authenticate")) != 3 {
				t.Errorf("%s as %q: challenges %q", path, auth, h.Values("WWW-Authenticate"))
			}
		}
	}
	for _, auth := range []string{"Bearer " + inputtest.Good, "ApiKey " + inputtest.Good, "ApiKey aWQ6bGNfZ29vZA=="} {
		if status, text, _ := ask(t, s, "POST", "/_bulk", []byte("{\"create\":{}}\n{}\n"), "Authorization", auth); status != 200 {
			t.Errorf("%s: %d %s", auth, status, text)
		}
	}
}

func TestBulkStoresDocumentsAsTheyAre(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	docs := []string{`{"a" : 1 }`, `not JSON`, "{\"b\":\"\xff\"}", `{"unit":"so-y-te","lachan":{"unit":"so-y-te"}}`}
	body := ""
	for _, d := range docs {
		body += "{\"create\":{\"_index\":\"so-y-te\",\"_unit\":\"so-y-te\",\"pipeline\":\"so-y-te\"}}\n" + d + "\n"
	}
	for i, path := range []string{"/_bulk", "/_bulk/", "/so-y-te/_bulk", "/so-y-te/_doc/_bulk", "/es/_bulk/?pipeline=so-y-te&unit=so-y-te"} {
		status, text, _ := ask(t, s, "POST", path, []byte(body), "X-Scope-OrgID", "so-y-te")
		if status != 200 || !strings.Contains(text, `"errors":false,"items":[{"create":{"_index":"so-y-te","result":"created","status":201}},`) {
			t.Fatalf("%s: %d %s", path, status, text)
		}
		if d := cmp.Diff(docs, s.Shelf.Records()[4*i:]); d != "" {
			t.Errorf("%s (-want +got):\n%s", path, d)
		}
	}
	for _, b := range s.Shelf.Batches() {
		if b.Unit != inputtest.Unit || b.Credential != "token:good" || b.Input != "elastic" || b.Peer != "127.0.0.1" || b.Records[0].Hint != event.HintJSON {
			t.Errorf("batch %+v", b)
		}
	}
}

func TestBulkItems(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	body := []byte(strings.Join([]string{
		`{"create":{"_index":"a","_id":"1"}}`, `{"m":1}`,
		`{"index":{"_id":2}}`, `{"m":2}`,
		`{"update":{"_index":"a","_id":"1"}}`, `{"doc":{"m":3}}`,
		`{"delete":{"_index":"a","_id":"1"}}`,
		`{"create":{"_index":"a","_id":"1"}}`, `{"m":4}`,
		`{"create":{}}`, ``,
		`{"create":{}}`, `{"m":5}`,
	}, "\n") + "\n")
	const conflict = `"error":{"type":"version_conflict_engine_exception","reason":"version conflict, document already exists (current version [1])"}`
	const missing = `"error":{"type":"document_missing_exception","reason":"document missing: records stay as they were received; send them with create or index"}`
	const blank = `"error":{"type":"document_parsing_exception","reason":"the document is empty"}`
	_, text, _ := ask(t, s, "PUT", "/x/_bulk?filter_path=-took", body)
	want := `{"errors":true,"items":[` + strings.Join([]string{
		`{"create":{"_index":"a","_id":"1","result":"created","status":201}}`,
		`{"index":{"_index":"x","_id":"2","result":"created","status":201}}`,
		`{"update":{"_index":"a","_id":"1","status":404,` + missing + `}}`,
		`{"delete":{"_index":"a","_id":"1","result":"not_found","status":404}}`,
		`{"create":{"_index":"a","_id":"1","status":409,` + conflict + `}}`,
		`{"create":{"_index":"x","status":400,` + blank + `}}`,
		`{"create":{"_index":"x","result":"created","status":201}}`,
	}, ",") + `]}`
	if d := cmp.Diff(want, text); d != "" {
		t.Errorf("(-want +got):\n%s\n%s", d, text)
	}
	if d := cmp.Diff([]string{`{"m":1}`, `{"m":2}`, `{"m":5}`}, s.Shelf.Records()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	// Again: what has a name is known.
	_, text, _ = ask(t, s, "PUT", "/x/_bulk?filter_path=items.*.status", body)
	if want := `{"items":[{"create":{"status":409}},{"index":{"status":200}},{"update":{"status":404}},{"delete":{"status":404}},{"create":{"status":409}},{"create":{"status":400}},{"create":{"status":201}}]}`; text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if n := len(s.Shelf.Records()); n != 4 {
		t.Errorf("%d records", n)
	}
}

func TestFilterPath(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	good := []byte("{\"create\":{\"_index\":\"i\"}}\n{}\n")
	mixed := []byte("{\"create\":{\"_index\":\"i\"}}\n{}\n{\"create\":{\"_index\":\"i\"}}\n\n")
	for _, c := range []struct {
		who    string
		filter string
		body   []byte
		want   string
	}{
		{"Beats and Logstash", "errors,items.*.error,items.*.status", good, `{"errors":false,"items":[{"create":{"status":201}}]}`},
		{"Beats and Logstash", "errors,items.*.error,items.*.status", mixed, `{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400,"error":{"type":"document_parsing_exception","reason":"the document is empty"}}}]}`},
		{"OpenTelemetry Collector", "items.*._index,items.*.status,items.*.failure_store,items.*.error.type,items.*.error.reason", mixed,
			`{"items":[{"create":{"_index":"i","status":201}},{"create":{"_index":"i","status":400,"error":{"type":"document_parsing_exception","reason":"the document is empty"}}}]}`},
		{"only errors", "errors,items.*.error.type", good, `{"errors":false}`},
		{"only errors", "errors,items.*.error.type", mixed, `{"errors":true,"items":[{"create":{"error":{"type":"document_parsing_exception"}}}]}`},
		{"all but", "-took,-items.**._index,-items.*.error,-items.*.result", mixed, `{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400}}]}`},
		{"nothing", "x", mixed, `{}`},
		{"all of items", "items", good, `{"items":[{"create":{"_index":"i","result":"created","status":201}}]}`},
	} {
		_, text, _ := ask(t, s, "POST", "/_bulk?filter_path="+c.filter, c.body)
		if text != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.who, text, c.want)
		}
	}
}

// TestRefusals: a request that cannot be taken as a whole is never answered with
// 200, and nothing of it is stored.
func TestRefusals(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), func(c *input.ReceiverConfig) { c.MaxBody, c.MaxDecoded = 4<<10, 8<<10 })
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, strings.Repeat("{\"create\":{}}\n{}\n", 1000))
	z.Close()
	for name, c := range map[string]struct {
		body    []byte
		headers []string
		status  int
		holds   string
	}{
		"no body":                  {nil, nil, 400, `"type":"parse_exception","reason":"request body is required"`},
		"no bulk request":          {[]byte("hello\n"), nil, 400, `Malformed action/metadata line [1]`},
		"a bad line after a good":  {[]byte("{\"create\":{}}\n{}\n{\"creat\":{}}\n{}\n"), nil, 400, `Malformed action/metadata line [3]`},
		"too long":                 {bytes.Repeat([]byte("x"), 5<<10), nil, 413, `"type":"content_too_long_exception"`},
		"unfolds to too much":      {zipped.Bytes(), []string{"Content-Encoding", "gzip"}, 413, `"type":"content_too_long_exception"`},
		"broken gzip":              {[]byte("not gzip"), []string{"Content-Encoding", "gzip"}, 400, `"status":400}`},
		"an unknown encoding":      {[]byte("x"), []string{"Content-Encoding", "br"}, 415, `"type":"media_type_header_exception"`},
		"another form than NDJSON": {[]byte("x"), []string{"Content-Type", "application/cbor"}, 406, `Content-Type header [application/cbor] is not supported`},
	} {
		t.Run(name, func(t *testing.T) {
			status, text, _ := ask(t, s, "POST", "/_bulk", c.body, c.headers...)
			if status != c.status || !strings.Contains(text, c.holds) || !json.Valid([]byte(text)) {
				t.Errorf("%d %s", status, text)
			}
		})
	}
	if n := len(s.Shelf.Records()); n != 0 {
		t.Errorf("%d records stored", n)
	}
}

func TestAFullSpoolPushesBack(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	full := fault.New(fault.Busy, "the spool is full")
	body := []byte(strings.Repeat("{\"create\":{}}\n{\"m\":\""+strings.Repeat("x", 1000)+"\"}\n", 2500)) // three batches
	s.Shelf.Fail(1, full)
	status, text, h := ask(t, s, "POST", "/_bulk", body)
	if status != 429 || h.Get("Retry-After") == "" || !strings.Contains(text, `"type":"es_rejected_execution_exception"`) {
		t.Errorf("%d, Retry-After %q: %s", status, h.Get("Retry-After"), text)
	}
	// In the middle: those on disk are acknowledged, the others come again.
	s.Shelf.Fail(2, full)
	status, text, h = ask(t, s, "POST", "/_bulk", body)
	var got reply
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != 200 || !got.Errors || len(got.Items) != 2500 || h.Get("Retry-After") != "" {
		t.Fatalf("%d %v, errors %v, %d items, Retry-After %q", status, err, got.Errors, len(got.Items), h.Get("Retry-After"))
	}
	n := len(s.Shelf.Records())
	for i, it := range got.Items {
		want := 201
		if i >= n {
			want = 429
		}
		if it["create"].Status != want {
			t.Fatalf("item %d of %d stored has status %d", i, n, it["create"].Status)
		}
	}
	// Who looks at the status alone is not told of a part.
	for _, agent := range []string{"Vector/0.50.0 (x86_64-unknown-linux-gnu)", "syslog-ng 4.8.0/libcurl 8.5.0"} {
		s.Shelf.Fail(len(s.Shelf.Batches())+2, full)
		if status, text, _ := ask(t, s, "POST", "/_bulk", body, "User-Agent", agent); status != 429 {
			t.Errorf("%s: %d %.200s", agent, status, text)
		}
	}
	// A failure of unknown outcome: the rest is asked for again.
	s.Shelf.Fail(1, io.ErrUnexpectedEOF)
	if status, text, h = ask(t, s, "POST", "/_bulk", body); status != 503 || h.Get("Retry-After") == "" || !strings.Contains(text, "unavailable_shards_exception") {
		t.Errorf("%d %s", status, text)
	}
	// rsyslog takes any such answer for the end of its records, but not a
	// connection that breaks. It sends no User-Agent.
	for _, from := range []int{1, len(s.Shelf.Batches()) + 2} {
		for _, why := range []error{full, io.ErrUnexpectedEOF} {
			s.Shelf.Fail(from, why)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/_bulk", bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth("", inputtest.Good)
			req.Header.Set("User-Agent", "")
			if res, err := s.Client().Do(req); err == nil {
				res.Body.Close()
				t.Errorf("from batch %d on, %v: answered with %s", from, why, res.Status)
			}
		}
	}
}

// reply is a bulk reply as a client reads it.
type reply struct {
	Errors bool
	Items  []map[string]struct {
		Status int
		Error  struct{ Type, Reason string }
	}
}

func TestNamedDocumentsAreStoredOnce(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	var body bytes.Buffer
	for i := range 2500 {
		fmt.Fprintf(&body, "{\"create\":{\"_index\":\"i\",\"_id\":\"%d\"}}\n{\"n\":%d,\"m\":\"%s\"}\n", i, i, strings.Repeat("x", 1000))
	}
	full := fault.New(fault.Busy, "the spool is full")
	for _, from := range []int{1, 2, 3, 0} { // the spool fills up later each time
		s.Shelf.Fail(from, full)
		if from == 0 {
			s.Shelf.Fail(1, nil)
		}
		status, text, _ := ask(t, s, "POST", "/_bulk", body.Bytes())
		var got reply
		if err := json.Unmarshal([]byte(text), &got); err != nil || (status != 429) != (from != 1) {
			t.Fatalf("%d: %d %v", from, status, err)
		}
		for i, it := range got.Items {
			if st := it["create"].Status; from == 0 && st != 201 && st != 409 {
				t.Fatalf("item %d has status %d in the end", i, st)
			}
		}
	}
	records := s.Shelf.Records()
	if len(records) != 2500 {
		t.Fatalf("%d records", len(records))
	}
	for i, r := range records {
		if !strings.HasPrefix(r, fmt.Sprintf(`{"n":%d,`, i)) {
			t.Fatalf("record %d is %.20s", i, r)
		}
	}
	// The same name in another index, without a name, or replaced by another text
	// is another document.
	for _, b := range []string{"{\"create\":{\"_index\":\"j\",\"_id\":\"1\"}}\n{}\n", "{\"create\":{\"_index\":\"i\"}}\n{}\n", "{\"index\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{}\n"} {
		ask(t, s, "POST", "/_bulk", []byte(b))
	}
	if n := len(s.Shelf.Records()); n != 2503 {
		t.Errorf("%d records", n)
	}
}

func TestOneDocumentAtATime(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/system/events", `{"m":1}`, 201, `{"_index":"system","result":"created","_version":1}`},
		{"POST", "/system/_doc", "{\n \"m\": 2\n}\n", 201, `{"_index":"system","result":"created","_version":1}`},
		{"PUT", "/system/_doc/a", `{"m":3}`, 201, `{"_index":"system","_id":"a","result":"created","_version":1}`},
		{"PUT", "/system/_doc/a", `{"m":3}`, 200, `{"_index":"system","_id":"a","result":"updated","_version":1}`},
		{"PUT", "/system/_create/b", `{"m":4}`, 201, `{"_index":"system","_id":"b","result":"created","_version":1}`},
		{"PUT", "/system/_create/b", `{"m":4}`, 409, `version_conflict_engine_exception`},
		{"POST", "/system/_doc", ``, 400, `request body is required`},
		{"PUT", "/system/_doc/" + strings.Repeat("x", 600), `{}`, 413, `too long`},
	} {
		status, text, _ := ask(t, s, c.method, c.path, []byte(c.body))
		if status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s %.40s: %d %s", c.method, c.path, status, text)
		}
	}
	if d := cmp.Diff([]string{`{"m":1}`, "{\n \"m\": 2\n}", `{"m":3}`, `{"m":4}`}, s.Shelf.Records()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestALongReplyIsWhole: it is written in pieces.
func TestALongReplyIsWhole(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	_, text, _ := ask(t, s, "POST", "/_bulk", beatsBody(20_000, true))
	var got reply
	if err := json.Unmarshal([]byte(text), &got); err != nil || got.Errors || len(got.Items) != 20_000 || len(s.Shelf.Records()) != 20_000 {
		t.Fatalf("%v, errors %v, %d items", err, got.Errors, len(got.Items))
	}
}

func TestGzip(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(beatsBody(100, false))
	z.Close()
	status, text, _ := ask(t, s, "POST", "/_bulk", zipped.Bytes(), "Content-Encoding", "gzip", "Content-Type", "application/x-ndjson")
	if status != 200 || len(s.Shelf.Records()) != 100 {
		t.Errorf("%d %.200s", status, text)
	}
}

// nowhere is a sink that keeps nothing.
type nowhere struct{}

func (nowhere) Put(context.Context, *event.Batch) (uint64, error) { return 1, nil }

// BenchmarkBulk is a request from its body to its answer, but for the network and
// the spool.
func BenchmarkBulk(b *testing.B) {
	for name, withID := range map[string]bool{"without _id": false, "with _id": true} {
		b.Run(name, func(b *testing.B) {
			s := inputtest.Serve(b, Endpoint(), nil)
			h := Endpoint().Root(s.Receiver.Into(nowhere{}))
			body := beatsBody(1600, withID)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/_bulk?filter_path=errors,items.*.error,items.*.status", bytes.NewReader(body))
				r.SetBasicAuth("elastic", inputtest.Good)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
