package rule

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type versionRow struct {
	bun.BaseModel `bun:"table:rule_versions"`

	ID       string       `bun:"id,pk"`
	RuleID   string       `bun:"rule_id"`
	Hash     string       `bun:"hash"`
	LoadedAt sqldb.Micros `bun:"loaded_at"`
	By       string       `bun:"by_name"`
	Pack     string       `bun:"pack"`
	File     string       `bun:"file"`
	Title    string       `bun:"title"`
	Body     string       `bun:"body"`
}

// newest returns the hash that each rule was loaded with last.
func (s store) newest(ctx context.Context, db bun.IDB) (map[string]string, error) {
	var rows []struct {
		RuleID string `bun:"rule_id"`
		Hash   string `bun:"hash"`
	}
	last := db.NewSelect().Table("rule_versions").ColumnExpr("max(id)").GroupExpr("rule_id")
	if err := db.NewSelect().Table("rule_versions").Column("rule_id", "hash").Where("id IN (?)", last).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.RuleID] = r.Hash
	}
	return out, nil
}

// versionBatch is how many versions one statement writes.
const versionBatch = 200

func (s store) addVersions(ctx context.Context, tx bun.Tx, rows []versionRow) error {
	for len(rows) > 0 {
		n := min(len(rows), versionBatch)
		batch := rows[:n]
		if _, err := tx.NewInsert().Model(&batch).Exec(ctx); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// prune keeps the newest versions of a rule.
func (s store) prune(ctx context.Context, tx bun.Tx, ruleID string, keep int64) error {
	newest := tx.NewSelect().Table("rule_versions").Column("id").Where("rule_id = ?", ruleID).OrderExpr("id DESC").Limit(keep)
	_, err := tx.NewDelete().Table("rule_versions").Where("rule_id = ?", ruleID).Where("id NOT IN (?)", newest).Exec(ctx)
	return err
}

func (s store) versions(ctx context.Context, ruleID string) ([]Version, error) {
	var rows []versionRow
	if err := s.db.NewSelect().Model(&rows).Where("rule_id = ?", ruleID).OrderExpr("id DESC").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Version, len(rows))
	for i, r := range rows {
		out[i] = Version{Hash: r.Hash, LoadedAt: r.LoadedAt.Time(), By: r.By, Pack: r.Pack, File: r.File, Title: r.Title, Text: r.Body}
	}
	return out, nil
}

type switchRow struct {
	bun.BaseModel `bun:"table:rule_switches"`

	RuleID string       `bun:"rule_id,pk"`
	Unit   string       `bun:"unit,pk"`
	Reason string       `bun:"reason"`
	By     string       `bun:"by_name"`
	At     sqldb.Micros `bun:"at"`
}

func (s store) switches(ctx context.Context) ([]Switch, error) {
	var rows []switchRow
	if err := s.db.NewSelect().Model(&rows).OrderExpr("rule_id, unit").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Switch, len(rows))
	for i, r := range rows {
		out[i] = Switch{RuleID: r.RuleID, Unit: event.UnitID(r.Unit), Reason: r.Reason, By: r.By, At: r.At.Time()}
	}
	return out, nil
}

// off adds a switch, or returns false if the rule is off there already.
func (s store) off(ctx context.Context, tx bun.Tx, x Switch) (bool, error) {
	row := switchRow{RuleID: x.RuleID, Unit: string(x.Unit), Reason: module.Text(x.Reason, 4*maxReason), By: x.By, At: sqldb.MicrosOf(x.At)}
	return sqldb.One(tx.NewInsert().Model(&row).On("CONFLICT (rule_id, unit) DO NOTHING").Exec(ctx))
}

// on removes a switch, or returns false if there is none.
func (s store) on(ctx context.Context, tx bun.Tx, ruleID string, unit event.UnitID) (bool, error) {
	return sqldb.One(tx.NewDelete().Model((*switchRow)(nil)).Where("rule_id = ?", ruleID).Where("unit = ?", string(unit)).Exec(ctx))
}
