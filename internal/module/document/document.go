// Package document keeps official documents from draft to receipt: notices,
// reports, letters, minutes and decisions about incidents and other matters.
//
// A draft is a template's text with fields, filled with what is known of the case
// ([Source]) whenever it is looked at. Approval takes the next number of the
// number book, freezes the text and its Word file; from then on nothing of it
// changes. It is sent with proof, acknowledged, or withdrawn with a reason. How it
// looks is package paper's.
//
// Invariants. Who wrote a version of a document does not approve it. Numbers have
// no gaps and no doubles within the series of an issuer, kind and year; a
// withdrawn document keeps its number. What the case does not say yet stands as
// "…", is listed, and is confirmed by who approves. A recipient without an address
// blocks sending. A drill bears its watermark and leaves by no outside channel.
// Others are told as module.Paper; the module knows no obligation and no incident.
//
// Start reading at Document and Service.
package document

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
)

// State is how far a document is.
type State string

// The states.
const (
	Draft        State = "draft"
	Submitted    State = "submitted" // waits for who signs
	Approved     State = "approved"
	Sent         State = "sent"
	Acknowledged State = "acknowledged"
	Withdrawn    State = "withdrawn"
)

// Editable tells whether its text may still change.
func (s State) Editable() bool { return s == Draft || s == Submitted }

// Verb is what a person does to a document.
type Verb string

// The verbs.
const (
	Submit      Verb = "submit"
	Return      Verb = "return" // to who drafts, with a reason
	Approve     Verb = "approve"
	Send        Verb = "send"
	Acknowledge Verb = "acknowledge"
	Withdraw    Verb = "withdraw"
)

// RecipientKind is where a recipient's address is kept.
type RecipientKind string

// The kinds.
const (
	ToUnit      RecipientKind = "unit"      // of the register
	ToCatalogue RecipientKind = "catalogue" // whom the law names
	ToFree      RecipientKind = "free"      // written by hand, with its address
)

// SentTo is to whom a document goes.
type SentTo struct {
	Kind    RecipientKind `json:"kind" enum:"unit,catalogue,free"`
	ID      string        `json:"id" maxLength:"64" doc:"of the unit or of the catalogue's row; empty for free"`
	Name    string        `json:"name" maxLength:"200"`
	Address string        `json:"address" maxLength:"200" doc:"of a free one; of the others it is looked up"`
}

// Content is what people edit of a draft. Texts may hold fields.
type Content struct {
	Parent    string            `json:"parent" maxLength:"200" doc:"agency above"`
	Agency    string            `json:"agency" maxLength:"200"`
	Symbol    string            `json:"symbol" maxLength:"40" doc:"BC-TTANM"`
	Place     string            `json:"place" maxLength:"100"`
	Kind      string            `json:"kind" maxLength:"100" doc:"empty: a letter (công văn)"`
	Abstract  string            `json:"abstract" maxLength:"500"`
	To        []SentTo          `json:"to" maxItems:"1000" nullable:"false"`
	Greeting  string            `json:"greeting,omitempty" maxLength:"200" doc:"what stands after Kính gửi instead of the recipients' names"`
	Basis     []string          `json:"basis" maxItems:"30" nullable:"false"`
	Body      string            `json:"body" maxLength:"100000"`
	SignLines []string          `json:"signLines" maxItems:"4" nullable:"false" doc:"KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC"`
	Signer    string            `json:"signer" maxLength:"100"`
	SignLeft  []string          `json:"signLeft" maxItems:"4" nullable:"false" doc:"of minutes: who signs on the left"`
	LeftName  string            `json:"leftName" maxLength:"100"`
	Copies    []string          `json:"copies" maxItems:"60" nullable:"false" doc:"nơi nhận"`
	Archive   string            `json:"archive" maxLength:"100"`
	Urgency   string            `json:"urgency" maxLength:"20" doc:"the stamp; empty: none"`
	Internal  bool              `json:"internal" doc:"LƯU HÀNH NỘI BỘ"`
	Fields    map[string]string `json:"fields" doc:"what is written in place of what the case says, by field"`
}

// Document is one official document.
type Document struct {
	ID              string
	Template        string
	TemplateVersion int64
	Form            string
	Issuer          event.UnitID
	Unit            event.UnitID
	Subject         module.Subject
	Obligation      string
	Drill           bool
	State           State
	Content         Content
	Final           *paper.Document // once approved
	Title           string
	Series          string
	Number          int64
	Code            string
	File            string
	Hash            string
	Size            int64
	DraftedBy       string
	DraftedName     string
	DraftedAt       time.Time
	ApprovedBy      string
	ApprovedName    string
	ApprovedAt      time.Time
	SentAt          time.Time
	ChangedAt       time.Time
	Version         int64
}

// Own tells whether it is made from an administrator's Word file.
func (d *Document) Own() bool { return d.TemplateVersion > 0 }

// Step is one thing that was done about a document.
type Step struct {
	ID       string
	Verb     Verb
	At       time.Time
	ByID     string
	By       string
	Note     string
	Channel  string
	Receiver string
	Receipt  string
	Hash     string
	Stored   time.Time
}

// Do is what a person asks for.
type Do struct {
	Verb     Verb
	Version  int64
	At       time.Time // when it was sent or acknowledged; zero: now
	Note     string
	Channel  string
	Receiver string // who took it; empty: the addresses of the recipients
	Receipt  string
	Gaps     bool // approve although something is not known yet
}

// Channels are the ways a document is sent; exercise is the only one of a drill.
func Channels() []string {
	return []string{"official-mail", "document-system", "portal", "courier", "fax", "phone", "exercise", "other"}
}

