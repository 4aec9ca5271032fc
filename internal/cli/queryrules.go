package cli

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/retro"
	"github.com/lachan-vn/lachan/sigma"
)

// lookUp is a search for what rules or indicators find.
func (c *queryCmd) lookUp(ctx context.Context, s std, from, to time.Time) error {
	switch {
	case len(c.Rule) > 0 && c.Indicators != "":
		return fault.New(fault.Invalid, "--rule and --indicators: look for one of the two at a time")
	case c.Query != "":
		return fault.New(fault.Invalid, "a query and --rule or --indicators: leave out one of the two; --from and --to narrow both")
	case c.Server != "":
		return c.lookUpRemote(ctx, s, from, to)
	}
	if err := c.mustExist(); err != nil {
		return err
	}
	o := retro.Options{Scope: lake.ScopeAll(), From: from, To: to, Zone: vietnam(), Samples: c.Limit}
	if c.Indicators != "" {
		list, err := c.readIndicators(s)
		if err != nil {
			return err
		}
		o.Indicators = list
	}
	return c.folder.with(ctx, s, "query", func(n *app.Node) error {
		if err := n.CatchUp(ctx); err != nil {
			return err
		}
		if o.Indicators == nil {
			files, err := readRuleDirs(c.Rule...)
			if err != nil {
				return err
			}
			if o.Rules, o.Wanted, err = n.TryRules(files); err != nil {
				return err
			}
			if err := refusals(s, o.Rules, files, o.Wanted); err != nil {
				return err
			}
		}
		return c.lookUpLocal(ctx, s, n.Store().Lake, o)
	})
}

func (c *queryCmd) readIndicators(s std) (*retro.Indicators, error) {
	text, err := os.ReadFile(c.Indicators)
	if err != nil {
		return nil, fault.New(fault.Invalid, "--indicators: %w", err)
	}
	list, problems, err := retro.ParseIndicators(text)
	for _, p := range problems {
		fmt.Fprintf(s.err, "%s: %v\n", c.Indicators, p)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: %w", c.Indicators, err)
	}
	return list, nil
}

// refusals tells what is wrong with the rules that were given, and is an error if
// none of them is left.
func refusals(s std, set *detect.Set, files []detect.File, ours func(*detect.Rule) bool) error {
	given := map[string]bool{}
	for _, f := range files {
		given[f.Name] = true
	}
	var refused []string
	for _, p := range set.Problems() {
		if !given[p.File] {
			continue
		}
		if p.Severity == sigma.Error {
			refused = append(refused, p.Error())
		} else {
			fmt.Fprintln(s.err, p.Error())
		}
	}
	if slices.ContainsFunc(set.Rules(), ours) {
		for _, text := range refused {
			fmt.Fprintln(s.err, text)
		}
		return nil
	}
	if len(refused) == 0 {
		return fault.New(fault.Invalid, "--rule: no rule in what was given; a filter changes other rules and finds nothing by itself")
	}
	return fault.New(fault.Invalid, "%s", strings.Join(refused, "\n"))
}

func (c *queryCmd) lookUpLocal(ctx context.Context, s std, store *lake.Lake, o retro.Options) error {
	out := bufio.NewWriter(s.out)
	var stream findingWriter
	if c.Output != "table" {
		stream = newFindingWriter(c.Output, out)
		if c.Limit == 0 && !c.Count { // all, as they are found
			o.Found = stream.write
		}
	} else if c.Limit == 0 || c.Limit > maxShown {
		o.Samples = maxShown
	}
	_, _, all := store.Extent(o.Scope, o.From, o.To)
	bar := newProgress(s.err, false, all)
	o.Progress = func(p retro.Progress) {
		done := int64(p.Share * float64(all))
		bar.at(done, done)
	}
	result, err := retro.Run(ctx, store, o)
	bar.end()
	if result == nil {
		return err
	}
	for _, w := range result.Warnings {
		fmt.Fprintln(s.err, "warning:", w)
	}
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(s.err, "interrupted: what follows is what was found until then")
	}
	switch {
	case c.Count:
		fmt.Fprintln(out, result.Findings)
	case stream != nil:
		if o.Found == nil {
			for _, f := range result.Samples {
				err = errors.Join(err, stream.write(f))
			}
		}
		err = errors.Join(err, stream.end())
		summarise(s.err, &o, result)
	default:
		printResult(out, &o, result)
	}
	return errors.Join(err, out.Flush())
}

// maxShown is how many findings a table shows.
const maxShown = 100

