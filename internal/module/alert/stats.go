package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Figures of alerts for the pages of others: of rules, of the ATT&CK matrix, of
// hosts, accounts and addresses. All are of the units the principal sees.

// Span says which alerts count: those with findings in a range of time.
type Span struct {
	From, To time.Time
	Units    []event.UnitID // nil: all that the principal sees
	Levels   []string       // nil: all
}

func (sp *Span) on(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	q = scopedReal(q, p, "unit").Where("last_seen >= ?", sqldb.MicrosOf(sp.From)).Where("first_seen < ?", sqldb.MicrosOf(sp.To))
	if sp.Units != nil {
		q = q.Where("unit IN (?)", bun.List(sp.Units))
	}
	if sp.Levels != nil {
		q = q.Where("level IN (?)", bun.List(sp.Levels))
	}
	return q
}

// RuleCount counts the alerts of one rule that were raised with the same tags.
type RuleCount struct {
	RuleID   string
	Tags     []string
	Alerts   int64
	Findings int64
	Last     time.Time
}

// ByRule counts the alerts of rules; signals are not among them. Errors: Denied.
func (s *Service) ByRule(ctx context.Context, sp Span) ([]RuleCount, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, err
	}
	var rows []struct {
		RuleID string       `bun:"rule_id"`
		Tags   string       `bun:"tags"`
		N      int64        `bun:"n"`
		Counts int64        `bun:"counts"`
		Last   sqldb.Micros `bun:"last"`
	}
	q := sp.on(s.store.db.NewSelect().Table("alerts"), p).Where("signal = ''").
		ColumnExpr("rule_id, tags, count(*) AS n, CAST(sum(count) AS BIGINT) AS counts, max(last_seen) AS last").GroupExpr("rule_id, tags")
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]RuleCount, len(rows))
	for i, r := range rows {
		out[i] = RuleCount{RuleID: r.RuleID, Alerts: r.N, Findings: r.Counts, Last: r.Last.Time()}
		if err := json.Unmarshal([]byte(r.Tags), &out[i].Tags); err != nil {
			return nil, fmt.Errorf("alerts of rule %s: tags: %w", r.RuleID, err)
		}
	}
	return out, nil
}

// NewestOf returns the newest alerts of the given rules. Errors: Denied.
func (s *Service) NewestOf(ctx context.Context, rules []string, sp Span, limit int) ([]module.AlertView, error) {
	return s.newest(ctx, sp, limit, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("rule_id IN (?)", bun.List(rules)).Where("signal = ''")
	})
}

func (s *Service) newest(ctx context.Context, sp Span, limit int, where func(*bun.SelectQuery) *bun.SelectQuery) ([]module.AlertView, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, err
	}
	var rows []alertRow
	q := where(sp.on(s.store.db.NewSelect().Model(&rows), p)).OrderExpr("last_seen DESC, id DESC").Limit(int64(limit))
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	alerts, err := alertsOf(rows)
	if err != nil {
		return nil, err
	}
	return s.views(ctx, alerts)
}

// Entity is whom alerts may be about: one value, under any of these fields.
type Entity struct {
	Fields []string
	Values []string // spellings of the value; case does not count
}

func (e *Entity) on(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("entity_field IN (?)", bun.List(e.Fields)).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, v := range e.Values {
				q = q.WhereOr("lower(entity_value) = lower(CAST(? AS TEXT))", module.Text(v, maxEntityBytes))
			}
			return q
		})
}

// EntityCounts counts the alerts about an entity.
type EntityCounts struct {
	ByStatus map[string]int64
	ByLevel  map[string]int64
	ByUnit   map[event.UnitID]int64
	Total    int64
}

