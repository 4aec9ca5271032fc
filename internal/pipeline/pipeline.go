// Package pipeline is the process loop: from acknowledged blocks in the spool to
// searchable events in the lake, with what detection found on the way.
//
//	fetch ─> parse + detect (one worker a core) ─> fill segment ─> correlate + commit ─> acknowledge
//
// The invariant: what was acknowledged to a sender is searchable exactly once,
// whatever is killed, and whenever. It holds because of the order of steps:
//
//  1. A block stays in the spool until step 4.
//  2. Its events go into one immutable segment file, synced to disk.
//  3. One SQL transaction registers that file, the sequences of the blocks in
//     it, and the effect of its findings on alerts and sources.
//  4. Only then is the block acknowledged.
//
// A crash before 3 leaves a file nobody knows, which the lake removes, and blocks
// that are delivered again. A crash between 3 and 4 delivers blocks again whose
// sequences are registered: they are acknowledged and skipped. Nothing else is
// needed, no journal of our own, no distributed transaction.
//
// The obvious design, one goroutine doing all steps in turn, was not taken: a
// commit waits for the disk for milliseconds while the cores idle. Here a segment
// is filled while the one before it is committed. Blocks keep their order all the
// way, so a sender's events are stored in the order it sent them.
//
// Correlation rules see the hits of all workers in that order, in the commit loop;
// what they were given is stored in the transaction of step 3, so that their state
// is after any crash what it was at the last commit (correlate.go).
//
// Every queue is bounded: when commits stall, filling stalls, then parsing, then
// fetching; the spool grows on disk and, when it is full, senders are pushed back.
//
// Start reading at [Pipeline.Run].
package pipeline

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/parse"
)

// Spool is what the loop needs of the bus.
type Spool interface {
	Fetch(ctx context.Context, maxBlocks int, maxWait time.Duration) ([]*bus.Block, error)
	Ack(blocks []*bus.Block) error
	Get(ctx context.Context, seq uint64) (*bus.Block, error)
	Stream() string
}

// Store is what the loop needs of the lake.
type Store interface {
	NewSegment() *lake.Segment
	Commit(ctx context.Context, s *lake.Segment, blocks []lake.Block, inTx func(ctx context.Context, tx bun.Tx) error) error
	Registered(ctx context.Context, stream string, from, to uint64) (map[uint64]bool, error)
	Broken(ctx context.Context) ([]lake.BrokenSegment, error)
	Replace(ctx context.Context, brokenID string, s *lake.Segment) error
}

// Effects is what a commit changes besides the lake, inside its transaction.
type Effects interface {
	// Apply stores the effect of b within tx. It may run again for the same b
	// after a rollback. An error rolls everything back.
	Apply(ctx context.Context, tx bun.Tx, b *Effect) error
	// Committed tells, after the commit, that b took effect. It must not block.
	Committed(b *Effect)
}

// Effect is what one commit found and saw.
type Effect struct {
	Findings []detect.Finding
	Excluded map[string]ExcludedHits // by the id of the exclusion; nil if there are none
	Seen     []Observation
	Events   int
	Unparsed int
	State    any // for Effects to carry something from Apply to Committed
}

// ExcludedHits counts what an exclusion left out.
type ExcludedHits struct {
	Hits  int64
	Last  time.Time // arrival of the newest
	Event event.ID  // the newest
}

func (e *Effect) exclude(left []detect.Excluded) {
	for _, x := range left {
		if e.Excluded == nil {
			e.Excluded = map[string]ExcludedHits{}
		}
		n := e.Excluded[x.ID]
		if n.Hits++; !x.Received.Before(n.Last) {
			n.Last, n.Event = x.Received, x.Event
		}
		e.Excluded[x.ID] = n
	}
}

// Config tunes the loop.
type Config struct {
	Workers       int           `yaml:"workers"`       // parse + detect; 0: one a core
	FlushInterval time.Duration `yaml:"flushInterval"` // longest an event waits for its segment
	FlushEvents   int           `yaml:"flushEvents"`   // a segment is committed at this many events
	FlushBytes    int           `yaml:"flushBytes"`    // or at this many bytes in memory
}

// DefaultConfig makes an event searchable well under two seconds after it was
// accepted.
func DefaultConfig() Config {
	return Config{FlushInterval: 800 * time.Millisecond, FlushEvents: 100_000, FlushBytes: 128 << 20}
}

// Validate refuses settings that cannot work.
func (c Config) Validate() error {
	switch {
	case c.Workers < 0 || c.Workers > 256:
		return fault.New(fault.Invalid, "pipeline.workers: %d; use 0 (one a core) to 256", c.Workers).OnField("pipeline.workers")
	case c.FlushInterval < 50*time.Millisecond || c.FlushInterval > time.Minute:
		return fault.New(fault.Invalid, "pipeline.flushInterval: %v; use 50ms to 1m", c.FlushInterval).OnField("pipeline.flushInterval")
	case c.FlushEvents < 1000 || c.FlushBytes < 1<<20:
		return fault.New(fault.Invalid, "pipeline.flushEvents and flushBytes: at least 1000 and 1048576").OnField("pipeline.flushEvents")
	}
	return nil
}

// Options are the parts of a Pipeline.
type Options struct {
	Spool   Spool
	Store   Store
	Effects Effects
	DB      *bun.DB                     // of the journal of the correlations, the one Store commits to
	Rules   *atomic.Pointer[detect.Set] // swapped on reload; read once a block
	Zone    *time.Location              // of log times that name none
	Config  Config
	Log     *slog.Logger
	Metrics prometheus.Registerer
	Now     func() time.Time
}

// Pipeline is the process loop.
type Pipeline struct {
	o       Options
	metrics *metrics
	journal journal
	tick    time.Duration
	lag     atomic.Int64 // nanoseconds between arrival and commit of the last block

	caughtUp atomic.Pointer[caughtUp]
}

// New makes a pipeline; Run runs it.
func New(o Options) *Pipeline {
	if o.Config.Workers == 0 {
		o.Config.Workers = runtime.GOMAXPROCS(0)
	}
	return &Pipeline{o: o, metrics: newMetrics(o.Metrics), journal: journal{o.DB}, tick: tick}
}

// Lag returns how long the newest committed block had waited since it arrived.
func (p *Pipeline) Lag() time.Duration { return time.Duration(p.lag.Load()) }

// Observation counts what one source sent within one commit.
type Observation struct {
	Unit    event.UnitID
	Input   string
	Peer    string
	Host    string
	Format  string
	Product string
	Service string
	// Credential is what the sender showed: "token:ID", "cert:ID", or nothing.
	Credential string
	Events     int
	Bytes      int // raw, as received
	Unparsed   int
	First      time.Time // oldest Received
	Last       time.Time // newest Received
	Samples    []string  // up to three unparsed lines, cut to 512 bytes

	skews  [maxSkews]time.Duration // of the first events whose log says a time
	skewed int
}

// maxSkews is of how many events the median is taken.
const maxSkews = 9

// Skew is the median of event time minus arrival, of a few events whose log says
// a time; false if none does.
func (o *Observation) Skew() (time.Duration, bool) {
	if o.skewed == 0 {
		return 0, false
	}
	few := o.skews // a copy: sorting must not change what was seen
	slices.Sort(few[:o.skewed])
	return few[o.skewed/2], true
}

func (p *Pipeline) newParser() *parse.Parser { return parse.New(parse.Options{Zone: p.o.Zone}) }
