package warning

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Load makes the folder of the files and removes what no copy knows: files a killed
// process was receiving.
func (s *Service) Load(ctx context.Context) error {
	ids, err := s.store.fileIDs(ctx)
	if err != nil {
		return err
	}
	return s.shelf().Load(ids)
}

func (s *Service) shelf() module.Shelf {
	return module.Shelf{Dir: s.Dir, Code: "warning", Max: maxFileBytes, Tip: "pack it, or leave out what proves nothing"}
}

// AddFile takes a proof the unit gives. Errors: Denied, NotFound, Conflict,
// TooLarge.
func (s *Service) AddFile(ctx context.Context, id string, unit event.UnitID, name string, body io.Reader) (File, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionWarningAnswer); err != nil {
		return File{}, err
	}
	if _, err := s.copy(ctx, s.DB, p, id, unit); err != nil {
		return File{}, err
	}
	f := File{ID: module.NewID(), Name: module.FileName(name), At: s.Now(), By: p.DisplayName}
	var err error
	if f.Size, f.SHA256, err = s.shelf().Receive(f.ID, body); err != nil {
		return f, err
	}
	_, err = s.take(ctx, id, unit, module.ActionWarningAnswer, func(ctx context.Context, tx bun.Tx, _ module.Principal, r *Received) error {
		if !r.Open {
			return settled()
		}
		have, err := s.store.files(ctx, tx, id, unit)
		if err != nil {
			return err
		}
		if len(have) >= maxFiles {
			return fault.New(fault.Conflict, "at most %d files; pack several into one", maxFiles).WithCode("warning.files")
		}
		if err := s.store.addFile(ctx, tx, &r.Copy, &f); err != nil {
			return err
		}
		return s.save(ctx, tx, &r.Warning, &r.Copy, StepFile, "", map[string]string{"name": f.Name, "sha256": f.SHA256}, "")
	})
	if err != nil {
		return f, errors.Join(err, s.shelf().Remove(f.ID))
	}
	return f, nil
}

// File opens a proof. The caller closes it. Errors: Denied, NotFound.
func (s *Service) File(ctx context.Context, id string, unit event.UnitID, file string) (File, io.ReadCloser, error) {
	_, _, files, err := s.Copy(ctx, id, unit)
	if err != nil {
		return File{}, nil, err
	}
	i := slices.IndexFunc(files, func(f File) bool { return f.ID == file })
	if i < 0 {
		return File{}, nil, fault.New(fault.NotFound, "no such file").WithCode("warning.unknown")
	}
	in, err := s.shelf().Open(files[i].ID)
	return files[i], in, err
}
