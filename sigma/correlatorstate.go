package sigma

import (
	"container/heap"
	"container/list"
	"encoding/json"
	"errors"
	"fmt"
)

const snapshotVersion = 1

// snapshot is the state of a Correlator as JSON. Rules are named by id, or by
// name or title where they have none.
type snapshot struct {
	Version int
	Newest  int64
	Clock   int64
	Number  uint64
	Pending []snapshotPending
	Nodes   []snapshotNode
}

type snapshotPending struct {
	Rule string
	Hit  *heldHit
}

type snapshotNode struct {
	Rule        string
	Fingerprint string
	Groups      []snapshotGroup // in the order they end
}

type snapshotGroup struct {
	Key         []byte // may be any bytes, which JSON texts may not
	Group       []SeenValue
	Events      []heldEvent
	Start, Last int64
	Count       int
	Sum         float64
}

// Snapshot returns the state, for Restore. Matches fired before are not fired
// again by a restored correlator that goes on with the hits after the snapshot.
func (c *Correlator) Snapshot() ([]byte, error) {
	s := snapshot{Version: snapshotVersion, Newest: c.newest, Clock: c.clock, Number: c.number}
	for _, h := range c.pending {
		s.Pending = append(s.Pending, snapshotPending{h.rule.key(), h})
	}
	for i, n := range c.set.nodes {
		out := snapshotNode{Rule: n.rule.key(), Fingerprint: n.def.fingerprint()}
		for e := c.nodes[i].order.Front(); e != nil; e = e.Next() {
			g := e.Value.(*groupState)
			out.Groups = append(out.Groups, snapshotGroup{[]byte(g.key), g.group, g.events, g.start, g.last, g.count, g.sum})
		}
		s.Nodes = append(s.Nodes, out)
	}
	return json.Marshal(s)
}

// Restore replaces the state by one that Snapshot returned, also of another
// ruleset: what belongs to a rule that is gone or to a correlation that was
// changed is left out. With an error the state is as it was.
func (c *Correlator) Restore(data []byte) error {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("correlator state: %w", err)
	}
	if s.Version != snapshotVersion {
		return fmt.Errorf("correlator state: version %d, want %d", s.Version, snapshotVersion)
	}
	rs := &Ruleset{correlations: c.set}
	fresh := rs.NewCorrelator(c.opts)
	fresh.newest, fresh.clock, fresh.number = s.Newest, s.Clock, s.Number
	byKey := map[string]*Rule{}
	for r := range c.set.uses {
		byKey[r.key()] = r
	}
	for _, p := range s.Pending {
		if p.Hit == nil {
			return errors.New("correlator state: a pending hit is missing")
		}
		if p.Hit.rule = byKey[p.Rule]; p.Hit.rule != nil {
			fresh.pending = append(fresh.pending, p.Hit)
		}
	}
	heap.Init(&fresh.pending)
	byRule := map[string]*correlationNode{}
	for _, n := range c.set.nodes {
		byRule[n.rule.key()] = n
	}
	for _, n := range s.Nodes {
		node := byRule[n.Rule]
		if node == nil || node.def.fingerprint() != n.Fingerprint {
			continue
		}
		for i := range n.Groups {
			if err := fresh.restoreGroup(node, &n.Groups[i]); err != nil {
				return err
			}
		}
	}
	for fresh.held > fresh.opts.MaxHeld {
		fresh.evict()
	}
	*c = *fresh
	return nil
}

func (c *Correlator) restoreGroup(n *correlationNode, in *snapshotGroup) error {
	s := &c.nodes[n.number]
	key := string(in.Key)
	if s.groups[key] != nil || len(in.Events) == 0 || len(in.Events) > MaxCorrelatedEvents || in.Count < 1 {
		return fmt.Errorf("correlator state: a group of %q is damaged", n.rule.Title)
	}
	for _, e := range in.Events {
		if e.Hit == nil || e.Index < 0 || e.Index >= len(n.rules) {
			return fmt.Errorf("correlator state: an event of %q is damaged", n.rule.Title)
		}
	}
	if s.groups == nil {
		s.groups = map[string]*list.Element{}
	}
	s.groups[key] = s.order.PushBack(&groupState{key, in.Group, in.Events, in.Start, in.Last, in.Count, in.Sum})
	c.held += len(in.Events)
	return nil
}
