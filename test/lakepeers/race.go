package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"
)

type options struct {
	events, days, runs int
	seed               uint64
	templates          string
	dir, bin           string
	only               []string
}

// store is something that takes events and answers questions.
type store interface {
	name() string
	// absent says why it cannot race here, "" if it can.
	absent() string
	// open begins with an empty folder.
	open(ctx context.Context, dir string) error
	// put takes the events of one window.
	put(ctx context.Context, w *window) error
	// settle returns when everything is on disk and its work in the background is
	// done.
	settle(ctx context.Context) error
	// used is the processor time it has used so far; peak its memory.
	used() time.Duration
	peak() int64
	size() (int64, error)
	// ask answers question q with the number that is known; asked is false where
	// it has no way to.
	ask(ctx context.Context, q int) (answer int, asked bool, err error)
	close() error
}

type result struct {
	store     store
	cpu       time.Duration // of taking all events
	clock     time.Duration
	bytes     int64
	peak      int64
	questions []timing
}

type timing struct {
	asked        bool
	best, median time.Duration
	cpu          time.Duration
	wrong        string
}

// race lets one store after the other take all events and answer all questions,
// so that none disturbs another.
func race(ctx context.Context, o options) error {
	c, err := newCorpus(o)
	if err != nil {
		return err
	}
	stores := []store{newOurs(o.bin), newVictoriaLogs(o.bin, true), newVictoriaLogs(o.bin, false), newDuckDB(), newRipgrep()}
	var results []*result
	for _, s := range stores {
		if len(o.only) > 0 && !slices.Contains(o.only, s.name()) {
			continue
		}
		if why := s.absent(); why != "" {
			fmt.Printf("%s is not raced: %s\n", s.name(), why)
			continue
		}
		r, err := measure(ctx, s, c, o)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name(), err)
		}
		results = append(results, r)
	}
	return report(c, results)
}

func measure(ctx context.Context, s store, c *corpus, o options) (r *result, err error) {
	dir := filepath.Join(o.dir, s.name())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close(), os.RemoveAll(dir)) }()
	if err := s.open(ctx, dir); err != nil {
		return nil, err
	}
	r = &result{store: s}
	cpu, begun := s.used(), time.Now()
	if err := c.each(func(w *window) error { return s.put(ctx, w) }); err != nil {
		return nil, err
	}
	r.clock = time.Since(begun)
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	r.cpu = s.used() - cpu
	if r.bytes, err = s.size(); err != nil {
		return nil, err
	}
	for q := range questions {
		r.questions = append(r.questions, pose(ctx, s, q, c, o.runs))
	}
	r.peak = s.peak()
	fmt.Printf("%s is done: %d MiB, %.0f s of processor time\n", s.name(), r.bytes>>20, r.cpu.Seconds())
	return r, ctx.Err()
}

// pose asks one question again and again.
func pose(ctx context.Context, s store, q int, c *corpus, runs int) (t timing) {
	var took []time.Duration
	cpu := s.used()
	for range runs {
		begun := time.Now()
		answer, asked, err := s.ask(ctx, q)
		if !asked {
			return t
		}
		t.asked = true
		took = append(took, time.Since(begun))
		if want := questions[q].want(c); err != nil {
			t.wrong = err.Error()
		} else if answer != want {
			t.wrong = fmt.Sprintf("%d instead of %d", answer, want)
		}
		if t.wrong != "" {
			break
		}
	}
	t.cpu = (s.used() - cpu) / time.Duration(len(took))
	slices.Sort(took)
	t.best, t.median = took[0], took[len(took)/2]
	return t
}

func report(c *corpus, results []*result) error {
	fmt.Printf("\n%d events over %d days, %d bytes of raw records (%.0f each)\n\n", c.truth.Events, c.days, c.truth.RawBytes, float64(c.truth.RawBytes)/float64(c.truth.Events))
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	row := func(what string, cell func(r *result) string) {
		fmt.Fprint(w, what)
		for _, r := range results {
			fmt.Fprint(w, "\t", cell(r))
		}
		fmt.Fprintln(w)
	}
	row("", func(r *result) string { return r.store.name() })
	row("taken in, CPU s per million", func(r *result) string {
		return fmt.Sprintf("%.1f", r.cpu.Seconds()/float64(c.truth.Events)*1e6)
	})
	row("taken in, events/s by the clock", func(r *result) string {
		return fmt.Sprintf("%.0f", float64(c.truth.Events)/r.clock.Seconds())
	})
	row("stored, MiB", func(r *result) string { return fmt.Sprintf("%.1f", float64(r.bytes)/(1<<20)) })
	row("raw to stored", func(r *result) string { return fmt.Sprintf("1:%.1f", float64(c.truth.RawBytes)/float64(r.bytes)) })
	row("peak memory, MiB", func(r *result) string { return fmt.Sprintf("%d", r.peak>>20) })
	wrong := ""
	for q := range questions {
		row(questions[q].name+", ms (CPU ms)", func(r *result) string {
			switch t := r.questions[q]; {
			case !t.asked:
				return "-"
			case t.wrong != "":
				wrong += fmt.Sprintf("%s, %s: %s\n", r.store.name(), questions[q].name, t.wrong)
				return "wrong"
			default:
				return fmt.Sprintf("%.1f (%d)", float64(t.best.Microseconds())/1000, t.cpu.Milliseconds())
			}
		})
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Println("\nquestions: the best answer; processor time on average, in steps of 10 ms")
	if wrong != "" {
		return errors.New("answers that are not the ones known:\n" + wrong)
	}
	return nil
}
