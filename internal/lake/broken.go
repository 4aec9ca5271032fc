package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// BrokenSegment is a segment that cannot be read, and the blocks to rebuild it
// from, as far as they are still known.
type BrokenSegment struct {
	SegmentID, Path, Reason string
	Blocks                  []Block
}

// checkAll looks at the size and end of every file.
func (l *Lake) checkAll(ctx context.Context) error {
	for _, s := range l.segments {
		if s.broken != "" {
			continue
		}
		if reason := l.checkFile(s); reason != "" {
			if err := l.markBroken(ctx, s, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkFile says what is wrong with a segment's file at a glance, "" if nothing.
func (l *Lake) checkFile(s *segment) string {
	f, err := l.fs.Open(l.path(s))
	if errors.Is(err, fs.ErrNotExist) {
		return "the file is missing"
	} else if err != nil {
		return "the file cannot be opened: " + err.Error()
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err.Error()
	}
	if info.Size() != s.bytes {
		return fmt.Sprintf("the file has %d bytes instead of %d", info.Size(), s.bytes)
	}
	var tail [4]byte
	if _, err := f.ReadAt(tail[:], info.Size()-4); err != nil || string(tail[:]) != string(parquetMagic) {
		return "the file's end is damaged"
	}
	return ""
}

// checkSum reads the whole file.
func (l *Lake) checkSum(ctx context.Context, s *segment) (string, error) {
	if reason := l.checkFile(s); reason != "" {
		return reason, nil
	}
	f, err := l.fs.Open(l.path(s))
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, contextReader{ctx, f}); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "the file cannot be read: " + err.Error(), nil
	}
	if hex.EncodeToString(h.Sum(nil)) != s.sum {
		return "the file's checksum is not the one in the manifest", nil
	}
	return "", nil
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

func (l *Lake) markBroken(ctx context.Context, s *segment, reason string) error {
	l.log.Error("a segment of the lake cannot be read; searches leave it out and say so",
		"segment", s.id, "file", l.path(s), "events", s.rows, "reason", reason)
	l.mu.Lock()
	s.broken = reason
	l.measure()
	l.mu.Unlock()
	if err := l.opened.drop(s); err != nil {
		l.log.Warn("closing a broken segment", "segment", s.id, "error", err)
	}
	_, err := l.db.NewUpdate().Model((*segmentRow)(nil)).Set("state = ?, reason = ?", stateBroken, reason).
		Where("id = ?", s.id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("lake: marking segment %s as broken: %w", s.id, err)
	}
	return nil
}

// Verify reads every segment and compares checksums; what differs is marked
// broken and listed by Broken. Its error is only that of the reading itself.
func (l *Lake) Verify(ctx context.Context) error {
	segs := l.acquire(func(s *segment) bool { return s.broken == "" })
	defer l.release(segs)
	for _, s := range segs {
		reason, err := l.checkSum(ctx, s)
		if err != nil {
			return err
		}
		if reason != "" {
			if err := l.markBroken(ctx, s, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// Broken lists the segments that cannot be read.
func (l *Lake) Broken(ctx context.Context) ([]BrokenSegment, error) {
	segs := l.acquire(func(s *segment) bool { return s.broken != "" })
	defer l.release(segs)
	var out []BrokenSegment
	for _, s := range segs {
		b := BrokenSegment{SegmentID: s.id, Path: l.path(s), Reason: s.broken}
		var rows []blockRow
		err := l.db.NewSelect().Model(&rows).
			Where("EXISTS (?)", l.db.NewSelect().Model((*segmentBlockRow)(nil)).ColumnExpr("1").
				Where("segment_id = ?", s.id).
				Where("segment_block_row.stream = block_row.stream AND segment_block_row.seq = block_row.seq")).
			Order("stream", "seq").Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("lake: blocks of segment %s: %w", s.id, err)
		}
		for _, r := range rows {
			b.Blocks = append(b.Blocks, Block{Stream: r.Stream, Seq: uint64(r.Seq), Events: int(r.Events), Unparsed: int(r.Unparsed)})
		}
		out = append(out, b)
	}
	return out, nil
}

// Replace swaps a broken segment for one rebuilt from all its blocks. s may hold
// more than the segment did, because merging parts blocks by time: what is
// outside its range of time, or stands in another segment, is left out.
// fault.Conflict if what remains are not as many events as were lost;
// fault.NotFound if there is no such broken segment.
func (l *Lake) Replace(ctx context.Context, brokenID string, s *Segment) error {
	l.mu.Lock()
	old := l.segments[brokenID]
	if old != nil && old.broken == "" {
		old = nil
	}
	l.mu.Unlock()
	if old == nil {
		return fault.New(fault.NotFound, "there is no broken segment %s", brokenID)
	}
	perm := s.order(old.skewed)
	kept := perm[:0]
	for _, i := range perm {
		if s.times[i] >= old.minTime && s.times[i] <= old.maxTime {
			kept = append(kept, i)
		}
	}
	if int64(len(kept)) > old.rows {
		var err error
		if kept, err = l.withoutStored(ctx, old, s, kept); err != nil {
			return err
		}
	}
	if int64(len(kept)) != old.rows {
		return fault.New(fault.Conflict, "segment %s held %d events, its blocks give %d", brokenID, old.rows, len(kept))
	}
	seg := s.describe(kept, old.skewed)
	seg.level, seg.createdAt = old.level, l.now().UnixMicro()
	if err := l.writeFile(seg, s.fileWriter(l, kept)); err != nil {
		return err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	err := l.register(ctx, change{kind: chainRebuild}, []*segment{seg}, []*segment{old}, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*segmentBlockRow)(nil)).Set("segment_id = ?", seg.id).Where("segment_id = ?", old.id).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("lake: replacing segment %s: %w", brokenID, err)
	}
	l.log.Info("a broken segment was rebuilt from the spool", "broken", brokenID, "segment", seg.id, "events", seg.rows)
	return nil
}

// withoutStored drops the rows of s that stand in a readable segment beside old.
// There are some where old was merged from the hours around one that was left as
// it was, for its size for instance: that hour is inside old's range.
func (l *Lake) withoutStored(ctx context.Context, old *segment, s *Segment, rows []uint32) ([]uint32, error) {
	segs := l.acquire(func(o *segment) bool {
		return o.broken == "" && o.skewed == old.skewed && o.maxTime >= old.minTime && o.minTime <= old.maxTime
	})
	defer l.release(segs)
	stored := make(map[event.ID]bool, len(rows))
	for _, row := range rows {
		stored[s.ids[row]] = false
	}
	for _, o := range segs {
		if err := l.eachID(ctx, o, func(id event.ID) {
			if _, ours := stored[id]; ours {
				stored[id] = true
			}
		}); err != nil {
			return nil, fmt.Errorf("lake: segment %s beside the broken one: %w", o.id, err)
		}
	}
	return slices.DeleteFunc(rows, func(row uint32) bool { return stored[s.ids[row]] }), nil
}

func (l *Lake) eachID(ctx context.Context, s *segment, each func(event.ID)) (err error) {
	r, err := l.open(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	var ids []event.ID
	for g := range r.meta.RowGroups {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := make([]uint32, r.meta.RowGroups[g].NumRows)
		for i := range rows {
			rows[i] = uint32(i)
		}
		if ids, err = r.ids(g, rows, ids); err != nil {
			return err
		}
		for _, id := range ids {
			each(id)
		}
	}
	return nil
}
