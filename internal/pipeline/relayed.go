package pipeline

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
)

// Blocks that another spool wrote come over links and sticks that may bring them
// again: an acknowledgement was lost, somebody copied a file. Each has an origin,
// which stays with it, and is stored once. What is stored is kept as spans of
// numbers per unit and run of a relay: as a relay sends in order, that is a row or
// two however much it sends, where a row a batch would be millions a day.
//
// The unit is part of the key: nobody can take another unit's origins.
//
// The fetch loop, which sees blocks in order, drops what it has seen before; the
// commit that stores the rest writes down its origins. So the state in memory may
// be ahead of the table, by exactly what is under way, and a new process begins
// with the table again.

// relayedKey is one run of one spool of one unit.
type relayedKey struct {
	unit event.UnitID
	run  string
}

// span is numbers from first to last.
type span struct{ first, last uint64 }

// spans are disjoint, in order, and never touch.
type spans []span

func (s spans) has(n uint64) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].last >= n })
	return i < len(s) && s[i].first <= n
}

// add returns s with a number that it does not have.
func (s spans) add(n uint64) spans {
	i := sort.Search(len(s), func(i int) bool { return s[i].last >= n })
	left := i > 0 && s[i-1].last+1 == n
	right := i < len(s) && n+1 == s[i].first
	switch {
	case left && right:
		s[i-1].last = s[i].last
		return slices.Delete(s, i, i+1)
	case left:
		s[i-1].last = n
		return s
	case right:
		s[i].first = n
		return s
	}
	return slices.Insert(s, i, span{n, n})
}

// relayedBook knows which origins were stored or are under way.
type relayedBook map[relayedKey]spans

type relayedRow struct {
	bun.BaseModel `bun:"table:relayed_blocks"`

	Unit  event.UnitID `bun:"unit,pk"`
	Run   string       `bun:"run,pk"`
	First int64        `bun:"first,pk"`
	Last  int64        `bun:"last"`
	At    int64        `bun:"at"` // Unix seconds of the last change
}

type skippedRow struct {
	bun.BaseModel `bun:"table:relayed_skipped"`

	Stream string `bun:"stream,pk"`
	Seq    int64  `bun:"seq,pk"`
	Part   int    `bun:"part,pk"`
}

// relayedStep is what one block adds to a commit.
type relayedStep struct {
	key     relayedKey
	seq     uint64
	skipped []skippedRow
}

// strip empties the batches of b whose part was seen before, and returns what its
// commit writes down. False: ctx ended first.
func (p *Pipeline) strip(ctx context.Context, book relayedBook, b *bus.Block) (steps []relayedStep, ok bool) {
	begin := 0
	for i, part := range b.Parts {
		batches := b.Batches[begin:part.End]
		begin = part.End
		if len(batches) == 0 {
			continue
		}
		key := relayedKey{batches[0].Unit, part.Origin.Run}
		known, loaded := book[key]
		if !loaded {
			if known, ok = p.loadSpans(ctx, key); !ok {
				return nil, false
			}
		}
		if known.has(part.Origin.Seq) {
			book[key] = known
			empty(batches)
			p.metrics.doubles.Inc()
			steps = append(steps, relayedStep{skipped: []skippedRow{{Stream: p.o.Spool.Stream(), Seq: int64(b.Seq), Part: i}}})
			continue
		}
		book[key] = known.add(part.Origin.Seq)
		steps = append(steps, relayedStep{key: key, seq: part.Origin.Seq})
	}
	return steps, true
}

// empty leaves batches without records. Their memory stays where it is: it belongs
// to the block.
func empty(batches []event.Batch) {
	for i := range batches {
		batches[i].Records = batches[i].Records[:0]
	}
}

// loadSpans asks the database until it answers; false if ctx ended first.
func (p *Pipeline) loadSpans(ctx context.Context, key relayedKey) (spans, bool) {
	for pause := retryFirst; ; pause = min(2*pause, retryLongest) {
		var rows []relayedRow
		err := p.o.DB.NewSelect().Model(&rows).Where("unit = ? AND run = ?", key.unit, key.run).Order("first").Scan(ctx)
		if err == nil {
			var s spans
			for _, r := range rows {
				if n := len(s); n > 0 && s[n-1].last+1 == uint64(r.First) {
					s[n-1].last = uint64(r.Last)
					continue
				}
				s = append(s, span{uint64(r.First), uint64(r.Last)})
			}
			return s, true
		}
		p.metrics.errors.WithLabelValues("relayed").Inc()
		p.o.Log.Error("cannot read which relayed blocks are stored; trying again", "error", err, "after", pause)
		if !wait(ctx, pause) {
			return nil, false
		}
	}
}

// writeRelayed stores the steps of a commit in its transaction.
func writeRelayed(ctx context.Context, tx bun.Tx, steps []relayedStep, now time.Time) error {
	fresh := map[relayedKey]spans{}
	var skipped []skippedRow
	for _, s := range steps {
		skipped = append(skipped, s.skipped...)
		if s.key.run != "" {
			fresh[s.key] = fresh[s.key].add(s.seq)
		}
	}
	if len(skipped) > 0 {
		if _, err := tx.NewInsert().Model(&skipped).Exec(ctx); err != nil {
			return err
		}
	}
	for key, added := range fresh {
		for _, s := range added {
			// The rule is a span that goes on where a row ends.
			res, err := tx.NewUpdate().Model((*relayedRow)(nil)).Set("last = ?", int64(s.last)).Set("at = ?", now.Unix()).
				Where("unit = ? AND run = ? AND last = ?", key.unit, key.run, int64(s.first)-1).Exec(ctx)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n > 0 {
				if err != nil {
					return err
				}
				continue
			}
			row := relayedRow{Unit: key.unit, Run: key.run, First: int64(s.first), Last: int64(s.last), At: now.Unix()}
			if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// skippedParts returns the parts of a block that were not stored with it, since
// they had been before.
func (p *Pipeline) skippedParts(ctx context.Context, stream string, seq uint64) (map[int]bool, error) {
	var rows []skippedRow
	if err := p.o.DB.NewSelect().Model(&rows).Where("stream = ? AND seq = ?", stream, int64(seq)).Scan(ctx); err != nil {
		return nil, err
	}
	out := map[int]bool{}
	for _, r := range rows {
		out[r.Part] = true
	}
	return out, nil
}

// stripAgain empties what was skipped when b was stored first.
func (p *Pipeline) stripAgain(ctx context.Context, b *bus.Block) error {
	if b.Parts == nil {
		return nil
	}
	skipped, err := p.skippedParts(ctx, p.o.Spool.Stream(), b.Seq)
	if err != nil {
		return err
	}
	begin := 0
	for i, part := range b.Parts {
		if skipped[i] {
			empty(b.Batches[begin:part.End])
		}
		begin = part.End
	}
	return nil
}

// Forget deletes what was noted of blocks that the spool no longer holds, those
// before first, and of runs that nothing came from since before.
func (p *Pipeline) Forget(ctx context.Context, first uint64, before time.Time) error {
	if _, err := p.o.DB.NewDelete().Model((*skippedRow)(nil)).
		Where("stream <> ? OR seq < ?", p.o.Spool.Stream(), int64(first)).Exec(ctx); err != nil {
		return err
	}
	_, err := p.o.DB.ExecContext(ctx, `
		DELETE FROM relayed_blocks WHERE at < ? AND NOT EXISTS (
			SELECT 1 FROM relayed_blocks AS later
			WHERE later.unit = relayed_blocks.unit AND later.run = relayed_blocks.run AND later.at >= ?)`, before.Unix(), before.Unix())
	return err
}
