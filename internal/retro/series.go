package retro

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/detect"
)

// MaxHits bounds the hits that wait for the correlation rules, some 300 bytes
// each. Which of more are seen is not defined; Tally.Uncorrelated counts the rest.
const MaxHits = 500_000

// correlate shows the hits to the correlation rules in the order of the events'
// times, each unit for itself: who sent them, and in which order they arrived,
// does not matter as it does while events come in.
func (r *run) correlate() error {
	if len(r.hits) == 0 {
		return nil
	}
	slices.SortFunc(r.hits, func(a, b detect.Hit) int {
		return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.Ref, b.Ref), strings.Compare(a.RuleID, b.RuleID))
	})
	series := r.o.Rules.NewCorrelator(detect.CorrelatorOptions{InOrder: true, MaxEvents: r.o.MaxHits})
	for i := range r.hits {
		if err := r.series(series.Observe(&r.hits[i])); err != nil {
			return err
		}
	}
	err := r.series(series.End())
	stats := series.Stats()
	r.tally.truncated, r.tally.ungrouped = int64(stats.Evicted+stats.Truncated), int64(stats.Ungrouped)
	return err
}

func (r *run) series(found []detect.Finding) error {
	for i := range found {
		rule := r.o.Rules.Rule(found[i].RuleID)
		if !r.plan.wanted[rule] {
			continue
		}
		f := &Finding{Rules: []*detect.Rule{rule}, Series: &found[i], groups: []uint64{r.tally.group(rule, found[i])}}
		if err := r.found(f); err != nil {
			return err
		}
	}
	return nil
}
