package coordination

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// FactHandover tells that the leadership of a matter went to another side; the body
// is a [HandedOver].
const FactHandover module.FactKind = "coordination.handover"

// HandedOver is the body of a [FactHandover].
type HandedOver struct {
	ID      string         `json:"id"`
	Subject module.Subject `json:"subject"`
	Unit    event.UnitID   `json:"unit"` // of the matter
	Drill   bool           `json:"drill"`
	From    Side           `json:"from"`
	To      Side           `json:"to"`
	Reason  string         `json:"reason"`
	At      time.Time      `json:"at"`
	By      string         `json:"by"` // user id of who accepted
}

// HandoverState is how far a hand-over is.
type HandoverState string

// The states of a hand-over.
const (
	HandoverProposed  HandoverState = "proposed"
	HandoverAccepted  HandoverState = "accepted"
	HandoverRefused   HandoverState = "refused"
	HandoverWithdrawn HandoverState = "withdrawn"
)

// Handover is the leadership of a matter going from one side to another.
type Handover struct {
	ID        string         `json:"id"`
	Subject   module.Subject `json:"subject"`
	Unit      event.UnitID   `json:"unit"`
	Drill     bool           `json:"drill"`
	From      Side           `json:"from"`
	To        Side           `json:"to"`
	Reason    string         `json:"reason"`
	State     HandoverState  `json:"state"`
	At        time.Time      `json:"at"`
	Proposer  string         `json:"proposer"` // user id
	Name      string         `json:"name"`
	DecidedAt time.Time      `json:"decidedAt"`
	DecidedBy string         `json:"decidedBy"` // name
	Note      string         `json:"note"`
	Version   int64          `json:"version"`
}

// decide accepts, refuses or withdraws a hand-over.
func (h *Handover) decide(to HandoverState, note string, p module.Principal, now time.Time) error {
	if h.State != HandoverProposed {
		return fault.New(fault.Conflict, "the hand-over is %s already", h.State).WithCode("coordination.state")
	}
	if err := text("note", &note, maxText, to == HandoverRefused); err != nil {
		return err
	}
	h.State, h.DecidedAt, h.DecidedBy, h.Note = to, now, p.DisplayName, note
	return nil
}
