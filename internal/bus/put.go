package bus

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Group commit. A block costs one write and one fsync whatever it holds, so all
// batches that wait at the moment a committer is free go into its block:
//
//	Put  encodes its batch (in the caller's goroutine) and queues it
//	committer  takes from the queue, oldest first, what fits one block;
//	           compresses; publishes; waits for the server; answers each Put
//
// While a block is on its way the queue grows, and with it the next block: the
// busier, the fewer fsyncs a batch. A timer that collects for a while would do
// the same for a busy spool, and only add delay to a quiet one.
//
// A few committers run this loop. One alone makes the largest groups, but would
// let the disk rest while it compresses; several that take whatever is there make
// small groups and double the fsyncs (measured: half the batches a second, see
// BenchmarkPut). So a further committer starts only on a queue that is worth a
// block of its own (eagerBytes): small batches go by one committer in large
// groups, and full ones are compressed while others wait for the disk.
//
// Blocks of two committers may be stored in either order. A sender that waits for
// its Put keeps its order; two Puts at the same time never had one.

// maxWaiting bounds the bytes of batches in the queue; further Puts wait.
const maxWaiting = 32 << 20

// eagerBytes in the queue, or as many records as a block holds, start a committer
// beside those at work.
const eagerBytes = 256 << 10

type result struct {
	seq uint64
	err error
}

// request is one Put in the queue.
type request struct {
	wire    []byte
	records int
	state   atomic.Int32 // waiting, then taken or abandoned, by whoever is first
	done    chan result  // capacity 1
}

const (
	waiting int32 = iota
	taken
	abandoned
)

var requests = sync.Pool{New: func() any { return &request{done: make(chan result, 1)} }}

// Put stores b and returns the sequence number of the block that holds it. nil
// means on disk. b stays the caller's. Errors:
//
//   - fault.Invalid: b is empty or over the limits of package event. Not stored.
//   - fault.Busy: the spool or its disk is full, or the bus is closing. Not
//     stored; try again later.
//   - ctx's error, or Internal when the server did not answer in time: not known.
//     The batch may have been stored all the same, and a sender that repeats it
//     may double it. Retries within Put itself never double.
func (b *Bus) Put(ctx context.Context, batch *event.Batch) (uint64, error) {
	if err := check(batch); err != nil {
		b.metrics.refused.WithLabelValues("invalid").Inc()
		return 0, err
	}
	b.putsGate.RLock()
	if b.closing.Load() {
		b.putsGate.RUnlock()
		return 0, errClosing()
	}
	b.puts.Add(1)
	b.putsGate.RUnlock()
	defer b.puts.Done()

	started := time.Now()
	size := int64(batch.Bytes()) + int64(len(batch.Records))*4 + 512
	if err := b.room.Acquire(ctx, size); err != nil {
		b.metrics.refused.WithLabelValues("cancelled").Inc()
		return 0, err
	}
	defer b.room.Release(size)
	r := requests.Get().(*request)
	r.wire, r.records = batch.Append(r.wire[:0]), len(batch.Records)
	r.state.Store(waiting)
	b.queue.push(r)
	select {
	case res := <-r.done:
		requests.Put(r)
		b.metrics.putSeconds.Observe(time.Since(started).Seconds())
		if res.err != nil {
			b.metrics.refused.WithLabelValues(fault.KindOf(res.err).String()).Inc()
		}
		return res.seq, res.err
	case <-ctx.Done():
		// r is not pooled: the queue or a committer still holds it.
		b.metrics.refused.WithLabelValues("cancelled").Inc()
		if r.state.CompareAndSwap(waiting, abandoned) {
			return 0, ctx.Err()
		}
		return 0, fault.New(fault.Internal, "spool: gave up while the batch was being written; it may be stored: %w", ctx.Err())
	}
}

func check(b *event.Batch) error {
	switch n := b.Bytes(); {
	case len(b.Records) == 0:
		return fault.New(fault.Invalid, "spool: a batch without records")
	case len(b.Records) > event.MaxBatchRecords:
		return fault.New(fault.Invalid, "spool: %d records in a batch; at most %d", len(b.Records), event.MaxBatchRecords)
	case n > event.MaxBatchBytes:
		return fault.New(fault.Invalid, "spool: %d bytes in a batch; at most %d", n, event.MaxBatchBytes)
	case b.Unit == "":
		return fault.New(fault.Invalid, "spool: a batch without a unit")
	case len(b.Unit) > maxName || len(b.Input) > maxName || len(b.Peer) > maxName || len(b.Credential) > maxName:
		return fault.New(fault.Invalid, "spool: unit, input, peer or credential longer than %d bytes", maxName)
	}
	return nil
}

// queue holds requests in order of arrival. It is bounded by Bus.room.
type queue struct {
	mu      sync.Mutex
	waiting []*request
	bytes   int // of waiting, in a block
	records int
	active  int // committers at work
	wake    chan struct{}
}

func (q *queue) push(r *request) {
	q.mu.Lock()
	q.waiting = append(q.waiting, r)
	q.bytes += wireSize(len(r.wire))
	q.records += r.records
	q.mu.Unlock()
	q.rouse()
}

func (q *queue) rouse() {
	select {
	case q.wake <- struct{}{}:
	default: // enough wake-ups are pending already
	}
}

// take appends to group the oldest requests that fit one block, or none if those
// at work shall take them. Whoever got some calls done after storing them.
func (q *queue) take(group []*request) []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.active > 0 && q.bytes < eagerBytes && q.records < event.MaxBatchRecords {
		return group
	}
	size, records, n := 0, 0, 0
	for _, r := range q.waiting {
		if r.state.Load() == abandoned {
			q.drop(r)
			n++
			continue
		}
		size += wireSize(len(r.wire))
		records += r.records
		if len(group) > 0 && (size > maxBlockWire || records > event.MaxBatchRecords) {
			break
		}
		n++
		q.drop(r)
		if r.state.CompareAndSwap(waiting, taken) {
			group = append(group, r)
		} else {
			size -= wireSize(len(r.wire))
			records -= r.records
		}
	}
	rest := copy(q.waiting, q.waiting[n:])
	clear(q.waiting[rest:])
	q.waiting = q.waiting[:rest]
	if len(group) > 0 {
		q.active++
	}
	if rest > 0 {
		q.rouse()
	}
	return group
}

// drop takes r out of the sums. q.mu is held.
func (q *queue) drop(r *request) {
	q.bytes -= wireSize(len(r.wire))
	q.records -= r.records
}

// done ends the work on a group.
func (q *queue) done() {
	q.mu.Lock()
	q.active--
	q.mu.Unlock()
	q.rouse()
}

func (q *queue) takeAll() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting = nil
	return all
}

// commitLoop is one committer. It ends with ctx, after answering what it took;
// Close answers what is left in the queue.
func (b *Bus) commitLoop(ctx context.Context) {
	w := newBlockWriter()
	var group []*request
	var wires [][]byte
	for ctx.Err() == nil {
		group = b.queue.take(group[:0])
		if len(group) == 0 {
			select {
			case <-b.queue.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		wires = wires[:0]
		records := 0
		for _, r := range group {
			wires = append(wires, r.wire)
			records += r.records
		}
		block := w.write(wires)
		seq, err := b.publish(ctx, block)
		if err == nil {
			b.metrics.blocks.Inc()
			b.metrics.records.Add(float64(records))
			b.metrics.rawBytes.Add(float64(len(w.raw)))
			b.metrics.storedBytes.Add(float64(len(block)))
		}
		for _, r := range group {
			r.done <- result{seq, err}
		}
		clear(group)
		b.queue.done()
	}
}
