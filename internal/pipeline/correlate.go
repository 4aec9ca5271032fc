package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
)

// correlation is the correlator of the commit loop, and how its state is kept.
//
// The correlator does the same again when it is given the same again. So each
// commit that gives it something writes that into a journal, in its own
// transaction, beside the alerts that came of it; at the start the journal is
// given to a fresh correlator, and what that finds was recorded before. Whatever
// the moment of a crash, alerts and state agree: a block whose commit did not
// happen comes again and is given again, one whose commit did is skipped. From
// time to time the whole state takes the place of the journal so far.
//
// A load is given to the correlator once, before its first attempt to commit; the
// attempts repeat until one succeeds. Where none does before the end, the state
// in memory is ahead of the stored one, and is thrown away with the run.
//
// See docs/decisions/004-correlation-state.md for what was not done.
type correlation struct {
	p        *Pipeline
	c        *detect.Correlator
	seq      int64     // of the newest committed entry
	since    int       // bytes of the entries since the last whole state
	whole    int       // bytes of the last whole state
	renew    bool      // the next entry must be a whole state
	advanced time.Time // what the correlator knows of the time
	blocks   uint64    // committed in this run
	told     detect.CorrelatorStats
}

// A whole state is written when the journal has grown to several times its size.
const (
	journalBytes  = 1 << 20
	journalFactor = 4
)

// restore makes the correlation as it was committed last. It asks the database
// until it answers; nil if ctx ended first. A journal that cannot be read costs
// what was gathered, and not the events that are still to come.
func (p *Pipeline) restore(ctx context.Context) *correlation {
	for pause := retryFirst; ; pause = min(2*pause, retryLongest) {
		k := &correlation{p: p, c: p.o.Rules.Load().NewCorrelator(detect.CorrelatorOptions{})}
		var err error
		if k.seq, err = p.journal.last(ctx); err == nil {
			var damaged error
			err = p.journal.read(ctx, func(e *entry) error {
				if damaged == nil {
					damaged = k.replay(e)
				}
				return nil
			})
			if err == nil && damaged != nil {
				p.metrics.errors.WithLabelValues("correlation").Inc()
				p.o.Log.Error("the journal of the correlations is damaged; series that were under way start afresh", "error", damaged)
				k.c, k.renew = k.c.Set().NewCorrelator(detect.CorrelatorOptions{}), true
			}
		}
		if err == nil {
			k.told = k.c.Stats() // counted when it happened
			k.tell()
			return k
		}
		p.metrics.errors.WithLabelValues("correlation").Inc()
		p.o.Log.Error("cannot read the journal of the correlations; trying again", "error", err, "after", pause)
		if !wait(ctx, pause) {
			return nil
		}
	}
}

// replay gives an entry to the correlator. What it finds is recorded already.
func (k *correlation) replay(e *entry) error {
	if e.whole {
		state, err := unpack(e.body)
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.seq, err)
		}
		k.whole, k.since = len(e.body), 0
		return k.c.Restore(state)
	}
	g, err := unpackGiven(e.body)
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.seq, err)
	}
	k.since += len(e.body)
	k.give(&g)
	k.c.Excluded()
	k.advanced = g.After
	return nil
}

// give shows the correlator what there is, in order.
func (k *correlation) give(g *given) (found []detect.Finding) {
	if !g.Before.IsZero() {
		found = append(found, k.c.Advance(g.Before)...)
	}
	for i := range g.Hits {
		found = append(found, k.c.Observe(&g.Hits[i])...)
	}
	if !g.After.IsZero() {
		found = append(found, k.c.Advance(g.After)...)
	}
	return found
}

// take gives the hits of a load to the correlator, adds what it finds to the
// load's effect and what it was given to the load's transaction.
func (k *correlation) take(l *load) {
	k.reload()
	k.add(l, &given{Before: k.advanced, Hits: l.hits, After: later(k.advanced, l.newest)})
}

