package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

func TestSigningIn(t *testing.T) {
	n := newNode(t)
	c := n.anonymous()
	c.refused(401, "session.wrong-credentials", "POST", "/api/v1/session", map[string]string{"username": "admin", "password": "wrong"})
	resp := c.want(200, "POST", "/api/v1/session", map[string]string{"username": "admin", "password": n.adminPW}, nil)
	ck := resp.Cookies()[0]
	if ck.Name != "lachan_session" || !ck.HttpOnly || ck.SameSite != http.SameSiteStrictMode || ck.Path != "/" || len(ck.Value) != 64 {
		t.Errorf("cookie %+v", ck)
	}
	var s struct {
		User       struct{ Username, DisplayName, Role, Unit string }
		Pending    string
		Version    string
		ServerTime string
	}
	c.want(200, "GET", "/api/v1/session", nil, &s)
	if s.Pending != "password" || s.User.Username != "admin" || s.User.Role != "administrator" || s.User.Unit != "trung-tam" || s.ServerTime != "2026-11-22T03:20:58.123Z" || s.Version != "test" {
		t.Errorf("%+v", s)
	}
	p := c.refused(422, "password.too-weak", "POST", "/api/v1/session/password", map[string]string{"current": n.adminPW, "new": "short"})
	if p.Errors[0].Location != "body.new" || strings.Contains(p.Detail, n.adminPW) {
		t.Errorf("%+v", p)
	}
	c.want(204, "POST", "/api/v1/session/password", map[string]string{"current": n.adminPW, "new": goodPassword}, nil)
	resp = c.want(204, "DELETE", "/api/v1/session", nil, nil)
	if resp.Cookies()[0].MaxAge >= 0 {
		t.Error("the cookie is not taken away")
	}
	c.refused(401, "session.required", "GET", "/api/v1/session", nil)
}

func TestTooManyAttemptsSaysWhenToComeBack(t *testing.T) {
	n := newNode(t)
	c := n.anonymous()
	for range 5 {
		c.refused(401, "session.wrong-credentials", "POST", "/api/v1/session", map[string]string{"username": "admin", "password": "wrong"})
	}
	p := c.do("POST", "/api/v1/session", map[string]string{"username": "admin", "password": n.adminPW}, nil)
	if p.StatusCode != 429 || p.Header.Get("Retry-After") != "1" {
		t.Errorf("%d, Retry-After %q", p.StatusCode, p.Header.Get("Retry-After"))
	}
}

