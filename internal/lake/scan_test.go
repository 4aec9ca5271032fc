package lake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Scan gives every matching row once, whatever the order.
func TestScanGivesEveryMatchOnce(t *testing.T) {
	events := randomEvents(rand.New(rand.NewPCG(3, 3)), 3000, 36*time.Hour)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 700)
	for _, text := range []string{"", "user:root", "NOT image:*", "cmd OR 4625", "skewed:false"} {
		s := Search{Query: mustParse(t, text), From: epoch, To: epoch.Add(30 * time.Hour)}
		var got []event.ID
		if _, err := l.Scan(context.Background(), ScopeAll(), s, Want{}, func(r *Row) error {
			got = append(got, r.ID)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want := expect(events, ScopeAll(), s)
		byID := func(a, b event.ID) int { return slices.Compare(a[:], b[:]) }
		slices.SortFunc(got, byID)
		slices.SortFunc(want, byID)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%q: %d rows, want %d", text, len(got), len(want))
		}
	}
	why := errors.New("enough")
	if _, err := l.Scan(context.Background(), ScopeAll(), Search{}, Want{}, func(*Row) error { return why }); !errors.Is(err, why) {
		t.Errorf("an error of the caller's comes back as %v", err)
	}
}

// What is written as a page comes back row by row, whatever the mix of runs and
// absent values, and whatever rows are asked for.
func TestBitmaps(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		n := 1 + r.IntN(500)
		b := make(bitmap, wordsOf(n))
		want := make([]bool, n)
		for range r.IntN(6) {
			from := r.IntN(n + 1)
			to := from + r.IntN(n-from+1)
			if r.IntN(2) == 0 {
				b.setRange(from, to)
				for i := from; i < to; i++ {
					want[i] = true
				}
				continue
			}
			packed := make([]byte, (to-from+7)/8)
			for i := range packed {
				packed[i] = byte(r.Uint32())
			}
			b.orBytes(packed, from, to-from)
			for i := range to - from {
				want[from+i] = want[from+i] || packed[i/8]&(1<<(i%8)) != 0
			}
		}
		var rows []uint32
		for i, is := range want {
			if is {
				rows = append(rows, uint32(i))
			}
			if b.has(i) != is {
				t.Fatalf("row %d of %d is %v", i, n, b.has(i))
			}
		}
		if got := b.appendRows(nil); !slices.Equal(got, rows) || b.count() != len(rows) || b.any() != (len(rows) > 0) {
			t.Fatalf("rows %v, want %v", got, rows)
		}
		for range 20 {
			from := r.IntN(n + 1)
			to := from + r.IntN(n-from+1)
			if got, want := b.anyIn(from, to), slices.Contains(want[from:to], true); got != want {
				t.Fatalf("anyIn(%d, %d) = %v", from, to, got)
			}
		}
	}
}

func TestFoldingIsTheQueries(t *testing.T) {
	texts := append([]string{"", "ABCdefgHIJ", "@[`{AZaz09", "ÀÁẢ ĐƯỜNG Ǆ Ⅷ Ⓐ Ꭰ \U00010400", "İSTANBUL", "K\u212ak ſS", "1234567É", "12345678É9"}, randomValues...)
	for _, s := range texts {
		s = valid(s)
		for i := range s {
			if got, want := string(appendFolded(nil, []byte(s[i:]))), query.Fold(s[i:]); got != want {
				t.Errorf("%q folds to %q, want %q", s[i:], got, want)
			}
		}
	}
}

// A dictionary is searched as one text, and gives what its entries give one by
// one.
func TestDictionariesMatchLikeTheirValues(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	var sc matchScratch
	for range 3000 {
		q, err := query.Parse(randomTerm(r))
		if err != nil {
			t.Fatal(err)
		}
		term, ok := q.Root.(query.Term)
		if core, _ := query.Resolve(term.Field); !ok || term.Field == "" || core == query.Time || core == query.Received {
			continue
		}
		m := newMatcher(term)
		var d dict
		var cells [][]string
		for range r.IntN(12) {
			var cell []string
			for range 1 + r.IntN(3) {
				v := cleanValue(oneOf(r, randomValues))
				if r.IntN(8) == 0 {
					v = cellNull
				}
				cell = append(cell, v)
			}
			cells = append(cells, cell)
			joined := cell[0]
			for _, v := range cell[1:] {
				joined += cellSeparator + v
			}
			d.add(joined)
		}
		hits, n := m.all(&d, true, true, &sc)
		count := 0
		for i, cell := range cells {
			var fields []event.Field
			for _, v := range cell {
				f := event.Field{Name: "f", Value: v}
				if v == cellNull {
					f.Value, f.Kind = "", event.Null
				}
				fields = append(fields, f)
			}
			one := term
			one.Field = "f"
			want := (&query.Query{Root: one}).Match(&event.Event{Fields: fields}, nil)
			if (hits[i] != 0) != want {
				t.Fatalf("%s on %q: %v, want %v", q.Text, cell, hits[i] != 0, want)
			}
			if want {
				count++
			}
		}
		if n != count {
			t.Fatalf("%s: %d hits counted, %d there", q.Text, n, count)
		}
	}
}

