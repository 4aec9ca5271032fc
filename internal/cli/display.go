package cli

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columns is how many columns of a terminal a text takes: marks that stand on the
// letter before take none, wide letters two. Vietnamese is written both ways, as
// one letter and as a letter with marks.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// underline shows a place of a text, in bytes, on a line of its own below it.
func underline(text string, offset, length int) string {
	at := min(max(offset, 0), len(text))
	end := min(max(at+length, at), len(text))
	head, marked, tail := shown(text[:at]), shown(text[at:end]), shown(text[end:])
	return "  " + head + marked + tail + "\n  " + strings.Repeat(" ", columns(head)) + strings.Repeat("^", max(columns(marked), 1))
}

// shown makes text safe for one line of a terminal, without cutting it.
func shown(s string) string { return oneLine(s, len(s)+1) }
