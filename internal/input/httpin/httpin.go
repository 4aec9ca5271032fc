// Package httpin receives records over HTTP: POST /ingest/json (NDJSON, one JSON
// value or an array of them) and POST /ingest/lines (plain text lines), plain or
// compressed with gzip or zstd. httpapi mounts its handlers on the main server.
//
// A request is read and decompressed whole, within limits, before anything is
// stored. So any 4xx but 429 means that nothing of the request was stored, and
// 200 means that all of it is on disk. A 429 that comes in the middle of a large
// request, with the spool filling up, says in "accepted" how many records,
// counted from the first, are stored; the sender goes on after them, or sends
// all again and has those twice.
//
// Every non-blank line is stored, also one that is not JSON: the parser shows it
// as "needs a parser". The unit comes from the bearer token.
//
// Start reading at Handler.serve.
package httpin

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

const inputName = "http"

// Tokens checks ingest tokens.
type Tokens interface {
	// Ingest returns the unit a token sends for. It compares in constant time.
	// fault.Unauthenticated: unknown, revoked or expired; fault.Denied: not an
	// ingest token.
	Ingest(ctx context.Context, token string) (event.UnitID, error)
}

// Config is the "ingest" section.
type Config struct {
	// MaxBody bounds a request as sent, MaxDecoded what it unfolds to.
	MaxBody    config.Size `yaml:"maxBody"`
	MaxDecoded config.Size `yaml:"maxDecoded"`
	// MaxMemory bounds all requests being read together; past it, 429.
	MaxMemory config.Size `yaml:"maxMemory"`
	// ReadTimeout ends a request that brings nothing for so long.
	ReadTimeout time.Duration `yaml:"readTimeout"`
	// BusyWait is how long a request waits for a full spool before 429.
	BusyWait time.Duration `yaml:"busyWait"`
}

// DefaultConfig suits shippers that send up to 32 MiB at once.
func DefaultConfig() Config {
	return Config{
		MaxBody: 32 << 20, MaxDecoded: 64 << 20, MaxMemory: 256 << 20,
		ReadTimeout: 30 * time.Second, BusyWait: 5 * time.Second,
	}
}

// Validate names the key at fault.
func (c Config) Validate() error {
	switch {
	case c.MaxBody < 1<<10:
		return fault.New(fault.Invalid, "ingest.maxBody is %v; set 1KiB or more", c.MaxBody).OnField("ingest.maxBody")
	case c.MaxDecoded < c.MaxBody:
		return fault.New(fault.Invalid, "ingest.maxDecoded is %v, less than maxBody %v", c.MaxDecoded, c.MaxBody).OnField("ingest.maxDecoded")
	case c.MaxMemory < c.MaxBody+c.MaxDecoded:
		return fault.New(fault.Invalid, "ingest.maxMemory is %v; one request may take maxBody + maxDecoded = %v", c.MaxMemory, c.MaxBody+c.MaxDecoded).OnField("ingest.maxMemory")
	case c.ReadTimeout <= 0:
		return fault.New(fault.Invalid, "ingest.readTimeout must be positive").OnField("ingest.readTimeout")
	case c.BusyWait < 0:
		return fault.New(fault.Invalid, "ingest.busyWait must not be negative").OnField("ingest.busyWait")
	}
	return nil
}

// Options are what New needs.
type Options struct {
	Config  Config
	Tokens  Tokens
	Sink    input.Sink
	Log     *slog.Logger   // nil: none
	Metrics *input.Metrics // nil: counted unseen
	Now     func() time.Time
	Zone    *time.Location // of ?date= without a zone; nil: UTC+7
	// Peer names the sender of a request, behind a proxy for example; nil: the
	// address of the connection.
	Peer func(*http.Request) string
}

// Handler serves the ingest endpoints.
type Handler struct {
	o      Options
	meter  *input.Meter
	memory *semaphore.Weighted
}

// New makes a Handler; Invalid for a bad configuration.
func New(o Options) (*Handler, error) {
	if err := o.Config.Validate(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = input.NewMetrics(nil)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("+07", 7*60*60) // Asia/Ho_Chi_Minh has no summer time
	}
	if o.Peer == nil {
		o.Peer = func(r *http.Request) string {
			if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
				return host
			}
			return r.RemoteAddr
		}
	}
	return &Handler{o: o, meter: o.Metrics.For(inputName), memory: semaphore.NewWeighted(int64(o.Config.MaxMemory))}, nil
}

// JSON is POST /ingest/json.
func (h *Handler) JSON() http.Handler { return h.handler(event.HintJSON, splitJSON) }

// Lines is POST /ingest/lines; ?date= dates lines that lack a year.
func (h *Handler) Lines() http.Handler { return h.handler(event.HintText, splitLines) }

type splitFunc func(body []byte, each func(record []byte) error) error

func (h *Handler) handler(hint event.Hint, split splitFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		done, err := h.serve(w, r, hint, split)
		if err != nil {
			h.refuse(w, r, done, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// What fails here is the connection: the sender asks again.
		_ = json.NewEncoder(w).Encode(answer{Accepted: done.accepted, Sequences: done.sequences()})
	})
}

type answer struct {
	Accepted  int      `json:"accepted"`
	Sequences []uint64 `json:"sequences"`
}

