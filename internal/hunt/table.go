package hunt

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
)

// TableOptions say how the table is drawn.
type TableOptions struct {
	Zone  *time.Location
	Color bool
	Top   int // rules, hosts and techniques of the summary; 0: all
}

// colors of the levels on a terminal.
var colors = [levelCount]string{"\x1b[2m", "\x1b[36m", "\x1b[33m", "\x1b[31m", "\x1b[1;97;41m"}

const (
	hostWidth  = 24
	titleWidth = 64
	spans      = 60
)

// Table writes the timeline and the summary for a terminal.
func Table(w io.Writer, s *Summary, stats Stats, o TableOptions) error {
	out := bufio.NewWriter(w)
	findings, left := s.Timeline()
	for _, f := range findings {
		place := fmt.Sprintf("%s:%d", f.File, f.Line)
		if f.Record != "" {
			place += " #" + f.Record
		}
		if f.Series != nil {
			place = fmt.Sprintf("%d events since %s, the last at %s", len(f.Series.Events), shortTime(f.Series.First, o.Zone), place)
		}
		fmt.Fprintf(out, "%s  %s  %-*s  %-*s  %-9s  %s\n", shortTime(f.Time, o.Zone), o.level(f.Level),
			hostWidth, oneLine(f.Host, hostWidth), titleWidth, oneLine(shownTitle(f.Rule), titleWidth),
			first(Techniques(f.Rule.Tags)), oneLine(place, 4096))
	}
	if left > 0 {
		fmt.Fprintf(out, "… and %d findings more, none graver than these; -o ndjson writes all\n", left)
	}
	if len(findings) > 0 {
		fmt.Fprintln(out)
	}
	writeSummary(out, s, stats, o)
	return out.Flush()
}

// WriteSummary writes only the summary.
func WriteSummary(w io.Writer, s *Summary, stats Stats, o TableOptions) error {
	out := bufio.NewWriter(w)
	writeSummary(out, s, stats, o)
	return out.Flush()
}

func writeSummary(out io.Writer, s *Summary, stats Stats, o TableOptions) {
	if s.Total() > 0 {
		if s.keep > 0 {
			fmt.Fprintf(out, "%s |%s| %s\n", shortTime(s.First, o.Zone), sparkline(s.Histogram(spans)), shortTime(s.Last, o.Zone))
		}
		for l := Critical; l >= Informational; l-- {
			if s.Levels[l] > 0 {
				fmt.Fprintf(out, "%s %d   ", strings.TrimSpace(o.level(l)), s.Levels[l])
			}
		}
		fmt.Fprintln(out)
		rules := s.Rules()
		fmt.Fprintf(out, "\nRules (%d)\n", len(rules))
		for _, r := range top(rules, o.Top) {
			fmt.Fprintf(out, "%8d  %s  %s  %s\n", r.Findings, o.level(r.Level), oneLine(shownTitle(r.Rule), titleWidth+16), r.Rule.ID)
		}
		more(out, len(rules), o.Top)
		hosts := s.Hosts()
		fmt.Fprintf(out, "\nHosts (%d)\n", len(hosts))
		for _, h := range top(hosts, o.Top) {
			fmt.Fprintf(out, "%8d  %-*s  critical %d, high %d, medium %d, low %d, informational %d\n", h.Findings, hostWidth, oneLine(h.Host, 64),
				h.Levels[Critical], h.Levels[High], h.Levels[Medium], h.Levels[Low], h.Levels[Informational])
		}
		more(out, len(hosts), o.Top)
		if techniques := s.Techniques(); len(techniques) > 0 {
			fmt.Fprintf(out, "\nATT&CK techniques (%d)\n", len(techniques))
			for _, t := range top(techniques, o.Top) {
				fmt.Fprintf(out, "%8d  %-9s  %s\n", t.Findings, t.ID, strings.Join(t.Tactics, ", "))
			}
			more(out, len(techniques), o.Top)
		}
		fmt.Fprintln(out)
	}
	if stats.Partial {
		fmt.Fprint(out, "interrupted, so far: ")
	}
	fmt.Fprintf(out, "%d findings in %d events of %d files", s.Total(), stats.Events, stats.Files)
	for _, part := range []struct {
		n    int64
		text string
	}{
		{stats.Outside, "events outside the time asked for"}, {stats.Unparsed, "events of no known format"},
		{stats.Damaged, "records cut or damaged"}, {int64(stats.Passed), "files that are no logs"},
		{stats.Uncorrelated, "hits beyond what correlation rules can hold"}, {stats.Truncated, "events that correlation rules had to forget"},
		{stats.Ungrouped, "hits without a field that a correlation rule needs"},
		{int64(len(stats.Broken)), "files could not be read to the end"},
	} {
		if part.n > 0 {
			fmt.Fprintf(out, "; %d %s", part.n, part.text)
		}
	}
	fmt.Fprintln(out)
}

func (o TableOptions) level(l Level) string {
	text := fmt.Sprintf("%-13s", l)
	if !o.Color {
		return text
	}
	return colors[l] + text + "\x1b[0m"
}

func first(texts []string) string {
	if len(texts) == 0 {
		return "-"
	}
	return texts[0]
}

func top[T any](all []T, n int) []T {
	if n > 0 && len(all) > n {
		return all[:n]
	}
	return all
}

func more(out io.Writer, all, shown int) {
	if shown > 0 && all > shown {
		fmt.Fprintf(out, "          … and %d more\n", all-shown)
	}
}

// sparkline draws counts as bars of eight heights; anything but zero is seen.
func sparkline(counts []int64) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	highest := int64(1)
	for _, n := range counts {
		highest = max(highest, n)
	}
	var b strings.Builder
	for _, n := range counts {
		if n == 0 {
			b.WriteRune(' ')
			continue
		}
		b.WriteRune(bars[(n*int64(len(bars))-1)/highest])
	}
	return b.String()
}

// shownTitle is the rule's title in Vietnamese where it has one.
func shownTitle(r *detect.Rule) string { return cmp.Or(r.TitleVi, r.Title) }
