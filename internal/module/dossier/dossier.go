// Package dossier takes the level dossier (hồ sơ đề xuất cấp độ) of an information
// system from the first answer of the questionnaire to the decision, and tells how
// all systems stand in the yearly report (Form 08).
//
// The operator answers the criteria ([level.Criteria]) and adds the files; whoever
// is designated checks that it is complete and appraises it, the owner decides. Who,
// within how many working days and with which parts is data (data/procedure.yaml).
//
// Invariants. Who sends a dossier does not appraise it, and who appraises it does
// not decide. A unit that appraises what it operates itself needs a council first
// (Điều 18.4). A regulation is issued before the approval (Điều 30.7). A system has
// one open dossier at most; an approved one is never changed: the level is
// determined anew by another dossier that names its trigger. What a dossier says of
// its own state is exactly what Form 08 calls it.
//
// The systems themselves are the register's ([Systems]). Start reading at Dossier,
// [Service.Take] and [Service.Form08].
package dossier

import (
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
)

// State is how far a dossier is.
type State string

// The states.
const (
	Draft      State = "draft"
	Sent       State = "sent"       // whether it is complete is being checked
	Appraising State = "appraising" // it is complete
	Judged     State = "judged"     // waits for the decision
	Approved   State = "approved"
	Withdrawn  State = "withdrawn"
)

// States lists them in their order.
func States() []State { return []State{Draft, Sent, Appraising, Judged, Approved, Withdrawn} }

// Open tells whether something is still to be done.
func (s State) Open() bool { return s != Approved && s != Withdrawn }

// Status is the state in the words of Form 08; "" of a withdrawn one.
func (s State) Status() string {
	return map[State]string{Draft: "Đang dự thảo", Sent: "Đã gửi thẩm định", Appraising: "Đã gửi thẩm định", Judged: "Đã thẩm định", Approved: "Đã được phê duyệt"}[s]
}

// Verb is what a person does to a dossier.
type Verb string

// The verbs.
const (
	Send     Verb = "send"
	Accept   Verb = "accept" // it is complete: the appraisal begins
	Return   Verb = "return" // to who wrote it, with remarks
	Council  Verb = "council"
	Judge    Verb = "judge" // the appraisal is positive
	Approve  Verb = "approve"
	Withdraw Verb = "withdraw"
	Note     Verb = "note"
	Enter    Verb = "enter" // it was approved before: see Earlier
)

// Decision is a paper that decided something.
type Decision struct {
	Number string      `json:"number" maxLength:"100" doc:"123/QĐ-UBND"`
	Date   module.Date `json:"date" maxLength:"10" doc:"2026-11-23; empty: none"`
	Issuer string      `json:"issuer" maxLength:"200"`
}

// IsZero tells whether there is none.
func (d Decision) IsZero() bool { return d == Decision{} }

// check refuses a decision that names not all or is of the future.
func (d *Decision) check(field string, today module.Date) error {
	d.Number, d.Issuer = module.OneLine(d.Number), module.OneLine(d.Issuer)
	if d.Number == "" || d.Issuer == "" || d.Date == "" || !module.IsText(d.Number, maxName) || !module.IsText(d.Issuer, maxName) {
		return bad(field, "decision", "give number, date and issuer of the paper")
	}
	if _, err := module.ParseDate(string(d.Date), "dossier.date", field+".date"); err != nil {
		return err
	}
	if d.Date > today {
		return bad(field+".date", "future", "the paper cannot be of a day to come")
	}
	return nil
}

// Hand is who did something, and when.
type Hand struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	At   time.Time `json:"at,omitzero"`
}

// Clock is which time runs.
type Clock string

// The clocks; "" none.
const (
	ClockCheck    Clock = "check"
	ClockAppraise Clock = "appraise"
	ClockApprove  Clock = "approve"
)

// Dossier is one level dossier.
type Dossier struct {
	ID           string
	Code         string // HS-2026-0001
	System       string
	SystemCode   string
	SystemName   string
	Unit         event.UnitID // the owner
	Operator     event.UnitID
	OperatorName string
	State        State
	Criteria     string // of package level
	Answers      level.Answers
	Level        int    // what the answers come to; 0: nothing yet
	Trigger      string // why the level is determined anew; "" the first time
	Reason       string // of that
	Remarks      string // of the last return, until it is sent again
	Council      Decision
	Opinion      Decision // the appraisal's paper
	Decision     Decision
	Sender       Hand
	Judge        Hand
	Decider      Hand
	CreatedAt    time.Time
	AcceptedAt   time.Time
	ChangedAt    time.Time
	Clock        Clock
	DueAt        time.Time               // end of the clock; zero: none set
	Late         bool                    // it was told that the time is over
	Aspects      map[level.Aspect]string // of the system as it was sent
	Version      int64
}

// Step is one thing that was done about a dossier.
type Step struct {
	ID       string
	Verb     Verb
	From, To State
	Note     string
	Paper    Decision
	ByID, By string
	At       time.Time
}

