package sigma

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// stepScope says what a transformation is about, and so which conditions it can
// have.
type stepScope uint8

const (
	onRule stepScope = iota
	onItem           // the lines of a detection, and with them field names
)

type applyStep = func(*processing, *step) *fail

// transformation is one row of the table of transformations.
type transformation struct {
	name  string
	scope stepScope
	parse func(*arguments) (applyStep, *fail)
}

func findTransformation(name string) *transformation {
	for _, t := range transformations() {
		if t.name == name {
			return &t
		}
	}
	return nil
}

func transformationNames() string {
	var names []string
	for _, t := range transformations() {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}

// transformations is the table of pySigma's transformations. To add one, add a
// row and a case in testdata. It is a function because nest refers to it.
func transformations() []transformation {
	return []transformation{
		// Field names.
		{"field_name_mapping", onItem, parseFieldMapping},
		{"field_name_prefix_mapping", onItem, parsePrefixMapping},
		{"field_name_prefix", onItem, parsePrefix},
		{"field_name_suffix", onItem, parseSuffix},
		{"field_name_transform", onItem, parseFieldTransform},
		{"strict_field_mapping_failure", onRule, parseStrictMapping},

		// The list of fields to show.
		{"add_field", onRule, parseAddField},
		{"remove_field", onRule, parseRemoveField},
		{"set_field", onRule, parseSetField},

		// Lines and values.
		{"drop_detection_item", onItem, parseDropItem},
		{"hashes_fields", onItem, parseHashes},
		{"replace_string", onItem, parseReplaceString},
		{"map_string", onItem, parseMapString},
		{"regex", onItem, parseRegexStep},
		{"set_value", onItem, parseSetValue},
		{"convert_type", onItem, parseConvertType},
		{"case", onItem, parseCase},
		{"wildcard_placeholders", onItem, parseWildcardHolders},
		{"value_placeholders", onItem, parseValueHolders},

		// The rule.
		{"add_condition", onRule, parseAddCondition},
		{"change_logsource", onRule, parseChangeLogSource},
		{"set_custom_attribute", onRule, parseSetAttribute},
		{"set_state", onRule, parseSetState},
		{"rule_failure", onRule, parseRuleFailure},
		{"detection_item_failure", onItem, parseItemFailure},
		{"nest", onRule, parseNest},
	}
}

// refusedTransformations exist in pySigma and have no meaning here.
var refusedTransformations = map[string]string{
	"query_expression_placeholders": "it writes parts of a query, and rules are evaluated without one; give the values with value_placeholders",
	"file_placeholders":             "pipelines read no files; put the values into vars",
	"http_placeholders":             "pipelines fetch nothing; put the values into vars",
	"command_placeholders":          "pipelines run no commands; put the values into vars",
}

func parseDropItem(*arguments) (applyStep, *fail) {
	return func(p *processing, s *step) *fail {
		return p.eachItem(s, func(*item) (*searchNode, *fail) { return dropped, nil })
	}, nil
}

// parseAddCondition reads lines that must hold besides the rule's condition, or
// must not if negated.
func parseAddCondition(a *arguments) (applyStep, *fail) {
	conds, f := a.need("conditions")
	if f != nil {
		return nil, f
	}
	name, f := a.text("name", false)
	if f != nil {
		return nil, f
	}
	negated, f := a.flag("negated")
	if f != nil {
		return nil, f
	}
	template, f := a.flag("template")
	if f != nil {
		return nil, f
	}
	if conds.value.Kind != yaml.MappingNode {
		return nil, failf(at(conds.value), "write field: value under it", "conditions is not a map")
	}
	node, f := parseSearch(a.p.tree, conds.value, 0)
	if f != nil {
		return nil, f
	}
	expands := false
	node.each(func(it *item) { expands = expands || it.has("expand") })
	if !expands { // placeholders get their values from later steps
		b := &exprBuilder{opts: &Options{}, budget: newBudget(), intern: map[string]*predicate{}}
		if _, f := b.search(node); f != nil {
			return nil, f
		}
	}
	// From here on their places would be taken for places in the rule.
	node.each(func(it *item) {
		it.at = position{}
		it.modifiers, it.values = slices.Clone(it.modifiers), slices.Clone(it.values)
		for i := range it.modifiers {
			it.modifiers[i].at = position{}
		}
		for i := range it.values {
			it.values[i].at = position{}
		}
	})
	if name == "" {
		name = "_condition"
	}
	return func(p *processing, s *step) *fail {
		if p.rule.IsCorrelation() {
			return nil
		}
		d := p.parts[0]
		id := name
		for n := 2; d.searches[id] != nil; n++ {
			id = name + "_" + strings.Repeat("x", n)
		}
		added := node.clone()
		added.each(func(it *item) {
			if template {
				it.values = slices.Clone(it.values)
				for i := range it.values {
					it.values[i].text = fillTemplate(it.values[i].text, p.rule.LogSource)
				}
			}
			p.itemIDs[it] = map[string]bool{s.id: true}
		})
		d.searches[id] = added
		d.order = append(d.order, id)
		p.size.add(added, 1)
		first := condition{kind: condRef, name: id}
		if negated {
			first = condition{kind: condNot, kids: []condition{first}}
		}
		d.condition = condition{kind: condAnd, kids: []condition{first, d.condition}}
		return nil
	}, nil
}

// fillTemplate puts the log source of a rule in for $category, $product and
// $service, also written ${category}. What a rule does not say is empty.
func fillTemplate(s string, l LogSource) string {
	return strings.NewReplacer("$$", "$",
		"${category}", l.Category, "${product}", l.Product, "${service}", l.Service,
		"$category", l.Category, "$product", l.Product, "$service", l.Service).Replace(s)
}

func parseChangeLogSource(a *arguments) (applyStep, *fail) {
	ls, f := a.logSource()
	return func(p *processing, _ *step) *fail {
		if !p.rule.IsCorrelation() {
			p.rule.LogSource = ls
		}
		return nil
	}, f
}

// setCustom sets a key of the copy that the specification does not define.
func (p *processing) setCustom(key string, value any) {
	p.rule.Custom = maps.Clone(p.rule.Custom)
	if p.rule.Custom == nil {
		p.rule.Custom = map[string]any{}
	}
	p.rule.Custom[key] = value
}

func parseSetAttribute(a *arguments) (applyStep, *fail) {
	name, f := a.text("attribute", true)
	if f != nil {
		return nil, f
	}
	kv, f := a.need("value")
	if f != nil {
		return nil, f
	}
	var value any
	if err := kv.value.Decode(&value); err != nil {
		return nil, failf(at(kv.value), "simplify it", "the value cannot be read: %v", err)
	}
	return func(p *processing, _ *step) *fail {
		p.setCustom(name, value)
		return nil
	}, nil
}

func parseSetState(a *arguments) (applyStep, *fail) {
	key, f := a.text("key", true)
	if f != nil {
		return nil, f
	}
	value, f := a.value("val")
	return func(p *processing, _ *step) *fail {
		p.state[key] = value
		return nil
	}, f
}

const failureRemedy = "change the rule, or the conditions of the step at "

func parseRuleFailure(a *arguments) (applyStep, *fail) {
	message, f := a.text("message", true)
	return func(_ *processing, s *step) *fail {
		return failf(position{}, failureRemedy+s.where, "the pipeline refuses the rule: %s", message)
	}, f
}

func parseItemFailure(a *arguments) (applyStep, *fail) {
	message, f := a.text("message", true)
	return func(p *processing, s *step) *fail {
		return p.eachItem(s, func(it *item) (*searchNode, *fail) {
			return nil, failf(it.at, failureRemedy+s.where, "the pipeline refuses the rule: %s", message)
		})
	}, f
}

func parseNest(a *arguments) (applyStep, *fail) {
	items, f := a.need("items")
	if f != nil {
		return nil, f
	}
	if a.depth++; a.depth > MaxPipelineNests {
		return nil, failf(items.at, "flatten them", "steps are nested more than %d deep", MaxPipelineNests)
	}
	steps, f := a.p.parseSteps(items.value, a.depth)
	return func(p *processing, _ *step) *fail { return p.run(steps) }, f
}
