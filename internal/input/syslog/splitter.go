package syslog

import (
	"bytes"

	"github.com/lachan-vn/lachan/internal/event"
)

// maxFrame is the longest octet count believed; a longer number is text.
const maxFrame = 16 << 20

// splitter finds the messages in a TCP stream. Both framings of RFC 6587 may
// occur on one connection, so it decides at each message:
//
//	digits SP, then '<' or '{'    octet counting: that many bytes
//	anything else                 up to LF, CR LF or NUL
//
// The look at the byte after the space keeps a text line that begins with a
// number from being taken for a frame. How the stream is cut into pieces never
// changes the messages; the property test holds that.
//
// A message over event.MaxRecordBytes is handed over up to there and the rest
// skipped. Empty messages are skipped.
type splitter struct {
	// grow is asked before partial takes more memory; if it says no, the message
	// is cut where it is. nil allows all.
	grow func(bytes int) bool
	// cut counts messages that lost their end.
	cut func()

	state   state
	left    int    // octet counting: bytes to come
	partial []byte // start of a message whose end has not come
	skip    bool   // its rest is to be skipped
}

type state uint8

const (
	atStart    state = iota
	inCount          // partial holds digits
	afterCount       // partial holds digits and the space
	inFrame
	inLine
)

// Feed hands each complete message in p to emit, in order. A message is valid
// only during emit.
func (s *splitter) Feed(p []byte, emit func([]byte)) {
	// Where the next line ends are, from here to the end of p. Each is searched
	// once per occurrence, so a stream with only one of them stays linear.
	nextLF, nextNUL := -2, -2
	whole := p
	next := func(cached *int, at int, sep byte) int {
		if *cached == -2 || *cached >= 0 && *cached < at {
			*cached = bytes.IndexByte(whole[at:], sep)
			if *cached >= 0 {
				*cached += at
			}
		}
		return *cached
	}
	for at := 0; at < len(p); {
		switch s.state {
		case atStart:
			switch c := p[at]; {
			case c == '\n' || c == '\r' || c == 0:
				at++
			case c >= '1' && c <= '9':
				s.state = inCount
			default:
				s.state = inLine
			}
		case inCount:
			c := p[at]
			if c >= '0' && c <= '9' && len(s.partial) < 8 {
				s.partial = append(s.partial, c)
				at++
			} else if c == ' ' {
				s.partial = append(s.partial, c)
				at++
				s.state = afterCount
			} else {
				s.state = inLine
			}
		case afterCount:
			s.left = number(s.partial)
			if c := p[at]; (c == '<' || c == '{') && s.left <= maxFrame {
				s.partial = s.partial[:0]
				s.state = inFrame
			} else {
				s.state = inLine
			}
		case inFrame:
			n := min(s.left, len(p)-at)
			s.left -= n
			s.take(p[at:at+n], s.left == 0, emit)
			at += n
		case inLine:
			end := next(&nextLF, at, '\n')
			if nul := next(&nextNUL, at, 0); nul >= 0 && (end < 0 || nul < end) {
				end = nul
			}
			if end < 0 {
				s.take(p[at:], false, emit)
				at = len(p)
			} else {
				s.take(p[at:end], true, emit)
				at = end + 1
			}
		}
	}
}

// take adds a piece to the message under way, and hands it over if that ends it.
func (s *splitter) take(piece []byte, ends bool, emit func([]byte)) {
	switch {
	case s.skip:
	case ends && len(s.partial) == 0 && len(piece) <= event.MaxRecordBytes:
		s.hand(piece, emit) // the common case: nothing is copied
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
			s.hand(s.partial, emit)
			if s.cut != nil {
				s.cut()
			}
			s.skip = true
		} else if ends {
			s.hand(s.partial, emit)
		}
	}
	if ends {
		s.partial, s.state, s.skip = s.partial[:0], atStart, false
	}
}

func (s *splitter) hand(msg []byte, emit func([]byte)) {
	for len(msg) > 0 && (msg[len(msg)-1] == '\r' || msg[len(msg)-1] == '\n' || msg[len(msg)-1] == 0) {
		msg = msg[:len(msg)-1]
	}
	if len(msg) > 0 {
		emit(msg)
	}
}

// Flush hands over what a closed connection left of a message.
func (s *splitter) Flush(emit func([]byte)) {
	if !s.skip {
		s.hand(s.partial, emit)
	}
	s.partial, s.state, s.skip = nil, atStart, false
}

// Pending is the length of the message under way.
func (s *splitter) Pending() int { return len(s.partial) }

// Release gives the memory back if nothing is under way.
func (s *splitter) Release() {
	if len(s.partial) == 0 && cap(s.partial) > 0 {
		s.partial = nil
	}
}

func number(digits []byte) int {
	n := 0
	for _, d := range digits {
		if d >= '0' && d <= '9' {
			n = n*10 + int(d-'0')
		}
	}
	return n
}
