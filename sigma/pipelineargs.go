package sigma

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// arguments are the keys of one step or condition while it is parsed. Each key
// is taken out by whoever understands it; done refuses the rest.
type arguments struct {
	p     *pipelineParser
	what  string // for problems: "a step", "a condition"
	kind  string // the value of type
	at    position
	depth int
	pairs []pair
	keys  []string // asked for, for the remedy
}

func (p *pipelineParser) arguments(n *yaml.Node, what, noun string) (*arguments, *fail) {
	if n.Kind != yaml.MappingNode {
		return nil, failf(at(n), "write type: and its parameters", "%s is not a map", what)
	}
	pairs, f := p.tree.pairs(n)
	if f != nil {
		return nil, f
	}
	a := &arguments{p: p, what: what, at: at(n), pairs: pairs}
	kv, ok := a.take("type")
	if !ok {
		return nil, failf(a.at, "add type: with the name of a "+noun, "%s has no type", what)
	}
	if kv.value.Kind != yaml.ScalarNode {
		return nil, failf(at(kv.value), "write the name of a "+noun, "the type of %s is not plain text", what)
	}
	a.kind, a.at = kv.value.Value, at(kv.value)
	return a, nil
}

func (a *arguments) take(key string) (pair, bool) {
	a.keys = append(a.keys, key)
	i := slices.IndexFunc(a.pairs, func(kv pair) bool { return kv.key == key })
	if i < 0 {
		return pair{}, false
	}
	kv := a.pairs[i]
	a.pairs = slices.Delete(a.pairs, i, i+1)
	return kv, true
}

// need takes a key that must be there.
func (a *arguments) need(key string) (pair, *fail) {
	kv, ok := a.take(key)
	if !ok {
		return kv, failf(a.at, "add "+key+":", "%s of type %s has no %s", a.what, a.kind, key)
	}
	return kv, nil
}

func (a *arguments) text(key string, required bool) (string, *fail) {
	kv, ok := a.take(key)
	if !ok {
		if required {
			return "", failf(a.at, "add "+key+":", "%s of type %s has no %s", a.what, a.kind, key)
		}
		return "", nil
	}
	if kv.value.Kind != yaml.ScalarNode || kv.value.ShortTag() == "!!null" {
		return "", failf(at(kv.value), "write plain text", "%s is not plain text", key)
	}
	if len(kv.value.Value) > MaxValueBytes {
		return "", failf(at(kv.value), "shorten it", "%s has more than %d bytes", key, MaxValueBytes)
	}
	return kv.value.Value, nil
}

// word takes a text that must be one of the given ones; the first is the default
// unless the key is required.
func (a *arguments) word(key string, required bool, words ...string) (string, *fail) {
	i := slices.IndexFunc(a.pairs, func(kv pair) bool { return kv.key == key })
	s, f := a.text(key, required)
	if f != nil || i < 0 {
		return words[0], f
	}
	if !slices.Contains(words, s) {
		return "", failf(a.at, "use one of: "+strings.Join(words, ", "), "%s cannot be %q", key, s)
	}
	return s, nil
}

func (a *arguments) list(key string, required bool) ([]string, *fail) {
	kv, ok := a.take(key)
	if !ok {
		if required {
			return nil, failf(a.at, "add "+key+":", "%s of type %s has no %s", a.what, a.kind, key)
		}
		return nil, nil
	}
	out, f := a.p.texts(key, kv.value)
	if f == nil && len(out) == 0 {
		f = failf(kv.at, "list at least one", "%s is empty", key)
	}
	return out, f
}

func (a *arguments) flag(key string) (bool, *fail) {
	kv, ok := a.take(key)
	if !ok {
		return false, nil
	}
	return boolean(kv)
}

// value takes a plain value with its type.
func (a *arguments) value(key string) (scalar, *fail) {
	kv, f := a.need(key)
	if f != nil {
		return scalar{}, f
	}
	if kv.value.Kind != yaml.ScalarNode {
		return scalar{}, failf(at(kv.value), "write a text, a number, true, false or null", "%s is not a plain value", key)
	}
	return toScalar(kv.value)
}

