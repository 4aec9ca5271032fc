package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/lachan-vn/lachan/internal/fault"
)

// A repository:
//
//	lachan-backup.json      {"format": 1}
//	lock                    held by the process that changes the repository
//	objects/ab/ab12…        one file, named by the SHA-256 of its content
//	snapshots/ID.json
const (
	markFile     = "lachan-backup.json"
	lockFile     = "lock"
	objectsDir   = "objects"
	snapshotsDir = "snapshots"
	tempPrefix   = "tmp-"
)

// Repository is an open repository. It is not safe for concurrent use.
type Repository struct {
	dir  string
	lock *os.File // nil: only read
}

type mark struct {
	Format int `json:"format"`
}

// OpenRepository opens a repository for reading.
func OpenRepository(dir string) (*Repository, error) {
	text, err := os.ReadFile(filepath.Join(dir, markFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Invalid, "%s is not a backup repository: it has no %s", dir, markFile)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "backup repository: %w", err)
	}
	var m mark
	if err := json.Unmarshal(text, &m); err != nil || m.Format != formatVersion {
		return nil, fault.New(fault.Invalid, "%s: not a mark of format %d; a newer version of lachan may have made it", filepath.Join(dir, markFile), formatVersion)
	}
	return &Repository{dir: dir}, nil
}

// WriteRepository opens a repository to change it, alone; an empty or missing
// folder becomes one. Another process at it is fault.Conflict.
func WriteRepository(dir string) (*Repository, error) {
	if err := makeRepository(dir); err != nil {
		return nil, err
	}
	r, err := OpenRepository(dir)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.New(fault.Invalid, "backup repository: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fault.New(fault.Conflict, "another backup is at work in %s; wait until it ends", dir)
		}
		return nil, fmt.Errorf("lock backup repository: %w", err)
	}
	r.lock = f
	return r, r.sweep()
}

func makeRepository(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Invalid, "backup repository: %w", err)
	}
	for _, e := range entries {
		if e.Name() == markFile {
			return nil
		}
	}
	if len(entries) > 0 {
		return fault.New(fault.Invalid, "%s holds other files and is no backup repository; name an empty folder", dir)
	}
	for _, sub := range []string{objectsDir, snapshotsDir} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return fault.New(fault.Invalid, "backup repository: %w", err)
		}
	}
	text, err := json.Marshal(mark{formatVersion})
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, markFile), append(text, '\n'))
}

// sweep removes what killed runs left half written.
func (r *Repository) sweep() error {
	left, err := filepath.Glob(filepath.Join(r.dir, objectsDir, tempPrefix+"*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// Close lets others change the repository.
func (r *Repository) Close() error {
	if r.lock == nil {
		return nil
	}
	return r.lock.Close()
}

func (r *Repository) object(sum string) string {
	return filepath.Join(r.dir, objectsDir, sum[:2], sum)
}

// has reports whether a file of this content is kept already. Its size is
// looked at, its content by Verify.
func (r *Repository) has(sum string, size int64) bool {
	info, err := os.Stat(r.object(sum))
	return err == nil && info.Size() == size
}

// put keeps the content of src; fresh tells whether it was not there yet.
func (r *Repository) put(ctx context.Context, src io.Reader, each func(n int)) (sum string, size int64, fresh bool, err error) {
	tmp, err := os.CreateTemp(filepath.Join(r.dir, objectsDir), tempPrefix)
	if err != nil {
		return "", 0, false, fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tmp.Close(), os.Remove(tmp.Name()))
		}
	}()
	h := sha256.New()
	if size, err = copyData(ctx, io.MultiWriter(tmp, h), src, each); err != nil {
		return "", 0, false, fmt.Errorf("backup: %w", err)
	}
	sum = hex.EncodeToString(h.Sum(nil))
	if r.has(sum, size) {
		return sum, size, false, errors.Join(tmp.Close(), os.Remove(tmp.Name()))
	}
	to := r.object(sum)
	if err = os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", 0, false, fmt.Errorf("backup: %w", err)
	}
	if err = errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return "", 0, false, fmt.Errorf("backup: %w", err)
	}
	if err = os.Rename(tmp.Name(), to); err != nil {
		return "", 0, false, fmt.Errorf("backup: %w", err)
	}
	return sum, size, true, syncDir(filepath.Dir(to))
}

// copyData is io.Copy that can be stopped and tells how far it is.
func copyData(ctx context.Context, dst io.Writer, src io.Reader, each func(n int)) (int64, error) {
	buf := make([]byte, 1<<20)
	var total int64
	for {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := src.Read(buf)
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				return total, err
			}
			total += int64(n)
			each(n)
		}
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

func (r *Repository) save(s *Snapshot) error {
	text, id, err := s.encode()
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(r.dir, snapshotsDir, id+".json"), text); err != nil {
		return err
	}
	s.ID = id
	return nil
}

// Snapshots lists the snapshots, oldest first. One that cannot be read is
// among the errors, the others are returned all the same.
func (r *Repository) Snapshots() ([]*Snapshot, error) {
	entries, err := os.ReadDir(filepath.Join(r.dir, snapshotsDir))
	if err != nil {
		return nil, fault.New(fault.Invalid, "backup repository: %w", err)
	}
	var out []*Snapshot
	var errs []error
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		s, err := r.load(id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *Snapshot) int { return strings.Compare(a.ID, b.ID) })
	return out, errors.Join(errs...)
}

func (r *Repository) load(id string) (*Snapshot, error) {
	text, err := os.ReadFile(filepath.Join(r.dir, snapshotsDir, id+".json"))
	if err != nil {
		return nil, fault.New(fault.Invalid, "snapshot %s: %w", id, err)
	}
	return decodeSnapshot(id, text)
}

// Snapshot returns the snapshot whose ID begins with id; "" or "latest" is the
// newest.
func (r *Repository) Snapshot(id string) (*Snapshot, error) {
	all, err := r.Snapshots()
	if id == "" || id == "latest" {
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return nil, fault.New(fault.NotFound, "%s holds no snapshot", r.dir)
		}
		return all[len(all)-1], nil
	}
	var found []*Snapshot
	for _, s := range all {
		if strings.HasPrefix(s.ID, id) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, errors.Join(fault.New(fault.NotFound, "%s holds no snapshot %q; `lachan backup list` shows them", r.dir, id), err)
	}
	return nil, fault.New(fault.Invalid, "%d snapshots begin with %q; write more of the name", len(found), id)
}

// isLocal reports whether a slash-parted path stays below where it starts.
func isLocal(path string) bool {
	return filepath.IsLocal(filepath.FromSlash(path)) && !strings.Contains(path, `\`)
}

// writeFile writes a small file so that it is there whole or not at all.
func writeFile(name string, text []byte) error {
	tmp := name + ".tmp"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := os.Rename(tmp, name); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return syncDir(filepath.Dir(name))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
