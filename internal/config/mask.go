package config

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/fault"
)

// secretKey are names of settings whose type is not known here, those of an
// input for instance, that are not shown: too much is masked rather than too
// little.
var secretKey = regexp.MustCompile(`(?i)(password|passphrase|secret|token|credential|^key$|^url$|dsn)`)

// Mask returns the YAML text of a configuration of into's type with every
// [Secret] as "***", comments and all, and how many it masked.
func Mask(src []byte, into any) (out []byte, masked int, err error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return nil, 0, fault.New(fault.Invalid, "configuration: %w", err)
	}
	if doc.Kind == 0 {
		return src, 0, nil
	}
	masked = mask(&doc, reflect.TypeOf(into))
	if masked == 0 {
		return src, 0, nil
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(&doc), enc.Close()); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, fault.New(fault.Internal, "configuration: %w", err)
	}
	return b.Bytes(), masked, nil
}

var (
	secretType = reflect.TypeFor[Secret]()
	nodeType   = reflect.TypeFor[yaml.Node]()
)

// mask masks below n, whose Go type is t; nil: not known.
func mask(n *yaml.Node, t reflect.Type) (masked int) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nodeType {
		t = nil
	}
	switch n.Kind {
	case yaml.DocumentNode:
		for _, c := range n.Content {
			masked += mask(c, t)
		}
	case yaml.SequenceNode:
		var of reflect.Type
		if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
			of = t.Elem()
		}
		for _, c := range n.Content {
			masked += mask(c, of)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			of := memberType(t, key.Value)
			if of == secretType || of == nil && secretKey.MatchString(key.Value) {
				masked += hide(value)
			} else {
				masked += mask(value, of)
			}
		}
	}
	return masked
}

func memberType(t reflect.Type, key string) reflect.Type {
	switch {
	case t == nil:
		return nil
	case t.Kind() == reflect.Map:
		return t.Elem()
	case t.Kind() == reflect.Struct:
		return fieldsOf(t)[key]
	}
	return nil
}

// hide replaces every scalar below n that says something.
func hide(n *yaml.Node) (masked int) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		for _, c := range n.Content {
			masked += hide(c)
		}
		return masked
	}
	if n.Value == "" {
		return 0
	}
	n.SetString(Secret(n.Value).String())
	return 1
}
