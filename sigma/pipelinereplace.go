package sigma

import (
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// parseReplaceString replaces what a regular expression finds in a value.
// Without skip_special it runs over the whole value as it is shown, wildcards
// included, and wildcards in the replacement are wildcards. With it, it runs over
// each text between wildcards, and the replacement is plain text unless
// interpret_special.
func parseReplaceString(a *arguments) (applyStep, *fail) {
	re, f := a.regex("regex", false)
	if f != nil {
		return nil, f
	}
	where := a.at
	replacement, f := a.text("replacement", true)
	if f != nil {
		return nil, f
	}
	skip, f := a.flag("skip_special")
	if f != nil {
		return nil, f
	}
	interpret, f := a.flag("interpret_special")
	if f != nil {
		return nil, f
	}
	parts, f := parseReplacement(replacement, re.Regexp)
	if f != nil {
		f.at = where
		return nil, f
	}
	for i := range parts {
		if parts[i].group >= 0 {
			continue
		}
		if skip && !interpret {
			parts[i].text = pattern{{kind: partText, text: parts[i].raw}}
		} else {
			parts[i].text = parseReplaced(parts[i].raw)
		}
	}
	return changeTexts(true, func(p *processing, v lookValue, x pattern) ([]pattern, *fail) {
		if !v.isText { // a number
			x = pattern{{kind: partText, text: v.text}}
		}
		var out pattern
		changed := false
		for len(x) > 0 {
			n := len(x)
			if skip {
				n = 1
			}
			r := replacer{atoms: x[:n].atoms(), room: MaxValueBytes}
			if skip {
				r.literal(x[0])
			}
			if !skip || x[0].kind == partText {
				changed = r.replace(p, re, parts) || changed
			} else {
				r.out = slices.Clone(x[:1])
			}
			if r.room < 0 {
				return nil, failf(position{}, "shorten the replacement", "a pipeline makes more than %d bytes of a value", MaxValueBytes)
			}
			out = append(out, r.out...)
			x = x[n:]
		}
		if !changed {
			return nil, nil
		}
		return []pattern{out.compact()}, nil
	}), nil
}

// replacement is a piece of a replacement: a group of the expression, or text.
type replacement struct {
	group int // -1 for text
	raw   string
	text  pattern
}

// parseReplacement reads a replacement the way Python writes it: \1, \g<1> and
// \g<name> are groups, \n and the like characters, \\ is a backslash.
func parseReplacement(s string, re *regexp.Regexp) ([]replacement, *fail) {
	var out []replacement
	var text []byte
	group := func(n int, name string) *fail {
		if n < 0 || n > re.NumSubexp() {
			return failf(position{}, `refer to a group of the expression; write \\ for a backslash`, "the replacement refers to the group %q, which the expression does not have", name)
		}
		if len(text) > 0 {
			out = append(out, replacement{group: -1, raw: string(text)})
			text = nil
		}
		out = append(out, replacement{group: n})
		return nil
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			text = append(text, s[i])
			continue
		}
		i++
		c := s[i]
		switch {
		case c >= '1' && c <= '9':
			n := digitsLen(s[i:min(i+2, len(s))])
			number, _ := strconv.Atoi(s[i : i+n])
			if f := group(number, s[i:i+n]); f != nil {
				return nil, f
			}
			i += n - 1
		case c == 'g':
			name, _, ok := strings.Cut(s[i+1:], ">")
			if !ok || !strings.HasPrefix(name, "<") {
				return nil, failf(position{}, `write \g<1> or \g<name>`, `the replacement has a \g without a group`)
			}
			i += len(name) + 1
			name = name[1:]
			number, err := strconv.Atoi(name)
			if err != nil {
				number = re.SubexpIndex(name)
			}
			if f := group(number, name); f != nil {
				return nil, f
			}
		case c == '\\':
			text = append(text, '\\')
		case strings.IndexByte("nrtafv0", c) >= 0:
			text = append(text, map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'a': '\a', 'f': '\f', 'v': '\v'}[c])
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			return nil, failf(position{}, `write \\ for a backslash`, `the replacement has the unknown escape \%c`, c)
		default:
			text = append(text, '\\', c)
		}
	}
	if len(text) > 0 {
		out = append(out, replacement{group: -1, raw: string(text)})
	}
	return out, nil
}

// parseReplaced reads text of a replacement as a Sigma string in which only * and
// ? can be escaped: any other backslash stands for itself.
func parseReplaced(s string) pattern {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		if s[i] == '\\' && (i+1 == len(s) || s[i+1] != '*' && s[i+1] != '?') {
			b.WriteByte('\\')
		}
	}
	return parsePattern(b.String(), false)
}

// replacer replaces in the shown text of a pattern, keeping for what stays and
// what groups copy whether it was text or a wildcard.
type replacer struct {
	atoms []atom
	out   pattern
	room  int // bytes the result may still grow by
}

// literal makes the replacer see a text as it is, without escapes.
func (r *replacer) literal(x part) { r.atoms = []atom{{0, x.text, x}} }

func (r *replacer) replace(p *processing, re pipelineRegex, parts []replacement) bool {
	var b strings.Builder
	for _, a := range r.atoms {
		b.WriteString(a.shown)
	}
	text := b.String()
	// Each match may look at the whole text, so they are limited by what work is
	// left and paid for.
	once := max(len(text), 1) * re.instructions
	found := re.FindAllStringSubmatchIndex(text, max(p.work/once, 1))
	if p.work -= once * (1 + len(found)); p.work < 0 {
		return false
	}
	last := 0
	for _, m := range found {
		r.span(last, m[0])
		for _, x := range parts {
			switch {
			case x.group < 0:
				for _, y := range x.text {
					r.add(y)
				}
			case m[2*x.group] >= 0:
				r.span(m[2*x.group], m[2*x.group+1])
			}
			if r.room < 0 {
				return true
			}
		}
		last = m[1]
	}
	r.span(last, len(text))
	return len(found) > 0
}

func (r *replacer) add(x part) {
	r.room -= max(len(x.text), 1)
	r.out = append(r.out, x)
}

// span copies what the shown text from begin to end stands for.
func (r *replacer) span(begin, end int) {
	i := sort.Search(len(r.atoms), func(i int) bool { return r.atoms[i].at+len(r.atoms[i].shown) > begin })
	for ; i < len(r.atoms) && r.atoms[i].at < end; i++ {
		a := r.atoms[i]
		from, to := max(begin-a.at, 0), min(end-a.at, len(a.shown))
		switch {
		case from == 0 && to == len(a.shown):
			r.add(a.part)
		case from < to: // a part of a text, of an escape or of a placeholder
			r.add(part{kind: partText, text: a.shown[from:to]})
		}
		if r.room < 0 {
			return
		}
	}
}
