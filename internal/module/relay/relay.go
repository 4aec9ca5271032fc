// Package relay is what the centre knows of the agencies' relays: when each was
// last heard of, what waits there, how its disk and clock are, which events it had
// to drop; whose key signs which bundles, and which bundles were imported.
//
// It does not receive blocks, package internal/relay does, and tells this one of
// every request. What changes with every request is held in memory and written
// down every few seconds; after a crash a relay looks older by that much, until it
// speaks again.
//
// Invariants. A relay is its credential: what it says about itself, its host or
// version, is shown and never decides anything. A key belongs to the unit of the
// credential that brought it and never changes hands. A gap is noted once. A
// bundle is marked as imported once, and the mark says by whom and when.
//
// Start reading at Service.Contacted, then watch.go.
package relay

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Relay is one relay as it was last heard of.
type Relay struct {
	ID            string // the credential: "token:ID" or "cert:ID"
	Unit          event.UnitID
	Host, Version string // as it says
	Peer          string
	FirstContact  time.Time
	LastContact   time.Time
	Offset        time.Duration // its clock is behind by it
	BacklogBlocks int64
	BacklogBytes  int64
	Oldest        time.Time // receipt of the oldest event that waits there
	SpoolMax      int64
	DiskFree      int64
	DiskTotal     int64
	WhenFull      string
	Refusing      bool
	Blocks        int64 // that came from it, doubles among them
	Events        int64
	Retired       bool
}

// Gap is events that a relay had taken and will never send.
type Gap struct {
	ID, Reason string
	From, To   time.Time
	Blocks     int64
	Events     int64
	Bytes      int64
	NotedAt    time.Time
}

// Bundle is one that was imported, or is being.
type Bundle struct {
	ID         string
	Relay      string
	Unit       event.UnitID
	ImportedBy string
	StartedAt  time.Time
	DoneAt     time.Time // zero: not to the end
	Blocks     int64
	Events     int64
	From, To   time.Time
}

// Signer is whose a bundle key is.
type Signer struct {
	Relay string
	Unit  event.UnitID
}

// What a report may claim is cut to these.
const (
	maxHost    = 200
	maxVersion = 60
	maxReason  = 40
	maxID      = 80
)

// Trouble names what is wrong with a relay, the worst first.
type Trouble string

// The troubles.
const (
	TroubleSilent Trouble = "silent"
	TroubleDisk   Trouble = "disk"
	TroubleClock  Trouble = "clock"
)

const (
	// nearlyFull is what of its spool may be taken, barelyFree what of its disk
	// must be free, before a relay is in trouble.
	nearlyFull = 0.8
	barelyFree = 0.05
	// clockOff is what a clock may be off before somebody is told.
	clockOff = 5 * time.Minute
)

// troubles judges r.
func (r *Relay) troubles(now time.Time, silentAfter time.Duration) (out []Trouble) {
	if r.Retired {
		return nil
	}
	if now.Sub(r.LastContact) > silentAfter {
		out = append(out, TroubleSilent)
	}
	full := r.SpoolMax > 0 && float64(r.BacklogBytes) >= nearlyFull*float64(r.SpoolMax)
	tight := r.DiskTotal > 0 && float64(r.DiskFree) < barelyFree*float64(r.DiskTotal)
	if r.Refusing || full || tight {
		out = append(out, TroubleDisk)
	}
	if r.Offset.Abs() > clockOff {
		out = append(out, TroubleClock)
	}
	return out
}
