package module

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Record is one stored record of the trail.
type Record struct {
	Seq    int64
	At     time.Time // microseconds
	Actor  string
	Action string
	Object string
	Detail map[string]string
	Addr   string
	Hash   string
	Prev   string // hash of the record before
}

// RecordFilter narrows a reading of the trail; zero members do not.
type RecordFilter struct {
	From, To time.Time
	Actor    string   // exactly
	Actions  []string // exactly, or all of an area: "user.*"
	Object   string   // exactly
	Addr     string   // exactly
	Text     string   // anywhere in actor, action, object, detail or address
	Before   int64    // a sequence number: only older ones
	After    int64    // a sequence number: only younger ones
}

type recordRow struct {
	auditRow
	Prev string `bun:"prev"`
}

func (f RecordFilter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	if !f.From.IsZero() {
		q = q.Where("a.at >= ?", sqldb.MicrosOf(f.From))
	}
	if !f.To.IsZero() {
		q = q.Where("a.at < ?", sqldb.MicrosOf(f.To))
	}
	for column, value := range map[string]string{"actor": f.Actor, "object": f.Object, "addr": f.Addr} {
		if value != "" {
			q = q.Where("a.? = ?", bun.Ident(column), value)
		}
	}
	if len(f.Actions) > 0 {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, a := range f.Actions {
				if area, whole := strings.CutSuffix(a, ".*"); whole {
					q = q.WhereOr("a.action LIKE ? ESCAPE '\\'", likeText(area)+".%")
				} else {
					q = q.WhereOr("a.action = ?", a)
				}
			}
			return q
		})
	}
	if f.Text != "" {
		like := "%" + likeText(f.Text) + "%"
		q = q.Where("lower(a.actor || ' ' || a.action || ' ' || a.object || ' ' || a.detail || ' ' || a.addr) LIKE lower(?) ESCAPE '\\'", like)
	}
	if f.Before > 0 {
		q = q.Where("a.seq < ?", f.Before)
	}
	if f.After > 0 {
		q = q.Where("a.seq > ?", f.After)
	}
	return q
}

// Find returns up to limit records that fit f, newest first, or oldest first with
// ascending. It checks no permission: its callers do.
func (t *Trail) Find(ctx context.Context, f RecordFilter, ascending bool, limit int64) ([]Record, error) {
	order := "a.seq DESC"
	if ascending {
		order = "a.seq"
	}
	var rows []recordRow
	q := t.db.NewSelect().TableExpr("audit_log AS a").ColumnExpr("a.*, coalesce(p.hash, '') AS prev").
		Join("LEFT JOIN audit_log AS p ON p.seq = a.seq - 1").OrderExpr(order).Limit(limit)
	if err := f.narrow(q).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]Record, len(rows))
	for i, r := range rows {
		out[i] = Record{Seq: r.Seq, At: r.At.Time(), Actor: r.Actor, Action: r.Action, Object: r.Object, Addr: r.Addr, Hash: r.Hash, Prev: r.Prev}
		if err := json.Unmarshal([]byte(r.Detail), &out[i].Detail); err != nil {
			return nil, fmt.Errorf("audit record %d: %w", r.Seq, err)
		}
	}
	return out, nil
}

// Counted is a value and in how many records it stands.
type Counted struct {
	Value string `bun:"value"`
	Count int64  `bun:"n"`
}

// Actors returns who stands in the records that fit f, most frequent first.
func (t *Trail) Actors(ctx context.Context, f RecordFilter, limit int) ([]Counted, error) {
	return t.counted(ctx, "actor", f, limit)
}

// Actions returns what was done in the records that fit f, most frequent first.
func (t *Trail) Actions(ctx context.Context, f RecordFilter, limit int) ([]Counted, error) {
	return t.counted(ctx, "action", f, limit)
}

func (t *Trail) counted(ctx context.Context, column string, f RecordFilter, limit int) ([]Counted, error) {
	var out []Counted
	q := t.db.NewSelect().TableExpr("audit_log AS a").ColumnExpr("a.? AS value, count(*) AS n", bun.Ident(column)).
		GroupExpr("a.?", bun.Ident(column)).OrderExpr("n DESC, value").Limit(int64(limit))
	return out, f.narrow(q).Scan(ctx, &out)
}
