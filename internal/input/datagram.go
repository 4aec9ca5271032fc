package input

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
	"github.com/lachan-vn/lachan/internal/fault"
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
	Batcher
	peer     string
	unit     event.UnitID
	received time.Time
}

// Packets turns the datagrams of a socket into records.
type Packets interface {
	// Take hands the records that packet completes to add, which copies them. One
	// goroutine calls it, and a slow Take loses datagrams.
	Take(from netip.Addr, packet []byte, add func(record []byte))
	// Tick is called every 50 ms or so, also when nothing comes, as long as it
	// returns true: something is waiting for its time.
	Tick(now time.Time) (waiting bool)
}

// datagrams is the state of one socket.
type datagrams struct {
	feed   *Feed
	conn   *net.UDPConn
	take   Packets
	queues []chan *gathered // by hash of the peer, so that each keeps its order
	seed   maphash.Seed
	open   map[netip.Addr]*gathered
	bytes  int
	from   netip.Addr // of the datagram that is being taken
	pool   sync.Pool  // *gathered
}

// ServePackets reads a UDP socket until ctx ends, and stores under store what it
// has read by then.
func ServePackets(ctx, store context.Context, f *Feed, conn *net.UDPConn, take Packets, out Sink) error {
	d := &datagrams{
		feed: f, conn: conn, take: take, seed: maphash.MakeSeed(), open: map[netip.Addr]*gathered{},
		queues: make([]chan *gathered, udpStorers),
		pool:   sync.Pool{New: func() any { return new(gathered) }},
	}
	if err := conn.SetReadBuffer(recvBuffer); err != nil {
		f.Env.Log.Debug("input: receive buffer", "err", err)
	}
	drops, err := watchDrops(conn)
	if err != nil {
		f.Env.Log.Warn("input: what the kernel drops is not counted", "listen", conn.LocalAddr().String(), "err", err)
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
			f.Lost(g.Len(), store.Err())
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
	add := func(record []byte) { d.gather(d.from, record) }
	flushed, waiting := time.Now(), false
	var draining time.Time
	for {
		wait := time.Now().Add(udpWindow)
		if ctx.Err() != nil {
			// The kernel may hold datagrams still: take them, for a moment.
			if draining.IsZero() {
				draining = time.Now()
			}
			if time.Since(draining) > DrainTime/3 {
				return nil
			}
			wait = time.Now().Add(5 * time.Millisecond)
		}
		if len(d.open) == 0 && !waiting && ctx.Err() == nil {
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
				d.feed.meter.Dropped("kernel").Add(float64(lost))
			}
			d.from, waiting = from.Addr().Unmap().WithZone(""), true
			d.take.Take(d.from, buf[:n], add)
		case isTimeout(err):
			if !draining.IsZero() {
				return nil
			}
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("%s: udp %s: %w", d.feed.Name, d.conn.LocalAddr(), err)
		default:
			// An ICMP answer to nothing we sent; the socket goes on.
			d.feed.Env.Log.Debug("input: udp", "err", err)
		}
		if now.Sub(flushed) >= udpWindow || len(d.open) >= maxPeers || d.bytes >= maxGather {
			d.flush()
			waiting = d.take.Tick(now)
			flushed = now
		}
	}
}

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

// gather adds one record to the batch of its peer, or drops it and counts.
func (d *datagrams) gather(peer netip.Addr, record []byte) {
	g := d.open[peer]
	if g != nil && !g.Fits(len(record)) {
		if !d.send(g) {
			d.feed.meter.Dropped("spool-full").Inc()
			return
		}
		delete(d.open, peer)
		g = nil
	}
	if g == nil {
		if len(d.open) >= maxPeers || d.bytes >= maxGather {
			// flush has just failed to make room.
			d.feed.meter.Dropped("spool-full").Inc()
			return
		}
		g = d.pool.Get().(*gathered)
		g.peer, g.unit, g.received = peer.String(), d.feed.unit(peer), d.feed.Env.Now()
		d.open[peer] = g
	}
	before := g.Bytes()
	if g.Add(record, d.feed.Hint) {
		d.feed.meter.Cut.Inc()
	}
	d.bytes += g.Bytes() - before
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

func (d *datagrams) store(ctx context.Context, queue <-chan *gathered, out Sink) {
	for g := range queue {
		b := g.Batch(g.unit, d.feed.Name, g.peer, g.received)
		err := PutAll(ctx, patient{out, queue}, b, d.feed.meter)
		switch {
		case isQuota(err):
			d.feed.meter.Dropped("quota").Add(float64(g.Len()))
		case err != nil:
			d.feed.Lost(g.Len(), err)
		}
		g.Reset()
		d.pool.Put(g)
	}
}

// patient is a sink for datagrams of many units in one queue. A unit that is held
// back for its quota waits only as long as nobody waits behind it: its sender cannot
// be told to wait, and the others' must not.
type patient struct {
	Sink
	behind <-chan *gathered
}

// Put implements [Sink]; where it gives up, it says so with [fault.Invalid].
func (p patient) Put(ctx context.Context, b *event.Batch) (uint64, error) {
	seq, err := p.Sink.Put(ctx, b)
	if isQuota(err) && len(p.behind) > 0 {
		return 0, fault.New(fault.Invalid, "%w", err).WithCode(codeQuota)
	}
	return seq, err
}
