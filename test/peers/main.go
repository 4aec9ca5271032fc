// Command peers races our rule engine against other Sigma engines for Go, in
// one process, on one core, in alternating rounds, JSON parsing included for
// everybody, and holds what each of them finds against the same truth.
//
// It is a module of its own, so that what it races never becomes a dependency
// of the product. README.md tells how each engine is driven and why. It is run
// from the project's folder: make bench-peers.
//
// Start reading at race (race.go), then at the engines: ours.go, sigmago.go and
// sigmalite.go.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 3, "alternating rounds; the median counts")
	sample := flag.Int("events", 2000, "events a peer gets in a scoped round, spread evenly over the set")
	unscoped := flag.Int("unscoped-events", 120, "the same where every rule is tried on every event; 0 skips that race")
	data := flag.String("data", dataDir(), "folder of the test data")
	flag.Parse()
	if _, err := os.Stat(filepath.Join(*data, "sigma", "rules")); err != nil {
		fmt.Println("skipped: the test data is not here; set LACHAN_TESTDATA to its folder")
		return
	}
	if err := run(*data, *rounds, *sample, *unscoped); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func dataDir() string {
	if dir := os.Getenv("LACHAN_TESTDATA"); dir != "" {
		return dir
	}
	return filepath.Join("..", "shared", "data")
}

func run(data string, rounds, sample, unscoped int) error {
	runtime.GOMAXPROCS(1)
	rules, err := readRules(filepath.Join(data, "sigma", "rules"))
	if err != nil {
		return err
	}
	attack, err := readSet(data, "windows-attack")
	if err != nil {
		return err
	}
	estate, err := readSet(data, "windows-estate")
	if err != nil {
		return err
	}
	races := []race{
		{set: attack, events: sample, target: 200},
		{set: estate, events: sample, target: 80},
	}
	if unscoped > 0 {
		races = append(races, race{set: attack, events: unscoped, unscoped: true}, race{set: estate, events: unscoped, unscoped: true})
	}
	fmt.Printf("%d rule files, 1 core, JSON parsing included, median of %d alternating rounds, events per second of processor time\n", len(rules), rounds)
	if absent != "" {
		fmt.Println(absent)
	}
	wrong := whole(attack, rules)
	for _, r := range races {
		results, err := r.run(rules, rounds)
		if err != nil {
			return err
		}
		if err := report(r, results); err != nil {
			wrong = err
		}
	}
	return wrong
}

// whole holds ours against every event of the set, of which a race takes a sample.
func whole(set *eventSet, rules []ruleFile) error {
	r := race{set: set, events: len(set.lines)}
	if !r.independent() {
		return nil
	}
	ours, _ := loadOurs(rules, newScoper(rules))
	right, missed, extra := r.compare(r.pairs(ours), nil)
	fmt.Printf("%s, all %d events: ours finds %d pairs right, misses %d, finds %d too many\n", set.name, len(set.lines), right, missed, extra)
	if missed+extra > 0 {
		return fmt.Errorf("%s: ours does not find what it should", set.name)
	}
	return nil
}

// report prints one race. It fails where ours did not find exactly the truth: a
// speed without it is worth nothing.
func report(r race, results []result) error {
	ours := results[0]
	fmt.Printf("\n%s, %s: %d events a round of a peer\n", r.set.name, r.scoping(), len(r.sample()))
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "engine\trules\tfailed\tload\tevents/s\tmin..max\tallocs/event\tours is faster\tright\tmissed\textra\terrors\n")
	for i, res := range results {
		ratio := "-"
		if i > 0 {
			ratio = fmt.Sprintf("%.0fx", times(ours.speeds, res.speeds))
			if r.target > 0 {
				ratio += fmt.Sprintf(" (target %dx)", r.target)
			}
		}
		right, missed, extra := r.compare(res.pairs, ours.pairs)
		fmt.Fprintf(w, "%s\t%d\t%d\t%v\t%.0f\t%.0f..%.0f\t%.1f\t%s\t%d\t%d\t%d\t%d\n", res.name, res.loaded, res.failed, res.load.Round(10*time.Millisecond),
			median(res.speeds), slices.Min(res.speeds), slices.Max(res.speeds), res.allocs, ratio, right, missed, extra, res.errors)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Println("right, missed, extra: " + r.truth())
	if _, missed, extra := r.compare(ours.pairs, ours.pairs); missed+extra > 0 {
		return fmt.Errorf("%s, %s: ours missed %d pairs and found %d too many", r.set.name, r.scoping(), missed, extra)
	}
	return nil
}

// times is how many times faster ours was: the median of the rounds, because
// what is measured side by side has the same neighbours.
func times(ours, theirs []float64) float64 {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ours[i] / theirs[i]
	}
	return median(ratios)
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}