func TestEachHolding(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	letters := func(n int) (s string) {
		for range n {
			s += string(rune('a' + r.IntN(2)))
		}
		return s
	}
	for range 5000 {
		var d dict
		var want []int
		needle := letters(1 + r.IntN(4))
		for i := range 1 + r.IntN(10) {
			s := letters(r.IntN(6))
			d.add(s)
			if m := (&matcher{kind: matchContains, lit: []byte(needle)}); m.folded([]byte(s)) {
				want = append(want, i)
			}
		}
		var got []int
		eachHolding(d.arena, d.ends, []byte(needle), func(i int) { got = append(got, i) })
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %q %v: %v, want %v", needle, d.arena, d.ends, got, want)
		}
	}
}

func TestNthSmallest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for range 2000 {
		v := make([]int64, 1+r.IntN(50))
		for i := range v {
			v[i] = int64(r.IntN(20))
		}
		n := r.IntN(len(v))
		sorted := slices.Sorted(slices.Values(v))
		if got := nthSmallest(slices.Clone(v), n); got != sorted[n] {
			t.Fatalf("place %d of %v is %d, not %d", n, sorted, got, sorted[n])
		}
	}
}

// Searches take turns, and none is lost: with one thread many get their groups
// done one at a time, and one that ends while it waits leaves the others alone.
func TestPacerTakesTurns(t *testing.T) {
	c := DefaultConfig()
	c.Threads = 1
	p := newPacer(c, nil)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	busy, done := 0, make(chan error)
	for i := range 20 {
		ctx := context.Background()
		if i%5 == 4 {
			ctx = ended
		}
		go func() {
			var since time.Time
			done <- p.group(ctx, &since, func() error {
				if busy++; busy != 1 {
					return fmt.Errorf("%d groups at once", busy)
				}
				runtime.Gosched()
				busy--
				return nil
			})
		}()
	}
	cancelled := 0
	for range 20 {
		if err := <-done; errors.Is(err, context.Canceled) {
			cancelled++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if cancelled != 4 || p.free != 1 || len(p.waiting) != 0 {
		t.Errorf("%d cancelled, %d threads free, %d waiting", cancelled, p.free, len(p.waiting))
	}
}

// Questions of programs are answered as query.Match would.
func TestAskedValuesEqualMatching(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 3))
	events := randomEvents(r, 2000, 36*time.Hour)
	l := openLake(t, openSQLite(t))
	fill(t, l, events, 400)
	for _, a := range []query.Any{
		{Test: func(v string) bool { return v == "root" || v == "4625" }},
		{Name: func(n string) bool { return n == "image" }, Test: func(v string) bool { return len(v) == 4 }},
		{Name: func(n string) bool { return n == "_time" || n == "filename" || n == "" }},
		{Name: func(n string) bool { return n == "user" }, Null: true, Test: func(string) bool { return false }},
		{Test: func(v string) bool { return v == "" }},
	} {
		for _, root := range []query.Node{a, query.Not{Part: a}} {
			s := Search{Query: &query.Query{Root: root}}
			rows, _ := search(t, l, ScopeAll(), s)
			if want := expect(events, ScopeAll(), s); !slices.Equal(idsOf(rows), want) || len(want) == 0 {
				t.Errorf("%d rows, want %d", len(rows), len(want))
			}
		}
	}
}

// Under pressure a search has one thread and its share of the time, and ends.
func TestPacerGivesWayToIngest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pressure atomic.Uint64
		p := newPacer(DefaultConfig(), func() float64 { return float64(pressure.Load()) / 100 })
		run := func(groups int) time.Duration {
			start := time.Now()
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() {
					var since time.Time
					for range groups / 2 {
						if err := p.group(context.Background(), &since, func() error { time.Sleep(10 * time.Millisecond); return nil }); err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			return time.Since(start)
		}
		for _, c := range []struct {
			percent uint64
			want    time.Duration // of ten groups of 10 ms
		}{{0, 50 * time.Millisecond}, {50, 181818180 * time.Nanosecond}, {100, time.Second}} {
			pressure.Store(c.percent)
			if got := run(10); got < c.want-time.Millisecond || got > c.want+time.Millisecond {
				t.Errorf("pressure %d %%: %v, want %v", c.percent, got, c.want)
			}
		}
	})
}

// A search that would hold too much is refused in words, and takes nothing with it.
func TestSearchMemoryIsBounded(t *testing.T) {
	l := openLake(t, openSQLite(t))
	fill(t, l, randomEvents(rand.New(rand.NewPCG(3, 4)), 2000, time.Hour), 1000)
	l.memory.max = 20_000
	_, err := l.Search(context.Background(), ScopeAll(), Search{}, func(*Row) error { return nil })
	if fe, ok := errors.AsType[*fault.Error](err); !ok || fe.Kind != fault.Busy || fe.Code != "search.memory" {
		t.Errorf("a search of much memory: %v, want fault.Busy", err)
	}
	if rows, _ := search(t, l, ScopeAll(), Search{Limit: 10}); len(rows) != 10 {
		t.Errorf("a small search finds %d rows", len(rows))
	}
	if used := l.memory.used.Load(); used != 0 {
		t.Errorf("%d bytes stay taken", used)
	}
}
