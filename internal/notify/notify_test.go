package notify_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/notify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestGuard(t *testing.T) {
	open := notify.Guard{}
	for _, a := range []string{
		"127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1",
		"224.0.0.1", "255.255.255.255", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "fec0::1",
	} {
		if open.Allows(netip.MustParseAddr(a)) {
			t.Errorf("%s can be reached", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "203.162.0.1", "2606:4700::1111", "64:ff9b::808:808"} {
		if !open.Allows(netip.MustParseAddr(a)) {
			t.Errorf("%s cannot be reached", a)
		}
	}
	named := notify.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}}
	for a, want := range map[string]bool{"10.20.3.4": true, "::ffff:10.20.3.4": true, "10.21.0.1": false, "127.0.0.1": false, "64:ff9b::a14:1": true} {
		if named.Allows(netip.MustParseAddr(a)) != want {
			t.Errorf("with 10.20.0.0/16 allowed, %s: %v", a, !want)
		}
	}
}

func TestANameThatLeadsInsideIsNotDialled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = notify.Guard{}.Dial(ctx, "tcp", net.JoinHostPort("localhost", port))
	if f := notify.FailureOf(err); f.Code != notify.CodeBlocked || !strings.Contains(f.Reason, "allowedNetworks") {
		t.Fatalf("got %+v; it must be blocked and say how to allow it", f)
	}
	conn, err := loopback().Dial(ctx, "tcp", l.Addr().String())
	if err != nil {
		t.Fatalf("an allowed address: %v", err)
	}
	conn.Close()
}

func loopback() notify.Guard {
	return notify.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
}

func TestPostFollowsNoRedirectAndReadsNoMoreThanItShould(t *testing.T) {
	var reached bool
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer inside.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
		case "/busy":
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("token=tres-secret\r\nlater\x00" + strings.Repeat("x", 1<<20)))
		}
	}))
	defer s.Close()
	c := notify.NewClient(notify.Env{Guard: loopback(), Timeout: time.Minute}, nil)
	answer, err := c.Post(t.Context(), s.URL+"/redirect", http.Header{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f := notify.FailureOf(answer.Judge()); !f.Final || reached {
		t.Errorf("a redirect: %+v, followed: %v", f, reached)
	}
	answer, err = c.Post(t.Context(), s.URL+"/busy", http.Header{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := notify.FailureOf(answer.Judge("tres-secret"))
	if f.Final || f.After != 2*time.Minute || len(f.Reason) > 400 || strings.ContainsAny(f.Reason, "\r\n\x00") || strings.Contains(f.Reason, "tres-secret") {
		t.Errorf("a busy receiver: %+v", f)
	}
	_, err = c.Post(t.Context(), "http://127.0.0.1:1/bot-tres-secret/", http.Header{}, nil)
	if f := notify.FailureOf(err); f.Code != notify.CodeUnreachable || strings.Contains(f.Reason, "tres-secret") {
		t.Errorf("nobody listens: %+v", f)
	}
}

func TestVault(t *testing.T) {
	dir := t.TempDir()
	secrets := filepath.Join(dir, "secrets")
	if err := os.Mkdir(secrets, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(secrets, "smtp"), []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "tls", "secrets.key")
	v, err := notify.OpenVault(key, secrets)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key's file: %v %v", info, err)
	}
	sealed, err := v.Seal("channel-1", "mật khẩu")
	if err != nil || strings.Contains(sealed, "mật") {
		t.Fatalf("sealed %q, %v", sealed, err)
	}
	again, err := notify.OpenVault(key, secrets)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("channel-1", sealed); err != nil || got != "mật khẩu" {
		t.Errorf("after a restart: %q, %v", got, err)
	}
	if _, err := again.Open("channel-2", sealed); notify.FailureOf(err).Code != notify.CodeSecret {
		t.Errorf("another channel opens it: %v", err)
	}
	stored, err := v.Seal("channel-1", "file:smtp")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.Open("channel-1", stored); err != nil || got != "from-a-file" {
		t.Errorf("a file: %q, %v", got, err)
	}
	for _, name := range []string{"file:../tls/secrets.key", "file:missing", "file:", "file:/etc/passwd"} {
		if _, err := v.Seal("channel-1", name); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(key, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := notify.OpenVault(key, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a damaged key: %v", err)
	}
}

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"Tiêu đề\r\nBcc: ai@do.vn": "Tiêu đề Bcc: ai@do.vn",
		"a\x00b\u202ec\u2028d":     "a b c d",
		"\xff\xfe":                 "\ufffd",
		strings.Repeat("ệ", 100):   strings.Repeat("ệ", 12) + "…",
	} {
		if got := notify.Line(in, 40); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAFailureOfTheNetworkSaysWhich(t *testing.T) {
	if f := notify.Network(context.DeadlineExceeded); f.Code != notify.CodeTimeout || f.Final {
		t.Errorf("%+v", f)
	}
	if f := notify.FailureOf(errors.New("what")); f.Final {
		t.Errorf("what is not known may work again: %+v", f)
	}
}
