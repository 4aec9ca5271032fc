package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

type benchCmd struct {
	Node   benchNodeCmd   `cmd:"" default:"withargs" help:"A whole server: events per second from input to searchable."`
	Engine benchEngineCmd `cmd:"" help:"Rules alone: load, memory, events per second and core, event logs, hunt."`
	Load   benchLoadCmd   `cmd:"" help:"A province: many units, each with several senders, at a steady rate; one of them may flood."`
	Live   benchLiveCmd   `cmd:"" help:"Open consoles: whether two hundred of them slow the taking of events, without and with them in turn."`
	Lake   benchLakeCmd   `cmd:"" help:"The store: fill it with made-up events of a province, then ask what analysts ask."`
}

type benchNodeCmd struct {
	Rules     []string `help:"Folders of rules to load besides the starter pack." placeholder:"DIR"`
	Input     string   `help:"NDJSON file to send again and again; default: made-up events of a province." type:"existingfile" placeholder:"FILE"`
	Mix       string   `help:"Made-up events, as in bench lake: province, windows, attack, estate." enum:"province,windows,attack,estate" default:"windows"`
	Templates string   `help:"Folder with recorded Windows events to vary." env:"LACHAN_TESTDATA" placeholder:"DIR"`
	Protocol  string   `name:"input-protocol" help:"http, or syslog: over TCP, each message behind its length." enum:"http,syslog" default:"http"`
	Search    bool     `help:"Search all the while."`
	Events    int      `help:"How many events to send." default:"1000000"`
	Senders   int      `help:"Connections." default:"4"`
	Keep      bool     `help:"Keep the data folder."`
}

// Run starts a server of its own on a new folder, sends the events over loopback,
// waits until the last is searchable, and prints what it took.
func (c *benchNodeCmd) Run(ctx context.Context, s std) error {
	payloads, err := c.payloads()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "lachan-bench-")
	if err != nil {
		return err
	}
	if !c.Keep {
		defer os.RemoveAll(dir)
	}
	server, err := startBenchServer(ctx, dir, benchSetup{rules: c.Rules})
	if err != nil {
		return err
	}
	defer server.stop()
	cpuIdle := processorTime(server.cmd.Process.Pid)
	allocsIdle, err := server.allocations(ctx)
	if err != nil {
		return err
	}
	searching, endSearch := context.WithCancel(ctx)
	defer endSearch()
	var load searchLoad
	searched := make(chan error, 1)
	if c.Search {
		go func() { searched <- load.run(searching, server) }()
	} else {
		searched <- nil
	}
	begun := time.Now()
	sent, err := c.send(ctx, server, payloads)
	if err != nil {
		return err
	}
	accepted := time.Since(begun)
	if sent.last > 0 {
		r := &remoteImport{remote: server.remote, accepted: int64(sent.events), first: 1, last: sent.last}
		_, err = r.Wait(ctx)
	} else {
		err = server.stored(ctx, float64(sent.events))
	}
	if err != nil {
		return err
	}
	took := time.Since(begun)
	cpu := processorTime(server.cmd.Process.Pid) - cpuIdle
	endSearch()
	if err := <-searched; err != nil {
		return err
	}
	allocs, err := server.allocations(ctx)
	if err != nil {
		return err
	}
	median, worst, err := server.freshness(ctx)
	if err != nil {
		return err
	}
	peak := peakMemory(server.cmd.Process.Pid)
	fmt.Fprintf(s.out, "start-up                    %8.2f s\n", server.startup.Seconds())
	fmt.Fprintf(s.out, "events                      %8d  (%s)\n", sent.events, c.source())
	fmt.Fprintf(s.out, "%-27s %8.0f events/s\n", c.acceptance(), float64(sent.events)/accepted.Seconds())
	fmt.Fprintf(s.out, "searchable, end to end      %8.0f events/s\n", float64(sent.events)/took.Seconds())
	fmt.Fprintf(s.out, "processor time              %8.1f s per million events\n", cpu.Seconds()/float64(sent.events)*1e6)
	fmt.Fprintf(s.out, "allocations                 %8.1f per event\n", (allocs-allocsIdle)/float64(sent.events))
	fmt.Fprintf(s.out, "accepted to searchable      %8.2f s median, %.2f s worst of %d single events\n", median.Seconds(), worst.Seconds(), freshnessTries)
	fmt.Fprintf(s.out, "peak memory                 %8d MiB\n", peak>>20)
	fmt.Fprintf(s.out, "machine                     %8d cores, %s\n", runtime.NumCPU(), runtime.Version())
	if c.Search {
		fmt.Fprintf(s.out, "searches meanwhile          %8d, %.2f s median, %.2f s worst, %d refused\n", len(load.took), load.took[len(load.took)/2].Seconds(), load.took[len(load.took)-1].Seconds(), load.busy)
	}
	if c.Keep {
		fmt.Fprintf(s.out, "data folder                 %s\n", dir)
	}
	return nil
}

func (c *benchNodeCmd) source() string {
	if c.Input == "" {
		return "mix " + c.Mix + ", " + c.Protocol
	}
	return filepath.Base(c.Input) + ", " + c.Protocol
}

// acceptance says what accepted means: syslog acknowledges nothing.
func (c *benchNodeCmd) acceptance() string {
	if c.Protocol == "syslog" {
		return "taken by the socket"
	}
	return "accepted (on disk)"
}
