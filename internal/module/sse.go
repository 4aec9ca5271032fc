package module

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// EventStream writes server-sent events to one client.
type EventStream struct {
	w        io.Writer
	flush    func() error
	deadline func() error
}

// streamWriteTime is how long one message may take to be read by the client; it
// replaces the server's write timeout, which would end a stream that works.
const streamWriteTime = 10 * time.Second

// EventStreamResponses describes a stream to OpenAPI.
func EventStreamResponses() map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: "OK",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
}

// NewEventStream answers hc with a stream and asks the client to wait two seconds
// before it comes back.
func NewEventStream(hc huma.Context) (*EventStream, error) {
	hc.SetHeader("Content-Type", "text/event-stream")
	hc.SetHeader("Cache-Control", "no-store, no-transform")
	hc.SetHeader("X-Accel-Buffering", "no")
	hc.SetStatus(http.StatusOK)
	return newEventStream(hc.BodyWriter())
}

func newEventStream(w io.Writer) (*EventStream, error) {
	s := &EventStream{w: w, flush: func() error { return nil }, deadline: func() error { return nil }}
	if rw, ok := w.(http.ResponseWriter); ok {
		rc := http.NewResponseController(rw)
		s.flush = rc.Flush
		s.deadline = func() error {
			err := rc.SetWriteDeadline(time.Now().Add(streamWriteTime))
			if errors.Is(err, http.ErrNotSupported) {
				return nil
			}
			return err
		}
	}
	return s, s.printf("retry: 2000\n\n")
}

func (s *EventStream) printf(format string, args ...any) error {
	if err := s.deadline(); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil {
		return err
	}
	return s.flush()
}

// Send writes one message; data has no line feeds, as JSON has none. The client
// sends the newest id back when it reconnects; "" leaves it as it is.
func (s *EventStream) Send(id, event string, data []byte) error {
	if id != "" {
		return s.printf("id: %s\nevent: %s\ndata: %s\n\n", id, event, data)
	}
	return s.printf("event: %s\ndata: %s\n\n", event, data)
}

// Frames writes messages that are in their wire form already.
func (s *EventStream) Frames(frames []byte) error {
	if len(frames) == 0 {
		return nil
	}
	if err := s.deadline(); err != nil {
		return err
	}
	if _, err := s.w.Write(frames); err != nil {
		return err
	}
	return s.flush()
}

// Ping keeps the connection open, and moves the id on if it is not "".
func (s *EventStream) Ping(id string) error {
	if id != "" {
		return s.printf(": ping\nid: %s\n\n", id)
	}
	return s.printf(": ping\n\n")
}