// summarise says in a line what a run did.
func summarise(w io.Writer, o *retro.Options, r *retro.Result) {
	var what string
	if o.Indicators != nil {
		what = fmt.Sprintf("%d of %d indicators", len(r.Listed), o.Indicators.Len())
	} else {
		what = fmt.Sprintf("%d of %d rules", len(r.Rules), wantedRules(o))
	}
	fmt.Fprintf(w, "%d findings of %s in %d events (%d looked at closely), %.1f s\n", r.Findings, what, r.Scanned, r.Candidates, r.Took.Seconds())
	if r.Uncorrelated > 0 {
		fmt.Fprintf(w, "warning: %d events were too many for the correlation rules; take a shorter range\n", r.Uncorrelated)
	}
	if r.Truncated > 0 {
		fmt.Fprintf(w, "warning: correlation rules had to forget %d events or groups; take a shorter range\n", r.Truncated)
	}
}

func wantedRules(o *retro.Options) int {
	n := 0
	for _, r := range o.Rules.Rules() {
		if o.Wanted(r) {
			n++
		}
	}
	return n
}

// printResult writes what was found for people.
func printResult(w io.Writer, o *retro.Options, r *retro.Result) {
	summarise(w, o, r)
	if r.Findings == 0 {
		return
	}
	if o.Indicators == nil {
		fmt.Fprintf(w, "about %s alerts a day\n", perDay(r.AlertsADay))
	}
	fmt.Fprintln(w)
	printDays(w, r.Days)
	fmt.Fprintln(w)
	for _, c := range r.Rules {
		title := c.Rule.Title
		if c.Rule.TitleVi != "" {
			title = c.Rule.TitleVi
		}
		fmt.Fprintf(w, "%9d  %-13s %s  (%s)\n", c.Count, c.Rule.EffectiveLevel(), oneLine(title, 100), oneLine(c.Rule.ID, 100))
	}
	for _, c := range r.Listed {
		printIndicator(w, c.Count, string(c.Indicator.Kind), c.Indicator.Value, c.Indicator.Line, c.Indicator.Note)
	}
	fmt.Fprintln(w)
	for _, f := range r.Samples {
		printFinding(w, f)
	}
	if r.Findings > int64(len(r.Samples)) {
		fmt.Fprintf(w, "the newest %d of %d; -o ndjson -n 0 gives all\n", len(r.Samples), r.Findings)
	}
}

func printIndicator(w io.Writer, n int64, kind, value string, line int, note string) {
	text := fmt.Sprintf("%9d  %-8s %s  (line %d)  %s", n, kind, oneLine(value, 120), line, oneLine(note, 80))
	fmt.Fprintln(w, strings.TrimRight(text, " "))
}

func perDay(n float64) string {
	switch {
	case n >= 10:
		return strconv.FormatFloat(n, 'f', 0, 64)
	case n < 0.1:
		return "0.1 or fewer"
	}
	return strconv.FormatFloat(n, 'f', 1, 64)
}

func printFinding(w io.Writer, f *retro.Finding) {
	at := f.At().In(vietnam()).Format("2006-01-02 15:04:05.000")
	if f.Series != nil {
		s := f.Series.Series
		fmt.Fprintf(w, "%s  %-16s %s events, %s, since %s\n", at, oneLine(f.Series.EntityValue, 16), strconv.FormatFloat(s.Value, 'f', -1, 64),
			oneLine(f.Rules[0].Title, 80), s.First.In(vietnam()).Format("15:04:05"))
		return
	}
	fmt.Fprintf(w, "%s  %-16s %s\n", at, oneLine(f.Row.Host, 16), oneLine(f.Row.Raw, 300))
	for _, hit := range f.Indicators {
		where := hit.Field
		if where == "" {
			where = "the record"
		}
		fmt.Fprintf(w, "    %s in %s: %s\n", oneLine(hit.Indicator.Value, 120), oneLine(where, 60), oneLine(hit.Value, 200))
	}
}

// What the chart of days shows.
const (
	chartWidth = 40
	chartRows  = 62
)

// printDays draws a bar for each day between the first and the last; of very many,
// for those with findings only.
func printDays(w io.Writer, days []retro.Day) {
	most := int64(1)
	for _, d := range days {
		most = max(most, d.Count)
	}
	line := func(date time.Time, n int64) {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%s %9d  %s", date.Format(time.DateOnly), n, barOf(n, most, chartWidth)), " "))
	}
	first, last := days[0].Date, days[len(days)-1].Date
	if last.Sub(first) < chartRows*24*time.Hour {
		at := 0
		for date := first; !date.After(last); date = date.AddDate(0, 0, 1) {
			n := int64(0)
			if days[at].Date.Equal(date) {
				n, at = days[at].Count, at+1
			}
			line(date, n)
		}
		return
	}
	shown := days[max(len(days)-chartRows, 0):]
	if n := len(days) - len(shown); n > 0 {
		fmt.Fprintf(w, "%d earlier days\n", n)
	}
	for _, d := range shown {
		line(d.Date, d.Count)
	}
}

