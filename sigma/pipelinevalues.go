package sigma

import (
	"slices"
	"strings"
	"unicode"
)

// changeTexts is the step that changes Sigma strings. change gives what one
// pattern becomes, nil to leave it; several are alternatives, or under the all
// modifier further values, as in pySigma.
func changeTexts(numbers bool, change func(*processing, lookValue, pattern) ([]pattern, *fail)) applyStep {
	return func(p *processing, s *step) *fail {
		return p.eachItem(s, func(it *item) (*searchNode, *fail) {
			l := p.look(it)
			changed := false
			grown := p.size
			var out []lookValue
			for _, v := range l.values {
				if l.op != opMatch || !v.isText && (!numbers || v.kind != Number) {
					out = append(out, v)
					continue
				}
				var alts []pattern
				touched := false
				for _, x := range v.alts {
					to, f := change(p, v, x)
					if f != nil {
						f.at = v.at
						return nil, f
					}
					if to == nil {
						alts = append(alts, x)
						continue
					}
					touched = true
					alts = append(alts, to...)
					for _, y := range to {
						grown.values++
						grown.bytes += y.size()
					}
					if grown.values > 2*MaxValues || grown.bytes > 2*MaxTextBytes {
						return nil, failf(v.at, "map to fewer or shorter values", "a pipeline makes too many values of this one")
					}
				}
				if !touched {
					out = append(out, v)
					continue
				}
				changed = true
				if len(v.alts) == 1 {
					for _, x := range alts {
						out = append(out, lookValue{scalar: v.scalar, isText: true, alts: []pattern{x}})
					}
					continue
				}
				out = append(out, lookValue{scalar: v.scalar, isText: true, alts: alts})
			}
			if !changed {
				return nil, nil
			}
			return p.rewritten(it, l, out), nil
		})
	}
}

// parseMapString replaces values that are equal to a name of the mapping.
func parseMapString(a *arguments) (applyStep, *fail) {
	mapping, _, f := a.mapping("mapping", true, true)
	if f != nil {
		return nil, f
	}
	patterns := map[string][]pattern{}
	for from, list := range mapping {
		for _, to := range list {
			patterns[from] = append(patterns[from], parsePattern(to, false))
		}
	}
	return changeTexts(false, func(_ *processing, _ lookValue, x pattern) ([]pattern, *fail) {
		return patterns[x.shown()], nil
	}), nil
}

// parseCase changes the case of values. It matters to what is compared exactly:
// other comparisons ignore case.
func parseCase(a *arguments) (applyStep, *fail) {
	method, f := a.word("method", false, "lower", "upper", "snake_case")
	if f != nil {
		return nil, f
	}
	spell := map[string]func(string) string{"lower": strings.ToLower, "upper": strings.ToUpper, "snake_case": snakeValue}[method]
	return changeTexts(false, func(_ *processing, _ lookValue, x pattern) ([]pattern, *fail) {
		to := x.mapText(spell)
		if slices.Equal(to, x) {
			return nil, nil
		}
		return []pattern{to}, nil
	}), nil
}

