package source

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// hanoi is a zone of whole hours, so that the test knows the buckets.
var hanoi = time.FixedZone("hanoi", 7*3600)

// monday begins a simulated life, at midnight in hanoi.
var monday = time.Date(2026, 9, 7, 0, 0, 0, 0, hanoi)

// life is a simulated source: what it sends hour by hour, and what the judge
// makes of it.
type life struct {
	h    health
	at   time.Time // end of what was lived
	last time.Time
	out  []span

	silences int // declared before the next event came
	volumes  int // problems of volume that began
}

func newLife() *life {
	l := &life{at: monday}
	l.h.Input = "syslog"
	l.h.open()
	l.h.healthRow.LearnedTo = sqldb.MicrosOf(monday)
	return l
}

// hour lives one hour with events at the given offsets, in order.
func (l *life) hour(events []time.Duration) {
	var longest span
	for _, d := range events {
		at := l.at.Add(d)
		if !l.last.IsZero() && at.Sub(l.last) > longest.To.Sub(longest.From) {
			longest = span{l.last, at}
		}
		l.last = at
	}
	if longest.To.After(longest.From) {
		l.h.LastSeen = sqldb.MicrosOf(longest.From)
		due := l.h.silentAt(l.out, hanoi, DefaultSilentAfter)
		if !due.IsZero() && due.Before(longest.To) {
			l.silences++
		}
	}
	due := l.due(setting{})
	l.h.healthRow.SilentSince = 0
	if !due.IsZero() && due.Before(l.at.Add(time.Hour)) {
		l.h.healthRow.SilentSince = sqldb.MicrosOf(due)
	}
	l.h.Hour, l.h.HourEvents = sqldb.MicrosOf(l.at), int64(len(events))
	l.h.HourPause, l.h.HourPausedTo = longest.To.Sub(longest.From).Microseconds(), sqldb.MicrosOf(longest.To)
	l.h.LastSeen = sqldb.MicrosOf(l.last)
	was := l.h.volume.on
	if l.h.LastSeen == 0 {
		l.h.healthRow.LearnedTo = sqldb.MicrosOf(l.at.Add(time.Hour)) // not heard of yet
	}
	l.at = l.at.Add(time.Hour)
	l.h.learnHours(l.at, l.out, hanoi)
	if l.h.volume.on && !was {
		l.volumes++
	}
}

// due is when the source counts as silent if nothing more comes.
func (l *life) due(s setting) time.Time {
	l.h.LastSeen = sqldb.MicrosOf(l.last)
	l.h.healthRow.SilentAfter, l.h.healthRow.SilentFixed = int64(s.silentAfter.Seconds()), s.fixed
	if l.last.IsZero() {
		return time.Time{}
	}
	return l.h.silentAt(l.out, hanoi, DefaultSilentAfter)
}

// habit is how many events an hour of a sort of source has, and when.
type habit func(r *rand.Rand, at time.Time) []time.Duration

func spread(r *rand.Rand, n int) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out { // in order without sorting: the gaps of a random hour
		out[i] = time.Duration((float64(i) + r.Float64()) / float64(n) * float64(time.Hour))
	}
	return out
}

// poisson draws a number of events of the given mean.
func poisson(r *rand.Rand, mean float64) int {
	if mean > 50 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	n, p := 0, r.Float64()
	for limit := math.Exp(-mean); p > limit; n++ {
		p *= r.Float64()
	}
	return n
}

// random draws the times of a Poisson process.
func random(r *rand.Rand, mean float64) []time.Duration {
	var out []time.Duration
	for at := 0.0; ; {
		at += r.ExpFloat64() / mean
		if at >= 1 {
			return out
		}
		out = append(out, time.Duration(at*float64(time.Hour)))
	}
}

func office(at time.Time) bool {
	d, h := at.Weekday(), at.Hour()
	return d != time.Saturday && d != time.Sunday && h >= 7 && h < 18
}

// habits are the sorts of sources the false alarms are counted on.
var habits = map[string]habit{
	"five a minute, regular": func(r *rand.Rand, _ time.Time) []time.Duration { return spread(r, 300) },
	"busy, day and night differ": func(r *rand.Rand, at time.Time) []time.Duration {
		mean := 300 * (1.2 + math.Sin(2*math.Pi*float64(at.Hour()-9)/24)) * math.Exp(0.25*r.NormFloat64())
		return spread(r, poisson(r, mean))
	},
	"a few an hour, random":  func(r *rand.Rand, _ time.Time) []time.Duration { return random(r, 4) },
	"a few a day, random":    func(r *rand.Rand, _ time.Time) []time.Duration { return random(r, 0.2) },
	"one a day, at two":      func(r *rand.Rand, at time.Time) []time.Duration { return backup(r, at) },
	"office hours":           func(r *rand.Rand, at time.Time) []time.Duration { return desk(r, at) },
	"bursts with long rests": func(r *rand.Rand, _ time.Time) []time.Duration { return bursts(r) },
	"every quarter of an hour": func(r *rand.Rand, _ time.Time) []time.Duration {
		var out []time.Duration
		for q := range 4 {
			out = append(out, time.Duration(q)*15*time.Minute+time.Duration(r.Int64N(int64(30*time.Second))))
		}
		return out
	},
}

