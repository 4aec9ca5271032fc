package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes text one line of at most maxBytes without control characters, fit
// for a header or a log: what devices and receivers say is hostile.
func Line(text string, maxBytes int) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	text = strings.Map(func(r rune) rune {
		// Marks that turn the direction of writing hide what follows them.
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	return Cut(strings.Join(strings.Fields(text), " "), maxBytes)
}

// Cut shortens text to at most maxBytes at a character, with "…" where it was cut.
func Cut(text string, maxBytes int) string {
	const ellipsis = "…"
	if len(text) <= maxBytes || maxBytes < len(ellipsis) {
		return text
	}
	n := maxBytes - len(ellipsis)
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + ellipsis
}

// Hide takes secrets out of a text that is about to be shown.
func Hide(text string, secrets ...string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}
