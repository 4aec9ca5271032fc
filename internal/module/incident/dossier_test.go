package incident

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

type chain struct{ notes []map[string]string }

func (c *chain) NoteExport(_ context.Context, _ bun.Tx, note map[string]string) error {
	c.notes = append(c.notes, note)
	return nil
}

func TestADossierIsWholeAndProvesIt(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		c := &chain{}
		f.Chain = c
		i := f.opened(officer, Opening{Alerts: []string{"a1"}})
		good := f.brought(officer, i, "mau.exe", exe, "")
		f.brought(officer, i, "trung.exe", exe, "")
		spoilt := f.brought(officer, i, "hong.log", "sẽ hỏng", "")
		path, err := f.vault.path(spoilt.SHA256)
		if err == nil {
			err = os.WriteFile(path, []byte("khác"), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(officer, i.ID, Entry{Kind: "note", Text: "=HYPERLINK(\"http://xau\")"}); err != nil {
			t.Fatal(err)
		}
		d, err := f.Pack(officer, i.ID, "Bàn giao cho Công an tỉnh")
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		if _, err := d.WriteTo(&packed); err != nil || int64(packed.Len()) != d.Size {
			t.Fatalf("%v, %d bytes of %d", err, packed.Len(), d.Size)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		z, err := zip.NewReader(bytes.NewReader(packed.Bytes()), d.Size)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range z.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil || files[part.Name] != "" {
				t.Fatalf("%s: %v, or it is there twice", part.Name, err)
			}
			files[part.Name] = string(text)
		}
		sumOf := func(text string) string { s := sha256.Sum256([]byte(text)); return hex.EncodeToString(s[:]) }
		if sumOf(files["SHA256SUMS"]) != d.Sums || len(c.notes) != 1 || c.notes[0]["sums"] != d.Sums || c.notes[0]["incident"] != i.Code {
			t.Errorf("the hash of the hashes: %s, noted %v", d.Sums, c.notes)
		}
		lines := strings.Split(strings.TrimSpace(files["SHA256SUMS"]), "\n")
		for _, line := range lines {
			sum, name, _ := strings.Cut(line, "  ")
			if text, ok := files[name]; !ok || sumOf(text) != sum {
				t.Errorf("%s does not fit its hash", name)
			}
		}
		if len(lines) != len(files)-1 || files["files/"+good.SHA256+".bin"] != exe || files["files/"+spoilt.SHA256+".bin"] != "" {
			t.Errorf("%d files, %d hashes", len(files), len(lines))
		}
		if !strings.Contains(files["timeline.csv"], "'=HYPERLINK") || !strings.Contains(files["custody.csv"], ",copied,,Bàn giao cho Công an tỉnh,false,") {
			t.Errorf("tables:\n%s\n%s", files["timeline.csv"], files["custody.csv"])
		}
		var v IncidentExportView
		if err := json.Unmarshal([]byte(files["incident.json"]), &v); err != nil || v.Format != dossierFormat || len(v.Files) != 3 || len(v.Alerts) != 1 || len(v.Tasks) == 0 {
			t.Errorf("incident.json: %v %+v", err, v)
		}
		if left, _ := filepath.Glob(filepath.Join(f.Dir, "*"+partSuffix)); len(left) > 0 {
			t.Errorf("left on disk: %v", left)
		}
		if entries, _ := f.Timeline(officer, i.ID); !slices.Contains(kinds(entries), "dossier") {
			t.Error("the timeline does not tell of it")
		}
		if _, err := f.Pack(stranger, i.ID, "x"); code(err) != "incident.unknown" {
			t.Errorf("a stranger: %v", err)
		}
		if _, err := f.Pack(auditor, i.ID, "x"); code(err) != "permission.denied" {
			t.Errorf("an auditor: %v", err)
		}
		if _, err := f.Pack(officer, i.ID, " "); code(err) != "incident.reason" {
			t.Errorf("without a reason: %v", err)
		}
	})
}

func TestAnExportIsWhatOneSees(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	i := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
	f.brought(analyst, i, "a.log", "một", Green)
	f.brought(analyst, i, "b.log", "hai", Red)
	if _, err := f.Export(stranger, i.ID); code(err) != "incident.unknown" {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartAll, TLP: Amber}); err != nil {
		t.Fatal(err)
	}
	v, err := f.Export(stranger, i.ID)
	if err != nil || len(v.Files) != 1 || len(v.Files[0].Custody) != 0 || len(v.Shares) != 0 || !v.Incident.Shared {
		t.Errorf("what was shared: %v %+v", err, v)
	}
	if v, err := f.Export(auditor, i.ID); err != nil || len(v.Files) != 2 || len(v.Files[0].Custody) != 1 || len(v.Shares) != 1 {
		t.Errorf("all of it: %v %+v", err, v)
	}
}

func TestAListAsAWorkbook(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.opened(analyst, Opening{Facts: Facts{Title: "=1+1", Grave: true, Lead: "lan"}})
	f.opened(analyst, Opening{Facts: Facts{Unit: "so-noi-vu"}})
	data, err := f.Sheet(officer, Filter{}, "vi")
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Sheet1")
	if err != nil || len(rows) != 2 || rows[0][0] != "Số" || rows[1][1] != "=1+1" || rows[1][5] != "Có" || rows[1][8] != "LAN" {
		t.Errorf("%v %q", err, rows)
	}
	if kind, _ := book.GetCellFormula("Sheet1", "B2"); kind != "" {
		t.Error("a title is computed")
	}
	again, err := f.Sheet(officer, Filter{}, "vi")
	if err != nil || !bytes.Equal(data, again) {
		t.Error("the same list gives other bytes")
	}
}