func TestNoSecretReachesTheLogOrTheAuditTrail(t *testing.T) {
	n := newNode(t)
	oneTime := n.adminPW
	admin := n.administrator()
	tok := n.makeToken(admin, "trung-tam", "api")
	tok.want(200, "GET", "/api/v1/sources?q=query-text-of-a-person", nil, nil)
	tok.do("POST", "/api/v1/session", map[string]string{"username": "pw-in-name-field", "password": "x"}, nil)
	admin.do("POST", "/api/v1/session/password", `{"current":"`+goodPassword+`","new":"bad-secret-1","extra":"bad-secret-2"}`, nil)
	var audit strings.Builder
	if _, err := io.Copy(&audit, admin.do("GET", "/api/v1/audit?limit=500", nil, nil).Body); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{oneTime, goodPassword, tok.token, admin.cookie, "query-text-of-a-person", "pw-in-name-field", "bad-secret-1"} {
		if strings.Contains(n.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
		if strings.Contains(audit.String(), secret) {
			t.Errorf("%q is in the audit trail", secret)
		}
	}
	for _, wanted := range []string{"path=/api/v1/sources", `user="token:`, "peer=203.0.113.7:4711", "status=200"} {
		if !strings.Contains(n.log.String(), wanted) {
			t.Errorf("the access log lacks %s", wanted)
		}
	}
	if !strings.Contains(audit.String(), `"action":"token.create"`) || !strings.Contains(audit.String(), `"ip":"203.0.113.7"`) {
		t.Errorf("audit: %s", audit.String())
	}
}

func TestBadRequestsAreProblemsThatSayWhere(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		code, where  string
	}{
		{"POST", "/api/v1/units", `{`, 400, "request.invalid", ""},
		{"POST", "/api/v1/units", `{"id":1,"name":"x"}`, 422, "request.invalid", "body.id"},
		{"POST", "/api/v1/units", `{"id":"a","name":"x","nme":"y"}`, 422, "request.invalid", "body.nme"},
		{"POST", "/api/v1/units", `{"id":"Sở Y tế","name":"x"}`, 422, "unit.bad-id", "body.id"},
		{"POST", "/api/v1/units", `{"id":"trung-tam","name":"x"}`, 409, "unit.exists", "body.id"},
		{"GET", "/api/v1/alerts?limit=0", nil, 422, "request.invalid", "query.limit"},
		{"GET", "/api/v1/alerts?status=open", nil, 422, "", "query.status"},
		{"GET", "/api/v1/alerts?cursor=x", nil, 422, "cursor.invalid", "query.cursor"},
		{"GET", "/api/v1/alerts?limt=5", nil, 422, "request.invalid", ""},
		{"GET", "/api/v1/alerts/nothing", nil, 404, "alert.unknown", ""},
		{"GET", "/api/v1/rules/nothing", nil, 404, "rule.unknown", ""},
		{"GET", "/api/v1/events/nothing", nil, 404, "event.unknown", ""},
		{"GET", "/api/v1/overview", nil, 422, "request.invalid", "query.from"},
		{"POST", "/api/v1/search", `{"query":"a AND","from":"2026-11-22T00:00:00Z","to":"2026-11-23T00:00:00Z"}`, 422, "query.syntax", "query@5"},
		{"POST", "/api/v1/search", `{"from":"2026-11-23T00:00:00Z","to":"2026-11-22T00:00:00Z"}`, 422, "range.empty", "body.to"},
		{"GET", "/api/v1/nothing", nil, 404, "", ""},
		{"PUT", "/api/v1/units", nil, 405, "", ""},
		{"DELETE", "/api/v1/tokens/nothing", nil, 404, "token.unknown", ""},
		{"PATCH", "/api/v1/users/nothing", `{"disabled":true}`, 404, "user.unknown", ""},
	} {
		p := admin.refused(c.status, c.code, c.method, c.path, c.body)
		if c.where != "" && (len(p.Errors) == 0 || p.Errors[0].Location != c.where) {
			t.Errorf("%s %s: %+v, want a hint at %s", c.method, c.path, p, c.where)
		}
	}
}

func TestBodyIsBounded(t *testing.T) {
	n := newNode(t)
	c := n.anonymous()
	resp := c.do("POST", "/api/v1/session", `{"username":"`+strings.Repeat("x", 3<<20)+`"}`, nil)
	if resp.StatusCode != 413 {
		t.Errorf("3 MiB: %d", resp.StatusCode)
	}
}

func TestOtherSitesMayNotUseTheCookie(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	send := func(header, value string) int {
		req := httptest.NewRequest("POST", "http://lachan.example/api/v1/rules/reload", nil)
		req.AddCookie(&http.Cookie{Name: identity.CookieName, Value: admin.cookie})
		if header != "" {
			req.Header.Set(header, value)
		}
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, req)
		return w.Code
	}
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"", "", 200}, {"Sec-Fetch-Site", "same-origin", 200}, {"Sec-Fetch-Site", "cross-site", 403}, {"Sec-Fetch-Site", "same-site", 403},
		{"Origin", "http://lachan.example", 200}, {"Origin", "https://evil.example", 403},
	} {
		if got := send(c.header, c.value); got != c.want {
			t.Errorf("%s: %s: %d, want %d", c.header, c.value, got, c.want)
		}
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	n := newNode(t)
	for path, page := range map[string]bool{"/": true, "/alerts/1": true, "/api/v1/session": false, "/assets/app-1a2b.js": false, "/healthz": false, "/api/v1/none": false} {
		h := n.anonymous().do("GET", path, nil, nil).Header
		want := []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"}
		if page {
			want = append(want, "script-src 'self';", "style-src 'self' 'nonce-", "object-src 'none'", "form-action 'self'", "require-trusted-types-for 'script'")
		}
		csp := h.Get("Content-Security-Policy")
		for _, w := range want {
			if !strings.Contains(csp, w) {
				t.Errorf("%s: no %s in %s", path, w, csp)
			}
		}
		if strings.Contains(csp, "http") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: %s", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, h.Get(name), want)
			}
		}
		if !strings.Contains(h.Get("Permissions-Policy"), "camera=()") || h.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", path, h)
		}
		if strings.HasPrefix(path, "/api/") && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached: %q", path, h.Get("Cache-Control"))
		}
	}
}

