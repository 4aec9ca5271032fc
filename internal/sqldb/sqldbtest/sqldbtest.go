// Package sqldbtest gives tests an empty database of each engine the product
// supports.
//
// SQLite always runs, on a real file. PostgreSQL runs when the variable
// LACHAN_TEST_POSTGRES holds the address of a server and a database the test
// may create schemas in; every test gets a schema of its own, dropped at its
// end.
package sqldbtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Run calls test once per engine, each time with an empty database.
func Run(t *testing.T, test func(t *testing.T, db *bun.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns an empty database in a temporary folder.
func SQLite(t testing.TB) *bun.DB {
	t.Helper()
	return open(t, sqldb.Options{Dir: t.TempDir()})
}

// Postgres returns an empty schema on the server of LACHAN_TEST_POSTGRES, or
// skips.
func Postgres(t testing.TB) *bun.DB {
	t.Helper()
	u := place(t, "schema", "SCHEMA %s", "SCHEMA %s CASCADE", func(u *url.URL, name string) {
		q := u.Query()
		q.Set("search_path", name)
		u.RawQuery = q.Encode()
	})
	return open(t, sqldb.Options{DSN: u})
}

// PostgresDatabase is the address of an empty database of its own on the server
// of LACHAN_TEST_POSTGRES, dropped at the end of the test.
func PostgresDatabase(t testing.TB) string {
	t.Helper()
	return place(t, "database", "DATABASE %s", "DATABASE %s WITH (FORCE)", func(u *url.URL, name string) { u.Path = "/" + name })
}

// place makes a schema or database with a name of its own, drops it at the end of
// the test, and returns the address that leads there.
func place(t testing.TB, what, create, drop string, lead func(u *url.URL, name string)) string {
	t.Helper()
	dsn := os.Getenv("LACHAN_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("LACHAN_TEST_POSTGRES is not set: PostgreSQL is not tested")
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(fmt.Errorf("LACHAN_TEST_POSTGRES: %w", err))
	}
	ctx, admin := context.Background(), open(t, sqldb.Options{DSN: dsn})
	name := "t_" + strings.ToLower(rand.Text())
	if _, err := admin.ExecContext(ctx, "CREATE "+fmt.Sprintf(create, name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(ctx, "DROP "+fmt.Sprintf(drop, name)); err != nil {
			t.Errorf("drop %s: %v", what, err)
		}
	})
	lead(u, name)
	return u.String()
}

func open(t testing.TB, o sqldb.Options) *bun.DB {
	t.Helper()
	db, err := sqldb.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return db
}
