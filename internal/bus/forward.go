package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Stored is one block as it lies in the spool, for sending it on.
type Stored struct {
	Origin Origin
	At     time.Time // when it was stored
	Block  []byte    // the caller's
}

// Next returns the first block with the given number or a higher one, without
// handing it out. fault.NotFound: there is none yet.
func (b *Bus) Next(ctx context.Context, from uint64) (Stored, error) {
	l := b.link.Load()
	m, err := l.stream.GetMsg(ctx, max(from, 1), jetstream.WithGetMsgSubject(l.subject))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return Stored{}, fault.New(fault.NotFound, "spool: no block from %d on", from)
	case err != nil:
		return Stored{}, fault.New(fault.Busy, "spool: block %d: %w", from, err)
	}
	run, _, ok := strings.Cut(m.Header.Get(nats.MsgIdHdr), ".")
	if !ok || run == "" || len(run) > maxRun {
		run = l.identity // written by a program that did not name its runs
	}
	return Stored{Origin: Origin{Run: run, Seq: m.Sequence}, At: m.Time, Block: m.Data}, nil
}

// Remove deletes blocks that are stored for good elsewhere. It is for a spool
// opened with [Options.Forward]. A number that is gone is no error; after an
// error, calling it again is harmless.
func (b *Bus) Remove(ctx context.Context, seqs []uint64) error {
	if len(seqs) == 0 {
		return nil
	}
	seqs = slices.Clone(seqs)
	slices.Sort(seqs)
	l := b.link.Load()
	info, err := l.stream.Info(ctx)
	if err != nil {
		return fault.New(fault.Busy, "spool: remove: %w", err)
	}
	// What lies at the front goes at once; a block behind one that stays goes alone.
	front, next := 0, info.State.FirstSeq
	for front < len(seqs) && seqs[front] <= next {
		if seqs[front] == next {
			next++
		}
		front++
	}
	if next > info.State.FirstSeq {
		if err := l.stream.Purge(ctx, jetstream.WithPurgeSequence(next)); err != nil {
			return fault.New(fault.Busy, "spool: remove up to %d: %w", next, err)
		}
	}
	for _, seq := range seqs[front:] {
		if err := l.stream.DeleteMsg(ctx, seq); err != nil {
			// The server refuses to delete what is gone already.
			if _, lost := l.stream.GetMsg(ctx, seq); !errors.Is(lost, jetstream.ErrMsgNotFound) {
				return fault.New(fault.Busy, "spool: remove %d: %w", seq, err)
			}
		}
	}
	b.metrics.trimmed.Add(float64(len(seqs)))
	return nil
}

// Contents is what a spool for sending on holds.
type Contents struct {
	First, Last uint64 // numbers; Last is kept when the blocks are gone
	Blocks      uint64
	Bytes       int64
	MaxBytes    int64
	Oldest      time.Time // when First was stored; zero if there is none
	Free, Disk  int64     // of the spool's disk; 0 if not known
}

// Contents asks the server.
func (b *Bus) Contents(ctx context.Context) (Contents, error) {
	info, err := b.link.Load().stream.Info(ctx)
	if err != nil {
		return Contents{}, fault.New(fault.Busy, "spool: state: %w", err)
	}
	c := Contents{First: info.State.FirstSeq, Last: info.State.LastSeq, Blocks: info.State.Msgs, Bytes: int64(info.State.Bytes), MaxBytes: int64(b.config.MaxBytes)}
	if c.Blocks > 0 {
		c.Oldest = info.State.FirstTime
	}
	if b.config.NATS.URL == "" {
		if c.Free, c.Disk, err = diskSpace(b.dir); err != nil {
			return c, fmt.Errorf("spool: %w", err)
		}
	}
	b.metrics.pending.Set(float64(c.Blocks))
	b.metrics.bytes.Set(float64(c.Bytes))
	b.metrics.free.Set(float64(c.Free))
	return c, nil
}

// Pack makes a block of batches, as a spool would store it: for records that
// travel without having been in one. They are within the limits of one block.
func Pack(batches []*event.Batch) ([]byte, error) {
	records, size := 0, 0
	wires := make([][]byte, len(batches))
	for i, batch := range batches {
		if err := check(batch); err != nil {
			return nil, err
		}
		wires[i] = batch.Append(nil)
		records += len(batch.Records)
		size += wireSize(len(wires[i]))
	}
	if records > event.MaxBatchRecords || size > maxBlockWire || records == 0 {
		return nil, fault.New(fault.Invalid, "spool: %d records of %d bytes do not make one block", records, size)
	}
	return newBlockWriter().write(wires), nil
}
