package query

// Fields lists the fields a pipeline speaks of that are no part of the core, in
// order and as often as they stand there, and where that is.
func (p *Pipeline) Fields() []FieldRef {
	var out []FieldRef
	add := func(f FieldRef) {
		if core, _ := Resolve(f.Name); f.Name != "" && core == NoCore {
			out = append(out, f)
		}
	}
	var walk func(Node)
	walk = func(n Node) {
		switch n := n.(type) {
		case And:
			for _, part := range n.Parts {
				walk(part)
			}
		case Or:
			for _, part := range n.Parts {
				walk(part)
			}
		case Not:
			walk(n.Part)
		case Term:
			add(FieldRef{n.place, n.Field})
		}
	}
	walk(p.Query.Root)
	if p.Aggregate != nil {
		for _, f := range p.Aggregate.Funcs {
			add(FieldRef{f.place, f.Field})
		}
		for _, f := range p.Aggregate.By {
			add(f)
		}
	}
	return out
}

// Unknown is a field of a query that no event has, and those that may be meant.
type Unknown struct {
	FieldRef
	Nearest []string
}

// Unknown lists the fields, each once, that are not among the names.
func (p *Pipeline) Unknown(names []string) []Unknown {
	known := map[string]bool{}
	for _, n := range names {
		known[Fold(n)] = true
	}
	var out []Unknown
	for _, f := range p.Fields() {
		if key := Fold(f.Name); !known[key] {
			known[key] = true
			out = append(out, Unknown{f, Nearest(f.Name, names, 3)})
		}
	}
	return out
}
