package module

import (
	"encoding/json"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// FactVerified tells what an inspection found of requirements of systems of the register;
// its body is a [Verified].
const FactVerified FactKind = "requirement.verified"

// Verified is what an inspection found, and who found it.
type Verified struct {
	Inspection Subject        `json:"inspection"`
	Unit       event.UnitID   `json:"unit"`
	ByID       string         `json:"byId"`
	By         string         `json:"by"`
	At         time.Time      `json:"at"`
	Found      []VerifiedItem `json:"found"`
}

// VerifiedItem is what was found of one requirement of a system.
type VerifiedItem struct {
	System string `json:"system"` // id of the register
	Item   string `json:"item"`   // of a catalogue of requirements
	// Verdict is confirmed or refuted; "": what this inspection held against the
	// requirement was mended, as it saw when it looked again.
	Verdict string `json:"verdict"`
	Note    string `json:"note"`
}

// Fact is what was found, on its way.
func (v *Verified) Fact() (Fact, error) {
	body, err := json.Marshal(v)
	return Fact{Kind: FactVerified, Unit: v.Unit, Body: body}, err
}
