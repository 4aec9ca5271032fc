package sqldb

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Snapshot writes a copy of the whole control database, as it is at one moment,
// into file, which must not exist, while other processes go on using it. in
// reads the database in that same state.
//
// SQLite copies itself (VACUUM INTO); PostgreSQL is dumped by pg_dump, which has
// to be installed, in its custom format. Errors: fault.Invalid says what is
// missing.
func Snapshot(ctx context.Context, o Options, file string, in func(ctx context.Context, db bun.IDB) error) (err error) {
	if o.DSN != "" {
		return snapshotPostgres(ctx, o, file, in)
	}
	source := filepath.Join(o.Dir, FileName)
	if _, err := os.Stat(source); err != nil {
		return fault.New(fault.Invalid, "control database: %w", err)
	}
	db := openSQLite(source)
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return fmt.Errorf("copy control database: %w", err)
	}
	if err := syncFile(file); err != nil {
		return fmt.Errorf("copy control database: %w", err)
	}
	return readCopy(ctx, file, in)
}

// readCopy reads the copy, so that what is read is what was copied. It opens it
// so that nothing in the file changes.
func readCopy(ctx context.Context, file string, in func(ctx context.Context, db bun.IDB) error) error {
	dsn := (&url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.ToSlash(file)), RawQuery: "mode=ro&immutable=1"}).String()
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("read the copy of the control database: %w", err)
	}
	db := bun.NewDB(pool, sqlitedialect.New())
	return errors.Join(in(ctx, db), db.Close())
}

func snapshotPostgres(ctx context.Context, o Options, file string, in func(ctx context.Context, db bun.IDB) error) (err error) {
	target, err := postgresTarget(o.DSN)
	if err != nil {
		return err
	}
	db, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("copy control database: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	var snapshot string
	if err := tx.NewRaw("SELECT pg_export_snapshot()").Scan(ctx, &snapshot); err != nil {
		return fmt.Errorf("copy control database: %w", err)
	}
	err = target.run(ctx, "pg_dump", io.Discard, "--format=custom", "--no-owner", "--no-privileges",
		"--snapshot="+snapshot, "--schema="+target.schema, "--file="+file)
	if err != nil {
		return err
	}
	if err := syncFile(file); err != nil {
		return fmt.Errorf("copy control database: %w", err)
	}
	return in(ctx, tx)
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Restore brings a file that Snapshot wrote back into an empty database: for
// SQLite a folder without one, for PostgreSQL a schema without tables. A
// database that holds something is fault.Conflict.
func Restore(ctx context.Context, o Options, file string) error {
	if o.DSN != "" {
		return restorePostgres(ctx, o, file)
	}
	to := filepath.Join(o.Dir, FileName)
	if _, err := os.Stat(to); err == nil {
		return fault.New(fault.Conflict, "there is a control database at %s already", to)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("restore control database: %w", err)
	}
	src, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("restore control database: %w", err)
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("restore control database: %w", err)
	}
	_, err = io.Copy(dst, src)
	if err := errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return fmt.Errorf("restore control database: %w", err)
	}
	return nil
}

func restorePostgres(ctx context.Context, o Options, file string) error {
	target, err := postgresTarget(o.DSN)
	if err != nil {
		return err
	}
	if err := target.mustBeEmpty(ctx, o); err != nil {
		return err
	}
	var list bytes.Buffer
	if err := target.run(ctx, "pg_restore", &list, "--list", file); err != nil {
		return err
	}
	// The schema exists: only what stands in it is brought back.
	var wanted strings.Builder
	for lines := bufio.NewScanner(&list); lines.Scan(); {
		if line := lines.Text(); !strings.Contains(line, " SCHEMA - ") {
			wanted.WriteString(line + "\n")
		}
	}
	toc := file + ".list"
	if err := os.WriteFile(toc, []byte(wanted.String()), 0o600); err != nil {
		return fmt.Errorf("restore control database: %w", err)
	}
	err = target.run(ctx, "pg_restore", io.Discard, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
		"--use-list="+toc, "--dbname="+target.database, file)
	return errors.Join(err, os.Remove(toc))
}

// postgres is how PostgreSQL's own programs are told where the database is:
// by their environment, because arguments are for everybody on the machine to
// see.
type postgres struct {
	env              []string
	database, schema string
}

func postgresTarget(dsn string) (postgres, error) {
	unreadable := fault.New(fault.Invalid, "database: the PostgreSQL address cannot be read; want postgres://user:password@host:5432/database").OnField("database.url")
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return postgres{}, unreadable
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return postgres{}, unreadable
	}
	schema, _, _ := strings.Cut(cmp.Or(cfg.RuntimeParams["search_path"], "public"), ",")
	p := postgres{database: cfg.Database, schema: strings.TrimSpace(schema), env: os.Environ()}
	set := func(name, v string) {
		if v != "" {
			p.env = append(p.env, name+"="+v)
		}
	}
	set("PGHOST", cfg.Host)
	set("PGPORT", strconv.Itoa(int(cfg.Port)))
	set("PGUSER", cfg.User)
	set("PGPASSWORD", cfg.Password)
	set("PGDATABASE", cfg.Database)
	for _, name := range []string{"sslmode", "sslrootcert", "sslcert", "sslkey"} {
		set("PG"+strings.ToUpper(name), u.Query().Get(name))
	}
	return p, nil
}

func (p postgres) mustBeEmpty(ctx context.Context, o Options) (err error) {
	db, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables int
	if err := db.NewRaw("SELECT count(*) FROM pg_tables WHERE schemaname = ?", p.schema).Scan(ctx, &tables); err != nil {
		return fmt.Errorf("restore control database: %w", err)
	}
	if tables > 0 {
		return fault.New(fault.Conflict, "the PostgreSQL database %q holds %d tables already; restore into an empty one", p.database, tables)
	}
	return nil
}

// run runs one of PostgreSQL's programs; what it says of an error holds no
// password, which it never saw as text.
func (p postgres) run(ctx context.Context, program string, out io.Writer, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fault.New(fault.Invalid, "%s is not installed; a PostgreSQL database is copied with it (on Debian: apt install postgresql-client)", program)
	}
	var says bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, out, &says
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(says.String()))
	}
	return nil
}
