// Package obligation keeps what the law obliges the centre and its units to do by
// when, and the proof that it was done.
//
// A [Duty] is a row of data: the legal basis, what brings it (a matter whose
// traits meet a condition, or a date), how long it leaves, to whom it is owed and
// on which form. Rows are shipped (data/duties.yaml), switched and changed by an
// administrator, or added by him. An [Obligation] is one duty that has arisen: of
// this incident, or of this year.
//
// Modules say of a matter what traits it has (module.FactMatter); when the
// condition of a duty first holds, its clock starts at the moment the duty counts
// from. Legal clocks never pause. Nothing takes an obligation back by itself,
// since it may be in the post already: if the matter no longer meets the
// condition the obligation is marked as doubtful, and a person withdraws it with
// a reason.
//
// Invariants. A duty arises at most once of a matter and at most once for a year
// and unit. An obligation keeps the wording it arose with, whatever becomes of its
// duty; its deadline moves only when the moment it runs from is corrected. A step
// is never removed; what was wrong is taken back by another step. A drill's
// obligations are never counted with real ones.
//
// Working days need a calendar of public holidays for each year. Without one the
// deadline is computed from weekends alone, which is too early rather than too
// late, and the obligation and the answer of every list say so.
//
// Start reading at Duty (duty.go) and Service.
package obligation

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// State is how far an obligation is. That it is late is no state: see
// [Obligation.Late].
type State string

// The states.
const (
	Pending      State = "pending"
	Prepared     State = "prepared"     // the paper is ready
	Sent         State = "sent"         // with proof
	Acknowledged State = "acknowledged" // the recipient confirmed
	Withdrawn    State = "withdrawn"    // it did not apply after all
)

// Open tells whether something is still to be sent.
func (s State) Open() bool { return s == Pending || s == Prepared }

// Obligation is one duty that has arisen.
type Obligation struct {
	ID        string
	Duty      string
	Vi, En    string
	Stage     string
	Basis     LegalBasis
	Recipient string
	Form      string
	Verify    string
	Subject   module.Subject // of a date: kind "date", id the date
	Unit      event.UnitID
	Drill     bool
	StartedAt time.Time
	DueAt     time.Time
	Missing   []int // years whose holidays were not known
	State     State
	Doubtful  bool // the matter no longer meets the condition
	Reminded  int  // the highest percent of the time that was reminded of
	DoneAt    time.Time
	Version   int64
}

// Late tells whether it was, or is, not sent in time.
func (o *Obligation) Late(now time.Time) bool {
	if o.State == Withdrawn {
		return false
	}
	if o.State.Open() {
		return now.After(o.DueAt)
	}
	return o.DoneAt.After(o.DueAt)
}

// Passed returns how much of the time is over, in percent; more than 100 when late.
func (o *Obligation) Passed(now time.Time) int {
	whole := o.DueAt.Sub(o.StartedAt)
	if whole <= 0 {
		return 100
	}
	return int(100 * float64(max(0, now.Sub(o.StartedAt))) / float64(whole))
}

// reminders are the parts of the time, in percent, at which those responsible are
// reminded.
var reminders = []int{50, 80, 100}

// reminder returns the reminder that is due now; 0 for none. Of several that were
// missed only the last is given.
func (o *Obligation) reminder(now time.Time) int {
	if !o.State.Open() {
		return 0
	}
	due := 0
	for _, percent := range reminders {
		if o.Reminded < percent && !now.Before(o.remindAt(percent)) {
			due = percent
		}
	}
	return due
}

// remindAt is when so much of the time is over.
func (o *Obligation) remindAt(percent int) time.Time {
	return o.StartedAt.Add(o.DueAt.Sub(o.StartedAt) / 100 * time.Duration(percent)).Truncate(time.Microsecond)
}

// Verb is what a person does to an obligation.
type Verb string

// The verbs.
const (
	Prepare     Verb = "prepare"
	Send        Verb = "send"
	Acknowledge Verb = "acknowledge"
	Withdraw    Verb = "withdraw"
	Back        Verb = "back" // take the last step back
	Note        Verb = "note"
	// Retime is the clock's own: the moment it runs from was corrected. The note
	// holds the deadline before and after.
	Retime Verb = "retime"
)

