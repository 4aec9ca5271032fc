package lake

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// RetentionRule says how long the events of a unit and a kind of source are
// kept, counted from their arrival. Of the rules that fit an event the most
// particular holds: one that names the unit goes before one that does not, then
// one that names the format, then one that names the input.
type RetentionRule struct {
	Unit   event.UnitID // "": any
	Format string       // "": any
	Input  string       // "": any
	// Age: events received longer ago are deleted; 0: as lake.maxAge says.
	Age time.Duration
	// Minimum is what the law asks for. Age never deletes earlier; the limit of
	// size does when nothing else is left, and raises an alarm.
	Minimum time.Duration
}

func (r *RetentionRule) weight() int {
	w := 0
	if r.Unit != "" {
		w += 4
	}
	if r.Format != "" {
		w += 2
	}
	if r.Input != "" {
		w++
	}
	return w
}

// forever is longer than anything is kept for.
const forever = time.Duration(math.MaxInt64)

// kept is what holds for some events.
type kept struct{ age, minimum time.Duration }

// retentionPolicy is a set of rules; it is immutable.
type retentionPolicy struct {
	rules    []RetentionRule // the most particular first
	bySource bool            // some rule names a format or an input
	general  kept
}

func newRetentionPolicy(maxAge time.Duration, rules []RetentionRule) *retentionPolicy {
	if maxAge <= 0 {
		maxAge = forever
	}
	p := &retentionPolicy{rules: slices.Clone(rules), general: kept{age: maxAge}}
	slices.SortStableFunc(p.rules, func(a, b RetentionRule) int { return cmp.Compare(b.weight(), a.weight()) })
	for _, r := range p.rules {
		p.bySource = p.bySource || r.Format != "" || r.Input != ""
	}
	return p
}

func (p *retentionPolicy) kept(r *RetentionRule) kept {
	k := kept{age: r.Age, minimum: r.Minimum}
	if k.age <= 0 {
		k.age = p.general.age
	}
	k.age = max(k.age, k.minimum)
	return k
}

// of returns what holds for an event.
func (p *retentionPolicy) of(unit event.UnitID, format, input string) kept {
	for i := range p.rules {
		if r := &p.rules[i]; (r.Unit == "" || r.Unit == unit) && (r.Format == "" || r.Format == format) && (r.Input == "" || r.Input == input) {
			return p.kept(r)
		}
	}
	return p.general
}

// bounds returns the shortest and longest age, and the longest minimum, that may
// hold for events of the units, whatever their sources.
func (p *retentionPolicy) bounds(units []event.UnitID) (shortest, longest, minimum time.Duration) {
	shortest = forever
	add := func(k kept) {
		shortest, longest, minimum = min(shortest, k.age), max(longest, k.age), max(minimum, k.minimum)
	}
	for _, u := range units {
		sure := false // some rule holds for every source
		for i := range p.rules {
			r := &p.rules[i]
			if r.Unit != "" && r.Unit != u {
				continue
			}
			add(p.kept(r))
			if r.Format == "" && r.Input == "" {
				sure = true // what comes after is less particular
				break
			}
		}
		if !sure {
			add(p.general)
		}
	}
	return shortest, longest, minimum
}

// SetRetention replaces the rules. Without a rule lake.maxAge holds.
func (l *Lake) SetRetention(rules []RetentionRule) {
	l.policy.Store(newRetentionPolicy(l.config.MaxAge, rules))
	l.mu.Lock()
	clear(l.judged)
	l.mu.Unlock()
}

// KeptAtLeast returns how long events of a unit are kept at least by the rules,
// whatever their source; a size that is too small may end that sooner.
func (l *Lake) KeptAtLeast(unit event.UnitID) time.Duration {
	shortest, _, _ := l.policy.Load().bounds([]event.UnitID{unit})
	return shortest
}

// before returns the moment a span ago, in micros; the beginning of time for
// forever.
func before(now time.Time, d time.Duration) int64 {
	if d == forever {
		return math.MinInt64
	}
	return now.Add(-d).UnixMicro()
}
