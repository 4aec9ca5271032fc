package telemetry

import (
	"sync"
	"time"
)

// Meter counts things per second over the last meterSeconds whole seconds. It is
// safe for concurrent use.
type Meter struct {
	now func() time.Time

	mu      sync.Mutex
	seconds [meterSeconds + 1]struct{ at, n int64 }
}

const meterSeconds = 10

// NewMeter makes a meter on the given clock.
func NewMeter(now func() time.Time) *Meter { return &Meter{now: now} }

// Add counts n things now.
func (m *Meter) Add(n int) {
	at := m.now().Unix()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &m.seconds[at%int64(len(m.seconds))]
	if s.at != at {
		s.at, s.n = at, 0
	}
	s.n += int64(n)
}

// PerSecond returns the mean rate over the last ten whole seconds; the second
// under way is left out, because it is not over.
func (m *Meter) PerSecond() float64 {
	at := m.now().Unix()
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum int64
	for i := range m.seconds {
		if s := &m.seconds[i]; s.at < at && s.at >= at-meterSeconds {
			sum += s.n
		}
	}
	return float64(sum) / meterSeconds
}
