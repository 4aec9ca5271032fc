package module

import (
	"context"
	"crypto/x509"
	"database/sql/driver"
	"encoding/json"
	"io"
	"log/slog"

	"github.com/lachan-vn/lachan/internal/signature"
)

// Signatures looks through files on shelves for digital signatures, one at a time: a file
// stands in memory meanwhile. The modules share one; nil looks at nothing.
type Signatures struct {
	roots *x509.CertPool // authorities that are trusted; nil: none is configured
	log   *slog.Logger
	turn  chan struct{}
}

// NewSignatures makes it.
func NewSignatures(roots *x509.CertPool, log *slog.Logger) *Signatures {
	return &Signatures{roots, log, make(chan struct{}, 1)}
}

// Look looks for signatures in a file that arrived. Whatever comes of it, the file is
// taken: a scanned paper is as good as a signed one.
func (x *Signatures) Look(ctx context.Context, shelf Shelf, id string) Signed {
	if x == nil {
		return Signed{}
	}
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return Signed{}
	}
	in, err := shelf.Open(id)
	if err == nil {
		defer in.Close()
		var file []byte
		if file, err = io.ReadAll(io.LimitReader(in, signature.MaxFile+1)); err == nil {
			r := signature.Check(file, x.roots)
			return Signed{&r}
		}
	}
	x.log.ErrorContext(ctx, "a file was not looked through for signatures", "file", id, "error", err)
	return Signed{}
}

// Signed is what was found of digital signatures when a file arrived, a column of JSON;
// its zero value: nobody looked.
type Signed struct{ report *signature.Report }

// Value implements [driver.Valuer].
func (s Signed) Value() (driver.Value, error) {
	if s.report == nil {
		return "", nil
	}
	text, err := json.Marshal(s.report)
	return string(text), err
}

// Scan implements [database/sql.Scanner]. What cannot be read says as much as what was
// not looked at.
func (s *Signed) Scan(from any) error {
	var text []byte
	switch v := from.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	}
	var r signature.Report
	*s = Signed{}
	if json.Unmarshal(text, &r) == nil {
		s.report = &r
	}
	return nil
}

// SignedView says of a file what was found of digital signatures; views of files embed it.
type SignedView struct {
	Signed     string              `json:"signed" enum:",none,other,whole,added,unchecked,unreadable,changed" doc:"how its digital signatures stand to it, the worst of them; none: a PDF or Word file without one; other: of a kind that is not looked into; empty: nobody looked"`
	Signatures []FileSignatureView `json:"signatures" nullable:"false"`
}

// FileSignatureView is a digital signature as it was found when the file arrived.
type FileSignatureView struct {
	State   string `json:"state" enum:"whole,added,unchecked,unreadable,changed"`
	Signer  string `json:"signer"`
	Agency  string `json:"agency"`
	Issuer  string `json:"issuer"`
	At      *Time  `json:"at,omitempty" doc:"as the signer says"`
	Expires *Time  `json:"expires,omitempty" doc:"of the certificate"`
	Chain   string `json:"chain" enum:",trusted,untrusted,no-roots" doc:"whether the certificate led to a trusted authority; no-roots: none is configured; empty: not compared"`
}

// View tells it.
func (s Signed) View() SignedView {
	v := SignedView{Signatures: []FileSignatureView{}}
	if s.report == nil {
		return v
	}
	switch v.Signed = string(s.report.State()); {
	case s.report.Kind == "":
		v.Signed = "other"
	case v.Signed == "":
		v.Signed = "none"
	}
	for _, x := range s.report.Signatures {
		v.Signatures = append(v.Signatures, FileSignatureView{string(x.State), x.Signer, x.Agency, x.Issuer, TimeOrNil(x.At), TimeOrNil(x.Expires), string(x.Chain)})
	}
	return v
}
