package relay

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
)

// gapBook keeps the gaps that the centre was not told of yet, in a file.
type gapBook struct {
	path    string
	mu      sync.Mutex
	gaps    []Gap
	dropped int // events, since the start
}

// maxGaps is what is kept apart; past it the newest grows instead.
const maxGaps = 64

func openGaps(dir string) (*gapBook, error) {
	b := &gapBook{path: filepath.Join(dir, "gaps.json")}
	text, err := os.ReadFile(b.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return b, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(text, &b.gaps); err != nil {
		return nil, fmt.Errorf("%s: %w", b.path, err)
	}
	return b, nil
}

// note adds a gap and returns once it is on disk.
func (b *gapBook) note(g Gap) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	gaps := append([]Gap(nil), b.gaps...)
	if last := len(gaps) - 1; len(gaps) >= maxGaps && gaps[last].Reason == g.Reason {
		// A new name: the centre may just be noting the smaller one.
		g.From, g.To = earlier(gaps[last].From, g.From), later(gaps[last].To, g.To)
		b.dropped += g.Events
		g.Blocks, g.Events, g.Bytes = g.Blocks+gaps[last].Blocks, g.Events+gaps[last].Events, g.Bytes+gaps[last].Bytes
		gaps = gaps[:last]
	} else {
		b.dropped += g.Events
	}
	g.ID = rand.Text()
	return b.write(append(gaps, g))
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pending returns what is to be told.
func (b *gapBook) pending() []Gap {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Gap(nil), b.gaps...)
}

// told forgets gaps that the centre has noted.
func (b *gapBook) told(gaps []Gap) {
	if len(gaps) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	noted := map[string]bool{}
	for _, g := range gaps {
		noted[g.ID] = true
	}
	var left []Gap
	for _, g := range b.gaps {
		if !noted[g.ID] {
			left = append(left, g)
		}
	}
	// A file that cannot be written is told once more after a restart: harmless.
	_ = b.write(left)
}

func (b *gapBook) write(gaps []Gap) error {
	text, err := json.Marshal(gaps)
	if err != nil {
		return err
	}
	if err := writeSynced(b.path, text); err != nil {
		return err
	}
	b.gaps = gaps
	return nil
}

func (b *gapBook) counts() (toReport, droppedEvents int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.gaps), b.dropped
}

// writeSynced replaces a file as a whole, safe from a power cut.
func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// setAside moves a block that the centre will never take into the folder
// "refused", where a person can look at it, and reports it as a gap.
func (f *Forwarder) setAside(b Block, why string) {
	dir := filepath.Join(f.o.Dir, "refused")
	name := filepath.Join(dir, fmt.Sprintf("%s-%d.block", filepath.Base(b.Origin.Run), b.Origin.Seq))
	gap := Gap{Reason: "refused"}
	gap.add(bus.Stored{Origin: b.Origin, At: f.o.Now(), Block: b.Block})
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = writeSynced(name, b.Block)
	}
	if err == nil {
		err = f.gaps.note(gap)
	}
	if err != nil {
		f.o.Log.Error("relay: a block that the centre refuses cannot be set aside; it is tried again", "why", why, "err", err)
		return
	}
	f.metrics.aside.Inc()
	f.o.Log.Error("relay: the centre refuses a block; it is set aside", "why", why, "file", name, "events", gap.Events)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.arrived = append(f.arrived, b.Origin.Seq)
}

func (f *Forwarder) setAsideCount() int {
	files, err := filepath.Glob(filepath.Join(f.o.Dir, "refused", "*.block"))
	if err != nil {
		return 0
	}
	return len(files)
}
