package sigma

import (
	"cmp"
	"container/heap"
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"time"
)

// Hit is a detection rule's match, as a Correlator wants it.
type Hit struct {
	Rule  *Rule
	Time  time.Time // when the event happened; the correlator has no other clock
	Event *Event    // only read during the call
	Ref   string    // the caller's name for the event, handed back in CorrelationMatch
}

// CorrelationMatch is what a correlation found.
type CorrelationMatch struct {
	// Key is the same whenever the same events lead to the same match, so
	// that a caller who repeats hits after a crash can tell repeated matches.
	Key         string
	Time        time.Time // of the event that completed it, or the end of the timespan
	First, Last time.Time // of the events counted
	Group       []SeenValue
	Value       float64  // the count or aggregate that met the condition
	Refs        []string // of the newest events, oldest first, also of those below a correlation of correlations; at most 100
}

// CorrelatorOptions bound a Correlator.
type CorrelatorOptions struct {
	// Lateness is how much later than a newer hit an older one may be
	// observed. Hits are held back for as long, in event time, and then taken
	// in the order of their times. With 0, hits must come in order.
	Lateness time.Duration
	// MaxPending bounds the hits held back; 0 means 100,000. Beyond it the
	// oldest is taken early.
	MaxPending int
	// MaxHeld bounds the events held in all groups; 0 means 1,000,000. Beyond
	// it the group nearest its end is forgotten.
	MaxHeld int
}

// CorrelatorStats counts what a Correlator could not do exactly.
type CorrelatorStats struct {
	Late      uint64 // hits older than the allowance, ignored
	Untimed   uint64 // hits of a time before 1970 or after 2200, ignored
	Forced    uint64 // hits taken early because too many were pending
	Ungrouped uint64 // hits without a field the correlation groups by or looks at
	NoNumber  uint64 // values that are no number where one is needed
	Evicted   uint64 // groups forgotten to stay within MaxHeld
	Truncated uint64 // events of one group beyond MaxCorrelatedEvents, or 1,000 for temporal_ordered
}

const (
	defaultMaxPending = 100_000
	defaultMaxHeld    = 1_000_000
	maxMatchRefs      = 100
	maxHeldValue      = 1024 // bytes of a field value or reference that are held
)

// Correlator finds series of rule hits that correlation rules describe. It
// belongs to one goroutine and has no clock: time is the hits' time.
//
// A condition that only asks for at least something (gt, gte, and the temporal
// types) is tested at every event over the timespan that ends with it; after a
// match the group's events are used up and it starts afresh. Other conditions
// (lt, lte, eq, neq, sum, average, median, percentile) need all events: the
// timespan begins with the group's first event, and the test is made when it is
// over. Nothing is found where no event is, so "lt: 1" never matches.
type Correlator struct {
	set     *correlationSet
	opts    CorrelatorOptions
	fire    func(*Rule, CorrelationMatch)
	stats   CorrelatorStats
	newest  int64 // of all hits, in nanoseconds
	clock   int64 // hits up to here have been taken
	pending pendingHeap
	number  uint64
	nodes   []nodeState
	held    int
}

// heldHit is what is kept of a hit: only the fields that correlations look at.
type heldHit struct {
	Time   int64
	Number uint64 `json:",omitempty"` // orders hits of the same time
	Fields []SeenValue
	Ref    string   `json:",omitempty"`
	Refs   []string `json:",omitempty"` // of a correlation's match: those of its events
	First  int64    `json:",omitempty"` // of a correlation's match: its first event
	rule   *Rule
}

type nodeState struct {
	groups map[string]*list.Element
	order  list.List // of *groupState; the first one ends first
}

type groupState struct {
	key    string
	group  []SeenValue
	events []heldEvent
	start  int64 // of the first event
	last   int64
	count  int     // events, also those beyond the limit
	sum    float64 // of the values
}

// heldEvent is one event of a group.
type heldEvent struct {
	Index  int    // which of the correlation's rules
	Value  string `json:",omitempty"` // folded, for value_count
	Number float64
	Hit    *heldHit
}

