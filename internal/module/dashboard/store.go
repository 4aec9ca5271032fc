package dashboard

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
	bun.BaseModel `bun:"table:dashboards"`

	ID         string       `bun:"id,pk"`
	OwnerID    string       `bun:"owner_id"`
	Unit       string       `bun:"unit"`
	Visibility string       `bun:"visibility"`
	Name       string       `bun:"name"`
	About      string       `bun:"about"`
	Range      string       `bun:"shown_range"`
	Widgets    string       `bun:"widgets"` // JSON array
	Version    int64        `bun:"version"`
	CreatedAt  sqldb.Micros `bun:"created_at"`
	UpdatedAt  sqldb.Micros `bun:"updated_at"`
}

func rowOf(b *Board) (row, error) {
	list := b.Widgets
	if list == nil {
		list = []Widget{}
	}
	widgets, err := json.Marshal(list)
	return row{
		ID: b.ID, OwnerID: b.OwnerID, Unit: string(b.Unit), Visibility: string(b.Visibility), Name: b.Name.Vi, About: b.About.Vi,
		Range: b.Range, Widgets: string(widgets), Version: b.Version,
		CreatedAt: sqldb.MicrosOf(b.CreatedAt), UpdatedAt: sqldb.MicrosOf(b.UpdatedAt),
	}, err
}

func (r *row) board() (Board, error) {
	b := Board{
		ID: r.ID, OwnerID: r.OwnerID, Unit: event.UnitID(r.Unit), Visibility: Visibility(r.Visibility), Name: Words{r.Name, r.Name},
		About: Words{r.About, r.About}, Range: r.Range, Version: r.Version, CreatedAt: r.CreatedAt.Time(), UpdatedAt: r.UpdatedAt.Time(),
	}
	if err := json.Unmarshal([]byte(r.Widgets), &b.Widgets); err != nil {
		return b, fmt.Errorf("dashboard %s: widgets: %w", r.ID, err)
	}
	// A kind may be gone since the board was saved: the rest of it is still good.
	kept := b.Widgets[:0]
	for _, w := range b.Widgets {
		if kinds[w.Kind] != nil {
			kept = append(kept, w)
		}
	}
	b.Widgets = kept
	return b, nil
}

// visible limits q to what p may know of; the same rule as Board.visibleTo.
func visible(q *bun.SelectQuery, p module.Principal, path []event.UnitID) *bun.SelectQuery {
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("owner_id = ?", p.ID).WhereOr("visibility = ?", string(Everyone))
		if p.AllUnits() {
			return q.WhereOr("visibility = ?", string(OfUnit))
		}
		if units := append(p.Reach(), path...); len(units) > 0 {
			q = q.WhereOr("visibility = ? AND unit IN (?)", string(OfUnit), bun.List(units))
		}
		return q
	})
}

func (s store) list(ctx context.Context, p module.Principal, path []event.UnitID) ([]Board, error) {
	var rows []row
	if err := visible(s.db.NewSelect().Model(&rows), p, path).OrderExpr("name, id").Limit(maxListed).Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Board, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].board(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// one returns a board, whoever sees it; ok is false if there is none.
func (s store) one(ctx context.Context, db bun.IDB, id string) (b Board, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return b, false, nil
	}
	if err != nil {
		return b, false, err
	}
	b, err = r.board()
	return b, err == nil, err
}

func (s store) countOf(ctx context.Context, tx bun.Tx, owner string) (int64, error) {
	return tx.NewSelect().Model((*row)(nil)).Where("owner_id = ?", owner).Count(ctx)
}

func (s store) insert(ctx context.Context, tx bun.Tx, b *Board) error {
	r, err := rowOf(b)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// update stores b over the version before it; false: it was changed meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, b *Board) (bool, error) {
	r, err := rowOf(b)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("id", "owner_id", "unit", "created_at").
		Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

func (s store) remove(ctx context.Context, tx bun.Tx, id string, version int64) (bool, error) {
	return sqldb.One(tx.NewDelete().Model((*row)(nil)).Where("id = ?", id).Where("version = ?", version).Exec(ctx))
}
