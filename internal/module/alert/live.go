package alert

import (
	"context"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
)

// live gathers which alerts changed, and tells the open consoles at most a few
// times a second. An attack that moves one alert thousands of times a second is
// one message each time; one that makes thousands of alerts is one "resync".
type live struct {
	mu      sync.Mutex
	waiting map[string]bool // id to whether it was created
	many    bool            // more than is worth sending one by one
	wake    chan struct{}
}

const (
	liveEvery = 250 * time.Millisecond
	liveMax   = 100
)

func newLive() *live { return &live{waiting: map[string]bool{}, wake: make(chan struct{}, 1)} }

// liveMessage is the "alert" event of the live stream.
type liveMessage struct {
	Kind  string           `json:"kind"` // created, updated
	Alert module.AlertView `json:"alert"`
}

// Committed tells the open consoles of alerts whose transaction is committed, and
// the outbox that there may be facts. It never blocks and does no I/O.
func (s *Service) Committed(recorded []Recorded) {
	if len(recorded) > 0 {
		s.open.touch(recorded)
		s.wake()
	}
	if len(recorded) == 0 || s.hub.Subscribers() == 0 {
		return
	}
	l := s.live
	l.mu.Lock()
	for _, r := range recorded {
		if len(l.waiting) >= liveMax {
			l.many = true
			break
		}
		l.waiting[r.ID] = l.waiting[r.ID] || r.Created
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (s *Service) runLive(ctx context.Context) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.live.wake:
		}
		if err := s.tell(ctx); err != nil && ctx.Err() == nil {
			// The consoles read everything again by themselves.
			s.log.WarnContext(ctx, "live alerts: cannot be read", "error", err)
			s.hub.Resync()
		}
		pause.Reset(liveEvery)
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
	}
}

func (s *Service) tell(ctx context.Context) error {
	l := s.live
	l.mu.Lock()
	waiting, many := l.waiting, l.many
	l.waiting, l.many = map[string]bool{}, false
	l.mu.Unlock()
	if many {
		s.hub.Resync()
		return nil
	}
	ids := make([]string, 0, len(waiting))
	for id := range waiting {
		ids = append(ids, id)
	}
	alerts, err := s.store.byID(ctx, s.store.db, ids)
	if err != nil {
		return err
	}
	views, err := s.views(ctx, alerts)
	if err != nil {
		return err
	}
	for _, v := range views {
		kind := "updated"
		if waiting[v.ID] {
			kind = "created"
		}
		if err := s.hub.Publish(v.Unit, "alert", liveMessage{kind, v}); err != nil {
			return err
		}
	}
	return nil
}
