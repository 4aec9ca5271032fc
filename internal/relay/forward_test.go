package relay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/event"
)

// inOrder fails where the numbers of a source do not rise.
func inOrder(t *testing.T, got []record, source string) (n int) {
	t.Helper()
	last := -1
	for _, r := range got {
		name, number, _ := strings.Cut(r.text, "/")
		if name != source {
			continue
		}
		var i int
		fmt.Sscan(number, &i)
		if i <= last {
			t.Fatalf("%s: number %d after %d", source, i, last)
		}
		last = i
		n++
	}
	return n
}

// noise is text that does not compress away.
func noise(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte('!' + rand.IntN(90))
	}
	return out
}

func texts(got []record) map[string]int {
	out := map[string]int{}
	for _, r := range got {
		out[r.text]++
	}
	return out
}

func TestWhatComesInArrivesInOrderAndIsTheCredentialsUnit(t *testing.T) {
	c := newCentre(t)
	a := newAgency(t, c, nil)
	a.run()
	a.put("fw", 0, 200)
	got := c.take(nil, 200, 30*time.Second)
	if n := inOrder(t, got, "fw"); n != 200 {
		t.Fatalf("%d of 200 arrived", n)
	}
	for _, r := range got {
		// The relay wrote another unit and another credential into its blocks.
		if r.batch.Unit != "xa-dong-son" || r.batch.Credential != "token:7" || !r.batch.Relayed {
			t.Fatalf("%s belongs to %s by %s", r.text, r.batch.Unit, r.batch.Credential)
		}
		if r.batch.Peer != "10.0.0.9" || r.batch.Input != "syslog" {
			t.Fatalf("%s lost where it came from: %+v", r.text, r.batch)
		}
	}
	eventually(t, "the relay's spool is empty", func() bool {
		s, err := a.bus.Contents(t.Context())
		return err == nil && s.Blocks == 0
	})
	if s := a.f.Status(t.Context()); s.Link != "up" || s.LastContact == nil || s.BacklogBlocks != 0 {
		t.Errorf("status %+v", s)
	}
}

// After an outage new events arrive first; what waited follows, oldest first.
func TestAfterAnOutageLiveEventsComeFirst(t *testing.T) {
	c := newCentre(t)
	a := newAgency(t, c, func(a *agency) { a.config.CatchUp.Share = leastShare })
	const waited, fresh = 400, 100
	for i := range waited { // the link is down: nothing runs yet
		a.putText(fmt.Sprintf("fw/%d %s", i, noise(8<<10)))
	}
	a.run()
	// What comes in before the lanes are told apart waited, too.
	eventually(t, "the link is up", func() bool { return a.f.Status(t.Context()).Link == "up" })
	a.put("live", 0, fresh)
	got := c.take(nil, waited+fresh, 60*time.Second)
	if n := inOrder(t, got, "fw"); n != waited {
		t.Errorf("%d of %d that waited arrived", n, waited)
	}
	if n := inOrder(t, got, "live"); n != fresh {
		t.Errorf("%d of %d fresh ones arrived", n, fresh)
	}
	lanes := map[string]bool{}
	for _, contact := range c.told() {
		lanes[contact.Report.Lane] = true
	}
	if !lanes[laneLive] || !lanes[laneBacklog] {
		t.Errorf("lanes used: %v", lanes)
	}
}

// While a long backlog drains, a fresh event does not wait for it.
func TestABacklogDoesNotDelayWhatIsNew(t *testing.T) {
	c := newCentre(t)
	a := newAgency(t, c, func(a *agency) { a.config.CatchUp.MaxRate = 200 << 10 })
	const waited = 100
	for i := range waited {
		a.putText(fmt.Sprintf("fw/%d %s", i, noise(8<<10)))
	}
	a.run()
	eventually(t, "the link is up", func() bool { return a.f.Status(t.Context()).Link == "up" })
	a.put("live", 0, 1)
	var got []record
	eventually(t, "the fresh event arrives", func() bool {
		got = c.take(got, len(got)+1, 100*time.Millisecond)
		return texts(got)["live/0"] == 1
	})
	if n := inOrder(t, got, "fw"); n == waited {
		t.Error("the whole backlog arrived before the fresh event")
	}
	if s := a.f.Status(t.Context()); s.BacklogBlocks == 0 {
		t.Errorf("status knows of no backlog: %+v", s)
	}
	got = c.take(got, waited+1, 60*time.Second)
	if n := inOrder(t, got, "fw"); n != waited {
		t.Errorf("%d of %d that waited arrived", n, waited)
	}
}

