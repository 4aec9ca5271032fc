package requirement

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type systemRow struct {
	bun.BaseModel `bun:"table:requirement_systems"`

	ID       string `bun:"id,pk"`
	Code     string `bun:"code"`
	Name     string `bun:"name"`
	Unit     string `bun:"unit"`
	Operator string `bun:"operator"`
	Level    int64  `bun:"level"`
	Proposed int64  `bun:"proposed"`
	State    string `bun:"state"`
}

func (r *systemRow) system() System {
	return System{ID: r.ID, Code: r.Code, Name: r.Name, Unit: event.UnitID(r.Unit), Operator: event.UnitID(r.Operator), Level: int(r.Level), Proposed: int(r.Proposed), State: r.State}
}

func (s store) system(ctx context.Context, db bun.IDB, id string) (System, bool, error) {
	var r systemRow
	err := db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return System{}, false, nil
	}
	return r.system(), err == nil, err
}

// systems returns the systems after an id, in the order of their ids.
func (s store) systems(ctx context.Context, after string, n int) ([]System, error) {
	var rows []systemRow
	err := s.db.NewSelect().Model(&rows).Where("id > ?", after).Where("state <> ?", module.SystemRetired).OrderExpr("id").Limit(int64(n)).Scan(ctx)
	out := make([]System, len(rows))
	for i := range rows {
		out[i] = rows[i].system()
	}
	return out, err
}

func (s store) saveSystem(ctx context.Context, tx bun.Tx, r *module.Registered) error {
	_, err := tx.NewInsert().Model(&systemRow{ID: r.ID, Code: r.Code, Name: r.Name, Unit: string(r.Unit), Operator: string(r.Operator),
		Level: int64(r.Level), Proposed: int64(r.Proposed), State: r.State}).
		On("CONFLICT (id) DO UPDATE").Set("code = EXCLUDED.code, name = EXCLUDED.name, unit = EXCLUDED.unit, operator = EXCLUDED.operator").
		Set("level = EXCLUDED.level, proposed = EXCLUDED.proposed, state = EXCLUDED.state").Exec(ctx)
	return err
}

type answerRow struct {
	bun.BaseModel `bun:"table:requirement_answers"`

	System         string       `bun:"system,pk"`
	Item           string       `bun:"item,pk"`
	Declared       string       `bun:"declared"`
	Reason         string       `bun:"reason"`
	Owner          string       `bun:"owner"`
	Due            string       `bun:"due"`
	Exception      string       `bun:"exception"`
	ExceptionUntil string       `bun:"exception_until"`
	DeclaredBy     string       `bun:"declared_by"`
	DeclaredName   string       `bun:"declared_name"`
	DeclaredAt     sqldb.Micros `bun:"declared_at"`
	Verified       string       `bun:"verified"`
	VerifiedNote   string       `bun:"verified_note"`
	VerifiedBy     string       `bun:"verified_by"`
	VerifiedName   string       `bun:"verified_name"`
	VerifiedAt     sqldb.Micros `bun:"verified_at"`
	Inspection     string       `bun:"inspection"`
	InspectionCode string       `bun:"inspection_code"`
	Version        int64        `bun:"version"`
}

func (r *answerRow) answer() *Answer {
	return &Answer{
		System: r.System, Item: r.Item, Version: r.Version,
		Declaration: Declaration{Declared(r.Declared), r.Reason, r.Owner, module.Date(r.Due), Exception{r.Exception, module.Date(r.ExceptionUntil)}},
		DeclaredBy:  Mark{r.DeclaredBy, r.DeclaredName, r.DeclaredAt.Time()},
		Verdict:     Verdict(r.Verified), VerdictNote: r.VerifiedNote, VerifiedBy: Mark{r.VerifiedBy, r.VerifiedName, r.VerifiedAt.Time()},
		Inspection: module.Subject{ID: r.Inspection, Code: r.InspectionCode},
	}
}

// answers returns what was said of a system, by item.
func (s store) answers(ctx context.Context, db bun.IDB, system string) (map[string]*Answer, error) {
	var rows []answerRow
	err := db.NewSelect().Model(&rows).Where("system = ?", system).Scan(ctx)
	out := make(map[string]*Answer, len(rows))
	for i := range rows {
		out[rows[i].Item] = rows[i].answer()
	}
	return out, err
}

