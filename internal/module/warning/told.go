package warning

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// What other modules are told of a unit's copy; the body is a [Told].
const (
	FactSent     module.FactKind = "warning.sent"
	FactAnswered module.FactKind = "warning.answered" // or acknowledged, or rejected
	FactSettled  module.FactKind = "warning.settled"
)

// Told is the body of a fact about a copy.
type Told struct {
	ID       string       `json:"id"` // of the warning
	Code     string       `json:"code"`
	Title    string       `json:"title"`
	Unit     event.UnitID `json:"unit"`
	Drill    bool         `json:"drill"`
	Kind     string       `json:"kind"`
	Severity string       `json:"severity"`
	SentAt   time.Time    `json:"sentAt"`
	AckBy    time.Time    `json:"ackBy"`
	FixBy    time.Time    `json:"fixBy"`
	AckAt    time.Time    `json:"ackAt,omitzero"`
	Answer   string       `json:"answer"`
	AnswerAt time.Time    `json:"answerAt,omitzero"`
	Settled  string       `json:"settled"`
	At       time.Time    `json:"settledAt,omitzero"`
	By       string       `json:"by"` // user id
}

// tell tells the other modules of a copy: what happened, and the copy as a matter
// duties may be attached to.
func (s *Service) tell(ctx context.Context, tx bun.Tx, w *Warning, c *Copy, kind module.FactKind) error {
	body, err := json.Marshal(Told{ID: w.ID, Code: w.Code, Title: w.Title, Unit: c.Unit, Drill: w.Drill, Kind: w.Kind, Severity: w.Severity, SentAt: c.SentAt,
		AckBy: c.AckBy, FixBy: c.FixBy, AckAt: c.AckAt, Answer: c.Answer, AnswerAt: c.AnswerAt, Settled: c.Settled, At: c.SettledAt, By: module.PrincipalOf(ctx).ID})
	if err != nil {
		return err
	}
	matter, err := json.Marshal(w.matter(c))
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{{Kind: module.FactMatter, Unit: c.Unit, Body: matter}, {Kind: kind, Unit: c.Unit, Body: body}})
}

// matter is a unit's copy as something duties may be attached to. The unit hears
// its own title only: the subject is the copy.
func (w *Warning) matter(c *Copy) module.Matter {
	m := module.Matter{
		Subject: module.Subject{Kind: "warning", ID: w.ID + "/" + string(c.Unit), Code: w.Code, Title: w.Title}, Unit: c.Unit, Drill: w.Drill,
		Ended: w.State == Withdrawn, At: map[string]time.Time{"publishedAt": c.SentAt},
		Traits: map[string]any{"category": w.Kind, "severity": w.Severity, "tlp": w.TLP},
	}
	for name, at := range map[string]time.Time{"acknowledgedAt": c.AckAt, "closedAt": c.SettledAt} {
		if !at.IsZero() {
			m.At[name] = at
		}
	}
	return m
}

// notice is one about a warning.
type notice struct {
	module.Notice
	roles []string // of the unit, who are told whatever the rules say
}

// notify has people of a unit told: one fact for the unit, however many they are.
func (s *Service) notify(ctx context.Context, tx bun.Tx, unit event.UnitID, n notice) error {
	who := "unit-role"
	if unit == event.CentreUnit {
		who = "role"
	}
	for _, role := range n.roles {
		n.Told = append(n.Told, module.Recipient{Who: who, ID: role})
	}
	if len(n.roles) > 0 && unit != event.CentreUnit {
		n.Told = append(n.Told, module.Recipient{Who: "unit-duty"})
	}
	fact, err := n.Fact(unit)
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{fact})
}

// subject is what messages call the warning by. Messages leave the product, and
// what is marked RED or AMBER+STRICT is named by its number alone.
func (w *Warning) subject(language string) string {
	if w.TLP != "RED" && w.TLP != "AMBER+STRICT" {
		if w.Code == "" {
			return w.Title
		}
		return w.Code + " " + w.Title
	}
	name := w.Code
	if name == "" {
		name = map[string]string{"vi": "dự thảo", "en": "draft"}[language]
	}
	return name + " (TLP:" + w.TLP + ")"
}

// toUnit tells the people of a unit something about its copy.
func (s *Service) toUnit(ctx context.Context, tx bun.Tx, w *Warning, c *Copy, kind, vi, en string, roles []string) error {
	return s.notify(ctx, tx, c.Unit, notice{Notice: module.Notice{Kind: kind, Level: w.Severity, TitleVi: vi + ": " + w.subject("vi"), Title: en + ": " + w.subject("en"),
		Object: copyObject(c), Drill: w.Drill}, roles: roles})
}

// toCentre tells the centre something about a unit's copy.
func (s *Service) toCentre(ctx context.Context, tx bun.Tx, w *Warning, c *Copy, kind, vi, en string, roles []string) error {
	unit := s.Units.Name(c.Unit)
	return s.notify(ctx, tx, event.CentreUnit, notice{Notice: module.Notice{Kind: kind, Level: w.Severity, TitleVi: vi + ": " + unit + ", " + w.subject("vi"),
		Title: en + ": " + unit + ", " + w.subject("en"), Object: copyObject(c), Drill: w.Drill}, roles: roles})
}

func copyObject(c *Copy) string { return "warning:" + c.Warning + "/" + string(c.Unit) }
