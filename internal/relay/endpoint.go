package relay

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Spool is what the centre's side stores blocks in.
type Spool interface {
	// PutRelayed stores parts that hold so many events of so many bytes. Busy: the
	// spool is full, or the unit sends more than its share.
	PutRelayed(ctx context.Context, e bus.Envelope, parts []bus.Part, events int, bytes int64) error
}

// Contact is one request of a relay, as the centre saw it.
type Contact struct {
	Sender input.Sender
	Peer   string
	At     time.Time
	Offset time.Duration // the relay's clock is behind by it
	Report *Report
	Blocks int // stored with it
	Events int
}

// Contacts is told of the relays.
type Contacts interface {
	// Gaps notes gaps once each, however often they are told. After an error they
	// come again.
	Gaps(ctx context.Context, c Contact) error
	// Contacted is told of every request. It does not block.
	Contacted(c Contact)
	// Enrol notes the key of a sender's bundles and returns who they are for.
	Enrol(ctx context.Context, s input.Sender, peer string, r EnrolRequest) (EnrolAnswer, error)
}

// EndpointOptions are what NewEndpoint needs.
type EndpointOptions struct {
	// Sender says who sends a request. Errors: Unauthenticated, Denied.
	Sender   func(*http.Request) (input.Sender, error)
	Spool    Spool
	Contacts Contacts
	Log      *slog.Logger
	Metrics  prometheus.Registerer // nil: not registered
	Now      func() time.Time
	// Peer names the sender of a request; nil: the address of the connection.
	Peer func(*http.Request) string
}

// Endpoint is the centre's side of the links.
type Endpoint struct {
	o       EndpointOptions
	memory  *semaphore.Weighted
	metrics *endpointMetrics
}

const (
	// maxMemory bounds the blocks of all requests that are being read or stored.
	maxMemory = 128 << 20
	// maxRequest bounds one body. Relays send far less at once.
	maxRequest = 64 << 20
	// patience is how long a request may bring nothing.
	patience = 45 * time.Second
	// busyWait is how long a request waits for memory or a full spool.
	busyWait  = 5 * time.Second
	busyPause = 100 * time.Millisecond
	// trustedClock is what a clock may be off before times are corrected: below it
	// the link's own delay may be all there is.
	trustedClock = 10 * time.Second
)

// NewEndpoint makes the handlers of a centre.
func NewEndpoint(o EndpointOptions) *Endpoint {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Peer == nil {
		o.Peer = func(r *http.Request) string { return r.RemoteAddr }
	}
	return &Endpoint{o: o, memory: semaphore.NewWeighted(maxMemory), metrics: newEndpointMetrics(o.Metrics)}
}

// Routes are the handlers by path.
func (e *Endpoint) Routes() map[string]http.Handler {
	return map[string]http.Handler{
		BlocksPath: http.HandlerFunc(e.blocks),
		EnrolPath:  http.HandlerFunc(e.enrol),
	}
}

func (e *Endpoint) blocks(w http.ResponseWriter, r *http.Request) {
	c := Contact{At: e.o.Now(), Peer: e.o.Peer(r)}
	answer := &Answer{}
	err := e.take(w, r, &c, answer)
	if c.Report != nil {
		e.o.Contacts.Contacted(c)
	}
	answer.Time = e.o.Now()
	e.respond(w, answer, err)
}