// OfEntity returns the newest alerts about an entity, whatever their status, and
// counts all of them. Errors: Denied.
func (s *Service) OfEntity(ctx context.Context, e Entity, sp Span, limit int) ([]module.AlertView, EntityCounts, error) {
	counts := EntityCounts{ByStatus: map[string]int64{}, ByLevel: map[string]int64{}, ByUnit: map[event.UnitID]int64{}}
	views, err := s.newest(ctx, sp, limit, e.on)
	if err != nil {
		return nil, counts, err
	}
	var rows []struct {
		Status string `bun:"status"`
		Level  string `bun:"level"`
		Unit   string `bun:"unit"`
		N      int64  `bun:"n"`
	}
	q := e.on(sp.on(s.store.db.NewSelect().Table("alerts"), module.PrincipalOf(ctx))).
		ColumnExpr("status, level, unit, count(*) AS n").GroupExpr("status, level, unit")
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, counts, err
	}
	for _, r := range rows {
		counts.ByStatus[r.Status] += r.N
		counts.ByLevel[r.Level] += r.N
		counts.ByUnit[event.UnitID(r.Unit)] += r.N
		counts.Total += r.N
	}
	return views, counts, nil
}

// AlertStep is what was done to an alert.
type AlertStep struct {
	AlertID string
	Step
}

// Steps returns what was done to alerts, the newest first, at most limit steps.
// Alerts that the principal does not see have none. Errors: Denied.
func (s *Service) Steps(ctx context.Context, alerts []string, limit int) ([]AlertStep, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, err
	}
	if len(alerts) == 0 {
		return nil, nil
	}
	var rows []historyRow
	seen := module.Scoped(s.store.db.NewSelect().Table("alerts").Column("id").Where("id IN (?)", bun.List(alerts)), p, "unit")
	err := s.store.db.NewSelect().Model(&rows).Where("alert_id IN (?)", seen).OrderExpr("at DESC, id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	var people []string
	for _, r := range rows {
		if r.Action == "assign" {
			people = append(people, r.From, r.To)
		}
	}
	names, err := s.people.DisplayNames(ctx, people)
	if err != nil {
		return nil, err
	}
	out := make([]AlertStep, len(rows))
	for i, r := range rows {
		out[i] = AlertStep{r.AlertID, Step{At: r.At.Time(), By: r.By, Action: r.Action, From: r.From, To: r.To, Reason: r.Reason, Note: r.Note}}
		if r.Action == "assign" {
			out[i].From, out[i].To = names[r.From], names[r.To]
		}
	}
	return out, nil
}

// Share is how the alerts of a rule since a time ended.
type Share struct {
	Alerts, Closed, FalsePositive int64
}

// Shares counts, by rule, the alerts that were made since a time. Errors: Denied.
func (s *Service) Shares(ctx context.Context, since time.Time) (map[string]Share, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return nil, err
	}
	reasons, err := s.store.reasons(ctx, s.store.db)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		RuleID string `bun:"rule_id"`
		N      int64  `bun:"n"`
		Closed int64  `bun:"closed"`
		False  int64  `bun:"wrong"`
	}
	q := scopedReal(s.store.db.NewSelect().Table("alerts"), p, "unit").Where("created_at >= ?", sqldb.MicrosOf(since)).Where("signal = ''").
		ColumnExpr("rule_id, count(*) AS n, count(CASE WHEN status = 'closed' THEN 1 END) AS closed").
		ColumnExpr("count(CASE WHEN status = 'closed' AND reason IN (?) THEN 1 END) AS wrong", bun.List(reasons.ofKind(KindFalsePositive))).GroupExpr("rule_id")
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make(map[string]Share, len(rows))
	for _, r := range rows {
		out[r.RuleID] = Share{r.N, r.Closed, r.False}
	}
	return out, nil
}

// Noise is what a rule's alerts cost people.
type Noise struct {
	Days          []DayCount       // of UTC+7 with alerts, in order
	ByReason      map[string]int64 // by kind of reason
	Units         []UnitCount      // with most alerts
	Entities      []ValueCount     // with most alerts
	Alerts        int64
	Findings      int64
	MedianToClose time.Duration // 0: none was closed
	Judged        int64         // closings the median is of
}

// DayCount counts the alerts that were made on a day.
type DayCount struct {
	Day   time.Time // its beginning, UTC+7
	Count int64
}

// UnitCount counts the alerts of a unit.
type UnitCount struct {
	Unit  event.UnitID
	Name  string
	Count int64
}

// ValueCount counts the alerts about an entity.
type ValueCount struct {
	Field, Value  string
	Count         int64
	FalsePositive int64
}

