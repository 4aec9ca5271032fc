package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/lachan-vn/lachan/internal/lake"
)

// Rebuild makes broken segments anew from the spool, where their blocks are still
// kept. It returns how many it rebuilt, and an error that names those it could
// not. Alerts are left as they are: the first commit of those blocks has counted
// their findings already.
func (p *Pipeline) Rebuild(ctx context.Context) (int, error) {
	broken, err := p.o.Store.Broken(ctx)
	if err != nil {
		return 0, err
	}
	rebuilt := 0
	var failed []error
	for i := range broken {
		b := &broken[i]
		log := p.o.Log.With("segment", b.SegmentID, "path", b.Path, "reason", b.Reason)
		if err := p.rebuild(ctx, b); err != nil {
			failed = append(failed, fmt.Errorf("segment %s (%s): %w", b.SegmentID, b.Reason, err))
			log.Error("a broken segment cannot be rebuilt from the spool", "error", err)
			continue
		}
		rebuilt++
		p.metrics.rebuilt.Inc()
		log.Warn("a broken segment was rebuilt from the spool", "blocks", len(b.Blocks))
	}
	return rebuilt, errors.Join(failed...)
}

func (p *Pipeline) rebuild(ctx context.Context, b *lake.BrokenSegment) error {
	if len(b.Blocks) == 0 {
		return errors.New("it is not known which blocks it held")
	}
	w := &worker{p: p, parser: p.newParser()}
	l := newLoad(p.o.Store.NewSegment())
	j := &job{}
	for _, ref := range b.Blocks {
		if ref.Events == 0 {
			continue // could not be read in the first place
		}
		if ref.Stream != p.o.Spool.Stream() {
			return fmt.Errorf("block %d was in a spool that is gone", ref.Seq)
		}
		block, err := p.o.Spool.Get(ctx, ref.Seq)
		if err != nil {
			return fmt.Errorf("block %d: %w", ref.Seq, err)
		}
		if block.Err != nil {
			return fmt.Errorf("block %d: %w", ref.Seq, block.Err)
		}
		if err := p.stripAgain(ctx, block); err != nil {
			return fmt.Errorf("block %d: %w", ref.Seq, err)
		}
		j.block, j.n, j.hits, j.series, j.left = block, 0, j.hits[:0], nil, nil
		w.block(j)
		l.add(j, ref.Stream, p.o.Now())
		block.Release()
	}
	return p.o.Store.Replace(ctx, b.SegmentID, l.segment)
}
