package module

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Hub sends live messages to the open consoles (server-sent events).
//
// A message is put into its wire form once and shared by all who get it. Publish
// never blocks: each subscriber has a bounded list of what it is still to be
// sent, and one that does not keep up is sent "resync" (read everything again)
// and disconnected, so that a sleeping laptop costs nothing. What gathers while a
// subscriber was written to goes in one write, a few times a second at most; of
// messages that only the newest is worth having (figures), only the newest goes.
//
// The newest messages are kept for a while. A browser that comes back says which
// it saw last and gets those after it, or "resync" if they are not kept any more.
// So that it can from the start, a stream begins with "hello", which has the id of
// the newest. A "ping" in between shows that a stream on which nothing happens is
// alive.
//
// A subscriber receives only messages of units its principal sees, and of itself.
// Whether its session still holds is asked every few seconds.
type Hub struct {
	mu      sync.Mutex
	subs    map[*subscriber]struct{}
	perUser map[string]int
	perAddr map[string]int
	closed  bool
	leftAt  time.Time // when the last subscriber left

	epoch  string // of this process: the numbers of another mean nothing
	seq    uint64
	recent []*message // oldest first
	bytes  int        // of recent

	published, dropped atomic.Uint64

	holds func(context.Context, Principal) bool
}

// Limits of the hub.
const (
	hubMaxSubscribers = 1000
	hubPerUser        = 24  // tabs of one person
	hubPerAddress     = 400 // consoles behind one address: an office
	hubQueue          = 256
	hubRecent         = 1024 // messages
	hubRecentBytes    = 4 << 20
)

// Times of the hub.
const (
	hubPing  = 15 * time.Second
	hubCheck = 5 * time.Second
	hubPace  = 250 * time.Millisecond // between two writes to one subscriber
	// hubLinger is how long after the last one left messages are still kept.
	hubLinger = time.Minute
	// hubLife ends a stream so that everything about its credential is looked at
	// again on the browser's automatic reconnect.
	hubLife = 15 * time.Minute
)

// message is one message in its wire form.
type message struct {
	seq    uint64 // 0: not kept
	unit   event.UnitID
	user   string // whom alone it is for, ""
	newest string // of messages of one such name only the newest is sent, ""
	frame  []byte
}

var (
	resyncFrame = []byte("event: resync\ndata: {}\n\n")
	pingFrame   = []byte("event: ping\ndata: {}\n\n")
)

type subscriber struct {
	who  Principal
	mu   sync.Mutex
	todo []*message
	wake chan struct{}
	slow chan struct{} // closed when too much was to be sent, or the hub closed
}

// NewHub makes a hub without subscribers.
func NewHub() *Hub {
	var epoch [4]byte
	rand.Read(epoch[:]) // never fails since Go 1.24
	return &Hub{
		subs: map[*subscriber]struct{}{}, perUser: map[string]int{}, perAddr: map[string]int{}, epoch: hex.EncodeToString(epoch[:]),
		holds: func(context.Context, Principal) bool { return true },
	}
}

// CheckWith makes the hub ask holds whether a principal may go on, before it
// serves.
func (h *Hub) CheckWith(holds func(context.Context, Principal) bool) { h.holds = holds }

// Publish sends data, as JSON, to every subscriber that sees unit.
func (h *Hub) Publish(unit event.UnitID, name string, data any) error {
	return h.publish(&message{unit: unit}, name, data, true)
}

// PublishNewest is Publish for what is soon replaced by the next of its name: who
// comes late or is slow gets the newest only.
func (h *Hub) PublishNewest(unit event.UnitID, name string, data any) error {
	return h.publish(&message{unit: unit, newest: name}, name, data, false)
}

// PublishTo sends data to one user's consoles. Only the newest of a name is kept
// for a slow one.
func (h *Hub) PublishTo(user, name string, data any) error {
	return h.publish(&message{user: user, newest: name}, name, data, true)
}

