package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/lake"
)

const (
	fetchBlocks  = 16
	fetchWait    = 200 * time.Millisecond
	retryFirst   = 100 * time.Millisecond
	retryLongest = 5 * time.Second
	tick         = time.Second // of the commit loop while nothing comes
	// drainGrace bounds the last commit after the context has ended. What does
	// not make it is still in the spool and is processed at the next start.
	drainGrace = 2 * time.Second
)

// Run processes blocks until ctx ends, then commits what it has taken up and
// returns nil. A failing commit is retried until it succeeds; Run returns an
// error only where the spool itself cannot be read any more.
func (p *Pipeline) Run(ctx context.Context) error {
	// Parsing, filling and committing go on after ctx has ended, until what was
	// fetched is through or the grace is over.
	drain, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(drainGrace, cancel) })
	defer stop()

	correlated := p.restore(ctx)
	if correlated == nil {
		return nil
	}
	p.caughtUp.Store(nil)
	seen := newDelivery()
	work := make(chan *job, p.o.Config.Workers)
	ordered := make(chan *job, 2*p.o.Config.Workers)
	free := make(chan *job, cap(ordered)+p.o.Config.Workers+1)
	full := make(chan *load)
	empty := make(chan *load, 2)
	for range cap(empty) {
		empty <- newLoad(p.o.Store.NewSegment())
	}

	var wg sync.WaitGroup
	for range p.o.Config.Workers {
		w := &worker{p: p, parser: p.newParser()}
		wg.Go(func() { w.run(work) })
	}
	wg.Go(func() { p.fillLoop(ordered, free, empty, full) })
	wg.Go(func() { p.commitLoop(drain, seen, correlated, full, empty) })
	err := p.fetchLoop(ctx, seen, work, ordered, free)
	close(work)
	close(ordered)
	wg.Wait()
	return err
}

// fetchLoop hands blocks to the workers and, in the same order, to the filler.
func (p *Pipeline) fetchLoop(ctx context.Context, seen *delivery, work, ordered chan<- *job, free <-chan *job) error {
	pause := retryFirst
	fetched := uint64(0)
	book := relayedBook{}
	for ctx.Err() == nil {
		asked := p.o.Now()
		blocks, err := p.o.Spool.Fetch(ctx, fetchBlocks, fetchWait)
		if err != nil && ctx.Err() == nil {
			p.metrics.errors.WithLabelValues("fetch").Inc()
			p.o.Log.Error("cannot read the spool; trying again", "error", err, "after", pause)
			if !wait(ctx, pause) {
				return nil
			}
			pause = min(2*pause, retryLongest)
			continue
		}
		pause = retryFirst
		if len(blocks) == 0 && err == nil {
			p.caughtUp.Store(&caughtUp{at: asked, blocks: fetched})
		}
		for _, b := range blocks {
			v, ok := p.judge(ctx, seen, b.Seq)
			if !ok {
				return nil // ctx ended: the block is delivered again
			}
			if v == inFlight {
				b.Release()
				continue
			}
			var j *job
			select {
			case j = <-free:
			default:
				j = &job{}
			}
			j.block, j.n, j.hits, j.series, j.left, j.relayed, j.done = b, 0, j.hits[:0], nil, j.left[:0], nil, make(chan struct{})
			j.stored = v == isStored
			if !j.stored {
				if j.relayed, ok = p.strip(ctx, book, b); !ok {
					return nil
				}
			}
			fetched++
			ordered <- j
			if j.stored || b.Err != nil {
				close(j.done)
			} else {
				work <- j
			}
		}
	}
	return nil
}

// delivery tells blocks that are new from those delivered again.
type delivery struct {
	// The fetch loop's own.
	highest uint64 // taken up in this run
	known   map[uint64]bool
	knownTo uint64

	mu    sync.Mutex
	taken map[uint64]bool // taken up and not committed yet
}

func newDelivery() *delivery { return &delivery{taken: map[uint64]bool{}} }

// committed forgets blocks that the lake knows from now on.
func (d *delivery) committed(blocks []*bus.Block) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range blocks {
		delete(d.taken, b.Seq)
	}
}

