package input

import (
	"context"
	"net/http"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Cutter cuts the records of one request into batches and stores each as it is
// full. Records are not copied: they must not change before Flush.
type Cutter struct {
	rc    *Receiver
	batch event.Batch
	bytes int
	done  Progress
	slab  []byte // copies, see AddCopy
}

// Progress is what of a request is on disk.
type Progress struct {
	Accepted    int    // records, counted from the first
	First, Last uint64 // blocks that hold them; 0 if none
}

// DateHint dates text that lacks a year.
func (c *Cutter) DateHint(at time.Time) { c.batch.DateHint = at }

// Stored returns what is on disk so far.
func (c *Cutter) Stored() Progress { return c.done }

// Add takes one record; a longer one than event.MaxRecordBytes is cut and counted.
// Errors as of Flush.
func (c *Cutter) Add(ctx context.Context, record []byte, hint event.Hint) error {
	if len(record) > event.MaxRecordBytes {
		record = record[:event.MaxRecordBytes]
		c.rc.meter.Cut.Inc()
	}
	if len(c.batch.Records) == event.MaxBatchRecords || c.bytes+len(record) > event.MaxBatchBytes {
		if err := c.Flush(ctx); err != nil {
			return err
		}
	}
	c.batch.Records = append(c.batch.Records, event.Record{Data: record, Hint: hint})
	c.bytes += len(record)
	return nil
}

// Bounds of the memory that AddCopy takes at a time.
const (
	firstSlab = 16 << 10
	lastSlab  = event.MaxBatchBytes
)

// AddCopy is Add for inputs that build their records: it copies the record, which
// may change at once. What it keeps is bounded by the size of a batch.
func (c *Cutter) AddCopy(ctx context.Context, record []byte, hint event.Hint) error {
	if len(c.batch.Records) == 0 {
		c.slab = c.slab[:0] // nothing refers to it
	}
	if len(c.slab)+len(record) > cap(c.slab) {
		// What was copied before stays where it is until it is stored.
		c.slab = make([]byte, 0, max(len(record), min(lastSlab, max(firstSlab, 2*cap(c.slab)))))
	}
	start := len(c.slab)
	c.slab = append(c.slab, record...)
	return c.Add(ctx, c.slab[start:len(c.slab):len(c.slab)], hint)
}

// Flush stores what was added. While the spool is full it waits as long as
// ReceiverConfig.BusyWait. Errors: Busy, nothing of the last batch is stored, ask
// the sender to come back; a [Refusal] with status 503, not known whether it is
// stored. Stored tells what is on disk all the same.
func (c *Cutter) Flush(ctx context.Context) error {
	if len(c.batch.Records) == 0 {
		return nil
	}
	c.batch.ID = event.NewBatchID(c.batch.Received)
	deadline := time.Now().Add(c.rc.o.Config.BusyWait)
	for {
		seq, err := c.rc.o.Sink.Put(ctx, &c.batch)
		if err == nil {
			c.rc.meter.Stored(&c.batch)
			if c.done.Accepted == 0 {
				c.done.First = seq
			}
			c.done.Last = max(c.done.Last, seq)
			c.done.Accepted += len(c.batch.Records)
			c.batch.Records, c.bytes = c.batch.Records[:0], 0
			return nil
		}
		switch {
		case ctx.Err() != nil:
			return err
		case fault.KindOf(err) != fault.Busy:
			c.rc.o.Log.Error("ingest: the spool failed", "err", err, "accepted", c.done.Accepted)
			return Refusal{http.StatusServiceUnavailable, "ingest.unavailable", "the records could not be stored for certain; send them again"}
		case isQuota(err), time.Now().After(deadline):
			return err
		}
		c.rc.meter.Busy.Inc()
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}
