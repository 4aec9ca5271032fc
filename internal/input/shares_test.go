package input

import (
	"context"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
)

func TestNoUnitTakesAllShares(t *testing.T) {
	s := NewShares(16)
	var taken []func()
	for {
		release := s.Try("flood")
		if release == nil {
			break
		}
		taken = append(taken, release)
	}
	if len(taken) != 2 {
		t.Errorf("one unit took %d of 16", len(taken))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Take(ended, "flood"); err == nil {
		t.Error("it took one more")
	}
	for i := range 14 {
		release, err := s.Take(t.Context(), []event.UnitID{"a", "b", "c", "d", "e", "f", "g"}[i/2])
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, release)
	}
	if s.Try("h") != nil {
		t.Error("there was a seventeenth")
	}
	for _, release := range taken {
		release()
	}
	if s.Try("flood") == nil || s.Try("h") == nil {
		t.Error("what was given back cannot be had")
	}
}
