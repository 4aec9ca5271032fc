package input

import (
	"encoding/base64"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// ReceiverOptions are what NewReceiver needs.
type ReceiverOptions struct {
	Config      ReceiverConfig
	Credentials Credentials
	Sink        Sink
	Log         *slog.Logger // nil: none
	Metrics     *Metrics     // nil: counted unseen
	Now         func() time.Time
	Zone        *time.Location // of times without a zone; nil: UTC+7
	// Peer names the sender of a request; nil: the address of the connection.
	Peer func(*http.Request) string
}

// Receiver is what all HTTP inputs share: it finds out who sends, reads a body
// within limits that all requests of the node share, and stores records.
//
//	sender, err := rc.Sender(r)
//	body, release, err := rc.Read(w, r)
//	defer release()
//	c := rc.Begin(sender, r)
//	c.Add(ctx, record, event.HintJSON) …
//	c.Flush(ctx)
//
// Only when Flush returned nil is everything on disk. A body is read and unfolded
// whole before anything of it is stored, so that a refused request stored nothing.
type Receiver struct {
	o      ReceiverOptions
	meter  *Meter
	memory *requestMemory
}

// NewReceiver makes the receiver of a node; Invalid for a bad configuration.
func NewReceiver(o ReceiverOptions) (*Receiver, error) {
	if err := o.Config.Validate(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = defaultZone()
	}
	if o.Peer == nil {
		o.Peer = peerOf
	}
	return &Receiver{o: o, meter: o.Metrics.For("http"), memory: newRequestMemory(int64(o.Config.MaxMemory), int64(o.Config.MaxBody+2*o.Config.MaxDecoded))}, nil
}

func peerOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// For returns the receiver of the named input: its batches and metrics bear the
// name. The limits stay shared.
func (rc *Receiver) For(name string) *Receiver {
	named := *rc
	named.meter = rc.o.Metrics.For(name)
	return &named
}

// Into returns the receiver with another sink.
func (rc *Receiver) Into(sink Sink) *Receiver {
	other := *rc
	other.o.Sink = sink
	return &other
}

// Now is the node's time.
func (rc *Receiver) Now() time.Time { return rc.o.Now() }

// Zone is the zone of times that name none.
func (rc *Receiver) Zone() *time.Location { return rc.o.Zone }

// Peer names the sender of a request.
func (rc *Receiver) Peer(r *http.Request) string { return rc.o.Peer(r) }

// Log is where the input speaks to the administrator.
func (rc *Receiver) Log() *slog.Logger { return rc.o.Log }

// Meter counts for the input.
func (rc *Receiver) Meter() *Meter { return rc.meter }

// Sender says who sends a request, by its client certificate, else by its header
// Authorization: Bearer TOKEN; Splunk TOKEN; Basic, with the token as password or
// as user; ApiKey, with the token as it is or as base64 of id:TOKEN.
// Errors: Unauthenticated, Denied.
func (rc *Receiver) Sender(r *http.Request) (Sender, error) {
	if s, ok, err := CertificateSender(r.Context(), rc.o.Credentials, Leaf(r.TLS)); ok || err != nil {
		return s, err
	}
	var errs []error
	for _, secret := range secrets(r) {
		s, err := rc.o.Credentials.Token(r.Context(), secret, peerOf(r))
		if err == nil {
			return s, nil
		}
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return Sender{}, errs[0]
	}
	return Sender{}, fault.New(fault.Unauthenticated, "send the ingest token of your unit in the header Authorization: Bearer …").WithCode("ingest.no-token")
}

// secrets returns what may be the token of a request, the likeliest first.
func secrets(r *http.Request) (found []string) {
	if user, password, ok := r.BasicAuth(); ok {
		found = append(found, password, user)
	} else if scheme, rest, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		rest = strings.TrimSpace(rest)
		switch {
		case strings.EqualFold(scheme, "Bearer"), strings.EqualFold(scheme, "Splunk"):
			found = append(found, rest)
		case strings.EqualFold(scheme, "ApiKey"):
			if pair, err := base64.StdEncoding.DecodeString(rest); err == nil {
				if _, key, ok := strings.Cut(string(pair), ":"); ok {
					found = append(found, key)
				}
			}
			found = append(found, rest)
		}
	}
	kept := found[:0]
	for _, s := range found {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// Begin starts storing the records of one request.
func (rc *Receiver) Begin(s Sender, r *http.Request) *Cutter {
	return &Cutter{rc: rc, batch: event.Batch{
		Unit: s.Unit, Credential: s.Credential, Input: rc.meter.name, Peer: rc.o.Peer(r), Received: rc.o.Now(),
	}}
}
