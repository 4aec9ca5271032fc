package sigma

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// values looks at the items of the detection one by one.
func (l *linter) values() {
	var walk func(n *searchNode)
	walk = func(n *searchNode) {
		for _, k := range n.kids {
			walk(k)
		}
		if n.item != nil {
			l.item(n.item)
		}
	}
	for _, name := range l.rule.detection.order {
		walk(l.rule.detection.searches[name])
	}
}

func (l *linter) item(it *item) {
	l.fieldName(it)
	budget := newBudget()
	c, f := newChain(it, &l.opts.Options, &budget)
	if f != nil {
		return // Compile says so
	}
	if c.all && it.list && len(it.values) == 1 {
		l.report("all-single-value", it.at, "remove all, or add values", "all on a list of one value has no effect")
	}
	for _, v := range it.values {
		l.characters(v)
	}
	switch c.op {
	case opMatch:
		l.duplicates(it, c.cased || it.encoded())
		l.idleModifiers(it, c)
		l.encodings(it)
		for _, v := range c.values {
			l.text(it, c, v)
		}
		l.wildcards(it, c)
		l.subsumed(c)
	case opRegex:
		l.duplicates(it, true)
		for _, v := range it.values {
			l.regex(c, v)
		}
	case opCIDR:
		l.duplicates(it, false)
	}
}

func (it *item) under(modifier string) bool {
	return slices.ContainsFunc(it.modifiers, func(m modifierRef) bool { return m.name == modifier })
}

// encoded reports whether the values are searched for in base64, which has
// another text for each case.
func (it *item) encoded() bool { return it.under("base64") || it.under("base64offset") }

func (l *linter) fieldName(it *item) {
	for _, r := range it.field {
		if r == '\u00a0' || !unicode.IsPrint(r) && r != ' ' {
			l.report("field-characters", it.at, "type the name anew", "the field name %q has the character %U", it.field, r)
			return
		}
	}
}

// invisible are characters that a reader does not see and a copied text
// brings along.
var invisible = map[rune]bool{
	'\u00a0': true, '\u00ad': true, '\u200b': true, '\u200c': true, '\u200d': true, '\u2060': true, '\ufeff': true,
	'\u202a': true, '\u202b': true, '\u202c': true, '\u202d': true, '\u202e': true,
	'\u2066': true, '\u2067': true, '\u2068': true, '\u2069': true,
}

func (l *linter) characters(v scalar) {
	visible := strings.ContainsFunc(v.text, func(r rune) bool { return !invisible[r] && !unicode.IsSpace(r) })
	for i, r := range v.text {
		switch {
		// A value that is nothing but such characters looks for them.
		case invisible[r] && visible && !joins(v.text, i, r):
			l.report("invisible-character", v.at, "type the value anew, or use re with \\x{…} if it is meant", "the value %q holds the character %U", brief(v.text), r)
			return
		case r < ' ' && slipped(v.text, i):
			l.report("control-character", v.at, "use single quotes: in double quotes YAML reads \\t as a tab", "the value %q holds the control character %U", brief(v.text), r)
			return
		}
	}
}

// joins reports whether the rune at s[i] joins or parts letters that are not
// ASCII, as in pictures made of several.
func joins(s string, i int, r rune) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
	return (r == '\u200c' || r == '\u200d') && (before > unicode.MaxASCII || after > unicode.MaxASCII)
}

// slipped reports whether a control character stands where a path has its
// backslash: behind "C:", or between letters in a text with a drive.
func slipped(s string, i int) bool {
	if i+1 >= len(s) || s[i] == '\n' && i+1 == len(s) || !isLetter(s[i+1]) {
		return false
	}
	if i >= 2 && s[i-1] == ':' && isLetter(s[i-2]) {
		return i == 2 || !isLetter(s[i-3])
	}
	drive := len(s) > 2 && s[1] == ':' && s[2] == '\\' && isLetter(s[0])
	return drive && i > 0 && isLetter(s[i-1])
}

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

