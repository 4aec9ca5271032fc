package app

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/enrol"
)

// TestTheRenewalScriptOfADevice runs what a device is given, with the programs a
// device has, against a node.
func TestTheRenewalScriptOfADevice(t *testing.T) {
	for _, program := range []string{"sh", "openssl", "curl", "awk", "sed"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: the script is not run", program)
		}
	}
	n, err := openNode(t, t.TempDir(), func(c *Config) { c.HTTP.TLS, c.PublicAddress = "auto", "localhost" })
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	ctx := module.WithPrincipal(t.Context(), module.System())
	registerUnit(t, ctx, n, unitA)
	e, kit, err := n.modules.enrol.Create(ctx, enrol.NewEnrolment{Unit: unitA, Name: "máy", Device: "rsyslog-tls", Days: 5})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	script := ""
	for _, f := range kit.Files {
		if f.Name == "gia-han-chung-thu.sh" {
			script = f.Content
		}
	}
	if script == "" {
		t.Fatal("the device gets no script to renew its certificate by")
	}
	// The node listens on a port that the system chose.
	script = strings.NewReplacer("/etc/lachan/", dir+"/", "https://localhost:0", strings.Replace(n.Address(), "127.0.0.1", "localhost", 1)).Replace(script)
	for name, text := range map[string]string{"ca.pem": kit.CA.PEM, "client.pem": kit.Certificate.ChainPEM, "client.key": kit.Certificate.KeyPEM, "renew.sh": script} {
		if err := os.WriteFile(file(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func() error {
		cmd := exec.CommandContext(t.Context(), "sh", file("renew.sh"))
		cmd.WaitDelay = time.Minute
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		return err
	}
	if err := run(); err != nil {
		t.Fatal(err)
	}
	renewed, err := os.ReadFile(file("client.pem"))
	if err != nil || bytes.Equal(renewed, []byte(kit.Certificate.ChainPEM)) {
		t.Fatalf("the certificate is the old one, %v", err)
	}
	pair, err := tls.LoadX509KeyPair(file("client.pem"), file("client.key"))
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{T: t, base: n.Address(), trusted: x509.NewCertPool()}
	f.trusted.AppendCertsFromPEM(n.authority.PEM())
	f.by(&pair).post("/ingest/json", "application/json", `{"message":"after renewal"}`)

	// Revoked, it renews nothing more, and the list of the authority has it.
	if _, err := n.modules.enrol.Revoke(ctx, e.ID, "thử"); err != nil {
		t.Fatal(err)
	}
	if err := run(); err == nil {
		t.Error("a revoked certificate was renewed")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: f.tls(), DisableKeepAlives: true}}
	for path, least := range map[string]int{"/ca.pem": 500, "/ca.crl": 200} {
		res, err := client.Get(n.Address() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || len(body) < least {
			t.Errorf("%s: %d, %d bytes, %v", path, res.StatusCode, len(body), err)
		}
	}
}
