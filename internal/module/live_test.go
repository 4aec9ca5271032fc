package module

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// listen subscribes and returns what the stream wrote after its greeting when it
// ended, after end.
func listen(t *testing.T, h *Hub, p Principal, lastID string) (end func() string) {
	t.Helper()
	s, err := h.subscribe(p, lastID)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	stream, err := newEventStream(&out)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer h.unsubscribe(s)
		s.stream(ctx, stream, h.holds)
	}()
	return func() string {
		time.Sleep(2 * hubPace) // what gathered since the last write goes, too
		synctest.Wait()
		cancel()
		<-done
		text := strings.TrimPrefix(out.String(), "retry: 2000\n\n")
		if _, rest, ok := strings.Cut(text, "event: hello\ndata: {}\n\n"); ok {
			return rest
		}
		return text
	}
}

func publish(t *testing.T, h *Hub, unit event.UnitID, data any) {
	t.Helper()
	if err := h.Publish(unit, "alert", data); err != nil {
		t.Fatal(err)
	}
}

func data(stream string) (out []string) {
	for line := range strings.SplitSeq(stream, "\n") {
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			out = append(out, text)
		}
	}
	return out
}

func lastID(stream string) string {
	at := strings.LastIndex(stream, "id: ")
	id, _, _ := strings.Cut(stream[at+4:], "\n")
	return id
}

var (
	ofHealth = Principal{ID: "lan", Role: RoleAnalyst, Unit: "so-y-te", Below: []event.UnitID{"benh-vien"}}
	ofCentre = Principal{ID: "an", Role: RoleAnalyst, Unit: event.CentreUnit}
)

func TestHubSendsOnlyWhatASubscriberSees(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		mine, centre := listen(t, h, ofHealth, ""), listen(t, h, ofCentre, "")
		for _, u := range []event.UnitID{"so-y-te", "benh-vien", "so-noi-vu", event.CentreUnit} {
			publish(t, h, u, u)
		}
		if err := h.PublishTo("an", "inbox", "of an"); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(data(mine()), " "); got != `"so-y-te" "benh-vien"` {
			t.Errorf("a unit got %s", got)
		}
		if got := data(centre()); len(got) != 5 || got[4] != `"of an"` {
			t.Errorf("the centre got %s", got)
		}
	})
}

// A console that sleeps is dropped; the others and the publisher do not notice.
func TestSlowSubscriberIsDropped(t *testing.T) {
	h := NewHub()
	slow, err := h.subscribe(ofCentre, "")
	if err != nil {
		t.Fatal(err)
	}
	for range hubQueue + 1 {
		publish(t, h, "so-y-te", 1)
	}
	select {
	case <-slow.slow:
	default:
		t.Error("not told")
	}
	if len(h.subs) != 0 || len(h.perUser) != 0 || len(h.perAddr) != 0 {
		t.Error("still subscribed")
	}
	h.unsubscribe(slow) // as its handler does; counted once
	if len(h.perUser) != 0 {
		t.Errorf("counted twice: %v", h.perUser)
	}
	var out strings.Builder
	stream, err := newEventStream(&out)
	if err != nil {
		t.Fatal(err)
	}
	slow.wake = nil
	slow.stream(t.Context(), stream, h.holds)
	if !strings.HasSuffix(out.String(), "event: resync\ndata: {}\n\n") {
		t.Errorf("the stream ends with %q", out.String()[max(0, out.Len()-60):])
	}
}

func TestWhatGathersIsOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		s, err := h.subscribe(ofCentre, "")
		if err != nil {
			t.Fatal(err)
		}
		w := &counting{}
		stream, err := newEventStream(w)
		if err != nil {
			t.Fatal(err)
		}
		w.writes.Store(0)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.stream(ctx, stream, h.holds)
		}()
		for range 100 { // over one second
			publish(t, h, "so-y-te", 1)
			if err := h.PublishNewest(event.CentreUnit, "stats", 2); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		cancel()
		<-done
		if n := w.writes.Load(); n > 5 {
			t.Errorf("%d writes in a second, want 5 at most", n)
		}
		if n := strings.Count(w.text.String(), "event: alert"); n < 75 {
			t.Errorf("%d of 100 alerts", n)
		}
		if n := strings.Count(w.text.String(), "event: stats"); n > 5 {
			t.Errorf("%d figures; only the newest is worth sending", n)
		}
	})
}

