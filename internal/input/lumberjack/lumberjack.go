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
	"github.com/lachan-vn/lachan/internal/fault"
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
	TCP []string `yaml:"tcp"` // addresses to listen on, "0.0.0.0:5044"
	TLS TLS      `yaml:"tls"`

	// Unit owns what no certificate and no entry of Units claims. Units maps source
	// addresses and networks to units; the longest match counts.
	Unit  event.UnitID            `yaml:"unit"`
	Units map[string]event.UnitID `yaml:"units"`

	// MaxConnections bounds open connections. At the limit the oldest one that
	// never sent an event gives way, else the new one.
	MaxConnections int `yaml:"maxConnections"`
	// IdleTimeout closes a connection that begins no window; 0 = never. A Beat
	// opens it again.
	IdleTimeout time.Duration `yaml:"idleTimeout"`
}

// TLS is the encrypted listener.
type TLS struct {
	Listen    []string `yaml:"listen"`
	input.TLS `yaml:",inline"`
}

// DefaultConfig listens nowhere and gives everything to the centre.
func DefaultConfig() Config {
	return Config{
		Unit: event.CentreUnit, MaxConnections: 2_000, IdleTimeout: time.Hour,
		TLS: TLS{TLS: input.DefaultTLS()},
	}
}

// Validate names the key at fault.
func (c Config) Validate() error {
	if len(c.TCP)+len(c.TLS.Listen) == 0 {
		return fault.New(fault.Invalid, "lumberjack: no address to listen on; set tls.listen or tcp, for example ['0.0.0.0:5044']").OnField("tcp")
	}
	for key, list := range map[string][]string{"tcp": c.TCP, "tls.listen": c.TLS.Listen} {
		for _, a := range list {
			if _, _, err := net.SplitHostPort(a); err != nil {
				return fault.New(fault.Invalid, "lumberjack: %s: %w; write host:port, for example 0.0.0.0:5044", key, err).OnField(key)
			}
		}
	}
	switch {
	case c.Unit == "":
		return fault.New(fault.Invalid, "lumberjack: unit must not be empty").OnField("unit")
	case c.MaxConnections < 1:
		return fault.New(fault.Invalid, "lumberjack: maxConnections must be 1 or more").OnField("maxConnections")
	case c.IdleTimeout < 0:
		return fault.New(fault.Invalid, "lumberjack: idleTimeout must not be negative").OnField("idleTimeout")
	}
	if len(c.TLS.Listen) > 0 {
		if err := c.TLS.Validate(inputName); err != nil {
			return err
		}
	}
	_, err := input.NewUnitTable(c.Unit, c.Units)
	return err
}

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
	if len(c.TLS.Listen) > 0 {
		if err := c.TLS.Possible(env, inputName); err != nil {
			return nil, err
		}
	}
	units, err := input.NewUnitTable(c.Unit, c.Units)
	if err != nil {
		return nil, err
	}
	feed := input.NewFeed(input.Feed{Name: inputName, Hint: event.HintJSON, Env: env, Units: units})
	return &Input{config: c, feed: feed, every: keepAlive, unfold: maxUnfolded}, nil
}

// Run implements [input.Input]. If one listener breaks, all end.
func (in *Input) Run(ctx context.Context, out input.Sink) error {
	a := input.Addresses{TCP: in.config.TCP, TLS: in.config.TLS.Listen}
	if len(a.TLS) > 0 {
		var err error
		if a.TLSConfig, err = in.config.TLS.Server(in.feed.Env, inputName); err != nil {
			return err
		}
	}
	door := input.NewDoor(in.feed, in.config.MaxConnections)
	s := newSessions(in.feed, in.config.IdleTimeout, in.every, in.unfold)
	return in.Listen(ctx, inputName, a, nil, func(ctx, store context.Context, l net.Listener) error {
		return door.Serve(ctx, l, func(c *input.Conn) error { return s.serve(ctx, store, c, out) })
	})
}