// A link that is cut in bodies and answers, busy now and then, loses nothing and
// what came twice has the same origin.
func TestABadLinkLosesNothingAndDoublesNothing(t *testing.T) {
	c := newCentre(t)
	a := newAgency(t, c, nil)
	var requests, cut atomic.Int32
	c.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		n := requests.Add(1)
		if cut.Load() > 25 {
			return false
		}
		switch n % 5 {
		case 0: // the body breaks off: what came whole before is stored
			cut.Add(1)
			r.Body = io.NopCloser(&cutReader{r.Body, 40 + rand.IntN(4000)})
			return false
		case 1: // the answer is lost: all is stored, and comes again
			cut.Add(1)
			body, _ := io.ReadAll(r.Body)
			again, _ := http.NewRequestWithContext(r.Context(), r.Method, c.server.URL+r.URL.Path, bytes.NewReader(body))
			again.Header = r.Header
			old := c.meddle.Swap(nil)
			if res, err := c.server.Client().Do(again); err == nil {
				res.Body.Close()
			}
			c.meddle.Store(old)
			panic(http.ErrAbortHandler)
		case 2:
			cut.Add(1)
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		return false
	})
	a.f.o.Config.ContactEvery = 50 * time.Millisecond
	a.run()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 40 {
			a.put("fw", i*20, 20)
			time.Sleep(50 * time.Millisecond)
		}
	}()
	got := c.take(nil, 800, 120*time.Second)
	<-done
	if n := inOrder(t, got, "fw"); n != 800 {
		t.Errorf("%d of 800 arrived", n)
	}
	for text, n := range texts(got) {
		if n != 1 {
			t.Errorf("%s came %d times under several origins", text, n)
		}
	}
	t.Logf("%d requests, %d disturbed", requests.Load(), cut.Load())
}

func TestARestartedRelaySendsWhatItStillHolds(t *testing.T) {
	c := newCentre(t)
	a := newAgency(t, c, nil)
	a.put("fw", 0, 50)
	a.close()
	a.open()
	a.put("fw", 50, 50)
	a.run()
	if n := inOrder(t, c.take(nil, 100, 30*time.Second), "fw"); n != 100 {
		t.Errorf("%d of 100 arrived", n)
	}
}

func TestABlockThatCanNeverBeTakenIsSetAside(t *testing.T) {
	c := newCentre(t)
	a := newAgency(t, c, nil)
	a.put("fw", 0, 3)
	// A block of a program that writes what the centre does not read.
	sender := &spoiler{Sender: a.link}
	a.f.o.Link = sender
	sender.spoil.Store(2)
	a.run()
	got := c.take(nil, 2, 30*time.Second)
	if n := inOrder(t, got, "fw"); n != 2 {
		t.Fatalf("%d of 2 good blocks arrived", n)
	}
	files, _ := filepath.Glob(filepath.Join(a.dir, "refused", "*-2.block"))
	if len(files) != 1 {
		t.Errorf("set aside: %v", files)
	}
	eventually(t, "the gap is reported", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, g := range c.gaps {
			return g.Reason == "refused" && g.Blocks == 1
		}
		return false
	})
	eventually(t, "it is out of the spool", func() bool {
		s, err := a.bus.Contents(t.Context())
		return err == nil && s.Blocks == 0
	})
}

