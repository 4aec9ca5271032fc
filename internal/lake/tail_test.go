package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// follower reads the tail now and then, as a console that comes and goes does.
type follower struct {
	scope Scope
	query *query.Query
	at    int64
	got   map[event.ID]int
	want  map[event.ID]bool // committed since the place it began at
	gaps  int
}

func (f *follower) expect(events []stored) {
	for _, e := range events {
		ev := e.asStored()
		if f.scope.Sees(ev.Unit) && (f.query == nil || f.query.Match(&ev, e.rules)) {
			f.want[ev.ID] = true
		}
	}
}

func (f *follower) poll(t testing.TB, l *Lake, limit int) Tail {
	t.Helper()
	tail, err := l.Tail(context.Background(), f.scope, f.query, f.at, limit)
	if err != nil {
		t.Fatal(err)
	}
	if tail.Gap {
		// It reads the list again; what was missed is not the tail's. What came
		// before came once.
		f.gaps++
		for id, n := range f.got {
			if n != 1 || !f.want[id] {
				t.Errorf("before a gap event %s came %d times", id, n)
			}
		}
		clear(f.want)
		clear(f.got)
	}
	for i, r := range tail.Rows {
		f.got[r.ID]++
		if i > 0 && r.Time.Before(tail.Rows[i-1].Time) {
			t.Error("not the oldest first")
		}
	}
	f.at = tail.Next
	return tail
}

func (f *follower) check(t testing.TB) {
	t.Helper()
	for id := range f.want {
		if f.got[id] != 1 {
			t.Errorf("event %s came %d times", id, f.got[id])
		}
	}
	if len(f.got) != len(f.want) {
		t.Errorf("%d events came, %d were committed", len(f.got), len(f.want))
	}
}

// Whatever is committed, merged and restarted in between: who follows sees each
// event once, or is told that there is a gap.
func TestTailGivesEachEventOnce(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		r := rand.New(rand.NewPCG(41, 1))
		events := randomEvents(r, 1500, 36*time.Hour)
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		clock := time.Now()
		dir, db := t.TempDir(), open(t)
		options := func(o *Options) { o.Dir, o.Now = dir, func() time.Time { return clock } }
		l := openLake(t, db, options)
		var followers []*follower
		for i := range 12 {
			f := &follower{scope: ScopeAll(), got: map[event.ID]int{}, want: map[event.ID]bool{}, at: l.TailEnd()}
			if i%2 == 1 {
				f.scope = ScopeUnits(oneOf(r, randomUnits))
			}
			for i%3 > 0 && f.query == nil {
				f.query, _ = query.Parse(randomQuery(r, 2))
			}
			followers = append(followers, f)
		}
		merges, restarts := 0, 0
		for len(events) > 0 {
			clock = clock.Add(time.Duration(r.IntN(3000)) * time.Millisecond)
			part := events[:min(len(events), 1+r.IntN(60))]
			events = events[len(part):]
			fill(t, l, part, 1+r.IntN(60))
			for _, f := range followers {
				f.expect(part)
				if r.IntN(3) == 0 {
					f.poll(t, l, 10_000)
				}
			}
			switch r.IntN(15) {
			case 0:
				clock = clock.Add(time.Duration(r.IntN(90)) * time.Second)
				merges += compactAll(t, l)
			case 1:
				restarts++
				l = openLake(t, db, options)
			case 2:
				clock = clock.Add(time.Duration(r.IntN(200)) * time.Second)
			}
		}
		gaps := 0
		for _, f := range followers {
			f.poll(t, l, 10_000)
			f.check(t)
			gaps += f.gaps
		}
		t.Logf("%d merges, %d restarts, %d gaps", merges, restarts, gaps)
		if merges == 0 || restarts == 0 {
			t.Error("nothing happened in between")
		}
	})
}