// progress is what of a request is on disk.
type progress struct {
	accepted    int
	first, last uint64 // blocks
}

func (p progress) sequences() []uint64 {
	if p.accepted == 0 {
		return []uint64{}
	}
	return []uint64{p.first, p.last}
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, hint event.Hint, split splitFunc) (progress, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return progress{}, refusal{http.StatusMethodNotAllowed, "ingest.method", "send records with POST"}
	}
	token, ok := bearer(r.Header.Get("Authorization"))
	if !ok {
		return progress{}, fault.New(fault.Unauthenticated, "send the ingest token of your unit in the header Authorization: Bearer …").WithCode("ingest.no-token")
	}
	unit, err := h.o.Tokens.Ingest(r.Context(), token)
	if err != nil {
		return progress{}, err
	}
	var dateHint time.Time
	if text := r.URL.Query().Get("date"); text != "" {
		if dateHint, err = parseDate(text, h.o.Zone); err != nil {
			return progress{}, err
		}
	}
	body, release, err := h.read(w, r)
	defer release()
	if err != nil {
		return progress{}, err
	}
	c := &cutter{h: h, hint: hint}
	c.batch = event.Batch{Unit: unit, Input: inputName, Peer: h.o.Peer(r), Received: h.o.Now(), DateHint: dateHint}
	err = split(body, func(record []byte) error { return c.add(r.Context(), record) })
	if err == nil {
		err = c.put(r.Context())
	}
	return c.done, err
}

func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

func parseDate(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "date %q: write 2026-11-22 or 2026-11-22T08:30:00+07:00", text).WithCode("ingest.date").OnField("date")
}

// cutter cuts records into batches and stores each as it is full. Its records
// alias the body.
type cutter struct {
	h     *Handler
	hint  event.Hint
	batch event.Batch
	bytes int
	done  progress
}

func (c *cutter) add(ctx context.Context, record []byte) error {
	if len(record) > event.MaxRecordBytes {
		record = record[:event.MaxRecordBytes]
		c.h.meter.Cut.Inc()
	}
	if len(c.batch.Records) == event.MaxBatchRecords || c.bytes+len(record) > event.MaxBatchBytes {
		if err := c.put(ctx); err != nil {
			return err
		}
	}
	c.batch.Records = append(c.batch.Records, event.Record{Data: record, Hint: c.hint})
	c.bytes += len(record)
	return nil
}

// put stores the batch; while the spool is full it waits as long as BusyWait.
func (c *cutter) put(ctx context.Context) error {
	if len(c.batch.Records) == 0 {
		return nil
	}
	c.batch.ID = event.NewBatchID(c.batch.Received)
	deadline := time.Now().Add(c.h.o.Config.BusyWait)
	for {
		seq, err := c.h.o.Sink.Put(ctx, &c.batch)
		if err == nil {
			c.h.meter.Stored(&c.batch)
			if c.done.accepted == 0 {
				c.done.first = seq
			}
			c.done.last = max(c.done.last, seq)
			c.done.accepted += len(c.batch.Records)
			c.batch.Records, c.bytes = c.batch.Records[:0], 0
			return nil
		}
		switch {
		case ctx.Err() != nil:
			return err
		case fault.KindOf(err) != fault.Busy:
			// Not known whether it was stored; the sender must send it again.
			c.h.o.Log.Error("ingest: the spool failed", "err", err, "accepted", c.done.accepted)
			return refusal{http.StatusServiceUnavailable, "ingest.unavailable", "the records could not be stored for certain; send them again"}
		case time.Now().After(deadline):
			return err
		}
		c.h.meter.Busy.Inc()
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// refusal is an HTTP status no fault kind stands for.
type refusal struct {
	status int
	code   string
	text   string
}

func (r refusal) Error() string { return r.text }

// problem is RFC 9457.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Code     string `json:"code,omitempty"`
	Accepted int    `json:"accepted"` // records stored before the refusal
}

var statusOf = map[fault.Kind]int{
	fault.Invalid: http.StatusBadRequest, fault.Unauthenticated: http.StatusUnauthorized,
	fault.Denied: http.StatusForbidden, fault.Busy: http.StatusTooManyRequests,
	fault.TooLarge: http.StatusRequestEntityTooLarge,
}

func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, done progress, err error) {
	p := problem{Type: "about:blank", Status: http.StatusInternalServerError, Detail: err.Error(), Accepted: done.accepted}
	if e, ok := errors.AsType[refusal](err); ok {
		p.Status, p.Code = e.status, e.code
	} else if e, ok := errors.AsType[*fault.Error](err); ok {
		p.Code = e.Code
		if s, ok := statusOf[e.Kind]; ok {
			p.Status = s
		}
	}
	// An answer is always written, though the sender may be gone: a handler that
	// returns without one answers 200, which would be a lie.
	switch p.Status {
	case http.StatusInternalServerError:
		if r.Context().Err() == nil {
			h.o.Log.Error("ingest: request failed", "err", err, "accepted", done.accepted)
		}
		p.Detail = "the records could not be stored; send them again"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="lachan"`)
	}
	p.Title = http.StatusText(p.Status)
	h.meter.Refused(strconv.Itoa(p.Status)).Inc()
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
