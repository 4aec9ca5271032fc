package source

import (
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Certificate is one that something stops without.
type Certificate struct {
	Name    string // unique; shown
	Kind    string // server, authority, client
	Unit    event.UnitID
	Expires time.Time
	// Renews says that it is renewed by itself: it is a signal only at three days,
	// when that has failed.
	Renews bool
}

// Days before the end at which a certificate is a signal, and how bad it is.
var certificateDays = []struct {
	days     int
	severity string
}{{3, "high"}, {14, "medium"}, {30, "low"}}

// certificateSignals are the certificates that expire soon. A more severe signal
// takes the place of the milder one in the same alert.
func certificateSignals(list []Certificate, now time.Time) []Signal {
	var out []Signal
	for _, c := range list {
		left := c.Expires.Sub(now)
		for _, d := range certificateDays {
			if left >= time.Duration(d.days)*24*time.Hour {
				continue
			}
			if c.Renews && d.days > certificateDays[0].days {
				break
			}
			unit := c.Unit
			if unit == "" {
				unit = event.CentreUnit
			}
			out = append(out, Signal{Kind: kindCertificate, Unit: unit, About: c.Name, Severity: d.severity, Details: map[string]string{
				"expires": c.Expires.UTC().Format(time.RFC3339), "subject": c.Name, "days": strconv.Itoa(int(max(left, 0).Hours() / 24)),
			}})
			break
		}
	}
	return out
}
