package sigma

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Pipeline is a processing pipeline: steps that fit rules to the events of a
// place, for example by giving fields other names. It is immutable after
// ParsePipeline and may be used by any number of rulesets.
//
// The format is pySigma's, and so are the meanings, except where a choice of
// pySigma widens or breaks a rule; docs/format/pipeline.md lists what is
// supported and each difference. Pipelines are applied by Compile, each rule on
// a private copy, as one long list of steps in the order of their priorities.
type Pipeline struct {
	Name     string
	Priority int    // lower ones first, equal ones in the order they are given in
	File     string // as given to ParsePipeline

	vars  map[string][]string
	steps []*step
}

// step is one entry of a pipeline's transformations. In pySigma's words it is a
// processing item; here an item is a line of a detection.
type step struct {
	id    string
	where string // for problems of rules: file and line of the pipeline

	ruleLogic  logic
	ruleTests  []ruleTest
	itemLogic  logic
	itemTests  []itemTest
	fieldLogic logic
	fieldTests []fieldTest

	apply func(*processing, *step) *fail
}

// Limits on pipelines, and on what they make of one rule. Growth is bounded by
// MaxValues, MaxTextBytes and MaxExprNodes, too.
const (
	MaxPipelineBytes  = 4 << 20     // one pipeline file
	MaxPipelineSteps  = 2_000       // of one pipeline, nested ones counted
	MaxPipelineNests  = 8           // steps of type nest within each other
	MaxProcessedItems = 20_000      // lines of one rule's detection after all pipelines
	MaxFieldNameBytes = 1_024       // of a field name that a pipeline makes
	maxProcessingWork = 500_000_000 // bytes times instructions of the regular expressions run over one rule
)

// ParsePipeline reads a pipeline file. file is only used to name the place of a
// problem. The pipeline is nil if there is a problem that is not a warning.
// Nothing unknown is ignored: a pipeline that is half understood would change
// rules in ways nobody meant.
func ParsePipeline(src []byte, file string) (*Pipeline, []Problem) {
	p := &pipelineParser{
		pipeline: &Pipeline{File: file, vars: map[string][]string{}},
		tree:     &yamlTree{}, instructions: MaxRegexTotal,
	}
	if f := p.document(src); f != nil {
		p.report(f, Error)
	}
	if slices.ContainsFunc(p.problems, func(p Problem) bool { return p.Severity == Error }) {
		return nil, p.problems
	}
	return p.pipeline, p.problems
}

type pipelineParser struct {
	pipeline     *Pipeline
	tree         *yamlTree
	problems     []Problem
	steps        int
	instructions int // of regular expressions, still allowed
}

func (p *pipelineParser) report(f *fail, s Severity) {
	p.problems = append(p.problems, Problem{Severity: s, File: p.pipeline.File, Line: f.at.line, Column: f.at.column, Reason: f.reason, Remedy: f.remedy})
}

func (p *pipelineParser) warn(at position, remedy, format string, args ...any) {
	p.report(failf(at, remedy, format, args...), Warning)
}

func (p *pipelineParser) document(src []byte) *fail {
	switch {
	case len(src) > MaxPipelineBytes:
		return failf(position{}, "split the file", "the file has more than %d bytes", MaxPipelineBytes)
	case !utf8.Valid(src):
		return failf(position{line: badLine(src), column: 1}, "save the file as UTF-8", "the file is not UTF-8")
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return failf(position{line: 1, column: 1}, "write transformations: with a list of steps", "the file is empty")
	}
	if err == nil {
		if err = dec.Decode(&second); err == nil {
			return failf(at(&second), "put it into a file of its own", "the file has more than one document")
		}
	}
	if !errors.Is(err, io.EOF) {
		return badYAML(err)
	}
	n := doc.Content[0]
	if n.Kind != yaml.MappingNode {
		return failf(at(n), "write transformations: with a list of steps", "the pipeline is not a map")
	}
	pairs, f := p.tree.pairs(n)
	if f != nil {
		return f
	}
	for _, kv := range pairs {
		if f := p.key(kv); f != nil {
			return f
		}
	}
	return nil
}

func (p *pipelineParser) key(kv pair) *fail {
	switch kv.key {
	case "name":
		if kv.value.Kind != yaml.ScalarNode {
			return failf(at(kv.value), "write plain text", "name is not plain text")
		}
		p.pipeline.Name = kv.value.Value
	case "priority":
		n, err := strconv.Atoi(kv.value.Value)
		if err != nil || kv.value.Kind != yaml.ScalarNode {
			return failf(at(kv.value), "write a whole number, for example 20", "priority is not a whole number")
		}
		p.pipeline.Priority = n
	case "allowed_backends":
		if _, f := p.texts(kv.key, kv.value); f != nil {
			return f
		}
	case "vars":
		return p.vars(kv)
	case "transformations":
		steps, f := p.parseSteps(kv.value, 0)
		p.pipeline.steps = steps
		return f
	case "postprocessing", "finalizers":
		if len(kv.value.Content) > 0 {
			p.warn(kv.at, "remove it, or leave it to other tools", "%s changes the text of queries; rules are evaluated here without any, so it has no effect", kv.key)
		}
	default:
		return failf(kv.at, "use name, priority, vars, allowed_backends or transformations", "unknown key %q in the pipeline", kv.key)
	}
	return nil
}