func (h *Hub) publish(m *message, name string, data any, keep bool) error {
	if h.Subscribers() == 0 {
		return nil
	}
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("live message %s: %w", name, err)
	}
	h.published.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if keep {
		h.seq++
		m.seq = h.seq
		m.frame = fmt.Appendf(nil, "id: %s-%d\nevent: %s\ndata: %s\n\n", h.epoch, m.seq, name, text)
		h.keep(m)
	} else {
		m.frame = fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, text)
	}
	for s := range h.subs {
		if s.gets(m) && !s.add(m) {
			h.drop(s)
		}
	}
	return nil
}

func (h *Hub) keep(m *message) {
	h.recent = append(h.recent, m)
	h.bytes += len(m.frame)
	n := 0
	for len(h.recent)-n > hubRecent || h.bytes > hubRecentBytes {
		h.bytes -= len(h.recent[n].frame)
		h.recent[n] = nil
		n++
	}
	h.recent = h.recent[n:]
}

// gets tells whether m is for s.
func (s *subscriber) gets(m *message) bool {
	if m.user != "" {
		return m.user == s.who.ID
	}
	return s.who.Sees(m.unit)
}

// add puts m to what is to be sent; false: too much is.
func (s *subscriber) add(m *message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.newest != "" {
		for i, x := range s.todo {
			if x.newest == m.newest {
				s.todo = append(s.todo[:i], s.todo[i+1:]...)
				break
			}
		}
	}
	if len(s.todo) >= hubQueue {
		return false
	}
	s.todo = append(s.todo, m)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return true
}

// drop ends a subscriber; h.mu is held.
func (h *Hub) drop(s *subscriber) {
	if _, ok := h.subs[s]; !ok {
		return
	}
	close(s.slow)
	h.forget(s)
	if !h.closed {
		h.dropped.Add(1)
	}
}

func (h *Hub) forget(s *subscriber) {
	delete(h.subs, s)
	for counts, key := range map[*map[string]int]string{&h.perUser: s.who.ID, &h.perAddr: s.who.Address} {
		if (*counts)[key]--; (*counts)[key] <= 0 {
			delete(*counts, key)
		}
	}
	if len(h.subs) == 0 {
		h.leftAt = time.Now()
	}
}

// Resync tells every subscriber to read everything again.
func (h *Hub) Resync() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgetRecent()
	m := &message{newest: "resync", frame: resyncFrame}
	for s := range h.subs {
		if !s.add(m) {
			h.drop(s)
		}
	}
}

// forgetRecent makes who comes back read everything again.
func (h *Hub) forgetRecent() {
	h.seq++
	h.recent, h.bytes = nil, 0
}

// Subscribers returns how many consoles listen, and 1 while one that has just
// left may come back for what it missed.
func (h *Hub) Subscribers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subs) == 0 && time.Since(h.leftAt) < hubLinger && !h.closed {
		return 1
	}
	return len(h.subs)
}

// Close ends all streams and refuses new ones; used at shutdown, where an open
// stream would hold the server up.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subs {
		h.drop(s)
	}
}

// subscribe adds p, which saw the message of id lastID last, "" for none.
func (h *Hub) subscribe(p Principal, lastID string) (*subscriber, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.subs) >= hubMaxSubscribers || h.perUser[p.ID] >= hubPerUser || p.Address != "" && h.perAddr[p.Address] >= hubPerAddress {
		return nil, fault.New(fault.Busy, "no more live streams; close other tabs, or try again in a minute").WithCode("live.full")
	}
	if len(h.subs) == 0 && time.Since(h.leftAt) >= hubLinger {
		h.forgetRecent() // nothing was kept since
	}
	s := &subscriber{who: p, wake: make(chan struct{}, 1), slow: make(chan struct{})}
	if lastID == "" || !h.catchUp(s, lastID) {
		s.todo = nil
		s.add(&message{frame: fmt.Appendf(nil, "id: %s-%d\nevent: hello\ndata: {}\n\n", h.epoch, h.seq)})
		if lastID != "" {
			s.add(&message{newest: "resync", frame: resyncFrame})
		}
	}
	h.subs[s] = struct{}{}
	h.perUser[p.ID]++
	h.perAddr[p.Address]++
	return s, nil
}

