package alert

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// What other modules are told of alerts. The body of each is a [Told].
const (
	// FactOpened: a new alert, once in its life; findings it counts later tell nothing.
	FactOpened module.FactKind = "alert.opened"
	// FactAssigned: it was given to somebody, or to nobody.
	FactAssigned module.FactKind = "alert.assigned"
	// FactAcknowledged: somebody began to work on it.
	FactAcknowledged module.FactKind = "alert.acknowledged"
	// FactClosed: it was closed, by a person, or by the centre when a signal was over.
	FactClosed module.FactKind = "alert.closed"
	// FactReopened: a person took a closed one up again.
	FactReopened module.FactKind = "alert.reopened"
)

// Told is the body of a fact about an alert.
type Told struct {
	ID       string          `json:"id"`
	RuleID   string          `json:"ruleId"`
	Signal   string          `json:"signal,omitempty"` // its kind; "" if a rule raised it
	Title    string          `json:"title"`
	TitleVi  string          `json:"titleVi"`
	Level    string          `json:"level"`
	Tags     json.RawMessage `json:"tags,omitempty"` // of the rule, a JSON array
	Unit     event.UnitID    `json:"unit"`
	Entity   ToldEntity      `json:"entity"`
	Assignee string          `json:"assignee"` // user id, "" for nobody
	By       string          `json:"by"`       // user id, "" for the centre itself
	Reason   string          `json:"reason"`   // of closing
	Drill    bool            `json:"drill,omitempty"`
	Exercise string          `json:"exercise,omitempty"` // of a drill
}

// ToldEntity is whom an alert is about.
type ToldEntity struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

func (r *alertRow) told(by string) Told {
	return Told{
		ID: r.ID, RuleID: r.RuleID, Signal: r.Signal, Title: r.Title, TitleVi: r.TitleVi, Level: r.Level, Unit: event.UnitID(r.Unit),
		Entity: ToldEntity{r.EntityField, r.EntityValue}, Assignee: r.Assignee, By: by, Reason: r.Reason, Tags: json.RawMessage(r.Tags),
		Drill: r.Drill != "", Exercise: r.Drill,
	}
}

func (a *Alert) told(by string) Told {
	t := Told{
		ID: a.ID, RuleID: a.RuleID, Title: a.Title, TitleVi: a.TitleVi, Level: a.Level, Unit: a.Unit,
		Entity: ToldEntity{a.EntityField, a.EntityValue}, Assignee: a.Assignee, By: by, Reason: string(a.Reason),
		Drill: a.Drill != "", Exercise: a.Drill,
	}
	if a.Signal != nil {
		t.Signal = a.Signal.Kind
	}
	return t
}

func (t *Told) fact(kind module.FactKind) (module.Fact, error) {
	body, err := json.Marshal(t)
	return module.Fact{Kind: kind, Unit: t.Unit, Body: body}, err
}

// tellOpened tells of new alerts, all at once.
func tellOpened(ctx context.Context, tx bun.Tx, rows []alertRow) error {
	facts := make([]module.Fact, len(rows))
	for i := range rows {
		t := rows[i].told("")
		var err error
		if facts[i], err = t.fact(FactOpened); err != nil {
			return err
		}
	}
	return module.Emit(ctx, tx, facts)
}

// tellChanged tells what a person's change comes to.
func tellChanged(ctx context.Context, tx bun.Tx, before, after *Alert, by string) error {
	var facts []module.Fact
	told := after.told(by)
	for _, kind := range changeFacts(before, after) {
		f, err := told.fact(kind)
		if err != nil {
			return err
		}
		facts = append(facts, f)
	}
	return module.Emit(ctx, tx, facts)
}

func changeFacts(before, after *Alert) []module.FactKind {
	var kinds []module.FactKind
	if before.Assignee != after.Assignee {
		kinds = append(kinds, FactAssigned)
	}
	switch {
	case before.Status == after.Status:
	case after.Status == StatusClosed:
		kinds = append(kinds, FactClosed)
	case before.Status == StatusClosed:
		kinds = append(kinds, FactReopened)
	case after.Status == StatusInProgress:
		kinds = append(kinds, FactAcknowledged)
	}
	return kinds
}
