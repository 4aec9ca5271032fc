package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/lachan-vn/lachan/internal/fault"
)

// endCheck is how long a waiting Fetch may take to see that its context ended.
const endCheck = 250 * time.Millisecond

var ackBody = []byte("+ACK")

// Fetch returns up to maxBlocks blocks that nobody acknowledged yet, oldest
// first, and hands each out once until Rewind or a restart. It returns as soon as
// there is one, or none with a nil error after maxWait or soon after ctx ends. An
// error comes without blocks and loses none.
func (b *Bus) Fetch(ctx context.Context, maxBlocks int, maxWait time.Duration) ([]*Block, error) {
	b.fetching.Lock()
	defer b.fetching.Unlock()
	l := b.link.Load()
	out, err := b.receive(l, nil, func() (jetstream.MessageBatch, error) { return l.consumer.FetchNoWait(maxBlocks) })
	if err != nil || len(out) > 0 || maxWait <= 0 {
		return out, err
	}
	// Not with ctx: the client would leave at its end whatever is on the way, and
	// the server would take that for delivered. Here it is the server who says
	// that a wait is over, behind all it has sent; ctx is looked at in between.
	for end := time.Now().Add(maxWait); len(out) == 0; {
		wait := min(time.Until(end), endCheck)
		if ctx.Err() != nil || wait <= 0 {
			return nil, nil
		}
		out, err = b.receive(l, nil, func() (jetstream.MessageBatch, error) { return l.consumer.Fetch(1, jetstream.FetchMaxWait(wait)) })
		if err != nil {
			return nil, err
		}
	}
	if maxBlocks == 1 {
		return out, nil
	}
	return b.receive(l, out, func() (jetstream.MessageBatch, error) { return l.consumer.FetchNoWait(maxBlocks - 1) })
}

func (b *Bus) receive(l *link, out []*Block, fetch func() (jetstream.MessageBatch, error)) ([]*Block, error) {
	msgs, err := fetch()
	if err != nil {
		if len(out) > 0 {
			return out, nil // the error comes again
		}
		return nil, fetchError(err)
	}
	for m := range msgs.Messages() {
		meta, err := m.Metadata()
		if err != nil {
			b.log.Error("spool: message without metadata", "err", err)
			continue
		}
		seq := meta.Sequence.Stream
		switch b.ledger.deliver(seq, m.Reply()) {
		case alreadyDone:
			if err := l.conn.Publish(m.Reply(), ackBody); err != nil {
				b.log.Warn("spool: acknowledge again", "seq", seq, "err", err)
			}
		case handOut:
			out = append(out, b.open(seq, m.Data()))
		}
	}
	if err := msgs.Error(); err != nil && len(out) == 0 {
		return nil, fetchError(err)
	}
	return out, nil
}

func (b *Bus) open(seq uint64, payload []byte) *Block {
	blk := decodeBlock(seq, payload)
	if blk.Err != nil {
		b.metrics.corrupt.Inc()
		b.log.Error("spool: a block cannot be read", "seq", seq, "bytes", len(payload), "err", blk.Err)
	}
	return blk
}

// fetchError is nil where the error only says that nothing came.
func fetchError(err error) error {
	switch {
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, jetstream.ErrNoMessages),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return nil
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrNoResponders), errors.Is(err, nats.ErrDisconnected):
		return fault.New(fault.Busy, "spool: fetch: %w", err)
	}
	return fmt.Errorf("spool: fetch: %w", err)
}

// Ack says that blocks are stored for good elsewhere. After an error none, some
// or all are acknowledged; calling it again is harmless.
func (b *Bus) Ack(blocks []*Block) error {
	l := b.link.Load()
	last := ""
	for _, blk := range blocks {
		reply := b.ledger.reply(blk.Seq)
		if reply == "" {
			continue
		}
		if last != "" {
			if err := l.conn.Publish(last, ackBody); err != nil {
				return fmt.Errorf("spool: acknowledge: %w", err)
			}
		}
		last = reply
	}
	if last == "" {
		return nil
	}
	// The server handles acknowledgements in order, so its answer to the last
	// one stands for all.
	if _, err := l.conn.Request(last, ackBody, answerWait); err != nil {
		return fault.New(fault.Busy, "spool: acknowledge: %w", err)
	}
	b.ledger.done(blocks)
	return nil
}

// Rewind takes back all that was fetched and not acknowledged: Fetch delivers it
// again, in order. Blocks fetched before must not be used or acknowledged.
func (b *Bus) Rewind(ctx context.Context) error {
	b.fetching.Lock()
	defer b.fetching.Unlock()
	if err := b.link.Load().reset(ctx); err != nil {
		return err
	}
	b.ledger.rewind()
	return nil
}

// reconcile finds out whether the server believes that blocks were delivered
// which never arrived, as when the connection broke or this process stood still
// at the wrong moment. It would not deliver them again before ackWait is over, so
// it is told to deliver again all that is not acknowledged; the ledger keeps what
// is handed out from being handed out twice. missed is what the last call
// returned: one look alone may meet acknowledgements on their way.
func (b *Bus) reconcile(ctx context.Context, missed bool) (bool, error) {
	b.fetching.Lock()
	defer b.fetching.Unlock()
	l := b.link.Load()
	ci, err := l.consumer.Info(ctx)
	if err != nil {
		return missed, fault.New(fault.Busy, "spool: state: %w", err)
	}
	if ci.NumAckPending <= b.ledger.handedOut() {
		return false, nil
	}
	if !missed {
		return true, nil
	}
	b.log.Warn("spool: blocks were lost on their way out; they are delivered again", "pending", ci.NumAckPending, "handed out", b.ledger.handedOut())
	return false, l.reset(ctx)
}

// Get reads one block by its sequence number, acknowledged or not, as long as it
// is kept. fault.NotFound once it is trimmed. The block is not handed out.
func (b *Bus) Get(ctx context.Context, seq uint64) (*Block, error) {
	m, err := b.link.Load().stream.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, fault.New(fault.NotFound, "spool: block %d is no longer kept", seq)
	}
	if err != nil {
		return nil, fmt.Errorf("spool: block %d: %w", seq, err)
	}
	return b.open(seq, m.Data), nil
}
