package lumberjack

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

const (
	// keepAlive is how often a peer that waits for its answer is told that we are
	// still there. Beats give up after 30 s of silence.
	keepAlive = 5 * time.Second
	// stall ends a connection that brings nothing in the middle of a window. What
	// it sent of it was not acknowledged, so it comes again.
	stall = time.Minute
	// linger is how long an unfinished window may pause before what came of it is
	// stored and acknowledged.
	linger = time.Second
	// answerTime bounds how long a peer may leave an answer unread.
	answerTime = 10 * time.Second
	// leaveTime bounds how long an event waits for memory.
	leaveTime = 20 * time.Second

	readBuffer = 8 << 10
	// modest is what every connection may gather without asking; share is what one
	// that has leave may hold: its batch with the growth of its slab, a large
	// event; budget is all shares together.
	modest = 64 << 10
	share  = 2 << 20
	budget = 96 << 20
)

var errMemory = errors.New("too many large windows at a time")

// sessions serve the connections of one run.
type sessions struct {
	feed   *input.Feed
	idle   time.Duration
	every  time.Duration // of keep-alives
	unfold int64         // what a compressed frame may unfold to
	memory *input.Shares
	small  sync.Pool // *input.Batcher of up to modest bytes
	large  sync.Pool // *input.Batcher of those that have leave
	zips   *sync.Pool
}

func newSessions(f *input.Feed, idle, every time.Duration, unfold int64) *sessions {
	return &sessions{
		feed: f, idle: idle, every: every, unfold: unfold, memory: input.NewShares(budget / share),
		small: sync.Pool{New: func() any { return new(input.Batcher) }},
		large: sync.Pool{New: func() any { return new(input.Batcher) }},
		zips:  newUnfolders(),
	}
}

// session is one connection. Invariant: acked <= stored <= what was read, and an
// answer with the number of an event is sent only once that event is on disk.
type session struct {
	*input.Conn
	s     *sessions
	out   input.Sink
	r     reader
	batch *input.Batcher // nil between windows
	leave func()         // gives the share back; nil: holds none

	version byte   // of the window
	left    uint32 // events of the window that have not come
	seen    uint32 // sequence of the last event in batch
	stored  uint32 // sequence of the last event of this window on disk; 0: none
}

// serve reads windows until the peer closes, the connection breaks, or ctx ends;
// the Put under way then is finished under store, and answered.
func (s *sessions) serve(ctx, store context.Context, c *input.Conn, out input.Sink) error {
	ss := &session{Conn: c, s: s, out: out}
	ss.r = reader{conn: bufio.NewReaderSize(c, readBuffer), zips: s.zips, limit: s.unfold, grow: func() error { return ss.mustGrow(store) }}
	defer func() { ss.rest(); ss.r.free() }()
	err := ss.run(ctx, store)
	if ctx.Err() != nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	if reason := reasonOf(err); reason != "" {
		s.feed.Meter().Refused(reason).Inc()
	}
	return err
}

func reasonOf(err error) string {
	switch {
	case errors.Is(err, errBomb):
		return "bomb"
	case errors.Is(err, errProtocol):
		return "protocol"
	case errors.Is(err, errMemory):
		return "memory"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	}
	return ""
}

func (c *session) run(ctx, store context.Context) error {
	for {
		f, err := c.next(ctx, store)
		if err != nil {
			return err
		}
		if f.is == frameWindow {
			// A window that was announced larger than it came to be.
			if err := c.put(store); err != nil {
				return err
			}
			c.version, c.left, c.stored = f.version, f.number, 0
			c.rest()
			continue
		}
		if c.left == 0 {
			return fmt.Errorf("%w: an event outside a window", errProtocol)
		}
		if c.batch == nil {
			c.take(&c.s.small)
		}
		if !c.fits(len(f.data)) {
			if err := c.put(store); err != nil {
				return err
			}
		}
		if c.batch.Add(f.data, event.HintJSON) || f.cut {
			c.s.feed.Meter().Cut.Inc()
		}
		c.seen = f.number
		if c.left--; c.left == 0 {
			if err := c.put(store); err != nil {
				return err
			}
			c.rest()
		}
	}
}

