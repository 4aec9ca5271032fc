package syslog

import (
	"container/list"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// The life of a connection: it waits with a 1 KiB buffer. Bytes come; if they
// filled that buffer, more are waiting, and it takes a big buffer and a share of
// the budget, reads on until the socket is drained, the batch is full or
// coalesce has passed, and puts the batch. Only then does it read again. So a
// single line is stored at once, a busy sender is batched by the time the last
// Put took, and a full spool closes the sender's window.
const (
	idleBuffer = 1 << 10
	bigBuffer  = 64 << 10
	coalesce   = 20 * time.Millisecond
	// tlsLinger is how long a busy TLS connection is given to bring its next
	// record: a TLS read returns one record, so it never shows a drained socket.
	tlsLinger = 2 * time.Millisecond
	// share is the memory of a connection that reads big: its batch, its big
	// buffer, the growth of its slab.
	share = 1<<20 + bigBuffer
	// budget is the memory of all that read big at a time.
	budget = 96 << 20
	// maxPartial is the memory of unfinished messages of all connections; past
	// it they are cut. Without it, 10,000 senders that never finish a message
	// would hold 256 KiB each.
	maxPartial = 96 << 20
	// freePartial is the length of an unfinished message outside maxPartial.
	freePartial = 4 << 10

	handshakeTime = 10 * time.Second
)

// streams are the connections of all stream listeners of one Run.
type streams struct {
	in      *Input
	memory  *semaphore.Weighted
	partial atomic.Int64
	buffers sync.Pool // *[bigBuffer]byte
	slabs   sync.Pool // *input.Batcher

	mu     sync.Mutex
	silent *list.List // *conn that never sent a message, oldest first
	open   int
}

func newStreams(in *Input) *streams {
	return &streams{
		in: in, memory: semaphore.NewWeighted(budget), silent: list.New(),
		buffers: sync.Pool{New: func() any { return new([bigBuffer]byte) }},
		slabs:   sync.Pool{New: func() any { return new(input.Batcher) }},
	}
}

// conn is one connection.
type conn struct {
	net.Conn
	s       *streams
	peer    string
	unit    event.UnitID
	isTLS   bool
	place   *list.Element // in streams.silent, or nil; guarded by streams.mu
	evicted bool          // its place was given to another; guarded by streams.mu
	spoken  bool          // has sent a message
	claimed int64         // its bytes of streams.partial
	split   splitter
	batch   *input.Batcher
	small   [idleBuffer]byte
}

// accept serves l until ctx ends or l breaks, and returns once every connection
// has stored what it read and is closed.
func (s *streams) accept(ctx, store context.Context, l net.Listener, out input.Sink) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		nc, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("syslog: %s: %w", l.Addr(), err)
			}
			// Out of descriptors, or the peer is gone already: others go on.
			s.in.meter.Refused("accept").Inc()
			s.in.log.Warn("syslog: accept", "err", err)
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		c := s.admit(nc)
		if c == nil {
			continue
		}
		wg.Go(func() {
			defer s.leave(c)
			defer context.AfterFunc(ctx, func() { c.until(time.Unix(1, 0)) })()
			if err := c.serve(ctx, store, out); err != nil && ctx.Err() == nil {
				s.in.log.Debug("syslog: connection", "peer", c.peer, "err", err)
			}
		})
	}
}

// admit makes room for a new connection, or closes it and returns nil.
func (s *streams) admit(nc net.Conn) *conn {
	c := &conn{Conn: nc, s: s}
	_, c.isTLS = nc.(*tls.Conn)
	if ap, err := netip.ParseAddrPort(nc.RemoteAddr().String()); err == nil {
		addr := ap.Addr().Unmap().WithZone("")
		c.peer, c.unit = addr.String(), s.in.units.UnitOf(addr, s.in.env.Units)
	} else {
		c.peer, c.unit = nc.RemoteAddr().String(), s.in.config.Unit
	}
	c.split.grow, c.split.cut = c.grow, s.in.meter.Cut.Inc
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.in.config.MaxConnections {
		oldest := s.silent.Front()
		if oldest == nil {
			s.in.meter.Refused("connections").Inc()
			nc.Close()
			return nil
		}
		s.in.meter.Refused("silent").Inc()
		v := oldest.Value.(*conn)
		s.forget(v)
		v.evicted = true
		closeNow(v.Conn)
	}
	s.open++
	s.in.meter.Connections.Inc()
	c.place = s.silent.PushBack(c)
	return c
}

// forget takes c out of the books. s.mu is held.
func (s *streams) forget(c *conn) {
	if c.place != nil {
		s.silent.Remove(c.place)
		c.place = nil
	}
	s.open--
	s.in.meter.Connections.Dec()
}

// spoke marks that c sent a message, and so is not the first to give way.
func (s *streams) spoke(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.place != nil {
		s.silent.Remove(c.place)
		c.place = nil
	}
}

func (s *streams) leave(c *conn) {
	closeNow(c.Conn)
	s.partial.Add(-c.claimed)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.evicted {
		s.forget(c)
	}
}

// closeNow closes without the wait of a TLS goodbye to a peer that reads nothing.
func closeNow(nc net.Conn) {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	nc.Close()
}