const (
	noiseTop = 10
	// noiseClosings bounds what the median is taken of: the newest.
	noiseClosings = 2000
)

// vietnam is the zone that days are counted in.
var vietnam = time.FixedZone("+07", 7*3600)

// NoiseOf tells of the alerts of a rule that were made since a time. Errors: Denied.
func (s *Service) NoiseOf(ctx context.Context, rule string, since time.Time) (Noise, error) {
	p := module.PrincipalOf(ctx)
	n := Noise{ByReason: map[string]int64{}}
	if err := p.Require(module.ActionAlertRead); err != nil {
		return n, err
	}
	known, err := s.store.reasons(ctx, s.store.db)
	if err != nil {
		return n, err
	}
	base := func() *bun.SelectQuery {
		return scopedReal(s.store.db.NewSelect().TableExpr("alerts AS a"), p, "a.unit").
			Where("a.rule_id = ?", rule).Where("a.signal = ''").Where("a.created_at >= ?", sqldb.MicrosOf(since))
	}
	const day = 24 * int64(time.Hour/time.Microsecond)
	shift := int64(7 * time.Hour / time.Microsecond)
	var days []struct {
		Day    int64 `bun:"day"`
		N      int64 `bun:"n"`
		Counts int64 `bun:"counts"`
	}
	if err := base().ColumnExpr("(a.created_at + ?) / ? AS day, count(*) AS n, CAST(sum(a.count) AS BIGINT) AS counts", shift, day).
		GroupExpr("1").OrderExpr("1").Scan(ctx, &days); err != nil {
		return n, err
	}
	for _, d := range days {
		n.Days = append(n.Days, DayCount{time.UnixMicro(d.Day*day - shift).In(vietnam), d.N})
		n.Alerts += d.N
		n.Findings += d.Counts
	}
	var reasons []struct {
		Reason string `bun:"reason"`
		N      int64  `bun:"n"`
	}
	if err := base().Where("a.status = 'closed'").ColumnExpr("a.reason AS reason, count(*) AS n").GroupExpr("1").Scan(ctx, &reasons); err != nil {
		return n, err
	}
	for _, r := range reasons {
		n.ByReason[string(known.kind(Reason(r.Reason)))] += r.N
	}
	var units []struct {
		Unit string `bun:"unit"`
		N    int64  `bun:"n"`
	}
	if err := base().ColumnExpr("a.unit AS unit, count(*) AS n").GroupExpr("1").OrderExpr("2 DESC, 1").Limit(noiseTop).Scan(ctx, &units); err != nil {
		return n, err
	}
	for _, u := range units {
		n.Units = append(n.Units, UnitCount{event.UnitID(u.Unit), s.units.Name(event.UnitID(u.Unit)), u.N})
	}
	var entities []struct {
		Field string `bun:"field"`
		Value string `bun:"value"`
		N     int64  `bun:"n"`
		False int64  `bun:"wrong"`
	}
	if err := base().ColumnExpr("a.entity_field AS field, a.entity_value AS value, count(*) AS n").
		ColumnExpr("count(CASE WHEN a.status = 'closed' AND a.reason IN (?) THEN 1 END) AS wrong", bun.List(known.ofKind(KindFalsePositive))).
		GroupExpr("1, 2").OrderExpr("3 DESC, 1, 2").Limit(noiseTop).Scan(ctx, &entities); err != nil {
		return n, err
	}
	for _, e := range entities {
		n.Entities = append(n.Entities, ValueCount{e.Field, e.Value, e.N, e.False})
	}
	var took []int64
	if err := base().Join("JOIN alert_history AS h ON h.alert_id = a.id").Where("h.action = 'status'").Where("h.to_value = 'closed'").
		ColumnExpr("h.at - a.created_at").OrderExpr("h.at DESC").Limit(noiseClosings).Scan(ctx, &took); err != nil {
		return n, err
	}
	if n.Judged = int64(len(took)); n.Judged > 0 {
		slices.Sort(took)
		n.MedianToClose = time.Duration(took[len(took)/2]) * time.Microsecond
	}
	return n, nil
}
