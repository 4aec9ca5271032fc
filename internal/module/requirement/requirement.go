// Package requirement keeps how information systems stand to the basic requirements
// of their security level.
//
// Three values stand side by side for each requirement of a system: what the unit
// declares ([Declaration]), what shows by itself ([Reading]: logs, sources, imports)
// and what somebody verified who did not declare it. What is declared as done and is
// seen not to be is a gap. The catalogues are data ([Standard]); the systems are
// those the register tells of.
//
// Besides, a unit's record holds what incidents speak against. A matter that
// was confirmed speaks against a group of requirements (data/signs.yaml):
// ransomware against malware protection and backup. Each such finding stands in
// the unit's record with the matter it comes from, until a person verifies that
// the requirement is met again. The end of the matter alone does not: it moves
// the finding to those that wait to be verified.
//
// Invariants. A matter speaks once against a group. Nothing is deleted: if the
// matter turns out to be none, its findings are withdrawn and say so. Drills are
// kept apart. Whoever verifies belongs to the centre: nobody passes himself.
//
// Start reading at standing.go, and at Finding for what incidents speak against.
package requirement

import (
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// State is how a finding stands.
type State string

// The states.
const (
	Failing   State = "failing"
	Recheck   State = "recheck" // the matter is over; somebody should look
	Met       State = "met"     // verified
	Withdrawn State = "withdrawn"
)

// Open tells whether the requirement is not known to be met.
func (s State) Open() bool { return s == Failing || s == Recheck }

// Finding is a group of requirements that a unit was seen not to meet.
type Finding struct {
	ID      string
	Unit    event.UnitID
	Group   string
	Code    string // item of the standard at the level; "" if the level is not known
	Level   int    // security level; 0 not known
	Systems []string
	Subject module.Subject
	Drill   bool
	State   State
	Since   time.Time
	EndedAt time.Time // when it was verified or withdrawn
	Version int64
}

// Verb is what a person does about a finding.
type Verb string

// The verbs.
const (
	Verify   Verb = "verify"   // the requirement is met
	Reopen   Verb = "reopen"   // it is not, after all
	Withdraw Verb = "withdraw" // it was never concerned
	Note     Verb = "note"
)

// Step is one thing that happened to a finding.
type Step struct {
	ID       string
	Verb     Verb
	From, To State
	Note     string
	ByID, By string
	At       time.Time
}

const maxNote = 4000

// step applies a verb. Errors: Conflict requirement.state, Invalid naming the
// field.
func (f *Finding) step(v Verb, note string) (State, error) {
	bad := func(code, format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).WithCode("requirement." + code).OnField("body.note")
	}
	n := len([]rune(strings.TrimSpace(note)))
	switch {
	case n > maxNote:
		return "", bad("note", "a note has at most %d letters", maxNote)
	case v == Note && n == 0:
		return "", bad("note", "write the note")
	case v != Note && n < 10:
		return "", bad("reason", "say in at least ten letters what was looked at: whoever checks later reads it")
	}
	wrong := fault.New(fault.Conflict, "a finding that is %s cannot take the step %s", f.State, v).WithCode("requirement.state")
	to := map[Verb]State{Verify: Met, Reopen: Failing, Withdraw: Withdrawn, Note: f.State}[v]
	switch {
	case to == "":
		return "", fault.New(fault.Invalid, "no step %q", v).WithCode("requirement.verb").OnField("body.verb")
	case v == Note:
		return to, nil
	case v == Reopen && f.State == Failing, v != Reopen && !f.State.Open():
		return "", wrong
	}
	return to, nil
}

// heard is the state a matter alone brings a finding to.
func (f *Finding) heard(m *module.Matter, speaks bool) State {
	_, over := m.At["closedAt"]
	switch {
	case !speaks && f.State.Open():
		return Withdrawn
	case speaks && over && f.State == Failing:
		return Recheck
	case speaks && !over && f.State == Recheck:
		return Failing // the matter was opened again
	}
	return f.State
}
