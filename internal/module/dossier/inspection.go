package dossier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Inspection is what Form 08 asks of the inspections of a system.
type Inspection struct {
	System      string
	BeforeUse   bool        // it was inspected before it was put to use
	InspectedAt module.Date // the last periodic one
	Visit       Visited     // that says so; zero: somebody entered it
	Version     int64       // 0: never entered
}

// Visited is an inspection that was carried out here.
type Visited struct{ ID, Code string }

// words is the column of Form 08 on a day.
func (x *Inspection) words(until module.Date) string {
	periodic := x.InspectedAt != "" && x.InspectedAt <= until
	switch {
	case x.BeforeUse && periodic:
		return "Trước khi đưa vào sử dụng; Định kỳ"
	case x.BeforeUse:
		return "Trước khi đưa vào sử dụng"
	case periodic:
		return "Định kỳ"
	}
	return ""
}

// Inspect enters the inspections of a system. Errors: Denied, NotFound, Conflict
// dossier.changed, Invalid.
func (s *Service) Inspect(ctx context.Context, x Inspection) (Inspection, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDossierWrite); err != nil {
		return x, err
	}
	r, err := s.Systems.System(ctx, x.System)
	if err != nil {
		return x, err
	}
	if _, err := module.ParseDate(string(x.InspectedAt), "dossier.date", "inspectedAt"); err != nil {
		return x, err
	}
	if x.InspectedAt > s.today() {
		return x, bad("inspectedAt", "future", "an inspection cannot be of a day to come")
	}
	x.Visit = Visited{}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return s.inspect(ctx, tx, &r.Registered, &x) })
	return x, err
}

// inspect writes what is known of the inspections of a system over the version before.
func (s *Service) inspect(ctx context.Context, tx bun.Tx, r *module.Registered, x *Inspection) error {
	x.Version++
	if ok, err := s.store.inspect(ctx, tx, x); err != nil || !ok {
		if err == nil {
			err = fault.New(fault.Conflict, "somebody else changed what is entered of the system; read it again").WithCode("dossier.changed")
		}
		return err
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: "dossier.inspect", Object: "system:" + x.System, Detail: map[string]string{
		"code": r.Code, "unit": string(r.Unit), "inspectedAt": string(x.InspectedAt), "beforeUse": fmt.Sprint(x.BeforeUse), "inspection": x.Visit.Code,
	}})
}

type inspectionRow struct {
	bun.BaseModel `bun:"table:dossier_inspections"`

	System      string `bun:"system,pk"`
	BeforeUse   bool   `bun:"before_use"`
	InspectedAt string `bun:"inspected_at"`
	VisitID     string `bun:"visit_id"`
	VisitCode   string `bun:"visit_code"`
	Version     int64  `bun:"version"`
}

func (r *inspectionRow) inspection() Inspection {
	return Inspection{r.System, r.BeforeUse, module.Date(r.InspectedAt), Visited{r.VisitID, r.VisitCode}, r.Version}
}

// inspection returns what was entered of a system.
func (s store) inspection(ctx context.Context, db bun.IDB, system string) (Inspection, error) {
	var r inspectionRow
	err := db.NewSelect().Model(&r).Where("system = ?", system).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Inspection{System: system}, nil
	}
	return r.inspection(), err
}

// inspections returns what was entered, by system. It is not narrowed: whoever asks
// looks at the systems he sees only.
func (s store) inspections(ctx context.Context) (map[string]Inspection, error) {
	var rows []inspectionRow
	err := s.db.NewSelect().Model(&rows).Scan(ctx)
	found := make(map[string]Inspection, len(rows))
	for i := range rows {
		found[rows[i].System] = rows[i].inspection()
	}
	return found, err
}

// inspect writes over the version before; false if that is not there.
func (s store) inspect(ctx context.Context, tx bun.Tx, x *Inspection) (bool, error) {
	r := inspectionRow{System: x.System, BeforeUse: x.BeforeUse, InspectedAt: string(x.InspectedAt), VisitID: x.Visit.ID, VisitCode: x.Visit.Code, Version: x.Version}
	if x.Version == 1 {
		return sqldb.One(tx.NewInsert().Model(&r).On("CONFLICT (system) DO NOTHING").Exec(ctx))
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("system").Where("system = ?", r.System).Where("version = ?", r.Version-1).Exec(ctx))
}
