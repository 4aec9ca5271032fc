package relay

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Store is the relay's own spool.
type Store interface {
	Next(ctx context.Context, from uint64) (bus.Stored, error)
	Remove(ctx context.Context, seqs []uint64) error
	Contents(ctx context.Context) (bus.Contents, error)
}

// Sender takes blocks to the centre. A [Link] is one.
type Sender interface {
	Send(ctx context.Context, r *Report, blocks []Block) (Answer, error)
}

// Options are what New needs.
type Options struct {
	Config  Config
	Store   Store
	Link    Sender // nil: no centre is configured
	Dir     string // for gaps that are not reported yet, and blocks the centre refused
	Version string
	Host    string
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: not registered
	Now     func() time.Time
}

const (
	laneLive    = "live"
	laneBacklog = "backlog"

	// gather is how long the live lane lets blocks come together between requests.
	gather = 100 * time.Millisecond
	// liveAge is what may wait at most for the live lane to take it: what is older
	// as the link comes up belongs to the backlog.
	liveAge = 10 * time.Second
	// lateLive is when live events wait so long that the backlog gives way.
	lateLive = 2 * time.Second

	firstPause   = time.Second
	longestPause = 15 * time.Second
	removeEvery  = 500 * time.Millisecond
	removeAt     = 512 // blocks that wait for it

	// A request takes about requestTime at the pace of the last ones.
	requestTime  = 3 * time.Second
	leastRequest = 64 << 10
	firstRequest = 256 << 10
	mostRequest  = 4 << 20
	mostBlocks   = 256

	// soon is how many requests may hold up what is new: no more than that waits, and
	// the live lane sends it itself, in order.
	soon = 2

	// leastShare is what of the time is left to the backlog however busy all are.
	leastShare = 0.05
	shareStep  = 0.02
)

// Forwarder sends what a spool holds to the centre.
type Forwarder struct {
	o       Options
	metrics *metrics
	gaps    *gapBook
	wake    chan struct{} // something was stored

	mu       sync.Mutex
	boundary uint64          // the backlog lane sends up to here, the live lane what is behind
	held     map[uint64]bool // on its way, or at the centre and not removed yet
	arrived  []uint64        // at the centre, to be removed
	share    float64
	refused  time.Time // when senders were last pushed back
	state    linkState
	drain    rate // of the backlog, bytes a second
	now      lastReport
}

// lastReport is what of the spool goes into reports; asked once a second.
type lastReport struct {
	at       time.Time
	contents bus.Contents
}

// New makes a forwarder; Run runs it.
func New(o Options) (*Forwarder, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	gaps, err := openGaps(o.Dir)
	if err != nil {
		return nil, err
	}
	return &Forwarder{o: o, metrics: newMetrics(o.Metrics), gaps: gaps, wake: make(chan struct{}, 1),
		held: map[uint64]bool{}, share: o.Config.CatchUp.Share}, nil
}

// Run sends until ctx ends. What is on its way then is finished or comes again.
func (f *Forwarder) Run(ctx context.Context) error {
	contents, ok := f.contents(ctx)
	if !ok {
		return nil
	}
	if contents.Bytes > soon*firstRequest {
		f.mu.Lock()
		f.boundary = contents.Last // what is there waited; what comes is live
		f.mu.Unlock()
	}
	var lanes sync.WaitGroup
	if f.o.Link != nil {
		lanes.Go(func() { f.live(ctx) })
		lanes.Go(func() { f.backlog(ctx) })
	}
	tick := time.NewTicker(removeEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
			f.remove(ctx)
			f.refresh(ctx)
		case <-ctx.Done():
		}
	}
	lanes.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	f.remove(last)
	return nil
}

// contents asks the spool until it answers; false if ctx ended first.
func (f *Forwarder) contents(ctx context.Context) (bus.Contents, bool) {
	for {
		c, err := f.o.Store.Contents(ctx)
		if err == nil {
			return c, true
		}
		f.o.Log.Warn("relay: cannot read the spool; trying again", "err", err)
		if !wait(ctx, firstPause) {
			return c, false
		}
	}
}

// batch is blocks of one lane on their way.
type batch struct {
	blocks []Block
	bytes  int64
	oldest time.Time // when the first of them was stored
	next   uint64    // where the lane goes on
}

