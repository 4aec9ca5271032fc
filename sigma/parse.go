package sigma

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var (
	levels    = []string{"informational", "low", "medium", "high", "critical"}
	statuses  = []string{"stable", "test", "experimental", "deprecated", "unsupported"}
	uuidShape = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// Parse reads the detection rules of a YAML file of one or more documents.
// file is only used to name the place of a problem. A document that is not a
// usable rule is reported and left out; the others are returned. Values and
// modifiers are checked later, by Compile.
func Parse(src []byte, file string) ([]*Rule, []Problem) {
	p := &ruleParser{file: file}
	p.parse(src)
	return p.rules, p.problems
}

func (p *ruleParser) parse(src []byte) {
	switch {
	case len(src) > MaxFileBytes:
		p.report(failf(position{}, "split the file", "the file has more than %d bytes", MaxFileBytes), "")
		return
	case !utf8.Valid(src):
		p.report(failf(position{line: badLine(src), column: 1}, "save the file as UTF-8", "the file is not UTF-8").as("yaml"), "")
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	for range MaxDocuments {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			p.report(badYAML(err).as("yaml"), "")
			return
		}
		if len(doc.Content) == 1 {
			p.document(doc.Content[0])
		}
	}
	p.report(failf(position{}, "split the file", "the file has more than %d documents", MaxDocuments), "")
}

func badLine(src []byte) int {
	line := 1
	for len(src) > 0 {
		r, n := utf8.DecodeRune(src)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		src = src[n:]
	}
	return line
}

type ruleParser struct {
	file     string
	rules    []*Rule
	problems []Problem
	parsed   func(r *Rule, doc *yaml.Node) // called for each rule if set, for Lint
	global   *yaml.Node                    // of "action: global", merged into the documents after it
	previous *yaml.Node                    // for "action: repeat"
}

func (p *ruleParser) report(f *fail, id string) {
	p.problems = append(p.problems, f.problem(&Rule{File: p.file, ID: id}, Error))
}

// document handles one YAML document, including the "action" key of older
// rule collections: global adds its keys to all later documents, reset ends
// that, repeat takes the previous document and changes some keys.
func (p *ruleParser) document(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		p.report(failf(at(n), "a rule begins with title:", "the document is not a map"), "")
		return
	}
	switch action := removeKey(n, "action"); action {
	case "":
		if p.global != nil {
			n = overlay(p.global, n, 0)
		}
	case "global":
		p.global = n
		return
	case "reset":
		p.global = nil
		if len(n.Content) == 0 {
			return
		}
	case "repeat":
		if p.previous == nil {
			p.report(failf(at(n), "put it after a rule", "action: repeat has no rule before it"), "")
			return
		}
		n = overlay(p.previous, n, 0)
	default:
		p.report(failf(at(n), "use global, reset or repeat", "unknown action %q", action), "")
		return
	}
	p.previous = n
	p.rule(n)
}

// removeKey takes a key with a plain value out of a map and returns the value.
func removeKey(n *yaml.Node, key string) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i+1].Kind == yaml.ScalarNode {
			value := n.Content[i+1].Value
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return value
		}
	}
	return ""
}

// overlay returns base with the keys of top replaced or added, maps merged.
func overlay(base, top *yaml.Node, depth int) *yaml.Node {
	if base.Kind != yaml.MappingNode || top.Kind != yaml.MappingNode || depth > MaxYAMLDepth {
		return top
	}
	out := *top
	out.Content = nil
	used := map[string]bool{}
	for i := 0; i+1 < len(base.Content); i += 2 {
		k, v := base.Content[i], base.Content[i+1]
		for j := 0; j+1 < len(top.Content); j += 2 {
			if top.Content[j].Value == k.Value {
				v = overlay(v, top.Content[j+1], depth+1)
				used[k.Value] = true
				break
			}
		}
		out.Content = append(out.Content, k, v)
	}
	for j := 0; j+1 < len(top.Content); j += 2 {
		if !used[top.Content[j].Value] {
			out.Content = append(out.Content, top.Content[j], top.Content[j+1])
		}
	}
	return &out
}

func (p *ruleParser) rule(n *yaml.Node) {
	r := &Rule{File: p.file, Line: n.Line}
	b := &ruleBuilder{rule: r, tree: &yamlTree{}}
	f := b.build(n)
	for _, w := range b.warnings {
		p.problems = append(p.problems, w.problem(r, Warning))
	}
	if f != nil {
		p.report(f, r.ID)
		return
	}
	p.rules = append(p.rules, r)
	if p.parsed != nil {
		p.parsed(r, n)
	}
}
