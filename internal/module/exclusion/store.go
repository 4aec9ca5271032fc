package exclusion

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:exclusions"`

	ID           string       `bun:"id,pk"`
	Title        string       `bun:"title"`
	Unit         string       `bun:"unit"`
	Rules        string       `bun:"rules"`
	Filter       string       `bun:"filter"`
	Reason       string       `bun:"reason"`
	State        string       `bun:"state"`
	Days         int          `bun:"days"`
	AlertID      string       `bun:"alert_id"`
	ProposedBy   string       `bun:"proposed_by"`
	ProposedName string       `bun:"proposed_name"`
	ProposedAt   sqldb.Micros `bun:"proposed_at"`
	DecidedBy    string       `bun:"decided_by"`
	DecidedName  string       `bun:"decided_name"`
	DecidedAt    sqldb.Micros `bun:"decided_at"`
	Decision     string       `bun:"decision"`
	ExpiresAt    sqldb.Micros `bun:"expires_at"`
	EndedAt      sqldb.Micros `bun:"ended_at"`
	RemindedAt   sqldb.Micros `bun:"reminded_at"`
	Hits         int64        `bun:"hits"`
	LastHit      sqldb.Micros `bun:"last_hit"`
	LastEvent    string       `bun:"last_event"`
	Version      int64        `bun:"version"`
	SearchText   string       `bun:"search_text"`
}

func rowOf(x *Exclusion) (row, error) {
	rules, err := json.Marshal(x.Rules)
	return row{
		ID: x.ID, Title: x.Title, Unit: string(x.Unit), Rules: string(rules), Filter: x.Filter, Reason: x.Reason, State: string(x.State),
		Days: x.Days, AlertID: x.Alert, ProposedBy: x.ProposedBy, ProposedName: x.ProposedName, ProposedAt: sqldb.MicrosOf(x.ProposedAt),
		DecidedBy: x.DecidedBy, DecidedName: x.DecidedName, DecidedAt: sqldb.MicrosOf(x.DecidedAt), Decision: x.Decision,
		ExpiresAt: sqldb.MicrosOf(x.ExpiresAt), EndedAt: sqldb.MicrosOf(x.EndedAt), RemindedAt: sqldb.MicrosOf(x.RemindedAt),
		Hits: x.Hits, LastHit: sqldb.MicrosOf(x.LastHit), LastEvent: x.LastEvent, Version: x.Version,
		SearchText: module.Fold(x.Title + "\n" + x.Reason + "\n" + x.Filter),
	}, err
}

func (r *row) exclusion() (Exclusion, error) {
	x := Exclusion{
		ID: r.ID, Title: r.Title, Unit: event.UnitID(r.Unit), Filter: r.Filter, Reason: r.Reason, State: State(r.State), Days: r.Days,
		Alert: r.AlertID, ProposedBy: r.ProposedBy, ProposedName: r.ProposedName, ProposedAt: r.ProposedAt.Time(),
		DecidedBy: r.DecidedBy, DecidedName: r.DecidedName, DecidedAt: r.DecidedAt.Time(), Decision: r.Decision,
		ExpiresAt: r.ExpiresAt.Time(), EndedAt: r.EndedAt.Time(), RemindedAt: r.RemindedAt.Time(),
		Hits: r.Hits, LastHit: r.LastHit.Time(), LastEvent: r.LastEvent, Version: r.Version,
	}
	if err := json.Unmarshal([]byte(r.Rules), &x.Rules); err != nil {
		return x, fmt.Errorf("exclusion %s: rules: %w", r.ID, err)
	}
	return x, nil
}

