package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

const acmeHost = "lachan.tinh.example"

// pebble is a real ACME server that resolves every name to this machine and looks
// for the challenge at a port. It returns its directory and the file of its issuer.
func pebble(t *testing.T, tlsPort int) (directory, ca string) {
	t.Helper()
	bin := os.Getenv("LACHAN_TEST_PEBBLE")
	if bin == "" {
		t.Skip("LACHAN_TEST_PEBBLE names no folder with pebble and pebble-challtestsrv: no ACME server is asked (go install github.com/letsencrypt/pebble/v2/cmd/...@v2.10.1)")
	}
	dir := t.TempDir()
	// Its own certificate; the pair that httptest has is for 127.0.0.1 and example.com.
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	pair := s.TLS.Certificates[0]
	s.Close()
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca = write("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}))
	listen, dns, manage := freeAddress(t), freeAddress(t), freeAddress(t)
	conf, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": freeAddress(t), "certificate": ca,
		"privateKey": write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"httpPort":   1, "tlsPort": tlsPort, "retryAfter": map[string]int{"authz": 1, "order": 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) {
		c := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(bin, name), args...)
		c.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = c.Process.Kill()
			_ = c.Wait()
			if t.Failed() {
				t.Logf("%s:\n%s", name, out.String())
			}
		})
	}
	run("pebble-challtestsrv", "-defaultIPv6", "", "-dnsserver", dns, "-management", manage, "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "")
	run("pebble", "-config", write("pebble.json", conf), "-dnsserver", dns)
	return "https://" + listen + "/dir", ca
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A node asks a real ACME server for its certificate, serves it to who asks by its
// name, keeps it for its owner alone, and serves its own authority's meanwhile and
// to everybody else.
func TestTheConsoleGetsItsCertificateByACME(t *testing.T) {
	listen := freeAddress(t)
	_, text, err := net.SplitHostPort(listen)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	directory, ca := pebble(t, port)
	data := t.TempDir()
	start := func(change func(*Config)) *Node {
		t.Helper()
		n, err := openNode(t, data, func(c *Config) {
			c.HTTP.Listen, c.HTTP.TLS = listen, "acme"
			c.HTTP.ACME = ACMEConfig{Directory: directory, CA: ca, Hosts: []string{acmeHost}, AcceptTerms: true}
			change(c)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Start(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		return n
	}
	issuer := func(name string) string {
		conn, err := tls.Dial("tcp", listen, &tls.Config{ServerName: name, InsecureSkipVerify: true}) //nolint:gosec // whose it is, is asked
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].Issuer.CommonName
	}
	n := start(func(*Config) {})
	deadline := time.Now().Add(2 * time.Minute)
	for !strings.HasPrefix(issuer(acmeHost), "Pebble") {
		if time.Now().After(deadline) {
			t.Fatalf("the certificate is of %s", issuer(acmeHost))
		}
		time.Sleep(100 * time.Millisecond)
	}
	if own := issuer("localhost"); strings.HasPrefix(own, "Pebble") {
		t.Errorf("another name has the certificate of %s", own)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(data, "tls", "acme", "*"))
	if err != nil || len(kept) < 2 {
		t.Fatalf("%v %v", kept, err)
	}
	for _, file := range kept {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
	// What was kept serves at once, with nobody to ask.
	n = start(func(c *Config) { c.HTTP.ACME.Directory = "https://" + freeAddress(t) + "/dir" })
	defer n.Close()
	for deadline = time.Now().Add(time.Minute); !strings.HasPrefix(issuer(acmeHost), "Pebble"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the certificate of before is not served")
		}
	}
}

// An authority that refuses or is not there costs a certificate, not the console.
func TestWithoutTheACMEAuthorityTheNodesOwnServes(t *testing.T) {
	var told strings.Builder
	down := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) }))
	defer down.Close()
	c := DefaultConfig()
	c.HTTP.TLS, c.HTTP.ACME = "acme", ACMEConfig{Directory: down.URL, Hosts: []string{acmeHost}, AcceptTerms: true}
	own := &tls.Certificate{}
	a, err := newACME(&c, t.TempDir(), func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return own, nil }, slog.New(slog.NewTextHandler(&told, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var waits []time.Duration
	a.wait = func(_ context.Context, d time.Duration) {
		if waits = append(waits, d); len(waits) == 8 {
			stop()
		}
	}
	a.run(ctx)
	if fmt.Sprint(waits) != "[1m0s 2m0s 4m0s 8m0s 16m0s 32m0s 1h0m0s 1h0m0s]" {
		t.Errorf("asked again after %v", waits)
	}
	if text := told.String(); !strings.Contains(text, acmeHost) || !strings.Contains(text, "port 443") || !strings.Contains(text, down.URL) {
		t.Errorf("the log says: %s", text)
	}
	if got, err := a.get(&tls.ClientHelloInfo{ServerName: acmeHost}); err != nil || got != own {
		t.Errorf("%v, %v", got, err)
	}
}

func TestACMEConfigurationIsChecked(t *testing.T) {
	good := DefaultConfig()
	good.HTTP.TLS, good.HTTP.ACME.AcceptTerms, good.HTTP.ACME.Hosts = "acme", true, []string{acmeHost}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*ACMEConfig){
		"http.acme.acceptTerms": func(c *ACMEConfig) { c.AcceptTerms = false },
		"http.acme.directory":   func(c *ACMEConfig) { c.Directory = "http://acme.example" },
		"http.acme.hosts":       func(c *ACMEConfig) { c.Hosts = []string{"192.0.2.1"} },
	} {
		c := good
		change(&c.HTTP.ACME)
		if err := c.Validate(); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
