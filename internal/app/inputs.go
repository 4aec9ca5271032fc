package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// inputSection is one entry of `inputs`: which kind, and that kind's settings.
type inputSection struct {
	kind     input.Kind
	name     string // "syslog-1": in logs and metrics
	settings yaml.Node
}

// readInputs tells the kinds apart and has each check its settings.
func readInputs(file string, nodes []yaml.Node) ([]inputSection, error) {
	known := map[string]input.Kind{}
	var names []string
	for _, k := range kinds() {
		known[k.Name] = k
		names = append(names, k.Name)
	}
	var sections []inputSection
	var errs []error
	for i := range nodes {
		node := &nodes[i]
		name, settings := takeKind(node)
		kind, ok := known[name]
		if !ok {
			errs = append(errs, fault.New(fault.Invalid, "%s:%d: inputs: unknown kind %q; there are: %s", file, node.Line, name, strings.Join(names, ", ")).OnField("inputs.kind"))
			continue
		}
		if err := kind.Check(file, settings); err != nil {
			errs = append(errs, err)
			continue
		}
		sections = append(sections, inputSection{kind: kind, name: fmt.Sprintf("%s-%d", name, i+1), settings: *settings})
	}
	return sections, errors.Join(errs...)
}

// takeKind splits the key "kind" from the rest of a section.
func takeKind(node *yaml.Node) (string, *yaml.Node) {
	rest := *node
	rest.Content = nil
	kind := ""
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == "kind" {
			kind = node.Content[i+1].Value
			continue
		}
		rest.Content = append(rest.Content, node.Content[i], node.Content[i+1])
	}
	return kind, &rest
}

// runInputs opens every input and supervises it until ctx ends.
func runInputs(ctx context.Context, file string, sections []inputSection, out input.Sink, env input.Env) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := range sections {
		s := &sections[i]
		in, err := s.kind.Open(file, &s.settings, env)
		if err != nil {
			return fmt.Errorf("input %s: %w", s.name, err)
		}
		wg.Go(func() { input.Supervise(ctx, s.name, in, out, env) })
	}
	return nil
}
