package retro

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/sigma"
)

// plan is how candidates are found.
type plan struct {
	query  *query.Query // that every event of interest matches; nil: every event does
	wanted map[*detect.Rule]bool
}

// maxQuestions is how many different questions about values are put to the store.
// Beyond it, as for thousands of rules at once, asking them costs more than to show
// every event to the rules, whose index answers them all together.
const (
	maxQuestions = 2000
	maxRules     = 500 // of so many it is not worth working out
)

func newPlan(o *Options) *plan {
	if o.Indicators != nil {
		return &plan{query: &query.Query{Root: o.Indicators.node()}}
	}
	p := &plan{wanted: map[*detect.Rule]bool{}}
	needed := map[*detect.Rule]bool{}
	for _, r := range o.Rules.Rules() {
		if o.Wanted != nil && !o.Wanted(r) || o.Wanted == nil && r.Silent {
			continue
		}
		p.wanted[r] = true
		if len(r.Parts) == 0 {
			needed[r] = true
		}
		for _, part := range r.Parts {
			needed[part.Rule] = true
		}
	}
	if len(needed) > maxRules {
		return p
	}
	q := &questions{}
	if root := q.node(o.Rules.Sieve(slices.Collect(maps.Keys(needed)))); root != nil && q.n <= maxQuestions {
		p.query = &query.Query{Root: root}
	}
	return p
}

// questions turns sieves into queries and counts what they ask.
type questions struct{ n int }

// node returns nil for what every event meets.
func (q *questions) node(s *sigma.Sieve) query.Node {
	switch s.Kind {
	case sigma.SieveAnd, sigma.SieveOr:
		parts := make([]query.Node, 0, len(s.Parts))
		for _, p := range s.Parts {
			n := q.node(p)
			if n == nil && s.Kind == sigma.SieveOr {
				return nil
			}
			if n != nil {
				parts = append(parts, n)
			}
		}
		switch {
		case len(parts) == 1:
			return parts[0]
		case s.Kind == sigma.SieveOr:
			return query.Or{Parts: parts}
		case len(parts) == 0:
			return nil
		}
		return query.And{Parts: parts}
	case sigma.SieveProduct:
		return core("_product", s.Text)
	case sigma.SieveCategory:
		return core("_category", s.Text)
	case sigma.SieveService:
		return core("_service", s.Text)
	case sigma.SieveField:
		q.n++
		return field(s)
	case sigma.SieveAll:
	}
	return nil
}

// core asks for a part of the log source; "" for none.
func core(name, text string) query.Node {
	if text == "" {
		return query.Not{Part: query.Term{Op: query.Exists, Field: name}}
	}
	return query.Term{Op: query.Equal, Field: name, Pattern: query.Pattern{Parts: []string{query.Fold(text)}}}
}

func field(s *sigma.Sieve) query.Node {
	own := query.Any{Name: named(s.Names), Null: s.Null, Needs: needs(s.Texts)}
	if s.Test != nil {
		own.Test = orDoubtful(s.Test)
	}
	if !s.Below || s.Names == nil {
		return own
	}
	return query.Or{Parts: []query.Node{own, query.Any{Name: below(s.Names), Null: true}}}
}

// named accepts the folded names of fields that are one of names but for spaces
// and, since that is how the store has them, for capitals.
func named(names []string) func(string) bool {
	if names == nil || slices.ContainsFunc(names, odd) {
		return nil
	}
	folded := map[string]bool{}
	for _, n := range names {
		folded[query.Fold(n)] = true
	}
	return func(name string) bool { return folded[compact(name)] }
}

// below accepts the names of fields inside one of names.
func below(names []string) func(string) bool {
	if slices.ContainsFunc(names, odd) {
		return nil
	}
	var prefixes []string
	for _, n := range names {
		prefixes = append(prefixes, query.Fold(n)+".")
	}
	return func(name string) bool {
		if strings.IndexByte(name, '.') < 0 {
			return false
		}
		name = compact(name)
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
}

func compact(name string) string { return strings.ReplaceAll(name, " ", "") }

// odd reports whether a name may be stored as another: the store replaces what
// cannot stand in the name of a column.
func odd(name string) bool {
	return !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl)
}

// The signs that the store puts for two control characters, see docs/format/segment.md.
const storeSigns = "\u241f\u2418"

// orDoubtful accepts also the values that were another when they arrived.
func orDoubtful(test func(string) bool) func(string) bool {
	return func(value string) bool { return test(value) || strings.Contains(value, signBytes) }
}

const signBytes = "\xe2\x90" // both signs begin with

// minNeed is the shortest text that an index can tell anything of.
const minNeed = 4

// needs turns sets of texts folded as rules do it, where ſ is an s, into such
// folded as the store does it, where it is not: each text is cut where the two may
// differ, and the longest piece stands for it.
func needs(sets [][]string) [][]string {
	var out [][]string
	for _, set := range sets {
		pieces := make([]string, 0, len(set))
		for _, text := range set {
			piece := longestPlain(text)
			if len(piece) < minNeed {
				pieces = nil
				break
			}
			pieces = append(pieces, piece)
		}
		if len(pieces) > 0 {
			slices.Sort(pieces)
			out = append(out, slices.Compact(pieces))
		}
	}
	return out
}

// longestPlain returns the longest part of a text in which every letter that case
// folding makes equal has one small letter; in small letters.
func longestPlain(text string) string {
	best, from := "", 0
	end := func(at int) {
		if at-from > len(best) {
			best = text[from:at]
		}
	}
	for i, r := range text {
		if _, ok := plainRune(r); !ok {
			end(i)
			from = i + utf8.RuneLen(r)
			if r == utf8.RuneError {
				_, n := utf8.DecodeRuneInString(text[i:])
				from = i + n
			}
		}
	}
	end(len(text))
	return strings.Map(func(r rune) rune { r, _ = plainRune(r); return r }, best)
}

// plainRune returns the small letter of all that is equal to r, and whether there
// is just one.
func plainRune(r rune) (small rune, ok bool) {
	if r == utf8.RuneError {
		return r, false
	}
	small = unicode.ToLower(r)
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if unicode.ToLower(f) != small {
			return small, false
		}
	}
	return small, !unicode.IsControl(r) && !strings.ContainsRune(storeSigns, r)
}
