// Package signature looks for digital signatures in files that people bring: who
// signed a PDF, whether it was changed since, and whether the signer's certificate
// leads to an authority that the administrator trusts.
//
// A [Report] is what was found on the day it was made; it says what could not be
// told as well, and decides nothing. The files are hostile: what is read of them is
// bounded, and whatever goes wrong in a parser is a signature that cannot be read.
//
// It does not ask whether a certificate was revoked, nor does it check a time stamp:
// the time of a signature is what its signer says. The signature of a Word file is
// found and its certificate named, but not checked (docs/decisions/018).
//
// The package is pure. Start reading at Check.
package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// State is how a signature stands to the file.
type State string

// The states, the best first.
const (
	Whole      State = "whole"      // it fits, and covers the whole file
	Added      State = "added"      // it fits what it covers; something was added to the file later
	Unchecked  State = "unchecked"  // it is there, of a kind that is not checked
	Unreadable State = "unreadable" // it is there and cannot be read
	Changed    State = "changed"    // what it covers was changed after signing, or it is forged
)

// Chain is whether a certificate leads to an authority that is trusted.
type Chain string

// The answers.
const (
	Trusted   Chain = "trusted"
	Untrusted Chain = "untrusted"
	NoRoots   Chain = "no-roots" // no authority is configured: nothing was compared
)

// Signature is one signature of a file.
type Signature struct {
	State   State     `json:"state"`
	Signer  string    `json:"signer"`            // common name of its certificate
	Agency  string    `json:"agency"`            // organisation of that
	Issuer  string    `json:"issuer"`            // common name of who issued it
	At      time.Time `json:"at,omitzero"`       // as the signer says
	Expires time.Time `json:"expires,omitzero"`  // of the certificate
	Chain   Chain     `json:"chain,omitempty"`   // "" where there is no certificate
	Problem string    `json:"problem,omitempty"` // why it cannot be read
}

// Report is what was found in a file; no signatures: it is not signed, or of a kind
// that is not looked into.
type Report struct {
	Kind       string      `json:"kind"` // pdf, docx; "" another, not looked into
	Signatures []Signature `json:"signatures"`
}

// State is that of the worst signature; "" none.
func (r *Report) State() State {
	order := []State{Whole, Added, Unchecked, Unreadable, Changed}
	worst := -1
	for _, s := range r.Signatures {
		for i, o := range order {
			if s.State == o && i > worst {
				worst = i
			}
		}
	}
	if worst < 0 {
		return ""
	}
	return order[worst]
}

// Bounds of what is looked at.
const (
	MaxFile       = 64 << 20 // a larger file is not looked into
	maxSignatures = 16
	maxRoom       = 1 << 20  // bytes of the room for one
	maxBlob       = 64 << 10 // bytes of one: its parser needs a quarter of a second for the worst
	maxName       = 200
)

// Check looks for signatures in a file. roots are the authorities trusted; nil: none
// is configured.
func Check(file []byte, roots *x509.CertPool) Report {
	switch {
	case len(file) > MaxFile:
		return Report{}
	case bytes.Contains(file[:min(len(file), 1024)], []byte("%PDF-")):
		return Report{Kind: "pdf", Signatures: inPDF(file, roots)}
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return inPackage(file)
	}
	return Report{}
}

// safely runs a parser that may panic on what was made to break it.
func safely(do func() Signature) (s Signature) {
	defer func() {
		if r := recover(); r != nil {
			s = Signature{State: Unreadable, Problem: "broken"}
		}
	}()
	return do()
}

// Roots reads the certificates of authorities from PEM text. Errors: Invalid.
func Roots(files map[string][]byte) (*x509.CertPool, error) {
	if len(files) == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	for name, text := range files {
		n := 0
		for {
			var block *pem.Block
			if block, text = pem.Decode(text); block == nil {
				break
			}
			if block.Type != "CERTIFICATE" {
				continue
			}
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fault.New(fault.Invalid, "%s: certificate %d: %w", name, n+1, err)
			}
			pool.AddCert(c)
			n++
		}
		if n == 0 {
			return nil, fault.New(fault.Invalid, "%s holds no certificate; give a PEM file with BEGIN CERTIFICATE", name)
		}
	}
	return pool, nil
}

// of names the holder of a certificate and compares its chain. at is when it signed;
// zero: not said, and now counts.
func (s *Signature) of(c *x509.Certificate, between []*x509.Certificate, roots *x509.CertPool, at time.Time) {
	s.Signer, s.Issuer, s.Expires = shown(c.Subject.CommonName), shown(c.Issuer.CommonName), c.NotAfter
	if len(c.Subject.Organization) > 0 {
		s.Agency = shown(c.Subject.Organization[0])
	}
	s.Chain = NoRoots
	if roots == nil {
		return
	}
	pool := x509.NewCertPool()
	for _, x := range between[:min(len(between), 20)] {
		pool.AddCert(x)
	}
	s.Chain = Untrusted
	_, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err == nil {
		s.Chain = Trusted
	}
}

// shown is a name of a certificate as text for people, in one line.
func shown(s string) string {
	r := []rune(fmt.Sprintf("%.*s", maxName, s))
	for i, x := range r {
		if x < ' ' || x == 0x7f || x >= 0x202a && x <= 0x202e || x >= 0x2066 && x <= 0x2069 || x == '\uFFFD' {
			r[i] = ' '
		}
	}
	return string(r)
}
