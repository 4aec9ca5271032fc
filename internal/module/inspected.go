package module

import (
	"encoding/json"

	"github.com/lachan-vn/lachan/internal/event"
)

// FactInspected tells that others than the unit itself have inspected or assessed systems
// of the register; its body is an [Inspected].
const FactInspected FactKind = "system.inspected"

// Inspected is an inspection that was concluded, whatever it found.
type Inspected struct {
	Inspection Subject      `json:"inspection"`
	Unit       event.UnitID `json:"unit"`
	Systems    []string     `json:"systems"` // ids of the register
	Day        Date         `json:"day"`     // of the conclusion
}

// Fact is the inspection, on its way.
func (x *Inspected) Fact() (Fact, error) {
	body, err := json.Marshal(x)
	return Fact{Kind: FactInspected, Unit: x.Unit, Body: body}, err
}
