// Package lumberjack receives what Beats and Logstash send with their "logstash"
// and "lumberjack" outputs: the Lumberjack protocol, versions 1 and 2, over TCP
// and TLS.
//
// A peer sends windows of events and waits for the number of the last one it may
// forget. That number goes out only once the event is on disk. A full spool is
// told by silence and, every few seconds, by the number before it, so that the
// peer neither gives up nor sends more; what it does not see acknowledged it
// sends again, on this connection or another.
//
// The protocol is read here and not by elastic/go-lumber, whose server gathers a
// window whole, of a size the peer announces. Here a connection holds one event
// and one batch, whatever is announced: see frame.go. The tests send with
// go-lumber's clients.
//
// The unit comes from the client certificate, else from the source address, never
// from an event. An event is stored as its JSON came; events of version 1, which
// are pairs, become one flat object.
//
// Start reading at session.run.
package lumberjack

import (
	"context"
	"net"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

const inputName = "lumberjack"

// Kind is the lumberjack input.
func Kind() input.Kind {
	return input.NewKind(inputName, DefaultConfig, func(c Config, env input.Env) (input.Input, error) {
		return New(c, env)
	})
}

// Config is the section of one lumberjack input.
type Config struct {
	input.ListenConfig `yaml:",inline"`
}

// DefaultConfig listens nowhere and gives everything to the centre. A Beat opens a
// connection again that was closed for want of a window.
func DefaultConfig() Config {
	c := Config{ListenConfig: input.DefaultListenConfig()}
	c.MaxConnections, c.IdleTimeout = 2_000, time.Hour
	return c
}

// Validate names the key at fault.
func (c Config) Validate() error { return c.ValidateListen(inputName, nil, "0.0.0.0:5044") }

// Input is one set of listeners.
type Input struct {
	input.Sockets
	config Config
	feed   *input.Feed
	every  time.Duration // of keep-alives
	unfold int64         // what a compressed frame may unfold to
}

// New makes an Input that listens once it runs.
func New(c Config, env input.Env) (*Input, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	feed, err := c.Feed(inputName, event.HintJSON, env)
	if err != nil {
		return nil, err
	}
	return &Input{config: c, feed: feed, every: keepAlive, unfold: maxUnfolded}, nil
}

// Run implements [input.Input]. If one listener breaks, all end.
func (in *Input) Run(ctx context.Context, out input.Sink) error {
	a, err := in.config.Addresses(in.feed, nil)
	if err != nil {
		return err
	}
	door := input.NewDoor(in.feed, in.config.MaxConnections)
	s := newSessions(in.feed, in.config.IdleTimeout, in.every, in.unfold)
	return in.Listen(ctx, inputName, a, nil, func(ctx, store context.Context, l net.Listener) error {
		return door.Serve(ctx, l, func(c *input.Conn) error { return s.serve(ctx, store, c, out) })
	})
}
