package main

import (
	"runtime"
	"time"
)

// engine is a Sigma engine with its rules loaded.
type engine interface {
	// match parses one event and tells hit the id of each rule that fires.
	match(line []byte, hit func(id string))
	// errors is how many rules refused to judge so far.
	errors() int
}

// entrant is an engine that has yet to load its rules; failed are the rules it
// refused.
type entrant struct {
	name string
	load func(rules []ruleFile, s *scoper) (e engine, failed int)
}

// entrants lists who races: ours first.
func entrants() []entrant {
	return append([]entrant{{"lachan", loadOurs}, {"sigma-go", loadSigmaGo}}, optional()...)
}

type race struct {
	set      *eventSet
	events   int
	unscoped bool
	target   int // how many times faster than each peer ours shall be; 0: none set
}

type pair struct {
	line int
	rule string
}

type result struct {
	name           string
	loaded, failed int
	load           time.Duration
	speeds         []float64 // events per second, a round each
	allocs         float64   // per event
	pairs          map[pair]bool
	errors         int // rules that refused to judge an event of the first pass
}

func (r race) scoping() string {
	if r.unscoped {
		return "every rule on every event"
	}
	return "scoped by log source"
}

// sample is the numbers of the lines that race, evenly spread over the set.
func (r race) sample() []int {
	n := min(r.events, len(r.set.lines))
	out := make([]int, n)
	for i := range out {
		out[i] = i * len(r.set.lines) / n
	}
	return out
}

// atLeast is how long a measurement of a fast engine goes on, over and over the
// same sample. A slow one goes through it once.
const atLeast = 500 * time.Millisecond

func (r race) run(rules []ruleFile, rounds int) ([]result, error) {
	var scope *scoper
	if !r.unscoped {
		scope = newScoper(rules)
	}
	var results []result
	var engines []engine
	for _, e := range entrants() {
		runtime.GC()
		start := time.Now()
		loaded, failed := e.load(rules, scope)
		results = append(results, result{name: e.name, loaded: len(rules) - failed, failed: failed, load: time.Since(start)})
		engines = append(engines, loaded)
	}
	sample := r.sample()
	// The first pass fills caches and tables made on demand, and is what the
	// engines are judged by.
	for i, e := range engines {
		results[i].pairs = r.pairs(e)
		results[i].errors = e.errors()
	}
	for range rounds {
		for i, e := range engines {
			speed, allocs := measure(e, r.set.lines, sample)
			results[i].speeds, results[i].allocs = append(results[i].speeds, speed), allocs
		}
	}
	return results, nil
}

// pairs is what the engine finds in the sample.
func (r race) pairs(e engine) map[pair]bool {
	found := map[pair]bool{}
	for _, line := range r.sample() {
		e.match(r.set.lines[line], func(id string) { found[pair{line, id}] = true })
	}
	return found
}

func measure(e engine, lines [][]byte, sample []int) (speed, allocs float64) {
	hits := 0
	count := func(string) { hits++ }
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start, used, done := cpuTime(), time.Duration(0), 0
	for used < atLeast {
		for _, line := range sample {
			e.match(lines[line], count)
		}
		done += len(sample)
		used = cpuTime() - start
	}
	runtime.ReadMemStats(&after)
	return float64(done) / used.Seconds(), float64(after.Mallocs-before.Mallocs) / float64(done)
}

// compare counts found against the truth. Where there is no independent one, it
// is what ours found.
func (r race) compare(found, ours map[pair]bool) (right, missed, extra int) {
	truth := ours
	if r.independent() {
		truth = map[pair]bool{}
		for _, line := range r.sample() {
			for _, id := range r.set.golden[line] {
				truth[pair{line, id}] = true
			}
		}
	}
	for p := range truth {
		if !found[p] {
			missed++
		}
	}
	return len(truth) - missed, missed, len(found) - (len(truth) - missed)
}

// independent reports whether somebody else worked out what is to be found.
func (r race) independent() bool { return r.set.golden != nil && !r.unscoped }

func (r race) truth() string {
	if r.independent() {
		return "pairs of event and rule, against those an independent evaluator found"
	}
	return "pairs of event and rule, against ours, for want of an independent list"
}
