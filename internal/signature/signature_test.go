package signature

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/signature/signaturetest"
)

// authority is one that issues a certificate to a signer.
type authority struct{ signaturetest.Authority }

func newAuthority(t testing.TB, name string) authority {
	t.Helper()
	a, err := signaturetest.New(name)
	if err != nil {
		t.Fatal(err)
	}
	return authority{a}
}

func (a authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root)
	return p
}

func (a authority) sign(t testing.TB, pdf []byte) []byte {
	t.Helper()
	file, err := a.Sign(pdf)
	if err != nil {
		t.Fatal(err)
	}
	return file
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
	copy(slipped[gap+2*signaturetest.Room-20:], "> /Evil (x) ")
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
	sig := `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyInfo><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(a.Leaf.Raw) + `</X509Certificate></X509Data></KeyInfo></Signature>`
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
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root.Raw})
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
	der, err := a.Blob([]byte("x"))
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
