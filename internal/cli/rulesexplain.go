package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/sigma"
)

type rulesExplainCmd struct {
	Rule  string   `arg:"" help:"A rule file, or the id or title of a rule."`
	Event string   `arg:"" help:"FILE:N, the N-th line or record of a log file, counted from 0 as the hunt does; FILE if it holds one event; - for the standard input."`
	Rules []string `help:"Look for the rule here, and for what belongs to it, instead of in the starter pack and the data folder." placeholder:"DIR" sep:"none"`
	Data  string   `help:"Data folder, for the packs installed in it." default:"${data}" type:"path" env:"LACHAN_DATA"`
	ruleOptions
	Output string `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// maxNamed bounds the rules an error message lists.
const maxNamed = 8

// explained is a rule and what it says of the event; a correlation rule says it
// through its parts.
type explained struct {
	Rule        explainedRule      `json:"rule"`
	Matched     bool               `json:"matched"`
	Correlation bool               `json:"correlation,omitempty"`
	Explanation *sigma.Explanation `json:"explanation,omitempty"`
	Parts       []explained        `json:"parts,omitempty"`
}

type explainedRule struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	TitleVi string `json:"title_vi,omitempty"`
	Level   string `json:"level"`
	File    string `json:"file"`
	scope   sigma.LogSource
}

type explainedEvent struct {
	File     string `json:"file"`
	Line     int64  `json:"line"`
	Time     string `json:"time"`
	Host     string `json:"host"`
	Format   string `json:"format,omitempty"`
	Product  string `json:"product,omitempty"`
	Category string `json:"category,omitempty"`
	Service  string `json:"service,omitempty"`
}

// Run explains the rule, or each rule of a file.
func (c *rulesExplainCmd) Run(s std) error {
	set, err := c.load(s)
	if err != nil {
		return err
	}
	rules, err := c.pick(set)
	if err != nil {
		return err
	}
	ev, err := readLogEvent(c.Event, s.in)
	if err != nil {
		return err
	}
	worker := set.NewWorker()
	matched := false
	all := make([]explained, len(rules))
	for i, r := range rules {
		all[i] = explain(worker, r, &ev.Event)
		matched = matched || all[i].Matched
	}
	out := bufio.NewWriter(s.out)
	if c.Output == "json" {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		err = enc.Encode(struct {
			Event explainedEvent `json:"event"`
			Rules []explained    `json:"rules"`
		}{describeEvent(ev), all})
	} else {
		t := explainText{out: out, color: onTerminal(s.out), event: ev}
		for i := range all {
			if i > 0 {
				fmt.Fprintln(out)
			}
			t.rule(&all[i], 0)
		}
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("rules explain: write: %w", err)
	}
	if !matched {
		return errNoMatch
	}
	return nil
}

// load compiles the rule's file, if it names one, before all others: of two
// rules with one id the first is kept. The others bring filters for the rule and
// the rules a correlation builds on.
func (c *rulesExplainCmd) load(s std) (*detect.Set, error) {
	options, err := c.options(s)
	if err != nil {
		return nil, err
	}
	var places []string
	if c.isFile() {
		places = append(places, c.Rule)
	}
	files, err := readRuleDirs(append(places, c.Rules...)...)
	if err != nil {
		return nil, err
	}
	if len(c.Rules) == 0 {
		packs, err := app.ReadPacks(c.Data)
		if err != nil {
			return nil, err
		}
		files = append(files, packs...)
	}
	return detect.Compile(files, options), nil
}

func (c *rulesExplainCmd) isFile() bool {
	info, err := os.Stat(c.Rule)
	return err == nil && info.Mode().IsRegular()
}

// pick finds the rules asked for: those of a file, but for those that a
// correlation of it is made of; or the one of that id or title.
func (c *rulesExplainCmd) pick(set *detect.Set) ([]*detect.Rule, error) {
	if !c.isFile() {
		r, err := c.named(set)
		return []*detect.Rule{r}, err
	}
	var rules []*detect.Rule
	inside := map[*detect.Rule]bool{}
	for _, r := range set.Rules() {
		if r.File == c.Rule {
			rules = append(rules, r)
		}
		for _, p := range r.Parts {
			inside[p.Rule] = inside[p.Rule] || r.File == c.Rule
		}
	}
	rules = slices.DeleteFunc(rules, func(r *detect.Rule) bool { return inside[r] })
	for _, p := range set.Problems() {
		if p.File == c.Rule && p.Severity == sigma.Error {
			return nil, fault.New(fault.Invalid, "%w", p)
		}
	}
	if len(rules) == 0 {
		return nil, fault.New(fault.Invalid, "%s: no rule in it; a filter is explained with a rule it is for", c.Rule)
	}
	return rules, nil
}

// named finds a rule by id or title, else by a part of its title that no other
// rule has.
func (c *rulesExplainCmd) named(set *detect.Set) (*detect.Rule, error) {
	want := strings.ToLower(strings.TrimSpace(c.Rule))
	var exact, similar []*detect.Rule
	for _, r := range set.Rules() {
		names := []string{strings.ToLower(r.ID), strings.ToLower(r.Title), strings.ToLower(r.TitleVi), strings.ToLower(r.Name)}
		if want != "" && slices.Contains(names, want) {
			exact = append(exact, r)
		}
		if want != "" && (strings.Contains(names[1], want) || strings.Contains(names[2], want)) {
			similar = append(similar, r)
		}
	}
	if len(exact) == 0 {
		exact = similar
	}
	switch {
	case len(exact) == 1:
		return exact[0], nil
	case len(exact) > 1:
		text := ""
		for i, r := range exact {
			if i == maxNamed {
				text += fmt.Sprintf("\n  and %d more", len(exact)-i)
				break
			}
			text += fmt.Sprintf("\n  %s  %s", r.ID, oneLine(r.Title, 100))
		}
		return nil, fault.New(fault.Invalid, "%d rules are called like %q; give the id of one:%s", len(exact), c.Rule, text)
	}
	for _, p := range set.Problems() {
		if p.Severity == sigma.Error && strings.EqualFold(p.RuleID, want) {
			return nil, fault.New(fault.Invalid, "%w", p)
		}
	}
	return nil, fault.New(fault.Invalid, "no rule file, and no rule of that id or title among %d: %q; name folders with --rules", len(set.Rules()), c.Rule)
}

func explain(w *detect.Worker, r *detect.Rule, ev *event.Event) explained {
	x := explained{Rule: explainedRule{
		ID: r.ID, Title: r.Title, TitleVi: r.TitleVi, Level: r.EffectiveLevel(), File: filepath.ToSlash(r.File), scope: r.LogSource,
	}}
	if x.Explanation = w.Explain(r, ev); x.Explanation != nil {
		x.Matched = x.Explanation.Matched
		return x
	}
	x.Correlation = true
	for _, p := range r.Parts {
		part := explain(w, p.Rule, ev)
		x.Matched = x.Matched || part.Matched
		x.Parts = append(x.Parts, part)
	}
	return x
}

func describeEvent(ev *logEvent) explainedEvent {
	return explainedEvent{
		File: ev.File, Line: ev.Line, Time: ev.Time.UTC().Format(time.RFC3339Nano), Host: ev.Host, Format: ev.Format,
		Product: ev.Source.Product, Category: ev.Source.Category, Service: ev.Source.Service,
	}
}

// explainText writes explanations for people.
type explainText struct {
	out   io.Writer
	color bool
	event *logEvent
}

// Colours, all with a sign or a word that says the same.
const (
	green  = "\x1b[32m"
	red    = "\x1b[31m"
	bold   = "\x1b[1m"
	marked = "\x1b[30;43m" // black on yellow
	plain  = "\x1b[0m"
)

func (t *explainText) paint(code, text string) string {
	if !t.color {
		return text
	}
	return code + text + plain
}

func (t *explainText) style() sigma.TextStyle {
	style := sigma.TextStyle{Held: "✓", Failed: "✗"}
	if t.color {
		codes := map[sigma.TextRole]string{sigma.TextHeld: green, sigma.TextFailed: red, sigma.TextName: bold, sigma.TextMatched: marked}
		style.Paint = func(role sigma.TextRole, text string) string { return t.paint(codes[role], text) }
	}
	return style
}

func (t *explainText) rule(x *explained, depth int) {
	indent := strings.Repeat("  ", depth)
	title := oneLine(x.Rule.Title, 200)
	if vi := oneLine(x.Rule.TitleVi, 200); vi != "" && vi != title {
		title = vi + " (" + title + ")"
	}
	verdict := t.paint(green, "✓ match")
	switch {
	case !x.Matched && x.Correlation:
		verdict = t.paint(red, "✗ the event counts for none of its rules")
	case !x.Matched:
		verdict = t.paint(red, "✗ no match")
	case x.Correlation:
		verdict = t.paint(green, "✓ the event counts")
	}
	fmt.Fprintf(t.out, "%s%s: %s\n", indent, t.paint(bold, title), verdict)
	fmt.Fprintf(t.out, "%srule:  %s, %s, %s\n", indent, oneLine(x.Rule.ID, 200), x.Rule.Level, oneLine(x.Rule.File, 4096))
	if depth == 0 {
		fmt.Fprintf(t.out, "event: %s:%d, %s, %s, %s\n", oneLine(t.event.File, 4096), t.event.Line,
			t.event.Time.In(vietnam()).Format("2006-01-02 15:04:05"), oneLine(t.event.Host, 200), t.source())
	}
	if x.Correlation {
		fmt.Fprintf(t.out, "%sThis rule looks for a series of events. One event counts for it if it matches one of these rules:\n", indent)
		for i := range x.Parts {
			fmt.Fprintln(t.out)
			t.rule(&x.Parts[i], depth+1)
		}
		return
	}
	if !x.Explanation.InScope {
		fmt.Fprintf(t.out, "%sThis rule would not be tried: it is for log source %s, the event is of %s. Tried all the same:\n",
			indent, oneLine(x.Rule.scope.String(), 200), t.source())
	}
	for line := range strings.Lines(x.Explanation.Tree(t.style())) {
		io.WriteString(t.out, indent+line)
	}
}

// source names the log source the event was taken for, by what decides it.
func (t *explainText) source() string {
	text := sigma.LogSource(t.event.Source).String()
	if text == "" {
		text = "unknown log source"
	}
	for _, name := range []string{"Channel", "EventID"} {
		if v, ok := t.event.Get(name); ok {
			text += ", " + name + " " + oneLine(v, 80)
		}
	}
	return text
}
