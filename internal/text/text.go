// Package text makes texts that people, spreadsheets and logs write fit to be compared
// and stored. It knows nothing of what they are about, does no I/O, and never fails:
// every text has a form that fits.
package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fit makes s fit for a text column: at most maxBytes of valid UTF-8 without the zero
// byte, which PostgreSQL refuses and SQLite ends a statement at. Log lines are hostile;
// one of them must not keep a transaction from committing.
func Fit(s string, maxBytes int) string {
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

// Fold makes text comparable for people who search: small letters without Vietnamese
// (or any) marks, đ as d.
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
