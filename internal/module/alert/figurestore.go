package alert

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// flowRow counts alerts of a level in one part of a time.
type flowRow struct {
	Part  int    `bun:"part"`
	Level string `bun:"level"`
	N     int64  `bun:"n"`
}

// partSQL numbers the part a moment lies in; what comes after the parts is all one.
const partSQL = "CASE WHEN ?0 >= ?1 THEN ?2 ELSE (?0 - ?3) / ?4 END AS part"

func part(q *bun.SelectQuery, column string, b module.Buckets) *bun.SelectQuery {
	return q.ColumnExpr(partSQL, bun.Ident(column), sqldb.MicrosOf(b.At(b.N)), b.N, sqldb.MicrosOf(b.From), b.Width.Microseconds()).
		Where("? >= ?", bun.Ident(column), sqldb.MicrosOf(b.From))
}

func (s store) opened(ctx context.Context, p module.Principal, b module.Buckets) (rows []flowRow, err error) {
	q := part(s.db.NewSelect().TableExpr("alerts AS a"), "a.created_at", b).ColumnExpr("a.level AS level, count(*) AS n").GroupExpr("1, 2")
	err = scopedReal(q, p, "a.unit").Scan(ctx, &rows)
	return rows, err
}

// steps selects the history of alerts that p sees.
func (s store) steps(p module.Principal) *bun.SelectQuery {
	q := s.db.NewSelect().TableExpr("alert_history AS h").Join("JOIN alerts AS a ON a.id = h.alert_id")
	return scopedReal(q, p, "a.unit")
}

// A change of reason leaves a step from closed to closed.
const (
	closing   = "h.action = 'status' AND h.to_value = 'closed' AND h.from_value <> 'closed'"
	reopening = "h.action = 'status' AND h.from_value = 'closed' AND h.to_value <> 'closed'"
)

func (s store) closed(ctx context.Context, p module.Principal, b module.Buckets) (closed, reopened []flowRow, err error) {
	q := part(s.steps(p), "h.at", b).ColumnExpr("a.level AS level, count(*) AS n").Where(closing).GroupExpr("1, 2")
	if err = q.Scan(ctx, &closed); err != nil {
		return nil, nil, err
	}
	q = part(s.steps(p), "h.at", b).ColumnExpr("a.level AS level, count(*) AS n").Where(reopening).GroupExpr("1, 2")
	err = q.Scan(ctx, &reopened)
	return closed, reopened, err
}

// tookRow is how long one alert took, in microseconds.
type tookRow struct {
	Level string `bun:"level"`
	Took  int64  `bun:"took"`
}

// maxTook bounds the alerts a median is made of. People do not get further in a
// year; a script that closes more is cut off.
const maxTook = 200_000

// byPerson are the steps that show that a person looked at the alert. A note alone
// does not: it decides nothing.
const byPerson = "h.by_name <> '' AND h.action NOT IN ('note', 'settled', 'raised')"

func (s store) waits(ctx context.Context, p module.Principal, from, to sqldb.Micros) (rows []tookRow, err error) {
	q := s.steps(p).ColumnExpr("a.level AS level, min(h.at) - a.created_at AS took").Where(byPerson).
		Where("a.id IN (SELECT alert_id FROM alert_history WHERE at >= ? AND at < ?)", from, to).
		GroupExpr("a.id, a.level, a.created_at").Having("min(h.at) >= ? AND min(h.at) < ?", from, to).Limit(maxTook)
	err = q.Scan(ctx, &rows)
	return rows, err
}

func (s store) lives(ctx context.Context, p module.Principal, from, to sqldb.Micros) (rows []tookRow, err error) {
	q := s.steps(p).ColumnExpr("a.level AS level, max(h.at) - a.created_at AS took").Where(closing).Where("h.by_name <> ''").
		Where("a.status = 'closed'").Where("h.at >= ? AND h.at < ?", from, to).
		GroupExpr("a.id, a.level, a.created_at").Limit(maxTook)
	err = q.Scan(ctx, &rows)
	return rows, err
}

func (s store) rankRules(ctx context.Context, p module.Principal, from, to sqldb.Micros, n int64) ([]module.AlertRank, error) {
	var rows []struct {
		RuleID  string `bun:"rule_id"`
		Title   string `bun:"title"`
		TitleVi string `bun:"title_vi"`
		Rank    int    `bun:"rank"`
		Alerts  int64  `bun:"alerts"`
		Events  int64  `bun:"events"`
	}
	// The titles of signals name what they are about: one of them stands for all.
	q := s.db.NewSelect().TableExpr("alerts AS a").
		ColumnExpr("a.rule_id, min(a.title) AS title, min(a.title_vi) AS title_vi, max(a.level_rank) AS rank, count(*) AS alerts, CAST(sum(a.count) AS BIGINT) AS events").
		Where("a.created_at >= ? AND a.created_at < ?", from, to).GroupExpr("a.rule_id").OrderExpr("alerts DESC, rank DESC, a.rule_id").Limit(n)
	if err := scopedReal(q, p, "a.unit").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]module.AlertRank, len(rows))
	for i, r := range rows {
		out[i] = module.AlertRank{RuleID: r.RuleID, Title: r.Title, TitleVi: r.TitleVi, Level: Levels[len(Levels)-min(max(r.Rank, 1), len(Levels))], Alerts: r.Alerts, Events: r.Events}
	}
	return out, nil
}

