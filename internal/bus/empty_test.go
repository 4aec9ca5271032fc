package bus

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

func TestWhatWasPutIsPendingAtOnceAndUntilAcknowledged(t *testing.T) {
	b, err := Open(t.Context(), Options{Dir: t.TempDir(), Config: DefaultConfig(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	pending := func() uint64 {
		s, err := b.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s.Pending
	}
	for range 200 {
		batch := &event.Batch{ID: event.NewBatchID(time.Now()), Unit: "u", Received: time.Now(), Records: []event.Record{{Data: []byte("x")}}}
		if _, err := b.Put(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		if pending() == 0 {
			t.Fatal("a stored block is not pending")
		}
		blocks, err := b.Fetch(t.Context(), 16, time.Second)
		if err != nil || len(blocks) != 1 {
			t.Fatalf("%d blocks, %v", len(blocks), err)
		}
		if err := b.Ack(blocks); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(5 * time.Second); pending() != 0; {
			if time.Now().After(end) {
				t.Fatal("still pending although acknowledged")
			}
		}
	}
}

func TestTrimmingAnEmptySpoolHasNothingToSay(t *testing.T) {
	var said bytes.Buffer
	b, err := Open(t.Context(), Options{Dir: t.TempDir(), Config: DefaultConfig(), Log: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	if b.trim(t.Context(), b.link.Load(), false) {
		t.Error("trimmed something")
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if said.Len() > 0 {
		t.Errorf("it says: %s", said.String())
	}
}
