package sqldb_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// A reader beside the server that writes sees what is committed, changes
// nothing, and makes no database where there is none.
func TestOpenReadOnly(t *testing.T) {
	ctx := context.Background()
	try := func(t *testing.T, o sqldb.Options) {
		w, err := sqldb.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		for _, q := range []string{"DROP TABLE IF EXISTS read_only_test", "CREATE TABLE read_only_test (n BIGINT)", "INSERT INTO read_only_test VALUES (7)"} {
			if _, err := w.ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		r, err := sqldb.OpenReadOnly(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var n int
		if err := r.NewRaw("SELECT n FROM read_only_test").Scan(ctx, &n); err != nil || n != 7 {
			t.Errorf("%d, %v", n, err)
		}
		if _, err := r.ExecContext(ctx, "UPDATE read_only_test SET n = 8"); err == nil {
			t.Error("a reader changed a row")
		}
		if _, err := w.ExecContext(ctx, "DROP TABLE read_only_test"); err != nil {
			t.Error(err)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		try(t, sqldb.Options{Dir: dir})
		empty := filepath.Join(dir, "none")
		if _, err := sqldb.OpenReadOnly(ctx, sqldb.Options{Dir: empty}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("no database: %v", err)
		}
		if _, err := os.Stat(empty); err == nil {
			t.Error("a folder was made")
		}
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := os.Getenv("LACHAN_TEST_POSTGRES")
		if dsn == "" {
			t.Skip("LACHAN_TEST_POSTGRES is not set: PostgreSQL is not tested")
		}
		try(t, sqldb.Options{DSN: dsn})
	})
}
