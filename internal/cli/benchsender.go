package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sample"
)

// Kinds of senders.
const (
	kindHTTP    = "http"
	kindElastic = "elastic"
	kindSyslog  = "syslog"
)

const (
	loadEvents   = 50_000           // different ones; they are sent again and again
	sendEvery    = time.Second      // of a sender, as shippers do; more often where the batch were too large
	sendMost     = 1000             // events at a time
	loadGrace    = 30 * time.Second // for what waits at the end
	backOffFirst = 200 * time.Millisecond
	backOffMost  = 5 * time.Second
)

// loadEventSet holds events by how they can be sent.
type loadEventSet struct{ json, text [][]byte }

func (c *benchLoadCmd) events() (loadEventSet, error) {
	var set loadEventSet
	recordings, err := recordings(c.Templates, c.Mix)
	if err != nil {
		return set, err
	}
	p, err := sample.New(sample.Options{Seed: 1, Events: loadEvents, Start: time.Now().Add(-time.Hour), Span: time.Hour, Windows: recordings, Mix: mixOf(c.Mix)})
	if err != nil {
		return set, err
	}
	stream := p.Stream()
	for batches := stream.Next(); batches != nil; batches = stream.Next() {
		for i := range batches {
			for _, r := range batches[i].Records {
				if data := bytes.Clone(r.Data); r.Hint == event.HintJSON {
					set.json = append(set.json, data)
				} else {
					set.text = append(set.text, data)
				}
			}
		}
	}
	if len(set.json) == 0 {
		return set, fault.New(fault.Invalid, "bench: the mix has no JSON events to send over HTTP")
	}
	if len(set.text) == 0 {
		set.text = set.json // syslog carries any text
	}
	return set, nil
}

// sender is one machine that sends.
type sender struct {
	kind  string
	token string
	from  string // address to speak from; syslog only
}

// loadRun drives the senders and the probe.
type loadRun struct {
	events    loadEventSet
	senders   []sender
	flood     *sender // nil: none
	floodRate int
	probe     string // token of a unit that sends single events
	rate      int
	duration  time.Duration
	bench     *benchServer
	pid       int // of the server, where it is ours

	taken, busy, failed   atomic.Int64
	floodTaken, floodBusy atomic.Int64
	client                *http.Client
	took, drained         time.Duration
	waits                 []time.Duration
	connections           int
}

func (l *loadRun) run(ctx context.Context) error {
	transport := &http.Transport{MaxIdleConnsPerHost: len(l.senders) + 64, IdleConnTimeout: time.Minute}
	defer transport.CloseIdleConnections()
	l.client = &http.Client{Transport: transport, Timeout: remoteTimeout}
	sending, stop := context.WithTimeout(ctx, l.duration)
	defer stop()
	begun := time.Now()
	var wg sync.WaitGroup
	perSender := float64(l.rate) / float64(len(l.senders))
	for i := range l.senders {
		wg.Go(func() { l.send(sending, &l.senders[i], perSender, &l.taken, &l.busy) })
	}
	if l.flood != nil {
		const hands = 16
		for range hands {
			wg.Go(func() { l.send(sending, l.flood, float64(l.floodRate)/hands, &l.floodTaken, &l.floodBusy) })
		}
	}
	wg.Go(func() { l.measure(sending) })
	wg.Go(func() { l.countConnections(sending) })
	wg.Wait()
	l.took = time.Since(begun)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return l.drain(ctx)
}

// send paces one sender. Who is told to wait waits, longer each time, and then
// sends the same again; the time is lost to it, as it is to a shipper with a full
// queue.
func (l *loadRun) send(ctx context.Context, s *sender, perSecond float64, taken, busy *atomic.Int64) {
	every := sendEvery
	if perSecond*every.Seconds() > sendMost {
		every = time.Duration(float64(time.Second) * sendMost / perSecond)
	}
	// Senders do not begin all at once.
	if !pause(ctx, rand.N(every)) {
		return
	}
	var conn net.Conn
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	owed, backOff := 0.0, backOffFirst
	next := time.Now()
	var body []byte
	for ctx.Err() == nil {
		if owed += perSecond * every.Seconds(); owed >= 1 {
			n := min(int(owed), sendMost)
			owed -= float64(n)
			body = l.body(body[:0], s.kind, n)
			for ctx.Err() == nil {
				var err error
				if s.kind == kindSyslog {
					conn, err = l.write(ctx, conn, s, body)
				} else {
					err = l.post(ctx, s, body)
				}
				if err == nil {
					taken.Add(int64(n))
					backOff = backOffFirst
					break
				}
				if ctx.Err() != nil {
					break
				}
				if fault.KindOf(err) == fault.Busy {
					busy.Add(1)
				} else {
					l.failed.Add(1)
				}
				if !pause(ctx, backOff/2+rand.N(backOff)) {
					break
				}
				backOff = min(2*backOff, backOffMost)
			}
		}
		next = next.Add(every)
		if late := time.Since(next); late > every {
			next = next.Add(late) // it does not catch up in one burst
		}
		if !pause(ctx, time.Until(next)) {
			return
		}
	}
}

// body makes n events as the kind writes them.
func (l *loadRun) body(b []byte, kind string, n int) []byte {
	set := l.events.json
	if kind == kindSyslog {
		set = l.events.text
	}
	at := rand.IntN(len(set))
	for i := range n {
		data := set[(at+i)%len(set)]
		switch kind {
		case kindElastic:
			b = append(b, `{"create":{"_index":"logs"}}`...)
			b = append(append(append(b, '\n'), data...), '\n')
		case kindSyslog:
			if data[0] == '<' {
				b = append(strconv.AppendInt(b, int64(len(data)), 10), ' ')
			} else {
				const head = "<134>1 - may-chu nhat-ky - - - "
				b = append(strconv.AppendInt(b, int64(len(head)+len(data)), 10), ' ')
				b = append(b, head...)
			}
			b = append(b, data...)
		default:
			b = append(append(b, data...), '\n')
		}
	}
	return b
}

func (l *loadRun) post(ctx context.Context, s *sender, body []byte) error {
	path := "/" + jsonPath
	if s.kind == kindElastic {
		path = "/es/_bulk"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.bench.remote.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/x-ndjson")
	res, err := l.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return err
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusServiceUnavailable:
		return fault.New(fault.Busy, "told to wait")
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("bench: %s: %s", res.Status, answer[:min(len(answer), 200)])
	case s.kind == kindElastic && !bytes.Contains(answer, []byte(`"errors":false`)):
		return fault.New(fault.Busy, "some of it must be sent again")
	}
	return nil
}

// write sends over a connection that stays open, and opens it where there is none.
func (l *loadRun) write(ctx context.Context, conn net.Conn, s *sender, body []byte) (net.Conn, error) {
	if conn == nil {
		d := net.Dialer{}
		if from, err := netip.ParseAddr(s.from); err == nil {
			d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
		}
		var err error
		if conn, err = d.DialContext(ctx, "tcp", l.bench.syslog); err != nil {
			return nil, err
		}
	}
	// What a deadline refuses, the write tells.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(body); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
