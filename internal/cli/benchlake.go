package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/sample"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type benchLakeCmd struct {
	Events    int    `help:"How many events to make." default:"20000000"`
	Days      int    `help:"Over how many days." default:"30"`
	Seed      uint64 `help:"The same seed makes the same events." default:"1"`
	Mix       string `help:"province: Windows events, firewalls, name servers, web servers, Linux; windows, attack, estate: those only." enum:"province,windows,attack,estate" default:"province"`
	Templates string `help:"Folder with recorded Windows events to vary (ndjson/windows-attack.ndjson.gz, windows-estate.ndjson.gz); without, only made-up ones." env:"LACHAN_TESTDATA" placeholder:"DIR"`
	Data      string `help:"Keep the lake here; a lake that is there already, made with the same options, is only searched." placeholder:"DIR"`
	Flush     int    `help:"Events of one commit." default:"20000"`
	Runs      int    `help:"How often each question is asked." default:"5"`
	Only      string `help:"Ask only the questions whose name holds this text." placeholder:"TEXT"`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// lakeStart is when the events begin, a Monday: always the same, so that the same
// seed makes the same lake.
var lakeStart = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// benchLakeFile describes a finished lake in its folder.
const benchLakeFile = "bench-lake.json"

// lakeReport is what a run found, and the JSON it prints.
type lakeReport struct {
	Options   lakeOptions      `json:"options"`
	Truth     sample.Truth     `json:"truth"`
	Build     lakeBuild        `json:"build"`
	Questions []questionResult `json:"questions,omitempty"`
	Peak      int64            `json:"searchPeakBytes"`
	Machine   string           `json:"machine"`
}

// lakeOptions decide what the lake holds.
type lakeOptions struct {
	Events, Days int
	Seed         uint64
	Mix          string
	Recorded     bool // recorded events were varied
	Flush        int
}

// lakeBuild is what it took to make the lake. Times are of the processor.
type lakeBuild struct {
	Seconds  float64 `json:"seconds"`  // by the clock
	Generate float64 `json:"generate"` // processor seconds, as the ones below
	Parse    float64 `json:"parse"`
	Append   float64 `json:"append"` // adding to segments and committing them
	Rest     float64 `json:"rest"`   // merging, and collecting garbage of all
	Commits  int     `json:"commits"`
	Merges   int     `json:"merges"`
	Files    int     `json:"files"`
	Bytes    int64   `json:"bytes"`
	Rewrites float64 `json:"rewrites"` // how often an event was merged, on average
	Peak     int64   `json:"peakBytes"`
}

// Run builds a lake the way a server does, in this process, and asks it questions
// whose answers are known.
func (c *benchLakeCmd) Run(ctx context.Context, s std) (err error) {
	if c.Events < 1 || c.Days < 1 || c.Flush < 1 || c.Runs < 1 {
		return fault.New(fault.Invalid, "bench lake: --events, --days, --flush and --runs are at least 1")
	}
	dir := c.Data
	if dir == "" {
		temp, err := os.MkdirTemp("", "lachan-bench-lake-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		dir = temp
	}
	recordings, err := recordings(c.Templates, c.Mix)
	if err != nil {
		return err
	}
	report := &lakeReport{
		Options: lakeOptions{Events: c.Events, Days: c.Days, Seed: c.Seed, Mix: c.Mix, Recorded: len(recordings) > 0, Flush: c.Flush},
		Machine: fmt.Sprintf("%d cores, %s", runtime.NumCPU(), runtime.Version()),
	}
	b := &lakeBench{cmd: c, dir: dir, report: report, s: s}
	found, err := b.found()
	if err != nil {
		return err
	}
	if err := b.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if !found {
		if err := b.build(ctx, recordings); err != nil {
			return err
		}
	}
	b.now.Store(b.end().Add(3 * 24 * time.Hour).UnixNano())
	forgetPeak()
	wrong := b.ask(ctx)
	report.Peak = peakMemory(os.Getpid())
	if c.JSON {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		return errors.Join(enc.Encode(report), wrong)
	}
	return errors.Join(report.print(s.out), wrong)
}

func mixOf(name string) sample.Mix {
	if name == "province" {
		return sample.ProvinceMix
	}
	return sample.WindowsMix
}

// recordings reads the recorded events of a mix, where there are any: most are of
// the attack set, whose events are of common size, as far as the mix does not say
// otherwise.
func recordings(dir, mix string) ([]sample.Recording, error) {
	if dir == "" {
		if mix == "attack" || mix == "estate" {
			return nil, fault.New(fault.Invalid, "bench: the mix %s varies recorded events; name their folder with --templates", mix)
		}
		return nil, nil
	}
	shares := map[string][2]int{"province": {80, 10}, "windows": {80, 10}, "attack": {100, 0}, "estate": {0, 100}}[mix]
	var out []sample.Recording
	for i, name := range []string{"windows-attack", "windows-estate"} {
		lines, err := readLines(filepath.Join(dir, "ndjson", name+".ndjson.gz"))
		if err != nil {
			return nil, err
		}
		out = append(out, sample.Recording{Lines: lines, Share: shares[i]})
	}
	return out, nil
}

func readLines(name string) (lines [][]byte, err error) {
	src, err := logfile.Open(logfile.File{Path: name})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	for {
		rec, err := src.Next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, append([]byte(nil), rec...))
	}
}

