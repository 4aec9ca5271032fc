package incident

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:incidents"`

	ID           string       `bun:"id,pk"`
	Code         string       `bun:"code"`
	Drill        bool         `bun:"drill"`
	Origin       string       `bun:"origin"`
	Reference    string       `bun:"reference"`
	Unit         string       `bun:"unit"`
	Title        string       `bun:"title"`
	Category     string       `bun:"category"`
	Severity     string       `bun:"severity"`
	SeverityRank int64        `bun:"severity_rank"`
	Lead         string       `bun:"lead"`
	Grave        bool         `bun:"grave"`
	TLP          string       `bun:"tlp"`
	Facts        string       `bun:"facts"`
	FieldVersion string       `bun:"field_version"`
	Phase        string       `bun:"phase"`
	IsOpen       bool         `bun:"is_open"`
	DetectedAt   sqldb.Micros `bun:"detected_at"`
	OpenedAt     sqldb.Micros `bun:"opened_at"`
	OpenedBy     string       `bun:"opened_by"`
	OpenedName   string       `bun:"opened_name"`
	ClosedAt     sqldb.Micros `bun:"closed_at"`
	MergedInto   string       `bun:"merged_into"`
	ChangedAt    sqldb.Micros `bun:"changed_at"`
	Version      int64        `bun:"version"`
	SearchText   string       `bun:"search_text"`
	Leading      string       `bun:"leading"`

	AcknowledgedAt sqldb.Micros `bun:"acknowledged_at"`
	ContainedAt    sqldb.Micros `bun:"contained_at"`
	RecoveredAt    sqldb.Micros `bun:"recovered_at"`
	Urgency        int64        `bun:"urgency"`
}

func rowOf(i *Incident) (row, error) {
	facts, err := json.Marshal(i.Facts)
	versions, err2 := json.Marshal(i.changed)
	leading := ""
	if i.Leading != (Leading{}) {
		b, err3 := json.Marshal(i.Leading)
		leading, err2 = string(b), errors.Join(err2, err3)
	}
	return row{
		Leading: leading,
		ID:      i.ID, Code: i.Code, Drill: i.Drill, Origin: string(i.Origin), Reference: i.Reference, Unit: string(i.Unit), Title: i.Title,
		Category: i.Category, Severity: i.Severity, SeverityRank: int64(slices.Index(severities, i.Severity)), Lead: i.Lead, Grave: i.Grave,
		TLP: string(i.TLP), Facts: string(facts), FieldVersion: string(versions), Phase: string(i.Phase), IsOpen: i.Open(),
		DetectedAt: sqldb.MicrosOf(i.DetectedAt), OpenedAt: sqldb.MicrosOf(i.OpenedAt), OpenedBy: i.OpenedBy, OpenedName: i.OpenedName, ClosedAt: sqldb.MicrosOf(i.ClosedAt),
		MergedInto: i.MergedInto, ChangedAt: sqldb.MicrosOf(i.ChangedAt), Version: i.Version,
		SearchText:     module.Fold(i.Code + "\n" + i.Title + "\n" + i.Summary),
		AcknowledgedAt: sqldb.MicrosOf(i.acknowledged()), ContainedAt: sqldb.MicrosOf(i.ContainedAt), RecoveredAt: sqldb.MicrosOf(i.RecoveredAt), Urgency: i.urgency(),
	}, errors.Join(err, err2)
}

func (r *row) incident() (Incident, error) {
	i := Incident{
		ID: r.ID, Code: r.Code, Drill: r.Drill, Origin: Origin(r.Origin), Reference: r.Reference, Phase: Phase(r.Phase), OpenedAt: r.OpenedAt.Time(),
		OpenedBy: r.OpenedBy, OpenedName: r.OpenedName, ClosedAt: r.ClosedAt.Time(), MergedInto: r.MergedInto, ChangedAt: r.ChangedAt.Time(), Version: r.Version,
	}
	if err := errors.Join(json.Unmarshal([]byte(r.Facts), &i.Facts), json.Unmarshal([]byte(r.FieldVersion), &i.changed)); err != nil {
		return i, fmt.Errorf("incident %s: %w", r.ID, err)
	}
	if r.Leading != "" {
		if err := json.Unmarshal([]byte(r.Leading), &i.Leading); err != nil {
			return i, fmt.Errorf("incident %s: who leads: %w", r.ID, err)
		}
	}
	return i, nil
}

