package lake

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
)

// compactAll merges until nothing is worth it, at a time when all is over.
func compactAll(t testing.TB, l *Lake) (merges int) {
	t.Helper()
	for {
		done, err := l.compactOnce(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !done {
			return merges
		}
		if merges++; merges > 1000 {
			t.Fatal("compaction does not come to an end")
		}
	}
}

// later is a clock long after the random events that moves on by an hour each
// time it is looked at, so that everything is old enough to be merged.
func later(o *Options) {
	var looks atomic.Int64
	start := time.Now().Add(30 * 24 * time.Hour)
	o.Now = func() time.Time { return start.Add(time.Duration(looks.Add(1)) * time.Hour) }
}

func TestCompactionKeepsEveryEventAndFewFiles(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		r := rand.New(rand.NewPCG(3, 3))
		events := randomEvents(r, 4000, 36*time.Hour)
		clock := time.Now()
		l := openLake(t, open(t), func(o *Options) { o.Now = func() time.Time { return clock } })
		fill(t, l, events, 60)
		before := len(l.segments)
		clock = clock.Add(30 * 24 * time.Hour)
		merges := compactAll(t, l)
		normal := 0
		for _, s := range l.segments {
			if s.skewed {
				continue
			}
			normal++
			if s.level != levelDay || floorDiv(s.minTime, dayMicros) != floorDiv(s.maxTime, dayMicros) {
				t.Errorf("segment %s of level %s spans %v to %v", s.id, levelNames[s.level], time.UnixMicro(s.minTime), time.UnixMicro(s.maxTime))
			}
		}
		t.Logf("%d segments became %d in %d merges", before, len(l.segments), merges)
		if normal != 2 {
			t.Errorf("two days are %d segments", normal)
		}
		rows, _ := search(t, l, ScopeAll(), Search{})
		checkRows(t, rows, events)
		checkQueries(t, l, events, r, 150)
		if err := l.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
		if broken, err := l.Broken(context.Background()); err != nil || len(broken) > 0 {
			t.Errorf("broken after compaction: %v, %v", broken, err)
		}
	})
}

// A reader sees every event exactly once, whatever compaction does meanwhile.
func TestReadersSeeEachEventOnceDuringCompaction(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	events := randomEvents(r, 2000, 36*time.Hour)
	l := openLake(t, openSQLite(t), later)
	var mu sync.Mutex
	committed := 0
	ctx, stop := context.WithCancel(context.Background())
	var workers sync.WaitGroup
	workers.Go(func() {
		for ctx.Err() == nil {
			if _, err := l.compactOnce(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	})
	for range 2 {
		workers.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				least := committed
				mu.Unlock()
				seen := map[event.ID]bool{}
				_, err := l.Search(context.Background(), ScopeAll(), Search{}, func(r *Row) error {
					if seen[r.ID] {
						return fmt.Errorf("event %s came twice", r.ID)
					}
					seen[r.ID] = true
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				for _, e := range events[:least] {
					if !seen[e.ev.ID] {
						t.Errorf("event %s is missing from %d", e.ev.ID, len(seen))
						return
					}
				}
			}
		})
	}
	s := l.NewSegment()
	for i := 0; i < len(events); i += 25 {
		for _, e := range events[i : i+25] {
			s.Add(&e.ev, e.rules)
		}
		if err := l.Commit(context.Background(), s, nil, nil); err != nil {
			t.Fatal(err)
		}
		s.Reset()
		mu.Lock()
		committed = i + 25
		mu.Unlock()
	}
	time.AfterFunc(500*time.Millisecond, stop)
	workers.Wait()
	compactAll(t, l)
	rows, _ := search(t, l, ScopeAll(), Search{})
	checkRows(t, rows, events)
}

// The plan of merges is made from the manifest alone.
func TestNextMerge(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)
	seg := func(level int, from, to, created string, rows int64) *segment {
		at := func(s string) int64 {
			x, err := time.Parse("2006-01-02T15:04", s)
			if err != nil {
				t.Fatal(err)
			}
			return x.UnixMicro()
		}
		return &segment{id: newSegmentID(now), level: level, minTime: at(from), maxTime: at(to), createdAt: at(created), rows: rows}
	}
	many := func(n int, s *segment) (out []*segment) {
		for range n {
			c := *s
			c.id = newSegmentID(now)
			out = append(out, &c)
		}
		return out
	}
	for _, c := range []struct {
		name  string
		segs  []*segment
		level int // of the merger; -1: none
		n     int
	}{
		{"nothing", nil, -1, 0},
		{"young flushes wait", many(5, seg(levelFlush, "2026-11-22T10:29", "2026-11-22T10:30", "2026-11-22T10:30", 10)), -1, 0},
		{"many flushes do not", many(40, seg(levelFlush, "2026-11-22T10:29", "2026-11-22T10:30", "2026-11-22T10:30", 10)), levelMinute, 40},
		{"a minute is enough", many(2, seg(levelFlush, "2026-11-22T10:28", "2026-11-22T10:28", "2026-11-22T10:28", 10)), levelMinute, 2},
		{"an hour under way waits", many(9, seg(levelMinute, "2026-11-22T10:05", "2026-11-22T10:06", "2026-11-22T10:06", 10)), -1, 0},
		{"an hour that is over", many(9, seg(levelMinute, "2026-11-22T09:05", "2026-11-22T09:06", "2026-11-22T10:00", 10)), levelHour, 9},
		{"an hour that is over and has stragglers", many(9, seg(levelHour, "2026-11-22T02:05", "2026-11-22T02:59", "2026-11-22T03:10", 10)), levelHour, 9},
		{"a day that is over", []*segment{
			seg(levelHour, "2026-11-21T02:05", "2026-11-21T02:59", "2026-11-21T03:10", 10),
			seg(levelHour, "2026-11-21T04:05", "2026-11-21T04:59", "2026-11-21T05:10", 10),
		}, levelDay, 2},
		{"a large day does not take in every straggler at once", []*segment{
			seg(levelDay, "2026-11-21T00:05", "2026-11-21T23:59", "2026-11-22T03:10", 100000),
			seg(levelMinute, "2026-11-21T04:05", "2026-11-21T04:59", "2026-11-22T10:20", 10),
		}, -1, 0},
		{"but in the end it does", []*segment{
			seg(levelDay, "2026-11-21T00:05", "2026-11-21T23:59", "2026-11-22T03:10", 100000),
			seg(levelMinute, "2026-11-21T04:05", "2026-11-21T04:59", "2026-11-22T09:20", 10),
		}, levelDay, 2},
		{"a full segment stays", []*segment{
			seg(levelDay, "2026-11-21T00:05", "2026-11-21T23:59", "2026-11-22T03:10", mergeRows),
			seg(levelMinute, "2026-11-21T04:05", "2026-11-21T04:59", "2026-11-22T09:20", 10),
		}, -1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := nextMerge(slices.Clone(c.segs), now)
			switch {
			case got == nil && c.level >= 0:
				t.Errorf("nothing is merged, want level %s", levelNames[c.level])
			case got != nil && (got.level != c.level || len(got.inputs) != c.n):
				t.Errorf("%d segments are merged to level %s; want %d, level %d", len(got.inputs), levelNames[got.level], c.n, c.level)
			}
		})
	}
}
