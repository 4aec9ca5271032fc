package sigma

import (
	"math"
	"slices"
	"strconv"
)

// aggregate returns the number that the condition is about. There is none for
// a group without values.
func (c *correlation) aggregate(g *groupState) (float64, bool) {
	switch c.kind {
	case eventCount:
		if c.grows() {
			return float64(len(g.events)), true
		}
		return float64(g.count), true
	case valueCount, temporal:
		return float64(c.distinct(g)), true
	case temporalOrdered:
		return float64(c.longest(g)), true
	case valueSum:
		return g.sum, true
	case valueAvg:
		return g.sum / float64(g.count), true
	case valueMedian:
		return percentile(g, 50)
	}
	return percentile(g, c.percentile)
}

// distinct counts the values or rules of a group. The events held differ in
// them, but for temporal ones with a condition that is tested at the end.
func (c *correlation) distinct(g *groupState) int {
	if c.kind == valueCount || c.grows() {
		return len(g.events)
	}
	seen := make([]bool, len(c.rules))
	n := 0
	for _, e := range g.events {
		if !seen[e.Index] {
			seen[e.Index] = true
			n++
		}
	}
	return n
}

// longest returns how many of the rules occur one after the other in the order
// of the correlation.
func (c *correlation) longest(g *groupState) int {
	best := make([]int, len(c.rules)) // the longest series that ends with the i-th rule
	most := 0
	for _, e := range g.events {
		n := 1
		for _, before := range best[:e.Index] {
			n = max(n, before+1)
		}
		best[e.Index] = max(best[e.Index], n)
		most = max(most, best[e.Index])
	}
	return most
}

// percentile interpolates linearly between the two nearest values.
func percentile(g *groupState, p float64) (float64, bool) {
	if len(g.events) == 0 {
		return 0, false
	}
	values := make([]float64, len(g.events))
	for i, e := range g.events {
		values[i] = e.Number
	}
	slices.Sort(values)
	at := p / 100 * float64(len(values)-1)
	low := int(at)
	high := min(low+1, len(values)-1)
	return values[low] + (at-math.Floor(at))*(values[high]-values[low]), true
}

func numberOfText(s string) (float64, bool) {
	if _, ok := parseDecimal(s); !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
