package splunk

import (
	"bytes"
	"math"

	"github.com/lachan-vn/lachan/internal/input"
)

// maxEvents bounds the events of one request.
const maxEvents = 1 << 17

// span is where an event stands in its request.
type span struct{ start, end uint32 }

// split finds the events of a request: objects one after the other, with or
// without white space between them, or arrays of objects. Each must have a member
// "event" that says something. Its error is an answer.
func split(body []byte) ([]span, error) {
	if len(body) > math.MaxUint32 {
		return nil, tooMany
	}
	var events []span
	inArray := false
	for at := input.SkipSpace(body, 0); at < len(body); at = input.SkipSpace(body, at) {
		if body[at] == '[' && !inArray {
			inArray = true
			if at = input.SkipSpace(body, at+1); at < len(body) && body[at] == ']' {
				inArray = false
				at++
				continue
			}
		}
		if len(events) == maxEvents {
			return nil, tooMany
		}
		end, no := check(body, at)
		if no != nil {
			return nil, no.at(len(events))
		}
		events = append(events, span{uint32(at), uint32(end)})
		at = end
		if !inArray {
			continue
		}
		at = input.SkipSpace(body, at)
		switch {
		case at < len(body) && body[at] == ',':
			if at = input.SkipSpace(body, at+1); at == len(body) {
				return nil, badFormat.at(len(events))
			}
		case at < len(body) && body[at] == ']':
			inArray = false
			at++
		default:
			return nil, badFormat.at(len(events))
		}
	}
	switch {
	case inArray:
		return nil, badFormat.at(len(events))
	case len(events) == 0:
		return nil, noData
	}
	return events, nil
}

// check looks at the event object that begins at body[at].
func check(body []byte, at int) (end int, no *answer) {
	found, blank := false, false
	end, ok := input.JSONMembers(body, at, func(key, value []byte) bool {
		if string(key) == "event" {
			found = true
			blank = string(value) == `""` || string(value) == "null"
		}
		return true
	})
	switch {
	case !ok:
		return end, badFormat
	case !found:
		return end, eventRequired
	case blank:
		return end, eventBlank
	}
	return end, nil
}

// eachLine calls each for every line that is not blank.
func eachLine(body []byte, each func(line []byte) error) error {
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte("\n"))
		body = rest
		if line = input.TrimLine(line); len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := each(line); err != nil {
			return err
		}
	}
	return nil
}
