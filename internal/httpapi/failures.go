package httpapi

import (
	"container/list"
	"math"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/fault"
)

// FailuresConfig bounds how often one address (of IPv6, one /64 network) may show
// a credential that is no good: Burst times at once, and once more each Every.
// A burst of 0 sets no bound.
type FailuresConfig struct {
	Burst int           `yaml:"burst"`
	Every time.Duration `yaml:"every"`
}

// DefaultFailures lets a province behind one address mistype, and a guesser see a
// few thousand refusals an hour.
func DefaultFailures() FailuresConfig { return FailuresConfig{Burst: 100, Every: 2 * time.Second} }

// Validate tells what is wrong.
func (c FailuresConfig) Validate() error {
	if c.Burst < 0 || c.Burst > 1_000_000 {
		return fault.New(fault.Invalid, "http.failures.burst: %d; use 0, for no bound, to 1000000", c.Burst).OnField("http.failures.burst")
	}
	if c.Every < time.Millisecond || c.Every > time.Hour {
		return fault.New(fault.Invalid, "http.failures.every: %v; use 1ms to 1h", c.Every).OnField("http.failures.every")
	}
	return nil
}

// The doors at which credentials are shown. Each is counted by itself, so that a
// device with an old token does not keep people from signing in.
const (
	DoorSignIn = "sign-in" // what is open to everybody: signing in, renewing a certificate
	DoorToken  = "token"   // tokens, at the API
	DoorIngest = "ingest"  // tokens, at the inputs
)

// maxFailing bounds the memory: addresses remembered at a time. The one that
// failed the longest ago is forgotten first.
const maxFailing = 20_000

// Failures counts credentials that were no good by the address they came from.
//
// Only failures count, and a good token or session is never refused: what is over
// the bound is a failure that is answered with "wait" instead of "wrong", leaves no
// record, and at the doors that cost more than a look-up is not looked at. So who
// shares an address with a guesser goes on working.
type Failures struct {
	config  FailuresConfig
	now     func() time.Time
	most    int
	counted *prometheus.CounterVec
	refused *prometheus.CounterVec

	mu     sync.Mutex
	of     map[failing]*list.Element
	oldest *list.List // of *failed, the one that failed longest ago in front
}

type failing struct {
	door string
	from netip.Prefix
}

// failed is a bucket: left failures at the moment at.
type failed struct {
	key  failing
	left float64
	at   time.Time
}

// NewFailures counts by the clock now; registry may be nil.
func NewFailures(c FailuresConfig, now func() time.Time, registry prometheus.Registerer) *Failures {
	f := &Failures{
		config: c, now: now, most: maxFailing, of: map[failing]*list.Element{}, oldest: list.New(),
		counted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lachan_httpapi_failed_credentials_total", Help: "Credentials that were no good, by door: sign-in, token, ingest.",
		}, []string{"door"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lachan_httpapi_turned_away_total", Help: "Requests told to wait because their address failed too often, by door.",
		}, []string{"door"}),
	}
	for _, door := range []string{DoorSignIn, DoorToken, DoorIngest} {
		f.counted.WithLabelValues(door)
		f.refused.WithLabelValues(door)
	}
	if registry != nil {
		registry.MustRegister(f.counted, f.refused)
	}
	return f
}

// Failed counts a failure of an address, with or without port. Over the bound it
// returns a *WaitError instead of nil. A nil Failures has no bound.
func (f *Failures) Failed(door, address string) error {
	if f == nil {
		return nil
	}
	f.counted.WithLabelValues(door).Inc()
	return f.take(door, address, 1)
}

// May tells whether a request may be looked at: a *WaitError if its address has no
// failure left at the door. It counts nothing.
func (f *Failures) May(door, address string) error {
	if f == nil {
		return nil
	}
	return f.take(door, address, 0)
}

func (f *Failures) take(door, address string, n float64) error {
	from, ok := networkOf(address)
	if f.config.Burst == 0 || !ok {
		return nil
	}
	key, now := failing{door, from}, f.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	one := &failed{key: key, left: float64(f.config.Burst), at: now}
	place, known := f.of[key]
	if known {
		one = place.Value.(*failed)
		if since := now.Sub(one.at); since > 0 {
			one.left = math.Min(float64(f.config.Burst), one.left+float64(since)/float64(f.config.Every))
			one.at = now
		}
	}
	if one.left < 1 {
		f.refused.WithLabelValues(door).Inc()
		return wait(time.Duration((1 - one.left) * float64(f.config.Every)))
	}
	if n == 0 {
		return nil
	}
	one.left -= n
	if known {
		f.oldest.MoveToBack(place)
		return nil
	}
	if f.oldest.Len() >= f.most {
		first := f.oldest.Front()
		delete(f.of, f.oldest.Remove(first).(*failed).key)
	}
	f.of[key] = f.oldest.PushBack(one)
	return nil
}

// networkOf is what one subscriber has: an IPv4 address, or a /64 of IPv6, within
// which anybody may take as many addresses as he likes.
func networkOf(address string) (netip.Prefix, bool) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		var ok bool
		if a, ok = addrOf(address); !ok {
			return netip.Prefix{}, false
		}
	}
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	return p, err == nil
}

// WaitError is a fault of kind Busy that says when to come back.
type WaitError struct {
	After time.Duration
	cause error
}

func (e *WaitError) Error() string { return e.cause.Error() }

// Unwrap leads to the fault.
func (e *WaitError) Unwrap() error { return e.cause }

// RetryAfter is the header's value: whole seconds, one at least.
func (e *WaitError) RetryAfter() string {
	return strconv.Itoa(max(1, int(math.Ceil(e.After.Seconds()))))
}

func wait(after time.Duration) error {
	return &WaitError{After: after, cause: fault.New(fault.Busy,
		"too many wrong credentials came from this address; wait %v, then try again", max(after, time.Second).Round(time.Second)).WithCode("request.too-many-failures")}
}