// next reads a frame. Between windows it waits as long as the input allows. In an
// unfinished window that pauses, it stores what came.
func (c *session) next(ctx, store context.Context) (frame, error) {
	if c.r.atBoundary() {
		if c.left == 0 {
			c.Wait(ctx, c.s.idle)
			if _, err := c.r.conn.Peek(1); err != nil {
				if errors.Is(err, os.ErrDeadlineExceeded) {
					err = io.EOF // an idle peer is not at fault
				}
				return frame{}, err
			}
		} else if c.batch != nil && c.batch.Len() > 0 {
			c.Wait(ctx, linger)
			if _, err := c.r.conn.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
				if err := c.put(store); err != nil {
					return frame{}, err
				}
			}
		}
	}
	c.Wait(ctx, stall)
	return c.r.next()
}

// fits says whether the batch takes n bytes more. Past the modest size it must
// have leave.
func (c *session) fits(n int) bool {
	if c.batch.Len() > 0 && c.leave == nil && c.batch.Bytes()+n > modest && !c.tryGrow() {
		return false
	}
	return c.batch.Fits(n)
}

// tryGrow takes a share, if there is one, and with it a large batch.
func (c *session) tryGrow() bool {
	if c.leave == nil {
		if c.leave = c.s.memory.Try(c.Unit); c.leave != nil {
			c.grown()
		}
	}
	return c.leave != nil
}

// mustGrow waits for a share: an event is larger than a connection may hold
// without one.
func (c *session) mustGrow(store context.Context) (err error) {
	if c.tryGrow() {
		return nil
	}
	ctx, cancel := context.WithTimeout(store, leaveTime)
	defer cancel()
	if c.leave, err = c.s.memory.Take(ctx, c.Unit); err != nil {
		return errMemory
	}
	c.grown()
	return nil
}

func (c *session) grown() {
	was := c.batch
	c.take(&c.s.large)
	if was != nil {
		was.MoveTo(c.batch)
		c.s.small.Put(was)
	}
}

func (c *session) take(pool *sync.Pool) { c.batch = pool.Get().(*input.Batcher) }

// rest gives memory back that the connection does not need until the next window.
func (c *session) rest() {
	c.r.release()
	if c.batch != nil {
		c.batch.Reset()
		if c.leave != nil {
			c.s.large.Put(c.batch)
		} else {
			c.s.small.Put(c.batch)
		}
		c.batch = nil
	}
	if c.leave != nil {
		c.leave()
		c.leave = nil
	}
}

// put stores what was gathered and acknowledges it. While the spool is full it
// repeats the last number that is on disk, 0 if none of the window is, so that the
// peer waits on.
//
// Never is the number of a window's last event sent twice: a peer with several
// windows on the way would take the second for an answer to its next one.
func (c *session) put(store context.Context) error {
	if c.batch == nil || c.batch.Len() == 0 {
		return nil
	}
	if err := c.Check(store, c.batch.Len()); err != nil {
		return err
	}
	c.Spoke()
	f := c.s.feed
	n, b := c.batch.Len(), c.batch.Batch(c.Unit, f.Name, c.Peer, f.Env.Now())
	b.Credential = c.Credential
	ctx, cancel := context.WithCancel(store)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- input.PutAll(ctx, c.out, b, f.Meter()) }()
	tick := time.NewTicker(c.s.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if c.answer(c.stored) != nil {
				// The peer is gone and will bring these events again on another
				// connection: no use in trying on.
				cancel()
			}
		case err := <-done:
			if err != nil {
				// Not acknowledged: the peer sends it again.
				if fault.KindOf(err) == fault.Invalid {
					f.Env.Log.Error("input: the spool refuses a batch", "records", n, "peer", c.Peer, "err", err)
				}
				return fmt.Errorf("%d events not stored: %w", n, err)
			}
			c.batch.Reset()
			c.stored = c.seen
			return c.answer(c.stored)
		}
	}
}

func (c *session) answer(sequence uint32) error {
	a := [6]byte{c.version, 'A'}
	binary.BigEndian.PutUint32(a[2:], sequence)
	_ = c.SetWriteDeadline(time.Now().Add(answerTime))
	_, err := c.Write(a[:])
	return err
}