// saveAnswer stores an answer over the version before it, the first one as version
// 1; false: it was changed meanwhile.
func (s store) saveAnswer(ctx context.Context, tx bun.Tx, a *Answer) (bool, error) {
	r := &answerRow{
		System: a.System, Item: a.Item, Declared: string(a.State), Reason: a.Reason, Owner: a.Owner, Due: string(a.Due),
		Exception: a.Exception.Reason, ExceptionUntil: string(a.Exception.Until),
		DeclaredBy: a.DeclaredBy.ID, DeclaredName: a.DeclaredBy.Name, DeclaredAt: sqldb.MicrosOf(a.DeclaredBy.At),
		Verified: string(a.Verdict), VerifiedNote: a.VerdictNote, VerifiedBy: a.VerifiedBy.ID, VerifiedName: a.VerifiedBy.Name,
		VerifiedAt: sqldb.MicrosOf(a.VerifiedBy.At), Inspection: a.Inspection.ID, InspectionCode: a.Inspection.Code, Version: a.Version,
	}
	if a.Version == 1 {
		return sqldb.One(tx.NewInsert().Model(r).On("CONFLICT (system, item) DO NOTHING").Exec(ctx))
	}
	return sqldb.One(tx.NewUpdate().Model(r).WherePK().Where("version = ?", a.Version-1).Exec(ctx))
}

type readingRow struct {
	bun.BaseModel `bun:"table:requirement_readings"`

	System  string       `bun:"system,pk"`
	Measure string       `bun:"measure,pk"`
	Value   float64      `bun:"value"`
	Known   bool         `bun:"known"`
	How     string       `bun:"how"`
	Query   string       `bun:"query"`
	Unit    string       `bun:"unit"`
	At      sqldb.Micros `bun:"at"`
}

func (s store) readings(ctx context.Context, db bun.IDB, system string) (map[string]*Reading, error) {
	var rows []readingRow
	err := db.NewSelect().Model(&rows).Where("system = ?", system).Scan(ctx)
	out := make(map[string]*Reading, len(rows))
	for _, r := range rows {
		out[r.Measure] = &Reading{r.Measure, r.Value, r.Known, r.How, r.Query, event.UnitID(r.Unit), r.At.Time()}
	}
	return out, err
}