// duplicates looks for values that stand twice.
func (l *linter) duplicates(it *item, cased bool) {
	if len(it.values) < 2 {
		return
	}
	type written struct {
		kind Kind
		text string
	}
	seen := map[written]string{}
	for _, v := range it.values {
		k := written{v.kind, v.text}
		if !cased {
			k.text = fold(k.text)
		}
		first, twice := seen[k]
		switch {
		case !twice:
			seen[k] = v.text
		case first == v.text:
			l.report("duplicate-value", v.at, "remove it", "the value %q stands twice in the list", brief(v.text))
		default:
			l.report("duplicate-value", v.at, "remove it; values are compared without regard to case", "the value %q differs from %q only in case", brief(v.text), brief(first))
		}
	}
}

func (l *linter) idleModifiers(it *item, c *chain) {
	any := func(f func(s string) bool) bool {
		return slices.ContainsFunc(it.values, func(v scalar) bool { return f(v.text) })
	}
	for _, m := range it.modifiers {
		switch m.name {
		case "windash":
			if !slices.ContainsFunc(c.values, func(v chainValue) bool { return len(v.alts) > 1 }) {
				l.report("idle-modifier", m.at, "remove it, or write the option with its dash", "windash changes nothing: no value has a word that begins with a dash")
			}
		case "cased":
			if !any(func(s string) bool {
				return strings.ContainsFunc(s, func(r rune) bool { return unicode.SimpleFold(r) != r })
			}) {
				l.report("idle-modifier", m.at, "remove it", "cased changes nothing: no value has a letter")
			}
		case "expand":
			if !any(func(s string) bool { return parsePattern(s, true).has(partHolder) }) {
				l.report("idle-modifier", m.at, "remove it, or write a placeholder as %%name%%", "expand changes nothing: no value has a placeholder")
			}
		}
	}
}

// shortestEncoded is the length from which the encoding of a text is long
// enough (five letters at any offset) not to turn up by chance.
const shortestEncoded = 5

// encodings looks at base64 and UTF-16.
func (l *linter) encodings(it *item) {
	contains := it.under("contains")
	units := 1
	for i, m := range it.modifiers {
		switch m.name {
		case "wide", "utf16le", "utf16be", "utf16":
			units = 2
			rest := it.modifiers[i+1:]
			if !slices.ContainsFunc(rest, func(m modifierRef) bool { return strings.HasPrefix(m.name, "base64") }) {
				l.report("wide-alone", m.at, "put base64offset after it, or remove it", "%s makes a text with zero bytes, which no log of text holds", m.name)
			}
		case "base64":
			if contains {
				l.report("base64-offset", m.at, "write base64offset", "base64 with contains finds the text only where the encoding began with it")
			}
		case "base64offset":
			if !contains {
				l.report("base64-anchor", m.at, "put contains after it", "base64offset makes fragments, and without contains one must be the whole value")
			}
		default:
			continue
		}
		if !strings.HasPrefix(m.name, "base64") {
			continue
		}
		for _, v := range it.values {
			if n := len([]rune(v.text)) * units; v.kind != Null && n < shortestEncoded && contains {
				l.report("base64-short", v.at, "look for more of the text", "the encoding of %q is so short that it is found by chance", v.text)
			}
		}
	}
}

// text looks at one plain value. Its last pattern, after all modifiers, stands
// for the others: they differ in dashes or offsets only.
func (l *linter) text(it *item, c *chain, v chainValue) {
	if v.kind != String || len(v.alts) == 0 {
		return
	}
	written := parsePattern(v.text, c.expand)
	l.trap(v.scalar)
	p := v.alts[len(v.alts)-1].compact()
	if len(p) == 1 && p[0].kind == partMany && c.anchor != shapeEqual {
		l.report("matches-anything", v.at, "remove it, or write exists: true", "%s with %q holds for every value of the field", c.anchorName, v.text)
		return
	}
	if len(written) < 2 || it.encoded() || c.expand {
		return
	}
	first, last := written[0].kind == partMany, written[len(written)-1].kind == partMany
	switch c.anchor {
	case shapeContains:
		if first || last {
			l.report("useless-wildcard", v.at, "remove it", "contains leaves both ends open: the * at the end of %q changes nothing", brief(v.text))
		}
	case shapePrefix:
		if last {
			l.report("useless-wildcard", v.at, "remove it", "startswith leaves the end open: the last * of %q changes nothing", brief(v.text))
		}
	case shapeSuffix:
		if first {
			l.report("useless-wildcard", v.at, "remove it", "endswith leaves the beginning open: the first * of %q changes nothing", brief(v.text))
		}
	}
}

