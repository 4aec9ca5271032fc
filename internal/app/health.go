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

// stalledAfter is how long processing may stand still before the node counts as
// unable to store.
const stalledAfter = 2 * time.Minute

// addChecks says what must work for the node to take events and store them.
// /readyz names the checks that fail and what to do; the log says why. What is
// wrong otherwise is an alarm, not unreadiness: a node that kept logs for too
// short a time still takes new ones.
func (n *Node) addChecks() {
	n.health.Add("start", func(context.Context) error {
		if !n.started.Load() {
			return &telemetry.Remedy{Err: fault.New(fault.Busy, "the node is starting"), Do: "đang khởi động, chờ ít phút · it is starting, wait a little"}
		}
		return nil
	})
	n.addCheck("spool", "xem log của dịch vụ, kiểm tra đĩa vùng đệm hoặc cụm NATS · see the log of the service; check the spool's disk or the NATS cluster", func(ctx context.Context) error {
		_, err := n.bus.State(ctx)
		return err
	})
	n.addCheck("database", "kiểm tra cơ sở dữ liệu điều khiển: đĩa, hoặc máy chủ PostgreSQL · check the control database: its disk, or the PostgreSQL server", func(ctx context.Context) error {
		return n.store.DB.PingContext(ctx)
	})
	n.addCheck("processing", "log đã nhận chưa được lưu vào kho; xem log của dịch vụ, kiểm tra đĩa của kho · what was taken is not being stored; see the log of the service, check the lake's disk", func(context.Context) error {
		if d := n.backlog.stalledFor(time.Now()); d > stalledAfter {
			return fault.New(fault.Busy, "blocks wait in the spool, and none has been stored for %v", d.Round(time.Second))
		}
		return nil
	})
	n.addCheck("disk", "giải phóng hoặc mở rộng đĩa, hoặc rút ngắn thời hạn lưu (lake.maxAge, lake.maxBytes) · free or add disk, or shorten the retention (lake.maxAge, lake.maxBytes)", func(context.Context) error {
		return n.roomOnDisk()
	})
}

func (n *Node) addCheck(name, remedy string, check telemetry.Check) {
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
		if err != nil {
			err = &telemetry.Remedy{Err: err, Do: remedy}
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
