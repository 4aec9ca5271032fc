package lake

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// fillOld commits events as segments of version 1: every record in _raw, and in
// _text the values that do not stand in it.
func fillOld(t *testing.T, l *Lake, events []stored) {
	t.Helper()
	s := l.NewSegment()
	s.version = versionText
	s.core[colShape].name = coreName(versionText, colShape)
	for i := range events {
		ev := &events[i].ev
		s.Add(ev, events[i].rules)
		var text []string
		for _, f := range ev.Fields {
			if v := cleanValue(f.Value); f.Kind != event.Null && !strings.Contains(strings.ToValidUTF8(ev.Raw, "\ufffd"), v) {
				text = append(text, v)
			}
		}
		if text != nil {
			s.core[colShape].put(uint32(i), strings.Join(text, cellSeparator))
		}
	}
	if err := l.Commit(context.Background(), s, nil, nil); err != nil {
		t.Fatal(err)
	}
}

// Segments of version 1 are searched as they are, and merged into version 2
// beside new ones.
func TestSegmentsOfVersion1(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 6))
	events := recordEvents(r, 1200)
	l := openLake(t, openSQLite(t), later)
	fillOld(t, l, events[:600])
	fill(t, l, events[600:], 600)
	for range 2 {
		rows, _ := search(t, l, ScopeAll(), Search{})
		checkRows(t, rows, events)
		checkFreeText(t, l, events, r, 100)
		compactAll(t, l)
	}
	for _, s := range l.segments {
		file, err := l.open(s)
		if err != nil {
			t.Fatal(err)
		}
		if v := file.version(); v != versionShape {
			t.Errorf("a merged segment has version %s", v)
		}
		if err := file.close(); err != nil {
			t.Error(err)
		}
	}
}
