package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/sigma"
)

type rulesCheckCmd struct {
	Paths []string `arg:"" optional:"" name:"path" help:"Folders or rule files."`
	ruleOptions
	Only        []string `help:"Report only these checks." placeholder:"CHECK"`
	Skip        []string `help:"Do not report these checks." placeholder:"CHECK"`
	MinSeverity string   `help:"Report from here up: suggestion, warning or error." enum:"suggestion,warning,error" default:"suggestion"`
	Strict      bool     `help:"Fail on warnings too."`
	Output      string   `short:"o" help:"text, json or sarif." enum:"text,json,sarif" default:"text"`
	Quiet       bool     `short:"q" help:"Only the summary."`
	ListChecks  bool     `help:"List the checks and what they find, and look at nothing."`
}

// ruleReport is what a check of rules found.
type ruleReport struct {
	Files       int           `json:"files"`
	Rules       int           `json:"rules"` // loaded
	Refused     int           `json:"refused"`
	Warnings    int           `json:"warnings"`
	Suggestions int           `json:"suggestions"`
	Problems    []ruleProblem `json:"problems"`

	took time.Duration
}

type ruleProblem struct {
	Check    string `json:"check"`
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	RuleID   string `json:"rule_id,omitempty"`
	Reason   string `json:"reason"`
	Remedy   string `json:"remedy,omitempty"`
}

// Run loads the rules exactly as a server would, and lints them.
func (c *rulesCheckCmd) Run(s std) error {
	if c.ListChecks {
		return listChecks(s.out)
	}
	if len(c.Paths) == 0 {
		return fault.New(fault.Invalid, "rules check: name a folder or a rule file")
	}
	for _, name := range slices.Concat(c.Only, c.Skip) {
		if !slices.ContainsFunc(sigma.Checks(), func(k sigma.Check) bool { return k.Name == name }) {
			return fault.New(fault.Invalid, "rules check: there is no check %q; --list-checks lists them", name)
		}
	}
	report, err := c.check(s)
	if err != nil {
		return err
	}
	switch c.Output {
	case "json":
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(report)
	case "sarif":
		err = report.sarif(s.out)
	default:
		err = report.text(s.out, c.Quiet)
	}
	if err == nil && (report.Refused > 0 || c.Strict && report.Warnings > 0) {
		return errRefused
	}
	return err
}

func (c *rulesCheckCmd) check(s std) (*ruleReport, error) {
	o, err := c.options(s)
	if err != nil {
		return nil, err
	}
	files, err := readRuleDirs(c.Paths...)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	set := detect.Compile(files, o)
	texts := make([]sigma.RuleFile, len(files))
	for i, f := range files {
		texts[i] = sigma.RuleFile{Name: f.Name, Data: f.Data}
	}
	problems := sigma.Lint(texts, sigma.LintOptions{
		Options: sigma.Options{Placeholders: o.Placeholders, Pipelines: o.Pipelines, Each: o.Each}, Mapping: o.Mapping,
	})
	report := &ruleReport{Files: len(files), Rules: len(set.Rules()), Refused: set.Refused(), Problems: []ruleProblem{}, took: time.Since(begun)}
	for _, p := range withRefusals(problems, set.Problems()) {
		report.add(p, c.wants(p))
	}
	return report, nil
}

// withRefusals adds what the product refuses and the library does not.
func withRefusals(problems, loading []sigma.Problem) []sigma.Problem {
	for _, p := range loading {
		if p.Severity == sigma.Error && !slices.ContainsFunc(problems, func(q sigma.Problem) bool {
			return q.Severity == sigma.Error && q.File == p.File && q.Line == p.Line
		}) {
			problems = append(problems, p)
		}
	}
	return problems
}

func (c *rulesCheckCmd) wants(p sigma.Problem) bool {
	least := map[string]sigma.Severity{"error": sigma.Error, "warning": sigma.Warning}
	if most, ok := least[c.MinSeverity]; ok && p.Severity > most {
		return false
	}
	return (len(c.Only) == 0 || slices.Contains(c.Only, p.Check)) && !slices.Contains(c.Skip, p.Check)
}

