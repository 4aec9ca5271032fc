package incident

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Joined is an alert that is part of an incident.
type Joined struct {
	Alert   string
	Title   string
	Level   string
	Rule    string
	Entity  string
	AddedAt time.Time
	AddedBy string
}

type alertRow struct {
	bun.BaseModel `bun:"table:incident_alerts"`

	Alert    string       `bun:"alert,pk"`
	Incident string       `bun:"incident"`
	Title    string       `bun:"title"`
	Level    string       `bun:"level"`
	Rule     string       `bun:"rule"`
	Entity   string       `bun:"entity"`
	AddedAt  sqldb.Micros `bun:"added_at"`
	AddedBy  string       `bun:"added_by"`
}

const maxAlerts = 2000

func (s store) alerts(ctx context.Context, db bun.IDB, incident string) ([]Joined, error) {
	var rows []alertRow
	if err := db.NewSelect().Model(&rows).Where("incident = ?", incident).OrderExpr("added_at, alert").Limit(maxAlerts).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Joined, len(rows))
	for i, r := range rows {
		list[i] = Joined{r.Alert, r.Title, r.Level, r.Rule, r.Entity, r.AddedAt.Time(), r.AddedBy}
	}
	return list, nil
}

// Joined returns the alerts of an incident; none of one that was shared as a
// summary. Errors: Denied, NotFound.
func (s *Service) Joined(ctx context.Context, id string) ([]Joined, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil || !sight.Shows(i.TLP) {
		return nil, err
	}
	return s.store.alerts(ctx, s.DB, i.ID)
}

