package input

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	// fairWindow is how much work may wait before anybody is held back, in time.
	fairWindow = time.Second
	// fairSpeed is how fast one core is believed to be before it was seen at work,
	// in cost a second; the measure of cost is in costOf. It is less than any core
	// of today does: what is too low is found out within seconds.
	fairSpeed = 20 << 20
	// fairLate is a delay of events at which the node does all it can.
	fairLate = 2500 * time.Millisecond
	// fairSlot and fairSlots make the span over which speed is measured: 4 s.
	fairSlot  = 200 * time.Millisecond
	fairSlots = 20
	// waterlineKept is how long a waterline is used again.
	waterlineKept = 20 * time.Millisecond
)

// codeQuota marks a Busy that no waiting at the sink would mend soon.
const codeQuota = "ingest.quota"

// isQuota tells whether a sink holds the unit back, so that the sender had better
// wait than the request.
func isQuota(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && e.Code == codeQuota
}

// costOf measures work: raw bytes, and as much again for each record as 512 bytes
// take, near to what parsing, matching and storing cost.
func costOf(events, bytes int) int64 { return int64(bytes) + 512*int64(events) }

// Fair is a sink in front of the spool that keeps a unit which floods from
// delaying the events of others: the spool is one queue, and what a unit has
// waiting in it, all wait for.
//
// It counts what each unit has in the queue. While all of it is less than a second
// of work everything goes through; a unit alone may fill the machine. Once more is
// waiting, and more comes than is processed, that second is dealt out as water
// finds its level: a unit that has less waiting than the level passes, one that has
// more is told Busy. So the queue others see stays short, however much one of them
// sends, and no unit's share has to be set by hand. (A fixed rate for each unit would have to be known for hundreds of them,
// and would waste the machine while the rest are quiet.)
//
// Where nothing is processed at all (the lake is full, the loop stands still),
// nobody is held back: the spool is there to take it. What waited before a restart
// is not counted either.
type Fair struct {
	sink Sink
	lag  func() time.Duration
	now  func() time.Time

	mu       sync.Mutex
	waiting  map[event.UnitID]int64 // cost in the queue
	total    int64
	in, done rateMeter
	known    int64 // speed, cost a second
	level    int64 // waterline
	levelAt  time.Time
	held     map[event.UnitID]int64 // records refused since TakeHeld
}

// NewFair puts a Fair in front of sink. lag tells how long the newest processed
// events had waited.
func NewFair(sink Sink, lag func() time.Duration, now func() time.Time) *Fair {
	return &Fair{sink: sink, lag: lag, now: now, waiting: map[event.UnitID]int64{}, held: map[event.UnitID]int64{},
		known: fairSpeed * int64(runtime.GOMAXPROCS(0))}
}

// Put implements [Sink]; Busy with the code ingest.quota holds a unit back.
func (f *Fair) Put(ctx context.Context, b *event.Batch) (uint64, error) {
	return f.Share(b.Unit, len(b.Records), b.Bytes(), func() (uint64, error) { return f.sink.Put(ctx, b) })
}

// Share is Put for what is no batch: put stores so many events of a unit.
func (f *Fair) Share(unit event.UnitID, events, bytes int, put func() (uint64, error)) (uint64, error) {
	cost := costOf(events, bytes)
	if !f.admit(unit, cost, events) {
		return 0, fault.New(fault.Busy, "the unit sends more than its share while others wait; send again later").WithCode(codeQuota)
	}
	seq, err := put()
	if err != nil {
		// Also where it is not known: rather too little is counted than too much
		// for ever.
		f.mu.Lock()
		f.take(unit, cost)
		f.mu.Unlock()
	}
	return seq, err
}

func (f *Fair) admit(unit event.UnitID, cost int64, records int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if f.over(now, unit, cost) {
		f.held[unit] += int64(records)
		return false
	}
	f.in.add(now, cost)
	f.waiting[unit] += cost
	f.total += cost
	return true
}

// over says whether the unit must wait. f.mu is held.
func (f *Fair) over(now time.Time, unit event.UnitID, cost int64) bool {
	speed := f.speed(now)
	room := int64(fairWindow.Seconds() * float64(speed))
	switch {
	case speed == 0, f.total+cost <= room:
		return false
	case f.in.perSecond(now) < speed*9/10:
		return false // what waits is being worked off
	}
	if now.Sub(f.levelAt) > waterlineKept {
		f.level, f.levelAt = waterline(f.waiting, room), now
		if f.total < 4*room {
			// Until it is four times too much, only those are held back who have twice an
			// equal part of it: with hundreds of units the line runs through the
			// noise of quiet ones.
			f.level = max(f.level, 2*f.total/int64(len(f.waiting)))
		}
	}
	return f.waiting[unit]+cost > f.level
}

// speed is how much work a second the node does when it has enough of it, 0 where
// it stands still. What is done while events are late is all it can do; what is
// done otherwise, it can do at least. f.mu is held.
func (f *Fair) speed(now time.Time) int64 {
	lately := f.done.perSecond(now)
	if lately == 0 && f.total > 0 {
		return 0
	}
	if lately > f.known || f.lag() > fairLate && lately > 0 {
		f.known = lately
	}
	return f.known
}

// Done says that events of a unit are processed.
func (f *Fair) Done(unit event.UnitID, events, bytes int) {
	cost := costOf(events, bytes)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done.add(f.now(), cost)
	f.take(unit, cost)
}

// Idle says that nothing waits, which mends what was counted and never processed.
func (f *Fair) Idle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.waiting)
	f.total = 0
}

// take takes cost off the queue. f.mu is held.
func (f *Fair) take(unit event.UnitID, cost int64) {
	cost = min(cost, f.waiting[unit])
	f.total -= cost
	if f.waiting[unit] -= cost; f.waiting[unit] == 0 {
		delete(f.waiting, unit)
	}
}

// TakeHeld returns how many records of which units were held back since it was
// last asked. A sender that comes again with the same records is counted again.
func (f *Fair) TakeHeld() map[event.UnitID]int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	held := f.held
	f.held = map[event.UnitID]int64{}
	return held
}

// waterline returns the level at which the sum of what lies below it is room. Where
// there is room for all of it, the highest may grow by what is left.
func waterline(waiting map[event.UnitID]int64, room int64) int64 {
	heights := make([]int64, 0, len(waiting))
	for _, h := range waiting {
		heights = append(heights, h)
	}
	slices.Sort(heights)
	highest := int64(0)
	for i, h := range heights {
		if share := room / int64(len(heights)-i); h > share {
			return share
		}
		room -= h
		highest = h
	}
	return highest + room
}

// rateMeter sums over the last fairSlots slots of time. The zero value is empty.
type rateMeter struct {
	slots [fairSlots]int64
	last  int64 // number of the newest slot since the epoch
	sum   int64
}

func (m *rateMeter) move(now time.Time) {
	slot := now.UnixNano() / int64(fairSlot)
	if slot-m.last >= fairSlots {
		*m = rateMeter{last: slot}
		return
	}
	for m.last < slot {
		m.last++
		m.sum -= m.slots[m.last%fairSlots]
		m.slots[m.last%fairSlots] = 0
	}
}

func (m *rateMeter) add(now time.Time, n int64) {
	m.move(now)
	m.slots[m.last%fairSlots] += n
	m.sum += n
}

func (m *rateMeter) perSecond(now time.Time) int64 {
	m.move(now)
	return m.sum * int64(time.Second) / int64(fairSlots*fairSlot)
}
