package pipeline

import (
	"fmt"
	"runtime/debug"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
)

// job is one block on its way through a worker. Its events alias the block's
// memory, so the block is released only after they are in a segment.
type job struct {
	block   *bus.Block
	events  []event.Event // reused; each keeps the capacity of its Fields
	n       int           // events in use
	hits    []hit
	series  []detect.Hit // those of them that correlations want, in order
	left    []detect.Excluded
	relayed []relayedStep // what its commit writes down of blocks of other spools
	stored  bool          // delivered again although stored: nothing to do but acknowledge
	done    chan struct{} // closed when the worker is through
}

// hit is a rule that fired on events[at].
type hit struct {
	at   int
	rule *detect.Rule
}

// next returns the next free event of the job.
func (j *job) next() *event.Event {
	if j.n == len(j.events) {
		j.events = append(j.events, event.Event{})
	}
	j.n++
	return &j.events[j.n-1]
}

// maxKeptFields bounds what a resting job holds on to: room for some 60 fields in
// each event of a full block, about 10 MiB.
const maxKeptFields = 64 * event.MaxBatchRecords

// rest drops what aliases the block's memory. The capacity of the fields stays
// for the next block, up to a bound: records of thousands of fields, at a new
// place in every block, would else make each event as large as the largest.
func (j *job) rest() {
	kept := 0
	for i := range j.events {
		ev := &j.events[i]
		ev.Reset()
		if n := cap(ev.Fields); kept+n > maxKeptFields {
			ev.Fields = nil
		} else {
			kept += n
		}
	}
}

// worker parses and matches blocks. It is one goroutine's.
type worker struct {
	p      *Pipeline
	parser *parse.Parser
	detect *detect.Worker
}

func (w *worker) run(jobs <-chan *job) {
	for j := range jobs {
		w.block(j)
		close(j.done)
	}
}

func (w *worker) block(j *job) {
	for b := range j.block.Batches {
		w.batch(j, &j.block.Batches[b])
	}
}

func (w *worker) batch(j *job, b *event.Batch) {
	// A reload takes effect between batches: no event is judged by two worlds.
	if set := w.p.o.Rules.Load(); w.detect == nil || w.detect.Set() != set {
		w.detect = set.NewWorker()
	}
	for i := 0; i < len(b.Records); {
		i = w.records(j, b, i)
	}
}

// records processes the records of b from the given one on and returns the first
// it has not seen. That is short of the end only after a panic in a parser or the
// matcher: such a panic is our defect and must cost neither the event nor the
// node, so the event is kept, counted, and logged without its text.
func (w *worker) records(j *job, b *event.Batch, from int) (next int) {
	i, parsed := from, false
	defer func() {
		if v := recover(); v != nil {
			w.caught(j, b, i, parsed, v)
			next = i + 1
		}
	}()
	for ; i < len(b.Records); i++ {
		parsed = false
		ev := j.next()
		w.parser.Parse(b, i, ev)
		parsed = true
		if drill := event.DrillOf(ev.Credential); drill != "" {
			ev.Add(event.DrillField, drill)
		}
		hits := w.detect.Match(ev)
		j.left = append(j.left, w.detect.Excluded()...)
		for _, r := range hits {
			j.hits = append(j.hits, hit{at: j.n - 1, rule: r})
			if r.Correlated {
				j.series = append(j.series, w.detect.Hit(r, ev))
			}
		}
	}
	return i
}

func (w *worker) caught(j *job, b *event.Batch, i int, parsed bool, v any) {
	step := "parse"
	if parsed {
		step = "detect"
	}
	w.p.metrics.panics.WithLabelValues(step).Inc()
	w.p.o.Log.Error("panic while processing an event; the event is kept", "step", step,
		"event", b.ID.At(i).String(), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	if !parsed {
		ev := &j.events[j.n-1]
		ev.Reset()
		ev.ID, ev.Unit, ev.Input, ev.Peer, ev.Host = b.ID.At(i), b.Unit, b.Input, b.Peer, b.Peer
		ev.Credential = b.Credential
		ev.Time, ev.Received, ev.Raw = b.Received, b.Received, string(b.Records[i].Data)
	}
	// Their scratch may be half written.
	w.parser, w.detect = w.p.newParser(), w.p.o.Rules.Load().NewWorker()
}
