package sigma

import (
	"cmp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// RuleFile is the text of a file of rules.
type RuleFile struct {
	Name string // shown in problems
	Data []byte
}

// LintOptions say what rules are checked against.
type LintOptions struct {
	// Options are those the rules will be compiled with.
	Options
	// Mapping tells which log sources events can be of. The zero Mapping
	// knows none, and log sources are not checked.
	Mapping Mapping
	// Only, if not empty, lists the checks to report; Skip those not to.
	Only, Skip []string
}

// Lint reads rule files the way Parse and Compile do and reports what they
// report, and besides whatever an author would want to know: conditions that
// can never hold, parts that change nothing, rules that are there twice,
// fields that are missing, values that do not mean what they seem to. What a
// check finds and how severe it is stands in Checks.
//
// The files are looked at together, as one set. The problems come in the order
// of the files and of the lines in them. Reasoning about conditions is exact
// in what it reports, but it does not find everything: it takes a field to have
// one value in an event, and looks no further than MaxLintSteps steps a rule.
func Lint(files []RuleFile, o LintOptions) []Problem {
	l := &linter{opts: &o, docs: map[*Rule]*yaml.Node{}, order: map[string]int{}, many: map[string]bool{}}
	rules := l.read(files)
	l.loads(rules)
	found := make([][]Problem, len(rules))
	o.each(len(rules), func(i int) {
		one := &linter{opts: l.opts, docs: l.docs, many: l.many, loaded: l.loaded, rule: rules[i]}
		one.metadata()
		one.values()
		one.logic()
		found[i] = one.problems
	})
	for _, problems := range found {
		l.problems = append(l.problems, problems...)
	}
	l.set(rules)
	return l.result()
}

type linter struct {
	opts     *LintOptions
	docs     map[*Rule]*yaml.Node
	order    map[string]int  // by file name
	many     map[string]bool // files with several rules
	loaded   map[*Rule]*Rule // rules that load, as the pipelines made them
	exprs    map[*Rule]*expr // of detection rules among them
	problems []Problem

	rule  *Rule // the one being looked at
	steps int   // of reasoning left for it
}

func (l *linter) read(files []RuleFile) []*Rule {
	parsers := make([]*ruleParser, len(files))
	docs := make([][]*yaml.Node, len(files))
	l.opts.each(len(files), func(i int) {
		parsers[i] = &ruleParser{file: files[i].Name, parsed: func(_ *Rule, doc *yaml.Node) { docs[i] = append(docs[i], doc) }}
		parsers[i].parse(files[i].Data)
	})
	var rules []*Rule
	for i, p := range parsers {
		l.order[p.file] = i
		l.problems = append(l.problems, p.problems...)
		l.many[p.file] = len(p.rules) > 1
		rules = append(rules, p.rules...)
		for n, r := range p.rules {
			l.docs[r] = docs[i][n]
		}
	}
	return rules
}

// loads does what Compile does but for the index.
func (l *linter) loads(rules []*Rule) {
	c := &compiler{opts: &l.opts.Options, intern: map[string]*predicate{}, ids: map[string]*Rule{}}
	rules = c.process(rules)
	c.addFilters(rules)
	for _, r := range rules {
		if !r.IsFilter() && !r.IsCorrelation() {
			c.rule(r)
		}
	}
	set := c.correlate(rules, l.opts.Mapping)
	l.problems = append(l.problems, c.problems...)
	l.loaded, l.exprs = map[*Rule]*Rule{}, map[*Rule]*expr{}
	load := func(r *Rule) { l.loaded[r.AsWritten()] = r }
	for _, r := range c.rules {
		load(r.rule)
		l.exprs[r.rule] = r.expr
	}
	for _, f := range c.filters {
		load(f)
	}
	for _, n := range set.nodes {
		load(n.rule)
	}
}

// report notes a problem of the rule being looked at.
func (l *linter) report(check string, where position, remedy, format string, args ...any) {
	l.problems = append(l.problems, failf(where, remedy, format, args...).as(check).problem(l.rule, severityOf(check)))
}

// wanted reports whether the caller asked for a check.
func (l *linter) wanted(check string) bool {
	return (len(l.opts.Only) == 0 || slices.Contains(l.opts.Only, check)) && !slices.Contains(l.opts.Skip, check)
}

func (l *linter) result() []Problem {
	out := slices.DeleteFunc(l.problems, func(p Problem) bool { return !l.wanted(p.Check) })
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(l.order[a.File], l.order[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return out
}

// key returns the place of a top-level key and its value, or the rule's place
// and nil.
func (l *linter) key(name string) (position, *yaml.Node) {
	if doc := l.docs[l.rule]; doc != nil {
		if k, v := mapEntry(doc, name); k != nil {
			return at(k), v
		}
	}
	return position{l.rule.Line, 1}, nil
}

// mapEntry finds a key of a map.
func mapEntry(n *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}
