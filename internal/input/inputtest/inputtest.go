// Package inputtest is what the tests of all inputs share: a sink that keeps what
// it is given, or refuses it, and a set of credentials.
package inputtest

import (
	"context"
	"crypto/subtle"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Shelf is a sink that keeps records, and may fail from one Put on. It is safe for
// concurrent use.
type Shelf struct {
	mu      sync.Mutex
	batches []event.Batch // their records are not kept, see records
	records []string
	failAt  int
	fail    error
}

// Fail makes Put fail with err from the n-th batch on, counted from 1; nil: no
// more.
func (s *Shelf) Fail(n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failAt, s.fail = n, err
}

// Put implements [input.Sink], and checks the limits of a batch.
func (s *Shelf) Put(ctx context.Context, b *event.Batch) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case s.fail != nil && len(s.batches)+1 >= s.failAt:
		return 0, s.fail
	case len(b.Records) == 0, b.Unit == "", b.Bytes() > event.MaxBatchBytes, len(b.Records) > event.MaxBatchRecords:
		return 0, fault.New(fault.Invalid, "over the limits")
	}
	for _, r := range b.Records {
		s.records = append(s.records, string(r.Data))
	}
	kept := *b
	kept.Records = nil
	for _, r := range b.Records {
		kept.Records = append(kept.Records, event.Record{Data: []byte(string(r.Data)), Hint: r.Hint})
	}
	s.batches = append(s.batches, kept)
	return uint64(10 + len(s.batches)), nil
}

// Records returns all records in the order they came.
func (s *Shelf) Records() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.records...)
}

// Batches returns copies of all batches.
func (s *Shelf) Batches() []event.Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]event.Batch(nil), s.batches...)
}

// The tokens of [Credentials].
const (
	Good = "lc_good" // of unit so-noi-vu
	API  = "lc_api"  // not for sending logs
)

// Unit is the one that Good sends for.
const Unit event.UnitID = "so-noi-vu"

// Credentials knows two tokens, and takes every verified certificate for unit
// so-y-te.
type Credentials struct{}

// Token implements [input.Credentials].
func (Credentials) Token(_ context.Context, secret, _ string) (input.Sender, error) {
	switch {
	case subtle.ConstantTimeCompare([]byte(secret), []byte(Good)) == 1:
		return input.Sender{Unit: Unit, Credential: "token:good"}, nil
	case subtle.ConstantTimeCompare([]byte(secret), []byte(API)) == 1:
		return input.Sender{}, fault.New(fault.Denied, "not an ingest token").WithCode("token.wrong-scope")
	}
	return input.Sender{}, fault.New(fault.Unauthenticated, "token not valid").WithCode("token.invalid")
}

// Certificate implements [input.Credentials].
func (Credentials) Certificate(_ context.Context, leaf *x509.Certificate) (input.Sender, error) {
	return input.Sender{Unit: "so-y-te", Credential: "cert:" + leaf.Subject.CommonName}, nil
}

// Server is a running endpoint.
type Server struct {
	*httptest.Server
	Shelf    *Shelf
	Receiver *input.Receiver
	Registry *prometheus.Registry
}

// Serve runs an endpoint as a listener of its own would, its root included, until
// the test ends. BusyWait is zero; change, which may be nil, alters the rest.
func Serve(t testing.TB, e input.Endpoint, change func(*input.ReceiverConfig)) *Server {
	t.Helper()
	c := input.DefaultReceiverConfig()
	c.BusyWait = 0
	if change != nil {
		change(&c)
	}
	s := &Server{Shelf: &Shelf{}, Registry: prometheus.NewRegistry()}
	rc, err := input.NewReceiver(input.ReceiverOptions{Config: c, Credentials: Credentials{}, Sink: s.Shelf, Metrics: input.NewMetrics(s.Registry)})
	if err != nil {
		t.Fatal(err)
	}
	s.Receiver = rc.For(e.Name)
	mux := http.NewServeMux()
	for path, h := range e.Routes(s.Receiver) {
		mux.Handle(path, h)
	}
	if e.Root != nil {
		mux.Handle("/", e.Root(s.Receiver))
	}
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	t.Cleanup(s.Client().CloseIdleConnections)
	return s
}
