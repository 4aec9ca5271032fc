// Package sqldb opens the control database (SQLite by default, PostgreSQL by
// configuration) and brings its tables up to date.
//
// It knows no table. Each package that owns tables exports its migrations as a
// file system and [Migrate] applies them under the package's own version table,
// so that packages grow independently.
//
// Invariants. Both engines commit durably: SQLite in WAL mode with
// synchronous=FULL. SQLite has one writer at a time; write transactions wait
// for their turn in order of arrival (see writer.go) instead of polling a lock.
// A transaction opened with sql.TxOptions.ReadOnly never waits for a writer, and
// a query beside a transaction never waits for transactions (see pools.go).
// Times are stored as [Micros], which sorts, compares and reads the same in
// both engines.
//
// Tests run on both engines through package sqldbtest. Start reading at [Open].
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"

	"github.com/lachan-vn/lachan/internal/fault"
)

// FileName is the name of the SQLite file inside Options.Dir.
const FileName = "lachan.db"

// Options says which database to open.
type Options struct {
	// DSN is "" for SQLite in Dir, or a PostgreSQL address
	// ("postgres://user:password@host/database"). It may hold a password and is
	// never logged or put into an error.
	DSN string
	Dir string // folder of the SQLite file; made if missing
	Log *slog.Logger
}

// Open connects and checks that the database answers. The caller closes it.
// Errors: fault.Invalid for an address that cannot be used, otherwise Internal.
func Open(ctx context.Context, o Options) (*bun.DB, error) {
	var db *bun.DB
	switch {
	case o.DSN == "":
		if o.Dir == "" {
			return nil, fault.New(fault.Invalid, "database: a folder or an address is needed").OnField("database.dsn")
		}
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("database folder: %w", err)
		}
		db = openSQLite(filepath.Join(o.Dir, FileName))
	case strings.HasPrefix(o.DSN, "postgres://"), strings.HasPrefix(o.DSN, "postgresql://"):
		cfg, err := pgx.ParseConfig(o.DSN)
		if err != nil {
			// pgx's own text may quote the address with its password.
			return nil, fault.New(fault.Invalid, "database: the PostgreSQL address cannot be read; want postgres://user:password@host:5432/database").OnField("database.dsn")
		}
		db = openPostgres(*cfg)
	default:
		return nil, fault.New(fault.Invalid, "database: unknown kind of address; leave it empty for SQLite or give postgres://…").OnField("database.dsn")
	}
	if o.Log != nil {
		o.Log.DebugContext(ctx, "database open", "dialect", Dialect(db))
	}
	return checked(ctx, db)
}

// OpenReadOnly connects for reading only, also beside a server that writes. It
// makes no file and no table. A missing SQLite file is fault.NotFound.
func OpenReadOnly(ctx context.Context, o Options) (*bun.DB, error) {
	if o.DSN != "" {
		cfg, err := pgx.ParseConfig(o.DSN)
		if err != nil {
			return nil, fault.New(fault.Invalid, "database: the PostgreSQL address cannot be read; want postgres://user:password@host:5432/database").OnField("database.dsn")
		}
		cfg.RuntimeParams["default_transaction_read_only"] = "on"
		return checked(ctx, bun.NewDB(stdlib.OpenDB(*cfg), pgdialect.New()))
	}
	path := filepath.Join(o.Dir, FileName)
	if _, err := os.Stat(path); err != nil {
		return nil, fault.New(fault.NotFound, "database: %w", err)
	}
	q := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "query_only(ON)"}}
	// SQLite makes the files of its log even for a reader; where it cannot, on a
	// medium that is read-only, and there is no log, nothing can change either.
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
		f.Close()
	} else if _, err := os.Stat(path + "-wal"); errors.Is(err, os.ErrNotExist) {
		q.Set("immutable", "1")
	}
	dsn := (&url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.ToSlash(path)), RawQuery: q.Encode()}).String()
	pool := sql.OpenDB(&connector{driver: &sqlite.Driver{}, dsn: dsn, turn: make(chan struct{}, 1)})
	pool.SetMaxOpenConns(2)
	return checked(ctx, bun.NewDB(pool, sqlitedialect.New()))
}

