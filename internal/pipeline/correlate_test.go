package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
	"github.com/lachan-vn/lachan/sigma"
)

const manyRule = `title: Evil is said often
id: 22222222-2222-4333-8444-555555555555
correlation:
  type: event_count
  rules: [11111111-2222-4333-8444-555555555555]
  group-by: [who]
  timespan: 5m
  condition: {gte: 3}
  generate: true
level: critical
`

// fewRule is complete only when its time is over.
const fewRule = `title: Evil is said twice and no more
id: 33333333-2222-4333-8444-555555555555
correlation:
  type: event_count
  rules: [11111111-2222-4333-8444-555555555555]
  group-by: [who]
  timespan: 1m
  condition: {eq: 2}
  generate: true
level: low
`

func rulesOf(t testing.TB, texts ...string) *detect.Set {
	t.Helper()
	var files []detect.File
	for i, text := range texts {
		files = append(files, detect.File{Name: fmt.Sprintf("%d.yml", i), Data: []byte(text)})
	}
	set := detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping()})
	if len(set.Rules()) != len(texts) {
		t.Fatalf("problems %v", set.Problems())
	}
	return set
}

// said is an event that fires the rule below.
func said(who string, n int) string {
	return fmt.Sprintf(`{"product":"test","n":%d,"who":%q,"message":"evil"}`, n, who)
}

// series lists what correlation rules found and was committed.
func (e *effectLog) series() (out []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, b := range e.committed {
		for _, f := range b.Findings {
			if f.Series != nil {
				out = append(out, fmt.Sprintf("%s: %s %s %v", f.Title, f.Unit, f.EntityValue, f.Series.Value))
			}
		}
	}
	slices.Sort(out)
	return out
}

// clock is the test's own: it runs, and can be set forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// correlating is a pipeline by the test's clock.
func (w *world) correlating(c *clock, spool Spool) *Pipeline {
	p := w.pipeline(spool)
	p.o.Now, p.tick = c.now, 10*time.Millisecond
	return p
}

// until runs the loop until the condition holds; it fails after 20 seconds.
func (w *world) until(p *Pipeline, what string, holds func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Errorf("in vain: %s", what)
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		w.t.Fatal(err)
	}
}

// settled holds when all is stored and the time that hits wait has passed.
func (w *world) settled(p *Pipeline, c *clock) {
	w.t.Helper()
	atMost := 10 * time.Second
	if _, ok := p.o.Spool.(forgetfulSpool); ok {
		atMost = time.Second // nothing is ever acknowledged
	}
	w.run(p, atMost)
	c.pass(time.Minute)
	start := c.now()
	w.until(p, "the time passes for correlations", func() bool {
		seen := p.caughtUp.Load()
		return seen != nil && seen.at.Sub(start) > 100*time.Millisecond
	})
}

