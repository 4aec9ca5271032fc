package authority

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Limits of a client certificate.
const (
	DefaultClientLife = 30 * 24 * time.Hour
	MaxClientLife     = 397 * 24 * time.Hour
	minRSABits        = 2048
	maxRSABits        = 8192
	maxRequestBytes   = 16 << 10
)

// Client issues a client certificate: its common name is name, it ends after
// life, and its holder has the private key that belongs to public.
// Errors: Invalid for a life or key that is not acceptable.
func (a *Authority) Client(name string, public crypto.PublicKey, life time.Duration) (*x509.Certificate, error) {
	if life < time.Minute || life > MaxClientLife {
		return nil, fault.New(fault.Invalid, "a client certificate lasts from a minute to 397 days")
	}
	if err := checkKey(public); err != nil {
		return nil, err
	}
	der, err := a.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		NotAfter:    a.now().Add(life),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, public)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func checkKey(public crypto.PublicKey) error {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P224() {
			return fault.New(fault.Invalid, "the key is too weak: use ECDSA P-256 or RSA of %d bits", minRSABits).WithCode("csr.weak-key")
		}
	case ed25519.PublicKey:
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < minRSABits || n > maxRSABits {
			return fault.New(fault.Invalid, "an RSA key of %d bits: use %d to %d", n, minRSABits, maxRSABits).WithCode("csr.weak-key")
		}
	default:
		return fault.New(fault.Invalid, "a key of another kind than ECDSA, Ed25519 and RSA").WithCode("csr.weak-key")
	}
	return nil
}

// ParseRequest reads a certificate request (PKCS#10, PEM) and returns its key. The
// request must be signed with that key. Everything else in it, the subject too, is
// the sender's claim and of no account.
// Errors: Invalid.
func ParseRequest(text []byte) (crypto.PublicKey, error) {
	if len(text) > maxRequestBytes {
		return nil, fault.New(fault.Invalid, "csr: longer than %d bytes", maxRequestBytes).WithCode("csr.invalid").OnField("body.csr")
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE REQUEST" && block.Type != "NEW CERTIFICATE REQUEST" {
		return nil, fault.New(fault.Invalid, "csr: not a certificate request in PEM; it begins with -----BEGIN CERTIFICATE REQUEST-----").
			WithCode("csr.invalid").OnField("body.csr")
	}
	req, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, fault.New(fault.Invalid, "csr: %w", err).WithCode("csr.invalid").OnField("body.csr")
	}
	if err := checkKey(req.PublicKey); err != nil {
		return nil, err
	}
	if err := req.CheckSignature(); err != nil {
		return nil, fault.New(fault.Invalid, "csr: not signed with its own key: %w", err).WithCode("csr.invalid").OnField("body.csr")
	}
	return req.PublicKey, nil
}

// NewClientKey makes a key for a client that cannot make one itself.
func NewClientKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// KeyPEM writes a key as PKCS#8.
func KeyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return encode("PRIVATE KEY", der), nil
}

// ChainPEM is a certificate and, behind it, the authority that issued it.
func (a *Authority) ChainPEM(c *x509.Certificate) []byte {
	return bytes.Join([][]byte{encode("CERTIFICATE", c.Raw), a.PEM()}, nil)
}

// PKCS12 puts key, certificate and authority into one file, encrypted with the
// password. The old form with triple DES is what every Windows and firewall
// reads; its strength is that of the password, which is therefore a random one.
func (a *Authority) PKCS12(key crypto.PrivateKey, c *x509.Certificate, password string) ([]byte, error) {
	return pkcs12.LegacyDES.Encode(key, c, []*x509.Certificate{a.cert}, password)
}
