package search

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Limits of live tails.
const (
	maxTails      = 64
	maxTailsOfOne = 4
	tailRows      = 100                    // of one message; more are counted and skipped
	tailBytes     = 1 << 20                // of one message, before the last event
	tailEvery     = 500 * time.Millisecond // at most so often
	tailPing      = 15 * time.Second
	// tailLife ends a stream so that its credential is checked again on the
	// browser's automatic reconnect.
	tailLife  = 15 * time.Minute
	tailPolls = 2 // tails that look at the lake at the same time
)

// tails are the live tails under way.
type tails struct {
	mu     sync.Mutex
	of     map[string]int // by principal
	all    int
	ended  bool
	closed chan struct{}
	polls  chan struct{}
}

func newTails() *tails {
	return &tails{of: map[string]int{}, closed: make(chan struct{}), polls: make(chan struct{}, tailPolls)}
}

func (t *tails) begin(id string) (func(), error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.ended || t.all >= maxTails:
		return nil, fault.New(fault.Busy, "no more live tails; try again in a minute").WithCode("tail.full")
	case t.of[id] >= maxTailsOfOne:
		return nil, fault.New(fault.Busy, "you follow %d searches already; close one", maxTailsOfOne).WithCode("tail.too-many")
	}
	t.all++
	t.of[id]++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.all--
		if t.of[id]--; t.of[id] == 0 {
			delete(t.of, id)
		}
	}, nil
}

// CloseTails ends all live tails and refuses new ones: at shutdown an open stream
// would hold the server up.
func (s *Service) CloseTails() {
	s.tails.mu.Lock()
	defer s.tails.mu.Unlock()
	if !s.tails.ended {
		s.tails.ended = true
		close(s.tails.closed)
	}
}

// TailEventsView is what became searchable since the message before.
type TailEventsView struct {
	Events  []module.EventView `json:"events" nullable:"false" doc:"oldest first"`
	Skipped int64              `json:"skipped" doc:"events that matched too and were too many to send"`
	Cursor  string             `json:"cursor"`
	Partial string             `json:"partial,omitempty" doc:"what is missing, and why"`
}

// TailPlaceView is a place in the tail.
type TailPlaceView struct {
	Cursor string `json:"cursor"`
}

// follower is one live tail.
type follower struct {
	s     *Service
	scope lake.Scope
	query *query.Query
	at    int64
	out   *module.EventStream
}

func (f *follower) cursor() string { return strconv.FormatInt(f.at, 10) }

func (f *follower) send(event string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return f.out.Send(f.cursor(), event, text)
}

// run writes until the client leaves, its time is over or the tails are closed. A
// client that reads slowly holds up itself alone: while a message is on its way
// nothing is read for it, and the next looks at everything since.
func (f *follower) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tailLife)
	var watch sync.WaitGroup
	defer watch.Wait()
	defer cancel()
	watch.Go(func() {
		select {
		case <-f.s.tails.closed:
			cancel()
		case <-ctx.Done():
		}
	})
	if err := f.send("ready", TailPlaceView{f.cursor()}); err != nil {
		return err
	}
	for {
		if err := f.step(ctx); err != nil {
			return err
		}
		wait, stop := context.WithTimeout(ctx, tailPing)
		err := f.s.lake.TailWait(wait, f.at)
		stop()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			// Also moves on past what held nothing for this query.
			if err := f.step(ctx); err != nil {
				return err
			}
			if err := f.out.Ping(f.cursor()); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tailEvery):
		}
	}
}

