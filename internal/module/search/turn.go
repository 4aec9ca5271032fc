package search

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// turns bounds how many searches are under way, in all and of one person:
// searches are the heaviest thing a user can ask for, and one who opens twenty
// pages must not keep everybody else waiting. Who comes too early waits a while
// for his turn, his own searches first, then the others'.
type turns struct {
	slots chan struct{} // one per search under way

	mu  sync.Mutex
	own map[string]*ownTurns // by principal; gone when nobody of it waits or searches
}

type ownTurns struct {
	slots chan struct{}
	users int
}

const (
	maxConcurrent      = 8
	maxConcurrentOfOne = 5 // a page asks for events, their number and their fields at once
	queueTime          = 10 * time.Second
)

func newTurns() *turns {
	return &turns{slots: make(chan struct{}, maxConcurrent), own: map[string]*ownTurns{}}
}

// busy tells whether somebody searches.
func (t *turns) busy() bool { return len(t.slots) > 0 }

func (t *turns) enter(id string) *ownTurns {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.own[id]
	if o == nil {
		o = &ownTurns{slots: make(chan struct{}, maxConcurrentOfOne)}
		t.own[id] = o
	}
	o.users++
	return o
}

func (t *turns) leave(id string, o *ownTurns) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.users--; o.users == 0 {
		delete(t.own, id)
	}
}

// take waits for a turn of the caller; give it back with done. Errors: Busy, and
// that of ctx.
func (t *turns) take(ctx context.Context) (done func(), err error) {
	id := module.PrincipalOf(ctx).ID
	o := t.enter(id)
	defer func() {
		if err != nil {
			t.leave(id, o)
		}
	}()
	timer := time.NewTimer(queueTime)
	defer timer.Stop()
	select {
	case o.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-timer.C:
		return nil, fault.New(fault.Busy, "%d of your searches are still running; wait for one, or close the pages you do not need", maxConcurrentOfOne).WithCode("search.too-many")
	}
	select {
	case t.slots <- struct{}{}:
		return func() {
			<-t.slots
			<-o.slots
			t.leave(id, o)
		}, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-timer.C:
		err = fault.New(fault.Busy, "too many searches at once; try again in a moment").WithCode("search.busy")
	}
	<-o.slots
	return nil, err
}

// searchTime is how long one search may take: inside the server's deadline for a
// request.
const searchTime = 50 * time.Second

func withSearchTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, searchTime, errSearchTime)
}

var errSearchTime = errors.New("search time is over")

// outcome says what an error of a search means to who asked, and what he can do.
func outcome(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errSearchTime):
		return fault.New(fault.Busy, "the search took too long and was stopped; take a shorter range of time, or name a field (user:root instead of root): %w", err).WithCode("search.too-slow")
	case errors.Is(err, context.Canceled):
		// Whoever asked is gone, or the server stops; nobody is to blame.
		return fault.New(fault.Busy, "the search was cancelled: %w", err).WithCode("search.cancelled")
	}
	return err
}
