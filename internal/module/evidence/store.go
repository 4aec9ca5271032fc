package evidence

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type ruleRow struct {
	bun.BaseModel `bun:"table:retention_rules"`

	Unit     string       `bun:"unit,pk"`
	Format   string       `bun:"format,pk"`
	Input    string       `bun:"input,pk"`
	Class    string       `bun:"class"`
	KeepDays int          `bun:"keep_days"`
	Note     string       `bun:"note"`
	By       string       `bun:"set_by"`
	At       sqldb.Micros `bun:"set_at"`
}

func rowOf(r Rule) *ruleRow {
	return &ruleRow{Unit: string(r.Unit), Format: r.Format, Input: r.Input, Class: r.Class, KeepDays: r.KeepDays, Note: r.Note, By: r.By, At: sqldb.MicrosOf(r.At)}
}

func (r *ruleRow) rule() Rule {
	return Rule{Unit: event.UnitID(r.Unit), Format: r.Format, Input: r.Input, Class: r.Class, KeepDays: r.KeepDays, Note: r.Note, By: r.By, At: r.At.Time()}
}

type anchorRow struct {
	bun.BaseModel `bun:"table:evidence_anchors"`

	Seq  int64        `bun:"seq,pk"`
	Hash string       `bun:"hash"`
	At   sqldb.Micros `bun:"at"`
}

func (s store) rules(ctx context.Context) ([]Rule, error) {
	var rows []ruleRow
	if err := s.db.NewSelect().Model(&rows).OrderExpr("unit, format, input").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Rule, len(rows))
	for i := range rows {
		out[i] = rows[i].rule()
	}
	return out, nil
}

func (s store) put(ctx context.Context, tx bun.Tx, r Rule) error {
	_, err := tx.NewInsert().Model(rowOf(r)).On("CONFLICT (unit, format, input) DO UPDATE").
		Set("class = EXCLUDED.class").Set("keep_days = EXCLUDED.keep_days").Set("note = EXCLUDED.note").
		Set("set_by = EXCLUDED.set_by").Set("set_at = EXCLUDED.set_at").Exec(ctx)
	return err
}

func (s store) remove(ctx context.Context, tx bun.Tx, r Rule) (bool, error) {
	return sqldb.One(tx.NewDelete().Model(rowOf(r)).WherePK().Exec(ctx))
}

// lastAnchor returns the newest note of the head, the zero one if there is none.
func (s store) lastAnchor(ctx context.Context) (anchorRow, error) {
	var row anchorRow
	err := s.db.NewSelect().Model(&row).OrderExpr("seq DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return anchorRow{}, nil
	}
	return row, err
}

func (s store) addAnchor(ctx context.Context, tx bun.Tx, h lake.ChainHead, at sqldb.Micros) error {
	_, err := tx.NewInsert().Model(&anchorRow{Seq: h.Seq, Hash: h.Hash, At: at}).On("CONFLICT (seq) DO NOTHING").Exec(ctx)
	return err
}