// snakeValue puts an underscore before each capital letter but the first.
func snakeValue(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// parseRegexStep: pySigma turns values into regular expressions for targets
// that cannot ignore case otherwise. Here comparing ignores case anyway, so only
// the method that does not changes anything.
func parseRegexStep(a *arguments) (applyStep, *fail) {
	method, f := a.word("method", false, "ignore_case_brackets", "ignore_case_flag", "plain")
	return func(p *processing, s *step) *fail {
		return p.eachItem(s, func(it *item) (*searchNode, *fail) {
			l := p.look(it)
			if method != "plain" || l.cased || !slices.ContainsFunc(l.values, func(v lookValue) bool { return v.isText }) {
				return nil, nil
			}
			l.cased = true
			return p.rewritten(it, l, l.values), nil
		})
	}, f
}

// parseSetValue replaces all values of a line by one.
func parseSetValue(a *arguments) (applyStep, *fail) {
	value, f := a.value("value")
	if f != nil {
		return nil, f
	}
	where := value.at
	value.at = position{}
	force, f := a.word("force_type", false, "", "str", "num")
	if f != nil {
		return nil, f
	}
	switch {
	case force != "" && value.kind != String && value.kind != Number:
		return nil, failf(where, "remove force_type", "force_type is for texts and numbers only")
	case force == "str":
		value.kind = String
	case force == "num":
		if _, ok := parseDecimal(value.text); !ok {
			return nil, failf(where, "write a number", "%q is not a number", value.text)
		}
		value.kind = Number
	}
	return func(p *processing, s *step) *fail {
		return p.eachItem(s, func(it *item) (*searchNode, *fail) {
			if it.field == "" && value.kind == Null {
				return nil, failf(it.at, "leave keywords out of the step at "+s.where, "null cannot be a keyword")
			}
			v := value
			v.at = it.at
			out := &item{at: it.at, field: it.field, values: []scalar{v}}
			if it.has("neq") {
				out.modifiers = []modifierRef{{"neq", it.at}}
			}
			return &searchNode{kind: nodeItem, item: out}, nil
		})
	}, nil
}

// parseConvertType makes texts of numbers, or numbers of texts.
func parseConvertType(a *arguments) (applyStep, *fail) {
	target, f := a.word("target_type", true, "str", "num")
	return func(p *processing, s *step) *fail {
		return p.eachItem(s, func(it *item) (*searchNode, *fail) {
			l := p.look(it)
			if l.op != opMatch {
				return nil, nil
			}
			changed := false
			for i := range l.values {
				v := &l.values[i]
				switch {
				case target == "str" && !v.isText && v.kind != Null:
					v.isText, v.alts = true, []pattern{{{kind: partText, text: v.text}}}
					changed = true
				case target == "num" && v.kind != Null && (v.isText || v.kind == Bool):
					text := strings.TrimSpace(v.text)
					if len(v.alts) == 1 {
						text = strings.TrimSpace(v.alts[0].shown())
					}
					if _, ok := parseDecimal(text); !ok || len(v.alts) > 1 {
						return nil, failf(v.at, "leave the field out of the step at "+s.where, "the value %q cannot be made a number", v.text)
					}
					v.isText, v.kind, v.text = false, Number, text
					changed = true
				}
			}
			if !changed {
				return nil, nil
			}
			return p.rewritten(it, l, l.values), nil
		})
	}, f
}

// hashNames tells hashes without a name by their length.
var hashNames = map[int]string{32: "MD5", 40: "SHA1", 64: "SHA256", 128: "SHA512"}

// parseHashes splits lines such as Hashes: SHA1=… into one for each algorithm
// with a field of its own.
func parseHashes(a *arguments) (applyStep, *fail) {
	algorithms, f := a.list("valid_hash_algos", true)
	if f != nil {
		return nil, f
	}
	prefix, f := a.text("field_prefix", false)
	if f != nil {
		return nil, f
	}
	bare, f := a.flag("drop_algo_prefix")
	if f != nil {
		return nil, f
	}
	if bare && prefix == "" {
		return nil, failf(a.at, "add field_prefix:, the name of the field", "without field_prefix and algorithm the hashes have no field")
	}
	return func(p *processing, s *step) *fail {
		return p.eachItem(s, func(it *item) (*searchNode, *fail) {
			l := p.look(it)
			if l.op != opMatch || len(l.values) == 0 || slices.ContainsFunc(l.values, func(v lookValue) bool { return !v.isText }) {
				return nil, nil
			}
			kind := nodeOr
			if l.all != l.neq {
				kind = nodeAnd
			}
			out := &searchNode{kind: kind}
			byField := map[string]*item{}
			for _, v := range l.values {
				for _, x := range v.alts {
					algorithm, text := splitHash(x.written(false))
					if !slices.Contains(algorithms, algorithm) {
						p.warns = append(p.warns, p.placed(failf(v.at, "name its algorithm in valid_hash_algos of the step at "+s.where, "the pipeline drops the hash %q", x.shown())))
						continue
					}
					field := prefix + algorithm
					if bare {
						field = prefix
					}
					if f := checkName(field); f != nil {
						f.at = it.at
						return nil, f
					}
					h := byField[field]
					if h == nil {
						h = &item{at: it.at, field: field}
						if l.all && len(l.values) > 1 {
							h.modifiers = append(h.modifiers, modifierRef{"all", it.at})
							h.list = true
						}
						if l.neq {
							h.modifiers = append(h.modifiers, modifierRef{"neq", it.at})
						}
						byField[field] = h
						out.kids = append(out.kids, &searchNode{kind: nodeItem, item: h})
					}
					h.values = append(h.values, scalar{at: v.at, kind: String, text: text})
					h.list = h.list || len(h.values) > 1
				}
			}
			if len(out.kids) == 0 {
				return nil, failf(it.at, "use one of "+strings.Join(algorithms, ", ")+", or give the step at "+s.where+" a condition on the field", "the pipeline finds no hash of a known algorithm in %s", it.field)
			}
			return out, nil
		})
	}, nil
}

// splitHash takes the text of a value apart: SHA1=…, SHA1|… or just the hash.
func splitHash(s string) (algorithm, text string) {
	by := "="
	if strings.Contains(s, "|") {
		by = "|"
	}
	if parts := strings.Split(s, by); len(parts) == 2 {
		return strings.ToUpper(strings.TrimLeft(parts[0], "*")), parts[1]
	}
	return hashNames[len(strings.Trim(s, "*"))], s
}
