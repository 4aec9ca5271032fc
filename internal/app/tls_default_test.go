package app

import (
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
)

func TestOnlyThisMachineIsServedInTheClear(t *testing.T) {
	for text, want := range map[string]string{
		"http: {listen: '127.0.0.1:8080'}":          "off",
		"http: {listen: 'localhost:8080'}":          "off",
		"http: {listen: '[::1]:8080'}":              "off",
		"http: {listen: '0.0.0.0:8080'}":            "auto",
		"http: {listen: ':8443'}":                   "auto",
		"http: {listen: '10.0.0.5:443'}":            "auto",
		"http: {listen: '10.0.0.5:443', tls: auto}": "auto",
		"timezone: Asia/Ho_Chi_Minh":                "off",
	} {
		path := filepath.Join(t.TempDir(), "lachan.yml")
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := LoadConfig(path); err != nil || c.HTTP.TLS != want {
			t.Errorf("%s: %q, %v; want %s", text, c.HTTP.TLS, err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "lachan.yml")
	if err := os.WriteFile(path, []byte("http: {listen: '0.0.0.0:8080', tls: off}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadConfig(path); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "http.tls") {
		t.Errorf("in the clear for everybody: %v", err)
	}
}

// What a browser is told and offered where the node itself serves TLS.
func TestTLSOfTheConsole(t *testing.T) {
	n, err := openNode(t, t.TempDir(), func(c *Config) { c.HTTP.TLS = "auto" })
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	get := func(conf *tls.Config) (*http.Response, error) {
		conf.InsecureSkipVerify = true //nolint:gosec // only what is offered is asked here
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: conf, DisableKeepAlives: true}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.Address()+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		return resp, err
	}
	if _, err := get(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is taken")
	}
	weak := []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}
	if _, err := get(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: weak}); err == nil {
		t.Error("a weak suite is taken")
	}
	resp, err := get(&tls.Config{})
	if err != nil || resp.TLS.Version != tls.VersionTLS13 || !strings.Contains(resp.Header.Get("Strict-Transport-Security"), "max-age=31536000") {
		t.Errorf("%+v, %v", resp, err)
	}
}
