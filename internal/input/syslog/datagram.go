package syslog

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// One goroutine reads a UDP socket as fast as it can and gathers datagrams by
// peer; several store. A full spool must not slow the reader down, since what is
// not read the kernel drops without a word. So the queue between them is bounded
// and what does not fit is dropped here, and counted.
const (
	udpWindow  = 50 * time.Millisecond // batches are stored at least this often
	udpStorers = 16
	udpQueue   = 8        // batches waiting per storer
	maxPeers   = 4096     // gathered at a time; more are stored early
	maxGather  = 32 << 20 // bytes gathered at a time
	recvBuffer = 8 << 20  // asked of the kernel
	maxPacket  = 64 << 10
)

// gathered is the batch of one peer.
type gathered struct {
	input.Batcher
	peer     string
	unit     event.UnitID
	received time.Time
}

// datagrams is the state of one socket.
type datagrams struct {
	in     *Input
	conn   *net.UDPConn
	queues []chan *gathered // by hash of the peer, so that each keeps its order
	seed   maphash.Seed
	open   map[netip.Addr]*gathered
	bytes  int
	pool   sync.Pool // *gathered
}

// runDatagrams serves one socket until ctx ends.
func (in *Input) runDatagrams(ctx, store context.Context, conn *net.UDPConn, out input.Sink) error {
	d := &datagrams{
		in: in, conn: conn, seed: maphash.MakeSeed(), open: map[netip.Addr]*gathered{},
		queues: make([]chan *gathered, udpStorers),
		pool:   sync.Pool{New: func() any { return new(gathered) }},
	}
	if err := conn.SetReadBuffer(recvBuffer); err != nil {
		in.log.Debug("syslog: receive buffer", "err", err)
	}
	drops, err := watchDrops(conn)
	if err != nil {
		in.log.Warn("syslog: what the kernel drops is not counted", "listen", conn.LocalAddr().String(), "err", err)
	}
	var wg sync.WaitGroup
	for i := range d.queues {
		d.queues[i] = make(chan *gathered, udpQueue)
		wg.Go(func() { d.store(store, d.queues[i], out) })
	}
	err = d.read(ctx, drops)
	// What is gathered goes out in full: the storers are emptying the queues.
	for _, g := range d.open {
		select {
		case d.queues[d.queueOf(g.peer)] <- g:
		case <-store.Done():
			in.lost(g.Len(), store.Err())
		}
	}
	for _, q := range d.queues {
		close(q)
	}
	wg.Wait()
	return err
}

func (d *datagrams) queueOf(peer string) int {
	return int(maphash.String(d.seed, peer) % uint64(len(d.queues)))
}

func (d *datagrams) read(ctx context.Context, drops *dropCounter) error {
	buf := make([]byte, maxPacket)
	oob := make([]byte, 128)
	// Only a closed socket refuses a deadline, and then the read says so.
	defer context.AfterFunc(ctx, func() { _ = d.conn.SetReadDeadline(time.Unix(1, 0)) })()
	flushed := time.Now()
	var draining time.Time
	for {
		wait := time.Now().Add(udpWindow)
		if ctx.Err() != nil {
			// The kernel may hold datagrams still: take them, for a moment.
			if draining.IsZero() {
				draining = time.Now()
			}
			if time.Since(draining) > drainTime/3 {
				return nil
			}
			wait = time.Now().Add(5 * time.Millisecond)
		}
		if len(d.open) == 0 && ctx.Err() == nil {
			wait = time.Time{}
		}
		_ = d.conn.SetReadDeadline(wait)
		if ctx.Err() != nil && draining.IsZero() {
			continue // it ended between the look and the deadline
		}
		n, oobn, _, from, err := d.conn.ReadMsgUDPAddrPort(buf, oob)
		now := time.Now()
		switch {
		case err == nil:
			if lost := drops.see(oob[:oobn]); lost > 0 {
				d.in.meter.Dropped("kernel").Add(float64(lost))
			}
			d.gather(from.Addr().Unmap().WithZone(""), buf[:n])
		case isTimeout(err):
			if !draining.IsZero() {
				return nil
			}
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("syslog: udp %s: %w", d.conn.LocalAddr(), err)
		default:
			// An ICMP answer to nothing we sent; the socket goes on.
			d.in.log.Debug("syslog: udp", "err", err)
		}
		if now.Sub(flushed) >= udpWindow || len(d.open) >= maxPeers || d.bytes >= maxGather {
			d.flush()
			flushed = now
		}
	}
}

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

// gather adds one datagram to the batch of its peer, or drops it and counts.
func (d *datagrams) gather(peer netip.Addr, packet []byte) {
	packet = input.TrimLine(packet)
	if len(packet) == 0 {
		return
	}
	g := d.open[peer]
	if g != nil && !g.Fits(len(packet)) {
		if !d.send(g) {
			d.in.meter.Dropped("spool-full").Inc()
			return
		}
		delete(d.open, peer)
		g = nil
	}
	if g == nil {
		if len(d.open) >= maxPeers || d.bytes >= maxGather {
			// flush has just failed to make room.
			d.in.meter.Dropped("spool-full").Inc()
			return
		}
		g = d.pool.Get().(*gathered)
		g.peer, g.unit, g.received = peer.String(), d.in.units.UnitOf(peer, d.in.env.Units), d.in.env.Now()
		d.open[peer] = g
	}
	if g.Add(packet, event.HintSyslog) {
		d.in.meter.Cut.Inc()
	}
	d.bytes += len(packet)
}

// flush hands over what the storers have room for; the rest waits.
func (d *datagrams) flush() {
	for peer, g := range d.open {
		if d.send(g) {
			delete(d.open, peer)
		}
	}
}

func (d *datagrams) send(g *gathered) bool {
	n := g.Bytes() // before a storer resets it
	select {
	case d.queues[d.queueOf(g.peer)] <- g:
		d.bytes -= n
		return true
	default:
		return false
	}
}

func (d *datagrams) store(ctx context.Context, queue <-chan *gathered, out input.Sink) {
	for g := range queue {
		if err := input.PutAll(ctx, out, g.Batch(g.unit, inputName, g.peer, g.received), d.in.meter); err != nil {
			d.in.lost(g.Len(), err)
		}
		g.Reset()
		d.pool.Put(g)
	}
}
