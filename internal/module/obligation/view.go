package obligation

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// ObligationView is an obligation on the wire.
type ObligationView struct {
	ID          string                `json:"id"`
	Duty        string                `json:"duty" doc:"the row of the catalogue it is by"`
	TitleVi     string                `json:"titleVi"`
	Title       string                `json:"title"`
	Stage       string                `json:"stage" enum:"at-once,initial,report,personal-data,final,yearly,once"`
	Basis       LegalBasis            `json:"basis"`
	Recipient   RecipientView         `json:"recipient"`
	Form        string                `json:"form" doc:"kind of document"`
	Verify      string                `json:"verify" doc:"what is to be checked against the published text; empty: nothing"`
	Subject     ObligationSubjectView `json:"subject"`
	Unit        event.UnitID          `json:"unit"`
	UnitName    string                `json:"unitName"`
	Drill       bool                  `json:"drill"`
	StartedAt   module.Time           `json:"startedAt"`
	DueAt       module.Time           `json:"dueAt"`
	MissingDays []int                 `json:"missingYears" nullable:"false" doc:"years whose public holidays are not entered: the deadline counts weekends alone"`
	State       string                `json:"state" enum:"pending,prepared,sent,acknowledged,withdrawn"`
	Late        bool                  `json:"late"`
	Passed      int                   `json:"passed" doc:"percent of the time that is over; more than 100: late"`
	Doubtful    bool                  `json:"doubtful" doc:"the matter no longer meets the condition; somebody should withdraw it or say why not"`
	DoneAt      *module.Time          `json:"doneAt,omitempty"`
	MayHandle   bool                  `json:"mayHandle"`
	Version     int64                 `json:"version" doc:"send it back with a step"`
}

// ObligationSubjectView is what an obligation is about.
type ObligationSubjectView struct {
	Kind  string `json:"kind" doc:"incident, or date"`
	ID    string `json:"id"`
	Code  string `json:"code"`
	Title string `json:"title"`
}

// RecipientView is to whom something is owed.
type RecipientView struct {
	ID   string `json:"id"`
	Vi   string `json:"vi"`
	Name string `json:"name"`
}

// ObligationStepView is one thing done about an obligation.
type ObligationStepView struct {
	ID    string            `json:"id"`
	Verb  string            `json:"verb" enum:"prepare,send,acknowledge,withdraw,back,note,retime" doc:"retime: the moment the clock runs from was corrected"`
	From  string            `json:"from"`
	To    string            `json:"to"`
	At    module.Time       `json:"at" doc:"when it happened"`
	By    module.PersonView `json:"by"`
	Note  string            `json:"note"`
	Proof ProofOfSending    `json:"proof"`
}

// ObligationDetailView is an obligation with its history.
type ObligationDetailView struct {
	ObligationView
	Steps []ObligationStepView `json:"steps" nullable:"false"`
}

// ObligationListView is a page of obligations.
type ObligationListView struct {
	Items        []ObligationView `json:"items" nullable:"false"`
	Next         string           `json:"next" doc:"cursor of the next page; empty: this is the last"`
	MissingYears []int            `json:"missingYears" nullable:"false" doc:"of this year and the next, those whose public holidays are not entered"`
}

// ObligationWallView is who owes what.
type ObligationWallView struct {
	Units        []ObligationUnitView `json:"units" nullable:"false"`
	Open         int64                `json:"open"`
	Late         int64                `json:"late"`
	Soon         int64                `json:"soon"`
	MissingYears []int                `json:"missingYears" nullable:"false"`
}

// ObligationUnitView is how a unit stands.
type ObligationUnitView struct {
	Unit     event.UnitID `json:"unit"`
	UnitName string       `json:"unitName"`
	Open     int64        `json:"open"`
	Late     int64        `json:"late"`
	Soon     int64        `json:"soon" doc:"due within 24 hours"`
	First    module.Time  `json:"first" doc:"when the earliest is, or was, due"`
}

func (s *Service) recipientView(id string) RecipientView {
	r := s.book.Load().Recipients[id]
	return RecipientView{id, r.Vi, r.En}
}

func (s *Service) view(p module.Principal, o *Obligation, now time.Time) ObligationView {
	v := ObligationView{
		ID: o.ID, Duty: o.Duty, TitleVi: o.Vi, Title: o.En, Stage: o.Stage, Basis: o.Basis, Recipient: s.recipientView(o.Recipient), Form: o.Form, Verify: o.Verify,
		Subject: ObligationSubjectView(o.Subject), Unit: o.Unit, UnitName: s.Units.Name(o.Unit), Drill: o.Drill,
		StartedAt: module.Time{Time: o.StartedAt}, DueAt: module.Time{Time: o.DueAt}, MissingDays: o.Missing, State: string(o.State),
		Late: o.Late(now), Passed: o.Passed(now), Doubtful: o.Doubtful, DoneAt: module.TimeOrNil(o.DoneAt),
		MayHandle: p.Can(module.ActionObligationHandle, o.Unit), Version: o.Version,
	}
	if !o.DoneAt.IsZero() {
		v.Passed = o.Passed(o.DoneAt)
	}
	if v.MissingDays == nil {
		v.MissingDays = []int{}
	}
	return v
}

func (s *Service) detail(ctx context.Context, o *Obligation, steps []Step) ObligationDetailView {
	v := ObligationDetailView{ObligationView: s.view(module.PrincipalOf(ctx), o, s.Now()), Steps: make([]ObligationStepView, len(steps))}
	for i, x := range steps {
		v.Steps[i] = ObligationStepView{
			ID: x.ID, Verb: string(x.Verb), From: string(x.From), To: string(x.To), At: module.Time{Time: x.At},
			By: module.PersonView{ID: x.ByID, DisplayName: x.By}, Note: x.Note, Proof: x.Proof,
		}
	}
	return v
}

// missingYears lists, of this year and the next, those without public holidays.
func (s *Service) missingYears() []int {
	missing := []int{}
	year := s.Now().In(s.Zone).Year()
	for _, n := range []int{year, year + 1} {
		if _, ok := s.book.Load().years[n]; !ok {
			missing = append(missing, n)
		}
	}
	return missing
}
