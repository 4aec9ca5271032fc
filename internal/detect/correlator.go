package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// CorrelatorOptions tune a Correlator.
type CorrelatorOptions struct {
	// InOrder is for recorded logs: hits come sorted by time, all of a unit are
	// one story whoever sent them, and nothing waits for others.
	InOrder   bool
	MaxEvents int // held in all groups; 0: 100,000
	MaxLanes  int // 0: 1,000
}

// CorrelatorStats says what a correlator holds and what it could not do.
type CorrelatorStats struct {
	Lanes, Groups, Events, Pending int // held now

	Evicted   uint64 // groups forgotten to stay within the bounds
	Late      uint64 // hits of no usable time, or too old for their lane, ignored
	Shifted   uint64 // hits a little late, taken as of their lane's time
	Ungrouped uint64 // hits without a field the correlation needs, or with a text where it needs a number
	Truncated uint64 // events beyond what one group may count
}

const (
	defaultMaxEvents = 100_000
	defaultMaxLanes  = 1_000
	// lateness is how long hits wait for older ones, so that the logs of several
	// machines come into the order of their times.
	lateness = 5 * time.Second
	// liveWithin tells logs that come as they are written, from clocks that are
	// about right, from recordings, backlogs and clocks that are wrong.
	liveWithin = 10 * time.Minute
	maxPending = 10_000 // hits that wait in one lane

	maxSenderLanes = 4
)

// Correlator finds the series of events that the correlation rules of a Set
// describe. It belongs to one goroutine, has no clock, and does the same again
// when it is given the same again: whoever stores what it was given can rebuild
// its state.
//
// Time is the events' own, so a clock that is wrong, or a log that is a year old,
// must not make the others late. Each unit therefore has a lane of its own, with
// its own groups and its own time: two units never meet. Hits that come more than
// ten minutes late have further lanes by sender: a backlog, a recording and a
// machine with a wrong clock are correlated with themselves. A time
// in the future counts as the arrival. Within a lane hits wait five seconds for
// older ones; one that is later still, by up to ten minutes, is taken as of the
// lane's time instead of being lost.
//
// Memory is bounded: where all lanes together hold too many events, the lane that
// holds most forgets its group nearest the end of its time; where there are too
// many lanes, in all or of one sender, the one that was quiet longest is forgotten.
type Correlator struct {
	set   *Set
	o     CorrelatorOptions
	lanes []*lane // in the order they were made: what is done to all is done in it
	at    map[laneKey]*lane
	held  int // events of all lanes
	used  uint64
	gone  sigma.CorrelatorStats // of lanes that are no more
	extra CorrelatorStats       // the counters of our own

	// During a call.
	now   *lane
	when  time.Time
	found []Finding

	excluded []Excluded
}

type laneKey struct {
	unit   event.UnitID
	drill  string // what an exercise puts in never meets what is real
	sender string // "" for what comes as it happens
	nth    int    // of the sender's: one recording may be older than the last
}

type lane struct {
	laneKey
	state  *sigma.Correlator
	behind time.Duration // the arrival of its last hit less the hit's time
	used   uint64        // when the last hit came, counted in hits
}

// NewCorrelator makes a correlator for the correlation rules of the set.
func (s *Set) NewCorrelator(o CorrelatorOptions) *Correlator {
	if o.MaxEvents <= 0 {
		o.MaxEvents = defaultMaxEvents
	}
	if o.MaxLanes <= 0 {
		o.MaxLanes = defaultMaxLanes
	}
	return &Correlator{set: s, o: o, at: map[laneKey]*lane{}}
}

// Set returns the rules the correlator goes by.
func (c *Correlator) Set() *Set { return c.set }

// Observe takes a hit and returns what it completes, which is the caller's. A hit
// of a rule that no correlation of the set refers to is ignored.
func (c *Correlator) Observe(h *Hit) []Finding {
	rule := c.set.byID[h.RuleID]
	if rule == nil || !rule.Correlated {
		return nil
	}
	l, t := c.laneOf(h)
	c.used++
	l.used = c.used
	ref := h.Ref
	if !t.Equal(h.Time) {
		ref += refTime + strconv.FormatInt(h.Time.UnixMicro(), 10)
	}
	c.on(l, h.Received, func(fire func(*sigma.Rule, sigma.CorrelationMatch)) {
		l.state.Observe(sigma.Hit{Rule: rule.Rule, Time: t, Event: &sigma.Event{Fields: h.Fields}, Ref: ref}, fire)
	})
	return c.take()
}