type counting struct {
	writes atomic.Int64
	text   strings.Builder
}

func (c *counting) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.text.Write(b)
}

func TestWhoComesBackGetsWhatItMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		first := listen(t, h, ofHealth, "")
		publish(t, h, "so-y-te", 1)
		id := lastID(first())
		publish(t, h, "so-y-te", 2)
		publish(t, h, "so-noi-vu", 3)
		publish(t, h, "so-y-te", 4)
		if got := strings.Join(data(listen(t, h, ofHealth, id)()), " "); got != "2 4" {
			t.Errorf("got %s, want 2 4 and nothing of another unit", got)
		}
		for range hubRecent + 1 {
			publish(t, h, "so-noi-vu", 5)
		}
		for name, last := range map[string]string{"too long ago": id, "of another process": "00000000-1", "of the future": h.epoch + "-99999999", "nonsense": "x"} {
			if got := listen(t, h, ofHealth, last)(); got != string(resyncFrame) {
				t.Errorf("%s: %q, want a resync", name, got)
			}
		}
		newest := h.epoch + "-" + strings.Split(lastID(string(h.recent[len(h.recent)-1].frame)), "-")[1]
		time.Sleep(2 * hubLinger) // nobody listens, nothing is kept
		publish(t, h, "so-y-te", 6)
		if got := listen(t, h, ofHealth, newest)(); got != string(resyncFrame) {
			t.Errorf("after a long silence: %q, want a resync", got)
		}
	})
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		var ended atomic.Bool
		h.CheckWith(func(_ context.Context, p Principal) bool { return p.ID != "lan" || !ended.Load() })
		s, err := h.subscribe(ofHealth, "")
		if err != nil {
			t.Fatal(err)
		}
		stream, err := newEventStream(&strings.Builder{})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.AfterFunc(time.Minute, func() { ended.Store(true) })
		s.stream(t.Context(), stream, h.holds)
		if took := time.Since(began); took < time.Minute || took > time.Minute+hubCheck {
			t.Errorf("it ended after %v, want %v at most after the session", took, hubCheck)
		}
	})
}

func TestStreamsAreBounded(t *testing.T) {
	h := NewHub()
	for range hubPerUser {
		if _, err := h.subscribe(ofHealth, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.subscribe(ofHealth, ""); fault.KindOf(err) != fault.Busy {
		t.Errorf("one user's streams have no end: %v", err)
	}
	if _, err := h.subscribe(ofCentre, ""); err != nil {
		t.Errorf("another user: %v", err)
	}
	h.Close()
	if _, err := h.subscribe(ofCentre, ""); fault.KindOf(err) != fault.Busy || len(h.subs) != 0 {
		t.Errorf("after the end: %v, %d streams", err, len(h.subs))
	}
}

// A browser that saw no message yet can come back all the same: the greeting has
// an id.
func TestWhoSawNothingYetMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		publish(t, h, "so-y-te", 0)
		s, err := h.subscribe(ofHealth, "")
		if err != nil {
			t.Fatal(err)
		}
		greeting := string(s.take())
		h.unsubscribe(s)
		if !strings.Contains(greeting, "event: hello") {
			t.Fatalf("the stream begins with %q", greeting)
		}
		publish(t, h, "so-y-te", 1)
		if got := strings.Join(data(listen(t, h, ofHealth, lastID(greeting))()), " "); got != "1" {
			t.Errorf("got %s, want 1", got)
		}
		quiet, err := h.subscribe(ofHealth, lastID(greeting))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(quiet.take()); strings.Contains(got, "hello") {
			t.Errorf("who is known is greeted, which moves its id over what it missed: %q", got)
		}
	})
}

func TestAStreamOnWhichNothingHappensShowsThatItLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := listen(t, NewHub(), ofHealth, "")
		time.Sleep(hubPing + time.Second)
		if got := end(); got != string(pingFrame) {
			t.Errorf("after %v: %q, want a ping", hubPing, got)
		}
	})
}