// lakeBench is a lake under measurement. Its clock is that of the events.
type lakeBench struct {
	cmd    *benchLakeCmd
	dir    string
	report *lakeReport
	s      std
	db     *bun.DB
	lake   *lake.Lake
	now    atomic.Int64
	counts *prometheus.Registry
}

func (b *lakeBench) end() time.Time {
	return lakeStart.Add(time.Duration(b.report.Options.Days) * 24 * time.Hour)
}

// found reports whether the folder holds this very lake; another one in its place
// is an error.
func (b *lakeBench) found() (bool, error) {
	text, err := os.ReadFile(filepath.Join(b.dir, benchLakeFile))
	if errors.Is(err, fs.ErrNotExist) {
		if entries, err := os.ReadDir(b.dir); err == nil && len(entries) > 0 {
			return false, fault.New(fault.Invalid, "bench lake: %s is not empty and holds no finished lake of this command; name an empty folder", b.dir)
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var have lakeReport
	if err := json.Unmarshal(text, &have); err != nil {
		return false, fmt.Errorf("bench lake: %s: %w", benchLakeFile, err)
	}
	if have.Options != b.report.Options {
		return false, fault.New(fault.Invalid, "bench lake: %s holds a lake made with other options: %+v", b.dir, have.Options)
	}
	b.report.Truth, b.report.Build = have.Truth, have.Build
	return true, nil
}

func (b *lakeBench) open(ctx context.Context) (err error) {
	b.now.Store(lakeStart.UnixNano())
	b.counts = prometheus.NewRegistry()
	if b.db, err = sqldb.Open(ctx, sqldb.Options{Dir: filepath.Join(b.dir, "control")}); err != nil {
		return err
	}
	if err = sqldb.Migrate(ctx, b.db, "lake", lake.Migrations); err == nil {
		b.lake, err = lake.Open(ctx, lake.Options{Dir: b.lakeDir(), DB: b.db, Now: func() time.Time { return time.Unix(0, b.now.Load()) }, Metrics: b.counts, Config: lake.DefaultConfig()})
	}
	if err != nil {
		return errors.Join(err, b.db.Close())
	}
	return nil
}

func (b *lakeBench) close() error { return errors.Join(b.lake.Close(), b.db.Close()) }

func (b *lakeBench) lakeDir() string { return filepath.Join(b.dir, "lake") }

// build makes the events and stores them through parser, segments, commits and
// merges, merging beside the rest as a server does.
func (b *lakeBench) build(ctx context.Context, recordings []sample.Recording) error {
	c := b.cmd
	province, err := sample.New(sample.Options{Seed: c.Seed, Events: c.Events, Start: lakeStart, Span: time.Duration(c.Days) * 24 * time.Hour, Windows: recordings, Mix: mixOf(c.Mix)})
	if err != nil {
		return err
	}
	forgetPeak()
	begun, cpu := time.Now(), processorTime(os.Getpid())
	var merging sync.WaitGroup
	var mergeErr error
	committed := make(chan struct{}, 1)
	merging.Go(func() {
		for range committed {
			n, err := b.lake.Compact(ctx)
			b.report.Build.Merges += n
			if mergeErr = errors.Join(mergeErr, err); err != nil {
				return
			}
		}
	})
	err = b.fill(ctx, province.Stream(), func() {
		select {
		case committed <- struct{}{}:
		default: // it is busy and will look again
		}
	})
	close(committed)
	merging.Wait()
	if err = errors.Join(err, mergeErr); err != nil {
		return err
	}
	b.now.Store(b.end().Add(3 * 24 * time.Hour).UnixNano()) // every day is over
	n, err := b.lake.Compact(ctx)
	if err != nil {
		return err
	}
	r := &b.report.Build
	r.Merges += n
	r.Seconds = time.Since(begun).Seconds()
	r.Rest = (processorTime(os.Getpid()) - cpu).Seconds() - r.Generate - r.Parse - r.Append
	r.Peak = peakMemory(os.Getpid())
	if r.Files, r.Bytes, err = countFiles(b.lakeDir()); err != nil {
		return err
	}
	r.Rewrites = b.counter("lachan_lake_merged_events_total") / float64(c.Events)
	text, err := json.Marshal(b.report)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.dir, benchLakeFile), text, 0o600)
}

