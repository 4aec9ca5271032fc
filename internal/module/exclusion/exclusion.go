// Package exclusion keeps rules quiet about what a unit has found harmless, for a
// time and with a reason.
//
// An exclusion is a Sigma filter document, the units it acts on (a unit and those
// below it), and an end. Somebody proposes it, as a rule from an alert that was a
// false positive; who may approve does so, and it acts until it expires or is
// revoked. What it leaves out is counted. It never deletes an event: the events are
// stored and found like any other, without the mark of the rule.
//
// The package does not judge events: that is internal/detect, on every hit of a
// rule, by detect.Exclusion. It hands the acting exclusions over whenever they
// change.
//
// Invariants. An exclusion names its rules; there is none for all. It acts on
// events of its units only, and on none that arrives after its end, whether or not
// anybody has noticed the end yet. Every change of state is an audit record and a
// fact in its own transaction.
//
// Start reading at Service.Propose and Service.Decide.
package exclusion

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// State is where an exclusion stands.
type State string

// The states of an exclusion.
const (
	Proposed State = "proposed"
	Active   State = "active"
	Rejected State = "rejected"
	Expired  State = "expired"
	Revoked  State = "revoked"
)

// States lists them.
var States = []string{string(Proposed), string(Active), string(Rejected), string(Expired), string(Revoked)}

// Exclusion is one exclusion.
type Exclusion struct {
	ID     string
	Title  string // of the filter document
	Unit   event.UnitID
	Rules  []string // ids or names, as the document has them
	Filter string   // the document
	Reason string
	State  State
	Days   int    // it acts, from its approval
	Alert  string // it was proposed from; "": from none

	ProposedBy, ProposedName string
	ProposedAt               time.Time
	DecidedBy, DecidedName   string // who approved, rejected or revoked it last
	DecidedAt                time.Time
	Decision                 string    // in words
	ExpiresAt                time.Time // zero until it is approved
	EndedAt                  time.Time // expired, rejected or revoked
	RemindedAt               time.Time

	Hits      int64 // left out
	LastHit   time.Time
	LastEvent string
	Version   int64
}

// Limits of an exclusion.
const (
	DefaultDays = 30
	MaxDays     = 365
	maxReason   = 2000 // characters
	minReason   = 5
	remindFor   = 3 * 24 * time.Hour // before the end
)

// Verb is what a person does to an exclusion.
type Verb string

// The verbs.
const (
	Approve Verb = "approve"
	Reject  Verb = "reject"
	Revoke  Verb = "revoke"
	Extend  Verb = "extend"
)

// decide returns the exclusion after the verb. fourEyes: who proposed may not
// approve, nor extend. Errors: Conflict, Denied, Invalid.
func (x Exclusion) decide(v Verb, p module.Principal, words string, days int, fourEyes bool, now time.Time) (Exclusion, error) {
	wrong := func() error {
		return fault.New(fault.Conflict, "the exclusion is %s; it cannot be %sd", x.State, strings.TrimSuffix(string(v), "e")).WithCode("exclusion.state")
	}
	words = strings.TrimSpace(words)
	if utf8.RuneCountInString(words) > maxReason {
		return x, fault.New(fault.Invalid, "note: at most %d characters", maxReason).OnField("body.note")
	}
	if (v == Reject || v == Revoke) && utf8.RuneCountInString(words) < minReason {
		return x, fault.New(fault.Invalid, "note: say why, in at least %d characters", minReason).WithCode("exclusion.reason").OnField("body.note")
	}
	if (v == Approve || v == Extend) && fourEyes && p.ID == x.ProposedBy {
		return x, fault.New(fault.Denied, "somebody else than who proposed the exclusion must approve it").WithCode("exclusion.four-eyes")
	}
	if days == 0 {
		days = x.Days
	}
	if err := checkDays(days); err != nil {
		return x, err
	}
	switch v {
	case Approve:
		if x.State != Proposed {
			return x, wrong()
		}
		x.State, x.Days, x.ExpiresAt = Active, days, now.Add(time.Duration(days)*24*time.Hour)
	case Reject:
		if x.State != Proposed {
			return x, wrong()
		}
		x.State, x.EndedAt = Rejected, now
	case Revoke:
		if x.State != Active {
			return x, wrong()
		}
		x.State, x.EndedAt = Revoked, now
	case Extend:
		if x.State != Active && x.State != Expired {
			return x, wrong()
		}
		x.State, x.Days, x.ExpiresAt = Active, days, now.Add(time.Duration(days)*24*time.Hour)
		x.EndedAt, x.RemindedAt = time.Time{}, time.Time{}
	default:
		return x, fault.New(fault.Invalid, "verb: approve, reject, revoke or extend").OnField("body.verb")
	}
	x.DecidedBy, x.DecidedName, x.DecidedAt, x.Decision = p.ID, p.DisplayName, now, words
	return x, nil
}

func checkDays(days int) error {
	if days < 1 || days > MaxDays {
		return fault.New(fault.Invalid, "days: 1 to %d", MaxDays).WithCode("exclusion.days").OnField("body.days")
	}
	return nil
}

func checkReason(reason string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n < minReason || n > maxReason {
		return fault.New(fault.Invalid, "reason: say in %d to %d characters why this is harmless", minReason, maxReason).
			WithCode("exclusion.reason").OnField("body.reason")
	}
	return nil
}

// due tells what the passing of time makes of it.
func (x *Exclusion) due(now time.Time) (expired, remind bool) {
	if x.State != Active {
		return false, false
	}
	if !now.Before(x.ExpiresAt) {
		return true, false
	}
	// One of a few days is not reminded of on its first.
	lead := min(remindFor, time.Duration(x.Days)*24*time.Hour/4)
	return false, x.RemindedAt.IsZero() && x.ExpiresAt.Sub(now) <= lead
}