// NewCorrelator returns a correlator for the correlation rules of rs.
func (rs *Ruleset) NewCorrelator(o CorrelatorOptions) *Correlator {
	if o.MaxPending <= 0 {
		o.MaxPending = defaultMaxPending
	}
	if o.MaxHeld <= 0 {
		o.MaxHeld = defaultMaxHeld
	}
	c := &Correlator{set: rs.correlations, opts: o, nodes: make([]nodeState, len(rs.correlations.nodes))}
	return c
}

// CorrelatorLoad is what a Correlator holds.
type CorrelatorLoad struct {
	Pending int // hits held back for the allowance
	Groups  int
	Events  int // in all groups
}

// Load tells what the correlator holds.
func (c *Correlator) Load() CorrelatorLoad {
	l := CorrelatorLoad{Pending: len(c.pending), Events: c.held}
	for i := range c.nodes {
		l.Groups += len(c.nodes[i].groups)
	}
	return l
}

// Held returns how many events are held in all groups.
func (c *Correlator) Held() int { return c.held }

// Clock returns the time up to which hits have been taken: an older hit is late.
// It is the zero time before the first one.
func (c *Correlator) Clock() time.Time {
	if c.clock == 0 {
		return time.Time{}
	}
	return time.Unix(0, c.clock).UTC()
}

// Forget drops the group nearest its end, for a caller who bounds the memory of
// several correlators; false if there is none.
func (c *Correlator) Forget() bool {
	if c.held == 0 {
		return false
	}
	c.evict()
	return true
}

// Stats returns the counters since the correlator was made or restored.
func (c *Correlator) Stats() CorrelatorStats { return c.stats }

// Observe takes a hit and calls fire for each correlation rule that matches,
// unless it is silent. Hits of rules that no correlation refers to cost a map
// lookup.
//
// The caller vouches for the times: a hit from the future makes all hits
// before it late.
func (c *Correlator) Observe(h Hit, fire func(*Rule, CorrelationMatch)) {
	if len(c.set.uses[h.Rule]) == 0 {
		return
	}
	if !usable(h.Time) {
		c.stats.Untimed++
		return
	}
	t := h.Time.UnixNano()
	if t < c.clock {
		c.stats.Late++
		return
	}
	held := &heldHit{Time: t, Number: c.number, Ref: clip(h.Ref), rule: h.Rule}
	c.number++
	for _, f := range c.set.hitFields(h.Rule, h.Event.Fields) {
		held.Fields = append(held.Fields, SeenValue{Name: f.Name, Value: f.Value})
	}
	heap.Push(&c.pending, held)
	c.newest = max(c.newest, t)
	c.fire = fire
	c.drain(max(c.clock, c.newest-int64(c.opts.Lateness)))
	for len(c.pending) > c.opts.MaxPending {
		c.stats.Forced++
		c.drain(c.pending[0].Time)
	}
	c.fire = nil
}

// Advance says that no hit older than t less the allowance will come. It
// completes what waits only for time to pass when no hits come.
func (c *Correlator) Advance(t time.Time, fire func(*Rule, CorrelationMatch)) {
	if !usable(t) {
		return
	}
	c.newest = max(c.newest, t.UnixNano())
	c.fire = fire
	c.drain(max(c.clock, c.newest-int64(c.opts.Lateness)))
	c.fire = nil
}

// usable reports whether a time and all timespans after it fit nanoseconds.
func usable(t time.Time) bool {
	y := t.UTC().Year()
	return y >= 1970 && y <= 2200
}

// clip copies a text, so that nothing of the event stays, and bounds it.
func clip(s string) string {
	return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxHeldValue)], "\ufffd"))
}

func (h *heldHit) field(name string) *SeenValue {
	for i := range h.Fields {
		if h.Fields[i].Name == name {
			return &h.Fields[i]
		}
	}
	return nil
}

// drain takes the pending hits up to a time, in order, and ends the timespans
// that are over by then.
func (c *Correlator) drain(until int64) {
	for len(c.pending) > 0 && c.pending[0].Time <= until {
		h := heap.Pop(&c.pending).(*heldHit)
		c.expire(h.Time)
		c.take(h)
	}
	c.expire(until)
	c.clock = until
}

