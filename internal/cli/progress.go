package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

const (
	progressEvery = 100 * time.Millisecond
	progressWidth = 30
)

// progress draws one line on a terminal, and nothing elsewhere.
type progress struct {
	w     io.Writer
	on    bool
	total int64
	begun time.Time
	drawn time.Time
}

func newProgress(w io.Writer, quiet bool, total int64) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, on: ok && !quiet && term.IsTerminal(int(f.Fd())), total: total, begun: time.Now()}
}

// at draws the state: bytes done of the total, and events.
func (p *progress) at(done, events int64) {
	if !p.on || time.Since(p.drawn) < progressEvery {
		return
	}
	p.drawn = time.Now()
	rate := float64(events) / max(time.Since(p.begun).Seconds(), 0.001)
	if p.total <= 0 { // of the standard input nobody knows how much there is
		fmt.Fprintf(p.w, "\r%d events  %.0f/s \x1b[K", events, rate)
		return
	}
	share := min(float64(done)/float64(p.total), 1)
	full := int(share * progressWidth)
	fmt.Fprintf(p.w, "\r[%s%s] %3.0f%%  %d events  %.0f/s \x1b[K", strings.Repeat("█", full), strings.Repeat("░", progressWidth-full),
		share*100, events, rate)
}

// say prints a line above the bar.
func (p *progress) say(format string, args ...any) {
	p.end()
	fmt.Fprintf(p.w, format+"\n", args...)
	p.drawn = time.Time{}
}

// end clears the bar.
func (p *progress) end() {
	if p.on && !p.drawn.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
