package obligation

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

type stepRow struct {
	bun.BaseModel `bun:"table:obligation_steps"`

	ID         string       `bun:"id,pk"`
	Obligation string       `bun:"obligation"`
	Verb       string       `bun:"verb"`
	From       string       `bun:"from_state"`
	To         string       `bun:"to_state"`
	At         sqldb.Micros `bun:"at"`
	ByID       string       `bun:"by_id"`
	By         string       `bun:"by_name"`
	Note       string       `bun:"note"`
	Proof      string       `bun:"proof"`
	Stored     sqldb.Micros `bun:"stored"`
}

func (s store) addStep(ctx context.Context, tx bun.Tx, obligation string, x *Step) error {
	proof, err := json.Marshal(x.Proof)
	if err != nil {
		return err
	}
	r := stepRow{ID: x.ID, Obligation: obligation, Verb: string(x.Verb), From: string(x.From), To: string(x.To), At: sqldb.MicrosOf(x.At), ByID: x.ByID, By: x.By,
		Note: x.Note, Proof: string(proof), Stored: sqldb.MicrosOf(x.Stored)}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// maxSteps bounds what is shown of one obligation.
const maxSteps = 500

// steps returns what was done about an obligation, in the order it was entered.
func (s store) steps(ctx context.Context, db bun.IDB, obligation string) ([]Step, error) {
	var rows []stepRow
	if err := db.NewSelect().Model(&rows).Where("obligation = ?", obligation).OrderExpr("stored, id").Limit(maxSteps).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Step, len(rows))
	for i, r := range rows {
		list[i] = Step{ID: r.ID, Verb: Verb(r.Verb), From: State(r.From), To: State(r.To), At: r.At.Time(), ByID: r.ByID, By: r.By, Note: r.Note, Stored: r.Stored.Time()}
		if err := json.Unmarshal([]byte(r.Proof), &list[i].Proof); err != nil {
			return nil, fmt.Errorf("obligation step %s: %w", r.ID, err)
		}
	}
	return list, nil
}

type dutyRow struct {
	bun.BaseModel `bun:"table:duties"`

	ID      string `bun:"id,pk"`
	Own     bool   `bun:"own"`
	Duty    string `bun:"duty"`
	Version int64  `bun:"version"`
}

type yearRow struct {
	bun.BaseModel `bun:"table:holidays"`

	Year    int64  `bun:"year,pk"`
	Days    string `bun:"days"`
	Version int64  `bun:"version"`
}

// changes returns what administrators changed of the catalogue.
func (s store) changes(ctx context.Context, db bun.IDB) (duties []dutyRow, years []yearRow, err error) {
	if err = db.NewSelect().Model(&duties).OrderExpr("id").Scan(ctx); err != nil {
		return nil, nil, err
	}
	err = db.NewSelect().Model(&years).OrderExpr("year").Scan(ctx)
	return duties, years, err
}

func (s store) saveDuty(ctx context.Context, tx bun.Tx, r *dutyRow) error {
	_, err := tx.NewInsert().Model(r).On("CONFLICT (id) DO UPDATE").Set("duty = EXCLUDED.duty, version = EXCLUDED.version").Exec(ctx)
	return err
}

func (s store) dropDuty(ctx context.Context, tx bun.Tx, id string) error {
	_, err := tx.NewDelete().Table("duties").Where("id = ?", id).Exec(ctx)
	return err
}

func (s store) saveYear(ctx context.Context, tx bun.Tx, r *yearRow) error {
	_, err := tx.NewInsert().Model(r).On("CONFLICT (year) DO UPDATE").Set("days = EXCLUDED.days, version = EXCLUDED.version").Exec(ctx)
	return err
}
