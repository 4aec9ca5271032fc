package sqldb

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// retries is how often a transaction that fell to another one is tried again.
const retries = 5

// Retry runs do in a transaction, and again where PostgreSQL gave it up in favour
// of another one that holds rows it waits for. do may therefore run several times
// and keeps nothing of a run before. SQLite has one writer at a time.
func Retry(ctx context.Context, db *bun.DB, do func(ctx context.Context, tx bun.Tx) error) error {
	for n := 1; ; n++ {
		err := db.RunInTx(ctx, nil, do)
		if err == nil || n == retries || !givenUp(err) {
			return err
		}
	}
}

// givenUp tells of deadlock_detected and serialization_failure.
func givenUp(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40P01" || pg.Code == "40001")
}