// wildcards looks for items all of whose values say with a * at their ends what
// a modifier says.
func (l *linter) wildcards(it *item, c *chain) {
	if it.field == "" || len(it.modifiers) > 0 {
		return
	}
	var common shape
	for i, v := range c.values {
		lit, ok := v.alts[0].compact().literal()
		if v.kind != String || !ok || i > 0 && lit.shape != common {
			return
		}
		common = lit.shape
	}
	if name := map[shape]string{shapeContains: "contains", shapePrefix: "startswith", shapeSuffix: "endswith"}[common]; name != "" {
		l.report("wildcard-for-modifier", it.at, "write "+it.field+"|"+name+" without the *", "%q is %s written with wildcards", brief(c.values[0].text), name)
	}
}

// trap looks for a * or ? that a path's backslash has made literal: one behind
// a name, in a text with other backslashes that are separators.
func (l *linter) trap(v scalar) {
	s := v.text
	separators, where := 0, -1
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		switch s[i+1] {
		case '*', '?':
			if i > 0 && (isLetter(s[i-1]) || s[i-1]-'0' < 10 || strings.IndexByte("%)_:", s[i-1]) >= 0) && where < 0 {
				where = i
			}
			i++
		case '\\':
			separators++
			i++
		default:
			separators++
		}
	}
	if where >= 0 && separators > 0 {
		l.report("escaped-wildcard", v.at, `write \\* for a backslash and a wildcard`, "the backslash before %q in %q makes it a literal character", s[where+1:where+2], brief(s))
	}
}

// subsumed looks for values that another value of the list covers: under all,
// those that hold whenever another one does, and else those that hold only if
// another one does.
func (l *linter) subsumed(c *chain) {
	if len(c.values) < 2 {
		return
	}
	l.steps = MaxLintSteps
	alts := make([][]literal, len(c.values))
	for i, v := range c.values {
		alts[i] = l.literals(c, v)
	}
	more := 0
	found := func(v chainValue, format string, args ...any) {
		if more++; more <= maxSubsumedTold {
			l.report("subsumed-value", v.at, "remove it, or narrow the other one", format, args...)
		}
	}
	for i, v := range c.values {
		if l.steps < 0 {
			break
		}
		for j, w := range c.values {
			if i == j || alts[i] == nil || alts[j] == nil || slices.Equal(alts[i], alts[j]) {
				continue
			}
			if c.all && l.covered(alts[j], alts[i]) {
				found(v, "%q is there whenever %q is, which must be there too", brief(v.text), brief(w.text))
				break
			}
			if !c.all && l.covered(alts[i], alts[j]) {
				found(v, "the value %q is covered by %q", brief(v.text), brief(w.text))
				break
			}
		}
	}
	if more -= maxSubsumedTold; more > 0 {
		l.report("subsumed-value", c.item.at, "look for the shortest values", "%d more values of the list are covered by others", more)
	}
}

// maxSubsumedTold is how many values of one list are named.
const maxSubsumedTold = 5

// literals returns the patterns of a value as literals, or nil if one has inner
// wildcards.
func (l *linter) literals(c *chain, v chainValue) []literal {
	if v.kind == Null || v.kind == Number {
		return nil
	}
	var out []literal
	for _, p := range v.alts {
		if c.item.field == "" && c.anchor == shapeEqual {
			p = p.openStart().openEnd()
		}
		p = p.compact()
		if !c.cased {
			p = p.mapText(fold)
		}
		lit, ok := p.literal()
		if !ok {
			return nil
		}
		out = append(out, lit)
	}
	return out
}