// step sends what is new.
func (f *follower) step(ctx context.Context) error {
	select {
	case f.s.tails.polls <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	t, err := f.s.lake.Tail(ctx, f.scope, f.query, f.at, tailRows)
	<-f.s.tails.polls
	if ctx.Err() != nil {
		return nil //nolint:nilerr // the client is gone, or the stream's time is over
	}
	if err != nil {
		return err
	}
	f.at = t.Next
	if t.Gap {
		return f.send("gap", TailPlaceView{f.cursor()})
	}
	if len(t.Rows) == 0 && t.Skipped == 0 && len(t.Warnings) == 0 {
		return nil
	}
	v := TailEventsView{Events: []module.EventView{}, Skipped: t.Skipped, Cursor: f.cursor(), Partial: partial(lake.Stats{Warnings: t.Warnings})}
	size, first := 0, len(t.Rows)
	for first > 0 && size < tailBytes {
		first--
		size += len(t.Rows[first].Raw)
	}
	v.Skipped += int64(first)
	for _, r := range t.Rows[first:] {
		v.Events = append(v.Events, module.NewEventView(r))
	}
	return f.send("events", v)
}

// problemView is the part of a problem that a stream can still tell.
type problemView struct {
	Status int    `json:"status"`
	Code   string `json:"code,omitempty"`
	Detail string `json:"detail"`
}

// tell says why a stream ends that could not go on.
func (f *follower) tell(err error) {
	p := problemView{Status: http.StatusInternalServerError, Detail: "the server could not go on"}
	if fe, ok := errors.AsType[*fault.Error](err); ok && fe.Kind == fault.Busy {
		p = problemView{Status: http.StatusTooManyRequests, Code: fe.Code, Detail: fe.Error()}
	}
	_ = f.send("problem", p) // the client may be the one that is gone
}

// follow prepares a live tail. Errors: Denied, Invalid, Busy.
func (s *Service) follow(ctx context.Context, text, cursor string) (*follower, func(), error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return nil, nil, err
	}
	q, err := ParseQuery(text)
	if err != nil {
		return nil, nil, err
	}
	f := &follower{s: s, scope: p.Scope(), query: q}
	if cursor == "" {
		f.at = s.lake.TailEnd()
	} else if f.at, err = strconv.ParseInt(cursor, 10, 64); err != nil {
		return nil, nil, fault.New(fault.Invalid, "cursor: not one this server gave; leave it out to begin now").WithCode("search.cursor").OnField("query.cursor")
	}
	if err := s.note(ctx, "event.tail", text, map[string]string{}); err != nil {
		return nil, nil, err
	}
	done, err := s.tails.begin(p.ID)
	return f, done, err
}

func (s *Service) tailRoute(api huma.API) {
	type input struct {
		Query  string `query:"query" maxLength:"16384" doc:"empty: everything"`
		Cursor string `query:"cursor" maxLength:"20" doc:"go on from here; absent: from now"`
		LastID string `header:"Last-Event-ID" maxLength:"20" doc:"sent by browsers that reconnect; goes before cursor"`
	}
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "search-tail", Method: http.MethodGet, Path: "/search/tail", Tags: tags,
		Summary: "Events that match a query, as they become searchable, as server-sent events",
		Description: "Each message's id is its place: who reconnects with it gets each event exactly once. Events: `ready` TailPlace, `events` TailEvents (the newest 100, and how many were skipped), " +
			"`gap` TailPlace (too much time has passed to go on exactly: read the list again), `problem` {status, code, detail} (the stream ends). A comment every 15 s keeps the connection open. The stream ends after 15 minutes; reconnect.",
		Responses: module.EventStreamResponses(),
	}), func(ctx context.Context, in *input) (*huma.StreamResponse, error) {
		cursor := in.Cursor
		if in.LastID != "" {
			cursor = in.LastID
		}
		f, done, err := s.follow(ctx, in.Query, cursor)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer done()
			if f.out, err = module.NewEventStream(hc); err != nil {
				return
			}
			if err := f.run(hc.Context()); err != nil {
				s.log.DebugContext(hc.Context(), "a live tail ended", "error", err)
				f.tell(err)
			}
		}}, nil
	})
	// The shapes of the messages, for clients made from the document.
	schemas := api.OpenAPI().Components.Schemas
	schemas.Schema(reflect.TypeFor[TailEventsView](), true, "")
	schemas.Schema(reflect.TypeFor[TailPlaceView](), true, "")
}
