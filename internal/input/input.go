// Package input is what every way into the spool shares: the contract of an
// [Input], typed configuration ([NewKind]), the supervisor ([Supervise]), the
// [Batcher] that cuts records into batches, the lachan_input_* metrics, and for
// inputs with sockets of their own [Sockets], [Door], [Streams] and
// [ServePackets].
//
// The inputs themselves live in the folders below, one per protocol; app lists
// them. An input turns bytes from a sender into batches of one unit and hands
// them to a [Sink]. It does not parse and it does not decide what matters.
//
// Invariants every input keeps:
//
//   - It acknowledges its sender, or reads on, only after Put returned nil.
//   - When Put says fault.Busy it pushes back in its protocol's way and tries
//     again. It never drops silently: each drop has a counter with a reason.
//   - The unit of a record comes from the credential, or the source address as
//     the last resort, never from the record.
//   - Memory is bounded whatever the senders do.
//
// Start reading at Input, then at syslog/.
package input

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Sink takes batches. The spool is one.
type Sink interface {
	// Put returns once b is on disk, with the number of the block that holds it;
	// only then may the input acknowledge its sender. It blocks meanwhile. b
	// stays the caller's. fault.Busy: full, nothing was stored, push back and
	// try again; fault.Invalid: b is over the limits of package event; any other
	// error: unknown whether it was stored.
	Put(ctx context.Context, b *event.Batch) (seq uint64, err error)
}

// Input is one source of records.
type Input interface {
	// Run feeds out until ctx ends (nil) or the source breaks (why). Before it
	// returns it puts what it has read, within a deadline of its own, and has
	// ended all it started. It never restarts itself: [Supervise] does.
	Run(ctx context.Context, out Sink) error
}

// Units finds the unit an address belongs to; for inputs without credentials.
type Units interface {
	UnitByAddr(addr netip.Addr) (event.UnitID, bool)
}

// Env is what an input gets from the node.
type Env struct {
	Log     *slog.Logger
	Metrics *Metrics
	Units   Units  // nil: only the input's own configuration assigns units
	DataDir string // for what an input keeps, such as its certificates
	Now     func() time.Time
	Zone    *time.Location // of times that name none; nil: UTC+7
	// Authority issues the certificates of listeners; nil: there is none.
	Authority Authority
	// Credentials checks what senders show; nil: nobody has any.
	Credentials Credentials
	// Receiver is the node's, for inputs that speak HTTP; nil: none.
	Receiver *Receiver
	// Has tells whether the event is stored, once the node has processed what its
	// spool holds at the call; for inputs that were killed before they knew. Nil:
	// this node cannot tell.
	Has func(ctx context.Context, id event.ID) (bool, error)
}

// defaultZone is Asia/Ho_Chi_Minh, which has no summer time.
func defaultZone() *time.Location { return time.FixedZone("+07", 7*60*60) }

// WithDefaults fills what is nil, for tests and small callers.
func (e Env) WithDefaults() Env {
	if e.Log == nil {
		e.Log = slog.New(slog.DiscardHandler)
	}
	if e.Metrics == nil {
		e.Metrics = NewMetrics(nil)
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.Zone == nil {
		e.Zone = defaultZone()
	}
	return e
}
