package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Evidence opens a data folder for looking at its evidence chain: read-only,
// without its lock, so that it works beside the server that holds the folder.
type Evidence struct {
	path string
	db   *bun.DB
}

// OpenEvidence opens the folder. Errors: Invalid, NotFound for a folder that
// holds no lake.
func OpenEvidence(ctx context.Context, path string, c Config) (*Evidence, error) {
	if _, err := os.Stat(filepath.Join(path, "lake")); err != nil {
		return nil, fault.New(fault.NotFound, "%s is no data folder of lachan: %w; name it with --data", path, err)
	}
	db, err := sqldb.OpenReadOnly(ctx, sqldb.Options{DSN: c.Database.URL.Reveal(), Dir: filepath.Join(path, "control")})
	if err != nil {
		return nil, err
	}
	e := &Evidence{path: path, db: db}
	if _, err := e.Head(ctx); err != nil {
		return nil, errors.Join(fault.New(fault.NotFound, "the control database has no evidence chain that can be read; where it is older than this program, start the server once: %w", err), e.Close())
	}
	return e, nil
}

// Head returns the head of the chain.
func (e *Evidence) Head(ctx context.Context) (lake.ChainHead, error) { return lake.ReadHead(ctx, e.db) }

// Verify proves the chain and the files; head is one noted earlier, or "".
func (e *Evidence) Verify(ctx context.Context, head string, progress func(what string, done, total int64)) (*lake.EvidenceReport, error) {
	running, err := inUseNow(e.path)
	if err != nil {
		return nil, err
	}
	report, err := lake.VerifyEvidence(ctx, lake.VerifyOptions{
		DB: e.db, Dir: filepath.Join(e.path, "lake"), Head: head, Running: running, Progress: progress,
	})
	if err != nil || running || len(report.Findings) == 0 {
		return report, err
	}
	// Files that came and went would be reported.
	if running, err = inUseNow(e.path); err == nil && running {
		err = fault.New(fault.Busy, "a server was started on %s meanwhile; verify again", e.path)
	}
	return report, err
}

// Close lets go of the database.
func (e *Evidence) Close() error { return e.db.Close() }

// inUseNow tells whether a process holds the folder.
func inUseNow(path string) (bool, error) {
	f, err := os.Open(filepath.Join(path, "lock"))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fault.New(fault.Invalid, "data folder: %w", err)
	}
	defer f.Close()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK), nil
}
