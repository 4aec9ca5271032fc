package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/lachan-vn/lachan/internal/fault"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newTestFailures(burst int) (*Failures, *clock) {
	c := &clock{time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
	return NewFailures(FailuresConfig{Burst: burst, Every: 2 * time.Second}, c.now, nil), c
}

func TestAnAddressFailsOnlySoOften(t *testing.T) {
	f, c := newTestFailures(3)
	fails := func(n int, address string) (told int) {
		t.Helper()
		for range n {
			err := f.Failed(DoorToken, address)
			if err == nil {
				told++
			} else if w, ok := errors.AsType[*WaitError](err); !ok || fault.KindOf(err) != fault.Busy || w.RetryAfter() != "2" {
				t.Fatalf("%v", err)
			}
		}
		return told
	}
	if n := fails(10, "203.0.113.7:4711"); n != 3 {
		t.Errorf("%d failures at once, want 3", n)
	}
	c.at = c.at.Add(4 * time.Second)
	if n := fails(10, "203.0.113.7:9"); n != 2 {
		t.Errorf("%d failures 4 s later, want 2", n)
	}
	c.at = c.at.Add(time.Hour)
	if n := fails(10, "203.0.113.7"); n != 3 {
		t.Errorf("%d failures after an hour, want the 3 of the beginning", n)
	}
	if f.May(DoorToken, "203.0.113.7") == nil || f.May(DoorSignIn, "203.0.113.7") != nil || f.May(DoorToken, "203.0.113.8") != nil {
		t.Error("the bound is that of one address at one door")
	}
}

func TestANetworkOfIPv6IsOneAddress(t *testing.T) {
	f, _ := newTestFailures(3)
	told := 0
	for i := range 50 {
		if f.Failed(DoorIngest, fmt.Sprintf("[2001:db8:1:2::%x]:514", i+1)) == nil {
			told++
		}
	}
	if told != 3 {
		t.Errorf("%d failures of one /64, want 3", told)
	}
	if f.May(DoorIngest, "2001:db8:1:3::1") != nil {
		t.Error("the next /64 is turned away as well")
	}
	if f.Failed(DoorIngest, "::ffff:192.0.2.1"); f.May(DoorIngest, "192.0.2.1") != nil || f.of[failing{DoorIngest, mustNetwork(t, "192.0.2.1")}] == nil {
		t.Error("an IPv4 address in IPv6 form is another")
	}
}

// Whoever has many addresses makes this forget; it does not make it grow.
func TestRememberedAddressesAreBounded(t *testing.T) {
	f, _ := newTestFailures(3)
	f.most = 100
	for i := range 10_000 {
		_ = f.Failed(DoorToken, fmt.Sprintf("10.0.%d.%d", i/250, i%250+1))
		if i%50 == 0 {
			_ = f.Failed(DoorToken, "192.0.2.2")
		}
	}
	if len(f.of) != 100 || f.oldest.Len() != 100 {
		t.Errorf("%d and %d addresses remembered", len(f.of), f.oldest.Len())
	}
	if f.May(DoorToken, "192.0.2.2") == nil {
		t.Error("the one that fails most is forgotten first")
	}
}

func TestNoBound(t *testing.T) {
	none, _ := newTestFailures(0)
	for _, f := range []*Failures{nil, none} {
		for range 1000 {
			if f.Failed(DoorToken, "192.0.2.1") != nil || f.May(DoorToken, "192.0.2.1") != nil {
				t.Fatal("turned away")
			}
		}
	}
	one, _ := newTestFailures(1)
	for range 10 {
		if one.Failed(DoorToken, "@") != nil {
			t.Fatal("what has no address is turned away")
		}
	}
}

// door is an API of three operations: one that needs a credential and two that need
// none, of which one checks a password.
type door struct {
	handler  http.Handler
	recorded int // failures that somebody was told of
}

