package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Trail opens a data folder for looking at its audit trail: read-only, without
// its lock, so that it works beside the server that holds the folder.
type Trail struct {
	*module.Trail
	db *bun.DB
}

// OpenTrail opens the folder. Errors: NotFound for a folder that holds no trail.
func OpenTrail(ctx context.Context, path string, c Config) (*Trail, error) {
	if _, err := os.Stat(filepath.Join(path, "control")); err != nil {
		return nil, fault.New(fault.NotFound, "%s is no data folder of lachan: %w; name it with --data", path, err)
	}
	db, err := sqldb.OpenReadOnly(ctx, sqldb.Options{DSN: c.Database.URL.Reveal(), Dir: filepath.Join(path, "control")})
	if err != nil {
		return nil, err
	}
	t := &Trail{Trail: module.NewTrail(db), db: db}
	if _, err := t.Head(ctx); err != nil {
		return nil, errors.Join(fault.New(fault.NotFound, "the control database has no audit trail that can be read: %w", err), db.Close())
	}
	return t, nil
}

// Close lets go of the database.
func (t *Trail) Close() error { return t.db.Close() }
