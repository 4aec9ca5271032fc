package alert

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// maxBriefs bounds the open alerts that are grouped and ranked; beyond it the worst
// and newest are.
const maxBriefs = 20_000

// maxGroups bounds the groups of one answer.
const maxGroups = 300

// pastFor is how far back it is looked at what became of alerts.
const pastFor = 30 * 24 * time.Hour

// Queue is the open alerts in groups, the worst first.
type Queue struct {
	Groups []Group
	Sums   []Sum
	Total  int  // groups
	Alerts int  // in them
	Capped bool // there are more alerts than were grouped
}

// Groups puts the open alerts the principal sees together by unit or by campaign;
// of the filter, statuses, levels, unit, text, rule and assignee count.
// Errors: Denied.
func (s *Service) Groups(ctx context.Context, f Filter, by GroupKind) (Queue, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return Queue{}, err
	}
	f.scope(p)
	briefs, err := s.briefs(ctx, f)
	if err != nil {
		return Queue{}, err
	}
	q := Queue{Alerts: len(briefs), Capped: len(briefs) == maxBriefs}
	if by == KindUnit {
		q.Groups = ByUnit(briefs)
	} else {
		q.Groups = Campaigns(briefs)
	}
	q.Total = len(q.Groups)
	q.Sums = byWorst(q.Groups)
	n := min(q.Total, maxGroups)
	q.Groups, q.Sums = q.Groups[:n], q.Sums[:n]
	return q, nil
}

// inCampaign returns the ids of the open alerts of the campaign the filter names,
// up to an alert if the filter has one; none if it is over. A campaign that was
// shown under a filter, or among the things of today, is made of fewer alerts and
// may have another id than among all of them: it is looked for there too.
func (s *Service) inCampaign(ctx context.Context, p module.Principal, f Filter) ([]string, error) {
	all := Filter{upTo: f.upTo}
	all.scope(p)
	shown := f
	shown.Campaign = ""
	for _, look := range []struct {
		under Filter
		by    GroupKind
	}{{all, KindCampaign}, {shown, KindCampaign}, {all, KindToday}} {
		groups, err := s.groupsOf(ctx, p, look.under, look.by, s.now())
		if err != nil {
			return nil, err
		}
		for i := range groups {
			if groups[i].ID == f.Campaign {
				return groups[i].ids(), nil
			}
		}
	}
	return nil, nil
}

// Day is what a person has to do today.
type Day struct {
	Things    []Thing // at most ten
	Left      int     // things beyond them
	Postponed int     // alerts put off until later
	Others    int     // alerts somebody else works on
	Done      int     // alerts the person closed since midnight
}

// Today ranks what the principal should do today: what nobody has taken, and what
// he has. Errors: Denied.
func (s *Service) Today(ctx context.Context) (Day, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertRead); err != nil {
		return Day{}, err
	}
	f := Filter{Drill: NoDrill} // an exercise never stands before what is real
	f.scope(p)
	briefs, err := s.briefs(ctx, f)
	if err != nil {
		return Day{}, err
	}
	now := s.now()
	past, err := s.store.past(ctx, p, sqldb.MicrosOf(now.Add(-pastFor)))
	if err != nil {
		return Day{}, err
	}
	var d Day
	briefs, d.Postponed, d.Others = forToday(briefs, p.ID, now)
	of := func(rule, unit string) Past { return past[[2]string{rule, unit}] }
	var things []Thing
	for _, g := range Campaigns(briefs) {
		things = append(things, Rank(g, p.ID, now, of))
	}
	things = Today(things)
	n := min(len(things), thingsToday)
	d.Things, d.Left = things[:n], len(things)-n
	d.Done, err = s.store.closedBy(ctx, p, sqldb.MicrosOf(midnight(now)))
	return d, err
}

// forToday leaves out what is put off and what somebody else works on, and counts
// both.
func forToday(briefs []Brief, person string, now time.Time) (left []Brief, postponed, others int) {
	left = slices.DeleteFunc(briefs, func(a Brief) bool {
		switch {
		case a.Until.After(now):
			postponed++
		case a.Assignee != "" && a.Assignee != person:
			others++
		default:
			return false
		}
		return true
	})
	return left, postponed, others
}

