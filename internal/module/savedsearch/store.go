package savedsearch

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:saved_searches"`

	ID          string       `bun:"id,pk"`
	OwnerID     string       `bun:"owner_id"`
	Unit        string       `bun:"unit"`
	Visibility  string       `bun:"visibility"`
	Name        string       `bun:"name"`
	Description string       `bun:"description"`
	Query       string       `bun:"query"`
	From        string       `bun:"range_from"`
	To          string       `bun:"range_to"`
	Columns     string       `bun:"columns"`     // JSON array
	View        string       `bun:"view_state"`  // JSON object, or ""
	SearchText  string       `bun:"search_text"` // folded name and description
	Version     int64        `bun:"version"`
	CreatedAt   sqldb.Micros `bun:"created_at"`
	UpdatedAt   sqldb.Micros `bun:"updated_at"`
}

func rowOf(s *Saved) (row, error) {
	columns, err := json.Marshal(s.Columns)
	return row{
		ID: s.ID, OwnerID: s.OwnerID, Unit: string(s.Unit), Visibility: string(s.Visibility), Name: s.Name, Description: s.Description,
		Query: s.Query, From: s.From, To: s.To, Columns: string(columns), View: string(s.View),
		SearchText: module.Fold(s.Name + "\n" + s.Description), Version: s.Version,
		CreatedAt: sqldb.MicrosOf(s.CreatedAt), UpdatedAt: sqldb.MicrosOf(s.UpdatedAt),
	}, err
}

func (r *row) saved() (Saved, error) {
	s := Saved{
		ID: r.ID, OwnerID: r.OwnerID, Unit: event.UnitID(r.Unit), Visibility: Visibility(r.Visibility), Name: r.Name, Description: r.Description,
		Query: r.Query, From: r.From, To: r.To, Version: r.Version, CreatedAt: r.CreatedAt.Time(), UpdatedAt: r.UpdatedAt.Time(),
	}
	if r.View != "" {
		s.View = json.RawMessage(r.View)
	}
	if err := json.Unmarshal([]byte(r.Columns), &s.Columns); err != nil {
		return s, fmt.Errorf("saved search %s: columns: %w", r.ID, err)
	}
	return s, nil
}

// visible limits q to what p may know of; the same rule as Saved.visibleTo.
func visible(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("owner_id = ?", p.ID).WhereOr("visibility = ?", string(Everyone))
		if p.AllUnits() {
			q = q.WhereOr("visibility = ?", string(OfUnit))
		} else if reach := p.Reach(); len(reach) > 0 {
			q = q.WhereOr("visibility = ? AND unit IN (?)", string(OfUnit), bun.List(reach))
		}
		return q
	})
}

// list returns what p sees, by name.
func (s store) list(ctx context.Context, p module.Principal, text string, mine bool, limit int64) ([]Saved, error) {
	var rows []row
	q := visible(s.db.NewSelect().Model(&rows), p).OrderExpr("name, id").Limit(limit)
	if text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(text))
	}
	if mine {
		q = q.Where("owner_id = ?", p.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Saved, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].saved(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// one returns a search that p sees; ok is false if there is none.
func (s store) one(ctx context.Context, db bun.IDB, p module.Principal, id string) (saved Saved, ok bool, err error) {
	var r row
	err = visible(db.NewSelect().Model(&r).Where("id = ?", id), p).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return saved, false, nil
	}
	if err != nil {
		return saved, false, err
	}
	saved, err = r.saved()
	return saved, err == nil, err
}

func (s store) countOf(ctx context.Context, tx bun.Tx, owner string) (int64, error) {
	return tx.NewSelect().Model((*row)(nil)).Where("owner_id = ?", owner).Count(ctx)
}

func (s store) insert(ctx context.Context, tx bun.Tx, saved *Saved) error {
	r, err := rowOf(saved)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// update stores saved over the version before it; false: it was changed meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, saved *Saved) (bool, error) {
	r, err := rowOf(saved)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("id", "owner_id", "created_at").
		Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

func (s store) remove(ctx context.Context, tx bun.Tx, id string, version int64) (bool, error) {
	return sqldb.One(tx.NewDelete().Model((*row)(nil)).Where("id = ?", id).Where("version = ?", version).Exec(ctx))
}
