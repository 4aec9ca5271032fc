package source

import (
	"encoding/binary"
	"math"
	"time"
)

// Hours of a week: the buckets of a profile. Bucket 0 is Sunday 00:00 to 01:00 in
// the zone of the node.
const weekHours = 7 * 24

// bucketOf returns the hour of the week that t is in.
func bucketOf(t time.Time, zone *time.Location) int {
	t = t.In(zone)
	return int(t.Weekday())*24 + t.Hour()
}

// bucket is what is known of one hour of the week. Counts are learned as
// ln(1+count): traffic varies by factors, not by amounts, and one extreme hour
// moves the logarithm little.
type bucket struct {
	n    uint8   // weeks learned, up to 255
	mean float32 // of ln(1+count)
	dev  float32 // mean absolute deviation of it
}

// profile is what a source sends in a usual week.
type profile struct {
	buckets [weekHours]bucket
	hours   int     // completed hours learned, in all
	dev     float64 // mean absolute deviation over all buckets
}

const (
	// A bucket moves to what it sees by one part in weeks learned, and never by
	// less than learnLeast: about the last eight weeks count.
	learnLeast = 1.0 / 8
	devLeast   = 1.0 / 200 // the same for dev, which every hour adds to
	// clipAt bounds how far one hour may pull, in deviations.
	clipAt = 4.0
)

// learn takes up the count of a completed hour.
func (p *profile) learn(b int, count int64) {
	y := math.Log1p(float64(count))
	k := &p.buckets[b]
	if p.hours > 0 {
		r := y - p.expectLog(b)
		// Bold hours teach, but not at once: an attack must not become usual.
		if limit := clipAt * p.sigma(b); p.trained() && math.Abs(r) > limit {
			y = p.expectLog(b) + math.Copysign(limit, r)
			r = math.Copysign(limit, r)
		}
		p.dev += (math.Abs(r) - p.dev) * max(devLeast, 1/float64(p.hours))
		if k.n > 0 {
			k.dev += float32((math.Abs(r) - float64(k.dev)) * rate(k.n))
		} else {
			k.dev = float32(math.Abs(r))
		}
	}
	k.mean += float32((y - float64(k.mean)) * rate(k.n))
	if k.n < math.MaxUint8 {
		k.n++
	}
	p.hours++
}

func rate(n uint8) float64 { return max(learnLeast, 1/(float64(n)+1)) }

// leaning is how many weeks the same hour of similar days counts for: one week of
// one hour says little, and so does an hour that is a matter of chance.
const leaning = 2

// expectLog is what ln(1+count) of the bucket should be: what was learned of it,
// leaning on the same hour of other working days, or of the other weekend day, and
// where these are not known either, on all hours.
func (p *profile) expectLog(b int) float64 {
	k := &p.buckets[b]
	sum, n := 0.0, 0.0
	for day := range 7 {
		if o := &p.buckets[day*24+b%24]; o != k && o.n > 0 && weekend(day) == weekend(b/24) {
			sum, n = sum+float64(o.mean), n+1
		}
	}
	if n == 0 && k.n == 0 {
		for i := range p.buckets {
			if o := &p.buckets[i]; o.n > 0 {
				sum, n = sum+float64(o.mean), n+1
			}
		}
	}
	if n == 0 {
		return float64(k.mean)
	}
	weeks := math.Min(float64(k.n), 1/learnLeast)
	return (weeks*float64(k.mean) + leaning*sum/n) / (weeks + leaning)
}

func weekend(day int) bool { return day == 0 || day == 6 }

// expect is how many events the bucket should hold.
func (p *profile) expect(b int) float64 { return math.Expm1(p.expectLog(b)) }

// sigma is how far from expectLog the bucket may be, as a standard deviation. Few
// weeks say little about one bucket, so the source's other hours join in; and a
// count below twenty varies by chance alone.
func (p *profile) sigma(b int) float64 {
	const others, toSigma = 4, 1.2533 // of a normal distribution
	k := &p.buckets[b]
	own := toSigma * (float64(k.n)*float64(k.dev) + others*p.dev) / (float64(k.n) + others)
	chance := 1 / math.Sqrt(p.expect(b)+1)
	return max(own, chance, 0.1)
}

// trainedHours is how much of a source must be known before its volume is judged:
// three weeks. Silence is judged earlier, see rhythm.
const trainedHours = 3 * weekHours

func (p *profile) trained() bool { return p.hours >= trainedHours }

const (
	profileVersion = 1
	bucketBytes    = 9
	profileBytes   = 1 + 4 + 8 + weekHours*bucketBytes
)

// bytes is how a profile is stored.
func (p *profile) bytes() []byte {
	b := make([]byte, 0, profileBytes)
	b = append(b, profileVersion)
	b = binary.LittleEndian.AppendUint32(b, uint32(p.hours))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.dev))
	for i := range p.buckets {
		k := &p.buckets[i]
		b = append(b, k.n)
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(k.mean))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(k.dev))
	}
	return b
}

// parseProfile reads what bytes wrote. What is damaged or of another version is
// an empty profile: it is learned again.
func parseProfile(b []byte) *profile {
	p := &profile{}
	if len(b) != profileBytes || b[0] != profileVersion {
		return p
	}
	p.hours = int(binary.LittleEndian.Uint32(b[1:]))
	p.dev = math.Float64frombits(binary.LittleEndian.Uint64(b[5:]))
	for i := range p.buckets {
		at := b[13+i*bucketBytes:]
		p.buckets[i] = bucket{
			n:    at[0],
			mean: math.Float32frombits(binary.LittleEndian.Uint32(at[1:])),
			dev:  math.Float32frombits(binary.LittleEndian.Uint32(at[5:])),
		}
	}
	if !p.sound() {
		return &profile{}
	}
	return p
}

// sound tells whether all figures are ones that learning can lead to.
func (p *profile) sound() bool {
	ok := func(v float64) bool { return v >= 0 && v < 64 } // ln of any count; not NaN
	for i := range p.buckets {
		if k := &p.buckets[i]; !ok(float64(k.mean)) || !ok(float64(k.dev)) {
			return false
		}
	}
	return ok(p.dev) && p.hours >= 0 && p.hours < 1<<30
}

// recentHours is how many completed hours a source keeps as counted.
const recentHours = 48

// recent is the last completed hours of a source, oldest first.
type recent [recentHours]struct{ events, unparsed uint32 }

func (r *recent) push(events, unparsed int64) {
	copy(r[:], r[1:])
	r[recentHours-1].events = uint32(min(events, math.MaxUint32))
	r[recentHours-1].unparsed = uint32(min(unparsed, math.MaxUint32))
}

func (r *recent) bytes() []byte {
	b := make([]byte, 0, recentHours*8)
	for _, h := range r {
		b = binary.LittleEndian.AppendUint32(b, h.events)
		b = binary.LittleEndian.AppendUint32(b, h.unparsed)
	}
	return b
}

func parseRecent(b []byte) *recent {
	r := &recent{}
	if len(b) != recentHours*8 {
		return r
	}
	for i := range r {
		r[i].events = binary.LittleEndian.Uint32(b[i*8:])
		r[i].unparsed = binary.LittleEndian.Uint32(b[i*8+4:])
	}
	return r
}
