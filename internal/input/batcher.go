package input

import (
	"bytes"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Batcher copies the records of one sender into a batch until it is full. The
// zero value is empty and ready; it keeps its memory across batches. Not safe
// for concurrent use.
type Batcher struct {
	slab  []byte
	ends  []int // ends[i] is where record i ends in slab
	hints []event.Hint
	batch event.Batch
}

// Len is the number of records.
func (b *Batcher) Len() int { return len(b.ends) }

// Bytes is the sum of their lengths.
func (b *Batcher) Bytes() int { return len(b.slab) }

// Cap is the memory held for records.
func (b *Batcher) Cap() int { return cap(b.slab) }

// Fits says whether a record of n bytes still goes into the batch. An empty
// batch takes any record up to event.MaxRecordBytes.
func (b *Batcher) Fits(n int) bool {
	return len(b.ends) < event.MaxBatchRecords && len(b.slab)+n <= event.MaxBatchBytes
}

// Add copies a record into the batch and says whether it was cut to
// event.MaxRecordBytes. The caller asked Fits before.
func (b *Batcher) Add(data []byte, hint event.Hint) (cut bool) {
	if len(data) > event.MaxRecordBytes {
		data, cut = data[:event.MaxRecordBytes], true
	}
	b.slab = append(b.slab, data...)
	b.ends = append(b.ends, len(b.slab))
	b.hints = append(b.hints, hint)
	return cut
}

// Batch returns what was added as a batch with a new identity, received now, of a
// sender without a credential. It aliases the Batcher and is valid until Reset.
func (b *Batcher) Batch(unit event.UnitID, input, peer string, now time.Time) *event.Batch {
	records := b.batch.Records[:0]
	start := 0
	for i, end := range b.ends {
		records = append(records, event.Record{Data: b.slab[start:end:end], Hint: b.hints[i]})
		start = end
	}
	b.batch = event.Batch{
		ID: event.NewBatchID(now), Unit: unit, Input: input, Peer: peer,
		Received: now, Records: records,
	}
	return &b.batch
}

// Reset empties the Batcher.
func (b *Batcher) Reset() {
	b.slab, b.ends, b.hints = b.slab[:0], b.ends[:0], b.hints[:0]
	clear(b.batch.Records)
}

// MoveTo hands what was added over to an empty Batcher, which has more memory, and
// empties b.
func (b *Batcher) MoveTo(to *Batcher) {
	to.slab = append(to.slab[:0], b.slab...)
	to.ends = append(to.ends[:0], b.ends...)
	to.hints = append(to.hints[:0], b.hints...)
	b.Reset()
}

// TrimLine takes the line end (LF, CR LF or NUL) off a line.
func TrimLine(line []byte) []byte { return bytes.TrimRight(line, "\r\n\x00") }
