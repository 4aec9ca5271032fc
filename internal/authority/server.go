package authority

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

const (
	serverDays  = 397 // the longest that common clients accept
	renewBefore = 30 * 24 * time.Hour
	renewLook   = time.Hour
)

// server is the certificate of one listener or more. What is renewed is in use
// from the next connection on.
type server struct {
	a       *Authority
	file    string
	name    string
	names   []string
	current atomic.Pointer[tls.Certificate]
}

// Server makes sure of a server certificate in the files file.pem and file.key of
// the authority's folder: with the DNS name name, names (DNS names or addresses),
// and what the machine is called. It is read again where it fits and renewed
// where it nears its end, by [Authority.Run] also while the node runs. Asked twice
// for one file, the certificate has the names of both. What it returns is for
// tls.Config.GetCertificate.
func (a *Authority) Server(file, name string, names []string) (get func(*tls.ClientHelloInfo) (*tls.Certificate, error), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.servers[file]
	if s == nil {
		s = &server{a: a, file: file, name: name}
	}
	s.names = slices.Compact(slices.Sorted(slices.Values(append(s.names, names...))))
	if err := s.ensure(); err != nil {
		return nil, fmt.Errorf("automatic certificate %s: %w", file, err)
	}
	a.servers[file] = s
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.current.Load(), nil }, nil
}

// ensure keeps the certificate that is there if it fits, or makes a new one. The
// caller holds a.mu.
func (s *server) ensure() error {
	now := s.a.now()
	t := &x509.Certificate{
		Subject:     pkix.Name{CommonName: s.name},
		NotAfter:    now.AddDate(0, 0, serverDays),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	names := append([]string{s.name, "localhost"}, s.names...)
	if s.a.host != "" {
		names = append(names, s.a.host)
	}
	addNames(t, names)
	old, err := readPair(s.a.dir, s.file)
	if err == nil && old.Leaf.NotAfter.Sub(now) > renewBefore && covers(old.Leaf, t) && old.Leaf.CheckSignatureFrom(s.a.cert) == nil {
		s.current.Store(&old)
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := s.a.sign(t, &key.PublicKey)
	if err != nil {
		return err
	}
	pair, err := writePair(s.a.dir, s.file, der, key)
	if err != nil {
		return err
	}
	s.current.Store(&pair)
	return nil
}

// Run renews server certificates until ctx ends. Where that fails the old ones
// stay in use and it is tried again; note is told.
func (a *Authority) Run(ctx context.Context, note func(error)) error {
	tick := time.NewTicker(renewLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := a.Renew(); err != nil {
				note(err)
			}
		}
	}
}

// Renew looks at every server certificate once.
func (a *Authority) Renew() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var errs []error
	for _, s := range a.servers {
		if err := s.ensure(); err != nil {
			errs = append(errs, fmt.Errorf("renew certificate %s: %w", s.file, err))
		}
	}
	return errors.Join(errs...)
}

func addNames(t *x509.Certificate, names []string) {
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			names = append(names, n.IP.String())
		}
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
}

// covers says whether old is valid for all names of t.
func covers(old, t *x509.Certificate) bool {
	for _, n := range t.DNSNames {
		if old.VerifyHostname(n) != nil {
			return false
		}
	}
	for _, ip := range t.IPAddresses {
		if old.VerifyHostname(ip.String()) != nil {
			return false
		}
	}
	return true
}
