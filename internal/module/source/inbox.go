package source

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lachan-vn/lachan/internal/event"
)

// addUp makes one entry per sender of its hours, newest hour first.
func addUp(rows []unparsedRow) ([]Unparsed, error) {
	type sender struct{ unit, input, peer, host string }
	place := map[sender]int{}
	out := []Unparsed{}
	for i := range rows {
		r := &rows[i]
		k := sender{r.Unit, r.Input, r.Peer, r.Host}
		at, known := place[k]
		if !known {
			at = len(out)
			place[k] = at
			out = append(out, Unparsed{Unit: event.UnitID(r.Unit), Input: r.Input, Peer: r.Peer, Host: r.Host, Samples: []string{}})
		}
		u := &out[at]
		u.Count += r.Count
		if t := r.LastSeen.Time(); t.After(u.LastSeen) {
			u.LastSeen = t
		}
		if len(u.Samples) < maxSamples {
			samples, err := samplesOf(r)
			if err != nil {
				return nil, fmt.Errorf("unparsed samples of %s: %w", r.Peer, err)
			}
			for _, sample := range samples {
				if len(u.Samples) < maxSamples && !slices.Contains(u.Samples, sample) {
					u.Samples = append(u.Samples, sample)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Unparsed) int { return cmp.Compare(b.Count, a.Count) })
	return out[:min(len(out), maxInboxEntries)], nil
}
