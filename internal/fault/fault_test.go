package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Kind
	}{
		{New(Invalid, "line %d", 3), Invalid},
		{fmt.Errorf("outer: %w", New(Busy, "full: %w", io.ErrShortWrite)), Busy},
		{errors.Join(io.EOF, New(Denied, "no")), Denied},
		{io.EOF, Internal},
		{nil, Internal},
	} {
		if got := KindOf(c.err); got != c.want {
			t.Errorf("KindOf(%v) = %v, want %v", c.err, got, c.want)
		}
	}
	if !errors.Is(New(Busy, "spool: %w", io.ErrShortWrite), io.ErrShortWrite) {
		t.Error("a wrapped cause is lost")
	}
}
