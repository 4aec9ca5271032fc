package relay

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// centre is a real spool behind a real endpoint.
type centre struct {
	t        testing.TB
	bus      *bus.Bus
	server   *httptest.Server
	mu       sync.Mutex
	contacts []Contact
	gaps     map[string]Gap
	// meddle may answer a request itself, before the endpoint; nil: it does not.
	meddle atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool]
	now    func() time.Time
}

func newCentre(t testing.TB) *centre {
	t.Helper()
	c := &centre{t: t, gaps: map[string]Gap{}, now: time.Now}
	var err error
	if c.bus, err = bus.Open(context.Background(), bus.Options{Dir: t.TempDir(), Config: bus.DefaultConfig(), Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.bus.Close() })
	e := NewEndpoint(EndpointOptions{
		Sender: func(r *http.Request) (input.Sender, error) {
			if r.Header.Get("Authorization") != "Bearer lc_good" {
				return input.Sender{}, fault.New(fault.Unauthenticated, "token not valid")
			}
			return input.Sender{Unit: "xa-dong-son", Credential: "token:7"}, nil
		},
		Spool: unshared{c.bus}, Contacts: c, Now: func() time.Time { return c.now() },
	})
	mux := http.NewServeMux()
	for path, h := range e.Routes() {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if f := c.meddle.Load(); f != nil && (*f)(w, r) {
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	c.server = httptest.NewServer(mux)
	t.Cleanup(c.server.Close)
	return c
}

func (c *centre) intercept(f func(w http.ResponseWriter, r *http.Request) bool) { c.meddle.Store(&f) }

func (c *centre) Contacted(contact Contact) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.contacts = append(c.contacts, contact)
}

func (c *centre) Gaps(_ context.Context, contact Contact) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range contact.Report.Gaps {
		c.gaps[g.ID] = g
	}
	return nil
}

func (c *centre) Enrol(_ context.Context, s input.Sender, _ string, r EnrolRequest) (EnrolAnswer, error) {
	return EnrolAnswer{Unit: string(s.Unit), Credential: s.Credential, Recipient: "age1" + r.BundleKey}, nil
}

func (c *centre) told() []Contact {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Contact(nil), c.contacts...)
}

// record is one event as the centre's process loop would get it.
type record struct {
	text  string
	batch event.Batch
	at    bus.Origin
}

// take fetches what arrived, in order, doubles left out, until n records are there
// or the time is over.
func (c *centre) take(got []record, n int, atMost time.Duration) []record {
	c.t.Helper()
	seen := map[bus.Origin]bool{}
	for _, r := range got {
		seen[r.at] = true
	}
	for end := time.Now().Add(atMost); len(got) < n && time.Now().Before(end); {
		blocks, err := c.bus.Fetch(context.Background(), 64, 50*time.Millisecond)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, b := range blocks {
			if b.Err != nil {
				c.t.Fatal(b.Err)
			}
			begin := 0
			for _, p := range b.Parts {
				batches := b.Batches[begin:p.End]
				begin = p.End
				if seen[p.Origin] {
					continue
				}
				seen[p.Origin] = true
				for _, batch := range batches {
					for _, r := range batch.Records {
						head := batch
						head.Records = nil
						got = append(got, record{text: string(r.Data), batch: head, at: p.Origin})
					}
				}
			}
			b.Release()
		}
		if err := c.bus.Ack(blocks); err != nil {
			c.t.Fatal(err)
		}
	}
	return got
}

// agency is a relay: a real spool and a forwarder.
type agency struct {
	t       testing.TB
	dir     string
	config  Config
	bus     *bus.Bus
	f       *Forwarder
	link    *Link
	intake  *Intake
	cancel  context.CancelFunc
	done    chan struct{}
	now     func() time.Time
	maxSize int64
}

func newAgency(t testing.TB, c *centre, change func(*agency)) *agency {
	t.Helper()
	a := &agency{t: t, dir: t.TempDir(), config: DefaultConfig(), now: time.Now}
	a.config.Centre, a.config.Token, a.config.ContactEvery = c.server.URL, "lc_good", time.Second
	if change != nil {
		change(a)
	}
	a.open()
	t.Cleanup(a.close)
	return a
}

func (a *agency) open() {
	a.t.Helper()
	cfg := bus.DefaultConfig()
	if a.maxSize > 0 {
		cfg.MaxBytes = 0
		if err := cfg.MaxBytes.UnmarshalText(fmt.Append(nil, a.maxSize)); err != nil {
			a.t.Fatal(err)
		}
	}
	var err error
	if a.bus, err = bus.Open(context.Background(), bus.Options{Dir: a.dir + "/spool", Config: cfg, Log: slog.New(slog.DiscardHandler), Forward: true}); err != nil {
		a.t.Fatal(err)
	}
	if a.link, err = NewLink(a.config, a.now); err != nil {
		a.t.Fatal(err)
	}
	if a.f, err = New(Options{Config: a.config, Store: a.bus, Link: a.link, Dir: a.dir, Version: "test", Now: a.now}); err != nil {
		a.t.Fatal(err)
	}
	a.intake = a.f.Intake(a.bus)
}

func (a *agency) run() {
	ctx, cancel := context.WithCancel(context.Background())
	a.cancel, a.done = cancel, make(chan struct{})
	go func() {
		defer close(a.done)
		if err := a.f.Run(ctx); err != nil {
			a.t.Error(err)
		}
	}()
}

func (a *agency) stop() {
	if a.cancel != nil {
		a.cancel()
		<-a.done
		a.cancel = nil
	}
}

func (a *agency) close() {
	a.stop()
	a.link.Close()
	a.bus.Close()
}

// put stores n records "source/number", one batch each.
func (a *agency) put(source string, from, n int) {
	a.t.Helper()
	for i := range n {
		a.putText(fmt.Sprintf("%s/%d", source, from+i))
	}
}

func (a *agency) putText(text string) {
	a.t.Helper()
	now := a.now()
	b := &event.Batch{ID: event.NewBatchID(now), Unit: "so-tai-chinh", Credential: "token:1", Input: "syslog", Peer: "10.0.0.9", Received: now,
		Records: []event.Record{{Data: []byte(text), Hint: event.HintText}}}
	if _, err := a.intake.Put(context.Background(), b); err != nil {
		a.t.Fatal(err)
	}
}

// eventually fails the test if ok does not hold within a generous time.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

// cutReader ends with an error after n bytes.
type cutReader struct {
	r io.Reader
	n int
}

func (c *cutReader) Read(p []byte) (int, error) {
	if c.n <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.r.Read(p[:min(len(p), c.n)])
	c.n -= n
	return n, err
}

func goodSender(*http.Request) (input.Sender, error) {
	return input.Sender{Unit: "xa-dong-son", Credential: "token:7"}, nil
}

// fullSpool never has room.
type fullSpool struct{}

func (fullSpool) PutRelayed(context.Context, bus.Envelope, []bus.Part, int, int64) error {
	return fault.New(fault.Busy, "spool: full").WithCode("spool.full")
}

// unshared is a spool without quotas.
type unshared struct{ *bus.Bus }

func (u unshared) PutRelayed(ctx context.Context, e bus.Envelope, parts []bus.Part, _ int, _ int64) error {
	_, err := u.Bus.PutRelayed(ctx, e, parts)
	return err
}