// take reads a request and stores its blocks as they come. answer says how many
// are on disk, also where err says why the rest is not.
func (e *Endpoint) take(w http.ResponseWriter, r *http.Request, c *Contact, answer *Answer) (err error) {
	if r.Method != http.MethodPost {
		return errMethod
	}
	if c.Sender, err = e.o.Sender(r); err != nil {
		return err
	}
	body := NewReader(&patientReader{r: http.MaxBytesReader(w, r.Body, maxRequest), rc: http.NewResponseController(w)})
	if c.Report, err = body.Head(); err != nil {
		return badBody(err)
	}
	c.Offset = e.o.Now().Sub(time.UnixMilli(c.Report.Sent))
	answer.Offset = c.Offset
	if len(c.Report.Gaps) > 0 {
		if err := e.o.Contacts.Gaps(r.Context(), *c); err != nil {
			return err
		}
		answer.Gaps = len(c.Report.Gaps)
	}
	envelope := bus.Envelope{Unit: c.Sender.Unit, Credential: c.Sender.Credential}
	if c.Offset.Abs() > trustedClock {
		envelope.Shift = c.Offset
	}
	g := &group{e: e, envelope: envelope, contact: c, answer: answer}
	defer g.drop()
	for {
		size, err := body.NextSize()
		if err != nil {
			return errors.Join(g.store(r.Context()), badBody(err))
		}
		if size == 0 {
			return g.store(r.Context())
		}
		if err := g.claim(r.Context(), size); err != nil {
			return err
		}
		b, err := body.Block(size)
		if err != nil {
			return errors.Join(g.store(r.Context()), badBody(err))
		}
		if err := g.add(r.Context(), b, size); err != nil {
			return err
		}
	}
}

// group gathers blocks that go into one message of the spool.
type group struct {
	e           *Endpoint
	envelope    bus.Envelope
	contact     *Contact
	answer      *Answer
	parts       []bus.Part
	bytes       int
	records     int
	recordBytes int64
	claimed     int64
}

// claim takes memory for a block about to be read; what is gathered gives way.
func (g *group) claim(ctx context.Context, size int) error {
	if !g.e.memory.TryAcquire(int64(size)) {
		if err := g.store(ctx); err != nil {
			return err
		}
		wait, cancel := context.WithTimeout(ctx, busyWait)
		defer cancel()
		if err := g.e.memory.Acquire(wait, int64(size)); err != nil {
			return fault.New(fault.Busy, "too many relays send at once; come back").WithCode("relay.busy")
		}
	}
	g.claimed += int64(size)
	return nil
}

func (g *group) add(ctx context.Context, b Block, size int) error {
	info, err := bus.Inspect(b.Block)
	if err != nil {
		if err := g.store(ctx); err != nil {
			return err
		}
		g.answer.Refused = err.Error()
		g.e.metrics.refused.Inc()
		g.e.o.Log.Warn("relay: a block is refused", "unit", g.envelope.Unit, "credential", g.envelope.Credential,
			"run", b.Origin.Run, "number", b.Origin.Seq, "err", err)
		return fault.New(fault.Invalid, "block %d of the request: %w", g.answer.Stored+1, err).WithCode("relay.block")
	}
	full := g.bytes+info.Bytes > bus.MaxBlockBytes || g.records+info.Records > event.MaxBatchRecords || len(g.parts) == bus.MaxParts
	if full && len(g.parts) > 0 {
		g.claimed -= int64(size) // of b, which stays
		if err := g.store(ctx); err != nil {
			g.claimed += int64(size)
			return err
		}
		g.claimed += int64(size)
	}
	g.parts = append(g.parts, b)
	g.bytes += info.Bytes
	g.records += info.Records
	g.recordBytes += info.RecordBytes
	return nil
}

// store puts what is gathered on disk and waits for a full spool as long as
// busyWait.
func (g *group) store(ctx context.Context) error {
	if len(g.parts) == 0 {
		return nil
	}
	deadline := time.Now().Add(busyWait)
	for {
		err := g.e.o.Spool.PutRelayed(ctx, g.envelope, g.parts, g.records, g.recordBytes)
		if err == nil {
			break
		}
		if fault.KindOf(err) != fault.Busy || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(busyPause):
		case <-ctx.Done():
			return err
		}
	}
	g.answer.Stored += len(g.parts)
	g.contact.Blocks += len(g.parts)
	g.contact.Events += g.records
	g.e.metrics.blocks.Add(float64(len(g.parts)))
	g.e.metrics.events.Add(float64(g.records))
	g.drop()
	return nil
}

