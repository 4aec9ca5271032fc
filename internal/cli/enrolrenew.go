package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

type enrolRenewCmd struct {
	Server string        `help:"Address of the centre." required:"" placeholder:"URL"`
	CA     string        `name:"ca" help:"Certificate of the centre's authority (PEM)." required:"" type:"existingfile" placeholder:"FILE"`
	Cert   string        `help:"The client certificate to renew (PEM); replaced by the new one." required:"" type:"existingfile" placeholder:"FILE"`
	Key    string        `help:"Its private key (PEM), which stays." required:"" type:"existingfile" placeholder:"FILE"`
	Before time.Duration `help:"Renew when less than this is left; otherwise do nothing." default:"240h"`
}

// Run renews the certificate if it is time to.
func (c *enrolRenewCmd) Run(ctx context.Context, s std) error {
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return fault.New(fault.Invalid, "--cert, --key: %w", err)
	}
	if left := time.Until(pair.Leaf.NotAfter); left > c.Before {
		fmt.Fprintf(s.out, "%s is good until %s\n", c.Cert, pair.Leaf.NotAfter.In(vietnam()).Format(time.RFC3339))
		return nil
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, pair.PrivateKey)
	if err != nil {
		return fault.New(fault.Invalid, "--key: %w", err)
	}
	body, err := json.Marshal(map[string]string{"csr": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr}))})
	if err != nil {
		return err
	}
	chain, err := c.send(ctx, pair, body)
	if err != nil {
		return err
	}
	// What came must belong to the key: a file that does not would stop the device.
	key, err := os.ReadFile(c.Key)
	if err != nil {
		return fault.New(fault.Invalid, "--key: %w", err)
	}
	renewed, err := tls.X509KeyPair([]byte(chain), key)
	if err != nil {
		return fault.New(fault.Internal, "the server's certificate does not belong to the key: %w", err)
	}
	if err := os.WriteFile(c.Cert+".new", []byte(chain), 0o600); err != nil {
		return fault.New(fault.Invalid, "--cert: %w", err)
	}
	if err := os.Rename(c.Cert+".new", c.Cert); err != nil {
		return fault.New(fault.Invalid, "--cert: %w", err)
	}
	fmt.Fprintf(s.out, "%s is renewed, good until %s\n", c.Cert, renewed.Leaf.NotAfter.In(vietnam()).Format(time.RFC3339))
	return nil
}

// send shows the certificate that is still good and returns the new chain.
func (c *enrolRenewCmd) send(ctx context.Context, pair tls.Certificate, body []byte) (string, error) {
	text, err := os.ReadFile(c.CA)
	if err != nil {
		return "", fault.New(fault.Invalid, "--ca: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return "", fault.New(fault.Invalid, "--ca: no certificate in %s", c.CA)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{
		RootCAs: roots, MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil },
	}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.Server, "/")+"/api/v1/enrol/renew", bytes.NewReader(body))
	if err != nil || req.URL.Scheme != "https" {
		return "", fault.New(fault.Invalid, "--server %q: write an address such as https://lachan.tinh.example:8443", c.Server)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: transport, Timeout: remoteTimeout}).Do(req)
	if err != nil {
		return "", fault.New(fault.Internal, "the centre does not answer: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", problemOf(res)
	}
	var answer struct {
		Chain string `json:"chain"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", fault.New(fault.Internal, "the centre's answer is not understood: %w", err)
	}
	return answer.Chain, nil
}
