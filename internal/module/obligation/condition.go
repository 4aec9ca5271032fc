package obligation

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Attribute is a word matters are described by.
type Attribute struct {
	ID     string   `yaml:"id"`
	Type   string   `yaml:"type"` // truth, number, text, texts
	Values []string `yaml:"values"`
	Vi     string   `yaml:"vi"`
	En     string   `yaml:"en"`
}

// Condition is what must hold of a matter: all of the tests, by attribute.
type Condition map[string]TraitTest

// TraitTest is one demand on an attribute. Exactly one of its parts is set.
type TraitTest struct {
	Is      *bool    `json:"is,omitempty"`
	AtLeast *float64 `json:"atLeast,omitempty"`
	OneOf   []string `json:"oneOf,omitempty"`
}

// UnmarshalYAML reads true, {atLeast: 3}, text or a list of texts.
func (t *TraitTest) UnmarshalYAML(n *yaml.Node) error {
	*t = TraitTest{}
	var is bool
	if n.Kind == yaml.ScalarNode && n.Decode(&is) == nil {
		t.Is = &is
		return nil
	}
	switch n.Kind {
	case yaml.ScalarNode:
		t.OneOf = []string{n.Value}
		return nil
	case yaml.SequenceNode:
		return n.Decode(&t.OneOf)
	}
	var number struct {
		AtLeast *float64 `yaml:"atLeast"`
	}
	if err := n.Decode(&number); err != nil {
		return err
	}
	if number.AtLeast == nil {
		return fmt.Errorf("line %d: a test is true, false, a text, a list of texts, or {atLeast: number}", n.Line)
	}
	t.AtLeast = number.AtLeast
	return nil
}

// check returns what is wrong with a condition, field being where it stands.
// Errors: Invalid.
func (c Condition) check(known map[string]Attribute, field string) error {
	if len(c) == 0 {
		return fault.New(fault.Invalid, "a condition without a test would hold of everything; name at least one attribute").WithCode("duty.condition").OnField(field)
	}
	for _, name := range slices.Sorted(maps.Keys(c)) {
		at := field + "." + name
		a, ok := known[name]
		if !ok {
			return fault.New(fault.Invalid, "no matter has an attribute %q; there are: %s", name, names(known)).WithCode("duty.attribute").OnField(at)
		}
		t := c[name]
		var fits bool
		switch a.Type {
		case "truth":
			fits = t.Is != nil && t.AtLeast == nil && t.OneOf == nil
		case "number":
			fits = t.AtLeast != nil && t.Is == nil && t.OneOf == nil
		default:
			fits = len(t.OneOf) > 0 && t.Is == nil && t.AtLeast == nil
		}
		if !fits {
			return fault.New(fault.Invalid, "%s is a %s: %s", name, a.Type, howTested[a.Type]).WithCode("duty.test").OnField(at)
		}
		for _, v := range t.OneOf {
			if a.Values != nil && !slices.Contains(a.Values, v) {
				return fault.New(fault.Invalid, "%s is never %q; it is one of %v", name, v, a.Values).WithCode("duty.value").OnField(at)
			}
		}
	}
	return nil
}

var howTested = map[string]string{
	"truth":  "ask for true or false",
	"number": "ask for at least so much",
	"text":   "ask for one of some values",
	"texts":  "ask for one of some values",
}

func names(known map[string]Attribute) []string { return slices.Sorted(maps.Keys(known)) }

// Holds tells whether the condition holds of a matter's traits. What is not said
// of a matter is false, nothing or no text.
func (c Condition) Holds(traits map[string]any) bool {
	for name, t := range c {
		if !t.holds(traits[name]) {
			return false
		}
	}
	return true
}

func (t TraitTest) holds(v any) bool {
	switch {
	case t.Is != nil:
		is, _ := v.(bool)
		return is == *t.Is
	case t.AtLeast != nil:
		switch n := v.(type) {
		case float64:
			return n >= *t.AtLeast
		case int:
			return float64(n) >= *t.AtLeast
		}
		return false
	}
	switch s := v.(type) {
	case string:
		return slices.Contains(t.OneOf, s)
	case []string:
		return slices.ContainsFunc(s, func(x string) bool { return slices.Contains(t.OneOf, x) })
	case []any: // as JSON has a list of texts
		return slices.ContainsFunc(s, func(x any) bool { text, _ := x.(string); return slices.Contains(t.OneOf, text) })
	}
	return false
}
