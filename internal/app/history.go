package app

import (
	"bytes"
	"context"
	"regexp"
	"slices"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/rule"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/retro"
	"github.com/lachan-vn/lachan/sigma"
)

// Rules that are not in force are compiled as they would be if they were: with the
// pipelines and placeholders of the configuration and the filters that are
// installed; a correlation rule also with all rules it may build on.

var (
	filterKey      = regexp.MustCompile(`(?m)^\{?["']?filter["']?\s*:`)
	correlationKey = regexp.MustCompile(`(?m)^\{?["']?correlation["']?\s*:`)
)

// Try compiles rule files that are not in force, and tells their rules from those
// they need. Rules without which the files' are complete are not among them.
func (b *rulebook) Try(files []detect.File) (set *detect.Set, ours func(*detect.Rule) bool, err error) {
	installed, err := b.config.readAll(b.installed)
	if err != nil {
		return nil, nil, err
	}
	all := slices.ContainsFunc(files, func(f detect.File) bool { return correlationKey.Match(f.Data) })
	names := map[string]bool{}
	for _, f := range files {
		names[f.Name] = true
	}
	with := slices.Clone(files)
	for _, f := range installed {
		same := func(g detect.File) bool { return bytes.Equal(g.Data, f.Data) } // an installed rule may be tried, too
		if !names[f.Name] && (all || filterKey.Match(f.Data)) && !slices.ContainsFunc(files, same) {
			with = append(with, f)
		}
	}
	pipelines, _, err := ReadPipelines(b.config.Pipelines)
	if err != nil {
		return nil, nil, err
	}
	set = detect.Compile(with, detect.Options{
		Mapping: sigma.DefaultMapping(), Placeholders: b.config.Placeholders, Pipelines: pipelines, Each: OnAllCores,
	})
	// What a correlation of the files builds on is there for it only.
	inside := map[*detect.Rule]bool{}
	for _, r := range set.Rules() {
		for _, p := range r.Parts {
			inside[p.Rule] = inside[p.Rule] || names[r.File]
		}
	}
	return set, func(r *detect.Rule) bool { return names[r.File] && !(r.Silent && inside[r]) }, nil
}

// TryRules is what a command needs to look for the rules of files in the store.
func (n *Node) TryRules(files []detect.File) (*detect.Set, func(*detect.Rule) bool, error) {
	return n.rules.Try(files)
}

// history runs rules over the store for the module of rules, whose sibling retro is.
type history struct {
	lake  *lake.Lake
	rules *rulebook
}

// triedFile is how problems of a text call it.
const triedFile = "rule.yml"

// Try implements [rule.History].
func (h *history) Try(ctx context.Context, t rule.Trial, progress func(share float64, found int64)) (*rule.TrialResult, error) {
	o := retro.Options{
		Scope: t.Scope, From: t.From, To: t.To, Zone: query.Zone, Samples: t.Samples,
		Progress: func(p retro.Progress) { progress(p.Share, p.Findings) },
	}
	out := &rule.TrialResult{}
	switch {
	case t.Indicators != "":
		list, problems, err := retro.ParseIndicators([]byte(t.Indicators))
		if err != nil {
			return nil, err
		}
		o.Indicators = list
		for _, p := range problems {
			out.Problems = append(out.Problems, rule.TrialProblem{Line: p.Line, Reason: p.Reason, Remedy: p.Remedy})
		}
	case t.RuleID != "":
		set, _ := h.rules.Current()
		r := set.Rule(t.RuleID)
		if r == nil {
			return nil, fault.New(fault.NotFound, "no such rule is loaded").WithCode("rule.unknown")
		}
		o.Rules, o.Wanted = set, func(x *detect.Rule) bool { return x == r }
	default:
		set, ours, err := h.rules.Try([]detect.File{{Name: triedFile, Pack: "local", Data: []byte(t.Text)}})
		if err != nil {
			return nil, err
		}
		for _, p := range set.Problems() {
			if p.File == triedFile {
				out.Problems = append(out.Problems, rule.TrialProblem{Line: p.Line, Column: p.Column, Reason: p.Reason, Remedy: p.Remedy, Refused: p.Severity == sigma.Error})
			}
		}
		if !slices.ContainsFunc(set.Rules(), ours) {
			return out, nil
		}
		o.Rules, o.Wanted = set, ours
	}
	result, err := retro.Run(ctx, h.lake, o)
	if err != nil {
		return nil, err
	}
	h.fill(out, &o, result)
	return out, nil
}

func (h *history) fill(out *rule.TrialResult, o *retro.Options, r *retro.Result) {
	out.Findings, out.AlertsADay, out.SpanDays = r.Findings, r.AlertsADay, r.SpanDays
	out.Scanned, out.Candidates, out.Took, out.Warnings = r.Scanned, r.Candidates, r.Took, r.Warnings
	out.Uncorrelated = r.Uncorrelated
	for _, d := range r.Days {
		out.Days = append(out.Days, rule.TrialDay{Date: d.Date, Count: d.Count})
	}
	for _, c := range r.Rules {
		out.Rules = append(out.Rules, rule.TrialCount{ID: c.Rule.ID, Title: c.Rule.Title, TitleVi: c.Rule.TitleVi, Level: c.Rule.EffectiveLevel(), Count: c.Count})
	}
	for _, c := range r.Listed {
		in := c.Indicator
		out.Indicators = append(out.Indicators, rule.TrialIndicator{Line: in.Line, Kind: string(in.Kind), Value: in.Value, Note: in.Note, Count: c.Count})
	}
	var worker *detect.Worker
	if o.Rules != nil {
		worker = o.Rules.NewWorker()
	}
	for _, f := range r.Samples {
		out.Samples = append(out.Samples, sampleOf(f, worker))
	}
}

// sampleOf shows a finding, with the parts of values that rules matched.
func sampleOf(f *retro.Finding, worker *detect.Worker) rule.TrialSample {
	out := rule.TrialSample{Time: f.At(), Row: f.Row}
	for _, r := range f.Rules {
		out.Rules = append(out.Rules, r.ID)
	}
	if f.Series != nil {
		s := f.Series.Series
		out.Series = &rule.TrialSeries{Unit: f.Series.Unit, Value: s.Value, First: s.First, Last: s.Last, Group: s.Group, Events: s.Events}
		return out
	}
	spans := make([][]sigma.Span, len(f.Event.Fields))
	mark := func(name, value string, more []sigma.Span) {
		for i := range f.Event.Fields {
			if x := &f.Event.Fields[i]; x.Name == name && x.Value == value {
				if len(more) == 0 {
					more = []sigma.Span{{Start: 0, End: len(value)}}
				}
				spans[i] = append(spans[i], more...)
			}
		}
	}
	for _, r := range f.Rules {
		if x := worker.Explain(r, f.Event); x != nil {
			for _, hit := range x.Fields {
				mark(hit.Name, hit.Value, hit.Spans)
			}
		}
	}
	for _, hit := range f.Indicators {
		mark(hit.Field, hit.Value, nil)
		out.Indicators = append(out.Indicators, hit.Indicator.Value)
	}
	for i := range f.Event.Fields {
		x := &f.Event.Fields[i]
		out.Fields = append(out.Fields, rule.TrialField{
			Name: x.Name, Value: x.Value, Null: x.Kind == event.Null, Matched: len(spans[i]) > 0, Ranges: module.Ranges(x.Value, spans[i]),
		})
	}
	return out
}

var _ rule.History = (*history)(nil)
