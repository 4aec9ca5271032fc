package lake

import (
	"context"
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

// BrokenSegment is a segment that cannot be read, and the blocks to rebuild it
// from.
type BrokenSegment struct {
	SegmentID, Path, Reason string
	Blocks                  []Block
}

// Commit makes the events of s durable and visible, all or none.
func (l *Lake) Commit(ctx context.Context, s *Segment, blocks []Block, inTx func(ctx context.Context, tx bun.Tx) error) error {
	return nil
}

// Registered tells which sequences from..to of a stream are already stored.
func (l *Lake) Registered(ctx context.Context, stream string, from, to uint64) (map[uint64]bool, error) {
	return nil, nil
}

// BlockStatus tells whether all sequences first..last are stored, and sums them.
func (l *Lake) BlockStatus(ctx context.Context, stream string, first, last uint64) (processed bool, events, unparsed int64, err error) {
	return false, 0, 0, nil
}

// PruneBlocks forgets blocks of the stream below a sequence that were stored
// before a time.
func (l *Lake) PruneBlocks(ctx context.Context, stream string, below uint64, before time.Time) error {
	return nil
}

// Broken lists the segments that cannot be read.
func (l *Lake) Broken(ctx context.Context) ([]BrokenSegment, error) { return nil, nil }

// Verify reads every segment and compares checksums.
func (l *Lake) Verify(ctx context.Context) error { return nil }

// Replace swaps a broken segment for one rebuilt from its blocks.
func (l *Lake) Replace(ctx context.Context, brokenID string, s *Segment) error { return nil }
