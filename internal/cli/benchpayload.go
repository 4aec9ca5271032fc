package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sample"
)

// Paths of the HTTP inputs.
const (
	jsonPath  = "ingest/json"
	linesPath = "ingest/lines"
)

const (
	benchBodyLines = 1000
	benchBodies    = 200_000 // different events at most; they are sent again and again
)

// payload is what is sent at a time: a request body, or frames of syslog.
type payload struct {
	path   string
	body   []byte
	events int
}

// payloads makes what is sent ahead, so that making it costs nothing later.
func (c *benchNodeCmd) payloads() ([]payload, error) {
	m := &payloadMaker{syslog: c.Protocol == "syslog"}
	if c.Input != "" {
		lines, err := readLines(c.Input)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			m.add(line, event.HintJSON)
		}
	} else if err := c.sampled(m.add); err != nil {
		return nil, err
	}
	if len(m.out) == 0 {
		return nil, fault.New(fault.Invalid, "bench: fewer than %d events of a kind to send", benchBodyLines)
	}
	return m.out, nil
}

// sampled makes events of the hour that is over now.
func (c *benchNodeCmd) sampled(add func([]byte, event.Hint)) error {
	recordings, err := recordings(c.Templates, c.Mix)
	if err != nil {
		return err
	}
	p, err := sample.New(sample.Options{Seed: 1, Events: min(c.Events, benchBodies), Start: time.Now().Add(-time.Hour), Span: time.Hour, Windows: recordings, Mix: mixOf(c.Mix)})
	if err != nil {
		return err
	}
	s := p.Stream()
	for batches := s.Next(); batches != nil; batches = s.Next() {
		for i := range batches {
			for _, r := range batches[i].Records {
				add(r.Data, r.Hint)
			}
		}
	}
	return nil
}

// payloadMaker gathers records until a payload is full.
type payloadMaker struct {
	syslog bool
	out    []payload
	parts  map[string]*payload
	frame  []byte
}

func (m *payloadMaker) add(data []byte, hint event.Hint) {
	path := jsonPath
	switch {
	case m.syslog:
		path = ""
	case hint != event.HintJSON:
		path = linesPath
	}
	if m.parts == nil {
		m.parts = map[string]*payload{}
	}
	p := m.parts[path]
	if p == nil {
		p = &payload{path: path}
		m.parts[path] = p
	}
	if m.syslog {
		// RFC 6587: each message behind its length.
		m.frame = m.frame[:0]
		if hint != event.HintSyslog || bytes.HasPrefix(data, []byte("type=")) {
			m.frame = append(m.frame, "<134>1 - may-chu nhat-ky - - - "...)
		} else if data[0] != '<' {
			m.frame = append(m.frame, "<134>"...)
		}
		m.frame = append(m.frame, data...)
		p.body = append(strconv.AppendInt(p.body, int64(len(m.frame)), 10), ' ')
		p.body = append(p.body, m.frame...)
	} else {
		p.body = append(append(p.body, data...), '\n')
	}
	if p.events++; p.events == benchBodyLines {
		m.out = append(m.out, *p)
		m.parts[path] = nil
	}
}

// sent is what a server has taken.
type sent struct {
	events int
	last   uint64 // block; 0 where the protocol does not say
}

// send drives the senders until all events are accepted, or, where the protocol
// acknowledges nothing, written to the socket.
func (c *benchNodeCmd) send(ctx context.Context, server *benchServer, payloads []payload) (sent, error) {
	var next, events, highest atomic.Int64
	// take hands out payloads until there are events enough.
	take := func() *payload {
		if ctx.Err() != nil {
			return nil
		}
		p := &payloads[int(next.Add(1)-1)%len(payloads)]
		if int(events.Add(int64(p.events)))-p.events >= c.Events {
			events.Add(-int64(p.events))
			return nil
		}
		return p
	}
	one := func() error {
		for p := take(); p != nil; p = take() {
			seq, err := server.post(ctx, p.path, p.body)
			if err != nil {
				return err
			}
			for h := highest.Load(); int64(seq) > h && !highest.CompareAndSwap(h, int64(seq)); h = highest.Load() {
				runtime.Gosched()
			}
		}
		return nil
	}
	if c.Protocol == "syslog" {
		one = func() error {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", server.syslog)
			if err != nil {
				return err
			}
			for p := take(); p != nil; p = take() {
				if _, err := conn.Write(p.body); err != nil {
					return errors.Join(fmt.Errorf("bench: syslog: %w", err), conn.Close())
				}
			}
			return conn.Close()
		}
	}
	var wg sync.WaitGroup
	errs := make([]error, c.Senders)
	for i := range c.Senders {
		wg.Go(func() { errs[i] = one() })
	}
	wg.Wait()
	return sent{int(events.Load()), uint64(highest.Load())}, errors.Join(errors.Join(errs...), ctx.Err())
}
