package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/evtx"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/hunt"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/sigma"
)

type benchEngineCmd struct {
	Rules    []string      `help:"Folders of rules; nothing else is loaded." placeholder:"DIR" required:"" sep:"none"`
	Evtx     string        `help:"Folder of .evtx files to read and to hunt in." type:"existingdir" placeholder:"DIR"`
	Duration time.Duration `help:"How long each step is measured at least." default:"2s"`
	Events   []string      `arg:"" optional:"" name:"file" help:"NDJSON files, each measured with its log sources and with every rule on every event."`
}

// huntTries is how often a hunt is repeated; the median counts.
const huntTries = 5

// Run measures load, memory, matching and hunting in this process, so that
// nothing but the rules is in its memory when that is looked at. All but the hunt
// runs on one core; rates are also given per second of processor time, which says
// more where the machine is shared.
func (c *benchEngineCmd) Run(ctx context.Context, s std) error {
	cores := runtime.GOMAXPROCS(1)
	before := residentMemory()
	set, err := c.load(s)
	if err != nil {
		return err
	}
	peak := peakMemory(os.Getpid())
	c.memory(s, "resident memory with the rules", fmt.Sprintf("%d before; peak while loading %d", before>>20, peak>>20))
	if len(c.Events) > 0 {
		if err := c.lanes(ctx, s, set, ""); err != nil {
			return err
		}
		set = nil
		every, err := c.compile(true)
		if err != nil {
			return err
		}
		if err := c.lanes(ctx, s, every, ", every rule"); err != nil {
			return err
		}
	}
	runtime.KeepAlive(set)
	if c.Evtx != "" {
		if err := c.eventLogs(ctx, s); err != nil {
			return err
		}
		runtime.GOMAXPROCS(cores)
		if err := c.hunts(ctx, s); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "%-42s %8d cores, %s\n", "machine", runtime.NumCPU(), runtime.Version())
	return nil
}

func (c *benchEngineCmd) compile(unscoped bool) (*detect.Set, error) {
	files, err := readRuleDirs(c.Rules...)
	if err != nil {
		return nil, err
	}
	return compileRules(files, unscoped), nil
}

func compileRules(files []detect.File, unscoped bool) *detect.Set {
	return detect.Compile(files, detect.Options{Mapping: sigma.DefaultMapping(), Unscoped: unscoped})
}

// load says how long it takes from the bytes of the rule files to a set that can
// match.
func (c *benchEngineCmd) load(s std) (*detect.Set, error) {
	files, err := readRuleDirs(c.Rules...)
	if err != nil {
		return nil, err
	}
	begun, cpu := time.Now(), processorTime(os.Getpid())
	set := compileRules(files, false)
	took := time.Since(begun)
	fmt.Fprintf(s.out, "%-42s %8.2f s  (%.2f s of processor time; %d rules, %d refused)\n", "load and build the rules",
		took.Seconds(), (processorTime(os.Getpid()) - cpu).Seconds(), len(set.Rules()), set.Refused())
	return set, nil
}

// memory says what this process holds now.
func (c *benchEngineCmd) memory(s std, what, more string) {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Fprintf(s.out, "%-42s %8d MiB  (heap %d; %s)\n", what, residentMemory()>>20, m.HeapAlloc>>20, more)
}

// lanes measures each file, and what the set has taken for tables made on demand
// when all events have passed.
func (c *benchEngineCmd) lanes(ctx context.Context, s std, set *detect.Set, note string) error {
	worker := set.NewWorker()
	for _, name := range c.Events {
		if err := c.lane(ctx, s, name, worker, note); err != nil {
			return err
		}
	}
	c.memory(s, "resident memory behind them"+note, "the events are given back")
	runtime.KeepAlive(worker)
	return nil
}

// lane takes events the whole way from the line as received through the parser to
// the rules that fire.
func (c *benchEngineCmd) lane(ctx context.Context, s std, name string, worker *detect.Worker, note string) error {
	batch, err := readBatch(name)
	if err != nil {
		return err
	}
	parser := parse.New(parse.Options{})
	var ev event.Event
	hits := 0
	pass := func() int {
		for i := range batch.Records {
			parser.Parse(batch, i, &ev)
			hits += len(worker.Match(&ev))
			parser.Recycle()
		}
		return len(batch.Records)
	}
	pass() // scratch memory grows, tables are made on demand
	hits = 0
	r, err := c.measure(ctx, pass)
	if err != nil {
		return err
	}
	title := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(name), ".gz"), ".ndjson") + note
	fmt.Fprintf(s.out, "%-42s %8.0f events/s  (%s; %.3f findings)\n", title, r.rate, r, float64(hits)/float64(r.done))
	return nil
}

