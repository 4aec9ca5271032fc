package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// recorder makes parts that say when they start and stop.
type recorder struct{ said []string }

func (r *recorder) part(name string, fail error) part {
	return part{
		name:  name,
		start: func(context.Context) error { r.said = append(r.said, "+"+name); return fail },
		stop:  func(context.Context) error { r.said = append(r.said, "-"+name); return nil },
	}
}

func TestPartsStopInReverse(t *testing.T) {
	var r recorder
	l := lifecycle{log: quiet()}
	for _, name := range []string{"loop", "server", "inputs"} {
		l.add(r.part(name, nil))
	}
	if err := l.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.stop()
	l.stop() // once is enough
	if want := []string{"+loop", "+server", "+inputs", "-inputs", "-server", "-loop"}; !slices.Equal(r.said, want) {
		t.Errorf("%v, want %v", r.said, want)
	}
}

func TestAPartThatFailsStopsThoseBeforeIt(t *testing.T) {
	var r recorder
	l := lifecycle{log: quiet()}
	l.add(r.part("loop", nil))
	l.add(r.part("server", errors.New("the port is taken")))
	l.add(r.part("inputs", nil))
	err := l.start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "start server: the port is taken") {
		t.Errorf("error %v does not say what failed and why", err)
	}
	if want := []string{"+loop", "+server", "-loop"}; !slices.Equal(r.said, want) {
		t.Errorf("%v, want %v", r.said, want)
	}
}

func TestHangingPartsNeitherHoldUpTheNodeNorEatOthersTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lifecycle{log: quiet()}
		var given time.Duration
		l.add(part{name: "process loop", within: 5 * time.Second, stop: func(ctx context.Context) error {
			end, _ := ctx.Deadline()
			given = time.Until(end)
			<-ctx.Done()
			return ctx.Err()
		}})
		hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		for range 10 {
			l.add(part{name: "worker", stop: hang})
		}
		l.add(part{name: "server", within: 2500 * time.Millisecond, stop: hang})
		l.add(part{name: "inputs", within: 1500 * time.Millisecond, stop: hang})
		if err := l.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		l.stop()
		if took := time.Since(begun); took > 11*time.Second {
			t.Errorf("the stop took %v though every part hangs", took)
		}
		if given != 5*time.Second {
			t.Errorf("the process loop was given %v of its 5s", given)
		}
	})
}

func TestALoopEndsWithItsPart(t *testing.T) {
	l := lifecycle{log: quiet()}
	ended := false
	l.loop("worker", func(ctx context.Context) error { <-ctx.Done(); ended = true; return nil })
	ctx, cancel := context.WithCancel(t.Context())
	if err := l.start(ctx); err != nil {
		t.Fatal(err)
	}
	cancel() // the context of the start is not the loop's
	time.Sleep(10 * time.Millisecond)
	l.stop()
	if !ended {
		t.Error("stop did not wait for the loop")
	}
}
