package lake

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// dialects runs a test on SQLite, and on PostgreSQL if LACHAN_TEST_POSTGRES
// names a database. open returns a fresh manifest.
func dialects(t *testing.T, test func(t *testing.T, open func(t testing.TB) *bun.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, openSQLite) })
	t.Run("postgres", func(t *testing.T) {
		dsn := os.Getenv("LACHAN_TEST_POSTGRES")
		if dsn == "" {
			t.Skip("LACHAN_TEST_POSTGRES names no database")
		}
		test(t, func(t testing.TB) *bun.DB { return openPostgres(t, dsn) })
	})
}

func openSQLite(t testing.TB) *bun.DB {
	return openSQLiteFile(t, filepath.Join(t.TempDir(), "manifest.db"))
}

func openSQLiteFile(t testing.TB, path string) *bun.DB {
	t.Helper()
	_, err := os.Stat(path)
	fresh := err != nil
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(NORMAL)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	db := bun.NewDB(pool, sqlitedialect.New())
	if fresh {
		migrate(t, db, "sqlite")
	}
	return db
}

func openPostgres(t testing.TB, dsn string) *bun.DB {
	t.Helper()
	schema := fmt.Sprintf("lake_%d", time.Now().UnixNano())
	admin, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close() })
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Exec("DROP SCHEMA " + schema + " CASCADE") })
	sep := "?"
	if strings.Contains(dsn, "?") {
		sep = "&"
	}
	pool, err := sql.Open("pgx", dsn+sep+"search_path="+schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	db := bun.NewDB(pool, pgdialect.New())
	migrate(t, db, "postgres")
	return db
}

// migrate applies the "Up" part of every migration of a dialect.
func migrate(t testing.TB, db *bun.DB, dialect string) {
	t.Helper()
	names, err := fs.Glob(Migrations, dialect+"/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations for %s: %v", dialect, err)
	}
	for _, name := range names {
		src, err := fs.ReadFile(Migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(src), "-- +goose Down")
		for stmt := range strings.SplitSeq(strings.TrimPrefix(up, "-- +goose Up"), ";\n") {
			if strings.TrimSpace(stmt) == "" {
				continue
			}
			if _, err := db.DB.Exec(stmt); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, stmt)
			}
		}
	}
}

// openLake opens a lake in a fresh folder.
func openLake(t testing.TB, db *bun.DB, change ...func(*Options)) *Lake {
	t.Helper()
	o := Options{Dir: t.TempDir(), DB: db, Now: time.Now, Config: DefaultConfig()}
	for _, f := range change {
		f(&o)
	}
	l, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}
