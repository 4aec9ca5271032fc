package lake

import (
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
)

// A Segment keeps nothing of an event's memory: the batch that its strings point
// into is reused for the next one.
func TestAddCopiesWhatItKeeps(t *testing.T) {
	s := newSegment()
	memory := make([]byte, 64)
	add := func(name, value string) {
		n := copy(memory, name)
		m := copy(memory[n:], value)
		ev := event.Event{Unit: "u", Time: epoch, Received: epoch, Raw: bytesAsString(memory[n : n+m])}
		ev.Add(bytesAsString(memory[:n]), bytesAsString(memory[n:n+m]))
		s.Add(&ev, nil)
	}
	want := []string{"user=an", "user=ba", "host=cu", "user=du", "host=ed", "hash=fa"}
	for _, w := range want {
		name, value, _ := strings.Cut(w, "=")
		add(name, value)
	}
	clear(memory)
	got := make([]string, len(want))
	for _, c := range s.fields {
		for i, row := range c.rows {
			got[row] = c.name + "=" + string(c.dict.get(c.ids[i]))
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", got, want)
	}
}
