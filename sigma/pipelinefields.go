package sigma

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// mapName gives the names that a field gets instead of its own, nil to leave it.
// The name "" stands for keywords.
type mapName func(name string) []string

// parseFieldMapping: names to one name, or to several of which any may do.
func parseFieldMapping(a *arguments) (applyStep, *fail) {
	mapping, _, f := a.mapping("mapping", true, true)
	if f != nil {
		return nil, f
	}
	return renameFields(a, func(name string) []string { return mapping[name] }, mapping)
}

// parsePrefixMapping: the first prefix in the order of the file that fits.
func parsePrefixMapping(a *arguments) (applyStep, *fail) {
	mapping, order, f := a.mapping("mapping", false, true)
	if f != nil {
		return nil, f
	}
	return renameFields(a, func(name string) []string {
		for _, prefix := range order {
			if rest, ok := strings.CutPrefix(name, prefix); ok && name != "" {
				to := slices.Clone(mapping[prefix])
				for i := range to {
					to[i] += rest
				}
				return to
			}
		}
		return nil
	}, nil)
}

func parsePrefix(a *arguments) (applyStep, *fail) {
	prefix, f := a.text("prefix", true)
	if f != nil {
		return nil, f
	}
	return renameFields(a, func(name string) []string {
		if name == "" {
			return nil
		}
		return []string{prefix + name}
	}, nil)
}

func parseSuffix(a *arguments) (applyStep, *fail) {
	suffix, f := a.text("suffix", true)
	if f != nil {
		return nil, f
	}
	return renameFields(a, func(name string) []string {
		if name == "" {
			return nil
		}
		return []string{name + suffix}
	}, nil)
}

// parseFieldTransform: a change of spelling, and names that go before it. In
// pySigma the function is one of Python; here it is named.
func parseFieldTransform(a *arguments) (applyStep, *fail) {
	name, f := a.word("transform_func", true, "lower", "upper", "title", "snake_case")
	if f != nil {
		return nil, f
	}
	mapping, _, f := a.mapping("mapping", false, false)
	if f != nil {
		return nil, f
	}
	spell := map[string]func(string) string{"lower": strings.ToLower, "upper": strings.ToUpper, "title": titleCase, "snake_case": snakeName}[name]
	return renameFields(a, func(name string) []string {
		if to, ok := mapping[name]; ok {
			return to
		}
		if to := spell(name); to != name {
			return []string{to}
		}
		return nil
	}, mapping)
}

// titleCase writes each word with a capital first letter.
func titleCase(s string) string {
	start := true
	return strings.Map(func(r rune) rune {
		letter := unicode.IsLetter(r)
		if letter && start {
			r = unicode.ToTitle(r)
		} else {
			r = unicode.ToLower(r)
		}
		start = !letter
		return r
	}, s)
}

// snakeName writes CommandLine as command_line and EventID as event_id.
func snakeName(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]) ||
			unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// renameFields is the step that changes field names: in detections, in what
// fieldref refers to, in the list of fields, and in what correlations group by
// and look at. checked are the names of a mapping, looked through beforehand.
func renameFields(a *arguments, rename mapName, checked map[string][]string) (applyStep, *fail) {
	for _, to := range checked {
		for _, name := range to {
			if f := checkName(name); f != nil {
				f.at = a.at
				return nil, f
			}
		}
	}
	return func(p *processing, s *step) *fail {
		if f := p.renameListed(s, rename); f != nil {
			return f
		}
		if p.rule.IsCorrelation() {
			return p.renameCorrelation(s, rename)
		}
		return p.eachItem(s, func(it *item) (*searchNode, *fail) { return p.renameItem(s, it, rename) })
	}, nil
}

func checkName(name string) *fail {
	switch {
	case compactName(name) == "":
		return failf(position{}, "write the name of a field", "a field is mapped to an empty name")
	case strings.Contains(name, "|"):
		return failf(position{}, "write the name without modifiers", "a field is mapped to %q, which holds a modifier", name)
	case len(name) > MaxFieldNameBytes:
		return failf(position{}, "shorten it", "a field is mapped to a name of more than %d bytes", MaxFieldNameBytes)
	}
	return nil
}

