package bus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// A block that another spool wrote, a relay's, is stored here as it is, under a
// header that says whose it is. Its zstd frame is not unpacked and packed again:
//
//	"LCK" version 2
//	unit, credential       uvarint length + bytes each
//	shift                  varint nanoseconds
//	number of parts        uvarint
//	per part               run (uvarint length + bytes), uvarint number,
//	                       uvarint length, the block without its header
//
// Several small blocks share one message, as small batches share a block: one
// fsync for all of them.
const (
	relayedHeader = "LCK\x02"

	// maxRun bounds the name of a run; MaxParts the parts of a message.
	maxRun   = 64
	MaxParts = 256
	// maxShift bounds the correction of a clock: a century either way.
	maxShift = 100 * 365 * 24 * time.Hour
)

// Origin names a block where it was first stored: the run of a process that
// wrote it, and its number in that process's spool. A run never uses a number
// twice, and its name is random, so that no spool that was wiped or brought back
// from a backup uses an Origin again.
type Origin struct {
	Run string
	Seq uint64
}

// Envelope says what holds for all batches of a relayed block, whatever they say
// themselves.
type Envelope struct {
	Unit       event.UnitID
	Credential string
	// Shift is added to the times of receipt: what the clock of the other spool
	// is behind.
	Shift time.Duration
}

// Part is one block of another spool, as [Bus.Next] gave it there.
type Part struct {
	Origin Origin
	Block  []byte
}

// PartInfo tells where the batches of a part end in [Block.Batches].
type PartInfo struct {
	Origin Origin
	End    int
}

// BlockInfo is what [Inspect] finds in a block.
type BlockInfo struct {
	Bytes            int // unpacked, as it counts against [MaxBlockBytes]
	Records          int
	RecordBytes      int64
	Earliest, Latest time.Time // receipt of the oldest batch and of the newest
}

// MaxBlockBytes and event.MaxBatchRecords bound the parts of a message together.
const MaxBlockBytes = maxBlockWire

// Inspect unpacks and checks a block of another spool. Its error, fault.Invalid,
// says why PutRelayed would refuse it.
func Inspect(block []byte) (BlockInfo, error) {
	var info BlockInfo
	b := decodeBlock(0, block)
	if b.Err != nil {
		return info, fault.New(fault.Invalid, "not a block of a spool: %w", b.Err)
	}
	defer b.Release()
	if b.Parts != nil {
		return info, fault.New(fault.Invalid, "a block of a relay's relay is not taken")
	}
	if len(b.Batches) == 0 {
		return info, fault.New(fault.Invalid, "a block without batches")
	}
	for i := range b.Batches {
		batch := &b.Batches[i]
		if batch.Unit == "" {
			batch.Unit = event.CentreUnit // it is replaced in any case
		}
		if err := check(batch); err != nil {
			return info, err
		}
		for r := range batch.Records {
			if len(batch.Records[r].Data) > event.MaxRecordBytes {
				return info, fault.New(fault.Invalid, "a record of %d bytes; at most %d", len(batch.Records[r].Data), event.MaxRecordBytes)
			}
			info.RecordBytes += int64(len(batch.Records[r].Data))
		}
		info.Records += len(batch.Records)
		if i == 0 || batch.Received.Before(info.Earliest) {
			info.Earliest = batch.Received
		}
		if batch.Received.After(info.Latest) {
			info.Latest = batch.Received
		}
	}
	info.Bytes = len(b.buf.raw)
	if info.Records > event.MaxBatchRecords {
		return info, fault.New(fault.Invalid, "%d records in a block; at most %d", info.Records, event.MaxBatchRecords)
	}
	return info, nil
}