func newDoor(f *Failures) *door {
	d := &door{}
	refused := fault.New(fault.Unauthenticated, "wrong").WithCode("token.invalid")
	op := func(method, path, action string) huma.Operation {
		return huma.Operation{OperationID: method + path, Method: method, Path: path, Extensions: map[string]any{actionExtension: action}}
	}
	d.handler = New(Options{
		Routes: []func(huma.API){func(api huma.API) {
			huma.Register(api, op("GET", "/alerts", "alert.read"), func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
			huma.Register(api, op("GET", "/methods", actionPublic), func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
			type in struct {
				Password string `header:"X-Password"`
			}
			huma.Register(api, op("POST", "/session", actionPublic), func(_ context.Context, i *in) (*struct{}, error) {
				if i.Password != "right" {
					return nil, refused
				}
				return nil, nil
			})
		}},
		Authenticate: func(r *http.Request) (context.Context, string, error) {
			if r.Header.Get("Authorization") != "Bearer right" {
				return nil, "", refused
			}
			return r.Context(), "x", nil
		},
		Authorize: func(context.Context, string) error { return nil },
		Failed:    func(context.Context, *http.Request, string, error) { d.recorded++ },
		Failures:  f, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")},
	})
	return d
}

func (d *door) ask(method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, Prefix+path, nil)
	r.RemoteAddr = "203.0.113.7:4711"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if r.Header.Get("X-Forwarded-For") != "" {
		r.RemoteAddr = "10.0.0.1:4711"
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

// Wrong tokens of one address are answered with "wait" after a while and leave no
// more records. Who shows a good one from there, and browsers, notice nothing.
func TestOnlyWrongTokensWait(t *testing.T) {
	f, _ := newTestFailures(3)
	d := newDoor(f)
	for range 3 {
		if w := d.ask("GET", "/alerts", "Authorization", "Bearer wrong"); w.Code != 401 {
			t.Fatalf("%d", w.Code)
		}
	}
	for range 5 {
		w := d.ask("GET", "/alerts", "Authorization", "Bearer wrong")
		if w.Code != 429 || w.Header().Get("Retry-After") != "2" || w.Header().Get("Content-Type") != "application/problem+json" ||
			!strings.Contains(w.Body.String(), `"request.too-many-failures"`) {
			t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
		}
	}
	if d.recorded != 3 {
		t.Errorf("%d failures were recorded, want the 3 that were not told to wait", d.recorded)
	}
	if w := d.ask("GET", "/alerts", "Authorization", "Bearer right"); w.Code >= 300 {
		t.Errorf("a good token beside them: %d", w.Code)
	}
	for range 20 {
		if w := d.ask("GET", "/alerts", "Cookie", "lachan_session=old"); w.Code != 401 {
			t.Errorf("a browser whose session is over: %d, want to be told to sign in", w.Code)
		}
	}
	if w := d.ask("POST", "/session", "X-Password", "right"); w.Code >= 300 {
		t.Errorf("signing in: %d", w.Code)
	}
	if w := d.ask("GET", "/alerts", "Authorization", "Bearer wrong", "X-Forwarded-For", "203.0.113.8"); w.Code != 401 {
		t.Errorf("another client behind the trusted proxy: %d", w.Code)
	}
	if w := d.ask("GET", "/alerts", "Authorization", "Bearer wrong", "X-Forwarded-For", "203.0.113.7"); w.Code != 429 {
		t.Errorf("the same client by way of the trusted proxy: %d", w.Code)
	}
	if n := testutil.ToFloat64(f.refused.WithLabelValues(DoorToken)); n != 6 {
		t.Errorf("%v turned away, want 6", n)
	}
}

// What is open to everybody is not even looked at for an address that keeps failing.
func TestWhatIsOpenToEverybodyWaits(t *testing.T) {
	f, c := newTestFailures(2)
	d := newDoor(f)
	for range 50 {
		if w := d.ask("POST", "/session", "X-Password", "right"); w.Code >= 300 {
			t.Fatalf("hundreds behind one address sign in as they should: %d", w.Code)
		}
	}
	for i, want := range []int{401, 401, 429, 429} {
		if w := d.ask("POST", "/session", "X-Password", "wrong"); w.Code != want {
			t.Errorf("attempt %d: %d, want %d", i, w.Code, want)
		}
	}
	if w := d.ask("POST", "/session", "X-Password", "right"); w.Code != 429 {
		t.Errorf("a right guess while waiting: %d", w.Code)
	}
	if w := d.ask("GET", "/methods"); w.Code >= 300 {
		t.Errorf("what the sign-in page reads: %d", w.Code)
	}
	c.at = c.at.Add(2 * time.Second)
	if w := d.ask("POST", "/session", "X-Password", "right"); w.Code >= 300 {
		t.Errorf("after the wait: %d", w.Code)
	}
}

func mustNetwork(t *testing.T, address string) netip.Prefix {
	t.Helper()
	p, ok := networkOf(address)
	if !ok {
		t.Fatal(address)
	}
	return p
}
