package input

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// Addresses are where an input listens, "0.0.0.0:514".
type Addresses struct {
	UDP, TCP, TLS []string
	TLSConfig     *tls.Config // of TLS
}

// Sockets opens the listeners of an input and ends them together. Inputs embed
// it. The zero value is ready.
type Sockets struct {
	mu    sync.Mutex
	bound []net.Addr
	ready chan struct{} // closed once the first Listen has opened all
}

func (s *Sockets) signal() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready == nil {
		s.ready = make(chan struct{})
	}
	return s.ready
}

// Ready is closed when the listeners of the first run are open.
func (s *Sockets) Ready() <-chan struct{} { return s.signal() }

// Bound returns the addresses of the running listeners: UDP, TCP, TLS, each in
// the order of the configuration. Useful where a port was left to the system.
func (s *Sockets) Bound() []net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bound
}

// Listen opens all addresses and serves each until ctx ends (nil) or one breaks
// (why): then all end. packets and streams block until their socket is done. What
// they have read when ctx ends they store under store, which ends DrainTime later.
func (s *Sockets) Listen(ctx context.Context, name string, a Addresses,
	packets func(ctx, store context.Context, conn *net.UDPConn) error,
	streams func(ctx, store context.Context, l net.Listener) error,
) (err error) {
	ready := s.signal()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var conns []*net.UDPConn
	var listeners []net.Listener
	var opened []io.Closer
	defer func() {
		for _, c := range opened {
			c.Close()
		}
	}()
	var lc net.ListenConfig
	var bound []net.Addr
	for _, addr := range a.UDP {
		pc, err := lc.ListenPacket(ctx, "udp", addr)
		if err != nil {
			return fmt.Errorf("%s: udp %s: %w", name, addr, err)
		}
		opened = append(opened, pc)
		conns = append(conns, pc.(*net.UDPConn))
		bound = append(bound, pc.LocalAddr())
	}
	for i, addr := range append(append([]string(nil), a.TCP...), a.TLS...) {
		l, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			return fmt.Errorf("%s: tcp %s: %w", name, addr, err)
		}
		opened = append(opened, l)
		bound = append(bound, l.Addr())
		if i >= len(a.TCP) {
			l = tls.NewListener(l, a.TLSConfig)
		}
		listeners = append(listeners, l)
	}
	s.mu.Lock()
	s.bound = bound
	s.mu.Unlock()
	select {
	case <-ready:
	default:
		close(ready)
	}

	store, stop := storing(ctx)
	defer stop()
	var wg sync.WaitGroup
	broke := make(chan error, len(conns)+len(listeners))
	for _, c := range conns {
		wg.Go(func() { broke <- packets(ctx, store, c) })
	}
	for _, l := range listeners {
		wg.Go(func() { broke <- streams(ctx, store, l) })
	}
	for range len(conns) + len(listeners) {
		if e := <-broke; e != nil && ctx.Err() == nil {
			err = errors.Join(err, e)
			cancel()
		}
	}
	wg.Wait()
	return err
}
