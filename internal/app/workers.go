package app

import (
	"context"
	"errors"
	"time"

	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/module"
)

// Intervals of the node's own housekeeping.
const (
	rebuildEvery = 5 * time.Minute
	verifyEvery  = 24 * time.Hour
	verifyLook   = time.Hour // a server that is started every day is verified, too
	pruneEvery   = time.Minute
	// blocksKept is how long it is remembered which blocks were stored after they
	// are acknowledged, for senders that ask.
	blocksKept = 24 * time.Hour
	// relayedKept is how long it is remembered which blocks of a relay or bundle
	// were stored after the last of the same run: longer than any stays offline.
	relayedKept      = 400 * 24 * time.Hour
	workerRetryFirst = time.Second
	workerRetryMost  = time.Minute
)

// addWorkers adds what runs beside the data path.
func (n *Node) addWorkers() {
	n.life.loop("compaction", n.store.Lake.RunCompaction)
	n.life.loop("retention", n.store.Lake.RunRetention)
	n.life.loop("spool trimming", n.bus.RunTrim)
	n.life.loop("segment repair", n.repair)
	n.life.loop("segment verification", n.verify)
	n.life.loop("block pruning", n.pruneBlocks)
	n.life.loop("rule watch", n.rules.Watch)
	n.life.loop("facts", n.modules.outbox.Run)
	n.life.loop("quota watch", n.watchQuota)
	n.life.loop("certificate renewal", func(ctx context.Context) error {
		return n.authority.Run(ctx, func(err error) { n.log.Error("a certificate is not renewed; the old one serves", "error", err) })
	})
	for _, m := range n.modules.all {
		for _, w := range m.Workers {
			n.life.loop(w.Name, func(ctx context.Context) error { return n.keepRunning(ctx, w) })
		}
	}
}

// keepRunning restarts a worker that fails, with growing pauses.
func (n *Node) keepRunning(ctx context.Context, w module.Worker) error {
	for pause := workerRetryFirst; ctx.Err() == nil; pause = min(2*pause, workerRetryMost) {
		err := w.Run(ctx)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			continue
		}
		n.log.Error("a worker failed; it is started again", "worker", w.Name, "error", err, "after", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return nil
}

// repair rebuilds broken segments from the spool: at once, for those found at the
// start, and again from time to time.
func (n *Node) repair(ctx context.Context) error {
	return every(ctx, rebuildEvery, true, func() {
		if _, err := n.pipeline.Rebuild(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("some segments are broken and cannot be rebuilt; searches say so", "error", err)
		}
	})
}

// verify proves the evidence chain and every segment's file once a day.
func (n *Node) verify(ctx context.Context) error {
	return every(ctx, verifyLook, false, func() {
		last, err := n.store.Lake.LastVerification(ctx)
		if err == nil && last != nil && time.Since(last.At) < verifyEvery {
			return
		}
		r, err := n.store.Lake.VerifyAndKeep(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			n.log.Error("verification of the evidence failed", "error", err)
		case len(r.Findings) > 0:
			n.log.Error("the evidence is not as its chain says", "findings", len(r.Findings)+r.More, "first", r.Findings[0].Detail,
				"segment", r.Findings[0].Segment, "file", r.Findings[0].File, "head", r.Head)
		default:
			n.log.Info("the evidence is proven", "entries", r.Entries, "segments", r.Segments, "bytes", r.Bytes, "head", r.Head, "took", r.Took)
		}
	})
}

func (n *Node) pruneBlocks(ctx context.Context) error {
	return every(ctx, pruneEvery, false, func() {
		state, err := n.bus.State(ctx)
		if err == nil {
			// Only what the spool has forgotten can never be delivered again.
			err = errors.Join(
				n.store.Lake.PruneBlocks(ctx, n.bus.Stream(), state.First, time.Now().Add(-blocksKept)),
				n.pipeline.Forget(ctx, state.First, time.Now().Add(-relayedKept)))
		}
		if err != nil && ctx.Err() == nil {
			n.log.Warn("cannot forget old blocks; trying again", "error", err)
		}
	})
}

// every calls f at each interval until ctx ends, first at once if asked.
func every(ctx context.Context, d time.Duration, atOnce bool, f func()) error {
	if atOnce {
		f()
	}
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			f()
		}
	}
}

func (n *Node) inputEnv() input.Env {
	return input.Env{Log: n.log, Metrics: n.inMeter, DataDir: n.store.Dir.Path(), Now: time.Now, Zone: n.zone,
		Authority: n.authority, Credentials: n.credentials(), Units: n.modules.enrol, Receiver: n.receiver, Has: n.Has}
}
