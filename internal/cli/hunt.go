package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/hunt"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/rules"
)

type huntCmd struct {
	Paths   []string `arg:"" name:"path" help:"Files or folders: .evtx, NDJSON, JSON, text; also in .gz, .zst and .zip. - is the standard input."`
	Rules   []string `help:"Folder of Sigma rules besides the starter pack, for example a SigmaHQ checkout." placeholder:"DIR" sep:"none"`
	Starter bool     `help:"Use the starter pack." default:"true" negatable:""`
	ruleOptions
	Unscoped   bool   `help:"Try every rule on every event, whatever its log source. Slower, and finds more of what is none."`
	Output     string `short:"o" help:"table, ndjson, csv or html." enum:"table,ndjson,csv,html" default:"table"`
	OutputFile string `short:"w" help:"Write the findings here instead of to the standard output." type:"path" placeholder:"FILE"`
	MinLevel   string `help:"Leave out rules below this level: informational, low, medium, high, critical." enum:"informational,low,medium,high,critical" default:"informational"`
	From       string `help:"Events from: 2026-11-22, 2026-11-22T08:00, or back from now: 15m, 24h, 7d."`
	To         string `help:"Events before, written like --from."`
	Quiet      bool   `short:"q" help:"No progress bar, and no summary beside ndjson, csv and html."`
}

// Findings that a timeline and a report show; the other outputs have no bound.
const (
	tableKeeps = 100_000
	pageKeeps  = 5_000
	topOfTable = 20
)

// Run hunts.
func (c *huntCmd) Run(ctx context.Context, s std) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	files, err := c.files(ctx, s)
	if err != nil {
		return err
	}
	if options.Rules, err = c.load(s); err != nil {
		return err
	}
	out := s.out
	var file *os.File
	if c.OutputFile != "" {
		if err := c.spareInput(files); err != nil {
			return err
		}
		if file, err = os.Create(c.OutputFile); err != nil {
			return fault.New(fault.Invalid, "%w", err)
		}
		out = file
	}
	stats, err := c.hunt(ctx, s, out, files, options)
	if file != nil {
		err = errors.Join(err, file.Close())
	}
	switch {
	case err != nil:
		return err
	case len(stats.Broken) > 0:
		return fault.New(fault.Invalid, "hunt: %d of %d files could not be read to the end; see above", len(stats.Broken), len(files))
	case stats.Findings > 0:
		return errFound
	}
	return nil
}

// spareInput refuses to write over a file that is to be read: it is evidence.
func (c *huntCmd) spareInput(files []logfile.File) error {
	out, err := os.Stat(c.OutputFile)
	if err != nil {
		return nil //nolint:nilerr // nothing is there, so nothing is lost
	}
	for _, f := range files {
		if in, err := os.Stat(f.Path); err == nil && os.SameFile(in, out) {
			return fault.New(fault.Invalid, "--output-file: %s is one of the files to read; name another", c.OutputFile)
		}
	}
	return nil
}

// files lists what the paths name; "-" is the standard input.
func (c *huntCmd) files(ctx context.Context, s std) ([]logfile.File, error) {
	var paths []string
	var files []logfile.File
	for _, path := range c.Paths {
		if path != "-" {
			paths = append(paths, path)
		} else if len(files) == 0 {
			files = append(files, logfile.Stdin(untilDone(ctx, s.in), time.Now()))
		}
	}
	found, err := logfile.Find(paths)
	if err != nil {
		return nil, err
	}
	if files = append(files, found...); len(files) == 0 {
		return nil, fault.New(fault.Invalid, "hunt: no file below %s", strings.Join(paths, " "))
	}
	return files, nil
}