func (s store) rankEntities(ctx context.Context, p module.Principal, from, to sqldb.Micros, n int64) ([]module.AlertRank, error) {
	var rows []struct {
		Unit   string `bun:"unit"`
		Field  string `bun:"entity_field"`
		Value  string `bun:"entity_value"`
		Rank   int    `bun:"rank"`
		Alerts int64  `bun:"alerts"`
		Events int64  `bun:"events"`
	}
	q := s.db.NewSelect().TableExpr("alerts AS a").
		ColumnExpr("a.unit, a.entity_field, a.entity_value, max(a.level_rank) AS rank, count(*) AS alerts, CAST(sum(a.count) AS BIGINT) AS events").
		Where("a.created_at >= ? AND a.created_at < ?", from, to).Where("a.signal = '' AND a.entity_value <> ''").
		Where("lower(a.entity_field) NOT LIKE '%user%' AND lower(a.entity_field) NOT LIKE '%account%' AND lower(a.entity_field) NOT LIKE '%mail%'").
		GroupExpr("a.unit, a.entity_field, a.entity_value").OrderExpr("rank DESC, alerts DESC, a.unit, a.entity_value").Limit(n)
	if err := scopedReal(q, p, "a.unit").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]module.AlertRank, len(rows))
	for i, r := range rows {
		out[i] = module.AlertRank{
			Unit: event.UnitID(r.Unit), EntityField: r.Field, EntityValue: r.Value, Alerts: r.Alerts, Events: r.Events,
			Level: Levels[len(Levels)-min(max(r.Rank, 1), len(Levels))],
		}
	}
	return out, nil
}

func (s store) rankUnits(ctx context.Context, p module.Principal, n int64) ([]module.AlertRank, error) {
	var rows []struct {
		Unit          string `bun:"unit"`
		Critical      int64  `bun:"critical"`
		High          int64  `bun:"high"`
		Medium        int64  `bun:"medium"`
		Low           int64  `bun:"low"`
		Informational int64  `bun:"informational"`
		Alerts        int64  `bun:"alerts"`
	}
	q := s.db.NewSelect().TableExpr("alerts AS a").ColumnExpr("a.unit, count(*) AS alerts").Where("a.status <> 'closed'").GroupExpr("a.unit")
	for _, level := range Levels {
		q = q.ColumnExpr("count(CASE WHEN a.level = ? THEN 1 END) AS ?", level, bun.Ident(level))
	}
	q = q.OrderExpr("critical DESC, high DESC, alerts DESC, a.unit").Limit(n)
	if err := scopedReal(q, p, "a.unit").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]module.AlertRank, len(rows))
	for i, r := range rows {
		out[i] = module.AlertRank{Unit: event.UnitID(r.Unit), Alerts: r.Alerts, ByLevel: map[string]int64{
			"critical": r.Critical, "high": r.High, "medium": r.Medium, "low": r.Low, "informational": r.Informational,
		}}
	}
	return out, nil
}

type tagsRow struct {
	Tags string `bun:"tags"`
	N    int64  `bun:"n"`
}

func (s store) byTags(ctx context.Context, p module.Principal, from, to sqldb.Micros) (rows []tagsRow, err error) {
	q := s.db.NewSelect().TableExpr("alerts AS a").ColumnExpr("a.tags, count(*) AS n").
		Where("a.created_at >= ? AND a.created_at < ?", from, to).GroupExpr("a.tags")
	err = scopedReal(q, p, "a.unit").Scan(ctx, &rows)
	return rows, err
}

func (s store) closedFor(ctx context.Context, p module.Principal, from, to sqldb.Micros) (map[string]int64, error) {
	var rows []struct {
		Reason string `bun:"reason"`
		N      int64  `bun:"n"`
	}
	q := s.steps(p).ColumnExpr("a.reason AS reason, count(DISTINCT a.id) AS n").Where(closing).
		Where("a.status = 'closed'").Where("h.at >= ? AND h.at < ?", from, to).GroupExpr("a.reason")
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, r := range rows {
		out[r.Reason] = r.N
	}
	return out, nil
}

func (s store) work(ctx context.Context, p module.Principal, from, to sqldb.Micros) (w module.TeamWork, err error) {
	var row struct {
		Assigned int64 `bun:"assigned"`
		Closed   int64 `bun:"closed"`
		Reopened int64 `bun:"reopened"`
		Notes    int64 `bun:"notes"`
	}
	q := s.steps(p).Where("h.by_name <> ''").Where("h.at >= ? AND h.at < ?", from, to).
		ColumnExpr("count(CASE WHEN h.action = 'assign' AND h.to_value <> '' THEN 1 END) AS assigned").
		ColumnExpr("count(CASE WHEN " + closing + " THEN 1 END) AS closed").
		ColumnExpr("count(CASE WHEN " + reopening + " THEN 1 END) AS reopened").
		ColumnExpr("count(CASE WHEN h.note <> '' THEN 1 END) AS notes")
	if err := q.Scan(ctx, &row); err != nil {
		return w, err
	}
	return module.TeamWork{Assigned: row.Assigned, Closed: row.Closed, Reopened: row.Reopened, Notes: row.Notes}, nil
}
