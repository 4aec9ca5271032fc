// Package hunt looks for attacks in log files, without a server: it reads files,
// parses their records, applies the rules and says what fired where.
//
// [Run] does the work with all cores. One goroutine a file cuts it into blocks (a
// megabyte of whole lines, or sixteen chunks of an event log); one worker a core
// takes any block of any file, so that one large file keeps all of them busy as
// well as many small ones do; and the caller's goroutine collects the blocks in
// the order of the files. So what is found comes in the same order each time:
// file by file, record by record. Correlation rules come last, when all files are
// read: they see the events of all of them in the order of their times. [Summary]
// counts what was found; [NDJSON], [CSV], [Table] and [HTML] write it.
//
// Invariants: memory is bounded by the number of cores, not by the size of what is
// read (window.go), and by [MaxHits] for correlations; a broken file ends only
// itself and is told with its name; a record nobody understands is counted and
// still shown to the rules.
//
// The package reads files and nothing else: rules are compiled by package detect,
// files are opened by package logfile. It prints nothing by itself.
//
// Start reading at [Run].
package hunt

import (
	"context"
	"errors"
	"io"
	"runtime"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/logfile"
)

// Options say what to look for.
type Options struct {
	Rules    *detect.Set
	MinLevel Level
	From, To time.Time // of events: From <= time < To; zero: no bound
	Workers  int       // 0: one a core
	MaxHits  int       // that wait for correlation rules; 0: MaxHits
	// Note is told what was cut or damaged, file by file, Progress how far the
	// hunt is: bytes of all files, and events. Both may be nil; both run on the
	// goroutine that called Run.
	Note     func(text string)
	Progress func(bytes, events int64)
}

// Finding is one rule that fired on one record, or a correlation rule that fired
// on several. Its strings may be kept.
type Finding struct {
	File   string // of a series, where its last event is
	Line   int64  // of the line or record in the file, from 0
	Record string // EventRecordID of a Windows event, else ""
	Time   time.Time
	Host   string
	Rule   *detect.Rule
	Level  Level
	Fields []event.Field // whose values made the rule fire; what a series is grouped by
	Series *Series       // of a correlation rule, else nil
}

// Stats counts a hunt.
type Stats struct {
	Files    int   // read to their end
	Passed   int   // files that are no logs, passed over
	Bytes    int64 // on disk
	Events   int64
	Unparsed int64 // of Events: no format understood them; keyword rules saw them
	Outside  int64 // of Events: not between From and To
	Damaged  int64 // records cut or lost in damaged files
	Findings int64
	Broken   []error // files that could not be read to their end, one error each

	Uncorrelated int64 // hits beyond MaxHits, which correlation rules did not see
	Truncated    int64 // events and groups that correlation rules had to forget
	Ungrouped    int64 // hits without a field that a correlation rule needs, counted for each rule
	Partial      bool  // ctx ended before everything was read
}

// Run hunts through the files and hands every finding to visit, in the order of
// files and records, those of correlation rules at the end; the finding is visit's
// to keep. It returns early only if ctx ends, which the stats say and which hands
// over what was found until then, or if visit fails.
func Run(ctx context.Context, files []logfile.File, o Options, visit func(*Finding) error) (Stats, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxHits <= 0 {
		o.MaxHits = MaxHits
	}
	ctx, cancel := context.WithCancel(ctx)
	w := openWindow(ctx, files, &o)
	defer w.wait()
	defer cancel()
	c := collector{o: &o, visit: visit}
	err := c.all(ctx, w)
	if cause := ctx.Err(); cause != nil && errors.Is(err, cause) {
		c.stats.Partial = true
	} else if err != nil {
		return c.stats, err
	}
	return c.stats, errors.Join(err, c.correlate())
}

// collector takes the results of the blocks in order.
type collector struct {
	o     *Options
	visit func(*Finding) error
	stats Stats
	hits  []hit
}

// all collects the files of the window.
func (c *collector) all(ctx context.Context, w *window) error {
	for i := range w.files {
		select {
		case f := <-w.files[i]:
			if err := c.file(ctx, f); err != nil {
				w.files[i] <- f // its reader may still run: the window closes it
				return err
			}
			f.close()
			w.release()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (c *collector) file(ctx context.Context, f *file) error {
	line := int64(0)
	for {
		// A select takes any of its ready cases: without this an interruption
		// could pass unnoticed to the end of what was read ahead.
		if err := ctx.Err(); err != nil {
			return err
		}
		var b *block
		select {
		case b = <-f.blocks:
		case <-ctx.Done():
			return ctx.Err()
		}
		var r result
		select {
		case r = <-b.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if r.last {
			c.end(f, r.end)
			return nil
		}
		if err := c.result(f, &r, line); err != nil {
			return err
		}
		line += r.lines
		f.spare()
		c.progress(c.stats.Bytes + b.read)
	}
}

func (c *collector) result(f *file, r *result, line int64) error {
	c.stats.Events += r.events
	c.stats.Unparsed += r.unparsed
	c.stats.Outside += r.outside
	c.stats.Damaged += r.damaged
	for _, at := range r.cuts {
		c.note(logfile.CutNote(f.name, line+at))
	}
	for _, text := range r.notes {
		c.note(text)
	}
	for i := range r.hits {
		r.hits[i].line += line
	}
	room := min(len(r.hits), c.o.MaxHits-len(c.hits))
	c.hits = append(c.hits, r.hits[:room]...)
	c.stats.Uncorrelated += int64(len(r.hits) - room)
	for i := range r.findings {
		r.findings[i].Line += line
		c.stats.Findings++
		if err := c.visit(&r.findings[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *collector) end(f *file, why error) {
	switch {
	case errors.Is(why, io.EOF):
		c.stats.Files++
	case errors.Is(why, errNotALog):
		c.stats.Passed++
		c.note(f.name + ": not a log file; passed over")
	default:
		c.stats.Broken = append(c.stats.Broken, why)
		c.note(why.Error())
	}
	c.stats.Bytes += f.size
	c.progress(c.stats.Bytes)
}

func (c *collector) note(text string) {
	if c.o.Note != nil {
		c.o.Note(text)
	}
}

func (c *collector) progress(bytes int64) {
	if c.o.Progress != nil {
		c.o.Progress(bytes, c.stats.Events)
	}
}