// Do is what a person asks for.
type Do struct {
	Verb    Verb
	Note    string
	Paper   Decision // of council, judge, approve
	Version int64
}

const (
	maxName   = 200
	maxNote   = 4000
	minReason = 10
)

func bad(field, code, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("dossier." + code).OnField("body." + field)
}

// moves says which states a verb is for and where it leads.
var moves = map[Verb]struct {
	from []State
	to   State // "": stays
}{
	Send:     {[]State{Draft}, Sent},
	Accept:   {[]State{Sent}, Appraising},
	Return:   {[]State{Sent, Appraising, Judged}, Draft},
	Council:  {[]State{Sent, Appraising}, ""},
	Judge:    {[]State{Appraising}, Judged},
	Approve:  {[]State{Judged}, Approved},
	Withdraw: {[]State{Draft, Sent, Appraising, Judged}, Withdrawn},
	Note:     {States(), ""},
}

// action is the permission a verb needs in a state: who decides returns what waits
// for the decision.
func (d *Dossier) action(v Verb) module.Action {
	switch v {
	case Accept, Council, Judge:
		return module.ActionDossierAppraise
	case Approve:
		return module.ActionDossierApprove
	case Return:
		if d.State == Judged {
			return module.ActionDossierApprove
		}
		return module.ActionDossierAppraise
	case Note:
		return module.ActionDossierRead
	}
	return module.ActionDossierWrite
}

// step returns the state after a verb. Errors: Conflict dossier.state,
// dossier.hands, dossier.owner or dossier.council, Invalid naming the field.
func (d *Dossier) step(do *Do, p module.Principal, today module.Date) (State, error) {
	m, ok := moves[do.Verb]
	if !ok {
		return "", bad("verb", "verb", "no step %q", do.Verb)
	}
	if !slices.Contains(m.from, d.State) {
		return "", fault.New(fault.Conflict, "a dossier that is %s cannot take the step %s", d.State, do.Verb).WithCode("dossier.state")
	}
	do.Note = strings.TrimSpace(do.Note)
	n := len([]rune(do.Note))
	switch {
	case !module.IsText(do.Note, maxNote):
		return "", bad("note", "note", "a note has at most %d letters", maxNote)
	case (do.Verb == Return || do.Verb == Withdraw || do.Verb == Note) && n < minReason:
		return "", bad("note", "reason", "say in at least %d letters what is to be mended or why: others read it", minReason)
	}
	if do.Verb == Council || do.Verb == Judge || do.Verb == Approve {
		if err := do.Paper.check("paper", today); err != nil {
			return "", err
		}
	} else {
		do.Paper = Decision{}
	}
	if err := d.hands(do.Verb, p); err != nil {
		return "", err
	}
	if m.to == "" {
		return d.State, nil
	}
	return m.to, nil
}

// inOrder refuses a paper that is older than the one it rests on.
func (d *Dossier) inOrder(do *Do) error {
	rests := map[Verb]Decision{Judge: d.Council, Approve: d.Opinion}[do.Verb]
	if do.Paper.Date < rests.Date {
		return bad("paper.date", "order", "the paper is of %s, and the paper %s it rests on is of %s", do.Paper.Date, rests.Number, rests.Date)
	}
	return nil
}

// hands keeps those who send, appraise and decide apart, and leaves the latter to the
// owner's people and the centre's: who only operates a system does not decide on it
// (Điều 18, Điều 20).
func (d *Dossier) hands(v Verb, p module.Principal) error {
	apart := func(code, text string) error {
		return fault.New(fault.Conflict, "%s", text).WithCode("dossier." + code)
	}
	judges := v == Accept || v == Return || v == Council || v == Judge || v == Approve
	switch {
	case judges && !p.Sees(d.Unit):
		return apart("owner", "your unit operates the system and does not own it: the owner, or the centre, appraises the dossier and decides")
	case (v == Accept || v == Judge) && p.ID == d.Sender.ID:
		return apart("hands", "who sent the dossier does not appraise it; somebody else has to")
	case v == Approve && (p.ID == d.Sender.ID || p.ID == d.Judge.ID):
		return apart("hands", "who sent or appraised the dossier does not decide on it; somebody else has to")
	case v == Judge && d.needsCouncil(p) && d.Council.IsZero():
		return apart("council", "your unit operates the system: have a council appraise it first and enter its decision, or let another unit appraise it")
	}
	return nil
}

// needsCouncil tells whether p appraises what his own unit operates (Điều 18.4).
func (d *Dossier) needsCouncil(p module.Principal) bool {
	return p.Unit == d.Operator || d.operatedByOwner() && p.Unit == d.Unit
}

// operatedByOwner tells whether nobody but the owner operates the system.
func (d *Dossier) operatedByOwner() bool {
	return d.Operator == d.Unit || d.Operator == "" && d.OperatorName == ""
}

// sees tells whether p may know of the dossier: the owner's people and the operator's.
func (d *Dossier) sees(p module.Principal) bool {
	return p.Sees(d.Unit) || d.Operator != "" && p.Sees(d.Operator)
}