// fill takes all events into the lake; committed is called after each commit.
func (b *lakeBench) fill(ctx context.Context, stream *sample.Stream, committed func()) error {
	runtime.LockOSThread() // so that the thread's time is ours
	defer runtime.UnlockOSThread()
	var (
		r      = &b.report.Build
		parser = parse.New(parse.Options{})
		events []event.Event
		seg    = b.lake.NewSegment()
		last   = threadTime()
		done   = 0
	)
	lap := func(into *float64) {
		now := threadTime()
		*into += (now - last).Seconds()
		last = now
	}
	commit := func() error {
		if seg.Len() == 0 {
			return nil
		}
		if err := b.lake.Commit(ctx, seg, nil, nil); err != nil {
			return err
		}
		seg.Reset()
		r.Commits++
		committed()
		return nil
	}
	progress := time.Now()
	for batches := stream.Next(); batches != nil; batches = stream.Next() {
		lap(&r.Generate)
		n := 0
		for i := range batches {
			for j := range batches[i].Records {
				if n == len(events) {
					events = append(events, event.Event{})
				}
				parser.Parse(&batches[i], j, &events[n])
				n++
			}
			b.now.Store(batches[i].Received.UnixNano())
		}
		lap(&r.Parse)
		for i := range n {
			seg.Add(&events[i], nil)
			if seg.Len() >= b.cmd.Flush {
				if err := commit(); err != nil {
					return err
				}
			}
		}
		lap(&r.Append)
		parser.Recycle()
		if done += n; time.Since(progress) > 20*time.Second {
			progress = time.Now()
			fmt.Fprintf(b.s.err, "%d of %d events stored\n", done, b.report.Options.Events)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err := commit(); err != nil {
		return err
	}
	lap(&r.Append)
	b.report.Truth = stream.Truth()
	return nil
}

// counter reads one of the lake's metrics; 0 where it has none of the name.
func (b *lakeBench) counter(name string) float64 {
	families, err := b.counts.Gather()
	if err != nil {
		return 0
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return 0
}

// countFiles sums the segments below dir.
func countFiles(dir string) (files int, bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(d.Name(), ".parquet") {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		bytes += info.Size()
		return nil
	})
	return files, bytes, err
}

// print writes the report for people.
func (r *lakeReport) print(w io.Writer) error {
	b, n := r.Build, float64(r.Truth.Events)
	line := func(what, format string, args ...any) {
		fmt.Fprintf(w, "%-34s "+format+"\n", append([]any{what}, args...)...)
	}
	line("events", "%12d  over %d days, mix %s, seed %d", r.Truth.Events, r.Options.Days, r.Options.Mix, r.Options.Seed)
	line("raw records", "%12d bytes, %.0f each", r.Truth.RawBytes, float64(r.Truth.RawBytes)/n)
	line("stored", "%12d bytes, %.1f each, 1:%.1f, in %d files", b.Bytes, float64(b.Bytes)/n, float64(r.Truth.RawBytes)/float64(b.Bytes), b.Files)
	rate := func(what string, seconds float64) {
		line(what, "%12.0f events per second of processor time, %.2f µs each", n/seconds, seconds/n*1e6)
	}
	rate("made", b.Generate)
	rate("parsed", b.Parse)
	rate("appended and committed", b.Append)
	rate("merged, and garbage of all", b.Rest)
	line("commits, merges", "%12d, %d; an event was merged %.1f times", b.Commits, b.Merges, b.Rewrites)
	line("everything, by the clock", "%12.0f events/s, %.0f s", n/b.Seconds, b.Seconds)
	line("peak memory while filling", "%12d MiB", b.Peak>>20)
	fmt.Fprintln(w)
	if err := printQuestions(w, r.Questions); err != nil {
		return err
	}
	line("peak memory while searching", "%12d MiB", r.Peak>>20)
	line("machine", "%s", r.Machine)
	return nil
}