func readBatch(name string) (*event.Batch, error) {
	src, err := logfile.Open(logfile.File{Path: name})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	batch := &event.Batch{Unit: event.CentreUnit, Input: "import", Received: time.Now()}
	for {
		rec, err := src.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		batch.Records = append(batch.Records, event.Record{Data: bytes.Clone(rec)})
	}
	if len(batch.Records) == 0 {
		return nil, fault.New(fault.Invalid, "bench: %s holds no event", name)
	}
	return batch, nil
}

// rates are what a measurement found: per second on average and in its best pass,
// which neighbours on the machine disturbed least, and per second of processor
// time.
type rates struct {
	rate, best, perCPU, allocs float64
	done                       int
}

func (r rates) String() string {
	return fmt.Sprintf("best pass %.0f; %.0f per second of processor time; %.2f allocations each", r.best, r.perCPU, r.allocs)
}

// measure repeats pass, which says how many things it did, on end.
func (c *benchEngineCmd) measure(ctx context.Context, pass func() int) (rates, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begun, cpu, done, best := time.Now(), processorTime(os.Getpid()), 0, 0.0
	for time.Since(begun) < c.Duration && ctx.Err() == nil {
		at := time.Now()
		n := pass()
		best = max(best, float64(n)/time.Since(at).Seconds())
		done += n
	}
	took, used := time.Since(begun), processorTime(os.Getpid())-cpu
	runtime.ReadMemStats(&after)
	r := rates{rate: float64(done) / took.Seconds(), best: best, perCPU: float64(done) / max(used, time.Millisecond).Seconds(), done: done}
	r.allocs = float64(after.Mallocs-before.Mallocs) / float64(max(done, 1))
	return r, ctx.Err()
}

// eventLogs reads the .evtx files from memory to fields.
func (c *benchEngineCmd) eventLogs(ctx context.Context, s std) error {
	files, err := logfile.Find([]string{c.Evtx})
	if err != nil {
		return err
	}
	var logs [][]byte
	for _, f := range files {
		if f.Entry == "" && strings.EqualFold(filepath.Ext(f.Path), ".evtx") {
			data, err := os.ReadFile(f.Path)
			if err != nil {
				return err
			}
			logs = append(logs, data)
		}
	}
	if len(logs) == 0 {
		return fault.New(fault.Invalid, "bench: no .evtx file below %s", c.Evtx)
	}
	var reader evtx.Reader
	pass := func() int {
		records := 0
		for _, data := range logs {
			if reader.Reset(bytes.NewReader(data), int64(len(data))) != nil {
				continue // no event log
			}
			for {
				// An error is of this record or of the rest: the end comes either way.
				if _, err := reader.Next(); err != nil {
					break
				}
				records++
			}
		}
		return records
	}
	pass()
	r, err := c.measure(ctx, pass)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%-42s %8.0f records/s  (%s)\n", "event logs to fields", r.rate, r)
	return nil
}

// hunts hunts through the event logs on all cores: in this process, which has the
// rules in memory, and as the command that people type.
func (c *benchEngineCmd) hunts(ctx context.Context, s std) error {
	set, err := c.compile(false)
	if err != nil {
		return err
	}
	files, err := logfile.Find([]string{c.Evtx})
	if err != nil {
		return err
	}
	var stats hunt.Stats
	warm, err := medianOf(huntTries, func() (err error) {
		stats, err = hunt.Run(ctx, files, hunt.Options{Rules: set}, func(*hunt.Finding) error { return nil })
		return err
	})
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"hunt", "--quiet", "--no-starter", "-o", "ndjson"}
	for _, dir := range c.Rules {
		args = append(args, "--rules", dir)
	}
	whole, err := medianOf(huntTries, func() error {
		err := exec.CommandContext(ctx, self, append(args, c.Evtx)...).Run()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && (exit.ExitCode() == exitFound || exit.ExitCode() == exitInvalid) {
			return nil // found something, or met a damaged file
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%-42s %8.2f s  (%d events, %d findings, all cores)\n", "hunt in the event logs", warm.Seconds(), stats.Events, stats.Findings)
	fmt.Fprintf(s.out, "%-42s %8.2f s\n", "the same with start-up", whole.Seconds())
	return nil
}

// medianOf returns the median time of n runs of f.
func medianOf(n int, f func() error) (time.Duration, error) {
	took := make([]time.Duration, n)
	for i := range took {
		begun := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	return took[n/2], nil
}
