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
	db, err := sqldb.Open(context.Background(), sqldb.Options{Dir: t.TempDir()})
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

// Postgres returns an empty schema on the server of LACHAN_TEST_POSTGRES, or
// skips.
func Postgres(t testing.TB) *bun.DB {
	t.Helper()
	dsn := os.Getenv("LACHAN_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("LACHAN_TEST_POSTGRES is not set: PostgreSQL is not tested")
	}
	ctx := context.Background()
	admin, err := sqldb.Open(ctx, sqldb.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	schema := "t_" + strings.ToLower(rand.Text())
	if _, err := admin.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Errorf("drop schema: %v", err)
		}
		if err := admin.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(fmt.Errorf("LACHAN_TEST_POSTGRES: %w", err))
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	db, err := sqldb.Open(ctx, sqldb.Options{DSN: u.String()})
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

// PostgresDatabase is the address of an empty database of its own on the server
// of LACHAN_TEST_POSTGRES, dropped at the end of the test.
func PostgresDatabase(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("LACHAN_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("LACHAN_TEST_POSTGRES is not set: PostgreSQL is not tested")
	}
	ctx := context.Background()
	admin, err := sqldb.Open(ctx, sqldb.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	name := "t_" + strings.ToLower(rand.Text())
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
		if err := admin.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(fmt.Errorf("LACHAN_TEST_POSTGRES: %w", err))
	}
	u.Path = "/" + name
	return u.String()
}
