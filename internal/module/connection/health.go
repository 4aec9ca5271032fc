package connection

import (
	"time"

	"github.com/lachan-vn/lachan/internal/notify"
)

// The states of a connection's health.
const (
	Unchecked = "unchecked" // no check is set, or none was made yet
	Up        = "up"
	Failing   = "failing" // the last checks failed, fewer than make it down
	Down      = "down"
)

// downAfter is how many checks in a row fail before people are told: one lost packet is
// no outage.
const downAfter = 3

// Health is what the checks of a connection told.
type Health struct {
	State    string        `json:"state"`
	Since    time.Time     `json:"since"`    // in this state
	Checked  time.Time     `json:"checked"`  // last
	Took     time.Duration `json:"took"`     // of the last that went well
	Failures int           `json:"failures"` // in a row
	Began    time.Time     `json:"began"`    // of the first of them
	Code     string        `json:"code"`     // of the last failure, one of package notify's
	Reason   string        `json:"reason"`
	Ends     time.Time     `json:"ends"` // of the certificate that was shown; zero: none was
}

// reading is what one check told.
type reading struct {
	took    time.Duration
	ends    time.Time // of the certificate
	failure *notify.Failure
}

// after is the health once a check was made at now.
func (h Health) after(r reading, now time.Time) Health {
	next := h
	next.Checked = now
	if !r.ends.IsZero() {
		next.Ends = r.ends
	}
	if r.failure == nil {
		next.State, next.Failures, next.Began, next.Code, next.Reason, next.Took = Up, 0, time.Time{}, "", "", r.took
	} else {
		next.Failures++
		if next.Failures == 1 {
			next.Began = now
		}
		next.Code, next.Reason = r.failure.Code, r.failure.Reason
		if next.State = Failing; next.Failures >= downAfter {
			next.State = Down
		}
	}
	if next.State != h.State {
		next.Since = now
	}
	return next
}