func backup(r *rand.Rand, at time.Time) []time.Duration {
	if at.Hour() != 2 {
		return nil
	}
	return []time.Duration{time.Duration(r.Int64N(int64(10 * time.Minute)))}
}

func desk(r *rand.Rand, at time.Time) []time.Duration {
	if !office(at) {
		return nil
	}
	return random(r, 60*math.Exp(0.4*r.NormFloat64()))
}

func bursts(r *rand.Rand) []time.Duration {
	if r.Float64() > 0.3 {
		return nil
	}
	start := r.Float64() * 0.9
	var out []time.Duration
	for i := range 50 + r.IntN(200) {
		out = append(out, time.Duration((start+float64(i)/3600)*float64(time.Hour)))
	}
	return out
}

// Sources without a fault, of which each lives half a year. The bounds are what
// the package doc states.
func TestFalseAlarms(t *testing.T) {
	const weeks, each, young = 26, 6, 4
	type count struct{ sources, silences, volumes int }
	var first, later count
	for name, habit := range habits {
		for seed := range each {
			r := rand.New(rand.NewPCG(uint64(seed), 7))
			l := newLife()
			for week := range weeks {
				before := *l
				for range weekHours {
					l.hour(habit(r, l.at))
				}
				c := &later
				if week < young {
					c = &first
				}
				c.silences, c.volumes = c.silences+l.silences-before.silences, c.volumes+l.volumes-before.volumes
			}
			first.sources, later.sources = first.sources+1, later.sources+1
			if l.silences+l.volumes > 0 {
				t.Logf("%s: %d silences, %d volumes", name, l.silences, l.volumes)
			}
		}
	}
	month := float64(first.silences+first.volumes) / float64(first.sources)
	year := float64(later.silences+later.volumes) / (float64(later.sources) * (weeks - young) / 52)
	t.Logf("a source in its first four weeks: %.2f false signals; later %.2f a year (%+v, %+v)", month, year, first, later)
	if month > 0.5 || year > 0.25 {
		t.Errorf("too many: want at most 0.5 in the first four weeks, and 0.25 a year later")
	}
}

// How soon a source that stops is noticed, after four weeks, from its last event
// to the declaration.
func TestSilenceIsNoticedInItsOwnTime(t *testing.T) {
	for _, c := range []struct {
		habit    string
		stop     time.Time // first hour without events
		min, max time.Duration
	}{
		{"five a minute, regular", monday.Add(10 * time.Hour), 15 * time.Minute, 16 * time.Minute},
		{"busy, day and night differ", monday.Add(10 * time.Hour), 15 * time.Minute, 30 * time.Minute},
		{"a few an hour, random", monday.Add(10 * time.Hour), 90 * time.Minute, 8 * time.Hour},
		{"every quarter of an hour", monday.Add(10 * time.Hour), 25 * time.Minute, 45 * time.Minute},
		{"one a day, at two", monday.Add(24 * time.Hour), 40 * time.Hour, 56 * time.Hour},
		// Silent on Friday evening like every week; missed on Monday morning.
		{"office hours", monday.Add(4*24*time.Hour + 18*time.Hour), 61 * time.Hour, 63 * time.Hour},
		{"office hours", monday.Add(10 * time.Hour), 15 * time.Minute, 45 * time.Minute},
	} {
		r := rand.New(rand.NewPCG(3, 4))
		l := newLife()
		for l.at.Before(c.stop.Add(4 * weekHours * time.Hour)) {
			l.hour(habits[c.habit](r, l.at))
		}
		due := l.due(setting{})
		if took := due.Sub(l.last).Round(time.Second); due.IsZero() || took < c.min || took > c.max {
			t.Errorf("%s: last heard %v, silent %v later; want %v to %v", c.habit, l.last, took, c.min, c.max)
		}
	}
}

