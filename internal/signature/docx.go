package signature

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"io"
	"strings"
)

const maxParts = 20_000

// inPackage finds the signatures of an office file (ECMA-376 part 2, 10): parts that
// hold an XML signature. They are not checked, so whom they name is a claim.
func inPackage(file []byte) (out Report) {
	defer func() {
		if recover() != nil {
			out = Report{Kind: "docx", Signatures: []Signature{{State: Unreadable, Problem: "broken"}}}
		}
	}()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil || len(z.File) > maxParts {
		return Report{}
	}
	for _, part := range z.File {
		switch name := strings.ToLower(strings.TrimPrefix(part.Name, "/")); {
		case name == "[content_types].xml":
			out.Kind = "docx"
		case strings.HasPrefix(name, "_xmlsignatures/") && strings.HasSuffix(name, ".xml") && len(out.Signatures) < maxSignatures:
			s := Signature{State: Unchecked}
			if c := certificateOf(part); c != nil {
				s.of(c, nil, nil, s.At)
				s.Chain = ""
			}
			out.Signatures = append(out.Signatures, s)
		}
	}
	if out.Kind == "" {
		return Report{}
	}
	return out
}

// certificateOf is the first certificate that an XML signature carries; nil none.
func certificateOf(part *zip.File) *x509.Certificate {
	in, err := part.Open()
	if err != nil {
		return nil
	}
	defer in.Close()
	d := xml.NewDecoder(io.LimitReader(in, maxRoom))
	for {
		t, err := d.Token()
		if err != nil {
			return nil
		}
		if start, ok := t.(xml.StartElement); !ok || start.Name.Local != "X509Certificate" {
			continue
		}
		var text string
		if next, err := d.Token(); err == nil {
			if chars, ok := next.(xml.CharData); ok {
				text = strings.Join(strings.Fields(string(chars)), "")
			}
		}
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil
		}
		return c
	}
}
