package query

import (
	"regexp/syntax"
	"strings"
	"unicode"
)

// Needle returns a folded text that the folded form of every text with a match
// holds: the longest there is to find, or "" if there is none. What does not
// hold it need not be asked.
func (r *Regex) Needle() string { return r.needle }

// needle finds the longest literal that every match of t goes through.
//
// The tree is walked for what must come next to each other: literals, classes
// whose members fold to one letter, and what captures and concatenations hold of
// them. Anything else, an alternative or a repetition, ends a run. Folding goes
// rune by rune, so a part of a match folds to a part of the folded match.
func needle(t *syntax.Regexp) string {
	var w needleWalk
	w.node(t)
	w.end()
	return w.longest
}

type needleWalk struct {
	run     strings.Builder
	longest string
}

func (w *needleWalk) end() {
	if w.run.Len() > len(w.longest) {
		w.longest = w.run.String()
	}
	w.run.Reset()
}

func (w *needleWalk) node(t *syntax.Regexp) {
	switch t.Op {
	case syntax.OpLiteral:
		for _, r := range t.Rune {
			if r == unicode.ReplacementChar || t.Flags&syntax.FoldCase != 0 && !foldsAlone(r) {
				w.end() // it also matches bytes, or letters, that fold to something else
				continue
			}
			w.run.WriteRune(unicode.ToLower(r))
		}
	case syntax.OpCharClass:
		if r, ok := foldedClass(t.Rune); ok {
			w.run.WriteRune(r)
		} else {
			w.end()
		}
	case syntax.OpConcat:
		for _, s := range t.Sub {
			w.node(s)
		}
	case syntax.OpCapture:
		w.node(t.Sub[0])
	case syntax.OpPlus:
		w.repeated(t.Sub[0])
	case syntax.OpRepeat:
		if t.Min > 0 {
			w.repeated(t.Sub[0])
		} else {
			w.end()
		}
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary:
		// no text of their own
	default:
		w.end()
	}
}

// repeated is what comes at least once: whole, but what follows need not come
// right after the first time.
func (w *needleWalk) repeated(t *syntax.Regexp) {
	w.node(t)
	w.end()
}

// foldsAlone reports whether all letters that are r without case fold to one.
func foldsAlone(r rune) bool {
	to := unicode.ToLower(r)
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if unicode.ToLower(f) != to {
			return false
		}
	}
	return true
}

// foldedClass returns what all members of a small class fold to, if it is one.
func foldedClass(ranges []rune) (to rune, ok bool) {
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] > 3 {
			return 0, false
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			f := unicode.ToLower(r)
			if r == unicode.ReplacementChar || ok && f != to {
				return 0, false
			}
			to, ok = f, true
		}
	}
	return to, ok
}
