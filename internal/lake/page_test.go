package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Pages by cursor show every event that was there at the first page exactly
// once, while new events come and segments are merged.
func TestPagesAreStableUnderIngest(t *testing.T) {
	for _, ascending := range []bool{false, true} {
		t.Run(fmt.Sprint("ascending ", ascending), func(t *testing.T) {
			r := rand.New(rand.NewPCG(6, 6))
			events := randomEvents(r, 1500, 10*time.Hour)
			for i := range events { // many of the same time
				events[i].ev.Time = events[i].ev.Time.Truncate(10 * time.Minute)
			}
			old, fresh := events[:1000], events[1000:]
			l := openLake(t, openSQLite(t), later)
			fill(t, l, old, 100)
			seen := map[event.ID]bool{}
			cursor := ""
			for page := 0; ; page++ {
				rows, stats := search(t, l, ScopeAll(), Search{Limit: 90, Cursor: cursor, Ascending: ascending})
				for _, row := range rows {
					if seen[row.ID] {
						t.Fatalf("event %s came twice", row.ID)
					}
					seen[row.ID] = true
				}
				if cursor = stats.Cursor; cursor == "" {
					break
				}
				if len(fresh) > 0 {
					fill(t, l, fresh[:50], 50)
					fresh = fresh[50:]
				}
				compactAll(t, l)
			}
			for _, e := range old {
				if !seen[e.ev.ID] {
					t.Fatalf("event %s never came", e.ev.ID)
				}
			}
		})
	}
}

func TestForeignCursorIsInvalid(t *testing.T) {
	l := openLake(t, openSQLite(t))
	for _, c := range []string{"x", "AAAA", "!!!", "' OR 1=1"} {
		_, err := l.Search(context.Background(), ScopeAll(), Search{Cursor: c}, nil)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("cursor %q: %v, want fault.Invalid", c, err)
		}
	}
}

