package sigma

import (
	"maps"
	"slices"
	"time"
)

// correlationNode is a correlation rule with its references resolved.
type correlationNode struct {
	number int
	rule   *Rule
	def    *correlation
	rules  []*Rule // in the order of def.rules
	users  []correlationUse
	silent bool
	depth  int // 1 without other correlations below
}

// correlationUse says that a rule is the i-th of a correlation.
type correlationUse struct {
	node  *correlationNode
	index int
}

// correlationSet is the correlations of a ruleset.
type correlationSet struct {
	nodes  []*correlationNode
	uses   map[*Rule][]correlationUse
	silent map[*Rule]bool
	keep   map[*Rule][]string  // fields of a rule's hits that correlations look at, sorted
	also   map[string][]string // other names of a field, by the log source mapping
}

// Correlations returns the loaded correlation rules. The slice belongs to the
// caller.
func (rs *Ruleset) Correlations() []*Rule {
	var out []*Rule
	for _, n := range rs.correlations.nodes {
		out = append(out, n.rule)
	}
	return out
}

// CorrelationPart is a rule whose hits a correlation counts.
type CorrelationPart struct {
	Rule    *Rule    // a detection rule or another correlation
	GroupBy []string // what the group-by fields are called in its hits
}

// Parts returns the rules that a loaded correlation rule refers to, in its
// order, and nil for any other rule.
func (rs *Ruleset) Parts(r *Rule) []CorrelationPart {
	for _, n := range rs.correlations.nodes {
		if n.rule != r {
			continue
		}
		parts := make([]CorrelationPart, len(n.rules))
		for i, part := range n.rules {
			parts[i].Rule = part
			for _, name := range n.def.groupBy {
				parts[i].GroupBy = append(parts[i].GroupBy, n.def.field(name, i))
			}
		}
		return parts
	}
	return nil
}

// GroupBy returns the names that a correlation rule groups by, which aliases
// may stand behind, and nil for any other rule.
func (r *Rule) GroupBy() []string {
	if r.correlation == nil {
		return nil
	}
	return slices.Clone(r.correlation.groupBy)
}

// Timespan returns that of a correlation rule, and 0 for any other rule.
func (r *Rule) Timespan() time.Duration {
	if r.correlation == nil {
		return 0
	}
	return r.correlation.timespan
}

// Correlated reports whether a loaded correlation refers to the rule: whether
// a Correlator wants to see its hits.
func (rs *Ruleset) Correlated(r *Rule) bool { return len(rs.correlations.uses[r]) > 0 }

// HitFields returns copies of those fields of an event that a Correlator looks
// at in a hit of r, which is all that a caller who hands the hit on later needs
// to keep of the event.
func (rs *Ruleset) HitFields(r *Rule, fields []Field) []Field {
	return rs.correlations.hitFields(r, fields)
}

// hitFields picks the first value of each name. A name that the event does not
// have is looked for under the other names of the mapping, as rules do.
func (s *correlationSet) hitFields(r *Rule, fields []Field) []Field {
	var out []Field
	for _, name := range s.keep[r] {
		i := indexField(fields, name)
		for _, other := range s.also[name] {
			if i < 0 {
				i = indexField(fields, other)
			}
		}
		if i >= 0 {
			out = append(out, Field{Name: name, Value: clip(fields[i].Value), Kind: fields[i].Kind})
		}
	}
	return out
}

func indexField(fields []Field, compact string) int {
	return slices.IndexFunc(fields, func(f Field) bool { return f.Kind != Null && compactName(f.Name) == compact })
}

// Silent reports whether a rule is only there for correlations: it is referred
// to by one, and by none with "generate: true". Match reports it all the same,
// since the Correlator needs to see its hits; the caller keeps them from
// becoming alerts. A Correlator does so itself for correlation rules.
func (rs *Ruleset) Silent(r *Rule) bool { return rs.correlations.silent[r] }

