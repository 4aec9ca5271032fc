// Package gelf receives Graylog Extended Log Format 1.1 over UDP (chunked, gzip,
// zlib or plain), TCP and TLS (messages ended by NUL), and HTTP (POST /gelf): what
// Docker's log driver, NXLog and many libraries send.
//
// A record is a message as it came, unfolded and put together: it is neither
// checked nor changed. One that lacks a required field, or is no JSON at all, is
// stored like any other, and counted; the parser shows it as "needs a parser".
//
// TCP and TLS never drop: while the spool is full the socket is not read. UDP has
// no way back; each datagram or message it drops is counted with the reason. Over
// HTTP the unit comes from the token, over TLS from the client certificate, else
// from the source address; never from the field host or any other.
//
// Start reading at Input.Run, then chunk.go and packet.go (UDP), splitter.go (TCP)
// and http.go.
package gelf

import (
	"context"
	"net"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

const inputName = "gelf"

// Kind is the gelf input on ports of its own; for HTTP see [Endpoint].
func Kind() input.Kind {
	return input.NewKind(inputName, DefaultConfig, func(c Config, env input.Env) (input.Input, error) {
		return New(c, env)
	})
}

// Config is the section of one gelf input.
type Config struct {
	UDP []string `yaml:"udp"` // addresses to listen on, "0.0.0.0:12201"
	TCP []string `yaml:"tcp"`
	TLS TLS      `yaml:"tls"`

	// Unit owns what no certificate and no entry of Units claims. Units maps source
	// addresses and networks to units; the longest match counts.
	Unit  event.UnitID            `yaml:"unit"`
	Units map[string]event.UnitID `yaml:"units"`

	// MaxConnections bounds open TCP and TLS connections together. At the limit
	// the oldest one that never sent a message gives way, else the new one.
	MaxConnections int `yaml:"maxConnections"`
	// IdleTimeout closes a connection without traffic; 0 = never. Senders lose a
	// message when that happens, so it is long.
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
		Unit: event.CentreUnit, MaxConnections: 10_000, IdleTimeout: 24 * time.Hour,
		TLS: TLS{TLS: input.DefaultTLS()},
	}
}

// Validate names the key at fault.
func (c Config) Validate() error {
	if len(c.UDP)+len(c.TCP)+len(c.TLS.Listen) == 0 {
		return fault.New(fault.Invalid, "gelf: no address to listen on; set udp, tcp or tls.listen, for example ['0.0.0.0:12201']").OnField("udp")
	}
	for key, list := range map[string][]string{"udp": c.UDP, "tcp": c.TCP, "tls.listen": c.TLS.Listen} {
		for _, a := range list {
			if _, _, err := net.SplitHostPort(a); err != nil {
				return fault.New(fault.Invalid, "gelf: %s: %w; write host:port, for example 0.0.0.0:12201", key, err).OnField(key)
			}
		}
	}
	switch {
	case c.Unit == "":
		return fault.New(fault.Invalid, "gelf: unit must not be empty").OnField("unit")
	case c.MaxConnections < 1:
		return fault.New(fault.Invalid, "gelf: maxConnections must be 1 or more").OnField("maxConnections")
	case c.IdleTimeout < 0:
		return fault.New(fault.Invalid, "gelf: idleTimeout must not be negative").OnField("idleTimeout")
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
	return &Input{config: c, feed: feed}, nil
}

// Run implements [input.Input]. If one listener breaks, all end.
func (in *Input) Run(ctx context.Context, out input.Sink) error {
	a := input.Addresses{UDP: in.config.UDP, TCP: in.config.TCP, TLS: in.config.TLS.Listen}
	if len(a.TLS) > 0 {
		var err error
		if a.TLSConfig, err = in.config.TLS.Server(in.feed.Env, inputName); err != nil {
			return err
		}
	}
	meter := in.feed.Meter()
	door := input.NewDoor(in.feed, in.config.MaxConnections)
	streams := input.NewStreams(in.feed, in.config.IdleTimeout, func(grow func(int) bool, cut func()) input.Splitter {
		return &counting{splitter: splitter{grow: grow, cut: cut}, meter: meter}
	})
	return in.Listen(ctx, inputName, a,
		func(ctx, store context.Context, conn *net.UDPConn) error {
			p := newPackets(meter, in.feed.Env.Now)
			err := input.ServePackets(ctx, store, in.feed, conn, p, out)
			// What is unfinished now will not be finished.
			p.chunks.expire(in.feed.Env.Now().Add(chunkTime))
			return err
		},
		func(ctx, store context.Context, l net.Listener) error {
			return door.Serve(ctx, l, func(c *input.Conn) error { return streams.Serve(ctx, store, c, out) })
		})
}

// counting is a splitter that counts what is odd about its messages.
type counting struct {
	splitter
	meter *input.Meter
}

// Feed implements [input.Splitter].
func (c *counting) Feed(p []byte, emit func([]byte)) {
	c.splitter.Feed(p, func(m []byte) { count(c.meter, m); emit(m) })
}

// Flush implements [input.Splitter].
func (c *counting) Flush(emit func([]byte)) {
	c.splitter.Flush(func(m []byte) { count(c.meter, m); emit(m) })
}
