package sigma

import (
	"slices"
	"time"
)

// CorrelationInfo is what a correlation rule counts, for people to read.
type CorrelationInfo struct {
	Type     string // event_count, value_count, temporal …
	Timespan time.Duration
	GroupBy  []string
	Fields   []string // whose values are counted
	Bounds   []BoundInfo
}

// BoundInfo is one criterion of the condition. All must hold.
type BoundInfo struct {
	Op    string // gt, gte, lt, lte, eq, neq
	Value float64
}

// Correlation returns what a correlation rule counts; nil for any other rule.
func (r *Rule) Correlation() *CorrelationInfo {
	c := r.correlation
	if c == nil {
		return nil
	}
	out := &CorrelationInfo{Type: string(c.kind), Timespan: c.timespan, GroupBy: slices.Clone(c.groupBy), Fields: slices.Clone(c.fields)}
	for _, b := range c.bounds {
		out.Bounds = append(out.Bounds, BoundInfo{b.op, b.value})
	}
	return out
}
