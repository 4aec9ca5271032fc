package lake

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Block names a spool message whose events a segment holds. Stream is the
// incarnation of the stream, so that sequences of a new stream never match those
// of a lost one.
type Block struct {
	Stream           string
	Seq              uint64
	Events, Unparsed int
}

type blockRow struct {
	bun.BaseModel `bun:"table:lake_block"`

	Stream   string `bun:"stream,pk"`
	Seq      int64  `bun:"seq,pk"`
	Events   int64  `bun:"events"`
	Unparsed int64  `bun:"unparsed"`
	StoredAt int64  `bun:"stored_at"`
}

type segmentBlockRow struct {
	bun.BaseModel `bun:"table:lake_segment_block"`

	SegmentID string `bun:"segment_id,pk"`
	Stream    string `bun:"stream,pk"`
	Seq       int64  `bun:"seq,pk"`
}

func insertBlocks(ctx context.Context, tx bun.Tx, added []*segment, blocks []Block, now time.Time) error {
	if len(blocks) == 0 {
		return nil
	}
	rows := make([]blockRow, len(blocks))
	var links []segmentBlockRow
	for i, b := range blocks {
		rows[i] = blockRow{Stream: b.Stream, Seq: int64(b.Seq), Events: int64(b.Events), Unparsed: int64(b.Unparsed), StoredAt: now.UnixMicro()}
		for _, s := range added {
			links = append(links, segmentBlockRow{SegmentID: s.id, Stream: b.Stream, Seq: int64(b.Seq)})
		}
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("blocks %d to %d: %w", blocks[0].Seq, blocks[len(blocks)-1].Seq, err)
	}
	if len(links) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&links).Exec(ctx)
	return err
}

// Registered tells which sequences from..to of a stream are already stored.
func (l *Lake) Registered(ctx context.Context, stream string, from, to uint64) (map[uint64]bool, error) {
	var seqs []int64
	err := l.db.NewSelect().Model((*blockRow)(nil)).Column("seq").
		Where("stream = ? AND seq >= ? AND seq <= ?", stream, int64(from), int64(to)).Scan(ctx, &seqs)
	if err != nil {
		return nil, fmt.Errorf("lake: stored blocks: %w", err)
	}
	out := make(map[uint64]bool, len(seqs))
	for _, s := range seqs {
		out[uint64(s)] = true
	}
	return out, nil
}

// BlockStatus tells whether all sequences first..last are stored, and sums the
// events of those that are.
func (l *Lake) BlockStatus(ctx context.Context, stream string, first, last uint64) (processed bool, events, unparsed int64, err error) {
	if last < first {
		return true, 0, 0, nil
	}
	var n int64
	err = l.db.NewSelect().Model((*blockRow)(nil)).
		ColumnExpr("count(*)").ColumnExpr("CAST(coalesce(sum(events), 0) AS BIGINT)").ColumnExpr("CAST(coalesce(sum(unparsed), 0) AS BIGINT)").
		Where("stream = ? AND seq >= ? AND seq <= ?", stream, int64(first), int64(last)).
		Scan(ctx, &n, &events, &unparsed)
	if err != nil {
		return false, 0, 0, fmt.Errorf("lake: block status: %w", err)
	}
	return uint64(n) == last-first+1, events, unparsed, nil
}

// PruneBlocks forgets blocks of the stream below a sequence that were stored
// before a time. What is forgotten can no longer be told from new if it is
// delivered again, nor name what to rebuild a segment from: below is a sequence
// the spool no longer holds.
func (l *Lake) PruneBlocks(ctx context.Context, stream string, below uint64, before time.Time) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		doomed := tx.NewSelect().Model((*blockRow)(nil)).Column("seq").
			Where("stream = ? AND seq < ? AND stored_at < ?", stream, int64(below), before.UnixMicro())
		if _, err := tx.NewDelete().Model((*segmentBlockRow)(nil)).Where("stream = ? AND seq IN (?)", stream, doomed).Exec(ctx); err != nil {
			return fmt.Errorf("lake: forgetting blocks: %w", err)
		}
		_, err := tx.NewDelete().Model((*blockRow)(nil)).
			Where("stream = ? AND seq < ? AND stored_at < ?", stream, int64(below), before.UnixMicro()).Exec(ctx)
		if err != nil {
			return fmt.Errorf("lake: forgetting blocks: %w", err)
		}
		return nil
	})
}