// midnight is the last one in Viet Nam, which has no summer time.
func midnight(now time.Time) time.Time {
	zone := time.FixedZone("ICT", 7*60*60)
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// Failure is an alert that a bulk change left as it was.
type Failure struct {
	ID  string
	Err error
}

// ChangeEach changes those of many alerts that can be, and says of the others why
// not; all that can in one transaction. Errors: Denied, Invalid.
func (s *Service) ChangeEach(ctx context.Context, ids []string, c Change) (changed []Alert, failed []Failure, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertTriage); err != nil {
		return nil, nil, err
	}
	if len(ids) == 0 || len(ids) > MaxBulk {
		return nil, nil, fault.New(fault.Invalid, "ids: 1 to %d alerts", MaxBulk).OnField("body.ids")
	}
	var told []Recorded
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		changed, failed, told = nil, nil, nil
		seen := make(map[string]bool, len(ids))
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			a, err := s.get(ctx, tx, p, id)
			if err == nil {
				a, err = s.change(ctx, tx, p, a, c)
			}
			// What is refused is refused before anything of it is written.
			switch fault.KindOf(err) {
			case fault.Invalid, fault.NotFound, fault.Conflict, fault.Denied:
				failed = append(failed, Failure{id, err})
				continue
			}
			if err != nil {
				return err
			}
			changed = append(changed, a)
			told = append(told, Recorded{ID: id})
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	s.Committed(told)
	return changed, failed, nil
}

// briefs reads the open alerts the filter selects, the worst and newest first.
func (s store) briefs(ctx context.Context, f Filter) ([]Brief, error) {
	return s.readBriefs(ctx, f.levels(f.statuses(f.base(s.db.NewSelect().Table("alerts")))).Where("status <> 'closed'").
		OrderExpr("level_rank DESC, last_seen DESC, id").Limit(maxBriefs))
}

func (s store) readBriefs(ctx context.Context, q *bun.SelectQuery) (out []Brief, err error) {
	rows, err := q.
		Column("id", "rule_id", "title", "title_vi", "level", "status", "unit", "entity_field", "entity_value", "tags", "series", "signal",
			"count", "first_seen", "last_seen", "created_at", "assignee", "postponed_until", "drill").Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	known := map[string][]string{} // tags are the same for all alerts of a rule
	for rows.Next() {
		var b Brief
		var tags, series string
		var first, last, created, until int64
		if err := rows.Scan(&b.ID, &b.RuleID, &b.Title, &b.TitleVi, &b.Level, &b.Status, &b.Unit, &b.Field, &b.Value, &tags, &series, &b.Signal,
			&b.Count, &first, &last, &created, &b.Assignee, &until, &b.Drill); err != nil {
			return nil, err
		}
		b.First, b.Last, b.Created = sqldb.Micros(first).Time(), sqldb.Micros(last).Time(), sqldb.Micros(created).Time()
		if until != 0 {
			b.Until = sqldb.Micros(until).Time()
		}
		if series != "" {
			var x Series
			if json.Unmarshal([]byte(series), &x) == nil {
				b.Elements = x.Group
			}
		}
		techniques, ok := known[tags]
		if !ok {
			techniques = techniquesOf(tags)
			known[tags] = techniques
		}
		b.Techniques = techniques
		out = append(out, b)
	}
	return out, rows.Err()
}

// techniquesOf reads the techniques out of stored tags.
func techniquesOf(tags string) (out []string) {
	var list []string
	if json.Unmarshal([]byte(tags), &list) != nil {
		return nil
	}
	for _, t := range list {
		id, ok := strings.CutPrefix(strings.ToLower(t), "attack.t")
		if !ok || id == "" || id[0] < '0' || id[0] > '9' {
			continue
		}
		id, _, _ = strings.Cut(id, ".")
		if !slices.Contains(out, "t"+id) {
			out = append(out, "t"+id)
		}
	}
	return out
}

// past counts by rule and unit what alerts closed since then turned out to be.
func (s store) past(ctx context.Context, p module.Principal, since sqldb.Micros) (map[[2]string]Past, error) {
	reasons, err := s.reasons(ctx, s.db)
	if err != nil {
		return nil, err
	}
	right := reasons.ofKind(KindTruePositive)
	var rows []struct {
		Rule   string `bun:"rule_id"`
		Unit   string `bun:"unit"`
		Reason string `bun:"reason"`
		N      int    `bun:"n"`
	}
	q := scopedReal(s.db.NewSelect().Table("alerts"), p, "unit").ColumnExpr("rule_id, unit, reason, count(*) AS n").
		Where("status = 'closed'").Where("updated_at >= ?", since).
		Where("reason IN (?)", bun.List(append(reasons.ofKind(KindFalsePositive), right...))).GroupExpr("rule_id, unit, reason")
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := map[[2]string]Past{}
	for _, r := range rows {
		k := [2]string{r.Rule, r.Unit}
		n := out[k]
		if slices.Contains(right, r.Reason) {
			n.True += r.N
		} else {
			n.False += r.N
		}
		out[k] = n
	}
	return out, nil
}

func (s store) closedBy(ctx context.Context, p module.Principal, since sqldb.Micros) (int, error) {
	n, err := scopedReal(s.db.NewSelect().Table("alerts"), p, "unit").Where("status = 'closed'").
		Where("closed_by = ?", p.ID).Where("closed_at >= ?", since).Count(ctx)
	return int(n), err
}
