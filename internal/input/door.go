package input

import (
	"container/list"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const handshakeTime = 10 * time.Second

// Door lets connections in, for all stream listeners of one run. It bounds how
// many are open: at the limit the oldest that never sent a message gives way,
// else the new one.
type Door struct {
	feed    *Feed
	max     int
	telling *rate.Limiter // of refused certificates

	mu     sync.Mutex
	silent *list.List // *Conn that never sent a message, oldest first
	open   int
}

// NewDoor makes a Door for at most maxConnections at a time.
func NewDoor(f *Feed, maxConnections int) *Door {
	return &Door{feed: f, max: maxConnections, telling: rate.NewLimiter(1, 10), silent: list.New()}
}

// Conn is one connection that was let in.
type Conn struct {
	net.Conn
	Sender
	Peer  string // its address without port
	IsTLS bool

	leaf    *x509.Certificate // of our own authority, by which Sender was found; or nil
	door    *Door
	place   *list.Element // in door.silent, or nil; guarded by door.mu
	evicted bool          // its place was given to another; guarded by door.mu
	spoken  bool
}

// Spoke marks that c sent a message, and so is not the first to give way. One
// goroutine calls it, as often as it likes.
func (c *Conn) Spoke() {
	if c.spoken {
		return
	}
	c.spoken = true
	d := c.door
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.place != nil {
		d.silent.Remove(c.place)
		c.place = nil
	}
}

// Until sets the read deadline. Only a closed connection refuses one, and then
// the read says so.
func (c *Conn) Until(at time.Time) { _ = c.SetReadDeadline(at) }

// Wait sets the read deadline d from now, or none if d is 0; if ctx has ended, one
// that has passed.
func (c *Conn) Wait(ctx context.Context, d time.Duration) {
	var at time.Time
	if d > 0 {
		at = time.Now().Add(d)
	}
	c.Until(at)
	if ctx.Err() != nil {
		c.Until(time.Unix(1, 0))
	}
}

// Serve accepts from l until ctx ends or l breaks. For each connection, its TLS
// handshake done, it runs handle, and closes the connection after it; when ctx
// ends, reads fail at once with a passed deadline. It returns when every handle
// has.
func (d *Door) Serve(ctx context.Context, l net.Listener, handle func(*Conn) error) error {
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
				return fmt.Errorf("%s: %s: %w", d.feed.Name, l.Addr(), err)
			}
			// Out of descriptors, or the peer is gone already: others go on.
			d.feed.meter.Refused("accept").Inc()
			d.feed.Env.Log.Warn("input: accept", "err", err)
			sleep(ctx, 100*time.Millisecond)
			continue
		}
		c := d.admit(nc)
		if c == nil {
			continue
		}
		wg.Go(func() {
			defer d.leave(c)
			defer context.AfterFunc(ctx, func() { c.Until(time.Unix(1, 0)) })()
			err := c.handshake(ctx)
			if err == nil {
				err = handle(c)
			}
			if err != nil && ctx.Err() == nil {
				d.feed.Env.Log.Debug("input: connection", "peer", c.Peer, "err", err)
			}
		})
	}
}

// handshake finds out who the peer is, by its client certificate if it has one.
func (c *Conn) handshake(ctx context.Context) error {
	t, ok := c.Conn.(*tls.Conn)
	if !ok {
		return nil
	}
	f := c.door.feed
	hctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if err := t.HandshakeContext(hctx); err != nil {
		reason, leaf := HandshakeRefusal(ctx, f.Env.Credentials, err)
		c.refuse(reason, leaf, err)
		return fmt.Errorf("TLS handshake: %w", err)
	}
	state := t.ConnectionState()
	leaf := Leaf(&state)
	s, ok, err := CertificateSender(ctx, f.Env.Credentials, leaf)
	if err != nil {
		c.refuse("certificate", leaf, err)
		return err
	}
	if ok {
		c.Sender, c.leaf = s, leaf
	}
	return nil
}

// Check asks about the sender's certificate again; to be called before each batch of
// n records is stored, so that one that was revoked stores nothing more on a
// connection that is open: the records are counted as dropped, and the caller ends.
// Errors: Unauthenticated.
func (c *Conn) Check(ctx context.Context, n int) error {
	if c.leaf == nil {
		return nil
	}
	s, err := c.door.feed.Env.Credentials.Certificate(ctx, c.leaf)
	if err != nil {
		c.refuse("certificate", c.leaf, err)
		c.door.feed.meter.Dropped("certificate").Add(float64(n))
		return err
	}
	c.Sender = s
	return nil
}

// refuse counts that a handshake or a sender's certificate is not good, and tells of
// certificates. Anybody may cause it, so it is told about once a second.
func (c *Conn) refuse(reason string, leaf *x509.Certificate, err error) {
	f := c.door.feed
	f.meter.Refused(reason).Inc()
	if leaf != nil && c.door.telling.Allow() {
		f.Env.Log.Warn("input: a client certificate is refused", "peer", c.Peer, "subject", leaf.Subject.String(), "reason", reason, "err", err)
	}
}

// admit makes room for a new connection, or closes it and returns nil.
func (d *Door) admit(nc net.Conn) *Conn {
	c := &Conn{Conn: nc, door: d, Peer: nc.RemoteAddr().String()}
	_, c.IsTLS = nc.(*tls.Conn)
	var addr netip.Addr
	if ap, err := netip.ParseAddrPort(c.Peer); err == nil {
		addr = ap.Addr().Unmap().WithZone("")
		c.Peer = addr.String()
	}
	c.Sender = Sender{Unit: d.feed.unit(addr)}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open >= d.max {
		oldest := d.silent.Front()
		if oldest == nil {
			d.feed.meter.Refused("connections").Inc()
			nc.Close()
			return nil
		}
		d.feed.meter.Refused("silent").Inc()
		v := oldest.Value.(*Conn)
		d.forget(v)
		v.evicted = true
		closeNow(v.Conn)
	}
	d.open++
	d.feed.meter.Connections.Inc()
	c.place = d.silent.PushBack(c)
	return c
}

// forget takes c out of the books. d.mu is held.
func (d *Door) forget(c *Conn) {
	if c.place != nil {
		d.silent.Remove(c.place)
		c.place = nil
	}
	d.open--
	d.feed.meter.Connections.Dec()
}

func (d *Door) leave(c *Conn) {
	closeNow(c.Conn)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !c.evicted {
		d.forget(c)
	}
}

// closeNow closes without the wait of a TLS goodbye to a peer that reads nothing.
func closeNow(nc net.Conn) {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	nc.Close()
}
