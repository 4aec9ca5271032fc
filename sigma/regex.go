package sigma

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// newRegexPredicate compiles a regular expression. It is searched for anywhere
// in the value and is case-sensitive unless flagged otherwise. The engine is
// RE2: linear time, and no look-around or back-references, which the
// specification does not have either.
func newRegexPredicate(c *chain, field, text string, where position) (*predicate, *fail) {
	if len(text) > MaxRegexBytes {
		return nil, failf(where, "shorten it", "a regular expression has more than %d bytes", MaxRegexBytes)
	}
	switch c.anchor {
	case shapePrefix:
		text = `\A(?:` + text + `)`
	case shapeSuffix:
		text = `(?:` + text + `)\z`
	}
	if c.flags != "" {
		text = "(?" + c.flags + ")" + text
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		remedy := "correct it"
		if strings.Contains(err.Error(), "(?") {
			remedy = "look-around and back-references are not part of Sigma; use a second search identifier with not"
		}
		return nil, failf(where, remedy, "the regular expression does not compile: %v", err)
	}
	tree = tree.Simplify()
	prog, err := syntax.Compile(tree)
	if err != nil {
		return nil, failf(where, "correct it", "the regular expression does not compile: %v", err)
	}
	if len(prog.Inst) > MaxRegexProgram {
		return nil, failf(where, "use smaller repeat counts or split it", "the regular expression compiles to %d instructions, more than %d", len(prog.Inst), MaxRegexProgram)
	}
	if f := c.budget.step(len(prog.Inst), where); f != nil {
		return nil, f
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, failf(where, "correct it", "the regular expression does not compile: %v", err)
	}
	p := &predicate{kind: predRegex, field: field, re: re}
	sets := requiredSets(tree)
	slices.SortStableFunc(sets, func(a, b []string) int {
		switch {
		case better(a, b):
			return -1
		case better(b, a):
			return 1
		}
		return 0
	})
	if len(sets) > 0 {
		p.required, p.also = sets[0], sets[1:min(len(sets), 1+maxAlso)]
	}
	return p, nil
}

const (
	maxRequired = 64
	maxAlso     = 3
)

// requiredSets returns sets of folded texts: every match contains at least one
// text of each set.
func requiredSets(re *syntax.Regexp) [][]string {
	switch re.Op {
	case syntax.OpLiteral:
		// The replacement character stands for any byte that is not UTF-8.
		if slices.Contains(re.Rune, utf8.RuneError) {
			return nil
		}
		return [][]string{{fold(string(re.Rune))}}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredSets(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return requiredSets(re.Sub[0])
		}
	case syntax.OpConcat:
		var all [][]string
		for _, sub := range re.Sub {
			all = append(all, requiredSets(sub)...)
		}
		return all
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			var best []string
			for _, set := range requiredSets(sub) {
				if better(set, best) {
					best = set
				}
			}
			if best == nil || len(all)+len(best) > maxRequired {
				return nil
			}
			all = append(all, best...)
		}
		return [][]string{all}
	}
	return nil
}

// better prefers the set whose shortest text is longer, then the smaller set.
func better(a, b []string) bool {
	if a == nil || b == nil {
		return a != nil
	}
	if x, y := shortest(a), shortest(b); x != y {
		return x > y
	}
	return len(a) < len(b)
}

func shortest(set []string) int {
	n := len(set[0])
	for _, s := range set {
		n = min(n, len(s))
	}
	return n
}