// PutRelayed stores parts, each checked with [Inspect] and together within
// [MaxBlockBytes], [MaxParts] and event.MaxBatchRecords, as one block. The parts
// stay the caller's. Errors as of [Bus.Put].
func (b *Bus) PutRelayed(ctx context.Context, e Envelope, parts []Part) (uint64, error) {
	if err := checkRelayed(e, parts); err != nil {
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

	message := appendRelayed(nil, e, parts)
	if err := b.room.Acquire(ctx, int64(len(message))); err != nil {
		b.metrics.refused.WithLabelValues("cancelled").Inc()
		return 0, err
	}
	defer b.room.Release(int64(len(message)))
	started := time.Now()
	seq, err := b.publish(ctx, message)
	b.metrics.putSeconds.Observe(time.Since(started).Seconds())
	if err != nil {
		b.metrics.refused.WithLabelValues(fault.KindOf(err).String()).Inc()
		return 0, err
	}
	b.metrics.blocks.Inc()
	b.metrics.storedBytes.Add(float64(len(message)))
	return seq, nil
}

func checkRelayed(e Envelope, parts []Part) error {
	switch {
	case e.Unit == "" || len(e.Unit) > maxName || len(e.Credential) > maxName:
		return fault.New(fault.Invalid, "spool: a relayed block needs a unit; unit and credential have at most %d bytes", maxName)
	case e.Shift > maxShift || e.Shift < -maxShift:
		return fault.New(fault.Invalid, "spool: a clock that is off by %v", e.Shift)
	case len(parts) == 0 || len(parts) > MaxParts:
		return fault.New(fault.Invalid, "spool: %d parts in a block; send 1 to %d", len(parts), MaxParts)
	}
	for _, p := range parts {
		if p.Origin.Run == "" || len(p.Origin.Run) > maxRun {
			return fault.New(fault.Invalid, "spool: the name of a run has 1 to %d bytes", maxRun)
		}
		if len(p.Block) <= len(blockHeader) || string(p.Block[:len(blockHeader)]) != blockHeader {
			return fault.New(fault.Invalid, "spool: a part is no block")
		}
	}
	return nil
}

func appendRelayed(dst []byte, e Envelope, parts []Part) []byte {
	text := func(s string) {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	dst = append(dst, relayedHeader...)
	text(string(e.Unit))
	text(e.Credential)
	dst = binary.AppendVarint(dst, int64(e.Shift))
	dst = binary.AppendUvarint(dst, uint64(len(parts)))
	for _, p := range parts {
		text(p.Origin.Run)
		dst = binary.AppendUvarint(dst, p.Origin.Seq)
		frame := p.Block[len(blockHeader):]
		dst = binary.AppendUvarint(dst, uint64(len(frame)))
		dst = append(dst, frame...)
	}
	return dst
}

// decodeRelayed reads what appendRelayed wrote, after the header.
func (b *Block) decodeRelayed(payload []byte) error {
	r := partReader{rest: payload}
	e := Envelope{Unit: event.UnitID(r.bytes(maxName)), Credential: string(r.bytes(maxName)), Shift: time.Duration(r.varint())}
	n := r.uvarint()
	if r.short || e.Unit == "" || n == 0 || n > MaxParts || e.Shift > maxShift || e.Shift < -maxShift {
		return errors.New("broken header of a relayed block")
	}
	b.buf.room()
	raw := b.buf.raw[:0]
	count := 0
	b.Parts = make([]PartInfo, 0, n)
	for range n {
		p := PartInfo{Origin: Origin{Run: string(r.bytes(maxRun)), Seq: r.uvarint()}}
		frame := r.bytes(len(r.rest))
		if r.short || p.Origin.Run == "" {
			return errors.New("cut short")
		}
		start := len(raw)
		var err error
		if raw, err = decoder().DecodeAll(frame, raw); err != nil {
			return fmt.Errorf("part %s/%d: %w", p.Origin.Run, p.Origin.Seq, err)
		}
		if count, err = b.buf.batchesOf(raw[start:], count); err != nil {
			return fmt.Errorf("part %s/%d: %w", p.Origin.Run, p.Origin.Seq, err)
		}
		p.End = count
		b.Parts = append(b.Parts, p)
	}
	if len(r.rest) != 0 {
		return fmt.Errorf("%d bytes after the last part", len(r.rest))
	}
	b.buf.raw, b.Batches = raw, b.buf.batches[:count]
	for i := range b.Batches {
		batch := &b.Batches[i]
		batch.Unit, batch.Credential, batch.Relayed = e.Unit, e.Credential, true
		batch.Received = batch.Received.Add(e.Shift)
	}
	return nil
}

// partReader reads from rest and remembers whether it ran out.
type partReader struct {
	rest  []byte
	short bool
}

func (r *partReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.short, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *partReader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.short, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *partReader) bytes(most int) []byte {
	n := r.uvarint()
	if n > uint64(len(r.rest)) || n > uint64(most) {
		r.short, r.rest = true, nil
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}