// alerts reads the alerts somebody named. Errors: NotFound naming the first that
// he does not see, Invalid.
func (s *Service) alerts(ctx context.Context, ids []string) ([]Alert, error) {
	if len(ids) > maxAlerts {
		return nil, bad("alerts", "too-many", "at most %d alerts", maxAlerts)
	}
	var list []Alert
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		a, err := s.Alerts.Alert(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// Holding returns the number of the incident an alert is part of, "" for none. The
// product itself asks, for nobody.
func (s *Service) Holding(ctx context.Context, db bun.IDB, alert string) (string, error) {
	var codes []string
	err := db.NewRaw("SELECT incidents.code FROM incident_alerts JOIN incidents ON incidents.id = incident_alerts.incident WHERE alert = ?", alert).Scan(ctx, &codes)
	if err != nil || len(codes) == 0 {
		return "", err
	}
	return codes[0], nil
}

// join makes alerts part of an incident, and what they are about its observables.
func (s *Service) join(ctx context.Context, tx bun.Tx, i *Incident, alerts []Alert) error {
	p, now := module.PrincipalOf(ctx), s.Now()
	for _, a := range alerts {
		if a.Drill != i.Drill {
			if a.Drill {
				return fault.New(fault.Conflict, "alert %s is of a drill and the incident is real; open a drill's incident of it, or leave it out", a.ID).WithCode("incident.drill").OnField("body.alerts")
			}
			return fault.New(fault.Conflict, "alert %s is real and the incident is a drill's; mark the alert as of the drill first, or leave it out", a.ID).WithCode("incident.drill").OnField("body.alerts")
		}
		other, err := s.Holding(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if other != "" {
			return fault.New(fault.Conflict, "alert %s belongs to incident %s already; merge the incidents, or take it out there first", a.ID, other).
				WithCode("incident.alert-taken").OnField("body.alerts")
		}
		title := a.TitleVi
		if title == "" {
			title = a.Title
		}
		r := alertRow{Alert: a.ID, Incident: i.ID, Title: module.Text(title, maxTitle), Level: a.Level, Rule: a.Rule, Entity: module.Text(a.Entity.Value, maxTitle),
			AddedAt: sqldb.MicrosOf(now), AddedBy: p.DisplayName}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return err
		}
		if a.Entity.Value != "" {
			o := a.Entity
			o.ID, o.TLP, o.AddedAt, o.AddedBy = module.NewID(), i.TLP, now, p.DisplayName
			if err := s.store.addObservable(ctx, tx, i.ID, &o); err != nil {
				return err
			}
		}
		if err := s.note(ctx, tx, i, "alert.joined", map[string]string{"alert": a.ID, "title": r.Title}); err != nil {
			return err
		}
	}
	return nil
}

// Add makes alerts part of an incident. Errors: Denied, NotFound, Conflict where
// one belongs to another incident, Invalid.
func (s *Service) Add(ctx context.Context, id string, ids []string) (Incident, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionIncidentHandle); err != nil {
		return Incident{}, err
	}
	alerts, err := s.alerts(ctx, ids)
	if err != nil {
		return Incident{}, err
	}
	return s.edit(ctx, id, "alerts", func(ctx context.Context, tx bun.Tx, _ module.Principal, i Incident) (Incident, map[string]string, error) {
		if len(alerts) == 0 {
			return i, nil, bad("alerts", "none", "name at least one alert")
		}
		have, err := s.store.alerts(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		if len(have)+len(alerts) > maxAlerts {
			return i, nil, bad("alerts", "too-many", "an incident holds at most %d alerts", maxAlerts)
		}
		fresh := slices.DeleteFunc(slices.Clone(alerts), func(a Alert) bool {
			return slices.ContainsFunc(have, func(j Joined) bool { return j.Alert == a.ID })
		})
		if len(fresh) == 0 {
			return i, nil, nil
		}
		i.Version++
		return i, map[string]string{"alerts": strings.Join(ids, " ")}, s.join(ctx, tx, &i, fresh)
	})
}

// Split takes alerts out of an incident into a new one of the same unit and
// category. Errors: Denied, NotFound, Invalid.
func (s *Service) Split(ctx context.Context, id string, ids []string, title string) (Incident, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionIncidentOpen); err != nil {
		return Incident{}, err
	}
	var next Incident
	_, err := s.edit(ctx, id, "split", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		have, err := s.store.alerts(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		for _, a := range ids {
			if !slices.ContainsFunc(have, func(j Joined) bool { return j.Alert == a }) {
				return i, nil, fault.New(fault.NotFound, "alert %s is not part of the incident", module.Text(a, 64)).WithCode("incident.alert-unknown").OnField("body.alerts")
			}
		}
		if len(ids) == 0 || len(ids) >= len(have) {
			return i, nil, bad("alerts", "split", "take out some of the %d alerts, not none and not all", len(have))
		}
		if n := len([]rune(strings.TrimSpace(title))); n == 0 || n > maxTitle {
			return i, nil, bad("title", "title", "the new incident needs a title of at most %d letters", maxTitle)
		}
		now := s.Now()
		next = i
		next.ID, next.Origin, next.Reference, next.Phase, next.Version, next.changed = module.NewID(), ByHand, i.Code, Detect, 1, map[string]int64{}
		next.Title, next.OpenedAt, next.OpenedBy, next.OpenedName, next.ClosedAt, next.ChangedAt = strings.TrimSpace(title), now, p.ID, p.DisplayName, time.Time{}, now
		next.Cause, next.Measure, next.Lessons = "", "", ""
		series, _, _ := cutLast(i.Code)
		series = strings.Split(series, "-")[0] + fmt.Sprintf("-%d", now.In(s.Zone).Year())
		number, err := sqldb.NextNumber(ctx, tx, "incident_numbers", series)
		if err != nil {
			return i, nil, err
		}
		next.Code = fmt.Sprintf("%s-%04d", series, number)
		if err := s.store.insert(ctx, tx, &next); err != nil {
			return i, nil, err
		}
		if _, err := tx.NewUpdate().Table("incident_alerts").Set("incident = ?", next.ID).Where("incident = ?", id).Where("alert IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return i, nil, err
		}
		if err := s.relate(ctx, tx, id, next.ID, "split"); err != nil {
			return i, nil, err
		}
		if err := s.note(ctx, tx, &next, "split.from", map[string]string{"code": i.Code}); err != nil {
			return i, nil, err
		}
		if err := s.told(ctx, tx, &next, "open", map[string]string{"split": i.Code}); err != nil {
			return i, nil, err
		}
		i.Version++
		return i, map[string]string{"code": next.Code}, nil
	})
	return next, err
}

// cutLast splits text at its last hyphen.
func cutLast(text string) (before, after string, found bool) {
	n := strings.LastIndexByte(text, '-')
	if n < 0 {
		return text, "", false
	}
	return text[:n], text[n+1:], true
}

// Merge makes incident id part of into: its alerts, observables and open tasks go
// over, the rest stays readable where it is. Errors: Denied, NotFound, Conflict.
func (s *Service) Merge(ctx context.Context, id, into string) (Incident, error) {
	return s.edit(ctx, id, "merge", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		other, sight, err := s.get(ctx, tx, p, into)
		switch {
		case err != nil:
			return i, nil, err
		case !sight.All || !p.Can(module.ActionIncidentHandle, other.Unit):
			return i, nil, fault.New(fault.Denied, "you may not change incident %s", other.Code).WithCode("permission.denied")
		case id == into || i.MergedInto != "" || other.MergedInto != "" || !other.Open():
			return i, nil, fault.New(fault.Conflict, "only two different incidents can be merged, the second of which is open").WithCode("incident.merge").OnField("body.into")
		case i.Drill != other.Drill:
			return i, nil, fault.New(fault.Conflict, "one of the two is a drill").WithCode("incident.drill").OnField("body.into")
		}
		for _, q := range []string{
			"UPDATE incident_alerts SET incident = ? WHERE incident = ?",
			"UPDATE incident_tasks SET incident = ? WHERE incident = ? AND state = 'open' AND playbook NOT IN (SELECT playbook FROM incident_tasks WHERE incident = ? AND playbook <> '')",
			"UPDATE incident_sightings SET incident = ? WHERE incident = ?",
			"UPDATE incident_observables SET incident = ? WHERE incident = ? AND value NOT IN (SELECT value FROM incident_observables WHERE incident = ?)",
		} {
			args := []any{into, id}
			if strings.Count(q, "?") == 3 {
				args = append(args, into)
			}
			if _, err := tx.NewRaw(q, args...).Exec(ctx); err != nil {
				return i, nil, err
			}
		}
		now := s.Now()
		read := other.Version
		if other.DetectedAt.After(i.DetectedAt) {
			// The clocks run from when the first of the two was detected.
			other.DetectedAt = i.DetectedAt
		}
		other.Version, other.ChangedAt = other.Version+1, now
		if ok, err := s.store.update(ctx, tx, &other, read); err != nil || !ok {
			if err == nil {
				err = changed()
			}
			return i, nil, err
		}
		if err := s.relate(ctx, tx, into, id, "merged"); err != nil {
			return i, nil, err
		}
		if err := s.note(ctx, tx, &other, "merged", map[string]string{"code": i.Code}); err != nil {
			return i, nil, err
		}
		if err := s.told(ctx, tx, &other, "merged", map[string]string{"code": i.Code}); err != nil {
			return i, nil, err
		}
		i.MergedInto, i.Version = into, i.Version+1
		if i.ClosedAt.IsZero() {
			i.ClosedAt = now
		}
		return i, map[string]string{"into": other.Code}, nil
	})
}
