package lake

import (
	"fmt"
	"time"
)

// What makes the clock doubtful, and for how long.
const (
	clockJump  = time.Hour      // more than this ahead of the time that passed
	clockAway  = 48 * time.Hour // at start, since the newest event arrived
	clockDoubt = 24 * time.Hour // of running, until a new time is believed
)

// clockWatch tells whether the clock may decide what is old. A clock that is set
// years ahead by mistake, or by somebody who wants the logs gone, would make
// everything expire at once; so a jump is believed only when the machine has run
// a day with it, which leaves people time to mend it. A clock that goes back
// deletes nothing.
type clockWatch struct {
	newest time.Time // when the newest event arrived; zero: there is none
	wall   time.Time
	up     time.Duration
	jump   time.Duration // how far the clock is ahead of what is believed
	since  time.Duration // of running, when it jumped
}

// trust hears what time it is and how long the process has run, and returns ""
// or why age cannot be told.
func (c *clockWatch) trust(wall time.Time, up time.Duration) string {
	wall = wall.Round(0)
	switch {
	case !c.wall.IsZero():
		c.move(wall.Sub(c.wall)-(up-c.up), clockJump, up)
	case !c.newest.IsZero():
		c.move(wall.Sub(c.newest), clockAway, up)
	}
	c.wall, c.up = wall, up
	if c.jump == 0 {
		return ""
	}
	if up-c.since >= clockDoubt {
		c.jump = 0
		return ""
	}
	return fmt.Sprintf("the clock went ahead by %v: nothing is deleted by age until it is set right, or the server has run %v with it",
		c.jump.Round(time.Minute), clockDoubt)
}

func (c *clockWatch) move(by, allowed, up time.Duration) {
	switch {
	case by > allowed:
		c.jump, c.since = c.jump+by, up
	case by < -allowed && c.jump > 0:
		if c.jump += by; c.jump <= allowed {
			c.jump = 0
		}
	}
}