// gather collects up to most bytes of blocks from the given number on, up to to,
// and marks them as on their way.
func (f *Forwarder) gather(ctx context.Context, from, to uint64, most int64) (batch, error) {
	b := batch{next: from}
	for len(b.blocks) < mostBlocks && b.next <= to {
		f.mu.Lock()
		s, err := f.o.Store.Next(ctx, b.next)
		if err != nil || s.Origin.Seq > to {
			f.mu.Unlock()
			if fault.KindOf(err) == fault.NotFound || err == nil {
				if err == nil {
					b.next = to + 1
				}
				return b, nil
			}
			if len(b.blocks) > 0 {
				return b, nil // the error comes again
			}
			return b, err
		}
		if f.held[s.Origin.Seq] {
			f.mu.Unlock()
			b.next = s.Origin.Seq + 1
			continue
		}
		if len(b.blocks) > 0 && b.bytes+int64(len(s.Block)) > most {
			f.mu.Unlock()
			return b, nil
		}
		f.held[s.Origin.Seq] = true
		f.mu.Unlock()
		if len(b.blocks) == 0 {
			b.oldest = s.At
		}
		b.blocks = append(b.blocks, Block{Origin: s.Origin, Block: s.Block})
		b.bytes += int64(len(s.Block))
		b.next = s.Origin.Seq + 1
	}
	return b, nil
}

// live sends what came in since the link came up, and speaks up when there is
// nothing. Where the link was down so long that many blocks wait, it leaves them to
// the backlog lane and goes on with what comes next.
func (f *Forwarder) live(ctx context.Context) {
	f.mu.Lock()
	from := f.boundary + 1
	f.mu.Unlock()
	pace := newPace()
	pause := firstPause
	contacted := time.Time{}
	for ctx.Err() == nil {
		b, err := f.gather(ctx, from, 1<<62, pace.request())
		if err != nil {
			if !wait(ctx, firstPause) {
				return
			}
			continue
		}
		if len(b.blocks) == 0 && f.o.Now().Sub(contacted) < f.o.Config.ContactEvery {
			select {
			case <-f.wake:
			case <-time.After(min(f.o.Config.ContactEvery, time.Second)):
			case <-ctx.Done():
			}
			continue
		}
		if len(b.blocks) > 0 && f.o.Now().Sub(b.oldest) > lateLive {
			f.giveWay()
		}
		ok := f.send(ctx, laneLive, b, pace)
		contacted = f.o.Now()
		if ok {
			from, pause = b.next, firstPause
			if !wait(ctx, gather) {
				return
			}
			continue
		}
		if !wait(ctx, jitter(max(pause, f.retryAfter()))) {
			return
		}
		pause = min(2*pause, longestPause)
		if len(b.blocks) > 0 && f.o.Now().Sub(b.oldest) > liveAge {
			from = f.handOver(ctx, from, soon*pace.request())
		}
	}
}

// handOver leaves what waits to the backlog lane, if that is more than little, and
// returns where the live lane goes on.
func (f *Forwarder) handOver(ctx context.Context, from uint64, little int64) uint64 {
	contents, err := f.o.Store.Contents(ctx)
	if err != nil || contents.Bytes <= little {
		return from
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.boundary = max(f.boundary, contents.Last)
	return f.boundary + 1
}

// backlog sends what waited, oldest first, a share of the time.
func (f *Forwarder) backlog(ctx context.Context) {
	pace := newPace()
	pause := firstPause
	from := uint64(1)
	for ctx.Err() == nil {
		f.mu.Lock()
		to := f.boundary
		f.mu.Unlock()
		if !f.up() {
			// The live lane finds out when the centre is there again.
			if !wait(ctx, gather) {
				return
			}
			continue
		}
		begun := time.Now()
		b, err := f.gather(ctx, from, to, pace.request())
		if err != nil || len(b.blocks) == 0 {
			if err == nil {
				from = b.next
			}
			f.setDrain(0)
			if !wait(ctx, removeEvery) {
				return
			}
			continue
		}
		if !f.send(ctx, laneBacklog, b, pace) {
			f.giveWay()
			if !wait(ctx, jitter(max(pause, f.retryAfter()))) {
				return
			}
			pause = min(2*pause, longestPause)
			continue
		}
		from, pause = b.next, firstPause
		busy := time.Since(begun)
		rest := f.rest(busy, b.bytes)
		f.setDrain(float64(b.bytes) / max(busy+rest, time.Millisecond).Seconds())
		if !wait(ctx, rest) {
			return
		}
	}
}

// rest is how long the backlog lane keeps still after sending for busy.
func (f *Forwarder) rest(busy time.Duration, bytes int64) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.share = min(f.share+shareStep, f.o.Config.CatchUp.Share)
	rest := time.Duration(float64(busy) * (1 - f.share) / f.share)
	if most := f.o.Config.CatchUp.MaxRate; most > 0 {
		rest = max(rest, time.Duration(float64(bytes)/float64(most)*float64(time.Second))-busy)
	}
	return rest
}