// renamed gives the new names for one, or the name itself, and keeps track of
// what was mapped.
func (p *processing) renamed(s *step, name string, rename mapName) ([]string, *fail) {
	to := rename(name)
	if to == nil || !s.forName(p, name) {
		return []string{name}, nil
	}
	for _, n := range to {
		if f := checkName(n); f != nil {
			return nil, f
		}
	}
	if len(to) == 1 && to[0] == name {
		return to, nil
	}
	ids := p.nameApplied[name]
	delete(p.nameApplied, name)
	for _, n := range to {
		mine := maps.Clone(ids)
		if mine == nil {
			mine = map[string]bool{}
		}
		if s.id != "" {
			mine[s.id] = true
		}
		p.nameApplied[n] = mine
	}
	return to, nil
}

func (p *processing) renameItem(s *step, it *item, rename mapName) (*searchNode, *fail) {
	changed := false
	var groups [][]scalar
	if it.has("fieldref") {
		for _, v := range it.values {
			name := strings.TrimSpace(v.text)
			to, f := p.renamed(s, name, rename)
			if f != nil {
				f.at = v.at
				return nil, f
			}
			changed = changed || !slices.Equal(to, []string{name})
			group := make([]scalar, len(to))
			for i := range to {
				group[i] = scalar{at: v.at, kind: v.kind, text: to[i]}
			}
			groups = append(groups, group)
		}
	}
	node := &searchNode{kind: nodeItem, item: it}
	if changed {
		node = it.withGroups(groups)
	}
	to := rename(it.field)
	if to == nil || !s.forName(p, it.field) {
		if !changed {
			return nil, nil
		}
		return node, nil
	}
	for _, name := range to {
		if f := checkName(name); f != nil {
			f.at = it.at
			return nil, f
		}
		p.mapped[name] = true
	}
	p.mapped[it.field] = true
	// Checked here because each name copies the node.
	if n := p.size.items + len(to); n > MaxProcessedItems {
		return nil, failf(position{}, "map to fewer names", "the pipelines make more than %d lines of the rule", MaxProcessedItems)
	}
	out := &searchNode{kind: nodeOr}
	if it.absence() {
		out.kind = nodeAnd
	}
	for _, name := range to {
		c := node.clone()
		c.each(func(it *item) { it.rename(name) })
		out.kids = append(out.kids, c)
	}
	if len(out.kids) == 1 {
		return out.kids[0], nil
	}
	return out, nil
}

// rename gives an item another field. A keyword stays a search within the value.
func (it *item) rename(field string) {
	if it.field == "" && !it.has("re") && !it.has("contains") && !it.has("startswith") && !it.has("endswith") {
		it.modifiers = append(slices.Clone(it.modifiers), modifierRef{"contains", it.at})
	}
	it.field = field
}

// absence reports whether an item asks for something not to be there: then,
// of several names for one field, all must be without it. An event has only one
// of them, so any would always do.
func (it *item) absence() bool {
	gone := false
	for _, v := range it.values {
		gone = gone || v.kind == Null || it.has("exists") && v.kind == Bool && v.text == "false"
	}
	return gone != it.has("neq")
}

// withGroups returns the item with each value replaced by alternatives.
func (it *item) withGroups(groups [][]scalar) *searchNode {
	single := func(values []scalar, drop ...string) *searchNode {
		out := *it
		out.values = values
		out.list = it.list || len(values) > 1
		out.modifiers = slices.DeleteFunc(slices.Clone(it.modifiers), func(m modifierRef) bool { return slices.Contains(drop, m.name) })
		return &searchNode{kind: nodeItem, item: &out}
	}
	if !it.has("all") || !slices.ContainsFunc(groups, func(g []scalar) bool { return len(g) > 1 }) {
		return single(slices.Concat(groups...))
	}
	out := &searchNode{kind: nodeAnd}
	if it.has("neq") {
		out.kind = nodeOr
	}
	for _, g := range groups {
		out.kids = append(out.kids, single(g, "all"))
	}
	return out
}