// laneOf returns the lane of a hit, and when in its time the hit happened.
func (c *Correlator) laneOf(h *Hit) (*lane, time.Time) {
	if c.o.InOrder {
		return c.lane(laneKey{unit: h.Unit, drill: h.Drill}, h.Time), h.Time
	}
	t, key := h.Time, laneKey{unit: h.Unit, drill: h.Drill}
	if t.After(h.Received) {
		t = h.Received
	}
	behind := h.Received.Sub(t)
	if live := c.at[key]; live != nil {
		behind = max(behind, live.state.Clock().Sub(t))
	}
	if behind > liveWithin {
		key.sender = h.Sender
		c.choose(&key, t, h.Received)
	} else {
		behind = 0
	}
	l := c.lane(key, h.Received)
	l.behind = behind
	if clock := l.state.Clock(); t.Before(clock) && clock.Sub(t) <= liveWithin {
		t = clock
		c.extra.Shifted++
	}
	return l, t
}

// choose picks the first lane of the sender that is not far beyond the time. Where
// all are, the one that was quiet longest starts afresh.
func (c *Correlator) choose(key *laneKey, t, received time.Time) {
	quiet := *key
	for ; key.nth < maxSenderLanes; key.nth++ {
		l := c.at[*key]
		if l == nil || l.state.Clock().Sub(t) <= liveWithin {
			return
		}
		if l.used < c.at[quiet].used {
			quiet = *key
		}
	}
	*key = quiet
	c.drop(slices.Index(c.lanes, c.at[quiet]), received)
}

func (c *Correlator) lane(key laneKey, when time.Time) *lane {
	if l := c.at[key]; l != nil {
		return l
	}
	if len(c.lanes) >= c.o.MaxLanes {
		quiet := 0
		for i, l := range c.lanes {
			if l.used < c.lanes[quiet].used {
				quiet = i
			}
		}
		c.drop(quiet, when)
	}
	l := &lane{laneKey: key, state: c.newState()}
	c.add(l)
	return l
}

func (c *Correlator) newState() *sigma.Correlator {
	o := sigma.CorrelatorOptions{Lateness: lateness, MaxPending: maxPending, MaxHeld: c.o.MaxEvents}
	if c.o.InOrder {
		o.Lateness = 0
	}
	return c.set.ruleset.NewCorrelator(o)
}

func (c *Correlator) add(l *lane) {
	c.lanes = append(c.lanes, l)
	c.at[l.laneKey] = l
	c.held += l.state.Held()
}

// drop removes a lane that may not be over yet; what waits in it is taken.
func (c *Correlator) drop(i int, when time.Time) {
	l := c.lanes[i]
	c.on(l, when, func(fire func(*sigma.Rule, sigma.CorrelationMatch)) {
		l.state.Advance(l.state.Clock().Add(2*lateness), fire)
	})
	c.extra.Evicted += uint64(c.lanes[i].state.Load().Groups)
	c.remove(i)
}

func (c *Correlator) remove(i int) {
	l := c.lanes[i]
	c.held -= l.state.Held()
	addStats(&c.gone, l.state.Stats())
	delete(c.at, l.laneKey)
	c.lanes = slices.Delete(c.lanes, i, i+1)
}

// on runs do on a lane's state and keeps count of what it holds. What do finds
// was complete at the time of arrival when.
func (c *Correlator) on(l *lane, when time.Time, do func(fire func(*sigma.Rule, sigma.CorrelationMatch))) {
	before := l.state.Held()
	c.now, c.when = l, when
	do(c.fire)
	c.now = nil
	c.held += l.state.Held() - before
}

// take returns what the call found, and brings what is held within its bound.
func (c *Correlator) take() []Finding {
	for c.held > c.o.MaxEvents && c.evict() {
	}
	found := c.found
	c.found = nil
	return found
}

