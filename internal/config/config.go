// Package config reads the one strict YAML tree of a node.
//
// Each package owns its own Config type, with defaults and a Validate; app puts
// them together into one struct and hands it to [Load]. A key nobody knows is
// refused with its line and the nearest key that exists, because a misspelt
// setting that is silently ignored is how a centre loses its logs. Values that
// must not be shown are of type [Secret] and print as "***"; sizes are [Size]
// ("512MiB"), durations are time.Duration ("90s").
//
// Tables that come with the product are read as strictly, by [LoadFS].
//
// Start reading at Load.
package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Load reads the YAML file at path over into, which holds the defaults. A
// missing file is an error: a node without configuration does not call Load.
// Errors are fault.Invalid and start with path:line.
func Load(path string, into any) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return fault.New(fault.Invalid, "configuration: %w", err)
	}
	return Decode(path, src, into)
}

// LoadFS is [Load] of a file that is shipped, or that stands in place of one. An empty
// file is an error, too: it would replace a table by nothing.
func LoadFS(files fs.FS, name string, into any) error {
	src, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(src)) == 0 {
		return fault.New(fault.Invalid, "%s: the file is empty", name)
	}
	return decode(name, src, into, "the shipped file")
}

// Decode is Load on bytes; name stands for the file in errors.
func Decode(name string, src []byte, into any) error { return decode(name, src, into, manual) }

// manual is where the keys of a configuration stand.
const manual = "`lachan serve --help` and docs/operate/config.md"

// decode reads the one document of src; see is where its keys stand.
func decode(name string, src []byte, into any, see string) error {
	dec := yaml.NewDecoder(bytes.NewReader(src))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return explain(name, err, into, see)
	}
	var more yaml.Node
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "%s:%d: a second YAML document; put everything in one", name, max(more.Line, 1))
	}
	return nil
}

// DecodeSection is [Decode] for one part of the tree that is decoded later by
// its owner; lines are those of the whole file.
func DecodeSection(name string, node *yaml.Node, into any) error {
	if node == nil || node.Kind == 0 {
		return nil
	}
	if err := refuseUnknown(name, node, reflect.TypeOf(into)); err != nil {
		return err
	}
	if err := node.Decode(into); err != nil {
		return explain(name, err, into, manual)
	}
	return nil
}

var (
	unknownKey = regexp.MustCompile(`^line (\d+): field (\S+) not found in type`)
	atLine     = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
)

func explain(name string, err error, into any, see string) error {
	lines := []string{err.Error()}
	if te, ok := errors.AsType[*yaml.TypeError](err); ok {
		lines = te.Errors
	}
	var all []error
	for _, l := range lines {
		switch m := unknownKey.FindStringSubmatch(l); {
		case m != nil:
			n, _ := strconv.Atoi(m[1])
			all = append(all, unknown(name, n, m[2], knownKeys(reflect.TypeOf(into)), see))
		default:
			if m := atLine.FindStringSubmatch(l); m != nil {
				all = append(all, fault.New(fault.Invalid, "%s:%s: %s", name, m[1], m[2]))
			} else {
				all = append(all, fault.New(fault.Invalid, "%s: %s", name, l))
			}
		}
	}
	return errors.Join(all...)
}

func unknown(name string, line int, key string, known map[string]bool, see string) error {
	if near := nearest(key, known); near != "" {
		return fault.New(fault.Invalid, "%s:%d: unknown key %q; did you mean %q?", name, line, key, near).OnField(key)
	}
	return fault.New(fault.Invalid, "%s:%d: unknown key %q; see %s", name, line, key, see).OnField(key)
}

// refuseUnknown does for a yaml.Node what KnownFields does for a decoder, which
// node.Decode cannot be told to do.
func refuseUnknown(name string, node *yaml.Node, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case node.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for _, c := range node.Content {
			if err := refuseUnknown(name, c, t.Elem()); err != nil {
				return err
			}
		}
	case node.Kind == yaml.MappingNode && t.Kind() == reflect.Struct && !implementsUnmarshaler(t):
		fields := fieldsOf(t)
		known := map[string]bool{}
		for k := range fields {
			known[k] = true
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			ft, ok := fields[key.Value]
			if !ok {
				return unknown(name, key.Line, key.Value, known, manual)
			}
			if err := refuseUnknown(name, node.Content[i+1], ft); err != nil {
				return err
			}
		}
	}
	return nil
}

func implementsUnmarshaler(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.Unmarshaler]())
}

// fieldsOf maps the YAML keys of a struct to their types, inlined ones included.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		tag, opts, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case tag == "-":
		case strings.Contains(opts, "inline"):
			for k, v := range fieldsOf(f.Type) {
				out[k] = v
			}
		case tag == "":
			out[strings.ToLower(f.Name)] = f.Type
		default:
			out[tag] = f.Type
		}
	}
	return out
}

func knownKeys(t reflect.Type) map[string]bool {
	out := map[string]bool{}
	collectKeys(t, out, 0)
	return out
}

func collectKeys(t reflect.Type, out map[string]bool, depth int) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || depth > 8 {
		return
	}
	for k, ft := range fieldsOf(t) {
		out[k] = true
		collectKeys(ft, out, depth+1)
	}
}

// nearest returns the known key at most two edits away, "" if there is none.
func nearest(key string, known map[string]bool) string {
	best, bestDist := "", 3
	for k := range known {
		if d := editDistance(key, k); d < bestDist || d == bestDist && k < best {
			best, bestDist = k, d
		}
	}
	return best
}

func editDistance(a, b string) int {
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range len(a) {
		cur[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			cur[j+1] = min(prev[j]+cost, prev[j+1]+1, cur[j]+1)
		}
		prev, cur = cur, prev
	}
	return prev[len(b)]
}
