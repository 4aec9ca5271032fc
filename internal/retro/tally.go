package retro

import (
	"cmp"
	"container/heap"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
)

// Tally counts what was found.
type Tally struct {
	Findings int64 // an event counts once, however many rules or indicators it meets
	Days     []Day // that have findings, in order
	Rules    []RuleCount
	Listed   []IndicatorCount
	Samples  []*Finding // the newest, newest first
	// AlertsADay is how many alerts a day the rules would give: findings of one rule
	// on one host, or whatever its alerts are grouped by, count once a day.
	AlertsADay float64
	SpanDays   float64 // the days AlertsADay is an average of, at least one

	Uncorrelated int64 // hits that correlation rules did not see, of too many
	Truncated    int64 // events and groups that correlation rules had to forget
	Ungrouped    int64 // hits without a field that a correlation rule needs
}

// Day counts the findings of one day.
type Day struct {
	Date  time.Time // its beginning
	Count int64
}

// RuleCount counts the findings of one rule.
type RuleCount struct {
	Rule        *detect.Rule
	Count       int64
	First, Last time.Time
}

// IndicatorCount counts the findings of one indicator.
type IndicatorCount struct {
	Indicator   *Indicator
	Count       int64
	First, Last time.Time
}

// maxGroups bounds the groups that alerts are counted by, eight bytes each.
const maxGroups = 1 << 20

type tally struct {
	zone       *time.Location
	findings   int64
	days       map[time.Time]int64
	rules      map[*detect.Rule]*RuleCount
	indicators map[*Indicator]*IndicatorCount
	samples    samples
	keep       int
	bar        atomic.Int64 // the time in Unix nanoseconds that a sample must reach
	seed       maphash.Seed
	groups     map[uint64]struct{} // a rule, whom it is about, and a day
	beyond     int64               // findings not counted in groups, of too many

	uncorrelated, truncated, ungrouped int64
}

func newTally(o *Options) *tally {
	t := &tally{
		zone: o.Zone, keep: o.Samples, days: map[time.Time]int64{}, rules: map[*detect.Rule]*RuleCount{},
		indicators: map[*Indicator]*IndicatorCount{}, seed: maphash.MakeSeed(), groups: map[uint64]struct{}{},
	}
	t.bar.Store(math.MinInt64)
	if t.keep <= 0 {
		t.bar.Store(math.MaxInt64)
	}
	return t
}

// wants reports whether a finding of that time may become a sample. It may be
// called while others add.
func (t *tally) wants(at time.Time) bool { return at.UnixNano() >= t.bar.Load() }

func (t *tally) add(f *Finding) {
	t.findings++
	at := f.At().In(t.zone)
	t.days[dayOf(at)]++
	for _, g := range f.groups {
		if _, known := t.groups[g]; known {
			continue
		}
		if len(t.groups) >= maxGroups {
			t.beyond++
			continue
		}
		t.groups[g] = struct{}{}
	}
	for _, rule := range f.Rules {
		c := t.rules[rule]
		if c == nil {
			c = &RuleCount{Rule: rule}
			t.rules[rule] = c
		}
		c.Count++
		c.First, c.Last = widen(c.First, c.Last, at)
	}
	for i, hit := range f.Indicators {
		if slices.ContainsFunc(f.Indicators[:i], func(h IndicatorHit) bool { return h.Indicator == hit.Indicator }) {
			continue
		}
		c := t.indicators[hit.Indicator]
		if c == nil {
			c = &IndicatorCount{Indicator: hit.Indicator}
			t.indicators[hit.Indicator] = c
		}
		c.Count++
		c.First, c.Last = widen(c.First, c.Last, at)
	}
	if t.wants(at) && (f.Event != nil || f.Series != nil) {
		heap.Push(&t.samples, f)
		if len(t.samples) > t.keep {
			heap.Pop(&t.samples)
			t.bar.Store(t.samples[0].At().UnixNano())
		}
	}
}

// dayOf returns the beginning of the day.
func dayOf(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
}

func widen(first, last, at time.Time) (time.Time, time.Time) {
	if first.IsZero() || at.Before(first) {
		first = at
	}
	if last.IsZero() || at.After(last) {
		last = at
	}
	return first, last
}

// group names the alert that a finding of the rule would be part of. It may be
// called while others add.
func (t *tally) group(rule *detect.Rule, f detect.Finding) uint64 {
	var h maphash.Hash
	h.SetSeed(t.seed)
	day := dayOf(f.Time.In(t.zone)).Format(time.DateOnly)
	for _, part := range []string{rule.ID, string(f.Unit), f.EntityField, f.EntityValue, day} {
		h.WriteString(part)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// result sums up; first and last are the times of the events there were.
func (t *tally) result(first, last time.Time) Tally {
	out := Tally{
		Findings: t.findings, Samples: slices.Clone(t.samples),
		Uncorrelated: t.uncorrelated, Truncated: t.truncated, Ungrouped: t.ungrouped,
		SpanDays: max(last.Sub(first).Hours()/24, 1),
	}
	out.AlertsADay = float64(int64(len(t.groups))+t.beyond) / out.SpanDays
	for date, n := range t.days {
		out.Days = append(out.Days, Day{date, n})
	}
	slices.SortFunc(out.Days, func(a, b Day) int { return a.Date.Compare(b.Date) })
	for _, c := range t.rules {
		out.Rules = append(out.Rules, *c)
	}
	slices.SortFunc(out.Rules, func(a, b RuleCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Rule.ID, b.Rule.ID))
	})
	for _, c := range t.indicators {
		out.Listed = append(out.Listed, *c)
	}
	slices.SortFunc(out.Listed, func(a, b IndicatorCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Indicator.Line, b.Indicator.Line))
	})
	slices.SortFunc(out.Samples, func(a, b *Finding) int { return b.compare(a) })
	return out
}

// compare orders findings by time; the order of equal ones is as stable as they are.
func (f *Finding) compare(g *Finding) int {
	return cmp.Or(f.At().Compare(g.At()), strings.Compare(f.ref(), g.ref()))
}

func (f *Finding) ref() string {
	if f.Series != nil {
		return f.Series.Series.Key
	}
	return f.Row.ID.String()
}

// samples is a heap with the oldest finding first.
type samples []*Finding

func (s samples) Len() int           { return len(s) }
func (s samples) Less(i, j int) bool { return s[i].compare(s[j]) < 0 }
func (s samples) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *samples) Push(x any)        { *s = append(*s, x.(*Finding)) }
func (s *samples) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}
