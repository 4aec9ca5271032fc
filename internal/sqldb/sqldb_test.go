package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

var counterMigrations = fstest.MapFS{
	"common/00001_counter.sql": {Data: []byte("-- +goose Up\nCREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL);\nINSERT INTO counter VALUES (1, 0);\n")},
}

func TestMigrateIsAppliedOnceAndGrows(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		ctx := context.Background()
		for range 2 {
			if err := sqldb.Migrate(ctx, db, "counter", counterMigrations); err != nil {
				t.Fatal(err)
			}
		}
		grown := fstest.MapFS{"common/00002_more.sql": {Data: []byte("-- +goose Up\nALTER TABLE counter ADD COLUMN note TEXT NOT NULL DEFAULT '';\n")}}
		for name, f := range counterMigrations {
			grown[name] = f
		}
		if err := sqldb.Migrate(ctx, db, "counter", grown); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(ctx, "UPDATE counter SET note = 'x'"); err != nil {
			t.Fatal(err)
		}
		// Another owner has its own version 1.
		other := fstest.MapFS{"common/00001_other.sql": {Data: []byte("-- +goose Up\nCREATE TABLE other (id BIGINT PRIMARY KEY);\n")}}
		if err := sqldb.Migrate(ctx, db, "other", other); err != nil {
			t.Fatal(err)
		}
		if err := sqldb.Migrate(ctx, db, "nothing", fstest.MapFS{}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMigratePrefersTheFolderOfItsEngine(t *testing.T) {
	fsys := fstest.MapFS{
		"sqlite/00001_a.sql":   {Data: []byte("-- +goose Up\nCREATE TABLE only_sqlite (id BIGINT);\n")},
		"postgres/00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE only_postgres (id BIGINT);\n")},
	}
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		if err := sqldb.Migrate(context.Background(), db, "a", fsys); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("SELECT * FROM only_" + sqldb.Dialect(db)); err != nil {
			t.Fatal(err)
		}
	})
}

// Read-modify-write from many goroutines loses no update and fails for none.
func TestWritersTakeTurns(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		ctx := context.Background()
		if err := sqldb.Migrate(ctx, db, "counter", counterMigrations); err != nil {
			t.Fatal(err)
		}
		const writers, rounds = 8, 10
		var wg sync.WaitGroup
		errs := make(chan error, writers*rounds)
		for range writers {
			wg.Go(func() {
				for range rounds {
					errs <- db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
						q := "SELECT n FROM counter WHERE id = 1"
						if sqldb.Dialect(db) == "postgres" {
							q += " FOR UPDATE"
						}
						var n int64
						if err := tx.NewRaw(q).Scan(ctx, &n); err != nil {
							return err
						}
						_, err := tx.ExecContext(ctx, "UPDATE counter SET n = ? WHERE id = 1", n+1)
						return err
					})
				}
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		var n int64
		if err := db.NewRaw("SELECT n FROM counter WHERE id = 1").Scan(ctx, &n); err != nil || n != writers*rounds {
			t.Fatalf("counter is %d (%v), want %d", n, err, writers*rounds)
		}
	})
}

func TestReadersDoNotWaitForAWriter(t *testing.T) {
	db := sqldbtest.SQLite(t)
	ctx := context.Background()
	if err := sqldb.Migrate(ctx, db, "counter", counterMigrations); err != nil {
		t.Fatal(err)
	}
	writer, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.ExecContext(ctx, "UPDATE counter SET n = 7"); err != nil {
		t.Fatal(err)
	}
	var n int64
	if err := db.NewRaw("SELECT n FROM counter").Scan(ctx, &n); err != nil || n != 0 {
		t.Fatalf("read beside the writer: %d, %v; want the committed 0", n, err)
	}
	reader, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := db.BeginTx(short, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a second writer got %v, want to wait until its context ends", err)
	}
	if err := writer.Rollback(); err != nil {
		t.Fatal(err)
	}
	next, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatalf("the turn was not given back: %v", err)
	}
	if err := next.Commit(); err != nil {
		t.Fatal(err)
	}
}

// Reading on the pool inside a transaction is what modules do that ask one another.
func TestTransactionsReadBesideThemselvesHoweverManyThereAre(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := sqldb.Migrate(ctx, db, "counter", counterMigrations); err != nil {
			t.Fatal(err)
		}
		const callers = 60
		done := make(chan error, callers)
		for range callers {
			go func() {
				done <- db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
					time.Sleep(time.Millisecond) // long enough for the others to come
					var n int64
					for range 10 {
						if err := db.NewRaw("SELECT n FROM counter").Scan(ctx, &n); err != nil {
							return fmt.Errorf("read beside the transaction: %w", err)
						}
					}
					_, err := tx.NewRaw("UPDATE counter SET n = n + 1").Exec(ctx)
					return err
				})
			}()
		}
		for range callers {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		var n int64
		if err := db.NewRaw("SELECT n FROM counter").Scan(ctx, &n); err != nil || n != callers {
			t.Errorf("counted %d of %d (%v)", n, callers, err)
		}
	})
}

func TestSQLiteIsDurableAndChecksForeignKeys(t *testing.T) {
	db := sqldbtest.SQLite(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		var got string
		if err := db.NewRaw("PRAGMA "+pragma).Scan(context.Background(), &got); err != nil || got != want {
			t.Errorf("%s = %q (%v), want %q", pragma, got, err, want)
		}
	}
}

func TestOpenInAFolderWithOddName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dữ liệu ?#%20")
	db, err := sqldb.Open(context.Background(), sqldb.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := os.Stat(filepath.Join(dir, sqldb.FileName)); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesAnAddressWithoutShowingThePassword(t *testing.T) {
	for _, dsn := range []string{"mysql://u:hunter2@h/d", "postgres://u:hunter2@h:port/d"} {
		_, err := sqldb.Open(context.Background(), sqldb.Options{DSN: dsn})
		if fault.KindOf(err) != fault.Invalid || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open(%q) = %v", dsn, err)
		}
	}
}

func TestIsUnique(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		if err := sqldb.Migrate(context.Background(), db, "counter", counterMigrations); err != nil {
			t.Fatal(err)
		}
		_, err := db.Exec("INSERT INTO counter VALUES (1, 5)")
		if !sqldb.IsUnique(err) {
			t.Errorf("IsUnique(%v) = false", err)
		}
		_, err = db.Exec("INSERT INTO nothing VALUES (1)")
		if sqldb.IsUnique(err) {
			t.Errorf("IsUnique(%v) = true", err)
		}
	})
}

func TestMicrosKeepsTheMoment(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 20, 58, 123456000, time.FixedZone("+07", 7*3600))
	if got := sqldb.MicrosOf(at).Time(); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("got %v", got)
	}
	if sqldb.MicrosOf(time.Time{}) != 0 || !sqldb.Micros(0).Time().IsZero() {
		t.Error("the zero time must stay zero")
	}
}
