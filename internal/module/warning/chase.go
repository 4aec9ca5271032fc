package warning

import "time"

// chase is a reminder: how much of the time must be over, and who is told.
type chase struct {
	percent int
	roles   []string // of the unit; nil: of the centre
	overdue bool
}

// chases are the reminders of each of the two times, in their order: the unit's
// officers before the time is over, then its head as well, then the centre.
var chases = []chase{
	{percent: 80, roles: []string{"security-officer"}},
	{percent: 100, roles: []string{"security-officer", "unit-head"}, overdue: true},
	{percent: 150, overdue: true},
}

// due returns how many of the chases are due between a start and an end; given is
// how many were given.
func due(start, end, now time.Time) int {
	n := 0
	for _, c := range chases {
		at := start.Add(end.Sub(start) / 100 * time.Duration(c.percent))
		if now.Before(at) {
			break
		}
		n++
	}
	return n
}

// pending returns the reminder that is due now of a copy, and which of its times it
// is about; of several that were missed only the last. ok false: none.
func (c *Copy) pending(now time.Time) (what string, x chase, ok bool) {
	if !c.Open {
		return "", chase{}, false
	}
	if c.AckAt.IsZero() {
		if n := due(c.SentAt, c.AckBy, now); n > c.ChasedAck {
			c.ChasedAck = n
			return "acknowledge", chases[n-1], true
		}
	}
	if c.Answer == "" || c.Answer == NeedHelp {
		if n := due(c.SentAt, c.FixBy, now); n > c.ChasedFix {
			c.ChasedFix = n
			return "fix", chases[n-1], true
		}
	}
	return "", chase{}, false
}

// next is when the copy may have to be chased or checked again; zero: never.
func (c *Copy) next() time.Time {
	var at time.Time
	sooner := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if !c.Open {
		return at
	}
	then := func(end time.Time, given int) {
		if given < len(chases) {
			sooner(c.SentAt.Add(end.Sub(c.SentAt) / 100 * time.Duration(chases[given].percent)))
		}
	}
	if c.AckAt.IsZero() {
		then(c.AckBy, c.ChasedAck)
	}
	if c.Answer == "" || c.Answer == NeedHelp {
		then(c.FixBy, c.ChasedFix)
	}
	if c.Recheck.State == "waiting" {
		sooner(c.Recheck.At)
	}
	return at
}
