package app

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

// checkWithin bounds one health check: who asks is not kept waiting by a part
// that hangs, which is a failure like any other.
const checkWithin = 2 * time.Second

// addChecks says what must work for the node to be ready. /readyz names the
// checks that fail, and the log says why.
func (n *Node) addChecks() {
	n.health.Add("start", func(context.Context) error {
		if !n.started.Load() {
			return fault.New(fault.Busy, "the node is starting")
		}
		return nil
	})
	n.addCheck("spool", func(ctx context.Context) error {
		_, err := n.bus.State(ctx)
		return err
	})
	n.addCheck("database", func(ctx context.Context) error { return n.store.DB.PingContext(ctx) })
	n.addCheck("disk", func(context.Context) error { return n.roomOnDisk() })
}

func (n *Node) addCheck(name string, check telemetry.Check) {
	var failing atomic.Bool
	n.health.Add(name, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, checkWithin)
		defer cancel()
		err := check(ctx)
		// Once per change: monitoring asks every few seconds.
		switch was := failing.Swap(err != nil); {
		case err != nil && !was:
			n.log.Error("a health check fails", "check", name, "error", err)
		case err == nil && was:
			n.log.Info("a health check passes again", "check", name)
		}
		return err
	})
}

// roomOnDisk fails where the spool has stopped accepting, or is about to.
func (n *Node) roomOnDisk() error {
	free, total, err := diskSpace(n.o.Data)
	if err != nil {
		return err
	}
	if floor := min(int64(n.o.Config.Spool.MinFree), total/20); free < floor {
		return fault.New(fault.Busy, "%d MiB are free on the disk of %s, less than spool.minFree keeps free (%d MiB)", free>>20, n.o.Data, floor>>20)
	}
	return nil
}

func diskSpace(path string) (free, total int64, err error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(path, &fs); err != nil {
		return 0, 0, fmt.Errorf("free space of %s: %w", path, err)
	}
	return int64(fs.Bavail) * fs.Bsize, int64(fs.Blocks) * fs.Bsize, nil
}
