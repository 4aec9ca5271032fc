package logfile

import "github.com/lachan-vn/lachan/internal/event"

// Batches cuts the records of a source into runs that fit a batch. The same file
// read in the same way gives the same runs, so that an import that was broken off
// knows where it stands by their number.
type Batches struct {
	src     *Source
	check   func(record []byte, hint event.Hint) event.Hint
	records []event.Record
	slab    []byte
	pending []byte // read, and not in a run yet
	hint    event.Hint
	err     error
}

// Batches begins to cut. check, which may be nil, sees every record and says how
// it is wrapped.
func (s *Source) Batches(check func(record []byte, hint event.Hint) event.Hint) *Batches {
	return &Batches{src: s, check: check, slab: make([]byte, 0, event.MaxBatchBytes)}
}

// Next returns the next run, io.EOF after the last. An error of the source comes
// after the run that stands before it. The records are valid until the next call.
func (b *Batches) Next() ([]event.Record, error) {
	b.records, b.slab = b.records[:0], b.slab[:0]
	for b.err == nil {
		if b.pending == nil {
			if b.pending, b.err = b.src.Next(); b.err != nil {
				break
			}
			b.hint = b.src.Hint
			if b.check != nil {
				b.hint = b.check(b.pending, b.hint)
			}
		}
		if len(b.slab)+len(b.pending) > event.MaxBatchBytes || len(b.records) == event.MaxBatchRecords {
			return b.records, nil
		}
		start := len(b.slab)
		b.slab = append(b.slab, b.pending...)
		b.records = append(b.records, event.Record{Hint: b.hint, Data: b.slab[start:len(b.slab):len(b.slab)]})
		b.pending = nil
	}
	if len(b.records) > 0 {
		return b.records, nil
	}
	return nil, b.err
}
