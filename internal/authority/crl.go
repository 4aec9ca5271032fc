package authority

import (
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"time"
)

// listLife is how long a revocation list may be kept by who reads it.
const listLife = 24 * time.Hour

// Revoked is a certificate that is no longer good.
type Revoked struct {
	Serial *big.Int
	At     time.Time
}

// RevocationList signs the list (CRL, DER). Its number is the time, so that a
// later list has a higher one.
func (a *Authority) RevocationList(revoked []Revoked) ([]byte, error) {
	now := a.now()
	t := &x509.RevocationList{Number: big.NewInt(now.UnixMicro()), ThisUpdate: now, NextUpdate: now.Add(listLife)}
	for _, r := range revoked {
		t.RevokedCertificateEntries = append(t.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: r.Serial, RevocationTime: r.At})
	}
	return x509.CreateRevocationList(rand.Reader, t, a.cert, a.key)
}