// The nonce of a page allows its own styles only if nobody can know it before.
func TestEveryPageHasItsOwnNonce(t *testing.T) {
	n := newNode(t)
	seen := map[string]bool{}
	for _, encoding := range []string{"", "br", "gzip"} {
		req := httptest.NewRequest("GET", "/alerts", nil)
		req.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, req)
		nonce := regexp.MustCompile(`'nonce-([A-Z2-7]{26})'`).FindStringSubmatch(w.Header().Get("Content-Security-Policy"))
		if nonce == nil || seen[nonce[1]] {
			t.Fatalf("%q: %v, before %v", encoding, w.Header(), seen)
		}
		seen[nonce[1]] = true
		if got := w.Body.String(); !strings.Contains(got, `nonce="`+nonce[1]+`"`) || strings.Contains(got, "{{") {
			t.Errorf("%q: the page does not know its nonce %s: %s", encoding, nonce[1], got)
		}
	}
}

func TestConsoleIsServed(t *testing.T) {
	n := newNode(t)
	get := func(path, encoding string) (int, string, http.Header) {
		req := httptest.NewRequest("GET", path, nil)
		req.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, req)
		return w.Code, w.Body.String(), w.Header()
	}
	for _, path := range []string{"/", "/alerts", "/alerts/123", "/index.html", "/../../etc/passwd"} {
		code, body, h := get(path, "")
		if code != 200 || !strings.Contains(body, "Lá Chắn") || h.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %q %v", path, code, body, h)
		}
	}
	for encoding, want := range map[string]string{"": "plain", "gzip": "gzip", "gzip, deflate, br;q=0.9": "brotli", "br;q=0, gzip": "gzip", "identity": "plain"} {
		code, body, h := get("/assets/app-1a2b.js", encoding)
		if code != 200 || body != want || !strings.Contains(h.Get("Cache-Control"), "immutable") || !strings.HasPrefix(h.Get("Content-Type"), "text/javascript") || h.Get("Vary") == "" {
			t.Errorf("%q: %d %q %v", encoding, code, body, h)
		}
	}
	if code, body, _ := get("/assets/gone.js", ""); code != 404 || strings.Contains(body, "<!doctype") {
		t.Errorf("a chunk that is gone: %d %q", code, body)
	}
}

// Whoever can reach the port could otherwise fill the memory with series.
func TestInventedMethodsShareOneSeries(t *testing.T) {
	n := newNode(t)
	for i := range 50 {
		req := httptest.NewRequest(fmt.Sprintf("INVENTED%d", i), "/", nil)
		n.handler.ServeHTTP(httptest.NewRecorder(), req)
	}
	families, err := n.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if strings.HasPrefix(l.GetValue(), "INVENTED") {
					t.Fatalf("%s has a series for the method %s", f.GetName(), l.GetValue())
				}
			}
		}
	}
}

func TestHealthAndMetrics(t *testing.T) {
	n := newNode(t)
	admin := n.administrator()
	get := func(path, remote string, change func(*http.Request)) int {
		req := httptest.NewRequest("GET", path, nil)
		req.RemoteAddr, req.Host = remote, "127.0.0.1:8080"
		if change != nil {
			change(req)
		}
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, req)
		return w.Code
	}
	bearer := func(c *client) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+c.token) }
	}
	admin.want(200, "POST", "/api/v1/units", map[string]string{"id": "so-y-te", "name": "Sở Y tế"}, nil)
	for name, c := range map[string]struct {
		path, remote string
		change       func(*http.Request)
		want         int
	}{
		"health from anywhere":                   {"/healthz", "203.0.113.7:1", nil, 200},
		"readiness from anywhere":                {"/readyz", "203.0.113.7:1", nil, 200},
		"metrics on this machine":                {"/metrics", "127.0.0.1:1", nil, 200},
		"metrics on this machine, IPv6":          {"/metrics", "[::1]:1", nil, 200},
		"metrics from elsewhere":                 {"/metrics", "203.0.113.7:1", nil, 401},
		"metrics through an unknown proxy":       {"/metrics", "127.0.0.1:1", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.7") }, 401},
		"metrics through a proxy that is silent": {"/metrics", "127.0.0.1:1", func(r *http.Request) { r.Host = "lachan.example.vn" }, 401},
		"metrics for a page with a forged name":  {"/metrics", "127.0.0.1:1", func(r *http.Request) { r.Host = "127.0.0.1.example:8080" }, 401},
		"metrics with a token of the centre":     {"/metrics", "203.0.113.7:1", bearer(n.makeToken(admin, "trung-tam", "api")), 200},
		"metrics with a token of a unit":         {"/metrics", "203.0.113.7:1", bearer(n.makeToken(admin, "so-y-te", "api")), 403},
		"metrics with an ingest token":           {"/metrics", "203.0.113.7:1", bearer(n.makeToken(admin, "trung-tam", "ingest")), 403},
	} {
		if got := get(c.path, c.remote, c.change); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	families, err := n.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "route" && strings.Contains(l.GetValue(), "so-y-te") {
					t.Errorf("%s: route %s is no pattern", f.GetName(), l.GetValue())
				}
			}
		}
	}
}

