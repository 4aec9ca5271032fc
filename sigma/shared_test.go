package sigma

import (
	"slices"
	"sync"
	"testing"
)

// Sixty-four goroutines at once, through matchers of their own and through the
// pool, find in every event what one finds alone. The race detector watches.
func TestAllRulesSharedBy64(t *testing.T) {
	rs := mainRuleset(t, Options{})
	events := loadEvents(t, "windows-attack.ndjson.gz")
	// Every 40th event, so that many channels and rules take part.
	var sample []*Event
	for i := 0; i < len(events); i += 40 {
		sample = append(sample, events[i])
	}
	m := rs.NewMatcher()
	want := make([][]string, len(sample))
	found := 0
	for i, ev := range sample {
		want[i] = sortedIDs(m, ev)
		found += len(want[i])
	}
	if found == 0 {
		t.Fatal("no rule matches the sample")
	}
	var wg sync.WaitGroup
	for n := range 64 {
		wg.Go(func() {
			own := rs.NewMatcher()
			match := own.Match
			if n%2 == 0 {
				match = rs.Match
			}
			for k := range sample {
				i := (k + n*len(sample)/64) % len(sample)
				var got []string
				match(sample[i], func(r *Rule) { got = append(got, r.ID) })
				slices.Sort(got)
				if !slices.Equal(got, want[i]) {
					t.Errorf("goroutine %d, event %d: %v, want %v", n, i, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}
