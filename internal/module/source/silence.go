package source

import (
	"math"
	"time"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// span is a stretch of time.
type span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// rhythm is how long a source usually pauses, measured in what it would usually
// have sent meanwhile. So measured, a night without traffic is no pause, and one
// measure fits a source of five events a minute and one of an event a day.
type rhythm struct {
	n    int     // hours in which a pause ended
	mean float64 // of the longest pause of each hour
	sq   float64 // mean square deviation of it
	most float64 // longest pause, slowly forgotten
	// longest is the longest pause by the clock, slowly forgotten: what is gone
	// by until enough is known.
	longest time.Duration
}

const (
	// minSilence is the least pause that counts as silence: shippers send by
	// batches, and networks hiccup.
	minSilence = 15 * time.Minute
	// rhythmHours and rhythmGaps are how much must be known of a source before
	// its silence is judged by its rhythm.
	rhythmHours = weekHours
	rhythmGaps  = 3
	// learningPauses is how many times the longest pause a source may be unheard
	// until then: a weekend is as long as five nights.
	learningPauses = 5
	// heardOnce is how long one that came only once may be unheard: it may come
	// every day.
	heardOnce = 48 * time.Hour
	// forgetHours is after how many hours half of the longest pause is forgotten.
	forgetHours = 4 * weekHours
	// growMost bounds how much one pause teaches, so that an outage that was not
	// noticed does not deafen the judge.
	growMost = 1.5
	// dueWithin is how far ahead a silence is foreseen.
	dueWithin = 21 * 24 * time.Hour
)

// learn takes up the longest pause that ended in an hour.
func (r *rhythm) learn(p *profile, pause span, out []span, zone *time.Location) {
	d := pause.To.Sub(pause.From)
	if d <= 0 || touches(out, pause) {
		return // what the centre could not hear teaches nothing
	}
	if r.known(p) {
		d = min(d, time.Duration(growMost*float64(max(r.longest, minSilence))))
	}
	r.longest = max(d, r.longest)
	if p.hours == 0 {
		return
	}
	missed := p.missed(pause, nil, zone)
	if r.n >= rhythmGaps && r.most > 0 {
		missed = min(missed, growMost*max(r.most, 1))
	}
	r.n++
	a := max(1.0/100, 1/float64(r.n))
	diff := missed - r.mean
	r.mean += a * diff
	r.sq += a * (diff*diff - r.sq)
	r.most = max(r.most, missed)
}

// forget is called for every completed hour of the hours known. What was learned
// before the nights and weekends were is forgotten sooner.
func (r *rhythm) forget(hours int) {
	keep := math.Exp2(-1 / float64(min(max(hours/4, 24), forgetHours)))
	r.most *= keep
	r.longest = time.Duration(float64(r.longest) * keep)
}

func (r *rhythm) known(p *profile) bool { return p.hours >= rhythmHours && r.n >= rhythmGaps }

// limit is how much must be missed before a pause is a silence: one event, and
// twice the most there was or, if more, what a source of irregular pauses exceeds
// once in years. For pauses of no regularity (exponential ones) that is about
// eleven times the mean.
func (r *rhythm) limit() float64 {
	cv2 := 0.0
	if r.mean > 0 {
		cv2 = min(r.sq/(r.mean*r.mean), 1)
	}
	return 1 + max(2*r.most, r.mean*(1+10*cv2))
}

// missed is how many events the source would usually have sent in the pause,
// without the times in which the centre could not hear.
func (p *profile) missed(pause span, out []span, zone *time.Location) float64 {
	sum := 0.0
	p.walk(pause.From, pause.To, out, zone, func(_ time.Time, d time.Duration, perHour float64) bool {
		sum += perHour * d.Hours()
		return true
	})
	return sum
}

// walk calls step for every stretch between two times that lies within one hour
// and outside of out, until step returns false. The event that the pause begins
// with is not expected a second time in its hour.
func (p *profile) walk(from, to time.Time, out []span, zone *time.Location, step func(at time.Time, d time.Duration, perHour float64) bool) {
	first := from.Truncate(time.Hour).Add(time.Hour)
	for at := from; at.Before(to); {
		end := at.Truncate(time.Hour).Add(time.Hour)
		if end.After(to) {
			end = to
		}
		deaf := false
		for _, o := range out {
			switch {
			case !o.To.After(at) || !o.From.Before(end):
			case o.From.After(at):
				end = o.From
			default: // at lies in o
				if o.To.Before(end) {
					end = o.To
				}
				deaf = true
			}
		}
		perHour := p.expect(bucketOf(at, zone))
		if at.Before(first) {
			perHour = max(0, perHour-1)
		}
		if !deaf && !step(at, end.Sub(at), perHour) {
			return
		}
		at = end
	}
}

// silentAt is when the source counts as silent if nothing more comes: zero if not
// within dueWithin. learning is the bound until the rhythm is known.
func (h *health) silentAt(out []span, zone *time.Location, learning time.Duration) time.Time {
	r, p, s := &h.rhythm, h.profile, h.setting()
	last := h.LastSeen.Time()
	limit, least, known := math.Inf(1), minSilence, r.known(p) && !s.fixed
	bound := s.silentAfter
	switch {
	case known:
		limit = r.limit()
	case bound == 0:
		longest := h.longestPause(out)
		bound = max(learning, learningPauses*longest)
		if longest == 0 {
			bound = max(learning, heardOnce)
		}
	}
	if bound > 0 {
		least = min(least, bound)
	}
	var due time.Time
	missed, heard := 0.0, time.Duration(0)
	p.walk(last, last.Add(dueWithin), out, zone, func(at time.Time, d time.Duration, perHour float64) bool {
		end := at.Add(d)
		// The first moment of this stretch at which a bound is passed.
		if bound > 0 && heard+d > bound {
			due = at.Add(bound - heard)
		}
		if known && missed+perHour*d.Hours() > limit && heard+d > least {
			when := at
			if perHour > 0 && missed < limit {
				when = at.Add(time.Duration((limit - missed) / perHour * float64(time.Hour)))
			}
			if floor := at.Add(least - heard); when.Before(floor) {
				when = floor
			}
			if when.Before(end) && (due.IsZero() || when.Before(due)) {
				due = when
			}
		}
		missed, heard = missed+perHour*d.Hours(), heard+d
		return due.IsZero()
	})
	return due
}

// longestPause is the longest known, also of hours that are not learned yet.
func (h *health) longestPause(out []span) time.Duration {
	longest := h.rhythm.longest
	for _, p := range []span{pauseOf(h.HourPause, h.HourPausedTo), pauseOf(h.PrevPause, h.PrevPausedTo)} {
		if !touches(out, p) {
			longest = max(longest, p.To.Sub(p.From))
		}
	}
	return longest
}

// pauseOf is a pause of so many microseconds that ended at a time.
func pauseOf(micros int64, to sqldb.Micros) span {
	return span{(to - sqldb.Micros(micros)).Time(), to.Time()}
}

// touches tells whether any of out overlaps the pause.
func touches(out []span, s span) bool {
	for _, o := range out {
		if o.From.Before(s.To) && o.To.After(s.From) {
			return true
		}
	}
	return false
}