// ProofOfSending is how it can be shown that something was sent or received.
type ProofOfSending struct {
	Channel  string `json:"channel"`  // how: one of channels
	Receiver string `json:"receiver"` // who took it, or the address
	Number   string `json:"number"`   // of the paper: 05/BC-TTANM
	File     string `json:"file"`     // its name
	Hash     string `json:"hash"`     // SHA-256 of the file, in hexadecimal digits
	Size     int64  `json:"size"`
	Receipt  string `json:"receipt"` // what the recipient gave back
}

var (
	channels = []string{"official-mail", "document-system", "portal", "courier", "fax", "phone", "exercise", "other"} // exercise: handed to those who lead a drill
	hash     = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// Step is one thing that was done about an obligation.
type Step struct {
	ID     string
	Verb   Verb
	From   State // before it
	To     State
	At     time.Time // when it happened
	ByID   string
	By     string
	Note   string
	Proof  ProofOfSending
	Stored time.Time
}

// Do is what a person asks for.
type Do struct {
	Verb    Verb
	Version int64
	At      time.Time // when it happened; zero: now
	Note    string
	Proof   ProofOfSending
}

// skew is how far a person's clock may be ahead of ours.
const skew = 2 * time.Minute

// step applies a verb; last is the last step that changed the state. Errors:
// Conflict with obligation.state, Invalid naming the field.
func (o *Obligation) step(do Do, last *Step, now time.Time) (State, error) {
	bad := func(field, code, format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).WithCode("obligation." + code).OnField("body." + field)
	}
	if len([]rune(do.Note)) > maxText {
		return "", bad("note", "note", "a note has at most %d letters", maxText)
	}
	if do.At.After(now.Add(skew)) {
		return "", bad("at", "future", "a step cannot have happened in the future")
	}
	if do.Verb != Note && do.At.Before(o.StartedAt.Add(-skew)) {
		return "", bad("at", "before", "the step is from before the clock started")
	}
	wrong := fault.New(fault.Conflict, "an obligation that is %s cannot take the step %s", o.State, do.Verb).WithCode("obligation.state")
	switch do.Verb {
	case Note:
		if strings.TrimSpace(do.Note) == "" {
			return "", bad("note", "note", "write the note")
		}
		return o.State, nil
	case Prepare:
		if o.State != Pending {
			return "", wrong
		}
		return Prepared, nil
	case Send:
		if !o.State.Open() {
			return "", wrong
		}
		return Sent, do.Proof.check(bad)
	case Acknowledge:
		if o.State != Sent {
			return "", wrong
		}
		if strings.TrimSpace(do.Proof.Receipt) == "" {
			return "", bad("proof.receipt", "receipt", "say what the recipient confirmed by: number of arrival, mail, signature")
		}
		return Acknowledged, do.Proof.bounds(bad)
	case Withdraw:
		if !o.State.Open() {
			return "", wrong
		}
		if len([]rune(strings.TrimSpace(do.Note))) < 10 {
			return "", bad("note", "reason", "say in at least ten letters why the duty does not apply: whoever checks later reads it")
		}
		return Withdrawn, nil
	case Back:
		if o.State == Pending || last == nil {
			return "", wrong
		}
		if len([]rune(strings.TrimSpace(do.Note))) < 10 {
			return "", bad("note", "reason", "say in at least ten letters why the step is taken back")
		}
		return last.From, nil
	}
	return "", bad("verb", "verb", "no step %q", do.Verb)
}

func (p *ProofOfSending) check(bad func(field, code, format string, args ...any) error) error {
	if p.Channel == "" {
		return bad("proof.channel", "proof", "say how it was sent; one of %v", channels)
	}
	if strings.TrimSpace(p.Receiver) == "" {
		return bad("proof.receiver", "proof", "say who took it or to which address it went")
	}
	if p.Channel != "phone" && p.Number == "" && p.Hash == "" {
		return bad("proof.number", "proof", "name the paper by its number, or give the file")
	}
	return p.bounds(bad)
}

func (p *ProofOfSending) bounds(bad func(field, code, format string, args ...any) error) error {
	if p.Channel != "" && !slices.Contains(channels, p.Channel) {
		return bad("proof.channel", "proof", "no channel %q; one of %v", p.Channel, channels)
	}
	if p.Hash != "" && !hash.MatchString(p.Hash) {
		return bad("proof.hash", "hash", "a SHA-256 sum is 64 hexadecimal digits in small letters")
	}
	for field, text := range map[string]string{"receiver": p.Receiver, "number": p.Number, "file": p.File, "receipt": p.Receipt} {
		if len([]rune(text)) > maxName {
			return bad("proof."+field, "long", "at most %d letters", maxName)
		}
	}
	return nil
}
