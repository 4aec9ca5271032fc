package module

import (
	"encoding/json"

	"github.com/lachan-vn/lachan/internal/event"
)

// FactNotice has people told of something that is no alert; its body is a [Notice].
// Package notification decides who is told, and how.
const FactNotice FactKind = "notice"

// Notice is something to tell people, in both languages.
type Notice struct {
	Kind    string `json:"kind"` // of notification's catalogue
	Level   string `json:"level"`
	User    string `json:"user,omitempty"` // whom it concerns, for kinds that are personal
	Title   string `json:"title"`
	TitleVi string `json:"titleVi"`
	Object  string `json:"object,omitempty"` // "alert:<id>", "exclusion:<id>"

	// Told are those responsible: they are told whatever the rules say, and the
	// rules may name others.
	Told []Recipient `json:"told,omitempty"`
	// Drill: it is told in the console alone; what a channel would have carried is
	// written down as withheld.
	Drill bool `json:"drill,omitempty"`
}

// Recipient is somebody, or some people, to tell: Who is one of package notification's
// words, such as "role" (of the centre) or "unit-role", ID the one of them.
type Recipient struct {
	Who string `json:"who"`
	ID  string `json:"id,omitempty"`
}

// Responsible are those of a unit who answer for its security: its officer and its head.
func Responsible() []Recipient {
	return []Recipient{{Who: "unit-role", ID: string(RoleSecurityOfficer)}, {Who: "unit-role", ID: string(RoleUnitHead)}}
}

// Fact is the notice on its way; unit is the one whose people may be told.
func (n *Notice) Fact(unit event.UnitID) (Fact, error) {
	body, err := json.Marshal(n)
	return Fact{Kind: FactNotice, Unit: unit, Body: body}, err
}