// vars reads the values that value_placeholders puts in.
func (p *pipelineParser) vars(kv pair) *fail {
	if kv.value.Kind != yaml.MappingNode {
		return failf(at(kv.value), "write name: [value, …] under it", "vars is not a map")
	}
	pairs, f := p.tree.pairs(kv.value)
	if f != nil {
		return f
	}
	for _, v := range pairs {
		list, f := p.texts("the variable "+v.key, v.value)
		if f != nil {
			return f
		}
		if len(list) == 0 {
			return failf(v.at, "give it a value or remove it", "the variable %q has no values", v.key)
		}
		p.pipeline.vars[v.key] = list
	}
	return nil
}

// texts reads a text or a list of texts. Numbers count as text.
func (p *pipelineParser) texts(what string, n *yaml.Node) ([]string, *fail) {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	out := make([]string, 0, len(list))
	for _, c := range list {
		c, f := p.tree.resolve(c)
		if f != nil {
			return nil, f
		}
		if c.Kind != yaml.ScalarNode || c.ShortTag() == "!!null" {
			return nil, failf(at(c), "write a text or a list of texts", "%s has a value that is not plain text", what)
		}
		if len(c.Value) > MaxValueBytes {
			return nil, failf(at(c), "shorten it", "a value has more than %d bytes", MaxValueBytes)
		}
		out = append(out, c.Value)
	}
	return out, nil
}

// parseSteps reads a list of steps. Each faulty one is reported, so that one run
// names all of them.
func (p *pipelineParser) parseSteps(n *yaml.Node, depth int) ([]*step, *fail) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil, nil
	}
	if n.Kind != yaml.SequenceNode {
		return nil, failf(at(n), "write a list of steps, each with a type", "the transformations are not a list")
	}
	var steps []*step
	for _, c := range n.Content {
		c, f := p.tree.resolve(c)
		if f != nil {
			return nil, f
		}
		if p.steps++; p.steps > MaxPipelineSteps {
			return nil, failf(at(c), "split the pipeline", "the pipeline has more than %d steps", MaxPipelineSteps)
		}
		s, f := p.parseStep(c, depth)
		if f != nil {
			p.report(f, Error)
			continue
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func (p *pipelineParser) parseStep(n *yaml.Node, depth int) (*step, *fail) {
	a, f := p.arguments(n, "a step", "transformation")
	if f != nil {
		return nil, f
	}
	s := &step{where: p.place(a.at)}
	if s.id, f = a.text("id", false); f != nil {
		return nil, f
	}
	if f := p.parseConditions(a, s); f != nil {
		return nil, f
	}
	kind := a.kind
	row := findTransformation(kind)
	switch {
	case row == nil && refusedTransformations[kind] != "":
		return nil, failf(a.at, "remove the step", "the transformation %s cannot be used here: %s", kind, refusedTransformations[kind])
	case row == nil:
		return nil, failf(a.at, "use one of: "+transformationNames(), "unknown transformation %q", kind)
	}
	if len(s.itemTests) > 0 && row.scope == onRule {
		return nil, failf(a.at, "use rule_conditions", "%s is about the whole rule and has no detection_item_conditions", kind)
	}
	if len(s.fieldTests) > 0 && row.scope == onRule {
		return nil, failf(a.at, "use rule_conditions", "%s is about the whole rule and has no field_name_conditions", kind)
	}
	a.depth = depth
	if s.apply, f = row.parse(a); f != nil {
		return nil, f
	}
	return s, a.done()
}

func (p *pipelineParser) place(at position) string {
	if p.pipeline.File == "" {
		return "line " + strconv.Itoa(at.line) + " of the pipeline"
	}
	return p.pipeline.File + ":" + strconv.Itoa(at.line)
}

// pipelineSteps is what several pipelines come to: one list of steps and one
// set of variables, of which later pipelines replace those of the same name.
type pipelineSteps struct {
	steps []*step
	vars  map[string][]string
}

func joinPipelines(list []*Pipeline) pipelineSteps {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *Pipeline) int { return cmp.Compare(a.Priority, b.Priority) })
	out := pipelineSteps{vars: map[string][]string{}}
	for _, p := range list {
		out.steps = append(out.steps, p.steps...)
		maps.Copy(out.vars, p.vars)
	}
	return out
}
