package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/relay"
)

// shows is one way of showing a token to this node.
type shows struct {
	method, path, kind, body string
	api                      bool                                // with a token of scope api
	auth                     func(r *http.Request, token string) // nil: Bearer
}

// everyWayIn are all the addresses that take a token: every endpoint of
// endpoints(), the relay's, bundles, the API.
func everyWayIn() map[string]shows {
	line := `{"message":"Server listening on 0.0.0.0 port 22.","time":"` + time.Now().UTC().Format(time.RFC3339) + `"}`
	return map[string]shows{
		"http":          {method: "POST", path: "/ingest/json", kind: "application/x-ndjson", body: line + "\n"},
		"elastic":       {method: "POST", path: "/es/_bulk", kind: "application/x-ndjson", body: `{"create":{"_index":"x"}}` + "\n" + line + "\n"},
		"elastic basic": {method: "POST", path: "/es/_bulk", kind: "application/x-ndjson", body: `{"create":{"_index":"x"}}` + "\n" + line + "\n", auth: func(r *http.Request, s string) { r.SetBasicAuth("lachan", s) }},
		"elastic key": {method: "POST", path: "/es/_bulk", kind: "application/x-ndjson", body: `{"create":{"_index":"x"}}` + "\n" + line + "\n", auth: func(r *http.Request, s string) {
			r.Header.Set("Authorization", "ApiKey "+base64.StdEncoding.EncodeToString([]byte("id:"+s)))
		}},
		"gelf":   {method: "POST", path: "/gelf", kind: "application/json", body: `{"version":"1.1","host":"a","short_message":"x"}`},
		"loki":   {method: "POST", path: "/loki/api/v1/push", kind: "application/json", body: `{"streams":[{"stream":{"a":"b"},"values":[["` + "1795305600000000000" + `","x"]]}]}`},
		"otlp":   {method: "POST", path: "/v1/logs", kind: "application/json", body: `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}`},
		"splunk": {method: "POST", path: "/services/collector/event", kind: "application/json", body: `{"event":"x"}`, auth: func(r *http.Request, s string) { r.Header.Set("Authorization", "Splunk "+s) }},
		"relay":  {method: "POST", path: relay.BlocksPath, kind: "application/octet-stream", body: "x"},
		"bundle": {method: "POST", path: BundleImportPath, body: "x", api: true},
		"renew":  {method: "POST", path: httpapi.Prefix + "/enrol/renew", kind: "application/json", body: `{"csr":"x"}`},
		"api":    {method: "GET", path: httpapi.Prefix + "/alerts", api: true},
	}
}

var answerTime = regexp.MustCompile(`"time":"[^"]*"`)

// A token that is tied to networks is worth nothing elsewhere, whichever way it is
// shown.
func TestNetworksOfATokenCountEverywhere(t *testing.T) {
	n, err := openNode(t, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	ways := everyWayIn()
	for _, e := range endpoints() {
		if _, ok := ways[e.Name]; !ok {
			t.Errorf("no way of showing a token to %s is written down here", e.Name)
		}
	}
	ctx := module.WithPrincipal(context.Background(), module.System())
	handler := n.server.http.Handler
	for name, way := range ways {
		scope := identity.ScopeIngest
		if way.api {
			scope = identity.ScopeAPI
		}
		_, secret, err := n.Identity().Tokens().Create(ctx, identity.NewToken{
			Name: name, Unit: event.CentreUnit, Scope: scope, Networks: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
		})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(from, secret string) (int, string) {
			r := httptest.NewRequestWithContext(t.Context(), way.method, way.path, bytes.NewReader([]byte(way.body)))
			r.RemoteAddr = from + ":4711"
			if way.kind != "" {
				r.Header.Set("Content-Type", way.kind)
			}
			if way.auth != nil {
				way.auth(r, secret)
			} else {
				r.Header.Set("Authorization", "Bearer "+secret)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w.Code, answerTime.ReplaceAllString(w.Body.String(), "")
		}
		// What the request is for may be refused (there is no such certificate
		// request); who sends it is not.
		if status, body := ask("198.51.100.9", secret); status == http.StatusUnauthorized || status == http.StatusTooManyRequests || status == http.StatusNotFound || status >= 500 {
			t.Errorf("%s: from its network: %d %s", name, status, body)
		}
		elsewhere, said := ask("203.0.113.7", secret)
		unknown, of := ask("203.0.113.7", "lc_"+strings.Repeat("a", 52))
		if elsewhere != http.StatusUnauthorized && elsewhere != http.StatusForbidden || elsewhere != unknown || said != of {
			t.Errorf("%s: from elsewhere: %d %s; an unknown token: %d %s", name, elsewhere, said, unknown, of)
		}
	}
}