// expire ends the timespans that are over at a time, the earliest first.
func (c *Correlator) expire(now int64) {
	for {
		first, end := -1, int64(0)
		for i := range c.nodes {
			if e := c.nodes[i].order.Front(); e != nil {
				if t := c.end(i, e.Value.(*groupState)); t < now && (first < 0 || t < end) {
					first, end = i, t
				}
			}
		}
		if first < 0 {
			return
		}
		node := c.set.nodes[first]
		g := c.nodes[first].order.Front().Value.(*groupState)
		c.forget(first, g)
		if node.def.grows() {
			continue
		}
		if v, ok := node.def.aggregate(g); ok && node.def.holds(v) {
			c.match(node, g, v, end)
		}
	}
}

// end is the last moment that belongs to a group's timespan.
func (c *Correlator) end(node int, g *groupState) int64 {
	def := c.set.nodes[node].def
	if def.grows() {
		return g.last + int64(def.timespan)
	}
	return g.start + int64(def.timespan)
}

func (c *Correlator) forget(node int, g *groupState) {
	s := &c.nodes[node]
	s.order.Remove(s.groups[g.key])
	delete(s.groups, g.key)
	c.held -= len(g.events)
}

// take gives a hit to the correlations that refer to its rule.
func (c *Correlator) take(h *heldHit) {
	for _, use := range c.set.uses[h.rule] {
		c.add(use.node, use.index, h)
	}
}

func (c *Correlator) add(n *correlationNode, index int, h *heldHit) {
	e := heldEvent{Index: index, Hit: h}
	var key strings.Builder
	var group []SeenValue
	for _, name := range n.def.groupBy {
		f := h.field(compactName(n.def.field(name, index)))
		if f == nil {
			c.stats.Ungrouped++
			return
		}
		writeKey(&key, f.Value)
		group = append(group, SeenValue{Name: name, Value: f.Value})
	}
	var value strings.Builder
	for _, name := range n.def.fields {
		f := h.field(compactName(n.def.field(name, index)))
		if f == nil {
			c.stats.Ungrouped++
			return
		}
		if n.def.kind == valueCount {
			writeKey(&value, f.Value)
			continue
		}
		number, ok := numberOfText(f.Value)
		if !ok {
			c.stats.NoNumber++
			return
		}
		e.Number = number
	}
	e.Value = value.String()
	s := &c.nodes[n.number]
	el := s.groups[key.String()]
	if el == nil {
		if s.groups == nil {
			s.groups = map[string]*list.Element{}
		}
		el = s.order.PushBack(&groupState{key: key.String(), start: h.Time})
		s.groups[key.String()] = el
	} else if n.def.grows() {
		s.order.MoveToBack(el)
	}
	g := el.Value.(*groupState)
	g.group, g.last = group, h.Time
	before := len(g.events)
	if n.def.grows() {
		g.prune(n.def, h.Time-int64(n.def.timespan), e)
	}
	g.count++
	g.sum = max(-math.MaxFloat64, min(g.sum+e.Number, math.MaxFloat64))
	switch {
	case n.def.kind == valueCount && !n.def.grows() && slices.ContainsFunc(g.events, func(o heldEvent) bool { return o.Value == e.Value }):
	case len(g.events) >= n.def.limit() && n.def.grows():
		c.stats.Truncated++
		g.events = append(g.events[1:], e)
	case len(g.events) >= n.def.limit():
		c.stats.Truncated++
	default:
		g.events = append(g.events, e)
	}
	c.held += len(g.events) - before
	if n.def.grows() {
		if v, ok := n.def.aggregate(g); ok && n.def.holds(v) {
			c.forget(n.number, g)
			c.match(n, g, v, h.Time)
		}
	}
	for c.held > c.opts.MaxHeld {
		c.evict()
	}
}

// limit is how many events of one group are held.
func (c *correlation) limit() int {
	if c.kind == temporalOrdered {
		return 1000 // each one is compared with all rules at every event
	}
	return MaxCorrelatedEvents
}