// correlate resolves the references of the correlation rules. A correlation
// that refers to something that is not loaded is reported and left out, and so
// are those that refer to it.
func (c *compiler) correlate(rules []*Rule, m Mapping) *correlationSet {
	loaded := map[*Rule]bool{}
	for _, r := range c.rules {
		loaded[r.rule] = true
	}
	nodes := map[*Rule]*correlationNode{}
	visiting := map[*Rule]bool{}
	set := &correlationSet{uses: map[*Rule][]correlationUse{}, silent: map[*Rule]bool{}, keep: map[*Rule][]string{}, also: map[string][]string{}}
	index := indexRules(rules, func(r *Rule) bool { return loaded[r] || r.IsCorrelation() })
	var add func(r *Rule) bool
	add = func(r *Rule) bool {
		if n, done := nodes[r]; done {
			return n != nil
		}
		nodes[r] = nil
		visiting[r] = true
		defer delete(visiting, r)
		if c.taken(r) {
			return false
		}
		if len(set.nodes) >= MaxCorrelations {
			c.report(r, failf(position{}, "load fewer", "more than %d correlations are loaded", MaxCorrelations), Error)
			return false
		}
		node := &correlationNode{rule: r, def: r.correlation, depth: 1}
		for _, ref := range r.correlation.rules {
			targets := index.find(ref)
			var target *Rule
			if len(targets) > 0 {
				target = targets[0]
			}
			var f *fail
			switch n := len(targets); {
			case n == 0:
				f = failf(ref.at, "load the rule too, or correct the id or name", "no loaded rule has the id or name %q", ref.text)
			case n > 1:
				f = failf(ref.at, "refer to it by id", "%d rules have the name %q", n, ref.text)
			case slices.Contains(node.rules, target):
				f = failf(ref.at, "write it once", "the rule %q is listed twice, by id and by name", ref.text)
			case visiting[target]:
				f = failf(ref.at, "break the circle", "the correlation refers to itself through %q", ref.text)
			case target.IsCorrelation() && !add(target):
				f = failf(ref.at, "correct that correlation first", "the correlation %q is not loaded", ref.text)
			}
			if below := nodes[target]; f == nil && below != nil {
				if node.depth = max(node.depth, below.depth+1); node.depth > MaxCorrelationDeep {
					f = failf(ref.at, "shorten the chain", "more than %d correlations build on each other", MaxCorrelationDeep)
				}
			}
			if f != nil {
				c.report(r, f, Error)
				return false
			}
			node.rules = append(node.rules, target)
		}
		c.take(r)
		nodes[r] = node
		node.number = len(set.nodes)
		set.nodes = append(set.nodes, node)
		return true
	}
	for _, r := range rules {
		if r.IsCorrelation() {
			add(r)
		}
	}
	set.link()
	for _, class := range m.classes {
		for name, other := range class.Aliases {
			name, other = compactName(name), compactName(other)
			if !slices.Contains(set.also[name], other) {
				set.also[name] = append(set.also[name], other)
			}
		}
	}
	for name := range set.also {
		slices.Sort(set.also[name])
	}
	return set
}

// link works out who uses whom. Nodes stand after those they refer to, so
// going backwards a node's own needs are complete when it hands them on.
func (s *correlationSet) link() {
	generate := map[*Rule]bool{}
	keep := map[*Rule]map[string]bool{}
	for _, n := range slices.Backward(s.nodes) {
		for i, r := range n.rules {
			s.uses[r] = append(s.uses[r], correlationUse{n, i})
			generate[r] = generate[r] || n.def.generate
			s.silent[r] = !generate[r]
			if keep[r] == nil {
				keep[r] = map[string]bool{}
			}
			maps.Copy(keep[r], keep[n.rule])
			for _, name := range slices.Concat(n.def.groupBy, n.def.fields) {
				keep[r][compactName(n.def.field(name, i))] = true
			}
		}
	}
	for r, names := range keep {
		s.keep[r] = slices.Sorted(maps.Keys(names))
	}
	for _, n := range s.nodes {
		n.users, n.silent = s.uses[n.rule], s.silent[n.rule]
	}
}
