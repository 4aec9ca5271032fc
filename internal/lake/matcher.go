package lake

import (
	"bytes"
	"strings"

	"github.com/lachan-vn/lachan/internal/query"
)

// matcher answers one term for the values of a column. It compares like
// query.Term.MatchValue, many values at a time: what can be told of the folded
// bytes of a whole dictionary at once is told first, and only what is left is
// looked at one by one.
type matcher struct {
	term query.Term
	kind matchKind
	lit  []byte // of the kinds that compare with one text, folded
	// needle is a folded text without which no value matches; empty: there is
	// none worth looking for.
	needle []byte
	needs  []string   // folded texts that a matching value holds, all of them
	scope  Scope      // of matchUnit
	any    *query.Any // of matchAsked
	escape escape     // of matchWritten
	always bool       // matchWritten: a quotation mark or backslash may matter, too
	exact  bool       // needle has no letters: no need to fold the values to look for it
}

type matchKind uint8

const (
	matchNone matchKind = iota
	matchAny            // every value that is not null
	matchNull
	matchWhole    // the value is lit
	matchPrefix   // it begins with lit
	matchSuffix   // it ends with lit
	matchContains // it holds lit
	matchPattern
	matchUnit    // the scope sees the value
	matchWritten // written with escape it holds lit, though perhaps not as it is
	matchAsked   // a program says so, of nulls as well
	matchOther   // the term itself is asked, for the value as it is
)

// newMatcher compiles a term with a field. The values of cells never hold the
// character that parts them, so what is looked for cannot either.
func newMatcher(t query.Term) *matcher {
	m := &matcher{term: t, kind: matchOther}
	switch t.Op {
	case query.Exists:
		m.kind = matchAny
	case query.IsNull:
		m.kind = matchNull
	case query.Equal:
		parts := make([]string, len(t.Pattern.Parts))
		for i, s := range t.Pattern.Parts {
			parts[i] = strings.ReplaceAll(s, cellSeparator, separatorSign)
		}
		m.pattern(query.Pattern{Parts: parts, Wild: t.Pattern.Wild})
	case query.Text:
		m.kind = matchNone
	case query.Range:
		if t.Low == nil && t.High == nil {
			m.kind = matchAny
		}
	case query.Matches:
		m.need(t.Regex.Needle())
	}
	return m
}

// newTextMatcher compiles free text, for values of cells or for raw records.
func newTextMatcher(t query.Term, cells bool) *matcher {
	m := &matcher{term: t, kind: matchOther}
	if t.Op == query.Matches {
		m.need(t.Regex.Needle())
		return m
	}
	p := t.Pattern.Anywhere()
	if cells {
		for i, s := range p.Parts {
			p.Parts[i] = strings.ReplaceAll(s, cellSeparator, separatorSign)
		}
	}
	m.pattern(p)
	return m
}

// newRawMatcher compiles a term on the raw record, which is no cell.
func newRawMatcher(t query.Term) *matcher {
	m := newMatcher(t)
	if t.Op == query.Equal {
		m.pattern(t.Pattern)
	}
	return m
}

// pattern takes the cheapest kind there is for p.
func (m *matcher) pattern(p query.Pattern) {
	m.term.Pattern, m.needle = p, nil
	whole := func(kind matchKind, lit string) {
		m.kind, m.lit = kind, []byte(lit)
		if lit == "" && kind != matchWhole {
			m.kind = matchAny
		}
		if m.needs = []string{lit}; kind == matchContains {
			m.need(lit)
		}
	}
	switch wild := string(p.Wild); {
	case wild == "":
		whole(matchWhole, p.Parts[0])
	case wild == "*" && p.Parts[1] == "":
		whole(matchPrefix, p.Parts[0])
	case wild == "*" && p.Parts[0] == "":
		whole(matchSuffix, p.Parts[1])
	case wild == "**" && p.Parts[0] == "" && p.Parts[2] == "":
		whole(matchContains, p.Parts[1])
	default:
		m.kind = matchPattern
		longest := ""
		for _, s := range p.Parts {
			if len(s) > len(longest) {
				longest = s
			}
		}
		m.need(longest)
		m.needs = p.Parts
	}
}

func (m *matcher) need(folded string) {
	m.needle, m.exact, m.needs = []byte(folded), caseless(folded), []string{folded}
}

// caseless reports whether no other text folds to the folded s.
func caseless(s string) bool {
	for _, r := range s {
		if r >= 0x80 || 'a' <= r && r <= 'z' {
			return false
		}
	}
	return true
}

