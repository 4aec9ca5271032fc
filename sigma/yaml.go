package sigma

import (
	"math/big"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlTree walks the YAML of one rule within the limits on nesting and size.
// Aliases are followed as if their text stood there, so the limits also hold
// for a few anchors that multiply into millions of nodes.
type yamlTree struct{ nodes int }

func at(n *yaml.Node) position { return position{n.Line, n.Column} }

func (t *yamlTree) resolve(n *yaml.Node) (*yaml.Node, *fail) {
	where := at(n)
	for range MaxYAMLDepth {
		if t.nodes++; t.nodes > MaxYAMLNodes {
			return nil, failf(where, "split the rule or remove nested anchors", "the rule has more than %d YAML nodes", MaxYAMLNodes)
		}
		if n.Kind != yaml.AliasNode {
			return n, nil
		}
		n = n.Alias
	}
	return nil, failf(where, "refer to the value directly", "an alias leads to another alias too often")
}

// pair is one key of a YAML map with its value.
type pair struct {
	key   string
	at    position
	value *yaml.Node
}

// pairs returns the entries of a map in their order, merge keys (<<) applied.
func (t *yamlTree) pairs(n *yaml.Node) ([]pair, *fail) {
	var merged, out []pair
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, f := t.resolve(n.Content[i])
		if f != nil {
			return nil, f
		}
		v, f := t.resolve(n.Content[i+1])
		if f != nil {
			return nil, f
		}
		if k.Kind != yaml.ScalarNode {
			return nil, failf(at(k), "use a plain name as key", "a map key is not a plain value")
		}
		if k.ShortTag() == "!!merge" {
			more, f := t.mergePairs(v)
			if f != nil {
				return nil, f
			}
			merged = append(merged, more...)
			continue
		}
		if seen[k.Value] {
			return nil, failf(at(n.Content[i]), "join the two or use a list of maps", "the key %q is given twice", k.Value)
		}
		seen[k.Value] = true
		out = append(out, pair{k.Value, at(n.Content[i]), v})
	}
	for _, p := range merged {
		if !seen[p.key] {
			seen[p.key] = true
			out = append(out, p)
		}
	}
	return out, nil
}

func (t *yamlTree) mergePairs(n *yaml.Node) ([]pair, *fail) {
	if t.nodes++; t.nodes > MaxYAMLNodes {
		return nil, failf(at(n), "", "the rule has more than %d YAML nodes", MaxYAMLNodes)
	}
	switch n.Kind {
	case yaml.MappingNode:
		return t.pairs(n)
	case yaml.SequenceNode:
		var all []pair
		for _, c := range n.Content {
			c, f := t.resolve(c)
			if f != nil {
				return nil, f
			}
			if c.Kind != yaml.MappingNode {
				return nil, failf(at(c), "merge maps only", "<< merges something that is not a map")
			}
			more, f := t.pairs(c)
			if f != nil {
				return nil, f
			}
			all = append(all, more...)
		}
		return all, nil
	}
	return nil, failf(at(n), "merge maps only", "<< merges something that is not a map")
}

// scalar is one YAML value of a detection.
type scalar struct {
	at   position
	kind Kind
	text string // as written; of a number written in hexadecimal or the like, its decimal form
}

func toScalar(n *yaml.Node) (scalar, *fail) {
	s := scalar{at: at(n), text: n.Value}
	if len(n.Value) > MaxValueBytes {
		return s, failf(s.at, "shorten it", "a value has more than %d bytes", MaxValueBytes)
	}
	switch n.ShortTag() {
	case "!!null":
		s.kind, s.text = Null, ""
	case "!!bool":
		s.kind, s.text = Bool, strings.ToLower(n.Value)
	case "!!int":
		s.kind = Number
		if _, ok := parseDecimal(n.Value); !ok || hasBasePrefix(n.Value) {
			i, ok := new(big.Int).SetString(n.Value, 0)
			if !ok || len(n.Value) > 256 {
				return s, failf(s.at, "write it in decimal", "%q is not a number this engine understands", n.Value)
			}
			s.text = i.String()
		}
	case "!!float":
		s.kind = Number
		text := strings.ReplaceAll(n.Value, "_", "")
		if _, ok := parseDecimal(text); !ok {
			return s, failf(s.at, "quote it if it is text", "%q is not a finite number", n.Value)
		}
		s.text = text
	case "!!binary":
		return s, failf(s.at, "write the text itself; use the base64 modifier to search for encoded text", "binary values are not part of Sigma")
	}
	return s, nil
}

// hasBasePrefix reports whether YAML reads s in another base than ten.
func hasBasePrefix(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return len(s) > 1 && s[0] == '0' && digitsLen(s) == len(s)
}

// badYAML says what the YAML library finds wrong with a text. It names the line
// in its own words only, which are taken out of them.
func badYAML(err error) *fail {
	where := position{column: 1}
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if before, rest, ok := strings.Cut(msg, "line "); ok {
		where.line, _ = strconv.Atoi(rest[:digitsLen(rest)])
		if behind, ok := strings.CutPrefix(rest[digitsLen(rest):], ": "); ok && before == "" {
			msg = behind
		}
	}
	return failf(where, "check indentation, quotes and colons near this line", "not valid YAML: %s", msg)
}