// Ten times the usual volume, and a tenth of it, are told after two hours; a new
// level is the usual one after two days.
func TestStrangeVolumeIsNoticed(t *testing.T) {
	busy := func(r *rand.Rand, l *life, factor float64) {
		n := poisson(r, factor*300*(1.2+math.Sin(2*math.Pi*float64(l.at.Hour()-9)/24))*math.Exp(0.25*r.NormFloat64()))
		l.hour(spread(r, n))
	}
	for _, factor := range []float64{10, 0.05} {
		r := rand.New(rand.NewPCG(5, 6))
		l := newLife()
		for range 6*weekHours + 10 {
			busy(r, l, 1)
		}
		busy(r, l, factor)
		if l.h.volume.on {
			t.Errorf("×%v: told after one hour", factor)
		}
		busy(r, l, factor)
		if !l.h.volume.on {
			t.Errorf("×%v: not told after two hours", factor)
		}
		busy(r, l, 1)
		busy(r, l, 1)
		if l.h.volume.on {
			t.Errorf("×%v: not over after two usual hours", factor)
		}
		for range 3 * 24 {
			busy(r, l, factor)
		}
		if l.h.volume.on {
			t.Errorf("×%v: not accepted after three days", factor)
		}
		for range 24 {
			busy(r, l, factor)
		}
		if l.h.volume.on || l.volumes > 2 {
			t.Errorf("×%v: strange again at the new level: %d", factor, l.volumes)
		}
	}
}

// An outage of the centre is no silence, and teaches nothing.
func TestOutagesDoNotCount(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	l := newLife()
	for range 3 * weekHours {
		l.hour(habits["five a minute, regular"](r, l.at))
	}
	before := l.h.rhythm
	down := span{l.at, l.at.Add(8*time.Hour + resumeGrace)}
	l.out = append(l.out, down)
	due := l.due(setting{})
	if want := down.To.Add(minSilence); due.Before(down.To) || due.After(want.Add(time.Minute)) {
		t.Errorf("silent at %v, want about %v", due, want)
	}
	for range 8 {
		l.hour(nil)
	}
	l.hour(habits["five a minute, regular"](r, l.at))
	if l.h.rhythm.most > before.most*1.1 || l.h.rhythm.longest > before.longest+time.Second {
		t.Errorf("the outage was learned: %+v, before %+v", l.h.rhythm, before)
	}
	if got := l.h.profile.expect(bucketOf(l.at.Add(-3*time.Hour), hanoi)); got < 250 {
		t.Errorf("the hours of the outage were learned: %v", got)
	}
}

// One long silence must not make the next one unnoticed.
func TestALongSilenceDoesNotDeafen(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	l := newLife()
	for range 3 * weekHours {
		l.hour(habits["five a minute, regular"](r, l.at))
	}
	for range 3 * 24 {
		l.hour(nil)
	}
	for range 24 {
		l.hour(habits["five a minute, regular"](r, l.at))
	}
	due := l.due(setting{})
	if took := due.Sub(l.last); took > 30*time.Minute {
		t.Errorf("after a silence of three days the next takes %v", took)
	}
}

func TestABoundAPersonSets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	l := newLife()
	for range 3 * weekHours {
		l.hour(habits["one a day, at two"](r, l.at))
	}
	at := func(s setting) time.Duration {
		return l.due(s).Sub(l.last).Round(time.Minute)
	}
	if got := at(setting{silentAfter: 26 * time.Hour}); got != 26*time.Hour {
		t.Errorf("a bound below the rhythm: %v", got)
	}
	if got := at(setting{silentAfter: 10 * 24 * time.Hour}); got > 56*time.Hour {
		t.Errorf("a bound above the rhythm: %v", got)
	}
	if got := at(setting{silentAfter: 10 * 24 * time.Hour, fixed: true}); got != 240*time.Hour {
		t.Errorf("the bound alone: %v", got)
	}
	if got := at(setting{silentAfter: 2 * time.Minute}); got != 2*time.Minute {
		t.Errorf("a bound below the least: %v", got)
	}
	// Until the rhythm is known: what the configuration says, or three times the
	// longest pause.
	young := newLife()
	young.hour(spread(r, 10))
	if due := young.due(setting{}); due.Sub(young.last).Round(time.Second) != time.Hour {
		t.Errorf("young: %v", due.Sub(young.last))
	}
}

func TestStoredFiguresSurvive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	l := newLife()
	for range 200 {
		l.hour(habits["office hours"](r, l.at))
	}
	h := l.h
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	var back health
	back.healthRow = h.healthRow
	back.open()
	if *back.profile != *h.profile || *back.recent != *h.recent || back.rhythm != h.rhythm || back.volume != h.volume || back.share != h.share {
		t.Error("what is stored is not what is read")
	}
}

func FuzzProfile(f *testing.F) {
	p := &profile{}
	p.learn(3, 17)
	f.Add(p.bytes())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, data []byte) {
		p := parseProfile(data)
		for b := range weekHours {
			if v := p.expect(b); math.IsNaN(v) || v < 0 {
				t.Fatalf("expects %v", v)
			}
			p.learn(b, 5)
		}
		if !p.sound() {
			t.Fatal("learning leads to figures that cannot be read back")
		}
	})
}

func BenchmarkSilentAt(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	l := newLife()
	for range 3 * weekHours {
		l.hour(habits["office hours"](r, l.at))
	}
	b.ReportAllocs()
	for b.Loop() {
		l.due(setting{})
	}
}
