package gelf

import (
	"bytes"

	"github.com/lachan-vn/lachan/internal/event"
)

// splitter finds the messages in a TCP stream. The specification ends each with
// NUL; many senders end it with LF instead, or not at all. So:
//
//	a message that begins with '{'   up to its closing brace, or NUL
//	any other                        up to NUL or LF
//
// White space and NUL between messages are skipped. How the stream is cut into
// pieces never changes the messages.
//
// A message over event.MaxRecordBytes is handed over up to there and the rest
// skipped.
type splitter struct {
	// grow is asked before partial takes more memory; if it says no, the message
	// is cut where it is. nil allows all.
	grow func(bytes int) bool
	// cut counts messages that lost their end.
	cut func()

	state   state
	depth   int    // of braces and brackets
	partial []byte // start of a message whose end has not come
	skip    bool   // its rest is to be skipped
}

type state uint8

const (
	between state = iota
	inText
	inObject
	inString
	inEscape
)

// Feed implements [input.Splitter].
func (s *splitter) Feed(p []byte, emit func([]byte)) {
	start := 0 // of the message in p
	for at := 0; at < len(p); {
		switch c := p[at]; s.state {
		case between:
			start = at
			switch c {
			case 0, ' ', '\t', '\r', '\n':
				at++
			case '{':
				s.state, s.depth = inObject, 0
			default:
				s.state = inText
			}
		case inText:
			n := bytes.IndexAny(p[at:], "\x00\n")
			if n < 0 {
				at = len(p)
				break
			}
			s.take(p[start:at+n], true, emit)
			at += n + 1
		case inObject:
			at++
			switch c {
			case '"':
				s.state = inString
			case '{', '[':
				s.depth++
			case '}', ']':
				if s.depth--; s.depth <= 0 {
					s.take(p[start:at], true, emit)
				}
			case 0:
				s.take(p[start:at-1], true, emit)
			}
		case inString:
			at++
			switch c {
			case '"':
				s.state = inObject
			case '\\':
				s.state = inEscape
			case 0:
				s.take(p[start:at-1], true, emit)
			}
		case inEscape:
			s.state = inString // which looks at a NUL
			if c != 0 {
				at++
			}
		}
	}
	if s.state != between {
		s.take(p[start:], false, emit)
	}
}

// take adds a piece to the message under way, and hands it over if that ends it.
func (s *splitter) take(piece []byte, ends bool, emit func([]byte)) {
	switch {
	case s.skip:
	case ends && len(s.partial) == 0 && len(piece) <= event.MaxRecordBytes:
		hand(piece, emit) // the common case: nothing is copied
	default:
		room := event.MaxRecordBytes - len(s.partial)
		over := len(piece) > room
		if over {
			piece = piece[:room]
		}
		if need := len(s.partial) + len(piece); need > cap(s.partial) && s.grow != nil && !s.grow(need) {
			over, piece = true, nil
		}
		s.partial = append(s.partial, piece...)
		if over {
			hand(s.partial, emit)
			if s.cut != nil {
				s.cut()
			}
			s.skip = true
		} else if ends {
			hand(s.partial, emit)
		}
	}
	if ends {
		s.partial, s.state, s.skip = s.partial[:0], between, false
	}
}

func hand(message []byte, emit func([]byte)) {
	if message = bytes.TrimRight(message, " \t\r\n"); len(message) > 0 {
		emit(message)
	}
}

// Flush implements [input.Splitter].
func (s *splitter) Flush(emit func([]byte)) {
	if !s.skip {
		hand(s.partial, emit)
	}
	s.partial, s.state, s.skip = nil, between, false
}

// Pending implements [input.Splitter].
func (s *splitter) Pending() int { return len(s.partial) }

// Release implements [input.Splitter].
func (s *splitter) Release() {
	if len(s.partial) == 0 && cap(s.partial) > 0 {
		s.partial = nil
	}
}
