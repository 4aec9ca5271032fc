// Package source knows who sends logs: when each sender was last heard, how
// much it sent, and what it sent that no parser understood.
//
// A source is one (unit, input, peer, host, format) as seen in arriving events;
// nobody registers it. One that was not heard for a while is silent, which is a
// signal of its own. The samples of unparsed lines are the inbox "needs a
// parser".
//
// Invariants. Observe runs in the transaction that stores the events, so counts
// are exact after any crash. The number of sources is bounded per unit: hosts
// are named by the logs, and a hostile sender can invent them without end.
//
// Start reading at Service.Observe.
package source

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Observation is what one committed batch of events says about one source.
type Observation struct {
	Unit         event.UnitID
	Input        string
	Peer         string
	Host         string
	Format       string // "" where no parser understood
	Product      string
	Service      string
	Events       int64
	Unparsed     int64
	LastReceived time.Time
	// Samples are a few of the unparsed lines, as received.
	Samples []string
}

// Source is one sender as it stands.
type Source struct {
	Unit      event.UnitID
	Input     string
	Peer      string
	Host      string
	Format    string
	Product   string
	Service   string
	FirstSeen time.Time
	LastSeen  time.Time
	Events    int64
	Unparsed  int64
}

// Status tells whether the source was heard within the time after which it
// counts as silent.
func (s *Source) Status(now time.Time, silentAfter time.Duration) string {
	if now.Sub(s.LastSeen) > silentAfter {
		return "silent"
	}
	return "ok"
}

// Unparsed is what one sender sent that no parser understood.
type Unparsed struct {
	Unit     event.UnitID
	Input    string
	Peer     string
	Host     string
	Count    int64
	LastSeen time.Time
	Samples  []string // newest first
}

// Limits.
const (
	// DefaultSilentAfter is when a source counts as silent.
	DefaultSilentAfter = time.Hour

	maxSamples      = 3
	maxSampleBytes  = 512
	maxNameBytes    = 255
	maxPerUnit      = 5000 // sources of one unit; further hosts count together as otherHosts
	otherHosts      = "*"
	bucketWidth     = time.Hour
	unparsedKept    = 92 * 24 * time.Hour
	maxListed       = 2000
	maxInboxEntries = 500
)