// idle lets the time pass for series that only wait for it, while nothing comes.
// It returns what that finds as a load of its own, or nil.
func (k *correlation) idle() *load {
	seen := k.p.caughtUp.Load()
	if seen == nil || seen.blocks != k.blocks || !seen.at.After(k.advanced) {
		return nil // what came before that moment is not all here yet
	}
	k.reload()
	l := newLoad(nil)
	k.add(l, &given{Before: k.advanced, After: seen.at})
	if l.entry == nil {
		return nil
	}
	l.segment = k.p.o.Store.NewSegment()
	return l
}

// add notes nothing where time passed and nothing came of it: the next entry says
// it again, and two steps forward are as good as one.
func (k *correlation) add(l *load, g *given) {
	before := len(l.effect.Findings)
	for _, f := range k.give(g) {
		if rule := k.c.Set().Rule(f.RuleID); rule == nil || rule.Tells(f.Unit) {
			l.effect.Findings = append(l.effect.Findings, f)
		}
	}
	left := k.c.Excluded()
	l.effect.exclude(left)
	k.advanced = g.After
	if len(g.Hits) > 0 || len(l.effect.Findings) > before || len(left) > 0 || k.renew && k.seq > 0 {
		l.entry = k.entry(g)
	}
	k.tell()
}

func (k *correlation) entry(g *given) *entry {
	e := &entry{seq: k.seq + 1}
	var err error
	if k.renew || k.since > max(journalBytes, journalFactor*k.whole) {
		var state []byte
		if state, err = k.c.Snapshot(); err == nil {
			e.whole, e.body = true, pack(state)
			return e
		}
	}
	if e.body, err = g.pack(); err != nil {
		panic(err) // texts, numbers and times of this century
	}
	return e
}

// committed notes that a load is stored.
func (k *correlation) committed(l *load) {
	k.blocks += uint64(len(l.blocks))
	e := l.entry
	if e == nil {
		return
	}
	k.seq = e.seq
	if e.whole {
		k.whole, k.since, k.renew = len(e.body), 0, false
	} else {
		k.since += len(e.body)
	}
}

// reload goes over to the rules in force. The state is stored whole then, since
// the new rules would make something else of what the old ones were given.
func (k *correlation) reload() {
	set := k.p.o.Rules.Load()
	if set == k.c.Set() {
		return
	}
	k.renew = true
	if err := k.c.Carry(set); err != nil {
		k.p.metrics.errors.WithLabelValues("correlation").Inc()
		k.p.o.Log.Error("the state of the correlations cannot be taken over by the new rules; series that were under way start afresh", "error", err)
		k.c = set.NewCorrelator(detect.CorrelatorOptions{})
		k.told = detect.CorrelatorStats{}
	}
}

// tell brings the metrics up to date.
func (k *correlation) tell() {
	m, s, was := k.p.metrics, k.c.Stats(), k.told
	m.correlationHeld.WithLabelValues("groups").Set(float64(s.Groups))
	m.correlationHeld.WithLabelValues("events").Set(float64(s.Events))
	m.correlationHeld.WithLabelValues("waiting").Set(float64(s.Pending))
	m.correlationHeld.WithLabelValues("lanes").Set(float64(s.Lanes))
	m.correlationLost.WithLabelValues("evicted").Add(float64(s.Evicted - was.Evicted))
	m.correlationLost.WithLabelValues("late").Add(float64(s.Late - was.Late))
	m.correlationLost.WithLabelValues("no_field").Add(float64(s.Ungrouped - was.Ungrouped))
	m.correlationLost.WithLabelValues("truncated").Add(float64(s.Truncated - was.Truncated))
	m.correlationShifted.Add(float64(s.Shifted - was.Shifted))
	k.told = s
}

// caughtUp is a moment before which everything that had come was fetched.
type caughtUp struct {
	at     time.Time
	blocks uint64 // fetched until then, in this run
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
