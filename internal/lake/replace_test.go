package lake

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// A block's events are parted by hours; then the first and the third hour are
// merged around the second, which stays as it is. The merger breaks: rebuilt from
// the block it must not take the second hour again.
func TestARebuiltSegmentLeavesOutWhatStandsInAnother(t *testing.T) {
	ctx := context.Background()
	events := randomEvents(rand.New(rand.NewPCG(5, 5)), 900, time.Hour)
	day := epoch.Truncate(24 * time.Hour)
	for i := range events {
		at := day.Add(time.Duration(i/300)*time.Hour + time.Duration(i)*time.Second)
		events[i].ev.Time, events[i].ev.Received, events[i].ev.Skewed = at, at, false
	}
	l := openLake(t, openSQLite(t))
	whole := segmentOf(l, events)
	if err := l.Commit(ctx, whole, []Block{{"a", 1, 900, 0}}, nil); err != nil {
		t.Fatal(err)
	}
	all := func() (segs []*segment) {
		for _, s := range l.segments {
			segs = append(segs, s)
		}
		return segs
	}
	if err := l.mergeSegments(ctx, &mergeTask{level: levelMinute, bucket: hourMicros, inputs: all()}); err != nil {
		t.Fatal(err)
	}
	var outer []*segment
	for _, s := range all() {
		if floorDiv(s.minTime, hourMicros) != floorDiv(day.Add(time.Hour).UnixMicro(), hourMicros) {
			outer = append(outer, s)
		}
	}
	if len(outer) != 2 {
		t.Fatalf("%d segments around the second hour, want 2", len(outer))
	}
	if err := l.mergeSegments(ctx, &mergeTask{level: levelDay, bucket: dayMicros, inputs: outer}); err != nil {
		t.Fatal(err)
	}
	for _, s := range all() {
		if s.level == levelDay {
			cutShort(t)(l.path(s))
		}
	}
	if err := l.Verify(ctx); err != nil {
		t.Fatal(err)
	}
	broken, err := l.Broken(ctx)
	if err != nil || len(broken) != 1 || len(broken[0].Blocks) != 1 {
		t.Fatalf("Broken = %+v, %v", broken, err)
	}
	if err := l.Replace(ctx, broken[0].SegmentID, whole); err != nil {
		t.Fatal(err)
	}
	rows, _ := search(t, l, ScopeAll(), Search{})
	checkRows(t, rows, events)
}

func TestAForgedCursorIsInvalid(t *testing.T) {
	l := openLake(t, openSQLite(t))
	fill(t, l, randomEvents(rand.New(rand.NewPCG(1, 1)), 20, time.Hour), 20)
	for _, at := range []int64{math.MinInt64, math.MaxInt64, earliest - 1, latest + 1} {
		_, err := l.Search(context.Background(), ScopeAll(), Search{Cursor: place{at, event.ID{}}.cursor()}, func(*Row) error { return nil })
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("a cursor at %d: %v, want fault.Invalid", at, err)
		}
	}
}
