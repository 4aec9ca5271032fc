package sigma

import (
	"strings"
)

// set looks at the rules together.
func (l *linter) set(rules []*Rule) {
	titles, names, logic := map[string]*Rule{}, map[string]*Rule{}, map[string]*Rule{}
	for _, r := range rules {
		l.rule = r
		if first := titles[fold(r.Title)]; first == nil {
			titles[fold(r.Title)] = r
		} else {
			where, _ := l.key("title")
			l.report("duplicate-title", where, "say how the two differ, or remove one", "the rule in %s has the same title", place(first))
		}
		if first := names[r.Name]; r.Name != "" && first != nil {
			where, _ := l.key("name")
			l.report("duplicate-name", where, "rename one", "the rule in %s has the same name", place(first))
		} else {
			names[r.Name] = r
		}
		done := l.loaded[r]
		if done == nil {
			continue
		}
		key := l.fingerprint(done)
		if first := logic[key]; first == nil {
			logic[key] = r
		} else {
			where, _ := l.key("detection")
			l.report("duplicate-logic", where, "remove one of the two", "%q in %s detects the same", brief(first.Title), place(first))
		}
	}
	l.logSources(rules)
	l.spellings(rules)
}

// fingerprint is the same for rules that match the same events.
func (l *linter) fingerprint(r *Rule) string {
	if r.IsCorrelation() {
		return "correlation " + r.correlation.fingerprint()
	}
	e := l.exprs[r]
	if e == nil { // a filter, which compiled before
		b := &exprBuilder{opts: &l.opts.Options, budget: newBudget(), intern: map[string]*predicate{}}
		e, _ = b.build(&r.detection)
	}
	key := strings.Join([]string{r.LogSource.Product, r.LogSource.Category, r.LogSource.Service}, "/") + e.shape()
	if r.IsFilter() {
		key = "filter " + strings.Join(r.filter.texts(), " ") + key
	}
	return key
}

func (f *filter) texts() []string {
	var out []string
	for _, ref := range f.rules {
		out = append(out, ref.text)
	}
	return out
}

// logSources looks for rules that no event is tried against. The mapping is
// taken to know all log sources of the products it has channels for; events of
// other products say themselves what they are.
func (l *linter) logSources(rules []*Rule) {
	var sources []LogSource
	known := map[string]bool{}
	for _, c := range l.opts.Mapping.channels {
		sources = append(sources, c.is)
		known[c.is.Product] = true
	}
	for _, c := range l.opts.Mapping.classes {
		is := c.Is
		if is.Product == "" {
			is.Product = c.Of.Product
		}
		if is.Service == "" {
			is.Service = c.Of.Service
		}
		sources = append(sources, is)
	}
	for _, r := range rules {
		done := l.loaded[r]
		if done == nil || !known[done.LogSource.Product] || r.IsCorrelation() {
			continue
		}
		selected := false
		for _, s := range sources {
			if selected = done.LogSource.covers(s); selected {
				break
			}
		}
		if !selected {
			l.rule = r
			where, _ := l.key("logsource")
			l.report("unselected-log-source", where, "correct the log source, or add a mapping for it",
				"no event will be tried against the rule: nothing maps to %s", done.LogSource)
		}
	}
}

// oftenSpelled is how many rules must write a field one way before another way
// counts as a slip.
const oftenSpelled = 10

// spellings looks for fields that differ only in case from a common one of the
// same log source: a spelling that hardly anybody uses is a slip.
func (l *linter) spellings(rules []*Rule) {
	type field struct {
		source LogSource
		name   string
	}
	uses := map[field]int{}
	common := map[field]string{} // by folded name
	for _, r := range rules {
		for _, name := range r.fields {
			uses[field{r.LogSource, name}]++
		}
	}
	for f, n := range uses {
		key := field{f.source, fold(f.name)}
		if best := (field{f.source, common[key]}); n > uses[best] || n == uses[best] && f.name < best.name {
			common[key] = f.name
		}
	}
	for _, r := range rules {
		for _, name := range r.fields {
			usual := common[field{r.LogSource, fold(name)}]
			n, rare := uses[field{r.LogSource, usual}], uses[field{r.LogSource, name}]
			if usual != name && n >= oftenSpelled && n >= oftenSpelled*rare {
				l.rule = r
				l.report("field-spelling", l.place(name), "write "+usual, "the field %q is written %q in %d other rules; names are told apart by case", name, usual, n)
			}
		}
	}
}

// place returns where the rule first names a field.
func (l *linter) place(field string) position {
	var found *item
	var walk func(n *searchNode)
	walk = func(n *searchNode) {
		for _, k := range n.kids {
			walk(k)
		}
		if found == nil && n.item != nil && n.item.field == field {
			found = n.item
		}
	}
	for _, name := range l.rule.detection.order {
		walk(l.rule.detection.searches[name])
	}
	if found == nil {
		return position{l.rule.Line, 1}
	}
	return found.at
}
