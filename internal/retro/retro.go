// Package retro runs rules and lists of indicators over the events that are
// stored: what would have fired in the last month, had the rule been there?
//
// [Run] answers in two steps. A condition that every event of interest meets is
// worked out from the rules (plan.go, on [sigma.Sieve]) or from the list, and the
// lake finds the events that meet it, reading only the columns it asks about. Then
// each of them is parsed again from its raw record and shown to the rules, by the
// same code and under the same log source mapping as when events arrive
// (decide.go). So the answer is that of live detection on the same events: the
// condition may let too much through but never too little, which the tests of this
// package hold to it. The ids of rules stored with an event are not looked at,
// since rules change.
//
// Fields are found where the parser put them when the event arrived. An event that
// today's parser takes for another format is judged by the fields stored.
//
// Correlation rules see what their parts found, in the order of the events' times
// (series.go). What was found is counted as it comes (tally.go), so memory is
// bounded by what is kept and not by what is found: [MaxHits] for correlations, a
// few newest events as samples.
//
// Start reading at Run.
package retro

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
)

// Store is where events are kept; *lake.Lake is one.
type Store interface {
	// Scan calls each with every matching row, in no order, one at a time; a row is
	// each's to keep.
	Scan(ctx context.Context, sc lake.Scope, s lake.Search, want lake.Want, each func(*lake.Row) error) (lake.Stats, error)
	// Event returns one event; fault.NotFound if there is none in the scope.
	Event(ctx context.Context, sc lake.Scope, id event.ID) (*lake.Row, error)
	// Extent says between which times a scan of the range will find events and how
	// many at most it will look at, without looking.
	Extent(sc lake.Scope, from, to time.Time) (first, last time.Time, events int64)
}

// Options say what to look for: Rules or Indicators.
type Options struct {
	Rules *detect.Set
	// Wanted picks the rules whose findings count; nil: all of Rules but the silent.
	Wanted     func(*detect.Rule) bool
	Indicators *Indicators

	Scope    lake.Scope
	From, To time.Time      // of events: From <= time < To; zero: no bound
	Zone     *time.Location // of days; nil: UTC
	Samples  int            // how many of the newest findings are kept
	Workers  int            // 0: one a core
	Within   time.Duration  // how long the run may take; 0: an hour
	MaxHits  int            // that wait for correlation rules; 0: MaxHits
	// Found is called with each event found, by one goroutine at a time; nil is
	// allowed. The finding is its to keep. An error ends the run.
	Found func(*Finding) error
	// Progress is called now and then with how far the run is, by one goroutine at
	// a time; nil is allowed.
	Progress func(Progress)
}

// Progress says how far a run is.
type Progress struct {
	Share      float64 // of the work, from 0 to 1
	Candidates int64   // events looked at closely
	Findings   int64
}

// Finding is one event and what was found in it, or a series of events.
type Finding struct {
	Row        *lake.Row    // of a series, nil
	Event      *event.Event // of Row, as the rules saw it
	Rules      []*detect.Rule
	Indicators []IndicatorHit
	Series     *detect.Finding // of a correlation rule, which Rules then names

	groups []uint64 // the alerts it would be part of
}

// At returns when it happened: of a series, its last event.
func (f *Finding) At() time.Time {
	if f.Series != nil {
		return f.Series.Time
	}
	return f.Row.Time
}

// Result is what a run found.
type Result struct {
	Tally
	First, Last time.Time // of the events there are in the range
	Scanned     int64     // events that were searched
	Candidates  int64     // of them, that were looked at closely
	Took        time.Duration
	Warnings    []string // what is missing from the answer, for people
}

// Run looks for what o says among the events of the store. It returns early only
// if ctx ends, if the store fails or if Found does, with what was found until
// then. Errors: Invalid for options without anything to look for, and the store's.
func Run(ctx context.Context, store Store, o Options) (*Result, error) {
	if o.Rules == nil && o.Indicators == nil {
		return nil, fault.New(fault.Invalid, "neither rules nor indicators to look for")
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxHits <= 0 {
		o.MaxHits = MaxHits
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Within <= 0 {
		o.Within = time.Hour
	}
	begun := time.Now()
	r := &run{o: &o, store: store, plan: newPlan(&o), tally: newTally(&o)}
	out := &Result{}
	out.First, out.Last, out.Scanned = store.Extent(o.Scope, o.From, o.To)
	err := r.scan(ctx, out)
	if err == nil {
		err = r.correlate()
	}
	out.Tally = r.tally.result(out.First, out.Last)
	out.Candidates = r.candidates
	out.Took = time.Since(begun)
	return out, err
}

// batchRows is how many rows go to a worker at a time.
const batchRows = 64

// scan lets the store find candidates and hands them to the workers.
func (r *run) scan(ctx context.Context, out *Result) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan []*lake.Row, 2*r.o.Workers)
	var workers sync.WaitGroup
	for range r.o.Workers {
		workers.Go(func() {
			d := newDecider(r)
			for rows := range batches {
				if err := r.batch(ctx, d, rows); err != nil {
					cancel(err)
				}
			}
		})
	}
	var batch []*lake.Row
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case batches <- batch:
			batch = nil
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	want := lake.Want{Raw: true, Core: true, Fields: []string{}, Within: r.o.Within, Passed: r.passed(out.Scanned)}
	stats, err := r.store.Scan(ctx, r.o.Scope, lake.Search{Query: r.plan.query, From: r.o.From, To: r.o.To}, want, func(row *lake.Row) error {
		if batch = append(batch, row); len(batch) < batchRows {
			return nil
		}
		return send()
	})
	err = errors.Join(err, send())
	close(batches)
	workers.Wait()
	out.Warnings = stats.Warnings
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// progressEvery is how often progress is told at most.
const progressEvery = 100 * time.Millisecond

// passed returns what tells progress while of all rows some are done with.
func (r *run) passed(all int64) func(rows int64) {
	if r.o.Progress == nil {
		return nil
	}
	done, told := int64(0), time.Time{}
	return func(rows int64) {
		done += rows
		if time.Since(told) < progressEvery {
			return
		}
		told = time.Now()
		r.mu.Lock()
		p := Progress{Share: min(float64(done)/float64(max(all, 1)), 1), Candidates: r.candidates, Findings: r.tally.findings}
		r.mu.Unlock()
		r.o.Progress(p)
	}
}