// Filter says which incidents to list; its zero: all that are open, real ones.
type Filter struct {
	Status   string // "": open; closed, any
	Phase    Phase
	Severity []string
	Category string
	Unit     event.UnitID
	System   string // id in the register: those that affect it
	Lead     string // user id; "none": nobody leads
	Grave    bool
	Drill    bool
	Alert    string // id: those it is part of
	Value    string // those that saw the observable
	Shared   bool   // those of others that were shared with the principal's units
	Text     string
	Since    time.Time // changed since
	From, To time.Time // opened
	// Counted are those that Figures counts; Reached, of these, those in which it
	// happened: acknowledged, contained, recovered.
	Counted                  bool
	Reached                  string
	DetectedFrom, DetectedTo time.Time
	Sort                     string // opened (the default), changed, severity
	Limit                    int
	After                    string // cursor
}

const (
	pageSize = 50
	maxPage  = 200
)

// seen narrows a query to the incidents p sees: those of its units, those that
// concern one of them, and those shared with one.
func seen(q *bun.SelectQuery, p module.Principal, id, unit string) *bun.SelectQuery {
	if p.AllUnits() {
		return q
	}
	reach := bun.List(p.Reach())
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where(unit+" IN (?)", reach).
			WhereOr(id+" IN (SELECT incident FROM incident_shares WHERE ended_at = 0 AND unit IN (?))", reach)
	})
}

func (f *Filter) where(q *bun.SelectQuery, p module.Principal, s *bun.DB) *bun.SelectQuery {
	q = seen(q, p, "id", "unit").Where("drill = ?", f.Drill)
	switch f.Status {
	case "":
		q = q.Where("is_open = ?", true)
	case "closed":
		q = q.Where("is_open = ?", false)
	}
	if f.Phase != "" {
		q = q.Where("phase = ?", string(f.Phase))
	}
	if len(f.Severity) > 0 {
		q = q.Where("severity IN (?)", bun.List(f.Severity))
	}
	if f.Category != "" {
		q = q.Where("category = ?", f.Category)
	}
	if f.Counted {
		q = module.Scoped(q, p, "unit").Where("merged_into = ''")
	}
	switch f.Reached {
	case "acknowledged", "contained", "recovered":
		q = q.Where("? <> 0", bun.Ident(f.Reached+"_at"))
	}
	if f.System != "" {
		q = q.Where("id IN (SELECT incident FROM incident_systems WHERE system = ?)", f.System)
	}
	switch {
	case f.Unit != "" && f.Counted:
		q = q.Where("unit = ?", string(f.Unit))
	case f.Unit != "":
		q = q.Where("(unit = ? OR id IN (SELECT incident FROM incident_units WHERE unit = ?))", string(f.Unit), string(f.Unit))
	}
	switch f.Lead {
	case "":
	case "none":
		q = q.Where("lead = ''")
	default:
		q = q.Where("lead = ?", f.Lead)
	}
	if f.Grave {
		q = q.Where("grave = ?", true)
	}
	// By what it holds only whole incidents are found: a shared one may hide it.
	if f.Alert != "" {
		q = module.Scoped(q, p, "unit").Where("id IN (SELECT incident FROM incident_alerts WHERE alert = ?)", f.Alert)
	}
	if f.Value != "" {
		q = module.Scoped(q, p, "unit").Where("id IN (SELECT incident FROM incident_observables WHERE value = ? AND struck = '')", f.Value)
	}
	if f.Shared {
		q = q.Where("id IN (?)", module.Scoped(s.NewSelect().Table("incident_shares").Column("incident").Where("ended_at = 0"), p, "unit"))
		if !p.AllUnits() {
			q = q.Where("unit NOT IN (?)", bun.List(p.Reach()))
		}
	}
	if f.Text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(f.Text))
	}
	for _, t := range []struct {
		where string
		at    time.Time
	}{{"changed_at >= ?", f.Since}, {"opened_at >= ?", f.From}, {"opened_at < ?", f.To},
		{"detected_at >= ?", f.DetectedFrom}, {"detected_at < ?", f.DetectedTo}} {
		if !t.at.IsZero() {
			q = q.Where(t.where, sqldb.MicrosOf(t.at))
		}
	}
	return q
}

