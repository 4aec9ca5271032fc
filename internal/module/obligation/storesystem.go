package obligation

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
)

type systemRow struct {
	bun.BaseModel `bun:"table:obligation_systems"`

	System      string `bun:"system,pk"`
	SubjectKind string `bun:"subject_kind,pk"`
	SubjectID   string `bun:"subject_id,pk"`
}

// concern notes which systems of the register a matter is about, in place of what was
// noted before.
func (s store) concern(ctx context.Context, tx bun.Tx, subject module.Subject, systems []string) error {
	if _, err := tx.NewDelete().Model((*systemRow)(nil)).Where("subject_kind = ?", subject.Kind).Where("subject_id = ?", subject.ID).Exec(ctx); err != nil {
		return err
	}
	var rows []systemRow
	for _, id := range systems {
		rows = append(rows, systemRow{System: id, SubjectKind: subject.Kind, SubjectID: subject.ID})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

// ofSystem narrows a query over obligations to the matters that concern a system.
func ofSystem(q *bun.SelectQuery, system string) *bun.SelectQuery {
	return q.Where("(subject_kind, subject_id) IN (SELECT subject_kind, subject_id FROM obligation_systems WHERE system = ?)", system)
}
