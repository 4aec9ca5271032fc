package alert

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Figures over alerts, for dashboards; docs/operate/dashboards.md defines each.
// They count what the principal sees.

// maxRanked bounds the lines of a ranking.
const maxRanked = 100

func reader(ctx context.Context) (module.Principal, error) {
	p := module.PrincipalOf(ctx)
	return p, p.Require(module.ActionAlertRead)
}

// Flow counts alerts opened, closed and open. What stood open at a past moment is
// worked out backwards from what is open now. Errors: Denied.
func (s *Service) Flow(ctx context.Context, b module.Buckets) (module.AlertFlow, error) {
	p, err := reader(ctx)
	if err != nil {
		return module.AlertFlow{}, err
	}
	var opened, closed, reopened []flowRow
	if opened, err = s.store.opened(ctx, p, b); err != nil {
		return module.AlertFlow{}, err
	}
	if closed, reopened, err = s.store.closed(ctx, p, b); err != nil {
		return module.AlertFlow{}, err
	}
	now, _, err := s.store.open(ctx, p)
	if err != nil {
		return module.AlertFlow{}, err
	}
	return flowOf(b.N, now, opened, closed, reopened), nil
}

// flowOf puts the rows into parts. Rows of part n came after all parts.
func flowOf(n int, now map[string]int64, opened, closed, reopened []flowRow) module.AlertFlow {
	levels := func(rows []flowRow) []map[string]int64 {
		out := make([]map[string]int64, n+1)
		for i := range out {
			out[i] = map[string]int64{}
		}
		for _, r := range rows {
			out[min(max(r.Part, 0), n)][r.Level] += r.N
		}
		return out
	}
	in, out, back := levels(opened), levels(closed), levels(reopened)
	open := make([]map[string]int64, n)
	for i := n - 1; i >= 0; i-- {
		open[i] = map[string]int64{}
		for _, level := range Levels {
			now[level] += out[i+1][level] - in[i+1][level] - back[i+1][level]
			open[i][level] = max(now[level], 0)
		}
	}
	return module.AlertFlow{Opened: in[:n], Closed: out[:n], Open: open}
}

// Speed tells, by level and under "" for all, how long alerts waited for the first
// thing a person did to them, of those for which that was between two times, and
// how long they took to be closed, of those closed by a person between them.
// Errors: Denied.
func (s *Service) Speed(ctx context.Context, from, to time.Time) (taken, closed map[string]module.Durations, err error) {
	p, err := reader(ctx)
	if err != nil {
		return nil, nil, err
	}
	waits, err := s.store.waits(ctx, p, sqldb.MicrosOf(from), sqldb.MicrosOf(to))
	if err != nil {
		return nil, nil, err
	}
	lives, err := s.store.lives(ctx, p, sqldb.MicrosOf(from), sqldb.MicrosOf(to))
	return durationsOf(waits), durationsOf(lives), err
}

func durationsOf(rows []tookRow) map[string]module.Durations {
	by := map[string][]time.Duration{}
	for _, r := range rows {
		took := max(time.Duration(r.Took)*time.Microsecond, 0)
		by[""], by[r.Level] = append(by[""], took), append(by[r.Level], took)
	}
	out := make(map[string]module.Durations, len(by))
	for level, took := range by {
		out[level] = module.DurationsOf(took)
	}
	return out
}

// RankRules returns the rules and signals of which most alerts were opened between
// two times. Errors: Denied.
func (s *Service) RankRules(ctx context.Context, from, to time.Time, n int) ([]module.AlertRank, error) {
	p, err := reader(ctx)
	if err != nil {
		return nil, err
	}
	return s.store.rankRules(ctx, p, sqldb.MicrosOf(from), sqldb.MicrosOf(to), clampRank(n))
}

