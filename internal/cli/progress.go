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
	fmt.Fprintf(p.w, "\r%s  %d events  %.0f/s \x1b[K", p.barOf(done), events, rate)
}

// bytes draws how far a copy is, of a total that is known only now.
func (p *progress) bytes(done, total int64) {
	p.total = total
	if !p.on || total <= 0 || time.Since(p.drawn) < progressEvery {
		return
	}
	p.drawn = time.Now()
	fmt.Fprintf(p.w, "\r%s  %s of %s \x1b[K", p.barOf(done), mebibytes(done), mebibytes(total))
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// barOf is the bar at done of the total.
func (p *progress) barOf(done int64) string {
	share := min(float64(done)/float64(p.total), 1)
	full := int(share * progressWidth)
	return fmt.Sprintf("[%s%s] %3.0f%%", strings.Repeat("█", full), strings.Repeat("░", progressWidth-full), share*100)
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
