package source

import "math"

// Of a strange volume: both must hold for two hours in a row, in the same
// direction.
const (
	strangeSigmas = 6.0
	strangeFactor = 4.0 // at least so many times more or less than usual
	strangeEvents = 200 // and at least so many events
	strangeHours  = 2
	// A new level is accepted after so many strange hours: nothing is strange for
	// ever.
	acceptHours = 36
)

// tellsLess tells whether far too few events could be noticed in the bucket.
func (p *profile) tellsLess(b int) bool { return p.expect(b)*(1-1/strangeFactor) >= strangeEvents }

// judgeVolume is +1 for far more, -1 for far less than usual, 0 else.
func (p *profile) judgeVolume(b int, count int64) int {
	if !p.trained() || p.buckets[b].n < 2 {
		return 0
	}
	usual := p.expect(b)
	if math.Abs(float64(count)-usual) < strangeEvents {
		return 0
	}
	r := math.Log1p(float64(count)) - p.expectLog(b)
	if math.Abs(r) < math.Log(strangeFactor) || math.Abs(r) < strangeSigmas*p.sigma(b) {
		return 0
	}
	if r > 0 {
		return 1
	}
	return -1
}

// volume is how the volume of a source has been of late.
type volume struct {
	streak int // strange hours in a row; negative: too few events
	calm   int // usual hours since
	on     bool
	shift  float64 // mean ln(1+count) beyond the expectation during the streak
}

// see takes up a completed hour and tells whether the profile may learn it: what
// is strange is not usual.
func (v *volume) see(p *profile, b int, count int64) (usual bool) {
	d := p.judgeVolume(b, count)
	switch {
	case d == 0 && v.streak < 0 && !p.tellsLess(b):
		// A quiet hour by habit says nothing of a source that sends too little.
	case d == 0:
		v.calm++
		if v.calm >= strangeHours || !v.on {
			*v = volume{}
		}
	case v.streak != 0 && (d > 0) != (v.streak > 0):
		v.streak, v.calm, v.shift = d, 0, math.Log1p(float64(count))-p.expectLog(b)
	default:
		v.streak, v.calm = v.streak+d, 0
		n := math.Abs(float64(v.streak))
		v.shift += (math.Log1p(float64(count)) - p.expectLog(b) - v.shift) / n
		v.on = v.on || n >= strangeHours
		if n >= acceptHours {
			p.move(v.shift)
			*v = volume{}
		}
	}
	return d == 0
}

// move accepts a new level: every bucket by the same factor.
func (p *profile) move(shift float64) {
	for i := range p.buckets {
		if k := &p.buckets[i]; k.n > 0 {
			k.mean = float32(max(0, float64(k.mean)+shift))
		}
	}
}

// Of a rising share of lines no format understands, over the last hours.
const (
	shareHours  = 6
	shareLines  = 50   // fewer unparsed lines say nothing
	shareFactor = 3.0  // times the usual share
	sharePoints = 0.10 // and so much more than it
	shareLeast  = 1.0 / 200
)

// share is what part of a sender's lines is not understood.
type share struct {
	usual float64 // slow mean over the hours
	hours int
	on    bool
	now   float64 // over the last hours
}

// see takes up a completed hour: lines of the hour, and of the last shareHours.
func (s *share) see(events, unparsed, lastEvents, lastUnparsed int64) {
	if lastEvents > 0 {
		s.now = float64(lastUnparsed) / float64(lastEvents)
	}
	rising := lastUnparsed >= shareLines && s.hours >= weekHours/7 &&
		s.now > s.usual*shareFactor && s.now > s.usual+sharePoints
	// It is over at half way back, or when the new share has become usual.
	s.on = rising || s.on && lastUnparsed >= shareLines && s.now > s.usual+sharePoints/2
	if events > 0 {
		s.hours++
		s.usual += (float64(unparsed)/float64(events) - s.usual) * max(shareLeast, 1/float64(s.hours))
	}
}
