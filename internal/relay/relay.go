// Package relay takes the blocks of one spool to another: from an agency to the
// centre, over one outbound HTTPS connection.
//
//	agency:  inputs ─> [Intake] ─> spool on disk ─> [Forwarder] ──┐ POST /relay/v1/blocks
//	centre:  spool <─ [Endpoint] <────────────────────────────────┘
//
// It moves compressed blocks as they are and never looks at an event.
//
// Invariants:
//
//   - A block leaves the relay's spool only after the centre has said that it is
//     on its disk, or where the administrator chose to drop the oldest; then the
//     gap is reported with its times and counts.
//   - What the centre gets twice it stores once: blocks carry their origin, and
//     the process loop there keeps a book (internal/pipeline/relayed.go). So this
//     side may send again whatever it is not sure of, and keeps no other state
//     than the spool itself: what is in it has not arrived.
//   - Blocks go in two lanes. The live lane sends what came in since the link last
//     came up, the backlog lane what waited before that, at a limited rate. Within
//     a lane blocks go in the order of the spool, one request at a time; so the
//     events of a source keep their order within each lane, and altogether
//     whenever nothing waits.
//   - The unit is that of the credential the relay shows. Nothing in a block or a
//     report can change it.
//
// Start reading at [Forwarder.Run], then [Endpoint]. The wire form is in wire.go
// and docs/format/relay.md.
package relay

import (
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
)

// Paths at the centre.
const (
	BlocksPath = "/relay/v1/blocks"
	EnrolPath  = "/relay/v1/enrol"
)

// Report is what a relay says about itself with every request.
type Report struct {
	Version string `json:"version"`
	Host    string `json:"host,omitempty"`
	Sent    int64  `json:"sent"` // Unix milliseconds by the relay's clock, as the request begins
	Lane    string `json:"lane"` // "live" or "backlog"

	BacklogBlocks uint64     `json:"backlogBlocks"` // not yet at the centre
	BacklogBytes  int64      `json:"backlogBytes"`
	Oldest        *time.Time `json:"oldest,omitempty"` // when the oldest of them came in
	SpoolMaxBytes int64      `json:"spoolMaxBytes"`
	DiskFree      int64      `json:"diskFree"`
	DiskTotal     int64      `json:"diskTotal"`
	WhenFull      string     `json:"whenFull"`
	Refusing      bool       `json:"refusing"` // senders were pushed back since the last report
	Gaps          []Gap      `json:"gaps,omitempty"`
}

// Gap is a run of events that a relay had taken and will never send.
type Gap struct {
	ID     string    `json:"id"`
	Reason string    `json:"reason"` // "dropOldest", or "refused" by the centre
	From   time.Time `json:"from"`   // receipt of the oldest and of the newest
	To     time.Time `json:"to"`
	Blocks int       `json:"blocks"`
	Events int       `json:"events"`
	Bytes  int64     `json:"bytes"`
}

// Answer is the centre's, with any status.
type Answer struct {
	Stored  int           `json:"stored"`  // blocks of the request, from the first, that are on disk
	Time    time.Time     `json:"time"`    // the centre's
	Offset  time.Duration `json:"offset"`  // nanoseconds the relay's clock is behind
	Gaps    int           `json:"gaps"`    // reported gaps that are noted
	Refused string        `json:"refused"` // why the block after the stored ones can never be taken
	Detail  string        `json:"detail"`  // what is wrong, in words
}

// EnrolRequest introduces a relay or an offline unit.
type EnrolRequest struct {
	Version string `json:"version"`
	Host    string `json:"host"`
	// BundleKey is the public key, Ed25519 in standard base64, that will sign its
	// bundles.
	BundleKey string `json:"bundleKey"`
}

// EnrolAnswer is what it needs to know.
type EnrolAnswer struct {
	Unit       string `json:"unit"`
	Credential string `json:"credential"`
	// Recipient is who bundles are encrypted to, in age's form; "" if the centre
	// has no identity for bundles yet.
	Recipient string `json:"recipient"`
}

// Block is one block on its way.
type Block = bus.Part
