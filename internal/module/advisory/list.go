package advisory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// AdvisoryFilter says which advisories to list.
type AdvisoryFilter struct {
	Text      string
	Format    string
	Severity  string
	Concerned bool // with a match of a unit the caller sees
	Limit     int
	After     string // cursor
}

const (
	pageSize = 50
	maxPage  = 200
)

func pageOf(n int) int64 {
	if n <= 0 {
		return pageSize
	}
	return int64(min(n, maxPage))
}

func badCursor() error {
	return fault.New(fault.Invalid, "after: not a cursor of this list; read it from the start").WithCode("advisory.cursor").OnField("query.after")
}

// matchesOf is the subquery of the matches p sees, of what is joined by on.
func (s store) matchesOf(p module.Principal, on string) *bun.SelectQuery {
	return module.Scoped(s.db.NewSelect().TableExpr("software_matches AS m"), p, "m.unit").Where(on)
}

const ofAdvisory = "m.vulnerability IN (SELECT f.vulnerability FROM advisory_affected AS f WHERE f.advisory = a.id)"

type listedAdvisory struct {
	advisoryRow `bun:",extend"`

	Units    int64 `bun:"units"`
	Possible int64 `bun:"possible"`
}

func (s store) list(ctx context.Context, p module.Principal, f AdvisoryFilter) ([]Advisory, string, error) {
	n := pageOf(f.Limit)
	var rows []listedAdvisory
	q := s.db.NewSelect().TableExpr("advisories AS a").
		ColumnExpr("a.id, a.format, a.publisher, a.number, a.title, a.severity, a.tlp, a.revision, a.published, a.updated, a.file, a.source, a.imported_at, a.changed_at, a.imported_by").
		ColumnExpr("(?) AS units", s.matchesOf(p, ofAdvisory).Where("m.certain = ?", true).ColumnExpr("count(DISTINCT m.unit)")).
		ColumnExpr("(?) AS possible", s.matchesOf(p, ofAdvisory).Where("m.certain = ?", false).ColumnExpr("count(DISTINCT m.unit)")).
		OrderExpr("a.changed_at DESC, a.id DESC").Limit(n + 1)
	if f.Text != "" {
		q = q.Where("a.search_text LIKE ? ESCAPE '\\'", module.LikePattern(f.Text))
	}
	if f.Format != "" {
		q = q.Where("a.format = ?", f.Format)
	}
	if f.Severity != "" {
		q = q.Where("a.severity = ?", f.Severity)
	}
	if f.Concerned {
		q = q.Where("EXISTS (?)", s.matchesOf(p, ofAdvisory).ColumnExpr("1"))
	}
	if f.After != "" {
		var at int64
		var id string
		if _, err := fmt.Sscanf(f.After, "%d:%s", &at, &id); err != nil {
			return nil, "", badCursor()
		}
		q = q.Where("(a.changed_at < ? OR a.changed_at = ? AND a.id < ?)", at, at, id)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = fmt.Sprintf("%d:%s", rows[n-1].ChangedAt, rows[n-1].ID)
	}
	list := make([]Advisory, len(rows))
	ids := make([]string, len(rows))
	for i := range rows {
		list[i] = rows[i].advisory()
		list[i].Units, list[i].Possible = rows[i].Units, rows[i].Possible
		ids[i] = rows[i].ID
	}
	return list, next, s.gravest(ctx, list, ids)
}

// gravest fills in the worst of each advisory's vulnerabilities.
func (s store) gravest(ctx context.Context, list []Advisory, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		Advisory string `bun:"advisory"`
		ID       string `bun:"id"`
		KEV      bool   `bun:"kev"`
		EPSS     int64  `bun:"epss"`
		CVSS     int64  `bun:"cvss"`
	}
	err := s.db.NewSelect().TableExpr("advisory_affected AS f").Join("JOIN vulnerabilities AS v ON v.id = f.vulnerability").
		ColumnExpr("DISTINCT f.advisory, v.id, v.kev, v.epss, v.cvss").Where("f.advisory IN (?)", bun.List(ids)).OrderExpr("v.id").Scan(ctx, &rows)
	if err != nil {
		return err
	}
	at := make(map[string]*Advisory, len(list))
	for i := range list {
		at[list[i].ID] = &list[i]
	}
	for _, r := range rows {
		a := at[r.Advisory]
		a.CVEs = append(a.CVEs, r.ID)
		a.Known = a.Known || r.KEV
		a.EPSS = max(a.EPSS, scoreOf(r.EPSS))
		a.CVSS = max(a.CVSS, float64(r.CVSS)/10)
	}
	return nil
}

func scoreOf(millionths int64) float64 { return max(0, float64(millionths)/1e6) }

func (r *advisoryRow) advisory() Advisory {
	return Advisory{
		ID: r.ID, File: r.File, Source: r.Source, ImportedAt: r.ImportedAt.Time(), ChangedAt: r.ChangedAt.Time(), ImportedBy: r.ImportedBy,
		Document: advisory.Document{Format: advisory.Format(r.Format), ID: r.Number, Title: r.Title, Publisher: r.Publisher, Severity: r.Severity, TLP: r.TLP,
			Revision: r.Revision, Published: r.Published.Time(), Updated: r.Updated.Time()},
	}
}

func (s store) one(ctx context.Context, id string) (a Advisory, ok bool, err error) {
	var r advisoryRow
	err = s.db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	if err != nil {
		return a, false, err
	}
	a = r.advisory()
	if err := json.Unmarshal([]byte(r.Content), &a.Document); err != nil {
		return a, false, fmt.Errorf("advisory %s: %w", id, err)
	}
	list := []Advisory{a}
	err = s.gravest(ctx, list, []string{id})
	return list[0], err == nil, err
}

// about returns the ids of the advisories that speak of a vulnerability, the
// newest first.
func (s store) about(ctx context.Context, vulnerability string) ([]Advisory, error) {
	var rows []advisoryRow
	err := s.db.NewSelect().Model(&rows).ExcludeColumn("content").
		Where("(number = ? OR id IN (SELECT f.advisory FROM advisory_affected AS f WHERE f.vulnerability = ?))", vulnerability, vulnerability).
		OrderExpr("updated DESC, id").Limit(50).Scan(ctx)
	list := make([]Advisory, len(rows))
	for i := range rows {
		list[i] = rows[i].advisory()
	}
	return list, err
}
