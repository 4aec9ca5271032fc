package module

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Hub sends live messages to the open consoles (server-sent events).
//
// Publish never blocks: each subscriber has a bounded queue, and one that does
// not keep up is sent "resync" (read everything again) and disconnected, so
// that a sleeping laptop costs nothing. A subscriber receives only messages of
// units its principal sees.
type Hub struct {
	mu     sync.Mutex
	subs   map[*subscriber]struct{}
	closed bool
}

const (
	hubMaxSubscribers = 1000
	hubQueue          = 256
	hubPing           = 15 * time.Second
	// hubLife ends a stream so that its credential is checked again on the
	// browser's automatic reconnect.
	hubLife = 15 * time.Minute
)

type message struct {
	unit event.UnitID
	name string
	data []byte
}

type subscriber struct {
	who   Principal
	queue chan message
	slow  chan struct{} // closed when the queue overflowed
}

// NewHub makes a hub without subscribers.
func NewHub() *Hub { return &Hub{subs: map[*subscriber]struct{}{}} }

// Publish sends data, as JSON, to every subscriber that sees unit.
func (h *Hub) Publish(unit event.UnitID, name string, data any) error {
	h.mu.Lock()
	n := len(h.subs)
	h.mu.Unlock()
	if n == 0 {
		return nil
	}
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("live message %s: %w", name, err)
	}
	m := message{unit: unit, name: name, data: text}
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		if !s.who.Sees(unit) {
			continue
		}
		select {
		case s.queue <- m:
		default:
			close(s.slow)
			delete(h.subs, s)
		}
	}
	return nil
}

// Resync tells every subscriber to read everything again.
func (h *Hub) Resync() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		select {
		case s.queue <- message{name: "resync", data: []byte("{}")}:
		default:
			close(s.slow)
			delete(h.subs, s)
		}
	}
}

// Subscribers returns how many consoles listen.
func (h *Hub) Subscribers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}

// Close ends all streams and refuses new ones; used at shutdown, where an open
// stream would hold the server up.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subs {
		close(s.slow)
		delete(h.subs, s)
	}
}

func (h *Hub) subscribe(p Principal) (*subscriber, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.subs) >= hubMaxSubscribers {
		return nil, fault.New(fault.Busy, "no more live streams; try again in a minute").WithCode("live.full")
	}
	s := &subscriber{who: p, queue: make(chan message, hubQueue), slow: make(chan struct{})}
	h.subs[s] = struct{}{}
	return s, nil
}

func (h *Hub) unsubscribe(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, s)
}

// Routes registers the stream.
func (h *Hub) Routes(api huma.API) {
	huma.Register(api, Op(ActionLiveSubscribe, huma.Operation{
		OperationID: "live", Method: http.MethodGet, Path: "/live", Tags: []string{"live"},
		Summary:     "Live messages as server-sent events",
		Description: "Events: `alert` {kind, alert}, `stats` {now, eventsPerSecond, spoolPending, lagSeconds} every 2 s, `enrolment` {id, unit} when the first event of one is stored, `resync` {} (read everything again). A comment every 15 s keeps the connection open. The stream ends after 15 minutes; reconnect.",
		Responses:   EventStreamResponses(),
	}), func(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
		p := PrincipalOf(ctx)
		if err := p.Require(ActionLiveSubscribe); err != nil {
			return nil, err
		}
		s, err := h.subscribe(p)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer h.unsubscribe(s)
			if out, err := NewEventStream(hc); err == nil {
				s.stream(hc.Context(), out)
			}
		}}, nil
	})
}

// stream writes until the client leaves, falls behind or its time is over.
func (s *subscriber) stream(ctx context.Context, out *EventStream) {
	ctx, cancel := context.WithTimeout(ctx, hubLife)
	defer cancel()
	ping := time.NewTicker(hubPing)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.slow:
			_ = out.Send("", "resync", []byte("{}")) // the stream ends anyway
			return
		case <-ping.C:
			if out.Ping("") != nil {
				return
			}
		case m := <-s.queue:
			if out.Send("", m.name, m.data) != nil {
				return
			}
		}
	}
}
