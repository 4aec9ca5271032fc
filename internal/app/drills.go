package app

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/module"
	documents "github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/drill"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/upload"
	"github.com/lachan-vn/lachan/internal/paper"
)

// drillTasks shows module drill the tasks of incidents, its sibling.
type drillTasks struct{ cases *incident.Service }

// Tasks implements [drill.Tasks].
func (x drillTasks) Tasks(ctx context.Context, of module.Subject) ([]drill.Task, error) {
	if of.Kind != "incident" {
		return nil, nil
	}
	list, err := x.cases.Tasks(ctx, of.ID)
	if err != nil {
		return nil, err
	}
	tasks := make([]drill.Task, len(list))
	for i, t := range list {
		tasks[i] = drill.Task{Title: t.Title, Unit: t.Unit, DueAt: t.DueAt, Dropped: t.State == incident.TaskDropped}
		if t.State == incident.TaskDone {
			tasks[i].DoneAt = t.DoneAt
		}
	}
	return tasks, nil
}

// drill is what a report of an exercise is written from. The report itself is real:
// that the exercise was held, and how it went, is told to those who answer for it.
func (x documentCases) drill(ctx context.Context, id string) (documents.Case, error) {
	t, err := x.drills().Tell(ctx, id)
	if err != nil {
		return documents.Case{}, err
	}
	return x.ofDrill(&t), nil
}

func (x documentCases) ofDrill(t *drill.Told) documents.Case {
	at := func(m time.Time) string {
		if m.IsZero() {
			return "chưa"
		}
		return documents.Moment(m.In(x.zone))
	}
	e := &t.Exercise
	injects, matters, missed := paper.Rows{}, paper.Rows{}, paper.Rows{}
	for i, n := range e.Injects {
		injects = append(injects, map[string]string{"number": strconv.Itoa(i + 1), "minute": strconv.Itoa(n.Minute), "text": n.Text, "at": at(n.DoneAt)})
	}
	for i, m := range t.Matters[:min(len(t.Matters), rowsInDocument)] {
		matters = append(matters, map[string]string{"number": strconv.Itoa(i + 1), "name": m.Code + " " + m.Title, "unit": m.Unit,
			"detect": m.Detect, "acknowledge": m.Acknowledge, "contain": m.Contain, "recover": m.Recover})
	}
	for i, m := range t.Missed[:min(len(t.Missed), rowsInDocument)] {
		missed = append(missed, map[string]string{"number": strconv.Itoa(i + 1), "text": m})
	}
	return documents.Case{Subject: module.Subject{Kind: "drill", ID: e.ID, Title: e.Name}, Unit: event.CentreUnit, Fields: paper.Values{
		"drill.name": e.Name, "drill.scenario": e.Scenario, "drill.units": strings.Join(t.Units, ", "), "drill.goals": t.Goals,
		"drill.startedAt": at(e.StartedAt), "drill.endedAt": at(e.EndedAt), "drill.verdict": t.Verdict, "drill.injects": injects, "drill.matters": matters,
		"drill.missed": missed, "drill.duties": drillRows(t.Duties), "drill.papers": drillRows(t.Papers), "drill.tasks": drillRows(t.Tasks), "drill.calls": drillRows(t.Calls),
	}}
}

func drillRows(list []drill.ToldLine) paper.Rows {
	rows := paper.Rows{}
	for i, l := range list[:min(len(list), rowsInDocument)] {
		rows = append(rows, map[string]string{"number": strconv.Itoa(i + 1), "matter": l.Matter, "text": l.What, "at": l.When, "result": l.Result})
	}
	return rows
}

// alertDrills shows module alert the exercises and the incidents, its siblings.
type alertDrills struct{ m *modules }

// Of implements [alert.Drills].
func (x alertDrills) Of(unit event.UnitID, putIn, value string) string {
	return x.m.drills.Of(unit, putIn, value)
}

// MayMove implements [alert.Drills].
func (x alertDrills) MayMove(ctx context.Context, tx bun.Tx, alert string, unit event.UnitID, drill string) error {
	if drill != "" {
		if err := x.m.drills.Joins(ctx, tx, drill, unit); err != nil {
			return err
		}
	}
	code, err := x.m.cases.Holding(ctx, tx, alert)
	if err == nil && code != "" {
		err = fault.New(fault.Conflict, "the alert is part of incident %s; take it out there first", code).WithCode("alert.in-incident")
	}
	return err
}

// drillFeed has module drill put events in through module upload, its sibling.
type drillFeed struct{ uploads *upload.Service }

// Put implements [drill.Feed].
func (x drillFeed) Put(ctx context.Context, f drill.File) (drill.Fed, error) {
	u, err := x.uploads.Add(ctx, upload.Request{Unit: f.Unit, Name: f.Name, As: logfile.AsAuto, Drill: f.Drill, Size: f.Size, Max: f.Max, Body: f.Body})
	return drill.Fed{Upload: u.ID, Name: u.Name, Bytes: u.Size, Kind: u.Kind}, err
}
