package requirement

import (
	"bytes"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/signature/signaturetest"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// Evidence keeps what was found of signatures when it came; nothing is refused for it.
func TestEvidenceSaysWhoSignedIt(t *testing.T) {
	a, err := signaturetest.New("CA thử")
	if err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if err := paper.WritePDF(&plain, &paper.Document{Agency: "A", Kind: "Quyết định"}); err != nil {
		t.Fatal(err)
	}
	signed, err := a.Sign(plain.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(signed)
	changed[plain.Len()/2] ^= 1
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		if err := f.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.registers(portal)
		want := map[string]string{"signed.pdf": "whole", "changed.pdf": "changed", "plain.pdf": "none", "photo.png": "other", "QĐ 12/QĐ-SYT": ""}
		for name, body := range map[string][]byte{"signed.pdf": signed, "changed.pdf": changed, "plain.pdf": plain.Bytes(), "photo.png": []byte("\x89PNG")} {
			e, err := f.AddFile(officer, "s1", "logs-keep", name, "", bytes.NewReader(body))
			if err != nil || e.Signed.View().Signed != want[name] {
				t.Errorf("%s: %+v, %v", name, e.Signed.View(), err)
			}
		}
		if _, err := f.AddReference(officer, "s1", "logs-keep", "QĐ 12/QĐ-SYT", ""); err != nil {
			t.Fatal(err)
		}
		got := new(f.sheet(officer, "s1")).item(t, "logs-keep").Evidence
		if len(got) != len(want) {
			t.Fatalf("%+v", got)
		}
		for _, e := range got {
			if e.Signed != want[e.Name] {
				t.Errorf("%s: %q, want %q", e.Name, e.Signed, want[e.Name])
			}
			if e.Name != "signed.pdf" {
				continue
			}
			if len(e.Signatures) != 1 || e.Signatures[0].Signer != signaturetest.Signer || e.Signatures[0].Agency != signaturetest.Agency || e.Signatures[0].At == nil {
				t.Errorf("%+v", e.Signatures)
			}
		}
	})
}
