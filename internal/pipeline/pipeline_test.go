package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/sigma"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const evilRule = `title: Evil is said
id: 11111111-2222-4333-8444-555555555555
logsource: {product: test}
detection:
  selection: {message|contains: evil}
  condition: selection
level: high
`

// effectLog remembers what was applied and what was committed.
type effectLog struct {
	mu        sync.Mutex
	committed []Effect
	fail      atomic.Int32 // this many Apply calls fail
	applied   atomic.Int32
}

func (e *effectLog) Apply(context.Context, bun.Tx, *Effect) error {
	e.applied.Add(1)
	if e.fail.Add(-1) >= 0 {
		return errors.New("injected")
	}
	return nil
}

func (e *effectLog) Committed(b *Effect) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.committed = append(e.committed, *b)
}

func (e *effectLog) sums() (events, unparsed, findings int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, b := range e.committed {
		events += b.Events
		unparsed += b.Unparsed
		findings += len(b.Findings)
	}
	return events, unparsed, findings
}

// world is a real spool and a real lake, and what runs between them.
type world struct {
	t       testing.TB
	dir     string
	db      *bun.DB
	lake    *lake.Lake
	bus     *bus.Bus
	effects *effectLog
	rules   atomic.Pointer[detect.Set]
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), effects: &effectLog{}}
	w.rules.Store(detect.Compile([]detect.File{{Name: "evil.yml", Data: []byte(evilRule)}}, detect.Options{Mapping: sigma.DefaultMapping()}))
	w.open()
	t.Cleanup(w.close)
	return w
}

func (w *world) open() {
	w.t.Helper()
	ctx := context.Background()
	var err error
	log := slog.New(slog.DiscardHandler)
	if w.db, err = sqldb.Open(ctx, sqldb.Options{Dir: w.dir + "/control"}); err != nil {
		w.t.Fatal(err)
	}
	if err = sqldb.Migrate(ctx, w.db, "lake", lake.Migrations); err != nil {
		w.t.Fatal(err)
	}
	if err = sqldb.Migrate(ctx, w.db, "pipeline", Migrations); err != nil {
		w.t.Fatal(err)
	}
	if w.lake, err = lake.Open(ctx, lake.Options{Dir: w.dir + "/lake", DB: w.db, Log: log, Now: time.Now, Config: lake.DefaultConfig()}); err != nil {
		w.t.Fatal(err)
	}
	if w.bus, err = bus.Open(ctx, bus.Options{Dir: w.dir + "/spool", Config: bus.DefaultConfig(), Log: log}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) close() {
	if err := errors.Join(w.bus.Close(), w.lake.Close(), w.db.Close()); err != nil {
		w.t.Error(err)
	}
}

func (w *world) pipeline(spool Spool) *Pipeline {
	c := DefaultConfig()
	c.FlushInterval = 50 * time.Millisecond
	if spool == nil {
		spool = w.bus
	}
	return New(Options{Spool: spool, Store: w.lake, Effects: w.effects, DB: w.db, Rules: &w.rules, Zone: time.UTC,
		Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now})
}

// run runs the loop until all sent is acknowledged, or for at most the time given.
func (w *world) run(p *Pipeline, atMost time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	for deadline := time.Now().Add(atMost); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if s, err := w.bus.State(ctx); err == nil && s.Pending == 0 {
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) put(unit string, lines ...string) {
	w.t.Helper()
	b := &event.Batch{ID: event.NewBatchID(time.Now()), Unit: event.UnitID(unit), Input: "test", Peer: "192.0.2.7", Received: time.Now()}
	for _, l := range lines {
		b.Records = append(b.Records, event.Record{Data: []byte(l)})
	}
	if _, err := w.bus.Put(context.Background(), b); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) count(text string) int64 {
	w.t.Helper()
	q, err := query.Parse(text)
	if err != nil {
		w.t.Fatal(err)
	}
	n, err := w.lake.Count(context.Background(), lake.ScopeAll(), lake.Search{Query: q})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func line(n int, message string) string {
	return fmt.Sprintf(`{"product":"test","n":%d,"message":%q}`, n, message)
}

func TestEventsBecomeSearchableWithWhatFired(t *testing.T) {
	w := newWorld(t)
	w.put("so-y-te", line(1, "good"), line(2, "plain evil"), "no format knows this")
	w.put("so-noi-vu", line(3, "evil again"))
	w.run(w.pipeline(nil), 10*time.Second)
	for text, want := range map[string]int64{
		"": 4, "n:2": 1, "rule:11111111-2222-4333-8444-555555555555": 2, "unit:so-y-te": 3, `"no format knows"`: 1,
	} {
		if got := w.count(text); got != want {
			t.Errorf("%q: %d events, want %d", text, got, want)
		}
	}
	events, unparsed, findings := w.effects.sums()
	if events != 4 || unparsed != 1 || findings != 2 {
		t.Errorf("effects: %d events, %d unparsed, %d findings; want 4, 1, 2", events, unparsed, findings)
	}
	var samples []string
	for _, b := range w.effects.committed {
		for _, o := range b.Seen {
			samples = append(samples, o.Samples...)
		}
	}
	if len(samples) != 1 || samples[0] != "no format knows this" {
		t.Errorf("samples of what needs a parser: %q", samples)
	}
}

func TestFailingCommitsAreTriedAgainAndCountOnce(t *testing.T) {
	w := newWorld(t)
	w.effects.fail.Store(3)
	w.put("u", line(1, "evil"), line(2, "x"))
	w.run(w.pipeline(nil), 20*time.Second)
	if n := w.count(""); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
	if events, _, findings := w.effects.sums(); events != 2 || findings != 1 {
		t.Errorf("%d events and %d findings took effect, want 2 and 1", events, findings)
	}
	if a := w.effects.applied.Load(); a != 4 {
		t.Errorf("applied %d times, want 4", a)
	}
}

// forgetfulSpool loses acknowledgements, as a crash between commit and
// acknowledgement does.
type forgetfulSpool struct{ *bus.Bus }

func (forgetfulSpool) Ack([]*bus.Block) error { return errors.New("injected") }

func TestBlocksDeliveredAgainAreNotStoredAgain(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		w.put("u", line(i, "evil"))
	}
	w.run(w.pipeline(forgetfulSpool{w.bus}), time.Second)
	if n := w.count(""); n != 20 {
		t.Fatalf("%d events, want 20", n)
	}
	w.close()
	w.open()
	w.put("u", line(20, "new"))
	w.run(w.pipeline(nil), 10*time.Second)
	if n := w.count(""); n != 21 {
		t.Errorf("%d events after a restart, want 21", n)
	}
	if events, _, findings := w.effects.sums(); events != 21 || findings != 20 {
		t.Errorf("%d events and %d findings took effect, want 21 and 20", events, findings)
	}
}

func TestStopCommitsWhatWasTakenUp(t *testing.T) {
	w := newWorld(t)
	p := w.pipeline(nil)
	p.o.Config.FlushInterval = time.Hour // only the stop can flush
	w.put("u", line(1, "x"))
	w.run(p, 500*time.Millisecond)
	if n := w.count(""); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	if s, err := w.bus.State(t.Context()); err != nil || s.Pending != 0 {
		t.Errorf("%d blocks pending, %v", s.Pending, err)
	}
}

func TestRulesAreSwappedWithoutLosingAnEvent(t *testing.T) {
	w := newWorld(t)
	none := detect.Compile(nil, detect.Options{Mapping: sigma.DefaultMapping()})
	both := [2]*detect.Set{w.rules.Load(), none}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.pipeline(nil).Run(ctx) }()
	const batches = 200
	for i := range batches {
		w.rules.Store(both[i%2])
		w.put("u", line(i, "evil"))
	}
	for s, err := w.bus.State(ctx); err == nil && s.Pending > 0; s, err = w.bus.State(ctx) {
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := w.count(""); n != batches {
		t.Errorf("%d events, want %d", n, batches)
	}
}
