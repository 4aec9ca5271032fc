package cli

import (
	"context"
	"errors"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// localImport puts batches into the spool of a data folder and processes them,
// with rules and alerts, like a server.
type localImport struct {
	node        *app.Node
	first, last uint64
}

func openLocalImport(ctx context.Context, s std, f folder) (importTarget, error) {
	node, err := f.open(ctx, s, "import")
	if err != nil {
		return nil, err
	}
	// What an earlier run left in the spool must not count as ours.
	if err := errors.Join(node.CatchUp(ctx), node.StartProcessing(ctx)); err != nil {
		return nil, errors.Join(err, node.Close())
	}
	return &localImport{node: node}, nil
}

// spoolWait is how long to wait before trying a full spool again.
const spoolWait = 50 * time.Millisecond

// Put waits while the spool is full.
func (l *localImport) Put(ctx context.Context, b *event.Batch) error {
	for {
		seq, err := l.node.Sink().Put(ctx, b)
		if err == nil {
			if l.first == 0 {
				l.first = seq
			}
			l.last = max(l.last, seq)
			return nil
		}
		if fault.KindOf(err) != fault.Busy || !pause(ctx, spoolWait) {
			return err
		}
	}
}

// Wait returns once everything is searchable.
func (l *localImport) Wait(ctx context.Context) (int64, error) {
	if l.first == 0 {
		return 0, nil
	}
	return l.node.Stored(ctx, l.first, l.last)
}

// Close ends the node.
func (l *localImport) Close() error { return l.node.Close() }
