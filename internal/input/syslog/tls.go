package syslog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	issuerYears = 10
	serverDays  = 397 // the longest that common clients accept
	renewBefore = 30 * 24 * time.Hour

	// Senders pin the server by this name where they have no host name for it,
	// so it holds no space: rsyslog refuses one in StreamDriverPermittedPeers.
	serverName = "lachan-syslog"
	issuerName = "lachan-syslog-ca"
)

// serverTLS reads or makes the certificate of the listener.
func serverTLS(c TLS, dataDir string, now time.Time) (*tls.Config, error) {
	certFile, keyFile := c.Cert, c.Key
	if c.Cert == "auto" {
		dir := filepath.Join(dataDir, "tls")
		if err := automatic(dir, c.Names, now); err != nil {
			return nil, fmt.Errorf("syslog: automatic certificate in %s: %w", dir, err)
		}
		certFile, keyFile = filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key")
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fault.New(fault.Invalid, "syslog: tls.cert: %w", err).OnField("tls.cert")
	}
	conf := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if c.ClientCA != "" {
		text, err := os.ReadFile(c.ClientCA)
		if err != nil {
			return nil, fault.New(fault.Invalid, "syslog: tls.clientCA: %w", err).OnField("tls.clientCA")
		}
		conf.ClientCAs = x509.NewCertPool()
		if !conf.ClientCAs.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "syslog: tls.clientCA: no certificate in %s", c.ClientCA).OnField("tls.clientCA")
		}
		conf.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return conf, nil
}

// automatic makes sure of ca.pem, ca.key, server.pem and server.key in dir. The
// issuer stays, since senders trust it; the server's certificate is renewed when
// it nears its end or the names have changed.
func automatic(dir string, names []string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	caCert, caKey, err := readPair(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key"))
	switch {
	case os.IsNotExist(err):
		caCert, caKey, err = issue(dir, "ca", &x509.Certificate{
			Subject:               pkix.Name{CommonName: issuerName},
			NotBefore:             now.Add(-time.Hour),
			NotAfter:              now.AddDate(issuerYears, 0, 0),
			IsCA:                  true,
			BasicConstraintsValid: true,
			MaxPathLenZero:        true,
			KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}, nil, nil)
		if err != nil {
			return err
		}
	case err != nil:
		return err
	}
	t := &x509.Certificate{
		Subject:     pkix.Name{CommonName: serverName},
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.AddDate(0, 0, serverDays),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if t.NotAfter.After(caCert.NotAfter) {
		t.NotAfter = caCert.NotAfter
	}
	addNames(t, names)
	old, _, err := readPair(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key"))
	if err == nil && old.NotAfter.Sub(now) > renewBefore && covers(old, t) && old.CheckSignatureFrom(caCert) == nil {
		return nil
	}
	_, _, err = issue(dir, "server", t, caCert, caKey)
	return err
}

func addNames(t *x509.Certificate, names []string) {
	if host, err := os.Hostname(); err == nil {
		names = append([]string{serverName, "localhost", host}, names...)
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

// issue makes a key and a certificate, signed by the parent or by itself, and
// writes both to dir.
func issue(dir, name string, t, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if parent == nil {
		parent, parentKey = t, key
	}
	if t.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, parentKey)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	// The key first: a certificate without its key would be taken for complete.
	if err := writePEM(filepath.Join(dir, name+".key"), 0o600, "PRIVATE KEY", keyDER); err != nil {
		return nil, nil, err
	}
	return cert, key, writePEM(filepath.Join(dir, name+".pem"), 0o644, "CERTIFICATE", der)
}

func writePEM(path string, mode os.FileMode, kind string, der []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func readPair(certFile, keyFile string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	if _, err := os.Stat(certFile); err != nil {
		return nil, nil, err
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, nil, fmt.Errorf("%s is not an ECDSA key", keyFile)
	}
	return pair.Leaf, key, nil
}
