// Package syslog receives syslog over UDP, TCP and TLS (RFC 5424 and 3164 are
// told apart later, by the parser). Both framings of RFC 6587 are accepted, told
// apart at each message.
//
// TCP and TLS never drop: while the spool is full the socket is not read, so the
// sender's window closes. UDP has no way back; what it drops is counted with the
// reason. The unit comes from the source address, which is a weak credential: it
// is for closed networks and for devices that can do nothing better.
//
// Memory is bounded: an idle connection costs its goroutine and 1 KiB; what the
// busy ones may hold together comes from one budget.
//
// Start reading at Input.Run, then splitter.go (framing). The sockets themselves
// are served by package input.
package syslog

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// Kind is the syslog input.
func Kind() input.Kind {
	return input.NewKind("syslog", DefaultConfig, func(c Config, env input.Env) (input.Input, error) {
		return New(c, env)
	})
}

const inputName = "syslog"

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
	feed, err := c.Feed(inputName, event.HintSyslog, env)
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
	door := input.NewDoor(in.feed, in.config.MaxConnections)
	streams := input.NewStreams(in.feed, in.config.IdleTimeout, func(grow func(int) bool, cut func()) input.Splitter {
		return &splitter{grow: grow, cut: cut}
	})
	return in.Listen(ctx, inputName, a,
		func(ctx, store context.Context, conn *net.UDPConn) error {
			return input.ServePackets(ctx, store, in.feed, conn, packets{}, out)
		},
		func(ctx, store context.Context, l net.Listener) error {
			return door.Serve(ctx, l, func(c *input.Conn) error { return streams.Serve(ctx, store, c, out) })
		})
}

// packets takes one message of each datagram.
type packets struct{}

func (packets) Take(_ netip.Addr, packet []byte, add func([]byte)) {
	if packet = input.TrimLine(packet); len(packet) > 0 {
		add(packet)
	}
}

func (packets) Tick(time.Time) bool { return false }