func exclusionsOf(rows []row) ([]Exclusion, error) {
	out := make([]Exclusion, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].exclusion(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// likeLiteral finds text anywhere; the wildcards of LIKE stand for themselves.
func likeLiteral(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}

// list returns what p sees, the newest first, and how many there are by state.
func (s store) list(ctx context.Context, p module.Principal, f Filter) (list []Exclusion, byState map[string]int64, err error) {
	narrowed := func(q *bun.SelectQuery) *bun.SelectQuery {
		q = module.Scoped(q, p, "unit")
		if f.Unit != "" {
			q = q.Where("unit = ?", string(f.Unit))
		}
		if f.Rule != "" {
			text, err := json.Marshal(f.Rule)
			if err != nil {
				text = []byte(`""`)
			}
			q = q.Where("rules LIKE ? ESCAPE '\\'", likeLiteral(string(text)))
		}
		if f.Text != "" {
			q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(f.Text))
		}
		return q
	}
	var rows []row
	q := narrowed(s.db.NewSelect().Model(&rows)).OrderExpr("proposed_at DESC, id DESC").Limit(maxList)
	if f.State != "" {
		q = q.Where("state = ?", string(f.State))
	}
	if !f.Ends.IsZero() {
		q = narrowed(s.db.NewSelect().Model(&rows)).Where("state = ?", string(Active)).Where("expires_at < ?", sqldb.MicrosOf(f.Ends)).
			OrderExpr("expires_at, id").Limit(maxList)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, nil, err
	}
	var counts []struct {
		State string `bun:"state"`
		N     int64  `bun:"n"`
	}
	if err := narrowed(s.db.NewSelect().Table("exclusions")).ColumnExpr("state, count(*) AS n").GroupExpr("state").Scan(ctx, &counts); err != nil {
		return nil, nil, err
	}
	byState = map[string]int64{}
	for _, c := range counts {
		byState[c.State] = c.N
	}
	list, err = exclusionsOf(rows)
	return list, byState, err
}

func (s store) ending(ctx context.Context, p module.Principal, before time.Time) (n int64, first time.Time, err error) {
	var row struct {
		N     int64        `bun:"n"`
		First sqldb.Micros `bun:"first"`
	}
	err = module.Scoped(s.db.NewSelect().Table("exclusions"), p, "unit").ColumnExpr("count(*) AS n, COALESCE(min(expires_at), 0) AS first").
		Where("state = ?", string(Active)).Where("expires_at < ?", sqldb.MicrosOf(before)).Scan(ctx, &row)
	return row.N, row.First.Time(), err
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (x Exclusion, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	if err != nil {
		return x, false, err
	}
	x, err = r.exclusion()
	return x, err == nil, err
}

// acting returns those in force, in the order they were proposed.
func (s store) acting(ctx context.Context, db bun.IDB) ([]Exclusion, error) {
	var rows []row
	if err := db.NewSelect().Model(&rows).Where("state = ?", string(Active)).OrderExpr("id").Scan(ctx); err != nil {
		return nil, err
	}
	return exclusionsOf(rows)
}

func (s store) countOpen(ctx context.Context, tx bun.Tx) (int64, error) {
	return tx.NewSelect().Table("exclusions").Where("state IN (?)", bun.List([]string{string(Proposed), string(Active)})).Count(ctx)
}

func (s store) insert(ctx context.Context, tx bun.Tx, x *Exclusion) error {
	r, err := rowOf(x)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// update stores x over the version before it; false: it was changed meanwhile. It
// leaves what is counted alone.
func (s store) update(ctx context.Context, tx bun.Tx, x *Exclusion) (bool, error) {
	r, err := rowOf(x)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("id", "hits", "last_hit", "last_event", "proposed_at").
		Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

// count adds hits that were left out.
func (s store) count(ctx context.Context, tx bun.Tx, id string, n LeftOut) error {
	last := sqldb.MicrosOf(n.Last)
	_, err := tx.NewUpdate().Table("exclusions").Set("hits = hits + ?", n.Hits).
		Set("last_event = CASE WHEN last_hit <= ? THEN ? ELSE last_event END", last, n.Event).
		Set("last_hit = CASE WHEN last_hit <= ? THEN ? ELSE last_hit END", last, last).
		Where("id = ?", id).Exec(ctx)
	return err
}
