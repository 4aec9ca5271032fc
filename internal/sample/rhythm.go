package sample

import "time"

// zone is Vietnam's, which has had no other offset since 1975.
var zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)

// How busy an office is by the hour, from midnight on, and by the day, from
// Sunday on.
var (
	byHour = [24]float64{3, 2, 2, 2, 2, 3, 5, 12, 18, 18, 17, 14, 8, 12, 17, 17, 15, 10, 6, 5, 5, 4, 4, 3}
	byDay  = [7]float64{0.35, 1.05, 1, 1, 1, 0.95, 0.45}
)

// rhythm spreads events over a span of time, minute by minute.
type rhythm struct {
	start   time.Time
	minutes []float64 // share of all events up to and including each minute
}

func newRhythm(start time.Time, span time.Duration) *rhythm {
	r := &rhythm{start: start, minutes: make([]float64, max(1, int(span/time.Minute)))}
	sum := 0.0
	for i := range r.minutes {
		at := start.Add(time.Duration(i) * time.Minute).In(zone)
		h, next := at.Hour(), (at.Hour()+1)%24
		part := float64(at.Minute()) / 60
		sum += (byHour[h]*(1-part) + byHour[next]*part) * byDay[at.Weekday()]
		r.minutes[i] = sum
	}
	for i := range r.minutes {
		r.minutes[i] /= sum
	}
	return r
}

// until is how many of n events have happened when the minute is over.
func (r *rhythm) until(minute, n int) int {
	if minute == len(r.minutes)-1 {
		return n
	}
	return int(r.minutes[minute] * float64(n))
}
