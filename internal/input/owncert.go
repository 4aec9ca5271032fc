package input

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
)

const (
	issuerYears = 10
	serverDays  = 397 // the longest that common clients accept
	renewBefore = 30 * 24 * time.Hour
	issuerName  = "lachan-ca"
)

// OwnCertificate is a server certificate of the node's own issuer, for listeners
// that were not given one.
type OwnCertificate struct {
	Dir   string   // holds ca.pem and ca.key besides; made if missing
	File  string   // base name of the two files: File.pem, File.key
	Name  string   // common name, also a DNS name of the certificate
	Names []string // further DNS names and addresses, besides the machine's own
}

// Ensure makes sure of the certificate and returns its files. The issuer stays,
// since senders trust it; the certificate is renewed when it nears its end or the
// names have changed.
func (o OwnCertificate) Ensure(now time.Time) (certFile, keyFile string, err error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return "", "", err
	}
	certFile, keyFile = filepath.Join(o.Dir, o.File+".pem"), filepath.Join(o.Dir, o.File+".key")
	caCert, caKey, err := o.issuer(now)
	if err != nil {
		return "", "", err
	}
	t := &x509.Certificate{
		Subject:     pkix.Name{CommonName: o.Name},
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.AddDate(0, 0, serverDays),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if t.NotAfter.After(caCert.NotAfter) {
		t.NotAfter = caCert.NotAfter
	}
	addNames(t, o.Name, o.Names)
	old, _, err := readPair(certFile, keyFile)
	if err == nil && old.NotAfter.Sub(now) > renewBefore && covers(old, t) && old.CheckSignatureFrom(caCert) == nil {
		return certFile, keyFile, nil
	}
	_, _, err = issue(o.Dir, o.File, t, caCert, caKey)
	return certFile, keyFile, err
}

// issuer reads the issuer of the folder, or makes it the first time.
func (o OwnCertificate) issuer(now time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	cert, key, err := readPair(filepath.Join(o.Dir, "ca.pem"), filepath.Join(o.Dir, "ca.key"))
	if !os.IsNotExist(err) {
		return cert, key, err
	}
	return issue(o.Dir, "ca", &x509.Certificate{
		Subject:               pkix.Name{CommonName: issuerName},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(issuerYears, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, nil, nil)
}

func addNames(t *x509.Certificate, name string, names []string) {
	names = append([]string{name, "localhost"}, names...)
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
