package input

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/lachan-vn/lachan/internal/event"
)

// Shares deals out memory to the connections of an input, in shares of one size. A
// unit gets an eighth at most: what it holds while it is held back for its quota is
// not missing to others.
type Shares struct {
	all   *semaphore.Weighted
	limit int64 // of a unit

	mu    sync.Mutex
	units map[event.UnitID]*semaphore.Weighted
}

// NewShares makes so many shares.
func NewShares(n int) *Shares {
	return &Shares{all: semaphore.NewWeighted(int64(n)), limit: int64(max(1, n/8)), units: map[event.UnitID]*semaphore.Weighted{}}
}

func (s *Shares) unit(u event.UnitID) *semaphore.Weighted {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.units[u]
	if own == nil {
		own = semaphore.NewWeighted(s.limit)
		s.units[u] = own
	}
	return own
}

// Take waits for a share until ctx ends; release gives it back.
func (s *Shares) Take(ctx context.Context, u event.UnitID) (release func(), err error) {
	own := s.unit(u)
	if err := own.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := s.all.Acquire(ctx, 1); err != nil {
		own.Release(1)
		return nil, err
	}
	return func() { s.all.Release(1); own.Release(1) }, nil
}

// Try takes a share if there is one at once; release is nil if there is none.
func (s *Shares) Try(u event.UnitID) (release func()) {
	own := s.unit(u)
	if !own.TryAcquire(1) {
		return nil
	}
	if !s.all.TryAcquire(1) {
		own.Release(1)
		return nil
	}
	return func() { s.all.Release(1); own.Release(1) }
}
