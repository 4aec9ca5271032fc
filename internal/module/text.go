package module

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/text"
)

// Text is [text.Fit].
func Text(s string, maxBytes int) string { return text.Fit(s, maxBytes) }

// OneLine is [text.OneLine].
func OneLine(s string) string { return text.OneLine(s) }

// IsText tells whether s is text as people write it, of at most so many characters.
func IsText(s string, maxChars int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxChars &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// Fold is [text.Fold].
func Fold(s string) string { return text.Fold(s) }

// LikePattern finds folded text anywhere in a folded column; the wildcards of
// LIKE stand for themselves, with \ as the escape character.
func LikePattern(text string) string { return "%" + likeText(Fold(text)) + "%" }

func likeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
