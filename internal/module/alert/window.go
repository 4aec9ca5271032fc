package alert

import (
	"time"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// openRow is what grouping needs to know of an alert that is not closed.
type openRow struct {
	ID           string       `bun:"id"`
	Key          string       `bun:"group_key"`
	FirstArrival sqldb.Micros `bun:"first_arrival"`
	LastArrival  sqldb.Micros `bun:"last_arrival"`
}

// near tells whether the group's arrivals touch the alert's, with the gap on
// either side.
func near(g *group, o openRow, gap time.Duration) bool {
	return !g.firstArrival.After(o.LastArrival.Time().Add(gap)) && !g.lastArrival.Before(o.FirstArrival.Time().Add(-gap))
}

// touch widens the window of the alert by the group, for the groups after it.
func touch(open []openRow, id string, g *group) {
	for i := range open {
		o := &open[i]
		if o.ID != id {
			continue
		}
		first, last := sqldb.MicrosOf(g.firstArrival), sqldb.MicrosOf(g.lastArrival)
		if o.FirstArrival == 0 || first < o.FirstArrival {
			o.FirstArrival = first
		}
		o.LastArrival = max(o.LastArrival, last)
		return
	}
}

func earliest(groups []*group) time.Time {
	first := groups[0].firstArrival
	for _, g := range groups[1:] {
		if g.firstArrival.Before(first) {
			first = g.firstArrival
		}
	}
	return first
}
