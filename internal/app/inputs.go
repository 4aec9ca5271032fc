package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

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

// listening is how long the inputs get to open their ports at the start. One that
// does not is retried by its supervisor; the node starts all the same.
const listening = 3 * time.Second

// readier is an input that says when it listens.
type readier interface{ Ready() <-chan struct{} }

func (n *Node) addInputs() { n.life.inputs(n.o.ConfigFile, n.inputs, n.fair, n.inputEnv) }

// inputs adds a part that opens every input, supervises it, and waits until those
// that can tell listen.
func (l *lifecycle) inputs(file string, sections []inputSection, out input.Sink, makeEnv func() input.Env) {
	var wg sync.WaitGroup
	var cancel context.CancelFunc
	l.add(part{
		name:   "inputs",
		within: 1500 * time.Millisecond,
		start: func(ctx context.Context) error {
			var run context.Context
			run, cancel = context.WithCancel(context.WithoutCancel(ctx))
			var waitFor []readier
			env := makeEnv()
			for i := range sections {
				s := &sections[i]
				in, err := s.kind.Open(file, &s.settings, env)
				if err != nil {
					cancel()
					wg.Wait()
					return fmt.Errorf("%s: %w", s.name, err)
				}
				if r, ok := in.(readier); ok {
					waitFor = append(waitFor, r)
				}
				wg.Go(func() { input.Supervise(run, s.name, in, out, env) })
			}
			deadline := time.After(listening)
			for _, r := range waitFor {
				select {
				case <-r.Ready():
				case <-deadline:
					l.log.Warn("an input does not listen yet; it is tried again")
					return nil
				case <-ctx.Done():
				}
			}
			return nil
		},
		stop: func(ctx context.Context) error {
			cancel()
			done := make(chan struct{})
			go func() {
				defer close(done)
				wg.Wait()
			}()
			select {
			case <-done:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		},
	})
}