func writeKey(b *strings.Builder, value string) {
	b.WriteString(fold(value))
	b.WriteByte(0)
}

// prune drops what no longer counts: events before a time, and those that e
// replaces because only the latest of their kind matters.
func (g *groupState) prune(def *correlation, from int64, e heldEvent) {
	if def.kind == eventCount {
		for len(g.events) > 0 && g.events[0].Hit.Time < from {
			g.events = g.events[1:]
		}
		return
	}
	g.events = slices.DeleteFunc(g.events, func(o heldEvent) bool {
		switch {
		case o.Hit.Time < from:
			return true
		case def.kind == valueCount:
			return o.Value == e.Value
		case def.kind == temporal:
			return o.Index == e.Index
		}
		return false
	})
	// Of a run of the same rule, the latest makes the shortest series.
	if n := len(g.events); def.kind == temporalOrdered && n > 0 && g.events[n-1].Index == e.Index {
		g.events = g.events[:n-1]
	}
}

// match reports a group that meets its correlation's condition, and hands it
// on to the correlations that refer to this one.
func (c *Correlator) match(n *correlationNode, g *groupState, value float64, now int64) {
	m := CorrelationMatch{Time: time.Unix(0, now).UTC(), Group: g.group, Value: value,
		First: time.Unix(0, g.start).UTC(), Last: time.Unix(0, g.last).UTC()}
	if n.def.grows() && len(g.events) > 0 {
		m.First = time.Unix(0, g.events[0].Hit.Time).UTC()
	}
	for _, e := range g.events {
		if t := e.Hit.First; t != 0 && t < m.First.UnixNano() {
			m.First = time.Unix(0, t).UTC()
		}
	}
	for _, e := range g.events[max(0, len(g.events)-maxMatchRefs):] {
		if e.Hit.Ref != "" {
			m.Refs = append(m.Refs, e.Hit.Ref)
		}
		m.Refs = append(m.Refs, e.Hit.Refs...)
	}
	m.Refs = slices.Clone(m.Refs[max(0, len(m.Refs)-maxMatchRefs):])
	sum := sha256.Sum256([]byte(n.rule.key() + "\x00" + g.key + "\x00" + m.First.String() + m.Last.String()))
	m.Key = hex.EncodeToString(sum[:16])
	if !n.silent && c.fire != nil {
		c.fire(n.rule, m)
	}
	if len(n.users) == 0 {
		return
	}
	up := &heldHit{Time: now, rule: n.rule, Refs: m.Refs, First: m.First.UnixNano()}
	for _, v := range g.group {
		up.Fields = append(up.Fields, SeenValue{Name: compactName(v.Name), Value: v.Value})
	}
	if len(g.events) > 0 {
		for _, v := range g.events[len(g.events)-1].Hit.Fields {
			if up.field(v.Name) == nil {
				up.Fields = append(up.Fields, v)
			}
		}
	}
	c.take(up)
}

// key identifies a rule from one load to the next.
func (r *Rule) key() string { return cmp.Or(r.ID, r.Name, r.Title) }

// evict forgets the group nearest its end.
func (c *Correlator) evict() {
	first, end := -1, int64(0)
	for i := range c.nodes {
		if e := c.nodes[i].order.Front(); e != nil {
			if t := c.end(i, e.Value.(*groupState)); first < 0 || t < end {
				first, end = i, t
			}
		}
	}
	c.forget(first, c.nodes[first].order.Front().Value.(*groupState))
	c.stats.Evicted++
}

// pendingHeap orders hits by time, those of one time as they came.
type pendingHeap []*heldHit

func (p pendingHeap) Len() int { return len(p) }
func (p pendingHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(p[i].Time, p[j].Time), cmp.Compare(p[i].Number, p[j].Number)) < 0
}
func (p pendingHeap) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *pendingHeap) Push(x any)   { *p = append(*p, x.(*heldHit)) }
func (p *pendingHeap) Pop() any {
	old := *p
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*p = old[:len(old)-1]
	return last
}