// barOf draws n of most as a bar of eighths of a character; anything is seen.
func barOf(n, most int64, width int) string {
	eighths := int(float64(n) / float64(most) * float64(width) * 8)
	if n > 0 {
		eighths = max(eighths, 1)
	}
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return bar
}

// findingWriter writes findings for programs.
type findingWriter interface {
	write(f *retro.Finding) error
	end() error
}

func newFindingWriter(format string, w io.Writer) findingWriter {
	if format == "csv" {
		return &findingCSV{out: csv.NewWriter(w)}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &findingJSON{enc}
}

// foundLine is a finding on the wire, described in docs/format/retro.md.
type foundLine struct {
	Time       string            `json:"time"`
	Rules      []findingRule     `json:"rules,omitempty"`
	Indicators []findingHit      `json:"indicators,omitempty"`
	Event      *module.EventView `json:"event,omitempty"`
	Series     *findingSeries    `json:"series,omitempty"`
}

type findingRule struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Level string `json:"level"`
}

type findingHit struct {
	Line  int    `json:"line"`
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Note  string `json:"note,omitempty"`
	Field string `json:"field"`
	Found string `json:"found"`
}

type findingSeries struct {
	Unit   string            `json:"unit"`
	Value  float64           `json:"value"`
	First  string            `json:"first"`
	Last   string            `json:"last"`
	Group  map[string]string `json:"group"`
	Events []string          `json:"events"`
}

const machineTime = "2006-01-02T15:04:05.000Z"

func newFoundLine(f *retro.Finding) foundLine {
	out := foundLine{Time: f.At().UTC().Format(machineTime)}
	for _, r := range f.Rules {
		out.Rules = append(out.Rules, findingRule{r.ID, r.Title, r.EffectiveLevel()})
	}
	for _, h := range f.Indicators {
		in := h.Indicator
		out.Indicators = append(out.Indicators, findingHit{in.Line, string(in.Kind), in.Value, in.Note, h.Field, h.Value})
	}
	if f.Series == nil {
		v := module.NewEventView(f.Row)
		out.Event = &v
		return out
	}
	s := f.Series.Series
	out.Series = &findingSeries{
		Unit: string(f.Series.Unit), Value: s.Value, First: s.First.UTC().Format(machineTime), Last: s.Last.UTC().Format(machineTime),
		Group: map[string]string{}, Events: s.Events,
	}
	for _, g := range s.Group {
		out.Series.Group[g.Name] = g.Value
	}
	return out
}

type findingJSON struct{ enc *json.Encoder }

func (w *findingJSON) write(f *retro.Finding) error { return w.enc.Encode(newFoundLine(f)) }
func (w *findingJSON) end() error                   { return nil }

type findingCSV struct {
	out    *csv.Writer
	headed bool
}

var findingColumns = []string{"time", "unit", "host", "event", "rules", "titles", "indicators", "fields", "raw"}

func (w *findingCSV) write(f *retro.Finding) error {
	if !w.headed {
		w.headed = true
		if err := w.out.Write(findingColumns); err != nil {
			return err
		}
	}
	l := newFoundLine(f)
	var ids, titles, values, fields []string
	for _, r := range l.Rules {
		ids, titles = append(ids, r.ID), append(titles, r.Title)
	}
	for _, h := range l.Indicators {
		values, fields = append(values, h.Value), append(fields, h.Field)
	}
	row := []string{l.Time, "", "", "", strings.Join(ids, " "), strings.Join(titles, "; "), strings.Join(values, " "), strings.Join(fields, " "), ""}
	if l.Event != nil {
		row[1], row[2], row[3], row[8] = string(l.Event.Unit), l.Event.Host, l.Event.ID, l.Event.Raw
	} else {
		row[1], row[3] = l.Series.Unit, strings.Join(l.Series.Events, " ")
	}
	for i, cell := range row {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			row[i] = "'" + cell // or a spreadsheet would take it for a formula
		}
	}
	return w.out.Write(row)
}

func (w *findingCSV) end() error {
	w.out.Flush()
	return w.out.Error()
}