// RankEntities returns the machines and addresses about which most alerts were
// opened between two times. People's accounts are left out: a ranking of persons
// is nothing for a wall. Errors: Denied.
func (s *Service) RankEntities(ctx context.Context, from, to time.Time, n int) ([]module.AlertRank, error) {
	p, err := reader(ctx)
	if err != nil {
		return nil, err
	}
	return s.store.rankEntities(ctx, p, sqldb.MicrosOf(from), sqldb.MicrosOf(to), clampRank(n))
}

// RankUnits returns the units with the most open alerts, by the worst level first.
// Errors: Denied.
func (s *Service) RankUnits(ctx context.Context, n int) ([]module.AlertRank, error) {
	p, err := reader(ctx)
	if err != nil {
		return nil, err
	}
	return s.store.rankUnits(ctx, p, clampRank(n))
}

func clampRank(n int) int64 { return int64(min(max(n, 1), maxRanked)) }

// Tactics counts alerts opened between two times by ATT&CK tactic, named as in
// tags without "attack." and with "-" between words. An alert of several tactics
// counts in each; "" are those without one. Errors: Denied.
func (s *Service) Tactics(ctx context.Context, from, to time.Time) (map[string]int64, error) {
	p, err := reader(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.byTags(ctx, p, sqldb.MicrosOf(from), sqldb.MicrosOf(to))
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, r := range rows {
		var tags []string
		if err := json.Unmarshal([]byte(r.Tags), &tags); err != nil {
			return nil, fault.New(fault.Internal, "tags of alerts: %w", err)
		}
		found := map[string]bool{}
		for _, tag := range tags {
			name, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "attack.")
			if ok && isTactic[name] && !found[name] {
				found[name] = true
				out[name] += r.N
			}
		}
		if len(found) == 0 {
			out[""] += r.N
		}
	}
	return out, nil
}

// isTactic lists the tactics of ATT&CK Enterprise.
var isTactic = map[string]bool{
	"reconnaissance": true, "resource-development": true, "initial-access": true, "execution": true, "persistence": true,
	"privilege-escalation": true, "defense-evasion": true, "stealth": true, "defense-impairment": true, "credential-access": true,
	"discovery": true, "lateral-movement": true, "collection": true, "command-and-control": true, "exfiltration": true, "impact": true,
}

// ClosedFor counts the alerts that were closed between two times, and still are,
// by kind of reason. Errors: Denied.
func (s *Service) ClosedFor(ctx context.Context, from, to time.Time) (map[string]int64, error) {
	p, err := reader(ctx)
	if err != nil {
		return nil, err
	}
	reasons, err := s.store.reasons(ctx, s.store.db)
	if err != nil {
		return nil, err
	}
	byReason, err := s.store.closedFor(ctx, p, sqldb.MicrosOf(from), sqldb.MicrosOf(to))
	out := make(map[string]int64, len(byReason))
	for id, n := range byReason {
		out[string(reasons.kind(Reason(id)))] += n
	}
	return out, err
}

// Work counts what people did between two times. Errors: Denied.
func (s *Service) Work(ctx context.Context, from, to time.Time) (module.TeamWork, error) {
	p, err := reader(ctx)
	if err != nil {
		return module.TeamWork{}, err
	}
	waits, err := s.store.waits(ctx, p, sqldb.MicrosOf(from), sqldb.MicrosOf(to))
	if err != nil {
		return module.TeamWork{}, err
	}
	w, err := s.store.work(ctx, p, sqldb.MicrosOf(from), sqldb.MicrosOf(to))
	w.Taken = int64(len(waits))
	return w, err
}

// Waiting returns the alerts that nobody has taken, the oldest first, and how many
// there are in all. Errors: Denied.
func (s *Service) Waiting(ctx context.Context, levels []string, n int) ([]module.AlertView, int64, error) {
	page, err := s.List(ctx, Filter{Drill: NoDrill, Statuses: []string{string(StatusNew)}, Levels: levels, Sort: "createdAt", Limit: min(max(n, 1), maxRanked)})
	if err != nil {
		return nil, 0, err
	}
	views, err := s.views(ctx, page.Items)
	return views, page.Total, err
}
