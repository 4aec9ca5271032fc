// Package source knows who sends logs, when each sender was last heard, how much
// it should send, and what is wrong with it.
//
// A source is one (unit, input, peer, host, format) as seen in arriving events;
// nobody registers it. The formats of one (unit, input, peer, host) are one
// sender, and alerts are about senders. The samples of unparsed lines are the
// inbox "needs a parser".
//
// Counting. Observe runs in the transaction that stores the events, so counts are
// exact after any crash. Besides its totals each source holds two slots of hours,
// the newest and the one with events before it, with the longest pause that ended
// in each. A worker (watch.go) looks once a minute and learns completed hours.
//
// Volume (profile.go, volume.go). Each of the 168 hours of a week has its own
// expectation: an exponentially weighted mean and mean absolute deviation of
// ln(1+count), leaning on the same hour of similar days; so nights and weekends
// are their own measure. After three weeks of a source, an hour is strange at six deviations and a factor of four and 200 events
// from what is usual; two in a row the same way are a problem. What lasts for 36
// such hours is the new usual.
//
// Silence (silence.go). A pause is measured in events the source would usually
// have sent meanwhile. It is a silence at one event and twice the longest there
// was, or, if pauses vary, at up to eleven times the mean one, but never before 15
// minutes: a source of five events a minute is silent after 15 minutes, one of an
// event a day after two days, an office computer not before the office opens.
// Until a week and three pauses are known, sources.silentAfter or five times the
// longest pause goes; a person may set a bound. Times in which the centre was down
// or behind do not count, and teach nothing.
//
// Many at once (trouble.go). Five senders of one unit and input in the same
// trouble are one signal, as are three such units. So is a public holiday: its
// silence is told once a unit.
//
// False alarms: on synthetic sources without faults (regular, random, bursty,
// office hours) TestFalseAlarms allows one for every second source in its first
// four weeks, and afterwards one a source in four years; it measures 0.29, and one
// in seven years.
//
// Invariants. The number of sources is bounded per unit: hosts are named by the
// logs, and a hostile sender can invent them without end. Each has one row of
// health of about 2.5 KB.
//
// Start reading at Service.Observe, then Service.look.
package source

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Observation is what one committed batch of events says about one source.
type Observation struct {
	Unit     event.UnitID
	Input    string
	Peer     string
	Host     string
	Format   string // "" where no parser understood
	Product  string
	Service  string
	Events   int64
	Unparsed int64
	// FirstReceived begins the batch; zero: LastReceived.
	FirstReceived time.Time
	LastReceived  time.Time
	// Skew is the median of event time minus arrival, of events whose log says a
	// time; Timed says that there was one.
	Skew  time.Duration
	Timed bool
	// Samples are a few of the unparsed lines, as received.
	Samples []string
}

func (o *Observation) began() time.Time {
	if o.FirstReceived.IsZero() {
		return o.LastReceived
	}
	return o.FirstReceived
}

// finite tells whether an input brings what happened long ago, once: neither
// silence nor clocks can be judged from it.
func finite(input string) bool { return input == "import" || input == "upload" || input == "bundle" }

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
	// DefaultSilentAfter is when a source counts as silent whose rhythm is not
	// known yet.
	DefaultSilentAfter = time.Hour
	// DefaultSkew is how far a clock may be off.
	DefaultSkew = 5 * time.Minute
	// DefaultMany is how many senders in the same trouble are one signal.
	DefaultMany = 5

	maxSamples      = 3
	maxSampleBytes  = 512
	maxNameBytes    = 255
	maxPerUnit      = 5000 // sources of one unit; further hosts count together as otherHosts
	otherHosts      = "*"
	maxNamed        = 50_000 // sources whose id is remembered
	bucketWidth     = time.Hour
	unparsedKept    = 92 * 24 * time.Hour
	maxListed       = 2000
	maxInboxEntries = 500
)