func (c *huntCmd) options() (hunt.Options, error) {
	var o hunt.Options
	var err error
	now := time.Now()
	if o.From, err = parseWhen(c.From, now); err != nil {
		return o, fault.New(fault.Invalid, "--from: %w", err)
	}
	if o.To, err = parseWhen(c.To, now); err != nil {
		return o, fault.New(fault.Invalid, "--to: %w", err)
	}
	if !o.From.IsZero() && !o.To.IsZero() && !o.From.Before(o.To) {
		return o, fault.New(fault.Invalid, "--to: %s is not after --from, %s", c.To, c.From)
	}
	o.MinLevel, err = hunt.ParseLevel(c.MinLevel)
	return o, err
}

// load compiles the starter pack and the given folders.
func (c *huntCmd) load(s std) (*detect.Set, error) {
	options, err := c.ruleOptions.options(s)
	if err != nil {
		return nil, err
	}
	var files []detect.File
	if c.Starter {
		starter, err := app.ReadRules(rules.FS, "starter", "lachan")
		if err != nil {
			return nil, err
		}
		files = starter
	}
	more, err := readRuleDirs(c.Rules...)
	if err != nil {
		return nil, err
	}
	files = append(files, more...)
	options.Unscoped = c.Unscoped
	set := detect.Compile(files, options)
	if n := set.Refused(); n > 0 {
		fmt.Fprintf(s.err, "%d rules loaded, %d refused; `lachan rules check` says why\n", len(set.Rules()), n)
	}
	if len(set.Rules()) == 0 {
		return nil, fault.New(fault.Invalid, "hunt: no rule is loaded")
	}
	return set, nil
}

func (c *huntCmd) hunt(ctx context.Context, s std, out io.Writer, files []logfile.File, o hunt.Options) (hunt.Stats, error) {
	bar := newProgress(s.err, c.Quiet, logfile.TotalSize(files))
	o.Progress = bar.at
	o.Note = func(text string) { bar.say("%s", text) }
	summary, table := hunt.NewSummary(c.keeps()), hunt.TableOptions{Zone: vietnam(), Top: topOfTable}
	buffered := bufio.NewWriterSize(out, 1<<16)
	write, end, err := c.writer(buffered)
	if err != nil {
		return hunt.Stats{}, err
	}
	begun := time.Now()
	stats, err := hunt.Run(ctx, files, o, func(f *hunt.Finding) error {
		summary.Add(f)
		return write(f)
	})
	bar.end()
	if err != nil && !stats.Partial {
		return stats, errors.Join(err, end(), buffered.Flush())
	}
	interrupted := err
	err = nil
	switch c.Output {
	case "table":
		table.Color = onTerminal(out)
		err = hunt.Table(buffered, summary, stats, table)
	case "html":
		err = hunt.HTML(buffered, summary, stats, hunt.ReportOptions{
			Zone: table.Zone, Made: begun, Paths: c.Paths, Rules: len(o.Rules.Rules()), From: o.From, To: o.To, MinLevel: o.MinLevel,
		})
	}
	if err := errors.Join(err, end(), buffered.Flush()); err != nil {
		return stats, fmt.Errorf("hunt: write: %w", err)
	}
	if !c.Quiet {
		if c.Output != "table" || c.OutputFile != "" {
			table.Color = onTerminal(s.err)
			err = hunt.WriteSummary(s.err, summary, stats, table)
		}
		fmt.Fprintf(s.err, "in %v (%.0f events/s)\n", time.Since(begun).Round(time.Millisecond), float64(stats.Events)/time.Since(begun).Seconds())
	}
	return stats, errors.Join(interrupted, err)
}

// keeps is how many findings the output needs at its end.
func (c *huntCmd) keeps() int {
	switch c.Output {
	case "table":
		return tableKeeps
	case "html":
		return pageKeeps
	}
	return 0
}

// writer writes findings as they come; nothing for outputs made at the end.
func (c *huntCmd) writer(out io.Writer) (write func(*hunt.Finding) error, end func() error, err error) {
	nothing := func() error { return nil }
	switch c.Output {
	case "ndjson":
		return hunt.NDJSON(out), nothing, nil
	case "csv":
		return hunt.CSV(out)
	}
	return func(*hunt.Finding) error { return nil }, nothing, nil
}

// onTerminal tells whether colours are wanted there.
func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}
