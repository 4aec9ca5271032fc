package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
)

const retainEvery = time.Minute

// Deletion is one segment that retention deleted.
type Deletion struct {
	SegmentID, Reason string // "age" or "size"
	Events, Bytes     int64
	From, To          time.Time // of the events
	Units             []event.UnitID
	At                time.Time
}

type deletionRow struct {
	bun.BaseModel `bun:"table:lake_deletion"`

	SegmentID string `bun:"segment_id,pk"`
	Reason    string `bun:"reason"`
	Rows      int64  `bun:"row_count"`
	Bytes     int64  `bun:"byte_count"`
	MinTime   int64  `bun:"min_time"`
	MaxTime   int64  `bun:"max_time"`
	Units     string `bun:"units"`
	DeletedAt int64  `bun:"deleted_at"`
}

// RunRetention deletes what is too old or too much until ctx ends. What it
// deletes is logged and listed by Deletions.
func (l *Lake) RunRetention(ctx context.Context) error {
	ticker := time.NewTicker(retainEvery)
	defer ticker.Stop()
	for {
		if err := l.retain(ctx); err != nil && ctx.Err() == nil {
			l.log.Warn("deleting old segments failed; it will be tried again", "error", err)
		}
		if _, err := l.archiveChain(ctx); err != nil && ctx.Err() == nil {
			l.log.Warn("it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// retain deletes once. Age is that of arrival: a sender's clock decides over
// nothing.
func (l *Lake) retain(ctx context.Context) error {
	type doomed struct {
		*segment
		reason string
	}
	var total int64
	l.mu.Lock()
	all := make([]*segment, 0, len(l.segments))
	for _, s := range l.segments {
		all = append(all, s)
		total += s.bytes
	}
	l.mu.Unlock()
	slices.SortFunc(all, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(a.maxReceived, b.maxReceived), strings.Compare(a.id, b.id))
	})
	var out []doomed
	for _, s := range all {
		switch {
		case l.config.MaxAge > 0 && s.maxReceived < l.now().Add(-l.config.MaxAge).UnixMicro():
			out = append(out, doomed{s, "age"})
		case l.config.MaxBytes > 0 && total > int64(l.config.MaxBytes):
			out = append(out, doomed{s, "size"})
		default:
			continue
		}
		total -= s.bytes
	}
	for _, d := range out {
		if err := l.delete(ctx, d.segment, d.reason); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lake) delete(ctx context.Context, s *segment, reason string) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	gone := s.dead
	l.mu.Unlock()
	if gone { // merged meanwhile: its events are judged as part of the merger
		return nil
	}
	row := s.row()
	err := l.register(ctx, change{kind: chainDelete, deleted: &ChainDeletion{Reason: reason, Events: s.rows}}, nil, []*segment{s}, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*segmentBlockRow)(nil)).Where("segment_id = ?", s.id).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&deletionRow{
			SegmentID: s.id, Reason: reason, Rows: s.rows, Bytes: s.bytes,
			MinTime: s.minTime, MaxTime: s.maxTime, Units: row.Units, DeletedAt: l.now().UnixMicro(),
		}).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("lake: deleting segment %s: %w", s.id, err)
	}
	l.metrics.deleted.WithLabelValues(reason).Add(float64(s.rows))
	l.log.Info("deleted a segment", "segment", s.id, "reason", reason, "events", s.rows, "bytes", s.bytes,
		"from", time.UnixMicro(s.minTime).UTC(), "to", time.UnixMicro(s.maxTime).UTC(), "units", s.units)
	return nil
}

// Deletions lists what retention deleted, newest first.
func (l *Lake) Deletions(ctx context.Context, limit int) ([]Deletion, error) {
	var rows []deletionRow
	if err := l.db.NewSelect().Model(&rows).Order("deleted_at DESC", "segment_id").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("lake: deletions: %w", err)
	}
	out := make([]Deletion, len(rows))
	for i, r := range rows {
		out[i] = Deletion{
			SegmentID: r.SegmentID, Reason: r.Reason, Events: r.Rows, Bytes: r.Bytes,
			From: time.UnixMicro(r.MinTime).UTC(), To: time.UnixMicro(r.MaxTime).UTC(), At: time.UnixMicro(r.DeletedAt).UTC(),
		}
		for u := range strings.SplitSeq(r.Units, "\x1f") {
			out[i].Units = append(out[i].Units, event.UnitID(u))
		}
	}
	return out, nil
}
