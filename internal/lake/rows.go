package lake

import (
	"context"
	"sync"
	"time"
)

// Want says which parts of rows are wanted; the others may be left out. ID,
// Time, Received, Unit and Skewed are always there.
type Want struct {
	Fields []string // folded names; nil: all
	Raw    bool
	Core   bool          // the rest of the core
	Within time.Duration // how long the scan may take; 0: as long as any search
	// Passed is called with how many more rows are done with, matching or not, by
	// one goroutine at a time; nil is allowed.
	Passed func(rows int64)
}

// scanRows is how many rows of a group are held at a time.
const scanRows = 1024

// Scan calls each for every matching row, in no order; of Search it heeds the
// query and the range of time. each is called by one goroutine at a time, is part
// of the search's time and holds up others while it runs; the Row is its to keep.
// Rows of a segment that turns out to be broken may have come before that was
// known. Errors: fault.Busy, and what each returns.
func (l *Lake) Scan(ctx context.Context, sc Scope, s Search, want Want, each func(*Row) error) (stats Stats, err error) {
	ctx, done := l.begin(ctx, "scan", &stats, &err)
	defer done()
	if want.Within == 0 {
		want.Within = l.config.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, want.Within)
	defer cancel()
	p := l.newPlan(sc, s)
	defer p.close()
	p.passed = want.Passed
	var mu sync.Mutex
	err = p.scan(ctx, p.segs, func(_ int, g *groupHits) error {
		for rows := g.rows; len(rows) > 0; rows = rows[min(scanRows, len(rows)):] {
			part := rows[:min(scanRows, len(rows))]
			w := wanted{group: g.group, rows: part, into: make([]int, len(part))}
			for i := range part {
				w.into[i] = i
			}
			out := make([]*Row, len(part))
			if err := g.r.fetch(g.seg, w, out); err != nil {
				return err
			}
			mu.Lock()
			for _, row := range out {
				if err := each(row); err != nil {
					mu.Unlock()
					return err
				}
			}
			mu.Unlock()
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	stats.Segments, stats.Warnings = len(p.read), p.warnings
	return stats, err
}
