package alert

import (
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// A batch is one change of a whole selection: a campaign, all of a unit, what a
// filter finds. It is done in pieces, each a transaction of its own with its history,
// facts and audit record, so that findings are never kept waiting for long; what was
// committed stands, whatever happens to the rest. What each alert was before is kept
// for a while, and an alert that nobody has touched since can be put back.

// Selection says which alerts a batch changes: those of the ids; those of a group, as
// it was shown under the filter; or all that the filter finds.
type Selection struct {
	IDs    []string
	Group  string
	By     GroupKind // of the group: KindCampaign, KindUnit or KindToday
	Filter Filter
}

// What groups are asked for by, beside KindUnit.
const (
	KindCampaign GroupKind = "campaign"
	KindToday    GroupKind = "today" // campaigns of what is left for the principal today
)

// BatchChange is what is done to a selection.
type BatchChange struct {
	Selection
	Change
	AsOf        AsOf // what the person had seen; later alerts are left
	Expect      int  // the number shown: more than that are not changed; 0: any
	LeaveOthers bool // leave alerts that somebody else has
}

// AsOf is a state of the alerts that somebody looked at: everything up to an alert,
// at a moment. Ids are made in the transaction that stores an alert and grow, so
// what is stored later has a greater one.
type AsOf struct {
	id string
	at time.Time
}

func (a AsOf) zero() bool { return a.at.IsZero() }

const asOfTime = "2006-01-02T15:04:05.000000Z"

func (a AsOf) String() string { return a.at.UTC().Format(asOfTime) + "." + a.id }

// ParseAsOf reads what String wrote.
func ParseAsOf(text string) (AsOf, error) {
	at, id, ok := strings.Cut(text, "Z.")
	when, err := time.Parse(asOfTime, at+"Z")
	if !ok || err != nil || len(id) > 64 || when.Format(asOfTime) != at+"Z" {
		return AsOf{}, fault.New(fault.Invalid, "asOf: not one that a list of alerts gave out; read the list again").WithCode("alert.as-of").OnField("body.asOf")
	}
	return AsOf{id, when}, nil
}

// Batch is a change of a whole selection that was made.
type Batch struct {
	ID       string
	Unit     event.UnitID // of who did it
	By       author
	Action   string
	At       time.Time
	Matched  int
	Changed  int
	Left     int // not reached in time
	Skipped  map[string]int
	Restored int
	UndoneAt time.Time
	UndoneBy string // name
}

// Limits of batches.
const (
	MaxBatch     = 50_000
	batchPiece   = 200 // alerts of one transaction
	batchTime    = 40 * time.Second
	undoWindow   = time.Hour
	itemsKept    = 24 * time.Hour
	batchesKept  = 90 * 24 * time.Hour
	batchesShown = 20
)

// mayUndo tells whether it can still be taken back.
func (b *Batch) mayUndo(now time.Time) bool {
	return b.Changed > 0 && b.UndoneAt.IsZero() && now.Before(b.At.Add(undoWindow))
}

// undone refuses to take back what cannot be.
func (b *Batch) undo(now time.Time) error {
	switch {
	case !b.UndoneAt.IsZero():
		return fault.New(fault.Conflict, "the change was taken back already").WithCode("alert.undone")
	case !b.mayUndo(now):
		return fault.New(fault.Conflict, "a change can be taken back within %d minutes; change the alerts themselves", int(undoWindow/time.Minute)).WithCode("alert.undo-over")
	}
	return nil
}

// action names the change by what it mostly is.
func (c *Change) action(by string) string {
	switch {
	case c.Status != nil && *c.Status == StatusClosed:
		return "close"
	case c.Assignee != nil && *c.Assignee == by && by != "":
		return "take"
	case c.Assignee != nil:
		return "assign"
	case c.Status != nil && *c.Status == StatusInProgress:
		return "acknowledge"
	case c.Status != nil || c.Reason != nil:
		return "reopen"
	case c.Postpone != nil:
		return "postpone"
	}
	return "note"
}

// check refuses what could change no alert at all.
func (c *Change) check(reasons Reasons, now time.Time) error {
	if c.Status == nil && c.Reason == nil && c.Note == nil && c.Assignee == nil && c.Postpone == nil {
		return fault.New(fault.Invalid, "say what to change: status, reason, note, assigneeId or postpone").WithCode("alert.no-change").OnField("body")
	}
	// What holds for a signal holds for some alert.
	sample := Alert{Status: StatusInProgress, Signal: &SignalInfo{}}
	if c.Status == nil && c.Reason != nil {
		sample.Status = StatusClosed
	}
	_, err := c.apply(sample, "", now, reasons)
	return err
}

// before is what a person's change may have changed of an alert, to put it back.
type before struct {
	Status         Status    `json:"status"`
	Reason         Reason    `json:"reason,omitempty"`
	Note           string    `json:"note,omitempty"`
	Assignee       string    `json:"assignee,omitempty"`
	PostponedUntil time.Time `json:"postponedUntil,omitzero"`
	PostponedNote  string    `json:"postponedNote,omitempty"`
	ClosedAt       time.Time `json:"closedAt,omitzero"`
	ClosedBy       string    `json:"closedBy,omitempty"`
}

func beforeOf(a *Alert) before {
	return before{a.Status, a.Reason, a.Note, a.Assignee, a.PostponedUntil, a.PostponedNote, a.closed.at, a.closed.by}
}

// restore puts it back; version and time are the caller's.
func (b *before) restore(a Alert) Alert {
	a.Status, a.Reason, a.Note, a.Assignee = b.Status, b.Reason, b.Note, b.Assignee
	a.PostponedUntil, a.PostponedNote, a.closed = b.PostponedUntil, b.PostponedNote, closure{b.ClosedAt, b.ClosedBy}
	return a
}
