package warning

import (
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// The answers of a unit.
const (
	NotUs    = "not-us"
	Fixed    = "fixed"
	NeedHelp = "need-help"
)

var answers = []string{NotUs, Fixed, NeedHelp}

// Copy is a warning as one unit has it.
type Copy struct {
	Warning string
	Unit    event.UnitID
	Drill   bool
	Open    bool // not settled, and the warning stands
	SentAt  time.Time
	AckBy   time.Time
	FixBy   time.Time

	AckAt    time.Time
	AckName  string
	Answer   string // "": none yet
	AnswerAt time.Time
	AnswerBy string    // user id
	FixedAt  time.Time // of the last answer fixed

	Recheck   Recheck
	SettledAt time.Time
	Settled   string // how: recheck, scan, person, withdrawn
	SettledBy string
	// Chased are the last reminders given, to acknowledge and to fix; see [chases].
	ChasedAck, ChasedFix int
	Version              int64
}

// Recheck is whether what was said to be fixed is.
type Recheck struct {
	State  string    `json:"state"` // "", waiting, clean, found, silent, failed
	At     time.Time `json:"at"`    // when it was done, or is due
	From   time.Time `json:"from"`  // events since then were looked at
	To     time.Time `json:"to"`
	Events int64     `json:"events"` // found
	Query  string    `json:"query"`
	Note   string    `json:"note"` // of a scan: with what, by whom; of a failure: why
	Scan   bool      `json:"scan"`
}

// StepKind is what was done about a copy.
type StepKind string

// The kinds of steps.
const (
	StepSent        StepKind = "sent"
	StepAcknowledge StepKind = "acknowledge"
	StepAnswer      StepKind = "answer"
	StepFile        StepKind = "file"
	StepRecheck     StepKind = "recheck"
	StepScan        StepKind = "scan"
	StepSettle      StepKind = "settle"
	StepReopen      StepKind = "reopen"
	StepRemind      StepKind = "remind"
	StepOverdue     StepKind = "overdue"
	StepReply       StepKind = "reply" // of the centre to who needs help
	StepWithdraw    StepKind = "withdraw"
)

// Step is one thing that happened to a copy.
type Step struct {
	ID     string
	Kind   StepKind
	At     time.Time
	ByID   string
	By     string
	Text   string
	Detail map[string]string
}

// File is a proof a unit gave.
type File struct {
	ID     string
	Name   string
	Size   int64
	SHA256 string
	At     time.Time
	By     string
}

const (
	maxFiles     = 10
	maxFileBytes = 10 << 20
	maxAnswer    = 4000
	minReason    = 10
)

func settled() error {
	return fault.New(fault.Conflict, "the copy is settled; the centre can reopen it").WithCode("warning.settled")
}

// acknowledge notes that the unit has read the warning. Errors: Conflict.
func (c *Copy) acknowledge(now time.Time, name string) error {
	if !c.Open {
		return settled()
	}
	if !c.AckAt.IsZero() {
		return fault.New(fault.Conflict, "it was acknowledged already").WithCode("warning.acknowledged")
	}
	c.AckAt, c.AckName = now, name
	return nil
}

// answer takes the unit's answer, which acknowledges, too. watch is how long events
// are watched after it is said to be fixed. Errors: Invalid, Conflict.
func (c *Copy) answer(answer, text string, now time.Time, by, name string, watch time.Duration) error {
	if !slices.Contains(answers, answer) {
		return bad("answer", "answer", "no answer %.20q; one of %v", answer, answers)
	}
	if n := letters(strings.TrimSpace(text)); n < minReason || n > maxAnswer {
		return bad("text", "evidence", "write in %d to %d letters what was checked or done, or what help is needed", minReason, maxAnswer)
	}
	if !c.Open {
		return settled()
	}
	if c.AckAt.IsZero() {
		c.AckAt, c.AckName = now, name
	}
	c.Answer, c.AnswerAt, c.AnswerBy = answer, now, by
	c.Recheck = Recheck{}
	c.FixedAt = time.Time{}
	if answer == Fixed {
		c.FixedAt = now
		c.Recheck = Recheck{State: "waiting", At: now.Add(watch)}
	}
	return nil
}

// settle ends the copy. Errors: Invalid, Conflict.
func (c *Copy) settle(how, reason string, now time.Time, name string) error {
	if !c.Open {
		return settled()
	}
	if how == "person" && letters(strings.TrimSpace(reason)) < minReason {
		return bad("text", "reason", "say in at least %d letters how it was verified", minReason)
	}
	c.Open, c.SettledAt, c.Settled, c.SettledBy = false, now, how, name
	if c.Recheck.State == "waiting" {
		c.Recheck = Recheck{}
	}
	return nil
}

// reopen undoes a settlement or an answer that does not hold. Errors: Invalid,
// Conflict.
func (c *Copy) reopen(reason string) error {
	if letters(strings.TrimSpace(reason)) < minReason {
		return bad("text", "reason", "say in at least %d letters why the answer does not hold", minReason)
	}
	if c.Open && c.Answer == "" || c.Settled == "withdrawn" {
		return fault.New(fault.Conflict, "there is no answer to reject").WithCode("warning.no-answer")
	}
	c.Open, c.SettledAt, c.Settled, c.SettledBy = true, time.Time{}, "", ""
	c.Answer, c.AnswerAt, c.FixedAt = "", time.Time{}, time.Time{}
	if c.Recheck.State == "waiting" {
		c.Recheck = Recheck{}
	}
	return nil
}

// LateAck tells whether it was, or is, not acknowledged in time.
func (c *Copy) LateAck(now time.Time) bool {
	if c.AckAt.IsZero() {
		return c.Open && now.After(c.AckBy)
	}
	return c.AckAt.After(c.AckBy)
}

// LateFix tells whether it was, or is, not answered as fixed or not concerned in
// time.
func (c *Copy) LateFix(now time.Time) bool {
	if c.Answer == "" || c.Answer == NeedHelp {
		return c.Open && now.After(c.FixBy)
	}
	return c.AnswerAt.After(c.FixBy)
}
