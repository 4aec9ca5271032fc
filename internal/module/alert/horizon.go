package alert

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// looked is how many of the newest alerts, of those a filter may concern, are
// looked at where no index leads to the answer: to count, to search for text, by
// level or person, and to order otherwise than by time. Whoever has a million
// closed alerts is told from when on he sees them, and goes further back by
// choosing an earlier time; what is open is always seen.
const looked = 20_000

// horizon returns the moment from which closed alerts are looked at; zero: all.
func (s store) horizon(ctx context.Context, f *Filter) (time.Time, error) {
	if !f.wantsCounted() {
		return time.Time{}, nil
	}
	q := s.db.NewSelect().Table("alerts").Column("created_at")
	// Of a unit, or of a rule, an index leads to the newest; of several units at
	// once none does, and the newest of all stand for them.
	switch {
	case f.RuleID != "":
		q = q.Where("rule_id = ?", f.RuleID)
	case f.Unit != "":
		q = q.Where("unit = ?", string(f.Unit))
	}
	if !f.To.IsZero() {
		q = q.Where("created_at < ?", sqldb.MicrosOf(f.To))
	}
	var at []sqldb.Micros
	if err := q.OrderExpr("created_at DESC").Offset(int64(s.looked)).Limit(1).Scan(ctx, &at); err != nil || len(at) == 0 {
		return time.Time{}, err
	}
	if since := at[0].Time(); f.From.Before(since) {
		return since, nil
	}
	return time.Time{}, nil
}

// wantsCounted tells whether how far is looked matters at all: not in a campaign,
// whose alerts are known, nor in an exercise or about a system's machines, to whose few
// an index leads.
func (f *Filter) wantsCounted() bool {
	return f.Campaign == "" && f.System == "" && (f.Drill == "" || f.Drill == NoDrill)
}

// wants tells whether the filter lets a status pass.
func (f *Filter) wants(status string) bool {
	return len(f.Statuses) == 0 || slices.Contains(f.Statuses, status)
}

// bounded tells whether no index leads to what the filter finds in an order.
func (f *Filter) bounded(column string) bool {
	return f.Text != "" || len(f.Levels) > 0 || f.Assignee != "" || column == "level_rank" || column == "count"
}

func isOpen(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("status <> 'closed'") }

func closedSince(q *bun.SelectQuery, since time.Time) *bun.SelectQuery {
	q = q.Where("status = 'closed'")
	if !since.IsZero() {
		q = q.Where("created_at >= ?", sqldb.MicrosOf(since))
	}
	return q
}

// count fills in the counts of a page.
func (s store) count(ctx context.Context, f *Filter, since time.Time, page *Page) error {
	type count struct {
		Status string `bun:"status"`
		Level  string `bun:"level"`
		N      int64  `bun:"n"`
	}
	page.ByStatus, page.ByLevel = map[string]int64{}, map[string]int64{}
	for _, narrow := range []func(*bun.SelectQuery) *bun.SelectQuery{isOpen, func(q *bun.SelectQuery) *bun.SelectQuery { return closedSince(q, since) }} {
		var counts []count
		err := narrow(f.base(s.db.NewSelect().Table("alerts"))).ColumnExpr("status, level, count(*) AS n").GroupExpr("status, level").Scan(ctx, &counts)
		if err != nil {
			return err
		}
		for _, c := range counts {
			level := len(f.Levels) == 0 || slices.Contains(f.Levels, c.Level)
			if level {
				page.ByStatus[c.Status] += c.N
			}
			if f.wants(c.Status) {
				page.ByLevel[c.Level] += c.N
			}
			if level && f.wants(c.Status) {
				page.Total += c.N
			}
		}
	}
	return nil
}
