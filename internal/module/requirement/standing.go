package requirement

import (
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// System is what is known of a system of the register.
type System struct {
	ID, Code, Name string
	Unit, Operator event.UnitID
	Level          int // approved; 0 not yet
	Proposed       int
	State          string
	// Ahead is the level that somebody looks at the requirements of, who prepares a
	// dossier; 0: none but its own.
	Ahead int
}

// AskedAt is the level whose requirements the system is held to: the approved one,
// until then the proposed one, and the lowest while there is none; or the one somebody
// looks ahead to.
func (s *System) AskedAt() int {
	switch {
	case s.Ahead > 0:
		return s.Ahead
	case s.Level > 0:
		return s.Level
	case s.Proposed > 0:
		return s.Proposed
	}
	return 1
}

func (s *System) seenBy(p module.Principal) bool { return p.Sees(s.Unit) || p.Sees(s.Operator) }

// Declared is what a unit says of a requirement.
type Declared string

// What may be declared; "" nothing was.
const (
	NotApplicable Declared = "not-applicable"
	IsPlanned     Declared = "planned"
	Partly        Declared = "partly"
	Fully         Declared = "fully"
)

// Verdict is what somebody found who is not who declared.
type Verdict string

// The verdicts; "" nobody looked.
const (
	Confirmed Verdict = "confirmed"
	Refuted   Verdict = "refuted"
)

// Exception is leave not to meet a requirement until a day.
type Exception struct {
	Reason string
	Until  module.Date
}

// Declaration is what a unit says of one requirement of a system.
type Declaration struct {
	State     Declared
	Reason    string // why it does not apply, what is missing
	Owner     string // who of the unit sees to it
	Due       module.Date
	Exception Exception
}

// Mark is who said something, and when.
type Mark struct {
	ID, Name string
	At       time.Time
}

// Answer is one requirement of a system: what was declared, and what was verified.
type Answer struct {
	System, Item string
	Declaration
	DeclaredBy  Mark
	Verdict     Verdict
	VerdictNote string
	VerifiedBy  Mark
	Inspection  module.Subject // that found it, ID and Code; zero: none did
	Version     int64
}

// excepted tells whether the exception is in force.
func (a *Answer) excepted(today module.Date) bool {
	return a.Exception.Reason != "" && a.Exception.Until >= today
}

// met tells whether the unit declares that nothing is left to do.
func (a *Answer) met() bool { return a.State == Fully || a.State == NotApplicable }

// gap tells whether what is declared as done is seen not to be.
func (a *Answer) gap(measured Result) bool {
	return a.State == Fully && measured == Fail || a.met() && a.Verdict == Refuted
}

const (
	maxReason       = 4000
	maxOwner        = 200
	maxExceptionDay = 2 * 366
)

// tidy cleans a declaration and says what is wrong with it. Errors: Invalid naming
// the field.
func (d *Declaration) tidy(today module.Date) error {
	d.Reason, d.Owner, d.Exception.Reason = strings.TrimSpace(d.Reason), module.OneLine(d.Owner), strings.TrimSpace(d.Exception.Reason)
	bad := func(field, code, format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).WithCode("requirement." + code).OnField("body." + field)
	}
	switch d.State {
	case "", IsPlanned, Partly, Fully, NotApplicable:
	default:
		return bad("declared", "declared", "declared: not-applicable, planned, partly or fully")
	}
	for field, text := range map[string]string{"reason": d.Reason, "exceptionReason": d.Exception.Reason} {
		if !module.IsText(text, maxReason) {
			return bad(field, "long", "write at most %d letters", maxReason)
		}
	}
	if !module.IsText(d.Owner, maxOwner) {
		return bad("responsible", "long", "write at most %d letters", maxOwner)
	}
	if d.State == NotApplicable && d.Reason == "" {
		return bad("reason", "not-applicable", "say why the requirement does not apply to the system")
	}
	if d.State == IsPlanned && d.Due == "" {
		return bad("due", "due", "what is planned needs the day it will be done by")
	}
	switch x := d.Exception; {
	case x.Reason == "" && x.Until != "":
		return bad("exceptionReason", "exception-reason", "an exception needs its reason")
	case x.Reason != "" && (x.Until < today || x.Until > today.Add(maxExceptionDay)):
		return bad("exceptionUntil", "exception-until", "an exception ends on a day from today on, within two years")
	}
	return nil
}

// declare puts a declaration in place of the one before. Another declaration than
// the one that was verified was verified by nobody.
func (a *Answer) declare(d Declaration, by Mark) {
	// What an inspection found before anything was declared stands.
	if d.State != a.State && a.State != "" {
		a.unverify()
	}
	a.Declaration, a.DeclaredBy = d, by
}

