package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// certificates are input.Credentials that know the certificates they were told of.
type certificates struct {
	mu      sync.Mutex
	unit    map[string]event.UnitID // by fingerprint
	revoked map[string]bool
}

func (*certificates) Token(context.Context, string, string) (input.Sender, error) {
	return input.Sender{}, fault.New(fault.Unauthenticated, "no tokens here")
}

func (c *certificates) Certificate(_ context.Context, leaf *x509.Certificate) (input.Sender, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := authority.Fingerprint(leaf)
	switch {
	case c.revoked[id]:
		return input.Sender{}, fault.New(fault.Unauthenticated, "revoked")
	case c.unit[id] == "":
		return input.Sender{}, fault.New(fault.NotFound, "unknown")
	}
	return input.Sender{Unit: c.unit[id], Credential: "cert:" + leaf.Subject.CommonName}, nil
}

// issue makes a client certificate of a unit.
func (c *certificates) issue(t testing.TB, a *authority.Authority, name string, unit event.UnitID) tls.Certificate {
	t.Helper()
	key, err := authority.NewClientKey()
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := a.Client(name, &key.PublicKey, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unit == nil {
		c.unit, c.revoked = map[string]event.UnitID{}, map[string]bool{}
	}
	c.unit[authority.Fingerprint(leaf)] = unit
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
}

func (c *certificates) revoke(leaf *x509.Certificate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.revoked[authority.Fingerprint(leaf)] = true
}

// dialTLS connects with a client certificate, or without for nil.
func (r *running) dialTLS(t testing.TB, cert *tls.Certificate) *tls.Conn {
	t.Helper()
	conf := &tls.Config{InsecureSkipVerify: true}
	if cert != nil {
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	c, err := tls.Dial("tcp", r.Bound()[secure].String(), conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// closed waits until the server has closed the connection.
func closed(t testing.TB, c *tls.Conn) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the connection is open: %v", err)
	}
}

func TestTheCertificateSaysWhoseTheRecordsAre(t *testing.T) {
	r := start(t, func(c *Config) { c.Unit = "trung-tam"; c.Units = map[string]event.UnitID{"127.0.0.1": "by-address"} })
	cert := r.known.issue(t, r.issuer, "e1", "so-y-te")
	write(t, r.dialTLS(t, &cert), "<13>with a certificate\n")
	if got := r.wait(t, 1)[0]; got.unit != "so-y-te" || got.credential != "cert:e1" {
		t.Errorf("with a certificate: %+v", got)
	}
	write(t, r.dialTLS(t, nil), "<13>without\n")
	if got := r.wait(t, 2)[1]; got.unit != "by-address" || got.credential != "" {
		t.Errorf("without a certificate: %+v", got)
	}
}

func TestARevokedCertificateStoresNothingMoreOnAnOpenConnection(t *testing.T) {
	r := start(t, nil)
	cert := r.known.issue(t, r.issuer, "e1", "so-y-te")
	c := r.dialTLS(t, &cert)
	write(t, c, "<13>before\n")
	r.wait(t, 1)
	r.known.revoke(cert.Leaf)
	write(t, c, "<13>after\n")
	closed(t, c)
	again := r.dialTLS(t, &cert)
	if _, err := io.WriteString(again, "<13>again\n"); err == nil {
		closed(t, again)
	}
	eventually(t, func() bool { return r.count(t, "lachan_input_refused_total", "certificate") == 2 })
	if n := r.count(t, "lachan_input_dropped_total", "certificate"); n != 1 {
		t.Errorf("%v records counted as dropped, want the one after", n)
	}
	if got := r.all(); len(got) != 1 || got[0].data != "<13>before" {
		t.Errorf("stored: %+v", got)
	}
}

func TestCertificatesThatAreRefusedInTheHandshake(t *testing.T) {
	r := start(t, nil)
	foreign, err := authority.Open(authority.Options{Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	past, err := authority.Open(authority.Options{Dir: filepath.Join(r.dir, "tls"), Now: func() time.Time { return time.Now().Add(-48 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	for reason, issuer := range map[string]*authority.Authority{"certificate-unknown": foreign, "certificate-expired": past} {
		cert := r.known.issue(t, issuer, "e1", "so-y-te")
		c := r.dialTLS(t, &cert) // TLS 1.3: the client hears of the refusal when it reads
		closed(t, c)
		eventually(t, func() bool { return r.count(t, "lachan_input_refused_total", reason) == 1 })
	}
	if got := r.all(); len(got) != 0 {
		t.Errorf("stored: %+v", got)
	}
}

func TestACertificateIsRequiredWhereTheConfigurationSaysSo(t *testing.T) {
	r := start(t, func(c *Config) { c.TLS.ClientCertificates = input.ClientCertificatesRequired })
	closed(t, r.dialTLS(t, nil))
	cert := r.known.issue(t, r.issuer, "e1", "so-y-te")
	write(t, r.dialTLS(t, &cert), "<13>x\n")
	if got := r.wait(t, 1)[0]; got.unit != "so-y-te" {
		t.Errorf("%+v", got)
	}
}
