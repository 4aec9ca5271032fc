package lake

import "time"

// Extent says between which times there are events in scope with From <= time <
// To, and how many at most, as far as the manifest tells: it reads no file. The
// times are zero where there is none. A segment that is partly in the range or the
// scope counts as a whole.
func (l *Lake) Extent(sc Scope, from, to time.Time) (first, last time.Time, events int64) {
	p := l.newPlan(sc, Search{From: from, To: to})
	defer p.close()
	for _, s := range p.segs {
		low, high := max(s.minTime, p.from), min(s.maxTime, p.to-1)
		if t := time.UnixMicro(low).UTC(); events == 0 || t.Before(first) {
			first = t
		}
		if t := time.UnixMicro(high).UTC(); events == 0 || t.After(last) {
			last = t
		}
		events += s.rows
	}
	return first, last, events
}