// bare is a handler without modules, for what is around them.
func bare(o httpapi.Options, routes ...func(huma.API)) http.Handler {
	o.Routes, o.Registry = routes, prometheus.NewRegistry()
	o.Log = slog.New(slog.DiscardHandler)
	o.Authenticate = func(r *http.Request) (context.Context, string, error) { return r.Context(), "x", nil }
	o.Authorize = func(context.Context, string) error { return nil }
	return httpapi.New(o)
}

func TestPanicAndInternalErrorsTellNothing(t *testing.T) {
	route := func(path string, handle func() error) func(huma.API) {
		return func(api huma.API) {
			huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{OperationID: path, Method: "GET", Path: path}),
				func(context.Context, *struct{}) (*struct{}, error) { return nil, handle() })
		}
	}
	h := bare(httpapi.Options{Ready: func(context.Context) map[string]error { return map[string]error{"lake": io.ErrUnexpectedEOF} }},
		route("/panic", func() error { panic("secret inside") }), route("/broken", func() error { return fmt.Errorf("secret inside: %w", io.EOF) }))
	for _, path := range []string{"/api/v1/panic", "/api/v1/broken"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if w.Code != 503 || w.Body.String() != "not ready: lake\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Everybody is told which part fails and what to do; why, only this machine is.
func TestReadinessSaysWhatToDo(t *testing.T) {
	h := bare(httpapi.Options{Ready: func(context.Context) map[string]error {
		return map[string]error{"disk": &telemetry.Remedy{Err: errors.New("3 MiB free on /secret"), Do: "free some"}, "spool": io.ErrUnexpectedEOF}
	}})
	for remote, want := range map[string]string{
		"203.0.113.7:1": "not ready: disk, spool\ndisk: free some\n",
		"127.0.0.1:1":   "not ready: disk, spool\ndisk: free some\ndisk: 3 MiB free on /secret\nspool: unexpected EOF\n",
	} {
		r := httptest.NewRequest("GET", "/readyz", nil)
		r.RemoteAddr, r.Host = remote, "127.0.0.1:8080"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 503 || w.Body.String() != want {
			t.Errorf("%s: %d %q", remote, w.Code, w.Body)
		}
	}
}

func TestAnOperationWithoutAnActionIsNotRegistered(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it was")
		}
	}()
	bare(httpapi.Options{}, func(api huma.API) {
		huma.Register(api, huma.Operation{OperationID: "open", Method: "GET", Path: "/open"}, func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	})
}

func TestOnlyTrustedProxiesSayWhoTheClientIs(t *testing.T) {
	var seen string
	h := bare(httpapi.Options{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Raw:            map[string]http.Handler{"/who": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.RemoteAddr })},
	})
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.7:9", "198.51.100.1", "203.0.113.7:9"},
		{"10.0.0.1:9", "198.51.100.1", "198.51.100.1:0"},
		{"10.0.0.1:9", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1:0"},
		{"10.0.0.1:9", "1.1.1.1, rubbish", "10.0.0.1:9"},
		{"10.0.0.1:9", "", "10.0.0.1:9"},
	} {
		r := httptest.NewRequest("GET", "/who", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if seen != c.want {
			t.Errorf("%s via %q: %s, want %s", c.remote, c.forwarded, seen, c.want)
		}
	}
}
