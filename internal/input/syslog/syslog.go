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
// busy ones may hold together comes from one budget (stream.go).
//
// Start reading at Input.Run, then stream.go (TCP, TLS), datagram.go (UDP) and
// splitter.go (framing).
package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Kind is the syslog input.
func Kind() input.Kind {
	return input.NewKind("syslog", DefaultConfig, func(c Config, env input.Env) (input.Input, error) {
		return New(c, env)
	})
}

const (
	inputName = "syslog"
	// drainTime bounds what Run does after its ctx has ended: store what is read.
	drainTime = 5 * time.Second
)

// Input is one set of listeners.
type Input struct {
	config Config
	env    input.Env
	log    *slog.Logger
	meter  *input.Meter
	units  *input.UnitTable

	mu    sync.Mutex
	bound []net.Addr
	ready chan struct{} // closed once Run listens
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
	env = env.WithDefaults()
	return &Input{
		config: c, env: env, units: units, ready: make(chan struct{}),
		log: env.Log.With("input", inputName), meter: env.Metrics.For(inputName),
	}, nil
}

// Ready is closed when the listeners of the first Run are open.
func (in *Input) Ready() <-chan struct{} { return in.ready }

// Bound returns the addresses of the running listeners: UDP, TCP, TLS, each in
// the order of the configuration. Useful where a port was left to the system.
func (in *Input) Bound() []net.Addr {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.bound
}

// Run implements [input.Input]. If one listener breaks, all end.
func (in *Input) Run(ctx context.Context, out input.Sink) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var tlsConfig *tls.Config
	if len(in.config.TLS.Listen) > 0 {
		if tlsConfig, err = in.config.TLS.Server(in.env, inputName); err != nil {
			return err
		}
	}
	var packets []*net.UDPConn
	var listeners []net.Listener
	var sockets []io.Closer
	defer func() {
		for _, s := range sockets {
			s.Close()
		}
	}()
	var lc net.ListenConfig
	var bound []net.Addr
	for _, addr := range in.config.UDP {
		pc, err := lc.ListenPacket(ctx, "udp", addr)
		if err != nil {
			return fmt.Errorf("syslog: udp %s: %w", addr, err)
		}
		sockets = append(sockets, pc)
		packets = append(packets, pc.(*net.UDPConn))
		bound = append(bound, pc.LocalAddr())
	}
	s := newStreams(in)
	for i, addr := range append(append([]string(nil), in.config.TCP...), in.config.TLS.Listen...) {
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			return fmt.Errorf("syslog: tcp %s: %w", addr, err)
		}
		sockets = append(sockets, l)
		bound = append(bound, l.Addr())
		if i >= len(in.config.TCP) {
			l = tls.NewListener(l, tlsConfig)
		}
		listeners = append(listeners, l)
	}
	in.mu.Lock()
	in.bound = bound
	select {
	case <-in.ready:
	default:
		close(in.ready)
	}
	in.mu.Unlock()

	// What is read before the end is stored after it, within drainTime.
	store, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stopDrain := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(drainTime, cut)
		context.AfterFunc(store, func() { t.Stop() })
	})
	defer stopDrain()

	var wg sync.WaitGroup
	broke := make(chan error, len(packets)+len(listeners))
	for _, p := range packets {
		wg.Go(func() { broke <- in.runDatagrams(ctx, store, p, out) })
	}
	for _, l := range listeners {
		wg.Go(func() { broke <- s.accept(ctx, store, l, out) })
	}
	for range len(packets) + len(listeners) {
		if e := <-broke; e != nil && ctx.Err() == nil {
			err = errors.Join(err, e)
			cancel()
		}
	}
	wg.Wait()
	return err
}

// lost counts records that PutAll gave up on.
func (in *Input) lost(n int, err error) {
	reason := "shutdown"
	if fault.KindOf(err) == fault.Invalid {
		reason = "invalid"
		in.log.Error("syslog: the spool refuses a batch", "records", n, "err", err)
	}
	in.meter.Dropped(reason).Add(float64(n))
}
