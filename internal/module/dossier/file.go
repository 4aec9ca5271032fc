package dossier

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// File is a file that proves something in dossiers of its unit. It never changes.
type File struct {
	ID      string
	Unit    event.UnitID
	Part    string // what it is in the dossier it was asked of
	Name    string
	Size    int64
	SHA256  string
	Expires module.Date // "": never
	At      time.Time
	By      string
	Signed  module.Signed
}

const (
	maxFileBytes = 64 << 20
	maxFiles     = 100 // of one dossier
)

// Load makes the folder of the files and removes what the database does not know:
// files a killed process was receiving.
func (s *Service) Load(ctx context.Context) error {
	var ids []string
	if err := s.DB.NewSelect().Table("dossier_files").Column("id").Scan(ctx, &ids); err != nil {
		return err
	}
	return s.shelf().Load(ids)
}

func (s *Service) shelf() module.Shelf {
	return module.Shelf{Dir: s.Dir, Code: "dossier", Max: maxFileBytes, Tip: "scan it with a lower resolution, or split it"}
}

// FileFacts are what is said of a file that is given.
type FileFacts struct {
	Name    string
	Part    string
	Expires string
}

// AddFile takes a file into a draft. Errors: Denied, NotFound, Conflict, Invalid,
// TooLarge.
func (s *Service) AddFile(ctx context.Context, id string, x FileFacts, body io.Reader) (File, error) {
	p := module.PrincipalOf(ctx)
	d, err := s.get(ctx, s.DB, p, module.ActionDossierWrite, id)
	if err != nil {
		return File{}, err
	}
	if err := editable(&d, 0); err != nil {
		return File{}, err
	}
	if err := s.isPart(x.Part); err != nil {
		return File{}, err
	}
	expires, err := module.ParseDate(x.Expires, "dossier.date", "expires")
	if err != nil {
		return File{}, err
	}
	f := File{ID: module.NewID(), Unit: d.Unit, Part: x.Part, Name: module.FileName(x.Name), Expires: expires, At: s.Now(), By: p.DisplayName}
	if f.Size, f.SHA256, err = s.shelf().Receive(f.ID, body); err != nil {
		return f, err
	}
	f.Signed = s.Signatures.Look(ctx, s.shelf(), f.ID)
	err = s.attach(ctx, id, f.ID, f.Part, &f)
	if err != nil {
		return f, errors.Join(err, s.shelf().Remove(f.ID))
	}
	return f, nil
}

// Attach has a file of another dossier of the unit prove something in this one too.
// Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Attach(ctx context.Context, id, file, part string) error {
	if err := s.isPart(part); err != nil {
		return err
	}
	return s.attach(ctx, id, file, part, nil)
}

// attach puts a file into a draft; fresh is one that is not stored yet.
func (s *Service) attach(ctx context.Context, id, file, part string, fresh *File) error {
	p := module.PrincipalOf(ctx)
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		d, err := s.get(ctx, tx, p, module.ActionDossierWrite, id)
		if err != nil {
			return err
		}
		if err := editable(&d, 0); err != nil {
			return err
		}
		have, err := s.store.files(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(have) >= maxFiles {
			return fault.New(fault.Conflict, "a dossier has at most %d files; pack several into one", maxFiles).WithCode("dossier.files")
		}
		f, err := s.toAttach(ctx, tx, p, &d, file, fresh)
		if err != nil {
			return err
		}
		if err := s.store.attach(ctx, tx, id, f.ID, part); err != nil {
			return err
		}
		return s.filed(ctx, tx, &d, "file", map[string]string{"name": f.Name, "part": part, "sha256": f.SHA256})
	})
}

// toAttach stores a fresh file, or finds one of the owner.
func (s *Service) toAttach(ctx context.Context, tx bun.Tx, p module.Principal, d *Dossier, file string, fresh *File) (File, error) {
	if fresh != nil {
		return *fresh, s.store.addFile(ctx, tx, fresh)
	}
	if !p.Sees(d.Unit) {
		return File{}, noFile() // who only operates a system does not know the owner's other files
	}
	return s.store.fileOf(ctx, tx, d.Unit, file)
}

// filed notes that the files of a draft changed.
func (s *Service) filed(ctx context.Context, tx bun.Tx, d *Dossier, action string, detail map[string]string) error {
	d.ChangedAt, d.Version = s.Now(), d.Version+1
	if ok, err := s.store.update(ctx, tx, d); err != nil || !ok {
		return orChanged(err)
	}
	return s.trail(ctx, tx, action, d, detail)
}

// Detach takes a file out of a draft; it stays with the other dossiers it is in.
// Errors: Denied, NotFound, Conflict.
func (s *Service) Detach(ctx context.Context, id, file string) error {
	p := module.PrincipalOf(ctx)
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		d, err := s.get(ctx, tx, p, module.ActionDossierWrite, id)
		if err != nil {
			return err
		}
		if err := editable(&d, 0); err != nil {
			return err
		}
		ok, err := sqldb.One(tx.NewDelete().Table("dossier_parts").Where("dossier = ?", id).Where("file = ?", file).Exec(ctx))
		if err != nil || !ok {
			return orNoFile(err)
		}
		return s.filed(ctx, tx, &d, "unfile", map[string]string{"file": file})
	})
}

func noFile() error {
	return fault.New(fault.NotFound, "no such file").WithCode("dossier.file-unknown")
}

func orNoFile(err error) error {
	if err == nil {
		return noFile()
	}
	return err
}

func (s *Service) isPart(id string) error {
	i := slices.IndexFunc(s.law.parts, func(p Part) bool { return p.ID == id })
	if i < 0 || s.law.parts[i].Made {
		return bad("part", "part", "no file is the part %q of a dossier", module.Text(id, 40))
	}
	return nil
}

// Files returns the files of a dossier. Errors: Denied, NotFound.
func (s *Service) Files(ctx context.Context, id string) ([]File, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	return s.store.files(ctx, s.DB, id)
}

// Reusable returns files of the dossier's unit that are not in it and have not
// expired, the newest first. Errors: Denied, NotFound.
func (s *Service) Reusable(ctx context.Context, id string) ([]File, error) {
	d, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !module.PrincipalOf(ctx).Sees(d.Unit) {
		return nil, nil // who only operates a system does not know the owner's other files
	}
	return s.store.reusable(ctx, &d, s.today())
}

// File opens a file of a dossier. The caller closes it. Errors: Denied, NotFound.
func (s *Service) File(ctx context.Context, id, file string) (File, io.ReadCloser, error) {
	files, err := s.Files(ctx, id)
	if err != nil {
		return File{}, nil, err
	}
	i := slices.IndexFunc(files, func(f File) bool { return f.ID == file })
	if i < 0 {
		return File{}, nil, noFile()
	}
	in, err := s.shelf().Open(files[i].ID)
	return files[i], in, err
}
