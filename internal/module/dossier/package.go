package dossier

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
)

// Packed is one file of a package, as its manifest names it.
type Packed struct {
	Path    string      `json:"path"`
	Part    string      `json:"part"` // of the dossier
	Name    string      `json:"name"`
	Size    int64       `json:"size"`
	SHA256  string      `json:"sha256"`
	Expires module.Date `json:"expires,omitempty"`
}

// Manifest lists what a package holds.
type Manifest struct {
	Dossier string    `json:"dossier"`
	System  string    `json:"system"`
	Level   int       `json:"level"`
	Status  string    `json:"status"`
	Changed time.Time `json:"changed"` // the dossier, last
	Files   []Packed  `json:"files"`
}

// Pack is a dossier with all its parts, ready to be written as a ZIP file.
type Pack struct {
	Code  string
	made  []made
	files []File
	open  func(id string) (io.ReadCloser, error)
	about Manifest
}

type made struct {
	name, part string
	data       []byte
}

// Package gathers a dossier: its papers and its files. Errors: Denied, NotFound.
func (s *Service) Package(ctx context.Context, id string) (*Pack, error) {
	d, values, err := s.PaperValues(ctx, id)
	if err != nil {
		return nil, err
	}
	p := &Pack{Code: d.Code, open: s.shelf().Open,
		about: Manifest{Dossier: d.Code, System: d.SystemCode + " " + d.SystemName, Level: d.Level, Status: d.State.Status(), Changed: d.ChangedAt.UTC()}}
	for _, x := range []struct{ form, name, part string }{
		{paperDossier, "00-ho-so.docx", ""}, {paperOverview, "01-tong-quan.docx", "overview"}, {paperJustification, "03-thuyet-minh-cap-do.docx", "justification"}, {paperPlan, "04-phuong-an.docx", "plan"},
	} {
		f, err := s.write(ctx, x.form, &d, values)
		if err != nil {
			return nil, err
		}
		data, err := f.file("docx")
		if err != nil {
			return nil, err
		}
		p.made = append(p.made, made{x.name, x.part, data})
	}
	p.files, err = s.store.files(ctx, s.DB, d.ID)
	return p, err
}

// folders are where the files of a part stand.
var folders = map[string]string{"design": "02-thiet-ke", "plan": "04-phuong-an", "opinion": "05-y-kien-chuyen-mon", "regulation": "06-quy-che"}

// Write writes the package. The manifest comes last, with the SHA-256 of what was
// written: whoever unpacks it can hold each file against it.
func (p *Pack) Write(out io.Writer) error {
	z := zip.NewWriter(out)
	for _, m := range p.made {
		if err := p.add(z, Packed{Path: m.name, Part: m.part, Name: m.name}, bytes.NewReader(m.data)); err != nil {
			return err
		}
	}
	taken := map[string]bool{}
	for _, f := range p.files {
		folder := folders[f.Part]
		if folder == "" {
			folder = "07-tai-lieu-khac"
		}
		if err := p.file(z, free(taken, folder, f.Name), &f); err != nil {
			return err
		}
	}
	w, err := z.CreateHeader(&zip.FileHeader{Name: "manifest.json", Method: zip.Deflate, Modified: p.about.Changed})
	if err != nil {
		return err
	}
	text := json.NewEncoder(w)
	text.SetEscapeHTML(false)
	text.SetIndent("", "  ")
	if err := text.Encode(p.about); err != nil {
		return err
	}
	return z.Close()
}

func (p *Pack) file(z *zip.Writer, at string, f *File) error {
	in, err := p.open(f.ID)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := p.add(z, Packed{Path: at, Part: f.Part, Name: f.Name, Expires: f.Expires}, in); err != nil {
		return err
	}
	if got := p.about.Files[len(p.about.Files)-1].SHA256; got != f.SHA256 {
		return fmt.Errorf("file %s on the disk is not the one that was brought: %s, not %s", f.ID, got, f.SHA256)
	}
	return nil
}

func (p *Pack) add(z *zip.Writer, f Packed, in io.Reader) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: f.Path, Method: zip.Deflate, Modified: p.about.Changed})
	if err != nil {
		return err
	}
	sum := sha256.New()
	if f.Size, err = io.Copy(io.MultiWriter(w, sum), in); err != nil {
		return err
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	p.about.Files = append(p.about.Files, f)
	return nil
}

// free is a path that no other file of the package has; systems that do not tell small
// letters from capitals unpack it too.
func free(taken map[string]bool, folder, name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	if strings.Trim(name, ". ") == "" {
		name = "tep"
	}
	ext := path.Ext(name)
	for n := 1; ; n++ {
		at := folder + "/" + name
		if n > 1 {
			at = fmt.Sprintf("%s/%s-%d%s", folder, strings.TrimSuffix(name, ext), n, ext)
		}
		if key := strings.ToLower(at); !taken[key] {
			taken[key] = true
			return at
		}
	}
}
