package connection

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/notify"
)

// issuer is an authority inside the province, with its certificate and one for a client
// in files.
type issuer struct {
	*authority.Authority
	ca, cert, key string
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	dir := t.TempDir()
	a, err := authority.Open(authority.Options{Dir: dir, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	key, err := authority.NewClientKey()
	if err != nil {
		t.Fatal(err)
	}
	client, err := a.Client("trung-tam", &key.PublicKey, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := authority.KeyPEM(key)
	if err != nil {
		t.Fatal(err)
	}
	i := issuer{a, filepath.Join(dir, "ca.pem"), filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key")}
	for path, text := range map[string][]byte{i.cert: a.ChainPEM(client), i.key: secret} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return i
}

// serve runs a service with a certificate of the issuer that asks for one.
func (i issuer) serve(t *testing.T, version uint16, ask tls.ClientAuthType) *httptest.Server {
	t.Helper()
	get, err := i.Server("platform", "platform.internal", []string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := get(nil)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(i.PEM())
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{*pair}, ClientCAs: clients, ClientAuth: ask, MaxVersion: version}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func proberOf(t *testing.T, c Config) prober {
	t.Helper()
	trust, err := c.Trust()
	if err != nil {
		t.Fatal(err)
	}
	return prober{guard: notify.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, trust: newTrustFiles(c, trust, slog.New(slog.DiscardHandler)), now: time.Now}
}

func TestAServiceOfAnInternalAuthorityThatDemandsACertificate(t *testing.T) {
	own, other := newIssuer(t), newIssuer(t)
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		server := own.serve(t, version, tls.RequireAndVerifyClientCert)
		for _, c := range []struct {
			what   string
			config Config
			code   string // "": it is up
		}{
			{"nobody is trusted", Config{}, notify.CodeCertificate},
			{"nothing is shown", Config{CA: own.ca}, codeAsked},
			{"that of another issuer", Config{CA: own.ca, Cert: other.cert, Key: other.key}, codeAsked},
			{"what it demands", Config{CA: own.ca, Cert: own.cert, Key: own.key}, ""},
		} {
			p := proberOf(t, c.config)
			for _, check := range []ConnectionCheck{{Kind: checkTLS, Target: server.Listener.Addr().String()}, {Kind: checkHTTP, Target: server.URL}} {
				if r := p.probe(t.Context(), check); codeOf(r) != c.code {
					t.Errorf("%s, %s, %s: %q %v, want %q", name, check.Kind, c.what, codeOf(r), r.failure, c.code)
				}
			}
		}
	}
}

func TestAServiceThatOnlyAsksIsUpWithoutACertificate(t *testing.T) {
	own := newIssuer(t)
	server := own.serve(t, tls.VersionTLS13, tls.VerifyClientCertIfGiven)
	r := proberOf(t, Config{CA: own.ca}).probe(t.Context(), ConnectionCheck{Kind: checkTLS, Target: server.Listener.Addr().String()})
	if r.failure != nil || r.took >= refusalWithin {
		t.Errorf("%v after %v; waiting for a refusal is no part of how long it took", r.failure, r.took)
	}
}

func TestCertificatesAreFollowedWhileTheyAreRenewed(t *testing.T) {
	old, renewed := newIssuer(t), newIssuer(t)
	server := renewed.serve(t, tls.VersionTLS13, tls.RequireAndVerifyClientCert)
	check := ConnectionCheck{Kind: checkTLS, Target: server.Listener.Addr().String()}
	p := proberOf(t, Config{CA: old.ca, Cert: old.cert, Key: old.key})
	if r := p.probe(t.Context(), check); codeOf(r) != notify.CodeCertificate {
		t.Fatalf("an authority that nobody named is trusted: %q", codeOf(r))
	}
	put := func(to, from string) {
		t.Helper()
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	before := p.trust.current()
	put(old.cert, renewed.cert) // its key is still the old one
	if got := p.trust.current(); got != before {
		t.Error("a certificate without its key took the place of one that serves")
	}
	put(old.key, renewed.key)
	put(old.ca, renewed.ca)
	for range 2 { // when it was read, and when it was kept
		if r := p.probe(t.Context(), check); r.failure != nil {
			t.Errorf("the renewed certificate is not shown: %v", r.failure)
		}
	}
	got := p.trust.current()
	if err := os.Remove(old.ca); err != nil {
		t.Fatal(err)
	}
	if p.trust.current() != got {
		t.Error("a file that is gone took the trust of before with it")
	}
}

func TestTheSystemsAuthoritiesStayTrusted(t *testing.T) {
	system, err := x509.SystemCertPool()
	if err != nil {
		t.Skip("this machine has no authorities")
	}
	own := newIssuer(t)
	trust, err := Config{CA: own.ca}.Trust()
	if err != nil {
		t.Fatal(err)
	}
	system.AppendCertsFromPEM(own.PEM())
	if !trust.roots.Equal(system) {
		t.Error("the authorities of the machine are no longer trusted, or others are")
	}
}

func TestFilesThatCannotServeAreNamedWithTheirKey(t *testing.T) {
	own, other := newIssuer(t), newIssuer(t)
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for _, c := range []struct {
		config Config
		says   []string
	}{
		{Config{CA: missing}, []string{"connections.ca", missing}},
		{Config{CA: own.key}, []string{"connections.ca", own.key, "BEGIN CERTIFICATE"}},
		{Config{Cert: own.cert}, []string{"connections.cert", "connections.key", "both"}},
		{Config{Key: own.key}, []string{"connections.cert", "connections.key", "both"}},
		{Config{Cert: missing, Key: own.key}, []string{"connections.cert", missing}},
		{Config{Cert: own.cert, Key: other.key}, []string{"connections.cert", "own key"}},
	} {
		_, err := c.config.Trust()
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v, want Invalid", c.config, err)
			continue
		}
		for _, word := range c.says {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q does not say %q", err, word)
			}
		}
	}
	if trust, err := (Config{}).Trust(); err != nil || trust != (Trust{}) {
		t.Errorf("%+v, %v", trust, err)
	}
}