const (
	maxRecipients = 1_000
	maxText       = 4_000
	maxName       = 200
	minReason     = 10
	maxFields     = 200
	skew          = 2 * time.Minute
	maxReceiver   = 200
)

func bad(field, code, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("document." + code).OnField("body." + field)
}

// check returns what is wrong with the content, naming the field. Errors: Invalid.
func (c *Content) check() error {
	texts := map[string][]string{
		"parent": {c.Parent}, "agency": {c.Agency}, "symbol": {c.Symbol}, "place": {c.Place}, "kind": {c.Kind}, "abstract": {c.Abstract},
		"greeting": {c.Greeting}, "signLines": c.SignLines, "signer": {c.Signer}, "signLeft": c.SignLeft, "leftName": {c.LeftName}, "copies": c.Copies, "archive": {c.Archive}, "basis": c.Basis,
	}
	for field, list := range texts {
		for _, text := range list {
			if utf8.RuneCountInString(text) > 500 || strings.ContainsAny(text, "\r\n") {
				return bad("content."+field, "long", "%s: one line of at most 500 letters", field)
			}
		}
	}
	if strings.TrimSpace(c.Agency) == "" {
		return bad("content.agency", "agency", "say which agency issues the document")
	}
	if symbol := strings.TrimSpace(c.Symbol); symbol == "" || strings.ContainsAny(symbol, " /") {
		return bad("content.symbol", "symbol", "the symbol is like BC-TTANM, without spaces and without the number")
	}
	if strings.TrimSpace(c.Abstract) == "" {
		return bad("content.abstract", "abstract", "say in one line what the document is about")
	}
	if utf8.RuneCountInString(c.Body) > 100_000 {
		return bad("content.body", "long", "at most 100000 letters; put the rest into an annex of its own")
	}
	if !slices.Contains(paper.Urgencies(), c.Urgency) {
		return bad("content.urgency", "urgency", "no urgency %q; one of %q", c.Urgency, paper.Urgencies())
	}
	if len(c.To) > maxRecipients || len(c.Fields) > maxFields {
		return bad("content.to", "too-many", "at most %d recipients and %d fields", maxRecipients, maxFields)
	}
	for _, r := range c.To {
		switch {
		case !slices.Contains([]RecipientKind{ToUnit, ToCatalogue, ToFree}, r.Kind):
			return bad("content.to", "recipient", "no kind of recipient %q", r.Kind)
		case r.Kind != ToFree && r.ID == "", strings.TrimSpace(r.Name) == "", utf8.RuneCountInString(r.Name+r.Address) > 2*maxName:
			return bad("content.to", "recipient", "a recipient needs a name of at most %d letters, and an id unless it is written by hand", maxName)
		}
	}
	for name, text := range c.Fields {
		if utf8.RuneCountInString(name) > 100 || utf8.RuneCountInString(text) > maxText {
			return bad("content.fields", "long", "%s: at most %d letters", name, maxText)
		}
	}
	return nil
}

// step returns the state after a verb. Errors: Conflict document.state, Invalid
// naming the field.
func (d *Document) step(do Do, now time.Time) (State, error) {
	from := map[Verb][]State{
		Submit: {Draft}, Return: {Submitted}, Approve: {Draft, Submitted}, Send: {Approved}, Acknowledge: {Sent},
		Withdraw: {Draft, Submitted, Approved, Sent},
	}
	to := map[Verb]State{Submit: Submitted, Return: Draft, Approve: Approved, Send: Sent, Acknowledge: Acknowledged, Withdraw: Withdrawn}
	states, ok := from[do.Verb]
	if !ok {
		return "", bad("verb", "verb", "no step %q", do.Verb)
	}
	if !slices.Contains(states, d.State) {
		return "", fault.New(fault.Conflict, "a document that is %s cannot take the step %s", d.State, do.Verb).WithCode("document.state")
	}
	for field, text := range map[string]string{"receiver": do.Receiver, "receipt": do.Receipt} {
		if utf8.RuneCountInString(text) > maxName {
			return "", bad(field, "long", "at most %d letters", maxName)
		}
	}
	note := utf8.RuneCountInString(strings.TrimSpace(do.Note))
	if note > maxText {
		return "", bad("note", "long", "at most %d letters", maxText)
	}
	if (do.Verb == Return || do.Verb == Withdraw) && note < minReason {
		return "", bad("note", "reason", "say in at least ten letters why: whoever reads it later has nothing else")
	}
	if do.At.After(now.Add(skew)) {
		return "", bad("at", "future", "a step cannot have happened in the future")
	}
	if (do.Verb == Send || do.Verb == Acknowledge) && do.At.Before(d.ApprovedAt.Add(-skew)) {
		return "", bad("at", "before", "it cannot have been sent before it was approved")
	}
	if do.Verb == Acknowledge && strings.TrimSpace(do.Receipt) == "" {
		return "", bad("receipt", "receipt", "say what the recipient confirmed by: number of arrival, mail, signature")
	}
	if do.Verb == Send {
		if !slices.Contains(Channels(), do.Channel) {
			return "", bad("channel", "channel", "say how it was sent; one of %v", Channels())
		}
		if d.Drill != (do.Channel == "exercise") {
			return "", drillChannel(d.Drill)
		}
	}
	return to[do.Verb], nil
}

// drillChannel is why a drill does not leave the exercise, and what is real does
// not end in one.
func drillChannel(drill bool) error {
	if drill {
		return fault.New(fault.Conflict, "this is a document of a drill: it is handed to those who lead the exercise (channel exercise) and leaves by no outside channel").
			WithCode("document.drill").OnField("body.channel")
	}
	return fault.New(fault.Conflict, "only a document of a drill is sent by the channel exercise").WithCode("document.not-drill").OnField("body.channel")
}
