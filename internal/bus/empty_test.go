package bus

import (
	"bytes"
	"log/slog"
	"testing"
)

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