// covered reports whether whatever matches one of a matches one of b.
func (l *linter) covered(a, b []literal) bool {
	if l.steps -= len(a) * len(b); l.steps < 0 {
		return false
	}
next:
	for i := range a {
		for j := range b {
			if len(b[j].text) <= len(a[i].text) && a[i].implies(b[j]) {
				continue next
			}
		}
		return false
	}
	return true
}

// regex looks at one regular expression.
func (l *linter) regex(c *chain, v scalar) {
	if v.kind == Null || c.expand || len(v.text) > MaxRegexBytes {
		return
	}
	var flags syntax.Flags = syntax.Perl
	if strings.Contains(c.flags, "s") {
		flags |= syntax.DotNL
	}
	if strings.Contains(c.flags, "i") {
		flags |= syntax.FoldCase
	}
	if strings.Contains(c.flags, "m") {
		flags &^= syntax.OneLine
	}
	re, err := syntax.Parse(v.text, flags)
	if err != nil {
		return // Compile says so
	}
	re = uncapture(re)
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	anchored := len(parts) > 0 && (parts[0].Op == syntax.OpBeginText || parts[0].Op == syntax.OpBeginLine)
	ended := len(parts) > 0 && (parts[len(parts)-1].Op == syntax.OpEndText || parts[len(parts)-1].Op == syntax.OpEndLine)
	if c.anchor == shapeEqual && matchesEmpty(re) {
		l.report("regex-anything", v.at, "make a part of it obligatory, or write exists: true", "the regular expression %q matches the empty text, so every value", brief(v.text))
		return
	}
	if c.anchor == shapeEqual && len(parts) > 1 && (anything(parts[0]) || anything(parts[len(parts)-1])) {
		l.report("regex-open-end", v.at, "remove it", "the .* at an end of %q changes nothing: the expression is searched for anywhere", brief(v.text))
		return
	}
	if c.anchor == shapeEqual && len(parts) > 2 &&
		(anchored && anything(parts[1]) || ended && anything(parts[len(parts)-2])) {
		l.report("regex-open-end", v.at, "remove both, unless the rest must be on the same line", "the anchor and the .* at an end of %q cancel each other", brief(v.text))
		return
	}
	if anchored {
		parts = parts[1:]
	}
	if ended && len(parts) > 0 {
		parts = parts[:len(parts)-1]
	}
	if len(parts) != 1 || parts[0].Op != syntax.OpLiteral || anchored && c.flags != "" && strings.Contains(c.flags, "m") {
		return
	}
	modifier := c.item.field + "|contains"
	switch {
	case anchored && ended:
		modifier = c.item.field
	case anchored:
		modifier = c.item.field + "|startswith"
	case ended:
		modifier = c.item.field + "|endswith"
	}
	if parts[0].Flags&syntax.FoldCase == 0 && strings.ContainsFunc(string(parts[0].Rune), unicode.IsLetter) {
		modifier += "|cased"
	}
	l.report("regex-literal", v.at, "write "+modifier, "the regular expression %q is a plain text", brief(v.text))
}

// uncapture removes parentheses around the whole.
func uncapture(re *syntax.Regexp) *syntax.Regexp {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	return re
}

func anything(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar && (re.Sub[0].Op == syntax.OpAnyCharNotNL || re.Sub[0].Op == syntax.OpAnyChar)
}

// matchesEmpty reports whether an expression matches at any place of any text.
func matchesEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpRepeat:
		return re.Min == 0 || matchesEmpty(re.Sub[0])
	case syntax.OpCapture, syntax.OpPlus:
		return matchesEmpty(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(r *syntax.Regexp) bool { return !matchesEmpty(r) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, matchesEmpty)
	}
	return false
}
