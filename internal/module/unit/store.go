package unit

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:units"`

	ID        string       `bun:"id,pk"`
	Name      string       `bun:"name"`
	Kind      string       `bun:"kind"`
	CreatedAt sqldb.Micros `bun:"created_at"`
}

func rowOf(u Unit, at sqldb.Micros) row {
	return row{ID: string(u.ID), Name: u.Name, Kind: string(u.Kind), CreatedAt: at}
}

func (r *row) unit() Unit {
	return Unit{ID: event.UnitID(r.ID), Name: r.Name, Kind: Kind(r.Kind), CreatedAt: r.CreatedAt.Time()}
}

func (s store) insertMissing(ctx context.Context, r row) error {
	_, err := s.db.NewInsert().Model(&r).On("CONFLICT (id) DO NOTHING").Exec(ctx)
	return err
}

func (s store) list(ctx context.Context) ([]Unit, error) {
	var rows []row
	if err := s.db.NewSelect().Model(&rows).OrderExpr("name, id").Scan(ctx); err != nil {
		return nil, err
	}
	units := make([]Unit, len(rows))
	for i := range rows {
		units[i] = rows[i].unit()
	}
	return units, nil
}
