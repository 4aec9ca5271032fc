package source

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// judgeSilence declares silent what is due, and heard what came back.
func (s *Service) judgeSilence(ctx context.Context, now time.Time, out []span) error {
	quiet := min(minSilence, s.config.SilentAfter)
	for {
		list, err := s.store.joined(ctx, s.store.db, true, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("h.silent_since = 0 AND (s.last_seen < ? OR h.silent_after > 0) AND (h.due_for <> s.last_seen OR (h.due > 0 AND h.due <= ?))",
					sqldb.MicrosOf(now.Add(-quiet)), sqldb.MicrosOf(now)).
					WhereOr("h.silent_since <> 0 AND h.due_for <> s.last_seen")
			}).OrderExpr("s.id").Limit(judgeChunk)
		})
		if err != nil || len(list) == 0 {
			return err
		}
		changed := make([]*health, len(list))
		for i := range list {
			h := &list[i]
			changed[i] = h
			if err := s.judgeOne(ctx, h, now, out); err != nil {
				return err
			}
		}
		if err := s.store.update(ctx, changed, judged); err != nil || len(list) < judgeChunk {
			return err
		}
	}
}

func (s *Service) judgeOne(ctx context.Context, h *health, now time.Time, out []span) error {
	row := &h.healthRow
	row.DueFor, row.Due = h.LastSeen, 0
	if finite(h.Input) || h.Host == otherHosts {
		row.SilentSince = 0
		return nil
	}
	due := h.silentAt(out, s.zone, s.config.SilentAfter)
	row.Due = sqldb.MicrosOf(due)
	if due.IsZero() || due.After(now) {
		row.SilentSince = 0
		return nil
	}
	others, newest, err := s.store.others(ctx, h)
	switch {
	case err != nil:
		return err
	case others > 0 && h.Format == "":
		// Nothing that is not understood: that is as it should be.
		row.Due, row.SilentSince = 0, 0
	case others > 0 && newest > h.LastSeen+sqldb.Micros(minSilence.Microseconds()) && h.profile.hours < partlyHours && row.SilentAfter == 0:
		row.Due, row.SilentSince = sqldb.MicrosOf(now.Add(bucketWidth)), 0
	case row.SilentSince == 0:
		row.SilentSince = sqldb.MicrosOf(now)
	}
	return nil
}

// others tells how many more formats the source's sender has, and when the newest
// of them was heard.
func (s store) others(ctx context.Context, h *health) (n int, newest sqldb.Micros, err error) {
	err = s.db.NewSelect().Table("sources").ColumnExpr("count(*), coalesce(max(last_seen), 0)").
		Where("unit = ?", h.Unit).Where("input = ?", h.Input).Where("peer = ?", h.Peer).Where("host = ?", h.Host).Where("format <> ?", h.Format).
		Scan(ctx, &n, &newest)
	return n, newest, err
}

// judgeClocks looks at sources whose clock is off, or was.
func (s *Service) judgeClocks(ctx context.Context, now time.Time) error {
	limit := s.config.Skew.Microseconds()
	list, err := s.store.joined(ctx, s.store.db, false, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("h.skew_since <> 0").WhereOr("abs(s.skew) > ? AND s.skew_at > ?", limit, sqldb.MicrosOf(now.Add(-skewAfter)))
		}).OrderExpr("s.id").Limit(20 * judgeChunk)
	})
	if err != nil {
		return err
	}
	var changed []*health
	for i := range list {
		h := &list[i]
		row := &h.healthRow
		off := max(h.Skew, -h.Skew) > limit && !finite(h.Input) && h.Host != otherHosts
		before := *row
		row.SkewSince = since(row.SkewSince, off, h.SkewAt.Time())
		if !off {
			row.SkewProblem = 0
		} else if row.SkewProblem == 0 && now.Sub(row.SkewSince.Time()) >= skewAfter && h.SkewAt >= row.SkewSince+sqldb.Micros(skewApart.Microseconds()) {
			row.SkewProblem = sqldb.MicrosOf(now)
		}
		if row.SkewSince != before.SkewSince || row.SkewProblem != before.SkewProblem {
			changed = append(changed, h)
		}
	}
	return s.store.update(ctx, changed, judged)
}
