// Command lakepeers races our store against others: the same made-up events of a
// province, the same questions with known answers, one after the other in one
// run.
//
// It is a module of its own, so that what it races never becomes a dependency of
// the product. README.md tells how each peer is had and driven. It is run from the
// project's folder: make bench-peers-lake.
//
// Start reading at race (race.go), then at the stores: ours.go, victorialogs.go,
// duckdb.go and ripgrep.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	var o options
	flag.IntVar(&o.events, "events", 1_000_000, "events to make")
	flag.IntVar(&o.days, "days", 29, "days they spread over, up to today")
	flag.Uint64Var(&o.seed, "seed", 1, "the same seed makes the same events")
	flag.StringVar(&o.templates, "templates", os.Getenv("LACHAN_TESTDATA"), "folder with recorded Windows events to vary; empty: only made-up ones")
	flag.IntVar(&o.runs, "runs", 5, "how often each question is asked")
	flag.StringVar(&o.dir, "dir", "", "working folder, removed at the end; empty: a temporary one")
	flag.StringVar(&o.bin, "bin", "bin", "folder of the binaries that race: lachan, victoria-logs")
	only := flag.String("only", "", "stores to race, by name, with commas; empty: all that are here")
	flag.Parse()
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "lakepeers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "lakepeers-"); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	return race(ctx, o)
}