// list returns a page of incidents and the cursor of the next; "" for the last.
func (s store) list(ctx context.Context, p module.Principal, f Filter) ([]Incident, string, error) {
	n := int64(min(f.Limit, maxPage))
	if n <= 0 {
		n = pageSize
	}
	var rows []row
	q := f.where(s.db.NewSelect().Model(&rows), p, s.db).Limit(n + 1)
	column, key := "opened_at", func(r *row) int64 { return int64(r.OpenedAt) }
	switch f.Sort {
	case "changed":
		column, key = "changed_at", func(r *row) int64 { return int64(r.ChangedAt) }
	case "severity":
		// The worst first: the rank is turned so that every order is a falling one.
		column, key = "-severity_rank", func(r *row) int64 { return -r.SeverityRank }
	case "urgent":
		column, key = "urgency", func(r *row) int64 { return r.Urgency }
	}
	order, behind := " DESC", "<"
	if f.Sort == "urgent" {
		order, behind = " ASC", ">"
	}
	q = q.OrderExpr(column + order + ", id" + order)
	if f.After != "" {
		at, id, err := module.ReadCursor(f.After, "incident.cursor")
		if err != nil {
			return nil, "", err
		}
		q = q.Where("("+column+" "+behind+" ? OR "+column+" = ? AND id "+behind+" ?)", at, at, id)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = strconv.FormatInt(key(&rows[n-1]), 10) + "." + rows[n-1].ID
	}
	list := make([]Incident, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].incident(); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (i Incident, ok bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return i, false, nil
	}
	if err != nil {
		return i, false, err
	}
	i, err = r.incident()
	return i, err == nil, err
}

func (s store) insert(ctx context.Context, tx bun.Tx, i *Incident) error {
	r, err := rowOf(i)
	if err == nil {
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
	}
	if err != nil {
		return err
	}
	return errors.Join(s.units(ctx, tx, i), s.systems(ctx, tx, i))
}

// update stores i over the version read; false: it was changed meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, i *Incident, read int64) (bool, error) {
	r, err := rowOf(i)
	if err != nil {
		return false, err
	}
	res, err := tx.NewUpdate().Model(&r).ExcludeColumn("id", "code", "drill", "opened_at").Where("id = ?", r.ID).Where("version = ?", read).Exec(ctx)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return false, err
	}
	return true, errors.Join(s.units(ctx, tx, i), s.systems(ctx, tx, i))
}

// complete fills in what is worked out from the facts where an earlier version
// stored an incident without it.
func (s store) complete(ctx context.Context) error {
	for {
		var rows []row
		if err := s.db.NewSelect().Model(&rows).Where("urgency = 0").OrderExpr("id").Limit(1000).Scan(ctx); err != nil || len(rows) == 0 {
			return err
		}
		err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			for i := range rows {
				x, err := rows[i].incident()
				if err != nil {
					return err
				}
				r, err := rowOf(&x)
				if err != nil {
					return err
				}
				if _, err := tx.NewUpdate().Model(&r).Column("acknowledged_at", "contained_at", "recovered_at", "urgency").Where("id = ?", r.ID).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// units keeps the table of affected units in step with the facts.
func (s store) units(ctx context.Context, tx bun.Tx, i *Incident) error {
	if _, err := tx.NewDelete().Table("incident_units").Where("incident = ?", i.ID).Exec(ctx); err != nil {
		return err
	}
	done := map[event.UnitID]bool{}
	for _, u := range i.Units {
		if done[u] {
			continue
		}
		done[u] = true
		if _, err := tx.NewRaw("INSERT INTO incident_units (incident, unit) VALUES (?, ?)", i.ID, string(u)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