func (a *Answer) unverify() {
	a.Verdict, a.VerdictNote, a.VerifiedBy, a.Inspection = "", "", Mark{}, module.Subject{}
}

// found notes what an inspection found; false: it says nothing new. What it held against
// the requirement is mended by "": a declaration that nothing is left to do is then
// confirmed, any other was verified by nobody.
func (a *Answer) found(x *module.Verified, f *module.VerifiedItem) bool {
	switch {
	case x.ByID != "" && x.ByID == a.DeclaredBy.ID:
		return false // who declared does not verify
	case f.Verdict == "" && (a.Verdict != Refuted || a.Inspection.ID != x.Inspection.ID):
		return false
	case f.Verdict != "" && !a.VerifiedBy.At.Before(x.At):
		return false // heard before, or somebody looked since
	}
	verdict := Verdict(f.Verdict)
	if verdict == "" && a.met() {
		verdict = Confirmed
	}
	a.unverify()
	if verdict != "" {
		a.Verdict, a.VerdictNote, a.VerifiedBy = verdict, f.Note, Mark{x.ByID, x.By, x.At}
		a.Inspection = module.Subject{Kind: x.Inspection.Kind, ID: x.Inspection.ID, Code: x.Inspection.Code}
	}
	return true
}

// verify notes a verdict. Errors: Conflict, Invalid.
func (a *Answer) verify(v Verdict, note string, by Mark) error {
	note = strings.TrimSpace(note)
	switch {
	case a.State == "":
		return fault.New(fault.Conflict, "nothing was declared yet that could be verified").WithCode("requirement.undeclared")
	case by.ID == a.DeclaredBy.ID && by.ID != "":
		return fault.New(fault.Conflict, "who declared does not verify; let somebody else of the centre look").WithCode("requirement.own-declaration")
	case v != Confirmed && v != Refuted:
		return fault.New(fault.Invalid, "verdict: confirmed or refuted").WithCode("requirement.verdict").OnField("body.verdict")
	case !module.IsText(note, maxReason) || v == Refuted && note == "":
		return fault.New(fault.Invalid, "say what was seen, in at most %d letters", maxReason).WithCode("requirement.verdict-note").OnField("body.note")
	}
	a.Verdict, a.VerdictNote, a.VerifiedBy, a.Inspection = v, note, by, module.Subject{}
	return nil
}

// Tally is what the requirements of a group come to for a system.
type Tally struct {
	Asked, Met, Partly, Planned, Excepted, Verified, Failing, Gaps, Overdue int64
}

func (t *Tally) add(a *Answer, measured Result, today module.Date) {
	t.Asked++
	if measured == Fail {
		t.Failing++
	}
	if a == nil {
		return
	}
	switch {
	case a.met():
		t.Met++
	case a.State == Partly:
		t.Partly++
	case a.State == IsPlanned:
		t.Planned++
	}
	if !a.met() && a.excepted(today) {
		t.Excepted++
	}
	if a.Verdict == Confirmed {
		t.Verified++
	}
	if a.gap(measured) {
		t.Gaps++
	}
	if !a.met() && a.Due != "" && a.Due < today && !a.excepted(today) {
		t.Overdue++
	}
}

// tally sums up a system by group of a standard.
func (s *Standards) tally(x *Standard, sys *System, answers map[string]*Answer, readings map[string]*Reading, today module.Date) map[string]*Tally {
	out := map[string]*Tally{}
	level := sys.AskedAt()
	for _, i := range x.At(level) {
		if out[i.Group] == nil {
			out[i.Group] = &Tally{}
		}
		_, result := s.measured(i, level, readings)
		out[i.Group].add(answers[i.ID], result, today)
	}
	return out
}

// Reading is what shows by itself of a system.
type Reading struct {
	Measure string
	Value   float64
	Known   bool   // false: there is nothing to tell it by
	How     string // what was looked at, in words of the console's catalogue
	Query   string // the search behind it; "" none
	Unit    event.UnitID
	At      time.Time
}

// measured is how a requirement stands by its reading; nil: nothing measures it.
func (s *Standards) measured(i *Item, level int, readings map[string]*Reading) (*Reading, Result) {
	if i.Measure == "" {
		return nil, ""
	}
	r := readings[i.Measure]
	if r == nil || !r.Known {
		return r, Unknown
	}
	asked, _ := i.Asked(level)
	return r, s.measures[i.Measure].bound(asked).judge(r.Value)
}
