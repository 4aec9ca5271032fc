package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"time"
)

// renewEvery is how often the relay looks at its client certificate.
const renewEvery = 10 * time.Minute

// renewer renews the client certificate by which the relay is known, when a third
// of its life is left. The key is made here and never leaves the machine; the old
// pair stays in use until the new one is on disk.
type renewer struct {
	certFile, keyFile string
	// ask shows the old certificate and returns the new one, PEM.
	ask func(ctx context.Context, request []byte) ([]byte, error)
	// renewed is called when the new pair is in its files.
	renewed func()
	now     func() time.Time
}

// run renews until ctx ends; an attempt that fails is made again.
func (r renewer) run(ctx context.Context, failed func(error)) error {
	return every(ctx, renewEvery, true, func() {
		done, err := r.renew(ctx)
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
		if done {
			r.renewed()
		}
	})
}

// renew does it where it is time, and says whether it was.
func (r renewer) renew(ctx context.Context) (bool, error) {
	pair, err := tls.LoadX509KeyPair(r.certFile, r.keyFile)
	if err != nil {
		return false, err
	}
	left, life := pair.Leaf.NotAfter.Sub(r.now()), pair.Leaf.NotAfter.Sub(pair.Leaf.NotBefore)
	if left > life/3 {
		return false, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return false, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: pair.Leaf.Subject.CommonName}}, key)
	if err != nil {
		return false, err
	}
	certificate, err := r.ask(ctx, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}))
	if err != nil {
		return false, fmt.Errorf("the certificate ends in %v and is not renewed: %w", left.Round(time.Minute), err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return false, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if _, err := tls.X509KeyPair(certificate, text); err != nil {
		return false, fmt.Errorf("the renewed certificate does not fit its key: %w", err)
	}
	// Whoever reads between the two finds a pair that does not fit, and goes on with
	// what it has.
	if err := replaceFile(r.keyFile, text); err != nil {
		return false, err
	}
	return true, replaceFile(r.certFile, certificate)
}
