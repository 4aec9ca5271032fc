package bus

import (
	"context"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// The server counts a block as delivered that never reached the ledger. Without
// more ado it would stay away for ackWait.
func TestABlockLostOnItsWayIsDeliveredAgain(t *testing.T) {
	ctx := context.Background()
	b, err := Open(ctx, Options{Dir: t.TempDir(), Config: DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for range 3 {
		batch := &event.Batch{ID: event.NewBatchID(time.Now()), Unit: "u", Input: "test", Received: time.Now(),
			Records: []event.Record{{Data: []byte("x")}}}
		if _, err := b.Put(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	first, err := b.Fetch(ctx, 1, time.Second)
	if err != nil || len(first) != 1 || first[0].Seq != 1 {
		t.Fatalf("first fetch: %v, %v", first, err)
	}
	lost, err := b.link.Load().consumer.FetchNoWait(1)
	if err != nil {
		t.Fatal(err)
	}
	for range lost.Messages() { // to nowhere
	}
	missed := false
	for range 2 {
		if missed, err = b.reconcile(ctx, missed); err != nil {
			t.Fatal(err)
		}
	}
	var seqs []uint64
	var rest []*Block
	for range 3 {
		blocks, err := b.Fetch(ctx, 10, 200*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		for _, blk := range blocks {
			seqs = append(seqs, blk.Seq)
			rest = append(rest, blk)
		}
	}
	if len(seqs) != 2 || seqs[0] != 2 || seqs[1] != 3 {
		t.Fatalf("fetched %v after the loss, want 2 and 3: the first is handed out", seqs)
	}
	if err := b.Ack(append(first, rest...)); err != nil {
		t.Fatal(err)
	}
	if s, err := b.State(ctx); err != nil || s.Pending != 0 {
		t.Errorf("%d pending, %v", s.Pending, err)
	}
	if missed, err = b.reconcile(ctx, false); missed || err != nil {
		t.Errorf("with everything acknowledged: missed %v, %v", missed, err)
	}
}
