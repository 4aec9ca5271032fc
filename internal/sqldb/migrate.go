package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/uptrace/bun"
)

// Migrate applies the migrations of fsys that have not run yet, in order, each
// in its own transaction. name is the owner ("alert"); its state is kept in the
// table goose_<name>. fsys holds a folder per engine, "sqlite" and "postgres",
// or one folder "common" where the SQL is the same; files are goose's
// "00001_what.sql". A fsys without any of them has nothing to do.
//
// Several processes may start on one PostgreSQL at once: they take turns.
func Migrate(ctx context.Context, db *bun.DB, name string, fsys fs.FS) error {
	if fsys == nil {
		return nil
	}
	dialect := Dialect(db)
	sub, err := migrationFolder(fsys, dialect)
	if sub == nil || err != nil {
		return err
	}
	opts := []goose.ProviderOption{goose.WithTableName("goose_" + name), goose.WithDisableGlobalRegistry(true)}
	gooseDialect := goose.DialectSQLite3
	if dialect == "postgres" {
		gooseDialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("migrate %s: %w", name, err)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(gooseDialect, db.DB, sub, opts...)
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	return nil
}

func migrationFolder(fsys fs.FS, dialect string) (fs.FS, error) {
	for _, dir := range []string{dialect, "common"} {
		if info, err := fs.Stat(fsys, dir); err == nil && info.IsDir() {
			return fs.Sub(fsys, dir)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, nil
}
