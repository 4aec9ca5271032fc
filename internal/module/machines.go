package module

import "github.com/lachan-vn/lachan/internal/event"

// Machines are what logs may know an information system by.
type Machines struct {
	Units []event.UnitID // whose logs may speak of it: the owner's and the operator's
	// Has tells whether a name or address that a log gives may be one of its machines':
	// of its inventory, with or without its domain, or an address in its zones. The same
	// network may be a zone of several systems.
	Has func(host string) bool
	// Serves tells whether a name is one of its domains, or beneath one.
	Serves func(name string) bool
}
