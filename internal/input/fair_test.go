package input

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// province simulates a node: senders offer batches, one queue, a processor of a
// given speed that commits in steps, as the process loop does.
type province struct {
	now   time.Time
	speed int64 // cost a second; 0: it stands still
	fair  *Fair
	queue []parcel
	lag   time.Duration
	work  int64 // done on the first of the queue and after the last commit
	worst map[event.UnitID]time.Duration
	sent  map[event.UnitID]int // batches taken
	held  map[event.UnitID]int // batches refused
}

type parcel struct {
	unit event.UnitID
	at   time.Time
}

const (
	simStep    = 10 * time.Millisecond
	commitEach = 80 // steps
	perBatch   = 100
	recordLen  = 488
	batchCost  = perBatch * (recordLen + 512)
)

func newProvince(speed int64) *province {
	p := &province{now: time.Unix(1_800_000_000, 0), speed: speed, worst: map[event.UnitID]time.Duration{}, sent: map[event.UnitID]int{}, held: map[event.UnitID]int{}}
	p.fair = NewFair(p, func() time.Duration { return p.lag }, func() time.Time { return p.now })
	return p
}

func (p *province) Put(_ context.Context, b *event.Batch) (uint64, error) {
	p.queue = append(p.queue, parcel{b.Unit, p.now})
	return 1, nil
}

var oneBatch = slices.Repeat([]event.Record{{Data: make([]byte, recordLen)}}, perBatch)

func (p *province) offer(t testing.TB, unit event.UnitID) {
	_, err := p.fair.Put(t.Context(), &event.Batch{Unit: unit, Records: oneBatch})
	switch {
	case err == nil:
		p.sent[unit]++
	case fault.KindOf(err) == fault.Busy:
		p.held[unit]++
	default:
		t.Fatal(err)
	}
}

// run lets time pass; offers says how many batches a second each unit has.
func (p *province) run(t testing.TB, d time.Duration, offers map[event.UnitID]float64) {
	random := rand.New(rand.NewPCG(1, 2))
	owed := map[event.UnitID]float64{}
	for i := range int(d / simStep) {
		for _, unit := range slices.Sorted(maps.Keys(offers)) {
			for owed[unit] += offers[unit] * simStep.Seconds() * 2 * random.Float64(); owed[unit] >= 1; owed[unit]-- {
				p.offer(t, unit)
			}
		}
		p.now = p.now.Add(simStep)
		p.work += p.speed * int64(simStep) / int64(time.Second)
		if i%commitEach == 0 {
			p.commit()
		}
	}
}

func (p *province) commit() {
	n := min(int(p.work/batchCost), len(p.queue))
	if p.work -= int64(n) * batchCost; n == len(p.queue) {
		p.work = 0
	}
	for _, c := range p.queue[:n] {
		p.lag = p.now.Sub(c.at)
		p.worst[c.unit] = max(p.worst[c.unit], p.lag)
		p.fair.Done(c.unit, perBatch, perBatch*recordLen)
	}
	if p.queue = p.queue[n:]; len(p.queue) == 0 {
		p.fair.Idle()
	}
}

// believed is the speed a node starts from.
func believed() int64 {
	f := NewFair(nil, func() time.Duration { return 0 }, time.Now)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.speed(time.Now())
}

func TestAUnitThatFloodsDoesNotDelayOthers(t *testing.T) {
	const longest = 5 * time.Second
	for name, speed := range map[string]int64{"as fast as believed": believed(), "four times slower": believed() / 4, "twice as fast": 2 * believed()} {
		t.Run(name, func(t *testing.T) {
			p := newProvince(speed)
			batches := float64(speed) / batchCost // a second, all together
			offers := map[event.UnitID]float64{}
			for _, u := range []event.UnitID{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
				offers[u] = batches / 20 // half of a fair share of a tenth
			}
			p.run(t, 20*time.Second, offers)
			if len(p.held) > 0 {
				t.Fatalf("held back without need: %v", p.held)
			}
			offers["flood"] = batches // ten times a tenth
			p.run(t, 2*time.Minute, offers)
			for u := range offers {
				if u == "flood" {
					continue
				}
				// A slower machine than believed finds out once; until the queue is
				// short again, it holds back others at times.
				if p.held[u] > p.sent[u]/20 || p.worst[u] > longest {
					t.Errorf("unit %s: %d batches of %d held back, delayed by up to %v", u, p.held[u], p.held[u]+p.sent[u], p.worst[u])
				}
			}
			if p.held["flood"] == 0 || p.sent["flood"] < int(batches*120/3) {
				t.Errorf("the flood: %d taken, %d held back; want it to have what the others leave", p.sent["flood"], p.held["flood"])
			}
			if held := p.fair.TakeHeld(); held["flood"] != int64(p.held["flood"]*perBatch) {
				t.Errorf("held back, as told: %v", held)
			}
			delete(offers, "flood")
			p.run(t, 20*time.Second, offers)
			clear(p.held)
			p.run(t, 20*time.Second, offers)
			if len(p.held) > 0 {
				t.Error("held back after the flood was over")
			}
		})
	}
}

func TestAQueueThatStandsStillHoldsNobodyBack(t *testing.T) {
	p := newProvince(believed())
	offers := map[event.UnitID]float64{"a": 10, "b": 200}
	p.run(t, 10*time.Second, offers)
	p.speed = 0
	p.run(t, 5*time.Second, offers) // it may hold back until it knows
	clear(p.held)
	p.run(t, 2*time.Minute, offers)
	if len(p.held) > 0 {
		t.Errorf("held back: %v; the spool has room", p.held)
	}
}

func TestWhatIsNotStoredIsNotCounted(t *testing.T) {
	down := errors.New("down")
	f := NewFair(sinkFunc(func() error { return down }), func() time.Duration { return 0 }, time.Now)
	for range 10 {
		if _, err := f.Put(t.Context(), &event.Batch{Unit: "a", Records: oneBatch}); !errors.Is(err, down) {
			t.Fatal(err)
		}
	}
	if f.total != 0 || len(f.waiting) != 0 {
		t.Errorf("%d is counted as waiting", f.total)
	}
}

type sinkFunc func() error

func (f sinkFunc) Put(context.Context, *event.Batch) (uint64, error) { return 1, f() }

func TestWaterline(t *testing.T) {
	for _, c := range []struct {
		waiting []int64
		room    int64
		want    int64
	}{
		{[]int64{10, 10, 10}, 15, 5},
		{[]int64{1, 10, 10}, 15, 7},
		{[]int64{100}, 15, 15},
		{[]int64{1, 2}, 15, 14},
		{nil, 15, 15},
	} {
		m := map[event.UnitID]int64{}
		for i, h := range c.waiting {
			m[event.UnitID(rune('a'+i))] = h
		}
		if got := waterline(m, c.room); got != c.want {
			t.Errorf("%v in %d: level %d, want %d", c.waiting, c.room, got, c.want)
		}
	}
}

func BenchmarkFairPut(b *testing.B) {
	f := NewFair(sinkFunc(func() error { return nil }), func() time.Duration { return 0 }, time.Now)
	batch := &event.Batch{Unit: "a", Records: oneBatch}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Put(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		f.Done("a", perBatch, perBatch*recordLen)
	}
}
