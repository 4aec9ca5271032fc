package sqldb_test

import (
	"context"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// BenchmarkTransactions is many who write and read beside their transaction at one time.
func BenchmarkTransactions(b *testing.B) {
	db := sqldbtest.SQLite(b)
	if err := sqldb.Migrate(b.Context(), db, "counter", counterMigrations); err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := db.RunInTx(b.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
				var n int64
				if err := db.NewRaw("SELECT n FROM counter").Scan(ctx, &n); err != nil {
					return err
				}
				_, err := tx.NewRaw("UPDATE counter SET n = n + 1").Exec(ctx)
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}
