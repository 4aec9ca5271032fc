package module

import (
	"unicode/utf8"

	"github.com/lachan-vn/lachan/sigma"
)

// CharacterRange is a part of a value.
type CharacterRange struct {
	Start int `json:"start" doc:"in Unicode characters (code points), from 0"`
	End   int `json:"end" doc:"the first one behind it"`
}

// Ranges counts the spans of a value in characters, in order, those that touch as
// one. A byte that is not UTF-8 is one character on the wire, too.
func Ranges(value string, spans []sigma.Span) []CharacterRange {
	out := []CharacterRange{}
	at, characters := 0, 0 // characters before at
	count := func(to int) int {
		characters += utf8.RuneCountInString(value[at:to])
		at = to
		return characters
	}
	for _, s := range sigma.MergeSpans(spans) {
		start := count(s.Start)
		out = append(out, CharacterRange{start, count(s.End)})
	}
	return out
}
