package module

import (
	"encoding/json"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// FactMatter tells that a matter began or is another than before; the body is a
// [Matter]. Whoever owns a kind of matter tells it with every change that may
// bring or end a duty, always whole, so that the last one heard is what holds.
const FactMatter FactKind = "matter"

// Matter is something the law attaches duties to, as modules tell one another of
// it: an incident, a citizen's report, an inspection. The words it is described
// by are the attributes of obligation/data/attributes.yaml.
type Matter struct {
	Subject Subject              `json:"subject"`
	Unit    event.UnitID         `json:"unit"`
	Systems []string             `json:"systems,omitempty"` // ids of the systems of the register that it concerns
	Drill   bool                 `json:"drill"`             // an exercise: nothing of it leaves the centre
	Ended   bool                 `json:"ended"`             // it turned out to be none, or was merged into another
	At      map[string]time.Time `json:"at"`                // moments: detectedAt, closedAt
	Traits  map[string]any       `json:"traits"`            // truth, number, text or list of texts, by attribute
}

// Subject names an object of a module to others.
type Subject struct {
	Kind  string `json:"kind"` // incident
	ID    string `json:"id"`
	Code  string `json:"code"` // what people call it by: SC-2026-0012
	Title string `json:"title"`
}

// ReadMatter reads the body of a FactMatter.
func ReadMatter(f Fact) (Matter, error) {
	var m Matter
	if err := json.Unmarshal(f.Body, &m); err != nil {
		return m, fault.New(fault.Invalid, "fact %s: %w", f.ID, err)
	}
	return m, nil
}