func wantSeries(t *testing.T, w *world, want ...string) {
	t.Helper()
	if got := w.effects.series(); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestASeriesThatARestartCutsIsFoundOnce(t *testing.T) {
	w, c := newWorld(t), &clock{}
	w.rules.Store(rulesOf(t, evilRule, manyRule))
	w.put("so-y-te", said("x", 1), said("x", 2), said("y", 3))
	w.settled(w.correlating(c, forgetfulSpool{w.bus}), c)
	wantSeries(t, w)
	w.close()
	w.open()
	w.put("so-y-te", said("x", 4), said("y", 5))
	w.settled(w.correlating(c, nil), c)
	wantSeries(t, w, "Evil is said often: so-y-te x 3")
	w.close()
	w.open()
	w.put("so-y-te", said("x", 6), said("x", 7))
	w.settled(w.correlating(c, nil), c)
	wantSeries(t, w, "Evil is said often: so-y-te x 3")
	if _, _, findings := w.effects.sums(); findings != 8 {
		t.Errorf("%d findings, want those of 7 events and of one series", findings)
	}
}

func TestTwoUnitsAreNotOneSeries(t *testing.T) {
	w, c := newWorld(t), &clock{}
	w.rules.Store(rulesOf(t, evilRule, manyRule))
	w.put("so-y-te", said("x", 1), said("x", 2))
	w.put("so-noi-vu", said("x", 3), said("x", 4))
	w.settled(w.correlating(c, nil), c)
	wantSeries(t, w)
}

// What only waits for time to pass is found and committed while nothing comes.
func TestASeriesEndsWithoutAnotherEvent(t *testing.T) {
	w, c := newWorld(t), &clock{}
	w.rules.Store(rulesOf(t, evilRule, fewRule))
	w.put("u", said("x", 1), said("x", 2), said("y", 3))
	p := w.correlating(c, nil)
	w.run(p, 10*time.Second)
	wantSeries(t, w)
	w.close()
	w.open()
	p = w.correlating(c, nil)
	c.pass(2 * time.Minute)
	w.effects.fail.Store(2)
	w.until(p, "the series is found", func() bool { return len(w.effects.series()) > 0 })
	wantSeries(t, w, "Evil is said twice and no more: u x 2")
	w.close()
	w.open()
	w.settled(w.correlating(c, nil), c)
	wantSeries(t, w, "Evil is said twice and no more: u x 2")
}

// The commit of the third event never succeeds in the first run.
func TestASeriesWhoseCommitFailedIsFoundByTheNextRun(t *testing.T) {
	for _, again := range []string{"the same pipeline", "another process"} {
		t.Run(again, func(t *testing.T) {
			w, c := newWorld(t), &clock{}
			w.rules.Store(rulesOf(t, evilRule, manyRule))
			w.put("u", said("x", 1), said("x", 2))
			p := w.correlating(c, nil)
			w.settled(p, c)
			w.effects.fail.Store(1 << 30)
			w.put("u", said("x", 3))
			c.pass(time.Minute)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(300*time.Millisecond, cancel)
			if err := p.Run(ctx); err != nil {
				t.Fatal(err)
			}
			wantSeries(t, w)
			w.effects.fail.Store(0)
			if again == "another process" {
				w.close()
				w.open()
				p = w.correlating(c, nil)
			} else {
				w.close()
				w.open()
				p.o.Spool, p.o.Store, p.o.DB, p.journal = w.bus, w.lake, w.db, journal{w.db}
			}
			w.settled(p, c)
			wantSeries(t, w, "Evil is said often: u x 3")
		})
	}
}

// doubtfulStore commits and says that it did not, as a connection does that
// breaks at the wrong moment.
type doubtfulStore struct {
	*lake.Lake
	lies atomic.Int32
}

func (s *doubtfulStore) Commit(ctx context.Context, seg *lake.Segment, blocks []lake.Block, inTx func(context.Context, bun.Tx) error) error {
	err := s.Lake.Commit(ctx, seg, blocks, inTx)
	if err == nil && s.lies.Add(-1) >= 0 {
		return errors.New("injected")
	}
	return err
}

func TestACommitThatTookPlaceAfterAllIsNotRepeated(t *testing.T) {
	w, c := newWorld(t), &clock{}
	w.rules.Store(rulesOf(t, evilRule, manyRule, fewRule))
	p := w.correlating(c, nil)
	store := &doubtfulStore{Lake: w.lake}
	p.o.Store = store
	store.lies.Store(1 << 30)
	w.put("u", said("x", 1), said("x", 2), said("x", 3), said("y", 4), said("y", 5))
	w.run(p, 10*time.Second)
	c.pass(2 * time.Minute)
	w.until(p, "the series that wait are found", func() bool { return len(w.effects.series()) == 2 })
	wantSeries(t, w, "Evil is said often: u x 3", "Evil is said twice and no more: u y 2")
	if a := w.effects.applied.Load(); a != int32(len(w.effects.committed)) {
		t.Errorf("applied %d times, committed %d", a, len(w.effects.committed))
	}
}

// Rules that stay the same keep what they gathered; others start afresh.
func TestAReloadKeepsTheSeriesOfUnchangedRules(t *testing.T) {
	w, c := newWorld(t), &clock{}
	w.rules.Store(rulesOf(t, evilRule, manyRule))
	w.put("u", said("x", 1), said("x", 2))
	p := w.correlating(c, nil)
	w.settled(p, c)
	w.rules.Store(rulesOf(t, evilRule, fewRule, manyRule))
	w.put("u", said("x", 3))
	w.settled(p, c)
	wantSeries(t, w, "Evil is said often: u x 3")
	w.put("u", said("x", 4), said("x", 5))
	w.settled(p, c)
	w.close()
	w.open()
	c.pass(2 * time.Minute)
	w.put("u", said("z", 6))
	p = w.correlating(c, nil)
	w.settled(p, c)
	w.until(p, "the series that waits is found", func() bool { return len(w.effects.series()) == 2 })
	wantSeries(t, w, "Evil is said often: u x 3", "Evil is said twice and no more: u x 2")
}

func TestADamagedJournalStopsNothing(t *testing.T) {
	w, c := newWorld(t), &clock{}
	w.rules.Store(rulesOf(t, evilRule, manyRule))
	w.put("u", said("x", 1), said("x", 2))
	w.settled(w.correlating(c, nil), c)
	if _, err := w.db.ExecContext(t.Context(), "UPDATE correlation_journal SET body = 'x'"); err != nil {
		t.Fatal(err)
	}
	w.put("u", said("x", 3), said("x", 4), said("x", 5))
	w.settled(w.correlating(c, nil), c)
	wantSeries(t, w, "Evil is said often: u x 3")
	if n := w.count(""); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
}

// Any sequence of hits, crashes before and after the commit, restarts and times
// at which nothing comes finds what a run without any of them finds.
func TestAnyCrashFindsTheSame(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		if err := sqldb.Migrate(t.Context(), db, "pipeline", Migrations); err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(5) {
			if _, err := db.ExecContext(t.Context(), "DELETE FROM correlation_journal"); err != nil {
				t.Fatal(err)
			}
			anyCrash(t, db, seed)
		}
	})
}

