package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// document is what the isolation suite reads of the OpenAPI description.
type document struct {
	operations []*operation
	schemas    map[string]any
}

type operation struct {
	id, method, path string // path with its parameters in braces
	action           string
	params           []parameter // all but those of the path
	names            []string    // of the path's parameters, in order
	body             any         // schema of a JSON body
	plain            bool        // takes a body that is no JSON
	stream           bool        // answers with server-sent events
}

type parameter struct {
	name, in string
	required bool
	schema   any
}

// reads tells whether the operation changes nothing that others see.
func (op *operation) reads() bool {
	return op.method == "GET" || strings.HasSuffix(op.action, ".read")
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

func readDocument(t testing.TB, text []byte) *document {
	t.Helper()
	type mediaTypes map[string]struct {
		Schema any `json:"schema"`
	}
	var doc struct {
		Paths map[string]map[string]struct {
			ID         string `json:"operationId"`
			Action     string `json:"x-action"`
			Parameters []struct {
				Name, In string
				Required bool
				Schema   any
			} `json:"parameters"`
			RequestBody struct {
				Content mediaTypes `json:"content"`
			} `json:"requestBody"`
			Responses map[string]struct {
				Content mediaTypes `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	d := &document{schemas: doc.Components.Schemas}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			op := &operation{id: o.ID, method: strings.ToUpper(method), path: path, action: o.Action}
			for _, m := range pathParameter.FindAllStringSubmatch(path, -1) {
				op.names = append(op.names, m[1])
			}
			for _, p := range o.Parameters {
				if p.In != "path" {
					op.params = append(op.params, parameter{p.Name, p.In, p.Required, p.Schema})
				}
			}
			for kind, media := range o.RequestBody.Content {
				if strings.HasSuffix(kind, "json") {
					op.body = media.Schema
				} else {
					op.plain = true
				}
			}
			for _, r := range o.Responses {
				if _, ok := r.Content["text/event-stream"]; ok {
					op.stream = true
				}
			}
			d.operations = append(d.operations, op)
		}
	}
	slices.SortFunc(d.operations, func(a, b *operation) int { return strings.Compare(a.id, b.id) })
	if len(d.operations) < 50 {
		t.Fatalf("only %d operations in the document", len(d.operations))
	}
	return d
}

// schema is one node of a JSON schema, with its reference followed.
type schema struct {
	kind       string // "" where anything goes
	format     string
	enum       []any
	example    any
	minimum    float64
	minLength  int
	minItems   int
	properties map[string]any
	required   []string
	items      any
}

func (d *document) schema(node any) schema {
	m, _ := node.(map[string]any)
	for {
		ref, ok := m["$ref"].(string)
		if !ok {
			break
		}
		m, _ = d.schemas[ref[strings.LastIndexByte(ref, '/')+1:]].(map[string]any)
	}
	var s schema
	switch kind := m["type"].(type) {
	case string:
		s.kind = kind
	case []any:
		s.kind, _ = kind[0].(string)
	}
	s.format, _ = m["format"].(string)
	s.enum, _ = m["enum"].([]any)
	if list, ok := m["examples"].([]any); ok && len(list) > 0 {
		s.example = list[0]
	}
	s.minimum, _ = m["minimum"].(float64)
	minLength, _ := m["minLength"].(float64)
	minItems, _ := m["minItems"].(float64)
	s.minLength, s.minItems = int(minLength), int(minItems)
	s.properties, _ = m["properties"].(map[string]any)
	required, _ := m["required"].([]any)
	for _, r := range required {
		s.required = append(s.required, r.(string))
	}
	s.items = m["items"]
	return s
}

// leaf is a place in a request that takes text of the caller's choice.
type leaf struct {
	in   string   // "query", "header" or "body"
	path []string // names; "0" is the first item of a list
}

func (l leaf) String() string { return l.in + "." + strings.Join(l.path, ".") }

func (l leaf) name() string {
	for _, n := range slices.Backward(l.path) {
		if n != "0" {
			return n
		}
	}
	return ""
}

const maxDepth = 6

// leaves lists where the operation takes text that is no word of a list and no time.
func (d *document) leaves(op *operation) []leaf {
	var out []leaf
	var walk func(in string, path []string, node any)
	walk = func(in string, path []string, node any) {
		s := d.schema(node)
		switch {
		case len(path) > maxDepth || len(s.enum) > 0:
		case s.kind == "string" && s.format == "":
			out = append(out, leaf{in, slices.Clone(path)})
		case s.kind == "array":
			walk(in, append(path, "0"), s.items)
		case s.kind == "object":
			for _, name := range slices.Sorted(maps.Keys(s.properties)) {
				walk(in, append(path, name), s.properties[name])
			}
		}
	}
	for _, p := range op.params {
		if p.in == "query" || p.in == "header" {
			walk(p.in, []string{p.name}, p.schema)
		}
	}
	if op.body != nil {
		walk("body", nil, op.body)
	}
	return out
}

// value makes a value that fits the schema: the least that it allows.
func (d *document) value(name string, node any, depth int, now time.Time, unit string) any {
	s := d.schema(node)
	switch {
	case s.example != nil && s.format == "":
		return s.example
	case len(s.enum) > 0:
		return s.enum[0]
	}
	switch s.kind {
	case "string":
		switch {
		case s.format == "date-time" && name == "from":
			return now.Add(-24 * time.Hour).UTC().Format(time.RFC3339)
		case s.format == "date-time":
			return now.Add(24 * time.Hour).UTC().Format(time.RFC3339)
		case s.format == "date":
			return now.UTC().Format(time.DateOnly)
		case name == "unit":
			return unit
		case name == "query" || name == "q":
			return ""
		}
		return strings.Repeat("x", max(s.minLength, 1))
	case "integer", "number":
		return max(s.minimum, 1)
	case "boolean":
		return false
	case "array":
		list := []any{}
		if s.minItems > 0 && depth < maxDepth {
			list = append(list, d.value(name, s.items, depth+1, now, unit))
		}
		return list
	case "object":
		object := map[string]any{}
		for _, r := range s.required {
			if depth < maxDepth {
				object[r] = d.value(r, s.properties[r], depth+1, now, unit)
			}
		}
		return object
	}
	return map[string]any{}
}

// setAt sets the value at path within a JSON value, making what is not there.
func setAt(node any, path []string, v any) any {
	if len(path) == 0 {
		return v
	}
	if path[0] == "0" {
		return []any{setAt(nil, path[1:], v)}
	}
	object, _ := node.(map[string]any)
	object = maps.Clone(object)
	if object == nil {
		object = map[string]any{}
	}
	object[path[0]] = setAt(object[path[0]], path[1:], v)
	return object
}

func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, asText(e))
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}