// evict forgets a group of the lane that holds most: who floods pays.
func (c *Correlator) evict() bool {
	var most *lane
	for _, l := range c.lanes {
		if most == nil || l.state.Held() > most.state.Held() {
			most = l
		}
	}
	if most == nil {
		return false
	}
	before := most.state.Held()
	ok := most.state.Forget()
	c.held += most.state.Held() - before
	return ok
}

// Advance says what time it is, by the clock that gives events their time of
// arrival: what only waits for time to pass is completed. Two calls with no hit
// between them do what the second does alone.
func (c *Correlator) Advance(now time.Time) []Finding {
	for _, l := range c.lanes {
		c.on(l, now, func(fire func(*sigma.Rule, sigma.CorrelationMatch)) {
			l.state.Advance(now.Add(-l.behind), fire)
		})
	}
	for i := len(c.lanes) - 1; i >= 0; i-- {
		if l := c.lanes[i].state.Load(); l.Pending == 0 && l.Events == 0 {
			c.remove(i)
		}
	}
	return c.take()
}

// End says that no more hits come, and returns what that completes. It is for
// recorded logs; the correlator is empty afterwards.
func (c *Correlator) End() []Finding {
	const all = sigma.MaxTimespan * (sigma.MaxCorrelationDeep + 1)
	for _, l := range c.lanes {
		c.on(l, time.Time{}, func(fire func(*sigma.Rule, sigma.CorrelationMatch)) {
			l.state.Advance(l.state.Clock().Add(all), fire)
		})
	}
	for len(c.lanes) > 0 {
		c.remove(len(c.lanes) - 1)
	}
	return c.take()
}

// refTime separates the name of an event from its time as claimed, where that is
// not the time it was taken at.
const refTime = "@"

// fire makes the finding of a match in the lane of the call.
func (c *Correlator) fire(r *sigma.Rule, m sigma.CorrelationMatch) {
	s := &Series{Value: m.Value, First: m.First, Last: m.Last, Events: m.Refs}
	of := string(c.now.unit) + "\x00" + c.now.sender + "\x00" + m.Key
	if c.now.drill != "" {
		of += "\x00" + c.now.drill
	}
	key := sha256.Sum256([]byte(of))
	s.Key = hex.EncodeToString(key[:16])
	for _, g := range m.Group {
		s.Group = append(s.Group, event.Field{Name: g.Name, Value: g.Value})
	}
	for i, ref := range s.Events {
		name, claimed, ok := strings.Cut(ref, refTime)
		if !ok {
			continue
		}
		s.Events[i] = name
		if micros, err := strconv.ParseInt(claimed, 10, 64); err == nil {
			t := time.UnixMicro(micros).UTC()
			if t.Before(s.First) {
				s.First = t
			}
			if t.After(s.Last) {
				s.Last = t
			}
		}
	}
	received := c.when
	if received.IsZero() {
		received = s.Last
	}
	f := series(c.set.byRule[r], c.now.unit, received, s)
	f.Drill = c.now.drill
	if c.set.excluded == nil || !c.leftOut(&f) {
		c.found = append(c.found, f)
	}
}

// Stats returns the counters since the correlator was made, and what it holds.
func (c *Correlator) Stats() CorrelatorStats {
	out, all := c.extra, c.gone
	out.Lanes = len(c.lanes)
	for _, l := range c.lanes {
		load := l.state.Load()
		out.Groups += load.Groups
		out.Events += load.Events
		out.Pending += load.Pending
		addStats(&all, l.state.Stats())
	}
	out.Evicted += all.Evicted
	out.Late += all.Late + all.Untimed
	out.Ungrouped += all.Ungrouped + all.NoNumber
	out.Truncated += all.Truncated
	return out
}

func addStats(sum *sigma.CorrelatorStats, s sigma.CorrelatorStats) {
	sum.Late += s.Late
	sum.Untimed += s.Untimed
	sum.Forced += s.Forced
	sum.Ungrouped += s.Ungrouped
	sum.NoNumber += s.NoNumber
	sum.Evicted += s.Evicted
	sum.Truncated += s.Truncated
}
