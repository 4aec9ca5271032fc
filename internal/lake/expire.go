package lake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// A segment holds events of several units, whose times to go differ. It is
// rewritten without those that are due once that is worth it: when they are at
// least a quarter of it, or when the oldest of them are a week overdue.
const (
	worthDropping = 4 // one part in so many
	mostOverdue   = 7 * 24 * time.Hour
	judgeAgain    = 6 * time.Hour // a segment not worth it now is looked at again then
)

// expiry is which rows of a segment may go.
type expiry struct {
	drop    []bool // by row
	units   map[event.UnitID]int64
	dropped int64
	overdue bool // some row is due since mostOverdue
}

func (v *expiry) worth(s *segment) bool {
	return v.dropped == s.rows || v.dropped*worthDropping >= s.rows || v.dropped > 0 && v.overdue
}

// judge reads what decides over the rows of s: those that are due and not held
// may go. due gets what the policy says and the time of arrival.
func (l *Lake) judge(ctx context.Context, s *segment, holds []Hold, due func(k kept, received int64) (gone, overdue bool)) (_ *expiry, err error) {
	p := l.policy.Load()
	var tests []*holdTest
	for i := range holds {
		t, err := l.prepareHold(ctx, &holds[i], s)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	r, err := l.open(s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	v := &expiry{units: map[event.UnitID]int64{}}
	for g := range r.meta.RowGroups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := v.group(r, g, p, tests, due); err != nil {
			return nil, fmt.Errorf("segment %s: %w", s.id, err)
		}
	}
	return v, nil
}

func (v *expiry) group(r *segmentReader, g int, p *retentionPolicy, tests []*holdTest, due func(kept, int64) (bool, bool)) error {
	rows := make([]uint32, r.meta.RowGroups[g].NumRows)
	for i := range rows {
		rows[i] = uint32(i)
	}
	received, err := r.int64s(g, colReceived, rows, nil)
	if err != nil {
		return err
	}
	var units, formats, inputs, hosts cells
	if err := r.texts(g, colUnit, rows, &units); err != nil {
		return err
	}
	if p.bySource {
		if err := errors.Join(r.texts(g, colFormat, rows, &formats), r.texts(g, colInput, rows, &inputs)); err != nil {
			return err
		}
	}
	var times []int64
	var ids []event.ID
	if len(tests) > 0 {
		if times, err = r.int64s(g, colTime, rows, nil); err != nil {
			return err
		}
		if ids, err = r.ids(g, rows, nil); err != nil {
			return err
		}
		if err := r.texts(g, colHost, rows, &hosts); err != nil {
			return err
		}
	}
	type source struct{ unit, format, input uint32 }
	policies := map[source]kept{}
	for i := range rows {
		at := source{unit: units.ids[i]}
		if p.bySource {
			at.format, at.input = formats.ids[i], inputs.ids[i]
		}
		k, ok := policies[at]
		if !ok {
			k = p.of(event.UnitID(units.at(at.unit)), formats.at(at.format), inputs.at(at.input))
			policies[at] = k
		}
		gone, overdue := due(k, received[i])
		for _, t := range tests {
			if !gone {
				break
			}
			unit := event.UnitID(units.at(units.ids[i]))
			gone = !t.covers(unit, func() string { return query.Fold(hosts.at(hosts.ids[i])) }, times[i], func() event.ID { return ids[i] })
		}
		v.drop = append(v.drop, gone)
		if gone {
			v.dropped++
			v.units[event.UnitID(units.at(units.ids[i]))]++
			v.overdue = v.overdue || overdue
		}
	}
	return nil
}

// at returns a value of the dictionary, "" for absent.
func (c *cells) at(id uint32) string {
	if id == 0 {
		return ""
	}
	return string(c.dict.get(id - 1))
}

// dropRows swaps s for a segment without the rows that go, or deletes it if none
// stays. holds are those that v knows; if others have come since,
// nothing happens.
func (l *Lake) dropRows(ctx context.Context, s *segment, v *expiry, reason string, holds *[]Hold) (err error) {
	if l.acquire(func(o *segment) bool { return o == s }) == nil {
		return nil // merged or deleted meanwhile
	}
	defer l.release([]*segment{s})
	var added []*segment
	if v.dropped < s.rows {
		if bad, err := l.checkSum(ctx, s); err != nil || bad != "" {
			if bad != "" {
				err = l.markBroken(ctx, s, bad)
			}
			return err
		}
		added, err = l.writeMerged(ctx, &mergeTask{level: s.level, inputs: []*segment{s}, drop: v.drop})
		if err != nil {
			l.removeFiles(added)
			return fmt.Errorf("lake: rewriting segment %s: %w", s.id, err)
		}
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	gone := s.dead
	l.mu.Unlock()
	if gone || l.holds.Load() != holds {
		l.removeFiles(added)
		return nil
	}
	bytes := s.bytes
	for _, a := range added {
		bytes -= a.bytes
	}
	row := deletionRowOf(s, reason, v, max(bytes, 0), l.now())
	err = l.register(ctx, change{kind: chainDelete, deleted: &ChainDeletion{Reason: reason, Events: v.dropped, Units: v.units}}, added, []*segment{s}, func(ctx context.Context, tx bun.Tx) error {
		if err := moveBlocks(ctx, tx, added, []*segment{s}); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(row).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("lake: deleting from segment %s: %w", s.id, err)
	}
	l.metrics.deleted.WithLabelValues(reason).Add(float64(v.dropped))
	l.log.Info("deleted events", "segment", s.id, "reason", reason, "events", v.dropped, "of", s.rows, "bytes", bytes,
		"from", time.UnixMicro(s.minTime).UTC(), "to", time.UnixMicro(s.maxTime).UTC(), "units", v.units)
	return nil
}
