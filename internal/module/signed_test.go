package module

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

func TestWhatWasFoundOfSignaturesIsKept(t *testing.T) {
	shelf := Shelf{Dir: t.TempDir(), Code: "paper", Max: 100}
	if _, _, err := shelf.Receive("a", strings.NewReader("%PDF-1.4 /ByteRange [0 10 20 5]")); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	x := NewSignatures(nil, slog.New(slog.NewTextHandler(&log, nil)))
	found := x.Look(t.Context(), shelf, "a")
	column, err := found.Value()
	if err != nil {
		t.Fatal(err)
	}
	for _, stored := range []any{column, []byte(column.(string))} {
		var kept Signed
		if err := kept.Scan(stored); err != nil {
			t.Fatal(err)
		}
		if v := kept.View(); v.Signed != "unreadable" || len(v.Signatures) != 1 {
			t.Errorf("%+v", v)
		}
	}
	// A file that cannot be looked at is no error: somebody reads of it in the log.
	ended, end := context.WithCancel(t.Context())
	end()
	x.turn <- struct{}{} // another file is looked at
	for what, s := range map[string]Signed{"nobody waits for it any more": x.Look(ended, shelf, "a"), "nobody looks": (*Signatures)(nil).Look(t.Context(), shelf, "a")} {
		if v := s.View(); v.Signed != "" || v.Signatures == nil {
			t.Errorf("%s: %+v", what, v)
		}
	}
	<-x.turn
	if s := x.Look(t.Context(), shelf, "lost"); s != (Signed{}) || !strings.Contains(log.String(), "file=lost") {
		t.Errorf("%+v, the log says %q", s, &log)
	}
}

func TestAColumnThatCannotBeReadIsOneNobodyLookedAt(t *testing.T) {
	for _, stored := range []any{"", "{", nil, int64(1)} {
		s := Signed{}
		if err := s.Scan(stored); err != nil || s != (Signed{}) {
			t.Errorf("%v: %+v, %v", stored, s, err)
		}
	}
	if column, err := (Signed{}).Value(); column != "" || err != nil {
		t.Errorf("%v, %v", column, err)
	}
}