// mapping takes a map from texts to a text or a list of texts. The key of null,
// which stands for keywords, becomes "" if it is allowed.
func (a *arguments) mapping(key string, keywords, required bool) (map[string][]string, []string, *fail) {
	kv, ok := a.take(key)
	if !ok {
		if required {
			return nil, nil, failf(a.at, "add "+key+":", "%s of type %s has no %s", a.what, a.kind, key)
		}
		return nil, nil, nil
	}
	if kv.value.Kind != yaml.MappingNode {
		return nil, nil, failf(at(kv.value), "write from: to under it", "%s is not a map", key)
	}
	null := map[position]bool{}
	for i := 0; i+1 < len(kv.value.Content); i += 2 {
		if k := kv.value.Content[i]; k.ShortTag() == "!!null" {
			null[at(k)] = true
		}
	}
	pairs, f := a.p.tree.pairs(kv.value)
	if f != nil {
		return nil, nil, f
	}
	out, order := map[string][]string{}, make([]string, 0, len(pairs))
	for _, m := range pairs {
		from := m.key
		if null[m.at] {
			from = ""
		}
		if from == "" && !keywords {
			return nil, nil, failf(m.at, "write a name", "%s has an empty name", key)
		}
		to, f := a.p.texts(key+" of "+m.key, m.value)
		if f != nil {
			return nil, nil, f
		}
		if len(to) == 0 {
			return nil, nil, failf(m.at, "list at least one, or remove the line", "%s maps %q to nothing", key, m.key)
		}
		out[from] = to
		order = append(order, from)
	}
	if len(out) == 0 {
		return nil, nil, failf(kv.at, "add at least one line", "%s is empty", key)
	}
	return out, order, nil
}

// done refuses keys that nobody took.
func (a *arguments) done() *fail {
	if len(a.pairs) == 0 {
		return nil
	}
	kv := a.pairs[0]
	return failf(kv.at, "use one of: "+strings.Join(slices.Compact(slices.Sorted(slices.Values(a.keys))), ", "), "unknown key %q in %s of type %s", kv.key, a.what, a.kind)
}

// pipelineRegex is a regular expression that runs over the values of rules.
type pipelineRegex struct {
	*regexp.Regexp
	instructions int
}

// regex takes a regular expression, within the limits that those of rules have.
// anchored ones match at the beginning of a text only.
func (a *arguments) regex(key string, anchored bool) (pipelineRegex, *fail) {
	i := slices.IndexFunc(a.pairs, func(kv pair) bool { return kv.key == key })
	where := a.at
	if i >= 0 {
		where = at(a.pairs[i].value)
	}
	text, f := a.text(key, true)
	if f != nil {
		return pipelineRegex{}, f
	}
	return a.p.regex(text, where, anchored)
}

func (p *pipelineParser) regex(text string, where position, anchored bool) (pipelineRegex, *fail) {
	if len(text) > MaxRegexBytes {
		return pipelineRegex{}, failf(where, "shorten it", "a regular expression has more than %d bytes", MaxRegexBytes)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		remedy := "correct it"
		if strings.Contains(text, "(?") {
			remedy = "look-around and back-references are not possible; use conditions of the step instead"
		}
		return pipelineRegex{}, failf(where, remedy, "the regular expression does not compile: %v", err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return pipelineRegex{}, failf(where, "correct it", "the regular expression does not compile: %v", err)
	}
	n := len(prog.Inst)
	if n > MaxRegexProgram {
		return pipelineRegex{}, failf(where, "use smaller repeat counts or split it", "the regular expression compiles to %d instructions, more than %d", n, MaxRegexProgram)
	}
	if p.instructions -= n; p.instructions < 0 {
		return pipelineRegex{}, failf(where, "split the pipeline", "the regular expressions of the pipeline compile to more than %d instructions", MaxRegexTotal)
	}
	if anchored {
		text = `\A(?:` + text + `)`
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return pipelineRegex{}, failf(where, "correct it", "the regular expression does not compile: %v", err)
	}
	return pipelineRegex{re, n}, nil
}
