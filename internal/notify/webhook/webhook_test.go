package webhook_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/notify/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"

var message = notify.Message{ID: "01hxyz", Data: json.RawMessage(`{"tiêu đề":"Đăng nhập lạ"}`)}

func env() notify.Env {
	return notify.Env{Guard: notify.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, Timeout: time.Minute, Now: time.Now}
}

// receiver is what an agency would write: it verifies, and takes each id once.
type receiver struct {
	mu       sync.Mutex
	seen     map[string]bool
	taken    int
	answers  []int // before 200
	last     *http.Request
	lastBody []byte
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.lastBody = req, body
	if err := webhook.Verify(webhook.Key(secret), req.Header, body, time.Now(), 5*time.Minute); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	if len(r.answers) > 0 {
		w.WriteHeader(r.answers[0])
		r.answers = r.answers[1:]
		return
	}
	if id := req.Header.Get(webhook.HeaderID); !r.seen[id] {
		r.seen[id] = true
		r.taken++
	}
}

func channel(t *testing.T, url, secret string) notify.Sender {
	t.Helper()
	settings, err := json.Marshal(webhook.Settings{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	s, err := webhook.Kind().Open(settings, secret, env())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheReceiverVerifiesAndNoticesARepeat(t *testing.T) {
	r := &receiver{seen: map[string]bool{}, answers: []int{500}}
	server := httptest.NewServer(r)
	defer server.Close()
	s := channel(t, server.URL+"/hook", secret)
	f := notify.FailureOf(s.Send(t.Context(), message))
	if f.Final || f.Code != notify.CodeBusy {
		t.Fatalf("a receiver that fails: %+v", f)
	}
	for range 2 { // the second is a repeat, as after a lost answer
		if err := s.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	if r.taken != 1 {
		t.Errorf("taken %d times, want once: the id is the same at every attempt", r.taken)
	}
}

func TestVerifyRefusesWhatWasPlayedBackOrChanged(t *testing.T) {
	r := &receiver{seen: map[string]bool{}}
	server := httptest.NewServer(r)
	defer server.Close()
	if err := channel(t, server.URL, secret).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	key, now := webhook.Key(secret), time.Now()
	verify := func(h http.Header, body string, now time.Time) error {
		return webhook.Verify(key, h, []byte(body), now, 5*time.Minute)
	}
	h, body := r.last.Header, string(r.lastBody)
	if err := verify(h, body, now); err != nil {
		t.Fatal(err)
	}
	if err := verify(h, body, now.Add(time.Hour)); !errors.Is(err, webhook.ErrStale) {
		t.Errorf("an hour later: %v", err)
	}
	if err := verify(h, strings.Replace(body, "lạ", "la", 1), now); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("another body: %v", err)
	}
	other := h.Clone()
	other.Set(webhook.HeaderID, "another")
	if err := verify(other, body, now); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("another id: %v", err)
	}
}

func TestASecretIsChangedWithoutAGap(t *testing.T) {
	r := &receiver{seen: map[string]bool{}}
	server := httptest.NewServer(r)
	defer server.Close()
	if err := channel(t, server.URL, "the-new-secret-of-the-channel "+secret).Send(t.Context(), message); err != nil {
		t.Fatalf("signed with both, the receiver knows the old: %v", err)
	}
	f := notify.FailureOf(channel(t, server.URL, "the-new-secret-of-the-channel").Send(t.Context(), message))
	if f.Code != notify.CodeSignIn || f.Final {
		t.Errorf("an unknown secret: %+v", f)
	}
}

func TestWhatTheReceiverSaysDecidesWhetherItIsTriedAgain(t *testing.T) {
	for status, final := range map[int]bool{400: true, 404: true, 410: true, 301: true, 408: false, 425: false, 429: false, 401: false, 502: false} {
		r := &receiver{seen: map[string]bool{}, answers: []int{status}}
		server := httptest.NewServer(r)
		if f := notify.FailureOf(channel(t, server.URL, secret).Send(t.Context(), message)); f.Final != final {
			t.Errorf("HTTP %d: %+v", status, f)
		}
		server.Close()
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for _, settings := range []string{
		`{}`, `{"url":"ftp://x.vn/"}`, `{"url":"https://"}`, `{"url":"https://a:b@x.vn/"}`, `{"url":"https://x.vn/","more":1}`, `{"url":"https://x.vn/"} {}`,
		`{"url":"https://x.vn/","ca":"no certificate"}`, `[]`,
	} {
		if _, err := webhook.Kind().Open(json.RawMessage(settings), secret, env()); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", settings, err)
		}
	}
	if _, err := webhook.Kind().Open(json.RawMessage(`{"url":"http://x.vn/"}`), secret, notify.Env{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("plain http to the internet: %v", err)
	}
	if _, err := webhook.Kind().Open(json.RawMessage(`{"url":"https://x.vn/"}`), "short", env()); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a short secret: %v", err)
	}
}

// The way of verifying that docs/operate/notifications.md shows is run as it is
// written there.
func TestTheDocumentedVerification(t *testing.T) {
	for _, tool := range []string{"bash", "openssl", "od", "base64"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "operate", "notifications.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, script, ok := strings.Cut(string(page), "```sh\n# verify.sh")
	script, _, ends := strings.Cut(script, "```")
	if !ok || !ends {
		t.Fatal("the page shows no verify.sh")
	}
	r := &receiver{seen: map[string]bool{}}
	server := httptest.NewServer(r)
	defer server.Close()
	if err := channel(t, server.URL, secret).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	run := func(body string) error {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", "#"+script)
		cmd.Env = append(os.Environ(), "SECRET="+secret, "ID="+r.last.Header.Get("webhook-id"),
			"TIMESTAMP="+r.last.Header.Get("webhook-timestamp"), "SIGNATURE="+r.last.Header.Get("webhook-signature"))
		cmd.Stdin = strings.NewReader(body)
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		return err
	}
	if err := run(string(r.lastBody)); err != nil {
		t.Errorf("a good message: %v", err)
	}
	if err := run(string(r.lastBody) + " "); err == nil {
		t.Error("a changed message passes")
	}
}