func checked(ctx context.Context, db *bun.DB) (*bun.DB, error) {
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database does not answer: %w", err), db.Close())
	}
	return db, nil
}

// KindOf names the engine that a DSN leads to: "sqlite" or "postgres".
func KindOf(dsn string) string {
	if dsn == "" {
		return sqliteKind
	}
	return postgresKind
}

const (
	sqliteKind   = "sqlite"
	postgresKind = "postgres"
)

// Dialect returns "sqlite" or "postgres".
func Dialect(db *bun.DB) string {
	if _, ok := db.Dialect().(*pgdialect.Dialect); ok {
		return postgresKind
	}
	return sqliteKind
}

func openSQLite(path string) *bun.DB {
	q := url.Values{}
	q["_pragma"] = []string{
		"busy_timeout(10000)",
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(ON)",
		"temp_store(MEMORY)",
		"cache_size(-16384)",
		"journal_size_limit(67108864)",
	}
	// A write transaction takes the write lock at BEGIN: one that began as a
	// reader and then writes would fail at once if another wrote in between.
	q.Set("_txlock", "immediate")
	dsn := (&url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.ToSlash(path)), RawQuery: q.Encode()}).String()
	c := &connector{driver: &sqlite.Driver{}, dsn: dsn, turn: make(chan struct{}, 1)}
	// database/sql has given a transaction its connection before the driver is asked to
	// begin it, so whoever waits for his turn holds one: their number has no bound.
	transactions, queries := sql.OpenDB(c), sql.OpenDB(c)
	transactions.SetMaxIdleConns(sqliteWriters)
	queries.SetMaxOpenConns(sqliteConns)
	queries.SetMaxIdleConns(sqliteConns)
	return bun.NewDB(transactions, sqlitedialect.New(), besides(queries))
}

func openPostgres(cfg pgx.ConnConfig) *bun.DB {
	transactions, queries := stdlib.OpenDB(cfg), stdlib.OpenDB(cfg)
	for _, pool := range []*sql.DB{transactions, queries} {
		pool.SetMaxOpenConns(postgresConns)
		pool.SetMaxIdleConns(postgresConns)
		pool.SetConnMaxIdleTime(5 * time.Minute)
	}
	return bun.NewDB(transactions, pgdialect.New(), besides(queries))
}

// Micros is a moment as microseconds since 1970 UTC, the only form in which
// times are stored. 0 stands for "never".
type Micros int64

// MicrosOf converts t; the zero time becomes 0.
func MicrosOf(t time.Time) Micros {
	if t.IsZero() {
		return 0
	}
	return Micros(t.UnixMicro())
}

// Time converts back, in UTC; 0 becomes the zero time.
func (m Micros) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(m)).UTC()
}

// One tells whether a statement changed exactly one row.
func One(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// NextNumber takes the next number of a series from a table (series, last). Who takes
// it holds the row until the transaction ends, so that one that is rolled back leaves
// no gap.
func NextNumber(ctx context.Context, tx bun.Tx, table, series string) (n int64, err error) {
	err = tx.NewRaw(`INSERT INTO ?0 (series, last) VALUES (?1, 1)
		ON CONFLICT (series) DO UPDATE SET last = ?0.last + 1 RETURNING last`, bun.Ident(table), series).Scan(ctx, &n)
	return n, err
}

// IsUnique tells whether err says that a row with the same key exists.
func IsUnique(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		// SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE.
		return e.Code() == 1555 || e.Code() == 2067
	}
	type stater interface{ SQLState() string }
	var s stater
	return errors.As(err, &s) && s.SQLState() == "23505"
}
