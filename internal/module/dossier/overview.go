package dossier

import (
	"context"

	"github.com/lachan-vn/lachan/internal/module"
)

// Overview is what the register knows of a system for the overview of its dossier
// (Điều 22.3). What is empty is not known.
type Overview struct {
	Purpose, Serves, Type, Extent, Scale, DataCentre string // Type in words
	Domains                                          []string
	Owner, Operator                                  Party
	Zones                                            []Zone
	Services                                         []Served
	Devices                                          []Device
}

// Party is an agency as papers name it.
type Party struct {
	Name, Mandate, Head, Title, Address, Phone, Mail string
}

// Zone is a network zone, its addresses as a list in one text.
type Zone struct{ Name, Private, Public string }

// Served is a service and the server it runs on.
type Served struct{ Name, Server, OS, Purpose string }

// Device is a device of the inventory.
type Device struct{ Name, Type, Place, Purpose string }

// Declared is a requirement of a level and what the unit says of it, in Vietnamese.
type Declared struct {
	Plan, Group, Text string      // Plan is a section of the security plan
	State             string      // fully, partly, planned, not-applicable; "" nothing was declared
	Owner, Note       string      // who sees to it
	Due               module.Date // of what is not met
	Exempt            module.Date // the last day of an exception; "" none
}

// Describer tells of systems what papers say. It goes by the principal in ctx.
type Describer interface {
	// Overview returns what the register knows. Errors: Denied, NotFound.
	Overview(ctx context.Context, system string) (Overview, error)
	// Declared returns the requirements of a level, 0: of that the system is held to; nil
	// where the principal may not know.
	Declared(ctx context.Context, system string, level int) ([]Declared, error)
}
