package search

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Places in a query are told in UTF-16 code units, as the Language Server
// Protocol does: the API's main reader is a browser, whose strings are counted
// so. The parser counts bytes, which differ in every Vietnamese word.

// units16 counts the UTF-16 code units of valid UTF-8; an invalid byte counts as
// the replacement character it becomes.
func units16(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 1<<16 {
			n++
		}
	}
	return n
}

// span16 turns a place in text from bytes into UTF-16 code units. A place inside
// a character begins or ends with it.
func span16(text string, offset, length int) (int, int) {
	begin := min(max(offset, 0), len(text))
	end := min(max(begin+length, begin), len(text))
	for begin > 0 && begin < len(text) && !utf8.RuneStart(text[begin]) {
		begin--
	}
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end++
	}
	return units16(text[:begin]), units16(text[begin:end])
}

// syntaxFault says where a query cannot be read, and what could stand there.
func syntaxFault(text string, err error) error {
	se := syntaxError(err)
	if se == nil {
		return fault.New(fault.Invalid, "%w", err).WithCode("query.syntax").OnField("query@0")
	}
	at, _ := span16(text, se.Offset, se.Length)
	return fault.New(fault.Invalid, "%w", located{se, text}).WithCode("query.syntax").OnField(fmt.Sprintf("query@%d", at))
}

// located is a syntax error that tells its place to a person, who counts
// characters.
type located struct {
	*query.SyntaxError
	text string
}

func (l located) Error() string {
	at := min(l.Offset, len(l.text))
	message := fmt.Sprintf("query, character %d: %s", utf8.RuneCountInString(l.text[:at])+1, l.Message)
	if len(l.Expected) > 0 {
		message += "; expected " + strings.Join(l.Expected, " or ")
	}
	return message
}

func (l located) Unwrap() error { return l.SyntaxError }
