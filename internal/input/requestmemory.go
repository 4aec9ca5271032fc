package input

import (
	"sync"

	"github.com/lachan-vn/lachan/internal/event"
)

// requestMemory is the memory that all requests of a node share. No unit gets more than
// its own bound, so that one with many large requests leaves room for others.
type requestMemory struct {
	limit, unitLimit int64

	mu     sync.Mutex
	used   int64
	byUnit map[event.UnitID]int64
}

// newRequestMemory takes the limit of all and the most that one request needs.
func newRequestMemory(limit, request int64) *requestMemory {
	return &requestMemory{limit: limit, unitLimit: min(limit, max(limit/2, request)), byUnit: map[event.UnitID]int64{}}
}

// take claims n bytes for a unit, "" for none in particular, or says that there is
// no room. It does not wait, since those who hold memory may be waiting for more
// themselves.
func (b *requestMemory) take(unit event.UnitID, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+n > b.limit || unit != "" && b.byUnit[unit]+n > b.unitLimit {
		return false
	}
	b.used += n
	if unit != "" {
		b.byUnit[unit] += n
	}
	return true
}

// give returns what was taken.
func (b *requestMemory) give(unit event.UnitID, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	if unit == "" {
		return
	}
	if b.byUnit[unit] -= n; b.byUnit[unit] == 0 {
		delete(b.byUnit, unit)
	}
}
