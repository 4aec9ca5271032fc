package detect

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

const snapshotVersion = 1

type snapshot struct {
	Version int            `json:"version"`
	Used    uint64         `json:"used"`
	Lanes   []laneSnapshot `json:"lanes"`
}

type laneSnapshot struct {
	Unit   event.UnitID    `json:"unit"`
	Drill  string          `json:"drill,omitempty"`
	Sender string          `json:"sender,omitempty"`
	Nth    int             `json:"nth,omitempty"`
	Behind time.Duration   `json:"behind,omitempty"`
	Used   uint64          `json:"used"`
	State  json.RawMessage `json:"state"`
}

// Snapshot returns the state, for Restore.
func (c *Correlator) Snapshot() ([]byte, error) {
	s := snapshot{Version: snapshotVersion, Used: c.used, Lanes: []laneSnapshot{}}
	for _, l := range c.lanes {
		state, err := l.state.Snapshot()
		if err != nil {
			return nil, err
		}
		s.Lanes = append(s.Lanes, laneSnapshot{l.unit, l.drill, l.sender, l.nth, l.behind, l.used, state})
	}
	return json.Marshal(s)
}

// Restore replaces the state by one that Snapshot returned, also of a correlator
// of other rules: what a correlation had gathered stays if it is still the same.
// With an error the state is as it was. The counters go on.
func (c *Correlator) Restore(data []byte) error {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("state of the correlations: %w", err)
	}
	if s.Version != snapshotVersion {
		return fmt.Errorf("state of the correlations: version %d, want %d", s.Version, snapshotVersion)
	}
	lanes := make([]*lane, 0, len(s.Lanes))
	seen := map[laneKey]bool{}
	for _, in := range s.Lanes {
		l := &lane{laneKey{in.Unit, in.Drill, in.Sender, in.Nth}, c.newState(), in.Behind, in.Used}
		if seen[l.laneKey] {
			return fmt.Errorf("state of the correlations: two of unit %q", in.Unit)
		}
		seen[l.laneKey] = true
		if err := l.state.Restore(in.State); err != nil {
			return err
		}
		lanes = append(lanes, l)
	}
	for len(c.lanes) > 0 {
		c.remove(len(c.lanes) - 1)
	}
	c.used = s.Used
	for _, l := range lanes {
		c.add(l)
	}
	for c.held > c.o.MaxEvents && c.evict() {
	}
	return nil
}

// Carry goes over to other rules and keeps what correlations had gathered that
// are the same in both. Hits made by the old rules may still come.
func (c *Correlator) Carry(to *Set) error {
	state, err := c.Snapshot()
	if err != nil {
		return err
	}
	from := c.set
	c.set = to
	if err := c.Restore(state); err != nil {
		c.set = from
		return err
	}
	return nil
}