// giveWay halves what the backlog may take of the time.
func (f *Forwarder) giveWay() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.share = max(f.share/2, leastShare)
}

// send posts one batch and says whether all of it arrived. What did not is no
// longer on its way.
func (f *Forwarder) send(ctx context.Context, lane string, b batch, pace *pace) bool {
	report := f.report(lane)
	gaps := f.gaps.pending()
	report.Gaps = gaps
	begun := time.Now()
	answer, err := f.o.Link.Send(ctx, report, b.blocks)
	took := time.Since(begun)
	f.note(err, answer, ctx.Err() != nil)
	f.gaps.told(gaps[:min(answer.Gaps, len(gaps))])
	stored := min(max(answer.Stored, 0), len(b.blocks))
	if stored < len(b.blocks) && answer.Refused != "" {
		// It will not get better: out of the way with it, and the rest again.
		f.setAside(b.blocks[stored], answer.Refused)
	}
	f.mu.Lock()
	for i, block := range b.blocks {
		if i < stored {
			f.arrived = append(f.arrived, block.Origin.Seq)
		} else if !slices.Contains(f.arrived, block.Origin.Seq) {
			delete(f.held, block.Origin.Seq)
		}
	}
	many := len(f.arrived) >= removeAt
	f.mu.Unlock()
	if err == nil {
		f.metrics.blocks.WithLabelValues(lane).Add(float64(stored))
		f.metrics.bytes.WithLabelValues(lane).Add(float64(b.bytes))
		pace.took(b.bytes, took)
	} else if ctx.Err() == nil {
		f.metrics.failures.Inc()
		pace.slower()
	}
	if many {
		f.remove(ctx)
	}
	return err == nil && stored == len(b.blocks)
}

// remove deletes what is at the centre.
func (f *Forwarder) remove(ctx context.Context) {
	f.mu.Lock()
	seqs := f.arrived
	f.arrived = nil
	f.mu.Unlock()
	if len(seqs) == 0 {
		return
	}
	err := f.o.Store.Remove(ctx, seqs)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil {
			f.o.Log.Warn("relay: cannot delete what is at the centre; trying again", "blocks", len(seqs), "err", err)
		}
		f.arrived = append(f.arrived, seqs...)
		return
	}
	for _, seq := range seqs {
		delete(f.held, seq)
	}
}

// wait waits for d, and tells whether ctx lasted so long.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// jitter spreads d, so that relays that lost the centre together do not come back
// together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// pace sizes requests by how fast the last ones went.
type pace struct{ bytes int64 }

func newPace() *pace { return &pace{firstRequest} }

func (p *pace) request() int64 { return p.bytes }

func (p *pace) took(bytes int64, d time.Duration) {
	if bytes < leastRequest/2 {
		return // says more about the distance than about the width
	}
	could := int64(float64(bytes) * requestTime.Seconds() / max(d, time.Millisecond).Seconds())
	p.bytes = min(max((p.bytes+could)/2, leastRequest), mostRequest)
}

func (p *pace) slower() { p.bytes = max(p.bytes/2, leastRequest) }

// rate is a number that several goroutines look at.
type rate = float64

func (f *Forwarder) setDrain(r rate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.drain = (3*f.drain + r) / 4; r == 0 {
		f.drain = 0
	}
}

// isBusy tells whether the centre said to come back later.
func isBusy(err error) bool {
	failed, ok := errors.AsType[*sendError](err)
	return ok && (failed.status == 429 || failed.status == 503)
}
