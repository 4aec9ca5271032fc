// Package authority is the node's own certificate authority: it issues the
// server certificates of listeners that were not given one, and short-lived
// client certificates by which senders prove who they are.
//
// It keeps ca.pem and ca.key in one folder and makes them at the first start. The
// authority never changes by itself, since senders trust it. It does not know who
// may have a certificate, nor which was revoked: module enrol does.
//
// Invariants. A server certificate is good for nothing but servers and a client
// certificate for nothing but clients, so that a sender cannot play the centre.
// The subject of a client certificate is the name that the caller gives; nothing
// of a request but its key is taken over. Private keys of clients that are made
// here are returned and not kept.
//
// Start reading at [Open], then Authority.Server and Authority.Client.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	issuerYears = 10
	issuerName  = "lachan-ca"
	// backdated allows for clocks that are slow.
	backdated = time.Hour
)

// Authority issues certificates. It is safe for concurrent use.
type Authority struct {
	dir  string
	now  func() time.Time
	host string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu      sync.Mutex
	servers map[string]*server // by file name
}

// Options say where an authority is.
type Options struct {
	Dir string
	// Host is the name or address by which senders reach the node, if that is
	// known: every server certificate has it.
	Host string
	Now  func() time.Time
}

// Open reads the authority of the folder, or makes it the first time.
func Open(o Options) (*Authority, error) {
	dir := o.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	a := &Authority{dir: dir, now: o.Now, host: o.Host, servers: map[string]*server{}}
	pair, err := readPair(dir, "ca")
	_, missing := os.Stat(filepath.Join(dir, "ca.pem"))
	switch {
	case os.IsNotExist(missing):
		// Only where there is no certificate yet: a new authority in place of one
		// that lost its key would lock every sender out.
		pair, err = a.issuer()
	case err == nil && !pair.Leaf.IsCA:
		err = fmt.Errorf("%s is not the certificate of an authority", filepath.Join(dir, "ca.pem"))
	}
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("authority: %s is not an ECDSA key", filepath.Join(dir, "ca.key"))
	}
	a.cert, a.key = pair.Leaf, key
	return a, nil
}

// issuer makes the authority's own key and certificate.
func (a *Authority) issuer() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	t := &x509.Certificate{
		SerialNumber:          newSerial(),
		Subject:               pkix.Name{CommonName: issuerName},
		NotBefore:             a.now().Add(-backdated),
		NotAfter:              a.now().AddDate(issuerYears, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return writePair(a.dir, "ca", der, key)
}

// PEM is the authority's certificate, which senders are to trust.
func (a *Authority) PEM() []byte { return encode("CERTIFICATE", a.cert.Raw) }

// Fingerprint names a certificate by all of its bytes: SHA-256, hexadecimal.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// sign issues t for the key, no longer than the authority itself lasts.
func (a *Authority) sign(t *x509.Certificate, public any) ([]byte, error) {
	t.SerialNumber = newSerial()
	t.NotBefore = a.now().Add(-backdated)
	if t.NotAfter.After(a.cert.NotAfter) {
		t.NotAfter = a.cert.NotAfter
	}
	return x509.CreateCertificate(rand.Reader, t, a.cert, public, a.key)
}

func newSerial() *big.Int {
	var b [16]byte
	rand.Read(b[:]) // never fails since Go 1.24
	b[0] &= 0x7f    // positive
	b[15] |= 1      // and not zero
	return new(big.Int).SetBytes(b[:])
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func readPair(dir, name string) (tls.Certificate, error) {
	return tls.LoadX509KeyPair(filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key"))
}

// writePair writes both files and returns them as one.
func writePair(dir, name string, der []byte, key *ecdsa.PrivateKey) (tls.Certificate, error) {
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	// The key first: a certificate without its key would be taken for complete.
	if err := writeFile(filepath.Join(dir, name+".key"), 0o600, encode("PRIVATE KEY", keyDER)); err != nil {
		return tls.Certificate{}, err
	}
	if err := writeFile(filepath.Join(dir, name+".pem"), 0o644, encode("CERTIFICATE", der)); err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

func writeFile(path string, mode os.FileMode, text []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, text, mode); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
