package sigma

import (
	"regexp"
	"slices"
)

// parseWildcardHolders puts a wildcard in for each placeholder.
func parseWildcardHolders(a *arguments) (applyStep, *fail) {
	return fillHolders(a, func(_ *processing, s *step, _ string, op operation) ([]string, *fail) {
		switch op {
		case opRegex:
			return []string{".*"}, nil
		case opCIDR:
			return nil, failf(position{}, "leave cidr out of the step at "+s.where, "a network cannot hold a wildcard")
		}
		return []string{"*"}, nil
	})
}

// parseValueHolders puts in the values of a variable of the pipelines, or of
// Options.Placeholders.
func parseValueHolders(a *arguments) (applyStep, *fail) {
	return fillHolders(a, func(p *processing, s *step, name string, op operation) ([]string, *fail) {
		values := p.vars[name]
		if values == nil {
			values = p.opts.Placeholders[name]
		}
		if values == nil {
			return nil, failf(position{}, "define it under vars, or leave it to another step with exclude", "the placeholder %%%s%% has no values in the pipelines (%s)", name, s.where)
		}
		out := make([]string, len(values))
		for i, v := range values {
			switch op {
			case opMatch:
				out[i] = parsePattern(v, false).written(true)
				if n := len(out[i]); n > 0 && out[i][n-1] == '\\' && (n == 1 || out[i][n-2] != '\\') {
					out[i] += `\` // what follows is not to be escaped
				}
			case opRegex:
				out[i] = regexp.QuoteMeta(v)
			default:
				out[i] = v
			}
		}
		return out, nil
	})
}

// fillHolders is the step that replaces placeholders in values under the expand
// modifier: those in include, or not in exclude, or all. Others are left to
// later steps and in the end to Options.Placeholders.
func fillHolders(a *arguments, values func(*processing, *step, string, operation) ([]string, *fail)) (applyStep, *fail) {
	include, f := a.list("include", false)
	if f != nil {
		return nil, f
	}
	exclude, f := a.list("exclude", false)
	if f != nil {
		return nil, f
	}
	if include != nil && exclude != nil {
		return nil, failf(a.at, "remove one of the two", "include and exclude exclude each other")
	}
	return func(p *processing, s *step) *fail {
		return p.eachItem(s, func(it *item) (*searchNode, *fail) {
			if !it.has("expand") {
				return nil, nil
			}
			op := opMatch
			for _, m := range it.modifiers {
				switch m.name {
				case "re":
					op = opRegex
				case "cidr":
					op = opCIDR
				}
			}
			changed := false
			groups := make([][]scalar, 0, len(it.values))
			grown := p.size
			for _, v := range it.values {
				texts, f := fillText(v.text, func(name string) ([]string, *fail) {
					if include != nil && !slices.Contains(include, name) || slices.Contains(exclude, name) {
						return nil, nil
					}
					changed = true
					return values(p, s, name, op)
				})
				if f != nil {
					f.at = v.at
					return nil, f
				}
				group := make([]scalar, len(texts))
				for i, text := range texts {
					group[i] = scalar{at: v.at, kind: v.kind, text: text}
					grown.bytes += len(text)
				}
				if grown.values += len(group); grown.values > 2*MaxValues || grown.bytes > 2*MaxTextBytes {
					return nil, failf(v.at, "give the placeholder fewer values", "the placeholders expand to too many values")
				}
				groups = append(groups, group)
			}
			if !changed {
				return nil, nil
			}
			return it.withGroups(groups), nil
		})
	}, nil
}

// fillText returns the variants of a value as written with its placeholders
// replaced; nil values leave one as it is.
func fillText(s string, values func(name string) ([]string, *fail)) ([]string, *fail) {
	out := []string{""}
	put := func(alts ...string) *fail {
		if len(out)*len(alts) > MaxValues {
			return failf(position{}, "use fewer placeholders in one value", "the placeholders expand to more than %d values", MaxValues)
		}
		next := make([]string, 0, len(out)*len(alts))
		size := 0
		for _, o := range out {
			for _, alt := range alts {
				next = append(next, o+alt)
				if size += len(o) + len(alt); size > MaxTextBytes {
					return failf(position{}, "use fewer placeholders in one value", "the placeholders expand to more than %d bytes", MaxTextBytes)
				}
			}
		}
		out = next
		return nil
	}
	plain := 0 // where the text begins that is not in out yet
	for i := 0; i < len(s); {
		if s[i] == '\\' && i+1 < len(s) {
			i += 2
			continue
		}
		n := placeholderLen(s[i:])
		if n == 0 {
			i++
			continue
		}
		alts, f := values(s[i+1 : i+n-1])
		if f != nil {
			return nil, f
		}
		if alts == nil {
			i += n
			continue
		}
		if f := put(s[plain:i]); f != nil {
			return nil, f
		}
		if f := put(alts...); f != nil {
			return nil, f
		}
		i += n
		plain = i
	}
	return out, put(s[plain:])
}
