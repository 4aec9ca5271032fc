package backup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Pruned tells what Prune removed.
type Pruned struct {
	Snapshots []string
	Files     int
	Bytes     int64
}

// Prune keeps the newest snapshots and removes the others, and then every file
// that none of those kept lists. Killed in between it leaves files, never a
// snapshot without them. A snapshot that cannot be read stops it: its files
// would be taken for nobody's.
func (r *Repository) Prune(keep int) (out Pruned, err error) {
	if keep < 1 {
		return out, fault.New(fault.Invalid, "keep at least one snapshot").OnField("keep")
	}
	all, err := r.Snapshots()
	if err != nil {
		return out, err
	}
	for _, s := range all[:max(len(all)-keep, 0)] {
		if err := os.Remove(filepath.Join(r.dir, snapshotsDir, s.ID+".json")); err != nil {
			return out, fmt.Errorf("backup: %w", err)
		}
		out.Snapshots = append(out.Snapshots, s.ID)
	}
	wanted := map[string]bool{}
	for _, s := range all[max(len(all)-keep, 0):] {
		for _, f := range s.Files {
			wanted[f.SHA256] = true
		}
	}
	objects, err := filepath.Glob(filepath.Join(r.dir, objectsDir, "??", "*"))
	if err != nil {
		return out, fmt.Errorf("backup: %w", err)
	}
	var errs []error
	for _, name := range objects {
		if wanted[filepath.Base(name)] {
			continue
		}
		info, err := os.Stat(name)
		if err == nil {
			err = os.Remove(name)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("backup: %w", err))
			continue
		}
		out.Files++
		out.Bytes += info.Size()
	}
	return out, errors.Join(errs...)
}
