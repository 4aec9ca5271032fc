package warning

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Load makes the folder of the files and removes what no copy knows: files a killed
// process was receiving.
func (s *Service) Load(ctx context.Context) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	known, err := s.store.fileIDs(ctx)
	if err != nil {
		return err
	}
	list, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, f := range list {
		if !known[f.Name()] {
			if err := os.Remove(filepath.Join(s.Dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// unfinished ends the name of a file that is being received; a backup passes it by.
const unfinished = ".part"

// cleanFileName is the last part of a name, on one line.
func cleanFileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '"' {
			return '_'
		}
		return r
	}, name)
	if name = strings.TrimSpace(module.Text(name, 255)); strings.Trim(name, ".") == "" {
		return "tep"
	}
	return name
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
	f := File{ID: module.NewID(), Name: cleanFileName(name), At: s.Now(), By: p.DisplayName}
	path := filepath.Join(s.Dir, f.ID)
	part := path + unfinished
	err := receive(part, body, &f)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return f, errors.Join(err, remove(part))
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
		return f, errors.Join(err, remove(path))
	}
	return f, nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// receive writes a body to disk and sums it up.
func receive(path string, body io.Reader, f *File) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	f.Size, err = io.Copy(io.MultiWriter(out, sum), io.LimitReader(body, maxFileBytes+1))
	switch {
	case err != nil:
		err = fault.New(fault.Invalid, "the file was broken off: %w", err).WithCode("warning.file-broken")
	case f.Size > maxFileBytes:
		err = fault.New(fault.TooLarge, "a file has at most %d MiB; pack it, or leave out what proves nothing", maxFileBytes>>20).WithCode("warning.file-large")
	case f.Size == 0:
		err = fault.New(fault.Invalid, "the file is empty").WithCode("warning.file-empty")
	default:
		err = out.Sync()
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return errors.Join(err, out.Close())
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
	in, err := os.Open(filepath.Join(s.Dir, files[i].ID)) // an id of ours, not what was asked
	if err != nil {
		return File{}, nil, fmt.Errorf("a proof is lost: %w", err)
	}
	return files[i], in, nil
}
