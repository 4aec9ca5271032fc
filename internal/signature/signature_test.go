package signature

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"github.com/lachan-vn/lachan/internal/paper"
)

// authority is one that issues a certificate to a signer.
type authority struct {
	root, leaf *x509.Certificate
	key        *rsa.PrivateKey
}

func newAuthority(t testing.TB, name string) authority {
	t.Helper()
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	top := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a := authority{}
	if a.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	made := func(c, by *x509.Certificate, pub any) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, c, by, pub, rootKey)
		if err != nil {
			t.Fatal(err)
		}
		out, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a.root = made(top, top, &rootKey.PublicKey)
	a.leaf = made(&x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Người ký thử", Organization: []string{"Sở thử nghiệm"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}, a.root, &a.key.PublicKey)
	return a
}

func (a authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.root)
	return p
}

// sheet is a PDF as the product draws one.
func sheet(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := paper.WritePDF(&b, &paper.Document{Agency: "Sở thử nghiệm", Symbol: "QĐ-STN", Place: "Đà Lạt", Kind: "Quyết định", Abstract: "Về việc phê duyệt cấp độ",
		Body: []paper.Block{{Kind: paper.Paragraph, Runs: []paper.Run{{Text: "Điều 1. Phê duyệt cấp độ 3."}}}}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const room = 6000 // bytes of a signature

// sign adds a signature to a PDF as an incremental update, as signing programs do.
func (a authority) sign(t testing.TB, pdf []byte) []byte {
	t.Helper()
	at := bytes.LastIndex(pdf, []byte("startxref"))
	var before int
	if _, err := fmt.Sscan(string(pdf[at+len("startxref"):]), &before); err != nil {
		t.Fatal(err)
	}
	trailer := pdf[bytes.LastIndex(pdf, []byte("trailer")):]
	size, root := "", ""
	for _, x := range []struct {
		key string
		to  *string
	}{{"/Size ", &size}, {"/Root ", &root}} {
		rest := trailer[bytes.Index(trailer, []byte(x.key))+len(x.key):]
		*x.to = strings.TrimSpace(string(rest[:bytes.IndexAny(rest, "\n/>")]))
	}
	rootNumber := strings.Fields(root)[0]
	rootAt := bytes.Index(pdf, []byte("\n"+rootNumber+" 0 obj"))
	catalogue := string(pdf[rootAt+1 : rootAt+bytes.Index(pdf[rootAt:], []byte("endobj"))])
	catalogue = strings.TrimSpace(catalogue[:strings.LastIndex(catalogue, ">>")])
	var n int
	fmt.Sscan(size, &n)
	out := bytes.NewBuffer(bytes.Clone(pdf))
	offsets := map[int]int{}
	object := func(number int, text string) {
		offsets[number] = out.Len()
		out.WriteString(text)
	}
	out.WriteString("\n")
	var number int
	fmt.Sscan(rootNumber, &number)
	object(number, fmt.Sprintf("%s\n/AcroForm << /SigFlags 3 /Fields [%d 0 R] >>\n>>\nendobj\n", catalogue, n+1))
	object(n, fmt.Sprintf("%d 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 %010d %010d %010d] /Contents <", n, 0, 0, 0))
	gap := out.Len() - 1
	out.WriteString(strings.Repeat("0", 2*room))
	rest := out.Len() + 1
	out.WriteString("> >>\nendobj\n")
	object(n+1, fmt.Sprintf("%d 0 obj\n<< /FT /Sig /Type /Annot /Subtype /Widget /T (Chu ky) /V %d 0 R /Rect [0 0 0 0] /F 132 >>\nendobj\n", n+1, n))
	start := out.Len()
	fmt.Fprintf(out, "xref\n%d 1\n%010d 00000 n \n%d 2\n%010d 00000 n \n%010d 00000 n \n", number, offsets[number], n, offsets[n], offsets[n+1])
	fmt.Fprintf(out, "trailer\n<< /Size %d /Root %s /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", n+2, root, before, start)
	file := out.Bytes()
	range4 := fmt.Sprintf("[0 %010d %010d %010d]", gap, rest, len(file)-rest)
	copy(file[bytes.LastIndex(file, []byte("/ByteRange [0 0"))+len("/ByteRange "):], range4)
	sd, err := pkcs7.NewSignedData(append(bytes.Clone(file[:gap]), file[rest:]...))
	if err != nil {
		t.Fatal(err)
	}
	sd.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := sd.AddSigner(a.leaf, a.key, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	sd.Detach()
	der, err := sd.Finish()
	if err != nil {
		t.Fatal(err)
	}
	hex.Encode(file[gap+1:], der)
	return file
}

func only(t *testing.T, r Report) Signature {
	t.Helper()
	if len(r.Signatures) != 1 {
		t.Fatalf("%+v", r)
	}
	return r.Signatures[0]
}

func TestASignedPDFSaysWhoSigned(t *testing.T) {
	a, other := newAuthority(t, "CA thử"), newAuthority(t, "CA khác")
	file := a.sign(t, sheet(t))
	for chain, roots := range map[Chain]*x509.CertPool{NoRoots: nil, Trusted: a.pool(), Untrusted: other.pool()} {
		s := only(t, Check(file, roots))
		if s.State != Whole || s.Chain != chain || s.Signer != "Người ký thử" || s.Agency != "Sở thử nghiệm" || s.Issuer != "CA thử" || time.Since(s.At) > time.Hour || s.Expires.IsZero() {
			t.Errorf("%s: %+v", chain, s)
		}
	}
	if r := Check(sheet(t), nil); r.Kind != "pdf" || len(r.Signatures) != 0 || r.State() != "" {
		t.Errorf("%+v", r)
	}
}

func TestWhatWasDoneAfterSigningIsTold(t *testing.T) {
	a := newAuthority(t, "CA thử")
	plain := sheet(t)
	file := a.sign(t, plain)
	changed := bytes.Clone(file)
	changed[len(plain)/2] ^= 1
	for name, c := range map[string]struct {
		file []byte
		want State
	}{
		"a byte of the text":        {changed, Changed},
		"something at the end":      {append(bytes.Clone(file), "\n9 0 obj\n<< >>\nendobj\n"...), Added},
		"only white space":          {append(bytes.Clone(file), "\r\n\x00"...), Whole},
		"a range past the end":      {file[:len(file)-9], Unreadable},
		"a second signature":        {a.sign(t, file), Added},
		"the signature's own bytes": {bytes.Replace(file, file[bytes.LastIndex(file, []byte("/Contents <"))+11:][:40], []byte(strings.Repeat("f", 40)), 1), Unreadable},
		"a range from later on":     {bytes.Replace(file, []byte("/ByteRange [0 "), []byte("/ByteRange [1 "), 1), Unreadable},
	} {
		if r := Check(c.file, a.pool()); r.State() != c.want {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if r := Check(a.sign(t, file), nil); len(r.Signatures) != 2 || r.Signatures[0].State != Added || r.Signatures[1].State != Whole {
		t.Errorf("two signatures: %+v", r)
	}
	// The gap is where nobody signed: nothing but the value stands there.
	gap := bytes.LastIndex(file, []byte("/Contents <")) + 11
	slipped := bytes.Clone(file)
	copy(slipped[gap+2*room-20:], "> /Evil (x) ")
	if s := only(t, Check(slipped, nil)); s.State == Whole {
		t.Errorf("%+v", s)
	}
}

// pdfsig of Poppler, where it is installed, reads what the tests sign.
func TestAnotherProgramAgrees(t *testing.T) {
	if _, err := exec.LookPath("pdfsig"); err != nil {
		t.Skip("pdfsig is not installed (apt install poppler-utils)")
	}
	a := newAuthority(t, "CA thu")
	file := a.sign(t, sheet(t))
	changed := bytes.Clone(file)
	changed[len(sheet(t))/2] ^= 1
	for want, data := range map[string][]byte{"Signature is Valid": file, "Digest Mismatch": changed} {
		path := filepath.Join(t.TempDir(), "x.pdf")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, _ := exec.CommandContext(t.Context(), "pdfsig", "-nocert", path).CombinedOutput(); !strings.Contains(string(out), want) {
			t.Errorf("want %s: %s", want, out)
		}
	}
}

// word is an office file with such parts.
func word(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestASignedWordFileIsFoundAndNotVouchedFor(t *testing.T) {
	a := newAuthority(t, "CA thử")
	sig := `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyInfo><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(a.leaf.Raw) + `</X509Certificate></X509Data></KeyInfo></Signature>`
	s := only(t, Check(word(t, map[string]string{"[Content_Types].xml": "<Types/>", "_xmlsignatures/sig1.xml": sig, "_xmlsignatures/origin.sigs": ""}), a.pool()))
	if s.State != Unchecked || s.Signer != "Người ký thử" || s.Chain != "" {
		t.Errorf("%+v", s)
	}
	for kind, file := range map[string][]byte{"docx": word(t, map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}), "": word(t, map[string]string{"a.txt": "x"})} {
		if r := Check(file, nil); r.Kind != kind || len(r.Signatures) != 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestTrustedAuthoritiesAreReadFromPEM(t *testing.T) {
	a := newAuthority(t, "CA thử")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
	pool, err := Roots(map[string][]byte{"ca.pem": text})
	if err != nil || !pool.Equal(a.pool()) {
		t.Errorf("%v", err)
	}
	if pool, err := Roots(nil); pool != nil || err != nil {
		t.Error("no file makes a pool")
	}
	for _, bad := range []string{"", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if _, err := Roots(map[string][]byte{"ca.pem": []byte(bad)}); err == nil || !strings.Contains(err.Error(), "ca.pem") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzCheck(f *testing.F) {
	a := newAuthority(f, "CA")
	f.Add(a.sign(f, []byte("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n50\n%%EOF")))
	f.Add([]byte("%PDF-1.4 /ByteRange [0 35 37 2] x<>y"))
	f.Add(word(f, map[string]string{"[Content_Types].xml": "<Types/>", "_xmlsignatures/sig1.xml": "<a><X509Certificate>AA</X509Certificate></a>"}))
	pool := a.pool()
	f.Fuzz(func(t *testing.T, file []byte) {
		r := Check(file, pool)
		for _, s := range r.Signatures {
			if s.State == "" || s.State == Changed && s.Signer == "" && s.Problem == "" && s.Expires.IsZero() {
				t.Errorf("%+v", s)
			}
		}
		if len(r.Signatures) > maxSignatures {
			t.Error("more than the bound")
		}
	})
}

// FuzzBlob holds the parser of the signature itself against what breaks it.
func FuzzBlob(f *testing.F) {
	a := newAuthority(f, "CA")
	sd, err := pkcs7.NewSignedData([]byte("x"))
	if err != nil {
		f.Fatal(err)
	}
	if err := sd.AddSigner(a.leaf, a.key, pkcs7.SignerInfoConfig{}); err != nil {
		f.Fatal(err)
	}
	sd.Detach()
	der, err := sd.Finish()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Add(bytes.Repeat([]byte{0x30, 0x80}, 2000))
	f.Fuzz(func(t *testing.T, blob []byte) {
		value := hex.EncodeToString(blob[:min(len(blob), maxBlob)])
		file := []byte("%PDF-<" + value + ">tail")
		s := safely(func() Signature { return signed(file, [4]int{0, 5, 7 + len(value), 4}, nil) })
		if s.State == "" {
			t.Errorf("%+v", s)
		}
	})
}
