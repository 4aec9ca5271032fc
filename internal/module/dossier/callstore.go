package dossier

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type callRow struct {
	bun.BaseModel `bun:"table:dossier_calls"`

	ID          string       `bun:"id,pk"`
	System      string       `bun:"system"`
	SystemCode  string       `bun:"system_code"`
	SystemName  string       `bun:"system_name"`
	Unit        string       `bun:"unit"`
	Operator    string       `bun:"operator"`
	Trigger     string       `bun:"trigger_id"`
	Reason      string       `bun:"reason"`
	SubjectKind string       `bun:"subject_kind"`
	SubjectID   string       `bun:"subject_id"`
	SubjectCode string       `bun:"subject_code"`
	At          sqldb.Micros `bun:"at"`
	State       string       `bun:"state"`
	Note        string       `bun:"note"`
	ByID        string       `bun:"by_id"`
	By          string       `bun:"by_name"`
	DecidedAt   sqldb.Micros `bun:"decided_at"`
	Dossier     string       `bun:"dossier"`
	Version     int64        `bun:"version"`
}

func callRowOf(c *Call) *callRow {
	return &callRow{ID: c.ID, System: c.System, SystemCode: c.SystemCode, SystemName: c.SystemName, Unit: string(c.Unit), Operator: string(c.Operator), Trigger: c.Trigger, Reason: c.Reason,
		SubjectKind: c.Subject.Kind, SubjectID: c.Subject.ID, SubjectCode: c.Subject.Code, At: sqldb.MicrosOf(c.At), State: string(c.State), Note: c.Note,
		ByID: c.Decided.ID, By: c.Decided.Name, DecidedAt: sqldb.MicrosOf(c.Decided.At), Dossier: c.Dossier, Version: c.Version}
}

func (r *callRow) call() Call {
	return Call{ID: r.ID, System: r.System, SystemCode: r.SystemCode, SystemName: r.SystemName, Unit: event.UnitID(r.Unit), Operator: event.UnitID(r.Operator), Trigger: r.Trigger, Reason: r.Reason,
		Subject: module.Subject{Kind: r.SubjectKind, ID: r.SubjectID, Code: r.SubjectCode}, At: r.At.Time(), State: CallState(r.State), Note: r.Note,
		Decided: Hand{r.ByID, r.By, r.DecidedAt.Time()}, Dossier: r.Dossier, Version: r.Version}
}

// addCall stores a call; false if the same matter called before.
func (s store) addCall(ctx context.Context, tx bun.Tx, c *Call) (bool, error) {
	return sqldb.One(tx.NewInsert().Model(callRowOf(c)).On("CONFLICT (system, trigger_id, subject_kind, subject_id) DO NOTHING").Exec(ctx))
}

func (s store) updateCall(ctx context.Context, tx bun.Tx, c *Call) (bool, error) {
	return sqldb.One(tx.NewUpdate().Model(callRowOf(c)).WherePK().Where("version = ?", c.Version-1).Exec(ctx))
}

func (s store) oneCall(ctx context.Context, db bun.IDB, id string) (Call, bool, error) {
	return foundCall(ctx, db.NewSelect().Where("id = ?", id))
}

func (s store) callOf(ctx context.Context, db bun.IDB, system string, of module.Subject) (Call, bool, error) {
	return foundCall(ctx, db.NewSelect().Where("system = ?", system).Where("subject_kind = ?", of.Kind).Where("subject_id = ?", of.ID))
}

func foundCall(ctx context.Context, q *bun.SelectQuery) (Call, bool, error) {
	var r callRow
	err := q.Model(&r).Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Call{}, false, nil
	}
	return r.call(), err == nil, err
}

func (s store) hasOpenCall(ctx context.Context, db bun.IDB, system, trigger, kind string) (bool, error) {
	n, err := db.NewSelect().Model((*callRow)(nil)).Where("system = ?", system).Where("trigger_id = ?", trigger).Where("subject_kind = ?", kind).Where("state = ?", string(CallOpen)).Count(ctx)
	return n > 0, err
}

func (s store) calls(ctx context.Context, p module.Principal, f *CallFilter) ([]Call, error) {
	var rows []callRow
	q := seen(s.db.NewSelect().Model(&rows), p).OrderExpr("at DESC, id").Limit(maxPage)
	if !f.Any {
		q = q.Where("state = ?", string(CallOpen))
	}
	if f.System != "" {
		q = q.Where("system = ?", f.System)
	}
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Call, len(rows))
	for i := range rows {
		out[i] = rows[i].call()
	}
	return out, nil
}

// startCalls has a dossier see to all that calls for its system.
func (s store) startCalls(ctx context.Context, tx bun.Tx, d *Dossier, by Hand) error {
	_, err := tx.NewUpdate().Table("dossier_calls").Set("state = ?, dossier = ?, by_id = ?, by_name = ?, decided_at = ?, version = version + 1", string(CallStarted), d.ID, by.ID, by.Name, sqldb.MicrosOf(by.At)).
		Where("system = ?", d.System).Where("state = ?", string(CallOpen)).Exec(ctx)
	return err
}

// reopenCalls leaves open again what a withdrawn dossier was to see to.
func (s store) reopenCalls(ctx context.Context, tx bun.Tx, dossier string) error {
	_, err := tx.NewUpdate().Table("dossier_calls").Set("state = ?, dossier = '', by_id = '', by_name = '', decided_at = 0, version = version + 1", string(CallOpen)).
		Where("dossier = ?", dossier).Where("state = ?", string(CallStarted)).Exec(ctx)
	return err
}

// renameCalls keeps calls in step with the register.
func (s store) renameCalls(ctx context.Context, tx bun.Tx, r *module.Registered) error {
	_, err := tx.NewUpdate().Table("dossier_calls").Set("system_code = ?, system_name = ?, unit = ?, operator = ?", r.Code, r.Name, string(r.Unit), string(r.Operator)).
		Where("system = ?", r.ID).Exec(ctx)
	return err
}
