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

	"github.com/lachan-vn/lachan/internal/event"
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
	UDP                []string `yaml:"udp"` // addresses to listen on, "0.0.0.0:12201"
	input.ListenConfig `yaml:",inline"`
}

// DefaultConfig listens nowhere and gives everything to the centre.
func DefaultConfig() Config { return Config{ListenConfig: input.DefaultListenConfig()} }

// Validate names the key at fault.
func (c Config) Validate() error { return c.ValidateListen(inputName, c.UDP, "0.0.0.0:12201") }

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
	feed, err := c.Feed(inputName, event.HintJSON, env)
	if err != nil {
		return nil, err
	}
	return &Input{config: c, feed: feed}, nil
}

// Run implements [input.Input]. If one listener breaks, all end.
func (in *Input) Run(ctx context.Context, out input.Sink) error {
	a, err := in.config.Addresses(in.feed, in.config.UDP)
	if err != nil {
		return err
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