func (d *delivery) isTaken(seq uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.taken[seq]
}

func (d *delivery) take(seq uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken[seq] = true
}

type verdict uint8

const (
	isNew    verdict = iota
	isStored         // registered: needs only its acknowledgement
	inFlight         // taken up already in this run, not committed yet
)

// lookAhead is how many sequences one look-up covers.
const lookAhead = 4096

// judge decides about one delivered block; false if ctx ended first. What is
// neither taken up nor known to the lake is new. Nothing is concluded from the
// order: a block may come late, behind others that were stored long ago. The
// look-up comes after the look at what is taken up, since a commit moves blocks
// from there into the lake.
func (p *Pipeline) judge(ctx context.Context, d *delivery, seq uint64) (verdict, bool) {
	if d.isTaken(seq) {
		return inFlight, true
	}
	if seq <= d.highest || seq > d.knownTo {
		known, ok := p.registered(ctx, seq, seq+lookAhead)
		if !ok {
			return isNew, false
		}
		d.known, d.knownTo = known, seq+lookAhead
	}
	d.highest = max(d.highest, seq)
	if d.known[seq] {
		return isStored, true
	}
	d.take(seq)
	return isNew, true
}

// registered asks the lake until it answers; false if ctx ended first.
func (p *Pipeline) registered(ctx context.Context, from, to uint64) (map[uint64]bool, bool) {
	for pause := retryFirst; ; pause = min(2*pause, retryLongest) {
		known, err := p.o.Store.Registered(ctx, p.o.Spool.Stream(), from, to)
		if err == nil {
			return known, true
		}
		p.metrics.errors.WithLabelValues("registered").Inc()
		p.o.Log.Error("cannot read which blocks are stored; trying again", "error", err, "after", pause)
		if !wait(ctx, pause) {
			return nil, false
		}
	}
}

// fillLoop puts finished jobs into the segment under way, in order, and passes it
// on when it is old or large enough.
func (p *Pipeline) fillLoop(ordered <-chan *job, free chan<- *job, empty <-chan *load, full chan<- *load) {
	defer close(full)
	l := <-empty
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	flush := func() {
		if l.empty() {
			return
		}
		l.finish()
		full <- l
		l = <-empty
	}
	for {
		select {
		case j, open := <-ordered:
			if !open {
				flush()
				return
			}
			<-j.done
			if l.empty() {
				timer.Reset(p.o.Config.FlushInterval)
			}
			p.take(l, j)
			select {
			case free <- j:
			default:
			}
			if l.segment.Len() >= p.o.Config.FlushEvents || l.segment.Bytes() >= p.o.Config.FlushBytes {
				flush()
			}
		case <-timer.C:
			flush()
		}
	}
}

func (p *Pipeline) take(l *load, j *job) {
	now := p.o.Now()
	switch {
	case j.stored:
		p.metrics.skipped.Inc()
		l.skip(j.block, now)
	case j.block.Err != nil:
		p.metrics.errors.WithLabelValues("block").Inc()
		p.o.Log.Error("a block in the spool cannot be read; its events are lost", "sequence", j.block.Seq, "error", j.block.Err)
		// Registered as empty: whoever waits for it gets an answer.
		l.skip(j.block, now)
		l.stored = append(l.stored, lake.Block{Stream: p.o.Spool.Stream(), Seq: j.block.Seq})
	default:
		l.add(j, p.o.Spool.Stream(), now)
	}
	j.block.Release()
	j.block = nil
	j.rest()
}

// commitLoop commits loads in order and acknowledges their blocks. What happens
// between the events of several loads is found here, since here all is in order;
// while nothing comes, time passes for it. What cannot be
// acknowledged, because the spool is being restarted for instance, is tried again
// with the next load or after a while: the spool never delivers it again while
// this process lives, and could not be trimmed.
func (p *Pipeline) commitLoop(ctx context.Context, seen *delivery, k *correlation, full <-chan *load, empty chan<- *load) {
	var owed []*bus.Block
	retry := time.NewTicker(p.tick)
	defer retry.Stop()
	for {
		select {
		case l, open := <-full:
			if !open {
				p.acknowledge(owed)
				return
			}
			k.take(l)
			if p.commit(ctx, l) {
				k.committed(l)
				seen.committed(l.blocks)
				owed = append(owed, l.blocks...)
			}
			l.reset()
			empty <- l
		case <-retry.C:
			if l := k.idle(); l != nil && p.commit(ctx, l) {
				k.committed(l)
			}
		}
		owed = p.acknowledge(owed)
	}
}