func (s store) saveReadings(ctx context.Context, tx bun.Tx, system string, list []Reading) error {
	if _, err := tx.NewDelete().Table("requirement_readings").Where("system = ?", system).Exec(ctx); err != nil || len(list) == 0 {
		return err
	}
	rows := make([]readingRow, len(list))
	for i, r := range list {
		rows[i] = readingRow{System: system, Measure: r.Measure, Value: r.Value, Known: r.Known, How: r.How, Query: r.Query, Unit: string(r.Unit), At: sqldb.MicrosOf(r.At)}
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

type tallyRow struct {
	bun.BaseModel `bun:"table:requirement_tallies"`

	System   string `bun:"system,pk"`
	Standard string `bun:"standard,pk"`
	Group    string `bun:"grp,pk"`
	Unit     string `bun:"unit"`
	Operator string `bun:"operator"`
	Tally    `bun:"embed:"`
}

// saveTallies replaces what the requirements of a standard come to for a system.
func (s store) saveTallies(ctx context.Context, tx bun.Tx, sys *System, standard string, of map[string]*Tally) error {
	_, err := tx.NewDelete().Table("requirement_tallies").Where("system = ?", sys.ID).Where("standard = ?", standard).Exec(ctx)
	if err != nil || len(of) == 0 || sys.State == module.SystemRetired {
		return err
	}
	rows := make([]tallyRow, 0, len(of))
	for group, t := range of {
		rows = append(rows, tallyRow{System: sys.ID, Standard: standard, Group: group, Unit: string(sys.Unit), Operator: string(sys.Operator), Tally: *t})
	}
	_, err = tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// UnitTally is what the requirements of a group come to for the systems of a unit.
type UnitTally struct {
	Unit  event.UnitID `bun:"unit"`
	Group string       `bun:"grp"`
	Tally `bun:"embed:"`
}

// reach narrows q to systems that p sees, as their owner's or operator's.
func reach(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	if p.AllUnits() {
		return q
	}
	units := p.Reach()
	if len(units) == 0 {
		return q.Where("1 = 0")
	}
	return q.Where("(unit IN (?0) OR operator IN (?0))", bun.List(units))
}

const sums = "CAST(sum(asked) AS BIGINT) AS asked, CAST(sum(met) AS BIGINT) AS met, CAST(sum(partly) AS BIGINT) AS partly, " +
	"CAST(sum(planned) AS BIGINT) AS planned, CAST(sum(excepted) AS BIGINT) AS excepted, CAST(sum(verified) AS BIGINT) AS verified, " +
	"CAST(sum(failing) AS BIGINT) AS failing, CAST(sum(gaps) AS BIGINT) AS gaps, CAST(sum(overdue) AS BIGINT) AS overdue"

// overview sums up by unit and group.
func (s store) overview(ctx context.Context, p module.Principal, standard string) ([]UnitTally, error) {
	var rows []UnitTally
	err := reach(s.db.NewSelect().Table("requirement_tallies"), p).ColumnExpr("unit, grp, "+sums).Where("standard = ?", standard).
		GroupExpr("unit, grp").OrderExpr("unit, grp").Scan(ctx, &rows)
	return rows, err
}

// SystemTally is what all requirements of a standard come to for a system.
type SystemTally struct {
	ID    string       `bun:"id"`
	Code  string       `bun:"code"`
	Name  string       `bun:"name"`
	Unit  event.UnitID `bun:"unit"`
	Level int          `bun:"level"`
	State string       `bun:"state"`
	Tally `bun:"embed:"`
}

// SystemFilter says which systems to sum up.
type SystemFilter struct {
	Standard string
	Unit     event.UnitID
	Group    string
	Gaps     bool // only those with one
	Limit    int
}

// bySystem sums up by system, those with most gaps first, and how many there are.
func (s store) bySystem(ctx context.Context, p module.Principal, f SystemFilter) ([]SystemTally, int64, error) {
	per := s.db.NewSelect().Table("requirement_tallies").ColumnExpr("system, "+sums).Where("standard = ?", f.Standard).GroupExpr("system")
	if f.Unit != "" {
		per = per.Where("unit = ?", string(f.Unit))
	}
	if f.Group != "" {
		per = per.Where("grp = ?", f.Group)
	}
	if f.Gaps {
		per = per.Having("sum(gaps) > 0")
	}
	base := func() *bun.SelectQuery {
		q := s.db.NewSelect().TableExpr("requirement_systems AS s").Join("JOIN (?) AS t ON t.system = s.id", reach(per, p))
		return q
	}
	total, err := base().Count(ctx)
	if err != nil {
		return nil, 0, err
	}
	n := min(f.Limit, maxPage)
	if n <= 0 {
		n = pageSize
	}
	var rows []SystemTally
	err = base().ColumnExpr("s.id, s.code, s.name, s.unit, s.level, s.state, t.asked, t.met, t.partly, t.planned, t.excepted, t.verified, t.failing, t.gaps, t.overdue").
		OrderExpr("t.gaps DESC, t.failing DESC, s.code").Limit(int64(n)).Scan(ctx, &rows)
	return rows, total, err
}

// openOf counts the open findings of units by group, drills apart.
func (s store) openOf(ctx context.Context, unit event.UnitID) (map[string]int, error) {
	var rows []struct {
		Group string `bun:"grp"`
		N     int    `bun:"n"`
	}
	err := s.db.NewSelect().Table("requirement_findings").ColumnExpr("grp, count(*) AS n").Where("unit = ?", string(unit)).
		Where("is_open = ?", true).Where("drill = ?", false).GroupExpr("grp").Scan(ctx, &rows)
	out := map[string]int{}
	for _, r := range rows {
		out[r.Group] = r.N
	}
	return out, err
}
