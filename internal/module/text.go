package module

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text makes s fit for a text column: at most maxBytes of valid UTF-8 without
// the zero byte, which PostgreSQL refuses and SQLite ends a statement at. Log
// lines are hostile; one of them must not keep a transaction from committing.
func Text(s string, maxBytes int) string {
	if len(s) > maxBytes {
		s = s[:maxBytes]
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\ufffd")
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// OneLine makes runs of white space one space, so that a name pasted from a document
// equals the same name typed.
func OneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// IsText tells whether s is text as people write it, of at most so many characters.
func IsText(s string, maxChars int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxChars &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// Fold makes text comparable for people who search: small letters without
// Vietnamese (or any) marks, đ as d.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ':
			b.WriteByte('d')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// LikePattern finds folded text anywhere in a folded column; the wildcards of
// LIKE stand for themselves, with \ as the escape character.
func LikePattern(text string) string { return "%" + likeText(Fold(text)) + "%" }

func likeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