func anyCrash(t *testing.T, db *bun.DB, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	p := New(Options{DB: db, Store: noStore{}, Rules: new(atomic.Pointer[detect.Set]), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	p.o.Rules.Store(rulesOf(t, evilRule, manyRule, fewRule))
	k, calm := p.restore(t.Context()), p.o.Rules.Load().NewCorrelator(detect.CorrelatorOptions{})
	var got, want []string
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var passed time.Time // without an entry: a crash forgets that it did
	crash := func() { k, passed = p.restore(t.Context()), time.Time{} }
	for n := range 80 {
		now = now.Add(time.Duration(random.IntN(20_000)) * time.Millisecond)
		l := newLoad(nil)
		for i := range random.IntN(4) {
			l.hits = append(l.hits, detect.Hit{
				RuleID: "11111111-2222-4333-8444-555555555555", Unit: event.UnitID("u" + fmt.Sprint(random.IntN(2))), Sender: "s",
				Time: now.Add(-time.Duration(random.IntN(30_000)) * time.Millisecond), Received: now,
				Fields: []sigma.Field{{Name: "who", Value: fmt.Sprint(random.IntN(3))}}, Ref: fmt.Sprint(n, ".", i),
			})
			l.newest = now
		}
		idle := len(l.hits) == 0
		hits := l.hits
		for attempt := 0; ; attempt++ {
			l = newLoad(nil)
			if idle {
				p.caughtUp.Store(&caughtUp{at: now, blocks: k.blocks})
				if l = k.idle(); l == nil {
					passed = now
					break
				}
			} else {
				l.hits, l.newest = hits, now
				k.take(l)
			}
			if attempt < 3 && random.IntN(4) == 0 { // killed before the commit
				crash()
				continue
			}
			if l.entry != nil {
				err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error { return p.journal.append(ctx, tx, l.entry) })
				if err != nil {
					t.Fatal(err)
				}
			}
			got = append(got, keysOf(l.effect.Findings)...)
			if !passed.IsZero() {
				want = append(want, keysOf(calm.Advance(passed))...)
			}
			for i := range hits {
				want = append(want, keysOf(calm.Observe(&hits[i]))...)
			}
			want = append(want, keysOf(calm.Advance(now))...)
			passed = time.Time{}
			if random.IntN(4) == 0 { // killed after it
				crash()
				break
			}
			k.committed(l)
			k.renew = k.renew || random.IntN(10) == 0
			break
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d, step %d: found\n%q, want\n%q", seed, n, got[max(0, len(got)-3):], want[max(0, len(want)-3):])
		}
	}
	if len(want) < 20 {
		t.Errorf("only %d series", len(want))
	}
}

type noStore struct{ Store }

func (noStore) NewSegment() *lake.Segment { return nil }

func keysOf(found []detect.Finding) (out []string) {
	for _, f := range found {
		if f.Series != nil {
			out = append(out, f.RuleID[:1]+" "+f.Series.Key+" "+fmt.Sprint(f.Series.Events))
		}
	}
	return out
}

func (e *effectLog) excluded(id string) (n int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, b := range e.committed {
		n += b.Excluded[id].Hits
	}
	return n
}

func TestWhatAnExclusionLeavesOutIsCountedAndNotFound(t *testing.T) {
	w := newWorld(t)
	const filter = "title: Ann may\nlogsource: {product: test}\nfilter:\n  rules: [11111111-2222-4333-8444-555555555555]\n  selection: {who: ann}\n  condition: not selection\n"
	const group = "title: Bob may\nlogsource: {product: lachan, category: correlation}\nfilter:\n  rules: [22222222-2222-4333-8444-555555555555]\n  selection: {who: bob}\n  condition: not selection\n"
	set, problems := rulesOf(t, evilRule, manyRule).Excluding([]detect.Exclusion{
		{ID: "x1", Filter: []byte(filter), Units: map[event.UnitID]bool{"so-y-te": true}}, {ID: "x2", Filter: []byte(group)},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	w.rules.Store(set)
	var lines []string
	for n := range 3 {
		lines = append(lines, said("ann", n), said("bob", n), said("eve", n))
	}
	w.put("so-y-te", lines...)
	w.put("so-noi-vu", lines...)
	p := w.pipeline(nil)
	w.until(p, "all is processed", func() bool { events, _, _ := w.effects.sums(); return events == 18 && len(w.effects.series()) == 3 })
	if n := w.effects.excluded("x1"); n != 3 {
		t.Errorf("%d hits were left out, want 3", n)
	}
	if n := w.effects.excluded("x2"); n != 2 {
		t.Errorf("%d series were left out, want 2", n)
	}
	want := []string{"Evil is said often: so-noi-vu ann 3", "Evil is said often: so-noi-vu eve 3", "Evil is said often: so-y-te eve 3"}
	if got := w.effects.series(); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if n := w.count("rule:11111111-2222-4333-8444-555555555555"); n != 15 {
		t.Errorf("%d events carry the rule, want 15", n)
	}
}
