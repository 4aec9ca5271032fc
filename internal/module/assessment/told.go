package assessment

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// What other modules are told of findings; the body of each is a [Told].
const (
	FactFinding module.FactKind = "assessment.finding" // it is open, or answered
	FactClosed  module.FactKind = "assessment.closed"
)

// Told is a finding, as other modules hear of it.
type Told struct {
	ID       string       `json:"id"`
	Visit    string       `json:"visit"`
	Code     string       `json:"code"` // of the visit
	Unit     event.UnitID `json:"unit"`
	Systems  []string     `json:"systems"` // ids of the register
	Title    string       `json:"title"`
	Severity string       `json:"severity"`
	Due      module.Date  `json:"due"`
	State    FindingState `json:"state"`
}

// matter is the visit as the law sees it: what is due follows its end.
func (v *Visit) matter() module.Matter {
	m := module.Matter{Subject: v.subject(), Unit: v.Unit, Systems: v.registered(), Ended: v.State == Cancelled,
		At: map[string]time.Time{}, Traits: map[string]any{"subject": "inspection", "scheduled": v.Scheduled}}
	if v.State == Concluded {
		m.At["closedAt"] = v.ConcludedAt
	}
	return m
}

func (v *Visit) subject() module.Subject {
	return module.Subject{Kind: "inspection", ID: v.ID, Code: v.Code, Title: v.Title}
}

// registered are the ids of its systems that are in the register.
func (f *Facts) registered() []string {
	ids := []string{}
	for _, t := range f.Systems {
		if t.ID != "" {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// byOthers tells whether somebody else than its unit looks at the systems. A check of
// devices before they are installed is not one of a system.
func (k Kind) byOthers() bool { return k == Inspection || k == Independent || k == Pentest }

// tell tells of a step: the unit, when it may hear of the visit, who watches duties, and
// who keeps when systems were inspected.
func (s *Service) tell(ctx context.Context, tx bun.Tx, verb string, v *Visit) error {
	var facts []module.Fact
	// The law sets a time for the result of an inspection, not of the other kinds.
	if v.Kind == Inspection && (v.State == Concluded || v.State == Cancelled) {
		body, err := json.Marshal(v.matter())
		if err != nil {
			return err
		}
		facts = append(facts, module.Fact{Kind: module.FactMatter, Unit: v.Unit, Body: body})
	}
	if ids := v.registered(); verb == StepConclude && v.Kind.byOthers() && len(ids) > 0 {
		x := module.Inspected{Inspection: v.subject(), Unit: v.Unit, Systems: ids, Day: module.Date(v.ConcludedAt.In(s.Zone).Format(time.DateOnly))}
		f, err := x.Fact()
		if err != nil {
			return err
		}
		facts = append(facts, f)
	}
	if verb == StepNotify {
		n := module.Notice{Kind: "assessment.notice", Level: "high", Object: "inspection:" + v.ID, Told: module.Responsible(),
			TitleVi: "Thông báo kiểm tra " + v.Code + ": " + v.Title + ", bắt đầu " + s.clock(v.StartsAt), Title: "Inspection " + v.Code + ": " + v.Title + ", begins " + s.clock(v.StartsAt)}
		f, err := n.Fact(v.Unit)
		if err != nil {
			return err
		}
		facts = append(facts, f)
	}
	return module.Emit(ctx, tx, facts)
}

func (s *Service) clock(t time.Time) string { return t.In(s.Zone).Format("15:04 02/01/2006") }

// tellFinding tells of a finding: other modules, and whoever is to act next.
func (s *Service) tellFinding(ctx context.Context, tx bun.Tx, kind module.FactKind, v *Visit, f *Finding) error {
	t := Told{ID: f.ID, Visit: v.ID, Code: v.Code, Unit: f.Unit, Systems: v.registered(), Title: f.Title, Severity: f.Severity, Due: f.Due, State: f.State}
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	n := module.Notice{Kind: "assessment.finding", Level: "medium", Object: "inspection:" + v.ID, Told: module.Responsible(),
		TitleVi: "Yêu cầu khắc phục sau kiểm tra " + v.Code + ": " + f.Title, Title: "To be mended after " + v.Code + ": " + f.Title}
	unit := f.Unit
	switch f.State {
	case Answered:
		n.Kind, n.TitleVi, n.Title = "assessment.answer", "Đơn vị báo đã khắc phục "+v.Code+": "+f.Title, "Said to be mended, "+v.Code+": "+f.Title
		n.Told, unit = []module.Recipient{{Who: "role", ID: string(module.RoleCoordinator)}}, event.CentreUnit
	case Closed:
		n.TitleVi, n.Title = "Đã kiểm tra lại, kết thúc yêu cầu "+v.Code+": "+f.Title, "Looked at again and closed, "+v.Code+": "+f.Title
	}
	notice, err := n.Fact(unit)
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{{Kind: kind, Unit: f.Unit, Body: body}, notice})
}
