package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	documents "github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/paper"
)

// day is a day of the calendar as a matter of documents: the year it is in, as far as
// the unit of the principal in ctx has figures of it. A report due in January is of
// the year before.
func (x documentCases) day(ctx context.Context, id string) (documents.Case, error) {
	due, err := time.ParseInLocation(time.DateOnly, id, x.zone)
	if err != nil || due.Year() < 2020 || due.Year() > 2100 {
		return documents.Case{}, fault.New(fault.NotFound, "no day %q", id).WithCode("document.subject")
	}
	p := module.PrincipalOf(ctx)
	c := documents.Case{Subject: module.Subject{Kind: "date", ID: id, Code: id}, Unit: p.Unit, Fields: paper.Values{}}
	year := due.AddDate(0, 0, -31).Year()
	return c, x.year(ctx, &c, year, due)
}

// agency is a unit as a matter of documents: who it is, and its figures of the year.
func (x documentCases) agency(ctx context.Context, id event.UnitID) (documents.Case, error) {
	p := module.PrincipalOf(ctx)
	u, err := x.units.Get(ctx, id)
	if err != nil || !p.Sees(id) {
		return documents.Case{}, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown")
	}
	c := documents.Case{Subject: module.Subject{Kind: "unit", ID: string(id), Code: u.Name, Title: u.Name}, Unit: id, Fields: paper.Values{
		"unit.name": u.Name, "unit.address": u.Address, "unit.head": u.Contacts.Head.Name,
	}}
	c.To = []documents.SentTo{x.sentTo(id)}
	now := x.now().In(x.zone)
	return c, x.year(ctx, &c, now.Year(), now)
}

// year fills in the figures of a year up to a day, of the unit the case is of and
// those below it.
func (x documentCases) year(ctx context.Context, c *documents.Case, year int, until time.Time) error {
	p := module.PrincipalOf(ctx)
	if p.Unit != c.Unit && c.Subject.Kind == "unit" {
		p.Unit, p.Below = c.Unit, x.units.Below(c.Unit)
		ctx = module.WithPrincipal(ctx, p)
	}
	from := time.Date(year, 1, 1, 0, 0, 0, 0, x.zone)
	to := time.Date(year+1, 1, 1, 0, 0, 0, 0, x.zone)
	for _, end := range []time.Time{until, x.now()} {
		if end.After(from) && end.Before(to) {
			to = end
		}
	}
	c.Fields["year.number"] = strconv.Itoa(year)
	c.Fields["year.period"] = "từ " + paper.Day(from) + " đến " + paper.Day(to.Add(-time.Second).In(x.zone))
	if err := x.incidentsOf(ctx, c, from, to); err != nil {
		return err
	}
	if may := p.Require(module.ActionWarningRead) == nil; !may {
		return nil // stays open: who reads documents may not read warnings
	}
	w, err := x.warnings.Figures(ctx, from, to, false)
	if err != nil {
		return err
	}
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	c.Fields["year.warnings"], c.Fields["year.warningsAcknowledged"] = count(w.All.Copies), count(w.All.Acknowledged)
	c.Fields["year.warningsFixed"], c.Fields["year.warningsLate"] = count(w.All.Fixed), count(w.All.LateFix)
	return nil
}

func (x documentCases) incidentsOf(ctx context.Context, c *documents.Case, from, to time.Time) error {
	if may := module.PrincipalOf(ctx).Require(module.ActionIncidentRead) == nil; !may {
		return nil
	}
	all, groups, err := x.incidents.Figures(ctx, incident.FigureAsk{From: from, To: to, By: incident.ByCategory})
	if err != nil {
		return err
	}
	rows := paper.Rows{}
	for i, g := range groups {
		rows = append(rows, map[string]string{"number": strconv.Itoa(i + 1), "name": x.incidents.CategoryVi(g.Key), "count": strconv.FormatInt(g.Incidents, 10)})
	}
	_, grades, err := x.incidents.Figures(ctx, incident.FigureAsk{From: from, To: to, By: incident.BySeverity})
	if err != nil {
		return err
	}
	grave := int64(0)
	for _, g := range grades {
		if g.Key == "critical" || g.Key == "high" {
			grave += g.Incidents
		}
	}
	drills, _, err := x.incidents.Figures(ctx, incident.FigureAsk{From: from, To: to, By: incident.BySeverity, Drill: true})
	if err != nil {
		return err
	}
	c.Fields["year.incidents"], c.Fields["year.incidentsOpen"] = strconv.FormatInt(all.Incidents, 10), strconv.FormatInt(all.Open, 10)
	c.Fields["year.incidentsGrave"], c.Fields["year.categories"] = strconv.FormatInt(grave, 10), rows
	c.Fields["year.drills"] = strconv.FormatInt(drills.Incidents, 10)
	c.Fields["year.contain"], c.Fields["year.recover"] = lasting(all.Contain), lasting(all.Recover)
	return nil
}

// lasting is a middle value as a report says it; "" where there is none.
func lasting(d module.Durations) string {
	if d.Count == 0 {
		return ""
	}
	minutes := int64(d.Median.Round(time.Minute) / time.Minute)
	switch {
	case minutes >= 48*60:
		return fmt.Sprintf("%d ngày", (minutes+12*60)/(24*60))
	case minutes >= 60:
		return fmt.Sprintf("%d giờ %02d phút", minutes/60, minutes%60)
	}
	return fmt.Sprintf("%d phút", minutes)
}