// drop forgets what is gathered and gives its memory back.
func (g *group) drop() {
	g.e.memory.Release(g.claimed)
	clear(g.parts)
	g.parts, g.bytes, g.records, g.recordBytes, g.claimed = g.parts[:0], 0, 0, 0, 0
}

const maxEnrol = 16 << 10

func (e *Endpoint) enrol(w http.ResponseWriter, r *http.Request) {
	answer, err := func() (a EnrolAnswer, err error) {
		if r.Method != http.MethodPost {
			return a, errMethod
		}
		sender, err := e.o.Sender(r)
		if err != nil {
			return a, err
		}
		var req EnrolRequest
		if err := json.NewDecoder(io.LimitReader(r.Body, maxEnrol)).Decode(&req); err != nil {
			return a, fault.New(fault.Invalid, "the request is not understood: %w", err)
		}
		return e.o.Contacts.Enrol(r.Context(), sender, e.o.Peer(r), req)
	}()
	if err != nil {
		e.respond(w, &Answer{Time: e.o.Now()}, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

var errMethod = fault.New(fault.Invalid, "send with POST").WithCode("relay.method")

var statusOf = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Unauthenticated: http.StatusUnauthorized,
	fault.Denied: http.StatusForbidden, fault.Busy: http.StatusTooManyRequests, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.TooLarge: http.StatusRequestEntityTooLarge,
}

// respond answers always with an Answer, so that a relay learns what is stored of
// a request that failed.
func (e *Endpoint) respond(w http.ResponseWriter, a *Answer, err error) {
	status := http.StatusOK
	if err != nil {
		var known bool
		if status, known = statusOf[fault.KindOf(err)]; known {
			a.Detail = err.Error()
		} else {
			status, a.Detail = http.StatusServiceUnavailable, "the blocks could not be stored for certain; send them again"
			e.o.Log.Error("relay: request failed", "err", err, "stored", a.Stored)
		}
		if errors.Is(err, errMethod) {
			status = http.StatusMethodNotAllowed
		}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "2")
		}
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="lachan"`)
		}
	}
	e.metrics.requests.WithLabelValues(strconv.Itoa(status)).Inc()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a)
}

// badBody sorts what went wrong with a body: what was sent, or the connection.
func badBody(err error) error {
	if errors.Is(err, ErrFormat) {
		return fault.New(fault.Invalid, "%w", err).WithCode("relay.format")
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "a request of more than %d bytes", tooLarge.Limit)
	}
	return fault.New(fault.Busy, "the request broke off: %w", err)
}

// patientReader gives every read its time, however long the whole takes.
type patientReader struct {
	r  io.Reader
	rc *http.ResponseController
}

func (p *patientReader) Read(b []byte) (int, error) {
	end := time.Now().Add(patience)
	_ = p.rc.SetReadDeadline(end) // a writer without deadlines (in a test) has none
	_ = p.rc.SetWriteDeadline(end.Add(2 * patience))
	return p.r.Read(b)
}

type endpointMetrics struct {
	requests       *prometheus.CounterVec
	blocks, events prometheus.Counter
	refused        prometheus.Counter
}

func newEndpointMetrics(reg prometheus.Registerer) *endpointMetrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "lachan_relay_received_" + name, Help: help})
	}
	m := &endpointMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lachan_relay_received_requests_total",
			Help: "Requests of relays, by the status they got."}, []string{"status"}),
		blocks:  counter("blocks_total", "Blocks of relays that were stored, doubles among them."),
		events:  counter("events_total", "Events in them."),
		refused: counter("refused_blocks_total", "Blocks of relays that can never be stored; the relay keeps them in a folder."),
	}
	if reg != nil {
		reg.MustRegister(m.requests, m.blocks, m.events, m.refused)
	}
	return m
}
