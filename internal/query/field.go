package query

import "strings"

// Core names what every event has beside its fields.
type Core uint8

// The core of an event.
const (
	NoCore Core = iota
	ID
	Unit
	Time
	Received
	Host
	Input
	Peer
	Format
	Product
	Category
	Service
	Rule
	Skewed
	Raw
)

var cores = map[string]Core{
	"id": ID, "unit": Unit, "time": Time, "received": Received, "host": Host, "input": Input,
	"peer": Peer, "format": Format, "product": Product, "category": Category, "service": Service,
	"rule": Rule, "rules": Rule, "skewed": Skewed, "raw": Raw,
}

// Resolve says what a field name in a query stands for: a part of the core, a
// field of the event (its folded name), or both. A bare "host" is the core's and
// also a field of that name, since logs are full of such fields; "_host" is the
// core's alone. Time, received, id, unit, skewed and raw are always the core's.
func Resolve(name string) (core Core, field string) {
	field = Fold(name)
	if bare, ok := strings.CutPrefix(field, "_"); ok {
		if c, ok := cores[bare]; ok {
			return c, ""
		}
		return NoCore, field
	}
	core = cores[field]
	switch core {
	case ID, Unit, Time, Received, Skewed, Raw:
		field = ""
	}
	return core, field
}

func isTime(name string) bool {
	c, _ := Resolve(name)
	return c == Time || c == Received
}
