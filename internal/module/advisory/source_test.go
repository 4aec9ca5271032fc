package advisory

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// provider serves one file, with an ETag, at /feed.
type provider struct {
	*httptest.Server
	body  atomic.Pointer[[]byte]
	asked atomic.Int32
	same  atomic.Int32
}

func newProvider(t *testing.T, body []byte) *provider {
	p := &provider{}
	p.body.Store(&body)
	mux := http.NewServeMux()
	mux.HandleFunc("/feed", func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		tag := `"` + string(rune('a'+len(*p.body.Load())%26)) + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			p.same.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(*p.body.Load()) // the client notices
	})
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.168.7.7/feed", http.StatusFound)
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/once", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/feed", http.StatusFound) })
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func TestASourceIsAskedRegularly(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.Config.AllowedNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	f.Client = newClient(f.Config)
	p := newProvider(t, sample(t, "kev.json"))
	x, err := f.AddSource(admin, Source{Name: "KEV", URL: p.URL + "/once", Enabled: true, EveryHours: 6})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() Source {
		t.Helper()
		if err := f.askDue(admin); err != nil {
			t.Fatal(err)
		}
		list, err := f.Sources(admin)
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	got := ask()
	if got.Code != "" || got.Outcome == nil || got.Outcome.Entries != 2 || !got.SucceededAt.Equal(f.clock) || !got.NextAt.Equal(f.clock.Add(6*time.Hour)) {
		t.Fatalf("%+v", got)
	}
	ask()
	if n := p.asked.Load(); n != 1 {
		t.Errorf("asked %d times before it was due", n)
	}
	f.clock = f.clock.Add(6 * time.Hour)
	if got = ask(); p.same.Load() != 1 || got.Outcome == nil || !got.SucceededAt.Equal(f.clock) {
		t.Errorf("nothing new: asked %d, same %d, %+v", p.asked.Load(), p.same.Load(), got)
	}
	broken := []byte(`{"catalogVersion": "1"}`)
	p.body.Store(&broken)
	f.clock = f.clock.Add(6 * time.Hour)
	before := got.SucceededAt
	if got = ask(); got.Code != "advisory.bad-file" || !strings.Contains(got.Reason, "download it again") || !got.SucceededAt.Equal(before) || !got.NextAt.Equal(f.clock.Add(15*time.Minute)) {
		t.Errorf("a broken file: %+v", got)
	}
	if strings.Contains(got.Reason, "?") {
		t.Errorf("the address is told with its query: %s", got.Reason)
	}
	if _, err := f.AddSource(admin, Source{Name: "again", URL: p.URL + "/once", Enabled: true, EveryHours: 6}); code(err) != "advisory.source-exists" {
		t.Error(err)
	}
	x.Version, x.URL = got.Version, p.URL+"/gone"
	if _, err := f.ChangeSource(admin, x.ID, x); err != nil {
		t.Fatal(err)
	}
	if got, err := f.FetchSource(analyst, x.ID); err != nil || got.Code != codeStatus || !strings.Contains(got.Reason, "410") {
		t.Errorf("%+v, %v", got, err)
	}
	if err := f.RemoveSource(admin, x.ID); err != nil {
		t.Error(err)
	}
	if _, err := f.FetchSource(analyst, x.ID); code(err) != "advisory.unknown" {
		t.Error(err)
	}
}

func TestASourceLeadsNowhereElse(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	p := newProvider(t, nil)
	try := func(path string) string {
		t.Helper()
		_, err := f.fetch(context.Background(), &Source{URL: p.URL + path})
		if err == nil {
			return ""
		}
		return notify.FailureOf(err).Code + ": " + err.Error()
	}
	// By default no network inside is reached, encrypted or not.
	if got := try("/feed"); !strings.HasPrefix(got, notify.CodeBlocked) || !strings.Contains(got, "advisories.allowedNetworks") {
		t.Errorf("loopback: %s", got)
	}
	f.Config.AllowedNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	f.Client = newClient(f.Config)
	if got := try("/elsewhere"); !strings.HasPrefix(got, notify.CodeBlocked) {
		t.Errorf("a redirect into a network: %s", got)
	}
	if got := try("/round"); !strings.HasPrefix(got, codeRedirect) {
		t.Errorf("redirects without end: %s", got)
	}
	if got := try("/feed"); got != "" {
		t.Errorf("a network that is named: %s", got)
	}
	open := DefaultConfig()
	for address, ok := range map[string]bool{
		"https://example.org/feed.json": true, "http://example.org/feed.json": false, "https://user:secret@example.org/": false, "file:///etc/passwd": false, "https:///x": false, "": false,
		"gopher://example.org/": false,
	} {
		if err := open.checkURL(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
	// In the clear only to networks that are named, however public the address.
	f.Config.AllowedNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Client = newClient(f.Config)
	if _, err := f.fetch(context.Background(), &Source{URL: "http://8.8.8.8/feed"}); notify.FailureOf(err).Code != notify.CodeBlocked {
		t.Errorf("in the clear to the internet: %v", err)
	}
}
