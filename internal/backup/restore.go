package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Target is where a snapshot is restored to.
type Target struct {
	Folder string // must be missing or empty
	DSN    string // of the control database; must be of the snapshot's engine, and empty
}

const restoringSuffix = ".restoring"

// Restore brings a snapshot back. Every file is compared with its hash on the
// way; the folder appears when all of them are there. A PostgreSQL database is
// filled just before that. Errors: fault.Conflict for a place that holds
// something, fault.Invalid names what is missing or altered in the repository.
func (r *Repository) Restore(ctx context.Context, s *Snapshot, t Target, p Progress) error {
	if kind := sqldb.KindOf(t.DSN); kind != s.Database {
		return fault.New(fault.Invalid, "the snapshot's control database is %s, and the configuration names %s; give --config with a database of the same kind", s.Database, kind)
	}
	if err := mustBeEmpty(t.Folder); err != nil {
		return err
	}
	if err := r.mustHave(s); err != nil {
		return err
	}
	tmp := filepath.Clean(t.Folder) + restoringSuffix
	if err := os.RemoveAll(tmp); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := r.extract(ctx, s, tmp, p); err != nil {
		return errors.Join(err, os.RemoveAll(tmp))
	}
	if t.DSN != "" {
		dump := filepath.Join(tmp, filepath.FromSlash(controlPath(s.Database)))
		err := sqldb.Restore(ctx, sqldb.Options{DSN: t.DSN}, dump)
		if err := errors.Join(err, os.Remove(dump)); err != nil {
			return errors.Join(err, os.RemoveAll(tmp))
		}
	}
	if err := os.Remove(t.Folder); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("restore: %w", err)
	}
	if err := os.Rename(tmp, t.Folder); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return syncDir(filepath.Dir(filepath.Clean(t.Folder)))
}

func mustBeEmpty(folder string) error {
	entries, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fault.New(fault.Invalid, "restore: %w", err)
	case len(entries) > 0:
		return fault.New(fault.Conflict, "%s is not empty; restore into a new folder", folder)
	}
	return nil
}

// mustHave looks for what is missing before the first byte is copied.
func (r *Repository) mustHave(s *Snapshot) error {
	var errs []error
	for _, f := range s.Files {
		if !r.has(f.SHA256, f.Bytes) {
			errs = append(errs, missing(f))
		}
	}
	return errors.Join(errs...)
}

func missing(f File) error {
	return fault.New(fault.Invalid, "%s is missing from the repository, or has another size (object %s)", f.Path, f.SHA256)
}

func (r *Repository) extract(ctx context.Context, s *Snapshot, to string, p Progress) error {
	total, done := s.Bytes(), int64(0)
	dirs := map[string]bool{}
	for _, f := range s.Files {
		name := filepath.Join(to, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		dirs[filepath.Dir(name)] = true
		dst, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		err = r.read(ctx, f, dst, func(n int) {
			done += int64(n)
			p.tell(done, total)
		})
		if err := errors.Join(err, dst.Sync(), dst.Close()); err != nil {
			return err
		}
	}
	for dir := range dirs {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// read copies the content of f and compares its hash.
func (r *Repository) read(ctx context.Context, f File, to io.Writer, each func(n int)) error {
	src, err := os.Open(r.object(f.SHA256))
	if errors.Is(err, os.ErrNotExist) {
		return missing(f)
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer src.Close()
	h := sha256.New()
	n, err := copyData(ctx, io.MultiWriter(to, h), src, each)
	if err != nil {
		return fmt.Errorf("restore: %s: %w", f.Path, err)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != f.SHA256 || n != f.Bytes {
		return fault.New(fault.Invalid, "%s was altered in the repository: object %s now has SHA-256 %s and %d bytes", f.Path, f.SHA256, sum, n)
	}
	return nil
}

// Verify reads every file of the snapshots once and returns what is missing or
// altered, each named.
func (r *Repository) Verify(ctx context.Context, snapshots []*Snapshot, p Progress) (problems []error, err error) {
	seen := map[string]bool{}
	var files []File
	var total, done int64
	for _, s := range snapshots {
		for _, f := range s.Files {
			if !seen[f.SHA256] {
				seen[f.SHA256] = true
				files = append(files, f)
				total += f.Bytes
			}
		}
	}
	for _, f := range files {
		err := r.read(ctx, f, io.Discard, func(n int) {
			done += int64(n)
			p.tell(done, total)
		})
		if ctx.Err() != nil {
			return problems, ctx.Err()
		}
		if err != nil {
			problems = append(problems, err)
		}
	}
	return problems, nil
}
