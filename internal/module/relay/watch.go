package relay

import (
	"context"
	"strconv"
	"time"
)

// watchEvery is how often the register is written down and looked through.
const watchEvery = 10 * time.Second

// signalOf names the signal of a trouble.
var signalOf = map[Trouble]string{TroubleSilent: "relay.silent", TroubleDisk: "relay.disk", TroubleClock: "relay.clock"}

// run writes down what changed and raises and settles alarms until ctx ends.
func (s *Service) run(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if err := s.flush(last); err != nil {
				s.Log.Warn("what relays said last is not written down", "error", err)
			}
			return nil
		case <-tick.C:
		}
		if err := s.flush(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("cannot write down what relays say; trying again", "error", err)
		}
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("cannot raise an alarm about a relay; trying again", "error", err)
		}
	}
}

// flush writes down what changed.
func (s *Service) flush(ctx context.Context) error {
	s.mu.Lock()
	var changed []*Relay
	for id := range s.changed {
		r := *s.relays[id]
		changed = append(changed, &r)
	}
	clear(s.changed)
	s.mu.Unlock()
	err := s.store.keep(ctx, changed)
	if err != nil {
		s.mu.Lock()
		for _, r := range changed {
			s.changed[r.ID] = true
		}
		s.mu.Unlock()
	}
	return err
}

// look raises an alarm for each trouble of each relay, and settles those that are
// over. Nobody is silent before this process has listened as long.
func (s *Service) look(ctx context.Context) error {
	now := s.Now()
	s.mu.Lock()
	relays := make([]Relay, 0, len(s.relays))
	for _, r := range s.relays {
		relays = append(relays, *r)
	}
	s.mu.Unlock()
	for i := range relays {
		r := &relays[i]
		found := map[Trouble]bool{}
		for _, t := range r.troubles(now, s.SilentAfter) {
			if t == TroubleSilent && now.Sub(s.since) < s.SilentAfter {
				continue
			}
			found[t] = true
			if err := s.Signals.Raise(ctx, signalOf[t], r.Unit, about(r.ID, r.Host), r.details()); err != nil {
				return err
			}
		}
		first := s.raised[r.ID] == nil // a former process may have raised some
		for t, kind := range signalOf {
			if !found[t] && (first || s.raised[r.ID][t]) {
				if t == TroubleSilent && now.Sub(s.since) < s.SilentAfter && now.Sub(r.LastContact) > s.SilentAfter {
					continue // not known yet
				}
				if err := s.Signals.Settle(ctx, kind, r.Unit, about(r.ID, r.Host)); err != nil {
					return err
				}
			}
		}
		s.raised[r.ID] = found
	}
	return nil
}

func (r *Relay) details() map[string]string {
	d := map[string]string{
		"relay": r.ID, "lastContact": r.LastContact.UTC().Format(time.RFC3339),
		"backlogBlocks": strconv.FormatInt(r.BacklogBlocks, 10), "backlogBytes": strconv.FormatInt(r.BacklogBytes, 10),
		"spoolMaxBytes": strconv.FormatInt(r.SpoolMax, 10), "diskFree": strconv.FormatInt(r.DiskFree, 10),
		"whenFull": r.WhenFull, "refusing": strconv.FormatBool(r.Refusing), "clockOffset": r.Offset.Round(time.Second).String(),
	}
	if !r.Oldest.IsZero() {
		d["oldest"] = r.Oldest.UTC().Format(time.RFC3339)
	}
	return d
}
