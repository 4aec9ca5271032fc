package hunt

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// MaxHits bounds the hits that wait for the correlation rules, some 250 bytes
// each. Those beyond it are findings like any other, but correlations do not see
// them: Stats.Uncorrelated counts them.
const MaxHits = 500_000

// Place is one record.
type Place struct {
	File string
	Line int64 // as in Finding
}

// Series are the events of a correlation rule's finding.
type Series struct {
	Value       float64 // the count or aggregate that met the condition
	First, Last time.Time
	Events      []Place // the newest of them, oldest first; at most 100
}

// hit is what is kept of a rule that fired and that a correlation refers to.
type hit struct {
	rule   *detect.Rule
	time   int64 // Unix nanoseconds
	fields []sigma.Field
	host   string
	file   string
	line   int64
}

// correlate shows the hits of all files to the correlation rules, in the order of
// the events' times: which file was read first does not matter.
func (c *collector) correlate() error {
	if len(c.hits) == 0 {
		return nil
	}
	slices.SortStableFunc(c.hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.rule.ID, b.rule.ID))
	})
	series := c.o.Rules.NewCorrelator(detect.CorrelatorOptions{InOrder: true, MaxEvents: c.o.MaxHits})
	for i := range c.hits {
		h := &c.hits[i]
		at := time.Unix(0, h.time).UTC()
		found := series.Observe(&detect.Hit{
			RuleID: h.rule.ID, Unit: event.CentreUnit, Time: at, Received: at, Fields: h.fields, Ref: strconv.Itoa(i),
		})
		if err := c.series(found); err != nil {
			return err
		}
	}
	err := c.series(series.End())
	stats := series.Stats()
	c.stats.Truncated = int64(stats.Evicted + stats.Truncated)
	c.stats.Ungrouped = int64(stats.Ungrouped)
	return err
}

// series visits what the correlation rules found.
func (c *collector) series(found []detect.Finding) error {
	for i := range found {
		f := &found[i]
		rule := c.o.Rules.Rule(f.RuleID)
		level, _ := ParseLevel(rule.EffectiveLevel())
		if level < c.o.MinLevel || len(f.Series.Events) == 0 {
			continue
		}
		out := &Finding{Time: f.Time, Rule: rule, Level: level, Fields: f.Series.Group,
			Series: &Series{Value: f.Series.Value, First: f.Series.First, Last: f.Series.Last}}
		for _, ref := range f.Series.Events {
			n, err := strconv.Atoi(ref)
			if err != nil || n >= len(c.hits) {
				continue
			}
			h := &c.hits[n]
			out.File, out.Line, out.Host = h.file, h.line, h.host
			out.Series.Events = append(out.Series.Events, Place{h.file, h.line})
		}
		if f.EntityField == "host" {
			out.Host = f.EntityValue
		}
		c.stats.Findings++
		if err := c.visit(out); err != nil {
			return err
		}
	}
	return nil
}
