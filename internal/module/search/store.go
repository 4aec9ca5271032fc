package search

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

// addHistory puts a on top. The page asks for events and their number at once;
// the answer that does not know the number keeps the other's, and its own time.
func (s store) addHistory(ctx context.Context, tx bun.Tx, user string, a Asked) error {
	r := historyRow{
		UserID: user, ID: a.ID, Query: a.Query, From: a.From, To: a.To,
		AskedAt: sqldb.MicrosOf(a.At), TookMs: a.Took.Milliseconds(), Hits: a.Hits,
	}
	same := sqldb.MicrosOf(a.At.Add(-historyJoin))
	_, err := tx.NewInsert().Model(&r).On("CONFLICT (user_id, id) DO UPDATE").
		Set("hits = CASE WHEN EXCLUDED.hits < 0 AND h.range_from = EXCLUDED.range_from AND h.range_to = EXCLUDED.range_to AND h.asked_at >= ? THEN h.hits ELSE EXCLUDED.hits END", same).
		Set("range_from = EXCLUDED.range_from").Set("range_to = EXCLUDED.range_to").
		Set("asked_at = EXCLUDED.asked_at").Set("took_ms = EXCLUDED.took_ms").
		Exec(ctx)
	return err
}

func (s store) trimHistory(ctx context.Context, tx bun.Tx, user string, keep int) error {
	_, err := tx.ExecContext(ctx, `
		DELETE FROM search_history WHERE user_id = ? AND id NOT IN
			(SELECT id FROM search_history WHERE user_id = ? ORDER BY asked_at DESC, id LIMIT ?)`, user, user, keep)
	return err
}

func (s store) history(ctx context.Context, user string, limit int) ([]Asked, error) {
	var rows []historyRow
	err := s.db.NewSelect().Model(&rows).Where("user_id = ?", user).OrderExpr("asked_at DESC, id").Limit(int64(limit)).Scan(ctx)
	out := make([]Asked, len(rows))
	for i, r := range rows {
		out[i] = Asked{ID: r.ID, Query: r.Query, From: r.From, To: r.To, At: r.AskedAt.Time(), Took: time.Duration(r.TookMs) * time.Millisecond, Hits: r.Hits}
	}
	return out, err
}

func (s store) forget(ctx context.Context, user, id string) error {
	q := s.db.NewDelete().Model((*historyRow)(nil)).Where("user_id = ?", user)
	if id != "" {
		q = q.Where("id = ?", id)
	}
	_, err := q.Exec(ctx)
	return err
}
