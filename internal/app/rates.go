package app

import (
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

// rates meters stored events, in all and by unit.
type rates struct {
	now   func() time.Time
	all   *telemetry.Meter
	mu    sync.Mutex
	units map[event.UnitID]*telemetry.Meter
}

func newRates(now func() time.Time) *rates {
	return &rates{now: now, all: telemetry.NewMeter(now), units: map[event.UnitID]*telemetry.Meter{}}
}

func (r *rates) add(unit event.UnitID, n int) {
	r.all.Add(n)
	r.meter(unit).Add(n)
}

func (r *rates) meter(unit event.UnitID) *telemetry.Meter {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.units[unit]
	if m == nil {
		m = telemetry.NewMeter(r.now)
		r.units[unit] = m
	}
	return m
}

// perSecond returns the rate of a unit, of all units for "".
func (r *rates) perSecond(unit event.UnitID) float64 {
	if unit == "" {
		return r.all.PerSecond()
	}
	return r.meter(unit).PerSecond()
}
