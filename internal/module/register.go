package module

import (
	"encoding/json"

	"github.com/lachan-vn/lachan/internal/event"
)

// FactRegistered tells of an information system that was entered into the register or
// changed there; its body is a [Registered] as it is now. It is told with every change, so
// that whoever keeps something by system need not ask.
const FactRegistered FactKind = "system.registered"

// Registered is what other modules know of an information system of the register.
type Registered struct {
	ID       string       `json:"id"`
	Code     string       `json:"code"` // HT-0001, never used again
	Name     string       `json:"name"`
	Unit     event.UnitID `json:"unit"`               // the owner (chủ quản), or whom it gave the system to
	Operator event.UnitID `json:"operator,omitempty"` // a unit that operates it (đơn vị vận hành); "" where an outside party does
	// OperatorName is the operator as papers name it, whether it is a unit or not.
	OperatorName string `json:"operatorName,omitempty"`
	Level        int    `json:"level"`         // 1 to 5 as approved; 0: not approved yet
	Proposed     int    `json:"proposedLevel"` // 1 to 5 as last proposed; 0: never
	State        string `json:"state"`         // one of the states below
	Critical     bool   `json:"critical"`      // on the list of systems critical to national security
}

// The states of a system.
const (
	SystemPlanned   = "planned" // being designed or built
	SystemOperating = "operating"
	SystemRetired   = "retired"
)

// Fact is the system as the others hear of it.
func (s *Registered) Fact() (Fact, error) {
	body, err := json.Marshal(s)
	return Fact{Kind: FactRegistered, Unit: s.Unit, Body: body}, err
}

// FactConnected tells that a system of the register was connected with another or with a
// party outside it; its body is a [Connected].
const FactConnected FactKind = "system.connected"

// Connected is a new connection, as other modules hear of it.
type Connected struct {
	ID      string `json:"id"`
	System  string `json:"system"`
	Other   string `json:"other,omitempty"`   // id of the other system
	Partner string `json:"partner,omitempty"` // where the other side is not in the register
}

// Fact is the connection as it is told of.
func (c *Connected) Fact(unit event.UnitID) (Fact, error) {
	body, err := json.Marshal(c)
	return Fact{Kind: FactConnected, Unit: unit, Body: body}, err
}
