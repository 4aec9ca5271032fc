package coordination

import (
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Side is one of two who coordinate: a unit, a force or a member of the network.
type Side struct {
	Kind string `json:"kind" enum:"unit,force,member"`
	ID   string `json:"id" maxLength:"64"`
	Name string `json:"name,omitempty" maxLength:"200"`
}

// The kinds of sides. A unit answers in its own console; for the others somebody of
// the asking side notes what they said.
const (
	SideUnit   = "unit"
	SideForce  = "force"
	SideMember = "member"
)

// AskState is how far an ask is.
type AskState string

// The states of an ask.
const (
	AskSent      AskState = "sent"
	AskSeen      AskState = "seen"
	AskAnswered  AskState = "answered"
	AskRefused   AskState = "refused"
	AskWithdrawn AskState = "withdrawn"
)

// Open tells whether an answer is still awaited.
func (s AskState) Open() bool { return s == AskSent || s == AskSeen }

// Ask is a question to somebody else about a matter.
type Ask struct {
	ID       string         `json:"id"`
	Subject  module.Subject `json:"subject"`
	Unit     event.UnitID   `json:"unit"` // of the matter: who asks
	Drill    bool           `json:"drill"`
	To       Side           `json:"to"`
	Question string         `json:"question"`
	By       time.Time      `json:"by"` // an answer is wanted until then
	State    AskState       `json:"state"`
	Steps    []AskStep      `json:"steps"`
	Reminded int            `json:"reminded"` // the highest percent of the time
	At       time.Time      `json:"at"`
	Asker    string         `json:"asker"` // user id
	Name     string         `json:"name"`  // of the asker
	Version  int64          `json:"version"`
}

// AskStep is one thing that happened to an ask.
type AskStep struct {
	State AskState  `json:"state"`
	At    time.Time `json:"at"`
	ByID  string    `json:"byId"`
	By    string    `json:"by"`
	Text  string    `json:"text"`
}

// other is the unit that is asked, "" if it is no unit.
func (s Side) other() event.UnitID {
	if s.Kind == SideUnit {
		return event.UnitID(s.ID)
	}
	return ""
}

func (a *Ask) check(now time.Time) error {
	if err := text("question", &a.Question, maxText, true); err != nil {
		return err
	}
	if !a.By.After(now) {
		return bad("by", "past", "the time by which an answer is wanted is over")
	}
	return nil
}

// step takes an ask further.
func (a *Ask) step(to AskState, words string, p module.Principal, now time.Time) error {
	allowed := map[AskState][]AskState{
		AskSent: {AskSeen, AskAnswered, AskRefused, AskWithdrawn},
		AskSeen: {AskAnswered, AskRefused, AskWithdrawn},
	}
	if !slices.Contains(allowed[a.State], to) {
		return fault.New(fault.Conflict, "an ask that is %s cannot become %s", a.State, to).WithCode("coordination.state")
	}
	if err := text("text", &words, maxText, to == AskAnswered || to == AskRefused); err != nil {
		return err
	}
	a.State = to
	a.Steps = append(a.Steps, AskStep{to, now, p.ID, p.DisplayName, words})
	return nil
}

// askReminders are the parts of the time, in percent, at which who is asked is
// reminded.
var askReminders = []int{50, 100}

func (a *Ask) remindAt(percent int) time.Time {
	return a.At.Add(a.By.Sub(a.At) / 100 * time.Duration(percent))
}

// reminder is the reminder that is due; 0 for none.
func (a *Ask) reminder(now time.Time) (due int) {
	for _, percent := range askReminders {
		if a.State.Open() && a.Reminded < percent && !now.Before(a.remindAt(percent)) {
			due = percent
		}
	}
	return due
}

func (a *Ask) nextLook() time.Time {
	for _, percent := range askReminders {
		if a.State.Open() && a.Reminded < percent {
			return a.remindAt(percent)
		}
	}
	return time.Time{}
}