// acknowledge returns the blocks that are still to be acknowledged.
func (p *Pipeline) acknowledge(blocks []*bus.Block) []*bus.Block {
	if len(blocks) == 0 {
		return nil
	}
	if err := p.o.Spool.Ack(blocks); err != nil {
		p.metrics.errors.WithLabelValues("ack").Inc()
		p.o.Log.Warn("cannot acknowledge stored blocks; trying again", "blocks", len(blocks), "error", err)
		return blocks
	}
	return nil
}

// commit makes l durable and visible. It tries until it succeeds or ctx ends;
// then it says false, and the blocks are left to be delivered again.
func (p *Pipeline) commit(ctx context.Context, l *load) bool {
	start := p.o.Now()
	for pause := retryFirst; l.segment.Len() > 0 || len(l.stored) > 0 || l.entry != nil; pause = min(2*pause, retryLongest) {
		err := p.o.Store.Commit(ctx, l.segment, l.stored, func(ctx context.Context, tx bun.Tx) error {
			if l.entry != nil {
				if err := p.journal.append(ctx, tx, l.entry); err != nil {
					return err
				}
			}
			if len(l.relayed) > 0 {
				if err := writeRelayed(ctx, tx, l.relayed, p.o.Now()); err != nil {
					return fmt.Errorf("relayed blocks: %w", err)
				}
			}
			return p.o.Effects.Apply(ctx, tx, &l.effect)
		})
		if err == nil {
			break
		}
		p.metrics.errors.WithLabelValues("commit").Inc()
		if ctx.Err() == nil && p.committedAfterAll(ctx, l) {
			break
		}
		p.o.Log.Error("cannot commit a segment; nothing is lost, trying again", "events", l.segment.Len(), "error", err, "after", pause)
		if !wait(ctx, pause) {
			p.o.Log.Warn("stopped before the last segment could be committed; it is processed at the next start", "events", l.segment.Len())
			return false
		}
	}
	p.o.Effects.Committed(&l.effect)
	p.metrics.events.Add(float64(l.effect.Events))
	p.metrics.unparsed.Add(float64(l.effect.Unparsed))
	p.metrics.findings.Add(float64(len(l.effect.Findings)))
	for _, x := range l.effect.Excluded {
		p.metrics.excluded.Add(float64(x.Hits))
	}
	p.metrics.commitSeconds.Observe(p.o.Now().Sub(start).Seconds())
	if !l.newest.IsZero() {
		lag := max(0, p.o.Now().Sub(l.newest))
		p.lag.Store(int64(lag))
		p.metrics.lagSeconds.Set(lag.Seconds())
	}
	return true
}

// committedAfterAll finds out whether a commit that reported an error took place
// all the same, as it can when a connection breaks at the wrong moment.
func (p *Pipeline) committedAfterAll(ctx context.Context, l *load) bool {
	if len(l.stored) == 0 {
		if l.entry == nil {
			return false
		}
		known, err := p.journal.has(ctx, l.entry.seq)
		return err == nil && known
	}
	first, last := l.stored[0].Seq, l.stored[0].Seq
	for _, b := range l.stored {
		first, last = min(first, b.Seq), max(last, b.Seq)
	}
	known, err := p.o.Store.Registered(ctx, p.o.Spool.Stream(), first, last)
	if err != nil {
		return false
	}
	// A commit registers all or none; anything else is not this commit.
	for _, b := range l.stored {
		if !known[b.Seq] {
			return false
		}
	}
	return true
}

// wait waits for d, and tells whether ctx lasted so long.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
