package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/smallstep/pkcs7"
)

var byteRange = regexp.MustCompile(`/ByteRange[\x00\t\n\f\r ]*\[[\x00\t\n\f\r ]*(\d{1,10})[\x00\t\n\f\r ]+(\d{1,10})[\x00\t\n\f\r ]+(\d{1,10})[\x00\t\n\f\r ]+(\d{1,10})[\x00\t\n\f\r ]*\]`)

// inPDF checks the signatures of a PDF (ISO 32000-1, 12.8).
//
// A signature covers two ranges of bytes: all from the beginning of the file but the
// gap where its own value stands. A range that begins later, or a gap that holds
// anything else than one string of hexadecimal digits, would leave room for what
// nobody signed, so neither is accepted. What follows the second range was added after
// signing, be it another signature: who signed first did not see it.
func inPDF(file []byte, roots *x509.CertPool) []Signature {
	var list []Signature
	end := len(bytes.TrimRight(file, "\r\n\x00 "))
	for _, m := range byteRange.FindAllSubmatchIndex(file, maxSignatures) {
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(string(file[m[2+2*i]:m[3+2*i]])) // at most ten digits
		}
		if n == [4]int{} {
			continue // room for a signature that was never made
		}
		s := safely(func() Signature { return signed(file, n, roots) })
		if s.State == Whole && n[2]+n[3] < end {
			s.State = Added
		}
		list = append(list, s)
	}
	return list
}

// signed checks one signature over two ranges; Whole says that it fits them.
func signed(file []byte, n [4]int, roots *x509.CertPool) Signature {
	first, gap, rest, last := n[0], n[1], n[2], n[2]+n[3]
	if first != 0 || gap <= 0 || rest <= gap || n[3] <= 0 || last > len(file) {
		return Signature{State: Unreadable, Problem: "range"}
	}
	value := file[gap:rest]
	if len(value) > maxRoom || value[0] != '<' || value[len(value)-1] != '>' {
		return Signature{State: Unreadable, Problem: "range"}
	}
	blob := make([]byte, hex.DecodedLen(len(value)-2))
	if _, err := hex.Decode(blob, value[1:len(value)-1]); err != nil {
		return Signature{State: Unreadable, Problem: "range"}
	}
	var raw asn1.RawValue
	if _, err := asn1.Unmarshal(blob, &raw); err == nil {
		blob = raw.FullBytes // zeros fill the rest of the room
	}
	if len(blob) > maxBlob {
		return Signature{State: Unreadable, Problem: "format"}
	}
	p7, err := pkcs7.Parse(blob)
	if err != nil {
		return Signature{State: Unreadable, Problem: "format"}
	}
	signer := p7.GetOnlySigner()
	if signer == nil {
		return Signature{State: Unreadable, Problem: "format"}
	}
	var s Signature
	var at time.Time
	if p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &at) == nil {
		s.At = at.UTC()
	}
	s.of(signer, p7.Certificates, roots, at)
	if len(p7.Content) > 0 {
		s.State = Unchecked // a time stamp, or the older kind that signs a SHA-1 only
		return s
	}
	p7.Content = append(append(make([]byte, 0, gap+n[3]), file[:gap]...), file[rest:last]...)
	s.State, s.Problem = judged(p7.Verify())
	return s
}

// judged is what an error of a check says of the signature.
func judged(err error) (State, string) {
	var digest *pkcs7.MessageDigestMismatchError
	var when *pkcs7.SigningTimeNotValidError
	var weak x509.InsecureAlgorithmError
	switch {
	case err == nil:
		return Whole, ""
	case errors.As(err, &digest):
		return Changed, ""
	case errors.As(err, &when):
		return Unreadable, "time"
	case errors.As(err, &weak), errors.Is(err, x509.ErrUnsupportedAlgorithm):
		return Unreadable, "algorithm"
	}
	return Changed, ""
}
