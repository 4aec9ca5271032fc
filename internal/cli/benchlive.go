package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/identity"
)

// What the bench of consoles may be at most; a server takes 400 of one address.
const (
	liveMaxConsoles = 400
	liveMaxRounds   = 50
	liveUnits       = 25
	livePerToken    = 20 // streams of one token; a person may have 24
)

type benchLiveCmd struct {
	Consoles  int           `help:"Open consoles, each with a live stream." default:"200"`
	Rounds    int           `help:"How often to measure without and with them, in turn." default:"3"`
	Rate      int           `help:"Events per second, all senders together." default:"10000"`
	Duration  time.Duration `help:"How long to send each time." default:"30s"`
	Rules     []string      `help:"Folders of rules to load besides the starter pack." placeholder:"DIR"`
	Mix       string        `help:"Made-up events, as in bench lake: province, windows, attack, estate." enum:"province,windows,attack,estate" default:"province"`
	Templates string        `help:"Folder with recorded Windows events to vary." env:"LACHAN_TESTDATA" placeholder:"DIR"`
}

// Validate bounds the load; kong calls it.
func (c *benchLiveCmd) Validate() error {
	if c.Consoles < 1 || c.Consoles > liveMaxConsoles {
		return fault.New(fault.Invalid, "--consoles: use 1 to %d", liveMaxConsoles)
	}
	if c.Rounds < 1 || c.Rounds > liveMaxRounds {
		return fault.New(fault.Invalid, "--rounds: use 1 to %d", liveMaxRounds)
	}
	load := c.load()
	return load.Validate()
}

func (c *benchLiveCmd) load() *benchLoadCmd {
	return &benchLoadCmd{
		Units: liveUnits, Sources: 2, Kinds: []string{kindHTTP}, Rate: c.Rate, Duration: c.Duration, Rules: c.Rules, Mix: c.Mix, Templates: c.Templates,
	}
}

// liveFigures are what one measurement found.
type liveFigures struct {
	events      float64
	taken       float64 // events per second
	median, p99 time.Duration
	cpu         time.Duration // of the server
	peak        int64
	told, bytes int64 // messages and bytes that all consoles got
	dropped     int64 // consoles that did not keep up
}

// Run measures a new server each time, without consoles and with them in turn, so
// that what else the machine does meets both.
func (c *benchLiveCmd) Run(ctx context.Context, s std) error {
	events, err := c.load().events()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%-10s %14s %12s %12s %12s %10s %14s %12s %8s\n", "consoles", "taken, 1/s", "median, s", "p99, s", "CPU, s", "peak, MiB", "messages", "sent, MiB", "dropped")
	var figures [2][]liveFigures // without and with
	for range c.Rounds {
		for i, consoles := range []int{0, c.Consoles} {
			f, err := c.once(ctx, events, consoles)
			if err != nil {
				return err
			}
			figures[i] = append(figures[i], f)
			fmt.Fprintf(s.out, "%-10d %14.0f %12.2f %12.2f %12.1f %10d %14d %12.1f %8d\n", consoles, f.taken, f.median.Seconds(), f.p99.Seconds(),
				f.cpu.Seconds(), f.peak>>20, f.told, float64(f.bytes)/(1<<20), f.dropped)
		}
	}
	middle := func(i int, of func(liveFigures) float64) float64 {
		var all []float64
		for _, f := range figures[i] {
			all = append(all, of(f))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	line := func(name string, of func(liveFigures) float64) {
		without, with := middle(0, of), middle(1, of)
		fmt.Fprintf(s.out, "%-28s %10.2f without, %10.2f with: ratio %.3f\n", name, without, with, with/max(without, 1e-9))
	}
	line("taken, events/s", func(f liveFigures) float64 { return f.taken })
	line("searchable, median, s", func(f liveFigures) float64 { return f.median.Seconds() })
	line("searchable, p99, s", func(f liveFigures) float64 { return f.p99.Seconds() })
	line("server's processor time, s", func(f liveFigures) float64 { return f.cpu.Seconds() })
	line("processor time, s/million", func(f liveFigures) float64 { return f.cpu.Seconds() / max(f.events, 1) * 1e6 })
	line("server's peak memory, MiB", func(f liveFigures) float64 { return float64(f.peak >> 20) })
	fmt.Fprintf(s.out, "%-28s %10d events/s for %v, mix %s; median of %d rounds; %d cores, %s\n", "offered", c.Rate, c.Duration, c.Mix, c.Rounds, runtime.NumCPU(), runtime.Version())
	return nil
}

// once measures a server of its own with so many consoles.
func (c *benchLiveCmd) once(ctx context.Context, events loadEventSet, consoles int) (f liveFigures, err error) {
	dir, err := os.MkdirTemp("", "lachan-bench-")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	load := &loadRun{events: events, rate: c.Rate, duration: c.Duration}
	var tokens []string
	setup := benchSetup{rules: c.Rules, prepare: func(ctx context.Context, n *app.Node) error {
		for range (consoles + livePerToken - 1) / livePerToken {
			_, secret, err := n.Identity().Tokens().Create(ctx, identity.NewToken{
				Name: "console", Unit: event.CentreUnit, Scope: identity.ScopeAPI, Role: module.RoleAnalyst,
			})
			if err != nil {
				return err
			}
			tokens = append(tokens, secret)
		}
		return c.load().prepare(load)(ctx, n)
	}}
	server, err := startBenchServer(ctx, dir, setup)
	if err != nil {
		return f, err
	}
	defer server.stop()
	load.bench, load.pid = server, server.cmd.Process.Pid
	open := consoleSet{base: server.remote.base}
	defer open.close()
	for i := range consoles {
		if err := open.add(ctx, tokens[i/livePerToken]); err != nil {
			return f, err
		}
	}
	before := processorTime(load.pid)
	if err := load.run(ctx); err != nil {
		return f, err
	}
	f.cpu = processorTime(load.pid) - before
	f.peak = peakMemory(load.pid)
	f.events = float64(load.taken.Load())
	f.taken = f.events / load.took.Seconds()
	if n := len(load.waits); n > 0 {
		slices.Sort(load.waits)
		f.median, f.p99 = load.waits[n/2], load.waits[n*99/100]
	}
	dropped, err := server.metric(ctx, "lachan_live_dropped_total")
	if err != nil {
		return f, err
	}
	f.dropped = int64(dropped)
	f.told, f.bytes = open.messages.Load(), open.bytes.Load()
	if n := load.failed.Load(); n > 0 {
		return f, errors.Join(fmt.Errorf("bench: %d requests failed", n), ctx.Err())
	}
	return f, nil
}