// matchScratch is memory of a worker for matching.
type matchScratch struct {
	folded foldedDict
	one    []byte
	text   []byte
	hits   []byte
}

// all sets hits[i] for every entry of d that matches, and returns how many do.
// Entries are cells: with multi they may hold several values, with null some may
// be null.
func (m *matcher) all(d *dict, multi, null bool, sc *matchScratch) (hits []byte, n int) {
	size := d.len()
	if cap(sc.hits) < size {
		sc.hits = make([]byte, size+size/2)
	}
	hits = sc.hits[:size]
	clear(hits)
	if size == 0 || m.kind == matchNone {
		return hits, 0
	}
	multi = multi && bytes.IndexByte(d.arena, cellSeparator[0]) >= 0
	null = null && bytes.IndexByte(d.arena, cellNull[0]) >= 0
	if m.kind == matchNull && !null {
		return hits, 0
	}
	if m.kind == matchAny && !null {
		for i := range hits {
			hits[i] = 1
		}
		return hits, size
	}
	if m.kind == matchWritten && !m.escape.matters(d.arena, m.always) {
		return hits, 0
	}
	if len(m.needle) > 0 {
		arena, ends := d.arena, d.ends
		if !m.exact {
			sc.folded.fold(d)
			arena, ends = sc.folded.arena, sc.folded.ends
		}
		eachHolding(arena, ends, m.needle, func(i int) {
			if m.kind == matchContains && !null || m.cell(d.get(uint32(i)), multi, null, sc) {
				hits[i] = 1
				n++
			}
		})
		return hits, n
	}
	if m.folds() && !multi && !null {
		sc.folded.fold(d)
		for i := range hits {
			if m.folded(sc.folded.get(i)) {
				hits[i] = 1
				n++
			}
		}
		return hits, n
	}
	for i := range hits {
		if m.cell(d.get(uint32(i)), multi, null, sc) {
			hits[i] = 1
			n++
		}
	}
	return hits, n
}

// cell reports whether any value of a cell matches.
func (m *matcher) cell(b []byte, multi, null bool, sc *matchScratch) bool {
	for multi {
		i := bytes.IndexByte(b, cellSeparator[0])
		if i < 0 {
			break
		}
		if m.value(b[:i], null, sc) {
			return true
		}
		b = b[i+1:]
	}
	return m.value(b, null, sc)
}

func (m *matcher) value(b []byte, null bool, sc *matchScratch) bool {
	if null && len(b) == 1 && b[0] == cellNull[0] {
		return m.kind == matchNull || m.kind == matchAsked && m.any.Accepts("", true)
	}
	if m.folds() {
		sc.one = appendFolded(sc.one[:0], b)
		return m.folded(sc.one)
	}
	switch m.kind {
	case matchAny:
		return true
	case matchUnit:
		return m.scope.sees(bytesAsString(b))
	case matchWritten:
		sc.text = m.escape.append(sc.text[:0], bytesAsString(b))
		sc.one = appendFolded(sc.one[:0], sc.text)
		return bytes.Contains(sc.one, m.lit)
	case matchAsked:
		return m.any.Accepts(string(b), false) // which may keep it
	case matchOther:
		return m.term.MatchValue(bytesAsString(b))
	}
	return false
}

// folds reports whether the matcher looks at folded values only.
func (m *matcher) folds() bool { return m.kind >= matchWhole && m.kind <= matchPattern }

func (m *matcher) folded(b []byte) bool {
	switch m.kind {
	case matchWhole:
		return len(b) == len(m.lit) && string(b) == string(m.lit)
	case matchPrefix:
		return bytes.HasPrefix(b, m.lit)
	case matchSuffix:
		return bytes.HasSuffix(b, m.lit)
	case matchContains:
		return bytes.Contains(b, m.lit)
	case matchPattern:
		return m.term.Pattern.Whole(bytesAsString(b))
	}
	return false
}

// matters reports whether a text that is looked for may stand in one of the
// values as written and not in the value itself. An escape of a letter or number
// (\n, \u00e9) puts such texts there; one that only puts a backslash before a
// character does so for texts that have a backslash themselves.
func (e escape) matters(values []byte, backslash bool) bool {
	if e != jsonPlain && (!isASCII(values) || bytes.ContainsAny(values, "<>&/")) {
		return true
	}
	for _, c := range values {
		if c < 0x20 && c != cellSeparator[0] || backslash && (c == '"' || c == '\\') {
			return true
		}
	}
	return false
}
