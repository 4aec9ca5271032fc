package app

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/alert"
)

// told writes down what the watch says.
type told []string

func (l *told) Signal(_ context.Context, sig alert.Signal) error {
	*l = append(*l, "alarm "+string(sig.Unit)+" "+sig.Details["records"])
	return nil
}

func (l *told) Settle(_ context.Context, kind string, unit event.UnitID, about string) error {
	*l = append(*l, "over "+string(unit))
	return nil
}

func TestAUnitThatIsHeldBackRaisesAnAlarm(t *testing.T) {
	var out told
	var held map[event.UnitID]int64
	w := quotaWatch{held: func() map[event.UnitID]int64 { return held }, signals: &out, last: map[event.UnitID]time.Time{}}
	at := time.Unix(1_800_000_000, 0)
	for _, step := range []struct {
		after time.Duration
		held  map[event.UnitID]int64
		want  told
	}{
		{held: map[event.UnitID]int64{"a": quotaLeast - 1}},
		{held: map[event.UnitID]int64{"a": quotaLeast}, want: told{"alarm a 1000"}},
		{held: map[event.UnitID]int64{"a": 3}, want: told{"alarm a 3"}},
		{after: quotaOver - time.Second},
		{after: time.Second, want: told{"over a"}},
		{after: time.Hour},
	} {
		at = at.Add(step.after)
		held, out = step.held, nil
		if err := w.look(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(step.want, out); d != "" {
			t.Errorf("at %v (-want +got):\n%s", at, d)
		}
	}
}
