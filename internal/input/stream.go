package input

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
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
)

// Splitter finds the records in a stream. One goroutine uses it.
type Splitter interface {
	// Feed hands each complete record in p to emit, in order; a record is valid
	// only during emit. What follows the last is kept for the next call.
	Feed(p []byte, emit func(record []byte))
	// Flush hands over what a closed connection left of a record.
	Flush(emit func(record []byte))
	// Pending is the length of the unfinished record.
	Pending() int
	// Release gives the memory back if nothing is unfinished.
	Release()
}

// NewSplitter makes the Splitter of a connection. It asks grow before it takes so
// many bytes for an unfinished record, and cuts the record if that says no; it
// calls cut for each record that lost its end.
type NewSplitter func(grow func(bytes int) bool, cut func()) Splitter

// Streams reads records from the connections of one run, in batches, within one
// budget of memory.
type Streams struct {
	feed    *Feed
	idle    time.Duration
	split   NewSplitter
	memory  *Shares
	partial atomic.Int64
	buffers sync.Pool // *[bigBuffer]byte
	slabs   sync.Pool // *Batcher
}

// NewStreams makes Streams; a connection without traffic for idle is closed, 0 =
// never.
func NewStreams(f *Feed, idle time.Duration, split NewSplitter) *Streams {
	return &Streams{
		feed: f, idle: idle, split: split, memory: NewShares(budget / share),
		buffers: sync.Pool{New: func() any { return new([bigBuffer]byte) }},
		slabs:   sync.Pool{New: func() any { return new(Batcher) }},
	}
}

// stream is one connection.
type stream struct {
	*Conn
	s       *Streams
	out     Sink
	claimed int64 // its bytes of Streams.partial
	split   Splitter
	batch   *Batcher
	small   [idleBuffer]byte
}

// Serve reads c until the peer closes, the connection breaks, or ctx ends; what it
// has read it stores under store.
func (s *Streams) Serve(ctx, store context.Context, c *Conn, out Sink) error {
	st := &stream{Conn: c, s: s, out: out}
	st.split = s.split(st.grow, s.feed.meter.Cut.Inc)
	defer func() { s.partial.Add(-st.claimed) }()
	return st.serve(ctx, store)
}

// grow lets an unfinished message take more memory, within maxPartial.
func (c *stream) grow(need int) bool {
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
func (c *stream) shrink() {
	if c.split.Pending() == 0 {
		c.split.Release()
		c.s.partial.Add(-c.claimed)
		c.claimed = 0
	}
}

// serve reads until the peer closes, the connection breaks, or ctx ends.
func (c *stream) serve(ctx, store context.Context) (err error) {
	for {
		c.Wait(ctx, c.s.idle)
		n, rerr := c.Read(c.small[:])
		if n > 0 {
			if err := c.cycle(ctx, store, c.small[:n]); err != nil {
				return err
			}
		}
		if rerr == nil {
			continue
		}
		if ctx.Err() != nil {
			c.drain(store)
		}
		err := c.rest(store)
		if errors.Is(rerr, io.EOF) || ctx.Err() != nil {
			rerr = nil
		}
		return errors.Join(rerr, err)
	}
}

// cycle takes what the small read brought and, if it filled its buffer, what
// more is waiting; then stores it.
func (c *stream) cycle(ctx, store context.Context, first []byte) error {
	if len(first) < len(c.small) {
		c.batch = new(Batcher)
		c.feed(store, first)
		return c.put(store)
	}
	release, err := c.s.memory.Take(store, c.Unit)
	if err != nil {
		return err
	}
	defer release()
	big := c.s.buffers.Get().(*[bigBuffer]byte)
	defer c.s.buffers.Put(big)
	c.batch = c.s.slabs.Get().(*Batcher)
	defer func(b *Batcher) { b.Reset(); c.s.slabs.Put(b) }(c.batch)
	c.feed(store, first)
	started := time.Now()
	for c.batch.Bytes() < event.MaxBatchBytes-bigBuffer && time.Since(started) < coalesce {
		linger := coalesce
		if c.IsTLS {
			linger = tlsLinger
		}
		c.Wait(ctx, linger)
		n, err := c.Read(big[:])
		c.feed(store, big[:n])
		if err != nil || n < len(big) && !c.IsTLS {
			break // an error that lasts comes again at the next read
		}
	}
	return c.put(store)
}

// drain reads, at the end, what the peer's system believes delivered already.
func (c *stream) drain(store context.Context) {
	end := time.Now().Add(DrainTime / 3)
	for time.Now().Before(end) && store.Err() == nil {
		c.Until(time.Now().Add(20 * time.Millisecond))
		n, err := c.Read(c.small[:])
		if n > 0 && c.cycle(store, store, c.small[:n]) != nil || err != nil {
			return
		}
	}
}

// rest stores what is left of an unfinished message.
func (c *stream) rest(store context.Context) error {
	c.batch = new(Batcher)
	c.split.Flush(func(m []byte) { c.add(store, m) })
	return c.put(store)
}

func (c *stream) feed(store context.Context, p []byte) {
	c.split.Feed(p, func(m []byte) { c.add(store, m) })
	c.shrink()
}

func (c *stream) add(store context.Context, m []byte) {
	if !c.batch.Fits(len(m)) {
		if c.put(store) != nil {
			return // counted there; the connection ends at the put that follows
		}
	}
	c.batch.Add(m, c.s.feed.Hint)
}

// put stores the batch, waiting as long as the spool is full.
func (c *stream) put(store context.Context) error {
	n := c.batch.Len()
	if n == 0 {
		return nil
	}
	if err := c.Check(store, n); err != nil {
		c.batch.Reset()
		return err
	}
	c.Spoke()
	f := c.s.feed
	b := c.batch.Batch(c.Unit, f.Name, c.Peer, f.Env.Now())
	b.Credential = c.Credential
	err := PutAll(store, c.out, b, f.meter)
	if err != nil {
		f.Lost(n, err)
	}
	c.batch.Reset()
	return err
}