// catchUp puts what came after lastID to what s is to be sent; false: that is not
// known any more.
func (h *Hub) catchUp(s *subscriber, lastID string) bool {
	epoch, number, _ := strings.Cut(lastID, "-")
	last, err := strconv.ParseUint(number, 10, 64)
	if err != nil || epoch != h.epoch || last > h.seq || last < h.seq && (len(h.recent) == 0 || h.recent[0].seq > last+1) {
		return false
	}
	for _, m := range h.recent {
		if m.seq > last && s.gets(m) && !s.add(m) {
			return false
		}
	}
	return true
}

func (h *Hub) unsubscribe(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.subs[s]; ok {
		h.forget(s)
	}
}

// Routes registers the stream.
func (h *Hub) Routes(api huma.API) {
	type ask struct {
		LastID string `header:"Last-Event-ID" maxLength:"64" doc:"the browser sends it when it reconnects"`
		After  string `query:"after" maxLength:"64" doc:"the id of the last message, where the header cannot be set; the header is the newer one"`
	}
	huma.Register(api, Op(ActionLiveSubscribe, huma.Operation{
		OperationID: "live", Method: http.MethodGet, Path: "/live", Tags: []string{"live"},
		Summary:     "Live messages as server-sent events",
		Description: "Events: `hello` {} first, with an id to come back with, `ping` {} every 15 s, `alert` {kind, alert}, `stats` {now, eventsPerSecond, spoolPending, lagSeconds} every 2 s, `enrolment` {id, unit} when the first event of one is stored, `inbox` {} when the caller's notifications changed, `resync` {} (read everything again). Several may come in one write, four writes a second at most. The stream ends after 15 minutes, and seconds after the session does; reconnect with the id of the last message to get those in between.",
		Responses:   EventStreamResponses(),
	}), func(ctx context.Context, in *ask) (*huma.StreamResponse, error) {
		p := PrincipalOf(ctx)
		if err := p.Require(ActionLiveSubscribe); err != nil {
			return nil, err
		}
		s, err := h.subscribe(p, cmp.Or(in.LastID, in.After))
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer h.unsubscribe(s)
			if out, err := NewEventStream(hc); err == nil {
				s.stream(hc.Context(), out, h.holds)
			}
		}}, nil
	})
}

// stream writes until the client leaves, falls behind, its session ends or its
// time is over.
func (s *subscriber) stream(ctx context.Context, out *EventStream, holds func(context.Context, Principal) bool) {
	ctx, cancel := context.WithTimeout(ctx, hubLife)
	defer cancel()
	ping, check, pace := time.NewTicker(hubPing), time.NewTicker(hubCheck), time.NewTimer(0)
	defer ping.Stop()
	defer check.Stop()
	defer pace.Stop()
	<-pace.C
	wake := s.wake
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.slow:
			_ = out.Frames(resyncFrame) // the stream ends anyway
			return
		case <-check.C:
			if !holds(ctx, s.who) {
				return
			}
		case <-ping.C:
			if out.Frames(pingFrame) != nil {
				return
			}
		case <-pace.C:
			wake = s.wake
		case <-wake:
			if out.Frames(s.take()) != nil {
				return
			}
			wake = nil
			pace.Reset(hubPace)
		}
	}
}

// take returns what is to be sent, in one piece.
func (s *subscriber) take() []byte {
	s.mu.Lock()
	todo := s.todo
	s.todo = nil
	s.mu.Unlock()
	if len(todo) == 1 {
		return todo[0].frame
	}
	size := 0
	for _, m := range todo {
		size += len(m.frame)
	}
	frames := make([]byte, 0, size)
	for _, m := range todo {
		frames = append(frames, m.frame...)
	}
	return frames
}