func (p *processing) renameCorrelation(s *step, rename mapName) *fail {
	c := *p.rule.correlation
	one := func(what, name string) (string, *fail) {
		to, f := p.renamed(s, name, rename)
		if f != nil {
			return "", f
		}
		if len(to) != 1 {
			return "", failf(position{}, "give the step a condition that leaves out correlations, or map to one name", "the pipeline maps %s, %q, to several fields", what, name)
		}
		return to[0], nil
	}
	aliases := map[string]map[string]string{}
	for alias, fields := range c.aliases {
		aliases[alias] = map[string]string{}
		for rule, field := range fields {
			to, f := one("a field of the alias "+alias, field)
			if f != nil {
				return f
			}
			aliases[alias][rule] = to
		}
	}
	var groupBy, fields []string
	for _, name := range c.groupBy {
		to := []string{name}
		if c.aliases[name] == nil {
			var f *fail
			if to, f = p.renamed(s, name, rename); f != nil {
				return f
			}
		}
		if groupBy = append(groupBy, to...); len(groupBy) > MaxCorrelatedFields {
			return failf(position{}, "map to fewer names", "with the pipelines the correlation groups by more than %d fields", MaxCorrelatedFields)
		}
	}
	for _, name := range c.fields {
		if c.aliases[name] == nil {
			var f *fail
			if name, f = one("the field of the condition", name); f != nil {
				return f
			}
		}
		fields = append(fields, name)
	}
	c.aliases, c.groupBy, c.fields = aliases, groupBy, fields
	p.rule.correlation = &c
	return nil
}

// listed returns the rule's list of fields to show.
func (p *processing) listed() []string {
	list, _ := p.rule.Custom["fields"].([]any)
	out := make([]string, len(list))
	for i := range list {
		out[i] = fmt.Sprint(list[i])
	}
	return out
}

func (p *processing) setListed(names []string) *fail {
	if len(names) > MaxProcessedItems {
		return failf(position{}, "map to fewer names", "the pipelines make a list of more than %d fields", MaxProcessedItems)
	}
	list := make([]any, len(names))
	for i := range names {
		list[i] = names[i]
	}
	p.setCustom("fields", list)
	return nil
}

func (p *processing) renameListed(s *step, rename mapName) *fail {
	old := p.listed()
	if len(old) == 0 {
		return nil
	}
	var names []string
	for _, name := range old {
		to, f := p.renamed(s, name, rename)
		if f != nil {
			return f
		}
		names = append(names, to...)
	}
	return p.setListed(names)
}

func parseAddField(a *arguments) (applyStep, *fail) {
	names, f := a.list("field", true)
	return func(p *processing, _ *step) *fail {
		return p.setListed(append(p.listed(), names...))
	}, f
}

func parseRemoveField(a *arguments) (applyStep, *fail) {
	names, f := a.list("field", true)
	return func(p *processing, _ *step) *fail {
		list := p.listed()
		for _, name := range names {
			if i := slices.Index(list, name); i >= 0 {
				list = slices.Delete(list, i, i+1)
			}
		}
		return p.setListed(list)
	}, f
}

func parseSetField(a *arguments) (applyStep, *fail) {
	names, f := a.list("fields", true)
	return func(p *processing, _ *step) *fail { return p.setListed(names) }, f
}

// parseStrictMapping refuses rules with a field that no step has mapped.
func parseStrictMapping(*arguments) (applyStep, *fail) {
	return func(p *processing, s *step) *fail {
		var missing []string
		p.anyItem(func(it *item) bool {
			if it.field != "" && !p.mapped[it.field] && !slices.Contains(missing, it.field) {
				missing = append(missing, it.field)
			}
			return false
		})
		if len(missing) == 0 {
			return nil
		}
		slices.Sort(missing)
		return failf(position{}, "map them, or remove the step at "+s.where, "the pipelines map no field for %s", strings.Join(missing, ", "))
	}, nil
}