// A search for the newest few does not read what is older.
func TestNewestFirstStopsEarly(t *testing.T) {
	l := openLake(t, openSQLite(t))
	s := l.NewSegment()
	for day := range 20 {
		s.Reset()
		batch := event.NewBatchID(epoch)
		for i := range 8000 {
			at := epoch.Add(time.Duration(day)*24*time.Hour + time.Duration(i)*time.Second)
			s.Add(&event.Event{ID: batch.At(i), Unit: "u", Time: at, Received: at, Raw: "x"}, nil)
		}
		if err := l.Commit(context.Background(), s, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	rows, stats := search(t, l, ScopeAll(), Search{Limit: 100})
	if len(rows) != 100 || rows[0].Time.Before(rows[99].Time) || stats.Segments >= 20 || stats.Segments == 0 {
		t.Errorf("%d rows from %d of 20 segments", len(rows), stats.Segments)
	}
	rows, stats = search(t, l, ScopeAll(), Search{Limit: 100, From: epoch, To: epoch.Add(time.Hour)})
	if len(rows) != 100 || stats.Segments != 1 {
		t.Errorf("%d rows of one hour from %d segments", len(rows), stats.Segments)
	}
}

func TestHistogram(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	events := randomEvents(r, 2000, 36*time.Hour)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 300)
	for _, c := range []struct {
		from, to time.Time
		text     string
		buckets  int
		width    time.Duration
	}{
		{epoch, epoch.Add(36 * time.Hour), "", 40, time.Hour},
		{epoch.Add(90 * time.Second), epoch.Add(36 * time.Hour), "user:root", 20, 2 * time.Hour},
		{epoch, epoch.Add(time.Hour), "", 60, time.Minute},
		{epoch.Add(7 * time.Millisecond), epoch.Add(9 * time.Second), "", 200, 100 * time.Millisecond},
		{epoch, epoch.Add(36 * time.Hour), "", 1, 7 * 24 * time.Hour},
	} {
		s := Search{Query: mustParse(t, c.text), From: c.from, To: c.to}
		buckets, width, _, err := l.Histogram(context.Background(), ScopeAll(), s, c.buckets)
		if err != nil || len(buckets) > c.buckets || c.buckets > 1 && width != c.width {
			t.Fatalf("%v to %v: %d buckets of %v, %v; want at most %d of %v", c.from, c.to, len(buckets), width, err, c.buckets, c.width)
		}
		want := make([]int64, len(buckets))
		for _, e := range events {
			ev := e.asStored()
			us := ev.Time.UnixMicro()
			if us >= c.from.UnixMicro() && us < c.to.UnixMicro() && s.Query.Match(&ev, e.rules) {
				want[int(ev.Time.Sub(buckets[0].Time)/width)]++
			}
		}
		for i, b := range buckets {
			if b.Count != want[i] || i > 0 && !b.Time.Equal(buckets[i-1].Time.Add(width)) {
				t.Fatalf("%v to %v: bucket %v counts %d, want %d", c.from, c.to, b.Time, b.Count, want[i])
			}
		}
		if len(buckets) > 1 && buckets[0].Time.In(query.Zone).Truncate(width).After(buckets[0].Time) {
			t.Errorf("buckets start at %v, not at a round time", buckets[0].Time.In(query.Zone))
		}
	}
	// Wrong clocks decades away still give a bounded answer.
	buckets, _, _, err := l.Histogram(context.Background(), ScopeAll(), Search{}, 50)
	sum := int64(0)
	for _, b := range buckets {
		sum += b.Count
	}
	if err != nil || len(buckets) > 50 || sum != int64(len(events)) {
		t.Errorf("%d buckets count %d of %d, %v", len(buckets), sum, len(events), err)
	}
}

func TestFieldStats(t *testing.T) {
	l := openLake(t, openSQLite(t))
	events := randomEvents(rand.New(rand.NewPCG(6, 6)), 1000, 5*time.Hour)
	fill(t, l, events, 300)
	stats, n, _, err := l.FieldStats(context.Background(), ScopeAll(), Search{}, 100_000)
	if err != nil || n != len(events) {
		t.Fatalf("sampled %d, %v", n, err)
	}
	rows, values := map[string]int64{}, map[string]int64{}
	for _, e := range events {
		in := map[string]bool{}
		for _, f := range e.asStored().Fields {
			in[query.Fold(f.Name)] = true
			if query.Fold(f.Name) == "user" && f.Kind != event.Null {
				values[f.Value]++
			}
		}
		for name := range in {
			rows[name]++
		}
	}
	units := false
	for i, f := range stats {
		if i > 0 && f.Count > stats[i-1].Count {
			t.Errorf("field %q with %d comes after %d", f.Name, f.Count, stats[i-1].Count)
		}
		switch key := query.Fold(f.Name); {
		case f.Name == "_unit":
			units = f.Count == int64(len(events)) && len(f.Top) == len(randomUnits)
		case f.Name[:min(1, len(f.Name))] == "_" && f.Name != "_" && f.Name != "_time":
		case f.Count != rows[key]:
			t.Errorf("field %q is in %d events, want %d", f.Name, f.Count, rows[key])
		case key == "user":
			for _, v := range f.Top {
				if v.Count > values[v.Value] {
					t.Errorf("user %q counted %d times, is there %d times", v.Value, v.Count, values[v.Value])
				}
			}
			if len(f.Top) != topValues {
				t.Errorf("user has %d top values", len(f.Top))
			}
		}
	}
	if !units {
		t.Error("units are not counted")
	}
	if _, n, _, err := l.FieldStats(context.Background(), ScopeAll(), Search{}, 10); n != 10 || err != nil {
		t.Errorf("sampled %d, %v; want 10", n, err)
	}
}

func TestAround(t *testing.T) {
	l := openLake(t, openSQLite(t))
	var events []stored
	for i := range 300 {
		batch := event.NewBatchID(epoch)
		at := epoch.Add(time.Duration(i) * time.Second)
		events = append(events, stored{ev: event.Event{
			ID: batch.At(0), Unit: randomUnits[i%2], Host: []string{"a", "A", "b"}[i%3], Time: at, Received: at, Raw: fmt.Sprint(i),
		}})
	}
	fill(t, l, events, 50)
	centre := events[150].ev // unit 0, host a
	around := func(within time.Duration, limit int) []string {
		rows, err := l.Around(context.Background(), ScopeAll(), centre.ID, within, limit)
		if err != nil {
			t.Fatal(err)
		}
		var raws []string
		for _, r := range rows {
			raws = append(raws, r.Raw)
		}
		return raws
	}
	// Host names are compared without case: a and A are one machine.
	if got, want := around(6*time.Second, 100), []string{"144", "148", "150", "154", "156"}; !slices.Equal(got, want) {
		t.Errorf("within 6 s: %v, want %v", got, want)
	}
	if got, want := around(time.Hour, 4), []string{"148", "150", "154", "156"}; !slices.Equal(got, want) {
		t.Errorf("the nearest 4: %v, want %v", got, want)
	}
	if _, err := l.Around(context.Background(), ScopeUnits(randomUnits[1]), centre.ID, time.Minute, 10); fault.KindOf(err) != fault.NotFound {
		t.Errorf("around an event of another unit: %v, want fault.NotFound", err)
	}
}

func TestSearchStopsWithItsContext(t *testing.T) {
	l := openLake(t, openSQLite(t))
	fill(t, l, randomEvents(rand.New(rand.NewPCG(6, 6)), 1000, 5*time.Hour), 500)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Search(ctx, ScopeAll(), Search{}, func(*Row) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	l.config.Timeout = time.Nanosecond
	if _, err := l.Search(context.Background(), ScopeAll(), Search{}, func(*Row) error { return nil }); fault.KindOf(err) != fault.Busy {
		t.Errorf("timed out: %v, want fault.Busy", err)
	}
	l.config.Timeout = time.Minute
	why := errors.New("enough")
	n := 0
	if _, err := l.Search(context.Background(), ScopeAll(), Search{}, func(*Row) error { n++; return why }); !errors.Is(err, why) || n != 1 {
		t.Errorf("each failed: %v after %d rows", err, n)
	}
}
