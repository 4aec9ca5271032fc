package requirement

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// Ending is a day of a requirement of a system: the one it will be met by, or the last
// one of an exception or of a piece of evidence.
type Ending struct {
	Key    string // of it among its kind
	System string // id
	Code   string
	Name   string
	Unit   event.UnitID
	Item   *Item  // nil: of a catalogue that is there no more
	What   string // of evidence, its name
	Day    module.Date
}

// The kinds of endings.
const (
	EndsDue       = "due"
	EndsException = "exception"
	EndsEvidence  = "evidence"
)

type endingRow struct {
	Key    string `bun:"key"`
	System string `bun:"system"`
	Code   string `bun:"code"`
	Name   string `bun:"name"`
	Unit   string `bun:"unit"`
	Item   string `bun:"item"`
	What   string `bun:"what"`
	Day    string `bun:"day"`
}

// Endings returns at most so many endings of a kind between two days, both among them,
// of systems that are not retired; of requirements that are met, only their evidence.
// Errors: Denied.
func (s *Service) Endings(ctx context.Context, kind string, from, to module.Date, unit event.UnitID, limit int) ([]Ending, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRequirementRead); err != nil {
		return nil, err
	}
	rows, err := s.store.endings(ctx, p, kind, from, to, unit, limit)
	out := make([]Ending, len(rows))
	for i, r := range rows {
		_, item, _ := s.standards.find(r.Item)
		out[i] = Ending{r.Key, r.System, r.Code, r.Name, event.UnitID(r.Unit), item, r.What, module.Date(r.Day)}
	}
	return out, err
}

func (s store) endings(ctx context.Context, p module.Principal, kind string, from, to module.Date, unit event.UnitID, limit int) (rows []endingRow, err error) {
	table, day := "requirement_answers", "a.due"
	q := s.db.NewSelect()
	switch kind {
	case EndsEvidence:
		table, day = "requirement_evidence", "a.expires"
		q = q.ColumnExpr("a.id AS key, a.name AS what")
	case EndsException:
		day = "a.exception_until"
		q = q.ColumnExpr("a.system || '/' || a.item AS key, '' AS what").Where("a.exception <> ''")
	default: // while an exception holds, nothing is overdue
		q = q.ColumnExpr("a.system || '/' || a.item AS key, '' AS what").Where("(a.exception = '' OR a.exception_until < a.due)")
	}
	if kind != EndsEvidence {
		q = q.Where("a.declared NOT IN (?)", bun.List([]string{string(Fully), string(NotApplicable)}))
	}
	q = q.TableExpr("? AS a", bun.Ident(table)).Join("JOIN requirement_systems AS s ON s.id = a.system").
		ColumnExpr("s.id AS system, s.code, s.name, s.unit, a.item, ? AS day", bun.Safe(day)).Where("s.state <> ?", module.SystemRetired).
		Where("? >= ?", bun.Safe(day), string(from)).Where("? <= ?", bun.Safe(day), string(to)).OrderExpr("day, key").Limit(int64(limit))
	if unit != "" {
		q = q.Where("s.unit = ?", string(unit))
	}
	err = reach(q, p).Scan(ctx, &rows)
	return rows, err
}
