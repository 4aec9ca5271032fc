// Package signaturetest signs PDFs as signing programs do, with keys that last an hour
// and that nobody keeps.
package signaturetest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/smallstep/pkcs7"
)

// Signer and Agency are who signs.
const (
	Signer = "Người ký thử"
	Agency = "Sở thử nghiệm"
)

// Room is how many bytes a signature has in a file.
const Room = 6000

// Authority is one that issued a certificate to a signer.
type Authority struct {
	Root, Leaf *x509.Certificate
	Key        *rsa.PrivateKey // of the signer
}

// New makes an authority of such a name.
func New(name string) (Authority, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Authority{}, err
	}
	var a Authority
	if a.Key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return a, err
	}
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	issue := func(c, by *x509.Certificate, public any) (*x509.Certificate, error) {
		der, err := x509.CreateCertificate(rand.Reader, c, by, public, rootKey)
		if err != nil {
			return nil, err
		}
		return x509.ParseCertificate(der)
	}
	top := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	if a.Root, err = issue(top, top, &rootKey.PublicKey); err != nil {
		return a, err
	}
	a.Leaf, err = issue(&x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: Signer, Organization: []string{Agency}},
		NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature}, a.Root, &a.Key.PublicKey)
	return a, err
}

// Blob is the signature of such bytes, apart from them.
func (a Authority) Blob(signed []byte) ([]byte, error) {
	sd, err := pkcs7.NewSignedData(signed)
	if err != nil {
		return nil, err
	}
	sd.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := sd.AddSigner(a.Leaf, a.Key, pkcs7.SignerInfoConfig{}); err != nil {
		return nil, err
	}
	sd.Detach()
	return sd.Finish()
}

// Sign adds a signature to a PDF as an incremental update.
func (a Authority) Sign(pdf []byte) ([]byte, error) {
	at := bytes.LastIndex(pdf, []byte("startxref"))
	trailerAt := bytes.LastIndex(pdf, []byte("trailer"))
	if at < 0 || trailerAt < 0 {
		return nil, fmt.Errorf("no PDF with a plain trailer")
	}
	var before, root, n int
	trailer := pdf[trailerAt:]
	for _, x := range []struct {
		text []byte
		key  string
		to   *int
	}{{pdf[at:], "startxref", &before}, {trailer, "/Size ", &n}, {trailer, "/Root ", &root}} {
		_, rest, _ := bytes.Cut(x.text, []byte(x.key))
		if _, err := fmt.Sscan(string(rest), x.to); err != nil {
			return nil, fmt.Errorf("%s: %w", x.key, err)
		}
	}
	rootAt := bytes.Index(pdf, fmt.Appendf(nil, "\n%d 0 obj", root))
	if rootAt < 0 {
		return nil, fmt.Errorf("no object %d", root)
	}
	catalogue, _, _ := bytes.Cut(pdf[rootAt+1:], []byte("endobj"))
	catalogue = bytes.TrimSpace(catalogue[:bytes.LastIndex(catalogue, []byte(">>"))])

	out := bytes.NewBuffer(bytes.Clone(pdf))
	offsets := map[int]int{}
	object := func(number int, format string, args ...any) {
		offsets[number] = out.Len()
		fmt.Fprintf(out, format, args...)
	}
	out.WriteString("\n")
	object(root, "%s\n/AcroForm << /SigFlags 3 /Fields [%d 0 R] >>\n>>\nendobj\n", catalogue, n+1)
	object(n, "%d 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 %010d %010d %010d] /Contents <", n, 0, 0, 0)
	gap := out.Len() - 1
	out.WriteString(strings.Repeat("0", 2*Room))
	rest := out.Len() + 1
	out.WriteString("> >>\nendobj\n")
	object(n+1, "%d 0 obj\n<< /FT /Sig /Type /Annot /Subtype /Widget /T (Chu ky) /V %d 0 R /Rect [0 0 0 0] /F 132 >>\nendobj\n", n+1, n)
	start := out.Len()
	fmt.Fprintf(out, "xref\n%d 1\n%010d 00000 n \n%d 2\n%010d 00000 n \n%010d 00000 n \n", root, offsets[root], n, offsets[n], offsets[n+1])
	fmt.Fprintf(out, "trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", n+2, root, before, start)

	file := out.Bytes()
	copy(file[bytes.LastIndex(file, []byte("/ByteRange [0 0"))+len("/ByteRange "):], fmt.Sprintf("[0 %010d %010d %010d]", gap, rest, len(file)-rest))
	blob, err := a.Blob(append(bytes.Clone(file[:gap]), file[rest:]...))
	if err != nil {
		return nil, err
	}
	hex.Encode(file[gap+1:], blob)
	return file, nil
}
