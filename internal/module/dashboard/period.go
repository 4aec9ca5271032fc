package dashboard

import (
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Period is the time a figure is about, in parts of one width that begin at round
// times in Vietnam, and the time of the same length before it.
type Period struct {
	From, To time.Time
	Now      time.Time
	Buckets  module.Buckets
}

// widths are the parts a period is cut into; the first that gives at most
// maxParts is taken.
var widths = []time.Duration{
	time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
	24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour,
}

const (
	maxParts  = 62
	maxPeriod = 3 * 366 * 24 * time.Hour
)

// periodOf makes the period between two points (module.ParsePoint). It begins at
// the beginning of its first part, so that this part is whole.
func periodOf(from, to string, now time.Time) (Period, error) {
	start, err := module.ParsePoint(from, now)
	if err != nil {
		return Period{}, bad("from", "from: %w", err)
	}
	end, err := module.ParsePoint(to, now)
	if err != nil {
		return Period{}, bad("to", "to: %w", err)
	}
	if err := module.CheckRange(start, end, "body"); err != nil {
		return Period{}, err
	}
	if end.Sub(start) > maxPeriod {
		return Period{}, fault.New(fault.Invalid, "from: at most three years before to").WithCode("range.too-long").OnField("body.from")
	}
	if end.Sub(start) < time.Minute {
		return Period{}, fault.New(fault.Invalid, "from: at least a minute before to").WithCode("range.empty").OnField("body.from")
	}
	p := Period{To: end.UTC(), Now: now.UTC()}
	for _, width := range widths {
		first := time.UnixMicro(query.BucketStart(start.UnixMicro(), width)).UTC()
		n := int((end.Sub(first) + width - 1) / width)
		p.From, p.Buckets = first, module.Buckets{From: first, Width: width, N: n}
		if n <= maxParts {
			break
		}
	}
	return p, nil
}

// Before is when the period before this one began; it ended at From.
func (p *Period) Before() time.Time { return p.From.Add(-p.To.Sub(p.From)) }