func TestAFullSpoolRefusesOrDropsTheOldestAsConfigured(t *testing.T) {
	big := func(i int) *event.Batch {
		now := time.Unix(1_780_000_000+int64(i), 0)
		b := &event.Batch{ID: event.NewBatchID(now), Unit: "u", Input: "syslog", Received: now}
		b.Records = []event.Record{{Data: fmt.Appendf(nil, "fw/%d ", i)}, {Data: noise(200 << 10)}}
		return b
	}
	t.Run("refuse", func(t *testing.T) {
		c := newCentre(t)
		a := newAgency(t, c, func(a *agency) { a.maxSize = 4 << 20 })
		refused := 0
		for i := range 40 {
			if _, err := a.intake.Put(t.Context(), big(i)); err != nil {
				refused++
			}
		}
		if refused == 0 || !a.f.Status(t.Context()).Refusing {
			t.Errorf("%d refused, status %+v", refused, a.f.Status(t.Context()))
		}
		if err := a.f.Ready(t.Context()); err == nil {
			t.Error("a relay that pushes back calls itself ready")
		}
		a.run()
		if got := c.take(nil, 2*(40-refused), 30*time.Second); len(got) != 2*(40-refused) {
			t.Errorf("%d records of what was accepted arrived, want %d", len(got), 2*(40-refused))
		}
		eventually(t, "there is room again", func() bool { _, err := a.intake.Put(t.Context(), big(99)); return err == nil })
	})
	t.Run("dropOldest", func(t *testing.T) {
		c := newCentre(t)
		a := newAgency(t, c, func(a *agency) { a.maxSize, a.config.WhenFull = 4<<20, WhenFullDropOldest })
		for i := range 40 {
			if _, err := a.intake.Put(t.Context(), big(i)); err != nil {
				t.Fatalf("batch %d: %v", i, err)
			}
		}
		s := a.f.Status(t.Context())
		if s.DroppedEvents == 0 || s.GapsToReport == 0 {
			t.Fatalf("status %+v", s)
		}
		a.close() // gaps survive
		a.open()
		a.run()
		left := 80 - s.DroppedEvents
		got := c.take(nil, left, 30*time.Second)
		if len(got) != left {
			t.Errorf("%d records arrived, want %d", len(got), left)
		}
		if n := texts(got); n["fw/39 "] != 1 || n["fw/0 "] != 0 {
			t.Error("it was not the oldest that were dropped")
		}
		eventually(t, "the gap is reported", func() bool { return a.f.Status(t.Context()).GapsToReport == 0 })
		lost, first := 0, time.Time{}
		c.mu.Lock()
		for _, g := range c.gaps {
			lost += g.Events
			if first.IsZero() || g.From.Before(first) {
				first = g.From
			}
		}
		c.mu.Unlock()
		if lost != s.DroppedEvents || first.Unix() != 1_780_000_000 {
			t.Errorf("reported %d events from %v, want %d from the first", lost, first, s.DroppedEvents)
		}
	})
}

// A relay whose clock is a day behind: times of receipt are corrected, what the
// relay says is kept apart.
func TestClocksApartByADay(t *testing.T) {
	for name, off := range map[string]time.Duration{"behind": -24 * time.Hour, "ahead": 24 * time.Hour, "right": -2 * time.Second} {
		t.Run(name, func(t *testing.T) {
			c := newCentre(t)
			a := newAgency(t, c, func(a *agency) { a.now = func() time.Time { return time.Now().Add(off) } })
			a.run()
			a.put("fw", 0, 3)
			got := c.take(nil, 3, 30*time.Second)
			if len(got) != 3 {
				t.Fatalf("%d of 3 arrived", len(got))
			}
			want := time.Now()
			if name == "right" {
				want = want.Add(off) // within what a link may take: left alone
			}
			for _, r := range got {
				if d := r.batch.Received.Sub(want).Abs(); d > 9*time.Second {
					t.Errorf("%s was received %v, %v from %v", r.text, r.batch.Received, d, want)
				}
			}
			for _, contact := range c.told() {
				if d := (contact.Offset + off).Abs(); d > 9*time.Second {
					t.Errorf("the centre measured %v, want about %v", contact.Offset, -off)
				}
			}
			eventually(t, "the status says so", func() bool {
				s := a.f.Status(t.Context())
				return s.LastContact != nil && (s.ClockOffset+off).Abs() < 9*time.Second
			})
		})
	}
}

func TestAWrongCredentialIsSaidInWordsAndKeepsEverything(t *testing.T) {
	c := newCentre(t)
	a := newAgency(t, c, func(a *agency) { a.config.Token = "lc_bad" })
	a.put("fw", 0, 5)
	a.run()
	eventually(t, "the error is shown", func() bool {
		s := a.f.Status(t.Context())
		return s.Link == "down" && strings.Contains(s.LastError, "does not accept the credential") && strings.Contains(s.LastError, "token not valid")
	})
	if s := a.f.Status(t.Context()); s.BacklogBlocks != 5 {
		t.Errorf("%d blocks wait, want 5", s.BacklogBlocks)
	}
}

func TestABrokenFileOfGapsIsSaid(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gaps.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "gaps.json") {
		t.Errorf("got %v", err)
	}
}

// spoiler breaks the block with one number.
type spoiler struct {
	Sender
	spoil atomic.Uint64
}

func (s *spoiler) Send(ctx context.Context, r *Report, blocks []Block) (Answer, error) {
	for i := range blocks {
		if blocks[i].Origin.Seq == s.spoil.Load() {
			broken := append([]byte(nil), blocks[i].Block...)
			broken[len(broken)-1] ^= 1
			blocks = append([]Block(nil), blocks...)
			blocks[i] = bus.Part{Origin: blocks[i].Origin, Block: broken}
		}
	}
	return s.Sender.Send(ctx, r, blocks)
}
