package incident

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Opening is an incident to be opened.
type Opening struct {
	Facts
	Origin    Origin
	Reference string
	Drill     bool
	Alerts    []string // ids
	Playbook  string   // "": that of the category; "none": none
}

// drills makes an incident of a drill's alerts a drill, and refuses to mix them with
// what is real. Errors: Conflict incident.drill-mixed.
func (n *Opening) drills(alerts []Alert) error {
	of := 0
	for _, a := range alerts {
		if a.Drill {
			of++
		}
	}
	if of > 0 && of < len(alerts) {
		return fault.New(fault.Conflict, "%d of the %d alerts are of a drill, the others are real; open one incident for each, or mark them alike first", of, len(alerts)).
			WithCode("incident.drill-mixed").OnField("body.alerts")
	}
	n.Drill = n.Drill || of > 0
	return nil
}

// Open opens an incident, with its first tasks. Errors: Denied, NotFound (the unit
// or an alert), Conflict (an alert belongs to another incident), Invalid.
func (s *Service) Open(ctx context.Context, n Opening) (Incident, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentOpen); err != nil {
		return Incident{}, err
	}
	if n.Unit == "" || !p.Sees(n.Unit) || !s.Units.Active(n.Unit) {
		return Incident{}, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	if !slices.Contains(origins, n.Origin) {
		return Incident{}, bad("origin", "origin", "no origin %q; one of %v", n.Origin, origins)
	}
	now := s.Now()
	alerts, err := s.alerts(ctx, n.Alerts)
	if err != nil {
		return Incident{}, err
	}
	if err := n.drills(alerts); err != nil {
		return Incident{}, err
	}
	n.fill(alerts, s.book(), now)
	if n.Systems, err = s.registered(ctx, n.Systems, nil); err != nil {
		return Incident{}, err
	}
	if err := n.Facts.check(s.book(), now); err != nil {
		return Incident{}, err
	}
	if err := s.checkUnits(p, n.Units, nil); err != nil {
		return Incident{}, err
	}
	if n.Lead != "" {
		if _, err := s.People.Person(ctx, n.Lead, n.Unit); err != nil {
			return Incident{}, err
		}
	}
	steps, err := s.steps(n.Playbook, n.Category)
	if err != nil {
		return Incident{}, err
	}
	i := Incident{
		ID: module.NewID(), Drill: n.Drill, Origin: n.Origin, Reference: module.Text(n.Reference, maxTitle), Facts: n.Facts, Phase: Detect,
		OpenedAt: now, OpenedBy: p.ID, OpenedName: p.DisplayName, ChangedAt: now, Version: 1, changed: map[string]int64{},
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		series := fmt.Sprintf("%s-%d", map[bool]string{false: "SC", true: "DT"}[i.Drill], now.In(s.Zone).Year())
		number, err := sqldb.NextNumber(ctx, tx, "incident_numbers", series)
		if err != nil {
			return err
		}
		i.Code = fmt.Sprintf("%s-%04d", series, number)
		if err := s.store.insert(ctx, tx, &i); err != nil {
			return err
		}
		if err := s.note(ctx, tx, &i, "opened", map[string]string{"origin": string(i.Origin), "reference": i.Reference}); err != nil {
			return err
		}
		if err := s.join(ctx, tx, &i, alerts); err != nil {
			return err
		}
		if err := s.addSteps(ctx, tx, &i, steps); err != nil {
			return err
		}
		if err := s.notify(ctx, tx, &i, append(ledBy(&i, "", p.ID), openedNotice(&i))...); err != nil {
			return err
		}
		return s.told(ctx, tx, &i, "open", nil)
	})
	if err != nil {
		return Incident{}, err
	}
	s.Wake()
	return i, nil
}

// checkUnits refuses affected units the principal does not see, unless somebody
// who does had named them before.
func (s *Service) checkUnits(p module.Principal, units, before []event.UnitID) error {
	for _, u := range units {
		if !slices.Contains(before, u) && (!p.Sees(u) || !s.Units.Active(u)) {
			return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.units")
		}
	}
	return nil
}

// fill gives the facts nobody stated their values, from the alerts where they
// tell: when the earliest event happened, how bad the worst is, what it is called.
func (n *Opening) fill(alerts []Alert, c *Catalogue, now time.Time) {
	for _, a := range alerts {
		if n.DetectedAt.IsZero() {
			n.DetectedAt = now // detection is when somebody noticed, which is not when it began
		}
		if n.Title == "" {
			n.Title = module.Text(a.TitleVi, maxTitle)
		}
		if n.Title == "" {
			n.Title = module.Text(a.Title, maxTitle)
		}
		if n.Severity == "" || slices.Index(severities, a.Level) >= 0 && slices.Index(severities, a.Level) < slices.Index(severities, n.Severity) {
			n.Severity = a.Level
		}
	}
	if !slices.Contains(severities, n.Severity) && len(alerts) > 0 {
		n.Severity = "low" // of informational alerts
	}
	if n.TLP == "" {
		n.TLP = Amber
	}
	if n.PAP == "" {
		n.PAP = "AMBER"
	}
	if n.Category == "" {
		groups := c.scheme().Groups
		n.Category = groups[0].Categories[len(groups[0].Categories)-1].ID
	}
}
