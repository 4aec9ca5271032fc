// Package detect applies detection rules to parsed events and says what they
// found, in words the rest of the product uses.
//
// A [Set] is a compiled world of rules, immutable but for which of them are
// switched off ([Set.Switch]); a reload builds a new Set and swaps it in, so no
// event is ever half seen by two worlds. A [Worker] is one goroutine's scratch over a Set. A [Finding] says which rule fired on which
// event, and about whom: its entity, which alerts are grouped by.
//
// Correlation rules see series of events. A Worker makes a [Hit] of each rule
// that fired and that a correlation refers to; one [Correlator] takes the hits of
// all workers in one order, never mixes two units, and gives a Finding with a
// [Series]. A rule that is only there for correlations ([Rule].Silent) gives no
// finding of its own, but is stored with its events like any other.
//
// An [Exclusion] keeps rules from firing on what a unit has found harmless.
//
// The package is pure. Reading rule files from disk, storing findings and
// grouping them into alerts are other people's work. Detection goes by what
// arrives: an event that claims to be from last year is judged like any other.
//
// Start reading at Compile, for correlations at Correlator.
package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// Finding is one rule that fired on one event. Its strings are safe to keep.
type Finding struct {
	RuleID      string
	RuleHash    string // of the rule's text: its version, see [Rule.Hash]
	Title       string
	TitleVi     string // "" where the rule has no Vietnamese title
	Level       string // informational, low, medium, high, critical
	Tags        []string
	Unit        event.UnitID
	EntityField string // the field the alert is grouped by: "host", "src_ip", …
	EntityValue string
	EventID     event.ID  // of a series, the last one's
	Time        time.Time // of the event, as claimed; of a series, the last one's
	Received    time.Time
	Series      *Series // of a correlation rule; nil for one event
	Drill       string  // the exercise its event was put in by; "" for what is real
}

// File is one rule file.
type File struct {
	Name string // shown in problems
	Pack string // "lachan", "sigmahq", "local": where it came from
	Data []byte
}

// Rule is a loaded rule with what the product adds to Sigma.
type Rule struct {
	*sigma.Rule
	ID      string // the rule's id, or one made from its title where it has none
	Pack    string
	Source  string   // YAML as loaded
	TitleVi string   // lachan.title
	Explain string   // lachan.explanation: what happened and why it matters, in Vietnamese
	Checks  []string // lachan.checks: what to look at first
	Entity  string   // lachan.entity; "" means the host
	Parts   []Part   // of a correlation rule: what it is made of
	Silent  bool     // only there for correlations: no finding of its own
	// Correlated says that a correlation wants the rule's hits: see Worker.Hit.
	Correlated bool
	Text       string // the rule's own YAML, also of a file of several
	Hash       string // SHA-256 of Text, hexadecimal: the version of the rule
	level      string
	off        atomic.Pointer[Off] // for whom it is switched off; nil: nobody
}

// EffectiveLevel is the rule's level, medium where it states none.
func (r *Rule) EffectiveLevel() string { return r.level }

// Set is a compiled world of rules, safe for any number of goroutines.
type Set struct {
	ruleset  *sigma.Ruleset
	rules    []*Rule
	byID     map[string]*Rule
	byRule   map[*sigma.Rule]*Rule
	problems []sigma.Problem

	correlations int
	options      Options
	excluded     exclusions // nil where there are none
}

// Options are passed on to the rule engine.
type Options struct {
	Mapping      sigma.Mapping
	Placeholders map[string][]string
	Pipelines    []*sigma.Pipeline // change the rules before anything else
	Unscoped     bool              // try every rule on every event, whatever its log source
	Off          map[string]*Off   // rules that are switched off, by id
	// Each lends Compile more cores, as sigma.Options.Each does; nil: one.
	Each func(n int, do func(i int))
}

// parseAll parses each file for itself.
func parseAll(files []File, o Options) []parsedFile {
	out := make([]parsedFile, len(files))
	parse := func(i int) { out[i].rules, out[i].problems = sigma.Parse(files[i].Data, files[i].Name) }
	if o.Each != nil {
		o.Each(len(files), parse)
		return out
	}
	for i := range files {
		parse(i)
	}
	return out
}

type parsedFile struct {
	rules    []*sigma.Rule
	problems []sigma.Problem
}

