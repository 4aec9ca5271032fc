package lake

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// Commit makes the events of s durable and visible, all or none, and remembers
// the blocks they came in. inTx, which may be nil, runs in the same SQL
// transaction. On an error nothing is visible and the blocks may be committed
// again; fault.Busy means a full disk. s stays the caller's.
//
// Steps: write temporary files, fsync, rename, fsync their folder; then one SQL
// transaction; then readers see them. A file without its manifest entry is
// nothing, so a process killed at any step leaves all or none.
func (l *Lake) Commit(ctx context.Context, s *Segment, blocks []Block, inTx func(ctx context.Context, tx bun.Tx) error) (err error) {
	start := l.now()
	defer func() {
		if err != nil {
			l.metrics.commitFailures.Inc()
			return
		}
		l.metrics.committed.Add(float64(s.Len()))
		l.metrics.commitSeconds.Observe(l.now().Sub(start).Seconds())
	}()
	added, err := l.writeSegments(s)
	if err != nil {
		return err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	l.settle(ctx)
	err = l.register(ctx, change{kind: chainCommit}, added, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := insertBlocks(ctx, tx, added, blocks, l.now()); err != nil {
			return err
		}
		if inTx == nil {
			return nil
		}
		return inTx(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("lake commit: %w", err)
	}
	return nil
}

// writeSegments writes the files of s: its events, and apart from them those
// whose clocks are wrong, which would blow up the time range of the others.
func (l *Lake) writeSegments(s *Segment) (added []*segment, err error) {
	for _, skewed := range []bool{false, true} {
		perm := s.order(skewed)
		if len(perm) == 0 {
			continue
		}
		seg := s.describe(perm, skewed)
		seg.createdAt = l.now().UnixMicro()
		if err := l.writeFile(seg, s.fileWriter(l, perm)); err != nil {
			l.removeFiles(added)
			return nil, err
		}
		added = append(added, seg)
	}
	return added, nil
}

func (s *Segment) fileWriter(l *Lake, perm []uint32) func(writableFile) (int64, []byte, error) {
	return func(f writableFile) (int64, []byte, error) {
		e := l.encoders.Get().(*encoder)
		defer l.encoders.Put(e)
		w := bufio.NewWriterSize(f, 256<<10)
		size, sum, err := s.writeTo(w, e, l.fast, perm)
		return size, sum, errors.Join(err, w.Flush())
	}
}

// writeFile gives seg an ID and makes its file durable.
func (l *Lake) writeFile(seg *segment, write func(writableFile) (int64, []byte, error)) error {
	seg.id = newSegmentID(l.now())
	path := l.path(seg)
	temp := path + tempSuffix
	f, err := l.fs.Create(temp)
	if err != nil {
		return fmt.Errorf("lake: %w", diskFault(err))
	}
	size, sum, err := write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = l.fs.Rename(temp, path)
	}
	if err != nil {
		err = errors.Join(err, l.fs.Remove(temp))
	} else if err = l.fs.SyncDir(filepath.Dir(path)); err != nil {
		err = errors.Join(err, l.fs.Remove(path))
	}
	if err != nil {
		return fmt.Errorf("lake: writing a segment: %w", diskFault(err))
	}
	seg.bytes, seg.sum = size, hex.EncodeToString(sum)
	return nil
}

// describe fills in what the manifest says of some rows of s.
func (s *Segment) describe(perm []uint32, skewed bool) *segment {
	first := perm[0]
	seg := &segment{
		skewed: skewed, rows: int64(len(perm)),
		minTime: s.times[first], maxTime: s.times[first],
		minReceived: s.received[first], maxReceived: s.received[first],
		minID: s.ids[first], maxID: s.ids[first],
		text: s.version == versionText && len(s.core[colShape].rows) > 0, overflow: len(s.core[colOverflow].rows) > 0,
	}
	for _, i := range perm {
		seg.minTime, seg.maxTime = min(seg.minTime, s.times[i]), max(seg.maxTime, s.times[i])
		seg.minReceived, seg.maxReceived = min(seg.minReceived, s.received[i]), max(seg.maxReceived, s.received[i])
		if slices.Compare(s.ids[i][:], seg.minID[:]) < 0 {
			seg.minID = s.ids[i]
		}
		if slices.Compare(s.ids[i][:], seg.maxID[:]) > 0 {
			seg.maxID = s.ids[i]
		}
	}
	units := &s.core[colUnit].dict
	for i := range uint32(units.len()) {
		seg.units = append(seg.units, event.UnitID(units.get(i)))
	}
	slices.Sort(seg.units)
	for _, c := range s.sortedFields() {
		seg.fields = append(seg.fields, fieldColumn{folded: c.folded, name: c.name, multi: c.multi, null: c.null})
	}
	return seg
}

// register swaps removed segments for added ones, whose files are durable, writes
// the chain's entry and runs inTx, in one transaction; then readers see it. On an error the added
// files are removed. l.writing is held.
func (l *Lake) register(ctx context.Context, c change, added, removed []*segment, inTx func(ctx context.Context, tx bun.Tx) error) error {
	for _, s := range added {
		s.arrived = c.kind == chainCommit
	}
	asked := false // whether the database was asked to commit
	err := l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if len(added)+len(removed) > 0 {
			if err := l.appendChain(ctx, tx, c, added, removed); err != nil {
				return err
			}
		}
		for _, s := range added {
			if _, err := tx.NewInsert().Model(s.row()).Exec(ctx); err != nil {
				return err
			}
		}
		for _, s := range removed {
			if _, err := tx.NewDelete().Model((*segmentRow)(nil)).Where("id = ?", s.id).Exec(ctx); err != nil {
				return err
			}
		}
		if err := inTx(ctx, tx); err != nil {
			return err
		}
		asked = true
		return nil
	})
	if err != nil && asked {
		done, known := l.outcome(ctx, added, removed)
		switch {
		case !known:
			// The files stay: deleting them could lose what is registered.
			l.uncertain = append(l.uncertain, added...)
			return err
		case done:
			err = nil
		}
	}
	if err != nil {
		l.removeFiles(added)
		return err
	}
	l.internNames(added)
	l.publish(added, removed)
	return nil
}

// outcome asks whether a transaction whose commit failed has happened all the
// same.
func (l *Lake) outcome(ctx context.Context, added, removed []*segment) (done, known bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	probe := append(slices.Clone(added), removed...)
	if len(probe) == 0 {
		return false, true
	}
	n, err := l.db.NewSelect().Model((*segmentRow)(nil)).Where("id = ?", probe[0].id).Count(ctx)
	return (n > 0) == (len(added) > 0), err == nil
}

// settle finds out about commits whose outcome was not known.
func (l *Lake) settle(ctx context.Context) {
	rest := l.uncertain[:0]
	for _, s := range l.uncertain {
		switch done, known := l.outcome(ctx, []*segment{s}, nil); {
		case !known:
			rest = append(rest, s)
		case done:
			l.internNames([]*segment{s})
			l.publish([]*segment{s}, nil)
		default:
			l.removeFiles([]*segment{s})
		}
	}
	l.uncertain = rest
}

// internNames lets new segments share their column names with the others; the
// names of a Segment live in its memory.
func (l *Lake) internNames(segs []*segment) {
	for _, s := range segs {
		for i := range s.fields {
			s.fields[i].name = l.names.intern(s.fields[i].name)
			s.fields[i].folded = l.names.intern(query.Fold(s.fields[i].name))
		}
	}
}