// grow lets an unfinished message take more memory, within maxPartial.
func (c *conn) grow(need int) bool {
	if need <= freePartial {
		return true
	}
	more := int64(2*need) - c.claimed // append doubles
	if more <= 0 {
		return true
	}
	if c.s.partial.Add(more) > maxPartial {
		c.s.partial.Add(-more)
		return false
	}
	c.claimed += more
	return true
}

// shrink gives the memory of a finished message back.
func (c *conn) shrink() {
	if c.split.pending() == 0 {
		c.split.release()
		c.s.partial.Add(-c.claimed)
		c.claimed = 0
	}
}

// wait sets the read deadline, unless ctx has ended: then it has passed.
func (c *conn) wait(ctx context.Context, d time.Duration) {
	var at time.Time
	if d > 0 {
		at = time.Now().Add(d)
	}
	c.until(at)
	if ctx.Err() != nil {
		c.until(time.Unix(1, 0))
	}
}

// until sets the read deadline. Only a closed connection refuses one, and then
// the read says so.
func (c *conn) until(at time.Time) { _ = c.SetReadDeadline(at) }

// serve reads until the peer closes, the connection breaks, or ctx ends.
func (c *conn) serve(ctx, store context.Context, out input.Sink) (err error) {
	if t, ok := c.Conn.(*tls.Conn); ok {
		hctx, cancel := context.WithTimeout(ctx, handshakeTime)
		err := t.HandshakeContext(hctx)
		cancel()
		if err != nil {
			c.s.in.meter.Refused("tls").Inc()
			return fmt.Errorf("TLS handshake: %w", err)
		}
	}
	for {
		c.wait(ctx, c.s.in.config.IdleTimeout)
		n, rerr := c.Read(c.small[:])
		if n > 0 {
			if err := c.cycle(ctx, store, out, c.small[:n]); err != nil {
				return err
			}
		}
		if rerr == nil {
			continue
		}
		if ctx.Err() != nil {
			c.drain(store, out)
		}
		err := c.rest(store, out)
		if errors.Is(rerr, io.EOF) || ctx.Err() != nil {
			rerr = nil
		}
		return errors.Join(rerr, err)
	}
}

// cycle takes what the small read brought and, if it filled its buffer, what
// more is waiting; then stores it.
func (c *conn) cycle(ctx, store context.Context, out input.Sink, first []byte) error {
	if len(first) < len(c.small) {
		c.batch = new(input.Batcher)
		c.feed(store, out, first)
		return c.put(store, out)
	}
	if err := c.s.memory.Acquire(store, share); err != nil {
		return err
	}
	defer c.s.memory.Release(share)
	big := c.s.buffers.Get().(*[bigBuffer]byte)
	defer c.s.buffers.Put(big)
	c.batch = c.s.slabs.Get().(*input.Batcher)
	defer func(b *input.Batcher) { b.Reset(); c.s.slabs.Put(b) }(c.batch)
	c.feed(store, out, first)
	started := time.Now()
	for c.batch.Bytes() < event.MaxBatchBytes-bigBuffer && time.Since(started) < coalesce {
		linger := coalesce
		if c.isTLS {
			linger = tlsLinger
		}
		c.wait(ctx, linger)
		n, err := c.Read(big[:])
		c.feed(store, out, big[:n])
		if err != nil || n < len(big) && !c.isTLS {
			break // an error that lasts comes again at the next read
		}
	}
	return c.put(store, out)
}

// drain reads, at the end, what the peer's system believes delivered already.
func (c *conn) drain(store context.Context, out input.Sink) {
	end := time.Now().Add(drainTime / 3)
	for time.Now().Before(end) && store.Err() == nil {
		c.until(time.Now().Add(20 * time.Millisecond))
		n, err := c.Read(c.small[:])
		if n > 0 && c.cycle(store, store, out, c.small[:n]) != nil || err != nil {
			return
		}
	}
}

// rest stores what is left of an unfinished message.
func (c *conn) rest(store context.Context, out input.Sink) error {
	c.batch = new(input.Batcher)
	c.split.flush(func(m []byte) { c.add(store, out, m) })
	return c.put(store, out)
}

func (c *conn) feed(store context.Context, out input.Sink, p []byte) {
	c.split.feed(p, func(m []byte) { c.add(store, out, m) })
	c.shrink()
}

func (c *conn) add(store context.Context, out input.Sink, m []byte) {
	if !c.batch.Fits(len(m)) {
		if c.put(store, out) != nil {
			return // counted there; the connection ends at the put that follows
		}
	}
	c.batch.Add(m, event.HintSyslog)
}

// put stores the batch, waiting as long as the spool is full.
func (c *conn) put(store context.Context, out input.Sink) error {
	n := c.batch.Len()
	if n == 0 {
		return nil
	}
	if !c.spoken {
		c.spoken = true
		c.s.spoke(c)
	}
	err := input.PutAll(store, out, c.batch.Batch(c.unit, inputName, c.peer, c.s.in.env.Now()), c.s.in.meter)
	if err != nil {
		c.s.in.lost(n, err)
	}
	c.batch.Reset()
	return err
}
