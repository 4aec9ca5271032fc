package module

import (
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
)

// Scope is what p sees of the lake.
func (p Principal) Scope() lake.Scope {
	if p.AllUnits() {
		return lake.ScopeAll()
	}
	if reach := p.Reach(); len(reach) > 0 {
		return lake.ScopeUnits(reach...)
	}
	return lake.Scope{}
}

// NewEventView puts a stored event on the wire.
func NewEventView(r *lake.Row) EventView {
	v := EventView{
		ID: r.ID.String(), Time: Time{r.Time}, Received: Time{r.Received}, Unit: r.Unit, Host: r.Host,
		Input: r.Input, Peer: r.Peer, Format: r.Format,
		Product: r.Source.Product, Category: r.Source.Category, Service: r.Source.Service,
		Skewed: r.Skewed, Rules: r.Rules, Raw: r.Raw, Fields: make(map[string]Values, len(r.Fields)),
	}
	if v.Rules == nil {
		v.Rules = []string{}
	}
	for _, f := range r.Fields {
		v.Fields[f.Name] = append(v.Fields[f.Name], f.Value)
	}
	return v
}

// maxRange bounds a time range someone asks for.
const maxRange = 100 * 366 * 24 * time.Hour

// CheckRange refuses a range that is empty or upside down.
func CheckRange(from, to time.Time, place string) error {
	if !to.After(from) {
		return fault.New(fault.Invalid, "to: must be after from").WithCode("range.empty").OnField(place + ".to")
	}
	if to.Sub(from) > maxRange {
		return fault.New(fault.Invalid, "from: at most 100 years before to").WithCode("range.too-long").OnField(place + ".from")
	}
	return nil
}