// add counts a problem and keeps it if it is wanted. Refusals are counted where
// the rules are loaded: they fail the check whatever was asked for.
func (r *ruleReport) add(p sigma.Problem, wanted bool) {
	if !wanted {
		return
	}
	switch p.Severity {
	case sigma.Warning:
		r.Warnings++
	case sigma.Suggestion:
		r.Suggestions++
	}
	check := p.Check
	if check == "" {
		check = sigma.CheckSpecification
	}
	r.Problems = append(r.Problems, ruleProblem{
		Check: check, Severity: p.Severity.String(), File: p.File, Line: p.Line, Column: p.Column,
		RuleID: p.RuleID, Reason: p.Reason, Remedy: p.Remedy,
	})
}

// text writes the problems of each file under its name, how many there are of
// each check, and the summary.
func (r *ruleReport) text(w io.Writer, quiet bool) error {
	if !quiet {
		for start := 0; start < len(r.Problems); {
			end := start + 1
			for end < len(r.Problems) && r.Problems[end].File == r.Problems[start].File {
				end++
			}
			writeProblems(w, r.Problems[start:end])
			start = end
		}
		r.writeCounts(w)
	}
	_, err := fmt.Fprintf(w, "%d files: %d rules loaded, %d refused, %d warnings, %d suggestions, in %v\n",
		r.Files, r.Rules, r.Refused, r.Warnings, r.Suggestions, r.took.Round(time.Millisecond))
	return err
}

func writeProblems(w io.Writer, problems []ruleProblem) {
	fmt.Fprintln(w, problems[0].File)
	places := make([]string, len(problems))
	widest := 0
	for i, p := range problems {
		places[i] = fmt.Sprintf("%d:%d", p.Line, p.Column)
		if p.Line == 0 {
			places[i] = "-"
		}
		widest = max(widest, len(places[i]))
	}
	for i, p := range problems {
		fmt.Fprintf(w, "  %-*s  %-10s  %s", widest, places[i], p.Severity, p.Reason)
		if p.Remedy != "" {
			fmt.Fprintf(w, "; %s", p.Remedy)
		}
		fmt.Fprintf(w, "  [%s]\n", p.Check)
	}
	fmt.Fprintln(w)
}

// writeCounts says how many problems each check found, the gravest first.
func (r *ruleReport) writeCounts(w io.Writer) {
	count := map[string]int{}
	for _, p := range r.Problems {
		count[p.Check]++
	}
	if len(count) < 2 {
		return
	}
	for _, k := range sigma.Checks() {
		if n := count[k.Name]; n > 0 {
			fmt.Fprintf(w, "%6d  %-10s  %s\n", n, k.Severity, k.Name)
		}
	}
}

func listChecks(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, k := range sigma.Checks() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", k.Name, k.Severity, k.About)
	}
	return t.Flush()
}

// sarif writes the report in the static analysis results interchange format
// 2.1.0, which code review tools read.
func (r *ruleReport) sarif(w io.Writer) error {
	levels := map[string]string{"error": "error", "warning": "warning", "suggestion": "note"}
	type object = map[string]any
	var rules []object
	index := map[string]int{}
	for i, k := range sigma.Checks() {
		index[k.Name] = i
		rules = append(rules, object{
			"id": k.Name, "shortDescription": object{"text": k.About},
			"defaultConfiguration": object{"level": levels[k.Severity.String()]},
		})
	}
	results := []object{}
	for _, p := range r.Problems {
		place := object{"artifactLocation": object{"uri": fileURI(p.File)}}
		if p.Line > 0 {
			place["region"] = object{"startLine": p.Line, "startColumn": max(p.Column, 1)}
		}
		message := p.Reason
		if p.Remedy != "" {
			message += "; " + p.Remedy
		}
		results = append(results, object{
			"ruleId": p.Check, "ruleIndex": index[p.Check], "level": levels[p.Severity], "message": object{"text": message},
			"locations": []object{{"physicalLocation": place}},
		})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []object{{
			"tool":       object{"driver": object{"name": "lachan", "version": version, "rules": rules}},
			"columnKind": "unicodeCodePoints", "results": results,
		}},
	})
}

// fileURI writes a relative path as a relative reference, and an absolute one as
// a file address.
func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}