// Compile builds a Set from rule files. A rule that cannot be loaded is left out
// and named in Problems with file, line and reason; the others load. Of two rules
// with one id the first file's is kept.
func Compile(files []File, o Options) *Set {
	s := &Set{byID: map[string]*Rule{}, byRule: map[*sigma.Rule]*Rule{}, options: o}
	var parsed []*sigma.Rule
	for i, in := range parseAll(files, o) {
		f := files[i]
		s.problems = append(s.problems, in.problems...)
		for _, r := range in.rules {
			rule := describe(r, f, len(in.rules))
			if first, dup := s.byID[rule.ID]; dup {
				s.problems = append(s.problems, sigma.Problem{
					Check: "duplicate-id", File: f.Name, Line: r.Line, Column: 1, RuleID: rule.ID,
					Reason: "the id is already used by " + first.File,
					Remedy: "give one of the two a new id",
				})
				continue
			}
			s.byID[rule.ID] = rule
			s.byRule[r] = rule
			parsed = append(parsed, r)
		}
	}
	ruleset, problems := sigma.Compile(parsed, o.Mapping, sigma.Options{
		Placeholders: o.Placeholders, Pipelines: o.Pipelines, Unscoped: o.Unscoped, Each: o.Each,
	})
	s.ruleset = ruleset
	s.problems = append(s.problems, problems...)
	correlations := ruleset.Correlations()
	// A rule that pipelines have changed is another one than was parsed.
	loaded := make(map[*sigma.Rule]*sigma.Rule, len(parsed))
	for _, r := range slices.Concat(ruleset.Rules(), correlations) {
		loaded[r.AsWritten()] = r
	}
	s.rules = make([]*Rule, 0, len(loaded))
	kept := make(map[string]*Rule, len(loaded))
	for _, written := range parsed {
		r := loaded[written]
		if r == nil {
			continue
		}
		rule := s.byRule[written]
		rule.Rule, s.byRule[r] = r, rule
		rule.Silent, rule.Correlated = ruleset.Silent(r), ruleset.Correlated(r)
		s.rules = append(s.rules, rule)
		kept[rule.ID] = rule
	}
	s.byID = kept
	for _, r := range correlations {
		s.byRule[r].Parts = s.parts(r, r.GroupBy())
	}
	s.correlations = len(correlations)
	return s
}

func describe(r *sigma.Rule, f File, inFile int) *Rule {
	rule := &Rule{Rule: r, ID: r.ID, Pack: f.Pack, Source: string(f.Data), level: r.Level}
	rule.Text = rule.Source
	if inFile > 1 {
		rule.Source = "" // a file of several documents shows on no single rule's page
		rule.Text = document(rule.Text, r.Line)
	}
	sum := sha256.Sum256([]byte(rule.Text))
	rule.Hash = hex.EncodeToString(sum[:])
	if rule.ID == "" {
		sum := sha256.Sum256([]byte(r.Title + "\x00" + f.Name))
		rule.ID = "untitled-" + hex.EncodeToString(sum[:8])
	}
	if rule.level == "" {
		rule.level = "medium"
	}
	own, _ := r.Custom["lachan"].(map[string]any)
	rule.TitleVi, _ = own["title"].(string)
	rule.Explain, _ = own["explanation"].(string)
	rule.Entity, _ = own["entity"].(string)
	checks, _ := own["checks"].([]any)
	for _, c := range checks {
		if text, ok := c.(string); ok {
			rule.Checks = append(rule.Checks, text)
		}
	}
	return rule
}

// document returns the YAML document of a file around a line, counted from 1.
func document(file string, line int) string {
	lines := strings.SplitAfter(file, "\n")
	from := min(max(line-1, 0), len(lines))
	to := from
	separates := func(i int) bool { return strings.HasPrefix(lines[i], "---") }
	for from > 0 && !separates(from-1) {
		from--
	}
	for to < len(lines) && (to == from || !separates(to)) {
		to++
	}
	return strings.Join(lines[from:to], "")
}

// Correlations counts the correlation rules among Rules.
func (s *Set) Correlations() int { return s.correlations }

// Rules lists the loaded rules in load order, correlation rules among them. The slice is not to be changed.
func (s *Set) Rules() []*Rule { return s.rules }

// Rule returns the loaded rule of that id, nil if there is none.
func (s *Set) Rule(id string) *Rule { return s.byID[id] }

// Problems lists what was refused or remarked on at load.
func (s *Set) Problems() []sigma.Problem { return s.problems }

// Refused counts the problems that kept a rule out.
func (s *Set) Refused() int {
	n := 0
	for _, p := range s.problems {
		if p.Severity == sigma.Error {
			n++
		}
	}
	return n
}
