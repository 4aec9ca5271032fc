package bus

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	// answerWait is how long one publish may take; a disk slower than this gets
	// the message again, under the same id.
	answerWait = 5 * time.Second
	// publishWait bounds all tries. It stays inside dedupWindow.
	publishWait = 30 * time.Second
	// brokenCheck is how soon an unanswered publish makes us look whether the
	// embedded server has given up on its disk.
	brokenCheck = 250 * time.Millisecond
	// diskPause is how long Put answers Busy at once after the disk refused a
	// write twice.
	diskPause = time.Second
)

// Error codes of JetStream that mean "not stored, no room".
const (
	codeAccountFull  = 10002
	codeServerFull   = 10023
	codeStorageFull  = 10047
	codeStoreRefused = 10077
)

// publish stores one block. Its outcome is unknown only if the error is neither
// Busy nor Invalid.
func (b *Bus) publish(ctx context.Context, block []byte) (uint64, error) {
	if err := b.roomOnDisk(); err != nil {
		return 0, err
	}
	if until := b.refuseUntil.Load(); until != 0 && time.Now().UnixNano() < until {
		return 0, errDiskRefuses()
	}
	// One id for all tries: a try that was stored though its answer was lost
	// makes the next one a duplicate, which is answered with the same sequence.
	// Its first half stays with the block and names the run, see Origin.
	id := b.run + "." + strconv.FormatUint(b.written.Add(1), 36)
	deadline := time.Now().Add(publishWait)
	trimmed, revived := false, false
	for {
		l := b.link.Load()
		seq, err := b.try(ctx, l, id, block)
		switch {
		case err == nil:
			if b.down.Swap(false) {
				b.log.Info("spool: the disk takes writes again")
			}
			return seq, nil
		case isFull(err):
			// Acknowledged blocks must never push a sender back.
			if !trimmed && b.trim(ctx, l, true) {
				trimmed = true
				continue
			}
			return 0, fault.New(fault.Busy, "spool: full (%v); what it holds must be processed first", b.config.MaxBytes).WithCode("spool.full")
		case ctx.Err() != nil:
			return 0, fault.New(fault.Internal, "spool: closed while a block was being written; it may be stored: %w", err)
		}
		if api := (*jetstream.APIError)(nil); errors.As(err, &api) {
			return 0, fault.New(fault.Internal, "spool: refused by the server: %w", err)
		}
		b.metrics.retries.Inc()
		if l.server != nil && l.server.broken() != "" {
			if revived {
				// The disk refuses this write again on a fresh server. Rest before
				// the next restart; the write did not happen, so this is Busy.
				b.refuseUntil.Store(time.Now().Add(diskPause).UnixNano())
				return 0, errDiskRefuses()
			}
			if err := b.revive(ctx, l); err != nil {
				return 0, err
			}
			revived = true
		}
		if time.Now().After(deadline) {
			return 0, fault.New(fault.Internal, "spool: no answer from the server in %v; the block may be stored: %w", publishWait, err)
		}
	}
}

// try publishes once. A try that is not answered at once looks whether the
// embedded server is broken, and then does not wait for an answer that will not
// come.
func (b *Bus) try(ctx context.Context, l *link, id string, block []byte) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	if l.server != nil {
		t := time.AfterFunc(brokenCheck, func() {
			if l.server.broken() != "" {
				cancel()
			}
		})
		defer t.Stop()
	}
	ack, err := l.js.PublishMsg(ctx, &nats.Msg{Subject: l.subject, Data: block},
		jetstream.WithMsgID(id), jetstream.WithExpectStream(b.config.NATS.Stream), jetstream.WithRetryAttempts(0))
	if err != nil {
		if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrConnectionClosed) {
			// At once, not after a wait: do not spin while the server comes back.
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
		return 0, err
	}
	return ack.Sequence, nil
}

func errDiskRefuses() error {
	return fault.New(fault.Busy, "spool: the disk refuses writes; see the log for its reason").WithCode("spool.disk-full")
}

func isFull(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	if !ok {
		return false
	}
	switch api.ErrorCode {
	case codeAccountFull, codeServerFull, codeStorageFull, codeStoreRefused:
		return true
	}
	return false
}

// roomOnDisk refuses a block before the disk does: an out-of-space error in the
// middle of a write costs a restart of the embedded server.
func (b *Bus) roomOnDisk() error {
	if b.config.NATS.URL != "" {
		return nil
	}
	free, total, err := diskSpace(b.dir)
	if err != nil {
		return fault.New(fault.Busy, "spool: cannot see how full the disk is: %w", err)
	}
	if floor := min(int64(b.config.MinFree), total/20); free < floor {
		return fault.New(fault.Busy, "spool: disk full: %d MiB free on the disk of %s, %d MiB are kept free", free>>20, b.dir, floor>>20).WithCode("spool.disk-full")
	}
	return nil
}

// revive replaces a link whose server met a write error with a new one on the
// same folder. What was acknowledged is on disk and stays; ids of the dedup
// window are read back from it, so the caller may repeat its publish. Blocks that
// are handed out stay handed out (see ledger).
func (b *Bus) revive(ctx context.Context, broken *link) error {
	b.reviving.Lock()
	defer b.reviving.Unlock()
	if b.link.Load() != broken {
		return nil // another committer did
	}
	if err := b.roomOnDisk(); err != nil {
		return err
	}
	if !b.down.Swap(true) {
		b.log.Error("spool: the disk refused a write; restarting the embedded server", "reason", broken.server.broken(), "dir", b.dir)
	}
	broken.close()
	l, err := dial(ctx, b.dir, b.config, b.forward, b.log)
	if err != nil {
		// The broken link stays, closed: the next publish comes here again.
		return fault.New(fault.Busy, "spool: disk failed: %w", err).WithCode("spool.disk-full")
	}
	b.metrics.revived.Inc()
	b.link.Store(l)
	return nil
}
