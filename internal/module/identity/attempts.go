package identity

import (
	"net/netip"
	"sync"
	"time"
)

// attempts slows guessing down. Each failure past a free number makes the key
// (an account or an address) wait twice as long as the one before, up to a
// maximum. It is kept in memory and bounded. What concerns an account is stored
// too (users.failures), so that a restart does not forgive it.
//
// An attempt counts as failed from its beginning and is forgiven at its
// success, so that a thousand attempts sent at once are not a thousand guesses.
type attempts struct {
	free    int
	longest time.Duration
	keys    int    // bound on remembered keys
	refused func() // told of every attempt that must not be made; may be nil
	// network: keys are addresses, and those of one IPv6 /64 network count as one,
	// since whoever has one of them has them all.
	network bool

	mu sync.Mutex
	m  map[string]*failures
}

type failures struct {
	n     int
	last  time.Time
	until time.Time
}

// attemptMemory is after how long without a failure a key is forgotten.
const attemptMemory = time.Hour

func newAttempts(free int, longest time.Duration) *attempts {
	return &attempts{free: free, longest: longest, keys: 20_000, m: map[string]*failures{}}
}

func (a *attempts) name(key string) string {
	if addr, err := netip.ParseAddr(key); a.network && err == nil && addr.Unmap().Is6() {
		if p, err := addr.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return key
}

// begin counts an attempt. A positive wait means that it must not be made, and
// when it may be; it is then not counted.
func (a *attempts) begin(key string, now time.Time) (wait time.Duration) {
	key = a.name(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.m[key]
	if f != nil && now.Sub(f.last) > attemptMemory && now.After(f.until) {
		f = nil
	}
	if f == nil {
		a.makeRoom(now)
		f = &failures{}
		a.m[key] = f
	}
	if wait := f.until.Sub(now); wait > 0 {
		if a.refused != nil {
			a.refused()
		}
		return wait
	}
	f.n++
	f.last = now
	if over := f.n - a.free; over >= 0 {
		f.until = now.Add(min(time.Second<<min(over, 20), a.longest))
	}
	return 0
}

// succeed forgets the key's failures; forgive takes back the one attempt only.
func (a *attempts) succeed(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.m, key)
}

func (a *attempts) forgive(key string) {
	key = a.name(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	if f := a.m[key]; f != nil && f.n > 0 {
		f.n--
		f.until = time.Time{}
	}
}

// state tells how often the key failed and until when it has to wait, the zero
// time if it has not.
func (a *attempts) state(key string, now time.Time) (n int, until time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.m[key]
	if f == nil {
		return 0, time.Time{}
	}
	if f.until.After(now) {
		until = f.until
	}
	return f.n, until
}

// failed tells whether the key has a failure that is remembered.
func (a *attempts) failed(key string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.m[key]
	return f != nil && f.n > 0 && now.Sub(f.last) <= attemptMemory
}

// stored is what a restart must not forgive; restore brings it back.
func (a *attempts) stored(key string) failures {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f := a.m[key]; f != nil {
		return *f
	}
	return failures{}
}

func (a *attempts) restore(key string, f failures) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.m[key] = &f
}

// makeRoom keeps the map bounded: first what is old, then what waits for
// nothing, then anything.
func (a *attempts) makeRoom(now time.Time) {
	if len(a.m) < a.keys {
		return
	}
	for k, f := range a.m {
		if now.Sub(f.last) > attemptMemory || f.n < a.free {
			delete(a.m, k)
		}
	}
	for k := range a.m {
		if len(a.m) < a.keys {
			return
		}
		delete(a.m, k)
	}
}
