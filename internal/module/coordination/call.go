package coordination

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// CallUp calls people to a matter, in a line: as many as are needed at once, and the
// next one for each who does not acknowledge in time.
type CallUp struct {
	ID       string         `json:"id"`
	Subject  module.Subject `json:"subject"`
	Unit     event.UnitID   `json:"unit"`
	Drill    bool           `json:"drill"`
	Message  string         `json:"message"`
	By       time.Time      `json:"by"`      // when they are to be there
	Needed   int            `json:"needed"`  // how many
	Minutes  int            `json:"minutes"` // to acknowledge in
	Line     []Called       `json:"line"`
	At       time.Time      `json:"at"`
	Caller   string         `json:"caller"` // user id
	Name     string         `json:"name"`   // of the caller
	ClosedAt time.Time      `json:"closedAt"`
	Version  int64          `json:"version"`
}

// Called is one person in the line of a call-up.
type Called struct {
	Person  string    `json:"person"`
	Name    string    `json:"name"`
	Phone   string    `json:"phone"`
	User    string    `json:"user"`
	At      time.Time `json:"at"` // when called; zero: not yet
	Passed  bool      `json:"passed"`
	Answer  Reply     `json:"answer"`
	Replied time.Time `json:"replied"`
	Via     string    `json:"via"` // console, phone
	Noted   string    `json:"noted"`
	Note    string    `json:"note"`
}

// Reply is what a called person said.
type Reply string

// The replies.
const (
	Comes    Reply = "comes"
	Declines Reply = "declines"
)

// waits tells whether the person was called and has neither replied nor been passed over.
func (c *Called) waits() bool { return !c.At.IsZero() && c.Answer == "" && !c.Passed }

func (c *CallUp) counted() (come, waiting int) {
	for i := range c.Line {
		switch x := &c.Line[i]; {
		case x.Answer == Comes:
			come++
		case x.waits():
			waiting++
		}
	}
	return come, waiting
}

// advance passes over those who did not acknowledge in time and calls the next of
// the line while people are missing. It returns whom it called now; nobody once the
// line is at its end.
func (c *CallUp) advance(now time.Time) (called []int) {
	if !c.ClosedAt.IsZero() {
		return nil
	}
	for i := range c.Line {
		if x := &c.Line[i]; x.waits() && !now.Before(x.At.Add(c.wait())) {
			x.Passed = true
		}
	}
	come, waiting := c.counted()
	for i := range c.Line {
		if come+waiting >= c.Needed {
			break
		}
		if x := &c.Line[i]; x.At.IsZero() {
			x.At = now
			waiting++
			called = append(called, i)
		}
	}
	return called
}

func (c *CallUp) wait() time.Duration { return time.Duration(c.Minutes) * time.Minute }

// nextLook is when the line goes on by itself; zero for never.
func (c *CallUp) nextLook() (at time.Time) {
	if !c.ClosedAt.IsZero() {
		return at
	}
	for i := range c.Line {
		if x := &c.Line[i]; x.waits() {
			if t := x.At.Add(c.wait()); at.IsZero() || t.Before(at) {
				at = t
			}
		}
	}
	return at
}

// short tells whether too few come and there is nobody left to call.
func (c *CallUp) short() bool {
	come, waiting := c.counted()
	for i := range c.Line {
		if c.Line[i].At.IsZero() {
			return false
		}
	}
	return come+waiting < c.Needed
}

// reply notes what the person at i said. Who was passed over may still come.
func (c *CallUp) reply(i int, answer Reply, via, noted, note string, now time.Time) error {
	x := &c.Line[i]
	switch {
	case !c.ClosedAt.IsZero():
		return fault.New(fault.Conflict, "the call-up is closed").WithCode("coordination.closed")
	case x.At.IsZero():
		return fault.New(fault.Conflict, "%s was not called yet", x.Name).WithCode("coordination.not-called")
	case x.Answer == answer:
		return fault.New(fault.Conflict, "%s has said so already", x.Name).WithCode("coordination.replied")
	}
	x.Answer, x.Replied, x.Via, x.Noted, x.Note, x.Passed = answer, now, via, noted, note, false
	return nil
}

func (c *CallUp) check(now time.Time) error {
	if err := text("message", &c.Message, maxText, true); err != nil {
		return err
	}
	if len(c.Line) == 0 || len(c.Line) > maxLine {
		return bad("people", "people", "call 1 to %d people", maxLine)
	}
	if c.Needed < 1 || c.Needed > len(c.Line) {
		return bad("needed", "people", "between 1 and %d of them can be needed", len(c.Line))
	}
	if c.Minutes < 1 || c.Minutes > 24*60 {
		return bad("minutes", "minutes", "between a minute and a day to acknowledge in")
	}
	if !c.By.After(now) {
		return bad("by", "past", "the time by which they are to be there is over")
	}
	return nil
}