// While somebody follows, compaction takes nothing away from him; when nobody
// does any more, the files go.
func TestTailHoldsWhatIsFollowed(t *testing.T) {
	clock := time.Now()
	l := openLake(t, openSQLite(t), func(o *Options) { o.Now = func() time.Time { return clock } })
	r := rand.New(rand.NewPCG(41, 2))
	events := randomEvents(r, 400, time.Hour)
	fill(t, l, events[:100], 100)
	f := &follower{scope: ScopeAll(), got: map[event.ID]int{}, want: map[event.ID]bool{}, at: l.TailEnd()}
	fill(t, l, events[100:300], 20)
	f.expect(events[100:300])
	clock = clock.Add(90 * time.Second)
	if compactAll(t, l) == 0 {
		t.Fatal("nothing was merged")
	}
	if tail := f.poll(t, l, 1000); tail.Gap {
		t.Error("who was away for 90 seconds has a gap")
	}
	f.check(t)

	clock = clock.Add(tailHold + time.Minute)
	fill(t, l, events[300:], 50)
	compactAll(t, l)
	checkNoStrayFiles(t, l)
	old := &follower{scope: ScopeAll(), got: map[event.ID]int{}, want: map[event.ID]bool{}, at: 1}
	if tail := old.poll(t, l, 1000); !tail.Gap || len(tail.Rows) != 0 || tail.Next != l.TailEnd() {
		t.Errorf("who was away for long has no gap: %+v", tail)
	}
}

func TestTailSkipsTheOldestAndSaysHowMany(t *testing.T) {
	l := openLake(t, openSQLite(t))
	r := rand.New(rand.NewPCG(41, 3))
	events := randomEvents(r, 500, time.Hour)
	at := l.TailEnd()
	fill(t, l, events, 100)
	tail, err := l.Tail(context.Background(), ScopeAll(), nil, at, 30)
	if err != nil || len(tail.Rows) != 30 || tail.Skipped != 470 || tail.Gap {
		t.Fatalf("%d rows, %d skipped, gap %v: %v", len(tail.Rows), tail.Skipped, tail.Gap, err)
	}
	want := expect(events, ScopeAll(), Search{Limit: 30})
	slices.Reverse(want)
	var got []event.ID
	for _, row := range tail.Rows {
		got = append(got, row.ID)
	}
	if !slices.Equal(got, want) {
		t.Error("these are not the newest 30")
	}
	if again, err := l.Tail(context.Background(), ScopeAll(), nil, tail.Next, 30); err != nil || len(again.Rows) != 0 || again.Skipped != 0 {
		t.Errorf("they came again: %+v %v", again, err)
	}
	for _, foreign := range []int64{-1, l.TailEnd() + 1} {
		if tail, err := l.Tail(context.Background(), ScopeAll(), nil, foreign, 30); err != nil || !tail.Gap {
			t.Errorf("place %d is followed: %+v %v", foreign, tail, err)
		}
	}
	if tail, err := l.Tail(context.Background(), Scope{}, nil, at, 30); err != nil || len(tail.Rows)+int(tail.Skipped) != 0 {
		t.Errorf("without a scope: %+v %v", tail, err)
	}
}

func TestTailWaitsForTheNextCommit(t *testing.T) {
	l := openLake(t, openSQLite(t))
	at := l.TailEnd()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := l.TailWait(ctx, at); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("nothing was committed: %v", err)
	}
	woken := make(chan error)
	go func() { woken <- l.TailWait(context.Background(), at) }()
	fill(t, l, randomEvents(rand.New(rand.NewPCG(41, 4)), 10, time.Hour), 10)
	if err := <-woken; err != nil {
		t.Fatal(err)
	}
	if l.TailEnd() == at {
		t.Error("the place stays")
	}
}

func BenchmarkTailPoll(b *testing.B) {
	l := openLake(b, openSQLite(b))
	r := rand.New(rand.NewPCG(41, 5))
	at := l.TailEnd()
	fill(b, l, randomEvents(r, 4000, time.Hour), 2000)
	for _, text := range []string{"", "user:root", "nothing-has-this"} {
		b.Run(fmt.Sprintf("%q", text), func(b *testing.B) {
			q, err := query.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.Tail(context.Background(), ScopeAll(), q, at, 100); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
