// Package fault sorts errors by what the caller can do about them.
//
// A lower floor wraps its errors with a [Kind]; one table in httpapi turns
// kinds into RFC 9457 problems, one in cli into exit codes. Error text is for
// people: it names the field or line and what to do, and is never matched by
// code. Everything without a kind is Internal.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what a caller can do about an error.
type Kind uint8

// The kinds of error.
const (
	Internal        Kind = iota // ours: log it, say sorry
	Invalid                     // the input is wrong: mend it and send again
	NotFound                    // no such thing, or none the caller may know of
	Conflict                    // somebody else changed it: read it again
	Denied                      // signed in, not allowed
	Unauthenticated             // not signed in, or the credential is not valid
	Busy                        // try again later, as it is
	TooLarge                    // over a stated limit: send less at once
)

var kindNames = [...]string{"internal", "invalid", "not-found", "conflict", "denied", "unauthenticated", "busy", "too-large"}

// String returns the kind's name as used in problem types and metrics labels.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Error carries a kind, a stable code and a text for people.
type Error struct {
	Kind Kind
	// Code is a stable dotted word ("session.wrong-password") that the console
	// translates; "" if there is nothing better than the text.
	Code  string
	Field string // the input field at fault, "" if none
	text  string
	cause error
}

// New makes an error; %w in format wraps a cause.
func New(kind Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, text: err.Error(), cause: errors.Unwrap(err)}
}

// WithCode sets the stable code and returns e.
func (e *Error) WithCode(code string) *Error { e.Code = code; return e }

// OnField names the input field at fault and returns e.
func (e *Error) OnField(field string) *Error { e.Field = field; return e }

func (e *Error) Error() string { return e.text }
func (e *Error) Unwrap() error { return e.cause }

// KindOf returns the kind of the outermost [Error] in err's tree, Internal if
// there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
