package httpin

import (
	"bytes"
	"encoding/json"

	"github.com/lachan-vn/lachan/internal/input"
)

// splitLines calls each for every line that is not blank.
func splitLines(body []byte, each func([]byte) error) error {
	for len(body) > 0 {
		line := body
		if i := bytes.IndexByte(body, '\n'); i >= 0 {
			line, body = body[:i], body[i+1:]
		} else {
			body = nil
		}
		line = input.TrimLine(line)
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := each(line); err != nil {
			return err
		}
	}
	return nil
}

// splitJSON calls each for every JSON value of NDJSON, for every element of one
// array, or for the one value written over several lines. Whatever is none of
// these goes line by line, as it is.
func splitJSON(body []byte, each func([]byte) error) error {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // a byte order mark
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return nil
	}
	first, rest, several := bytes.Cut(trimmed, []byte("\n"))
	switch {
	case trimmed[0] == '[' && (!several || !json.Valid(first) || len(bytes.TrimSpace(rest)) == 0) && json.Valid(trimmed):
		return eachElement(trimmed, each)
	case several && !json.Valid(first) && json.Valid(trimmed):
		return each(trimmed)
	}
	return splitLines(body, each)
}

// eachElement walks an array known to be valid JSON: it only has to find commas
// and the end outside strings and nested values.
func eachElement(array []byte, each func([]byte) error) error {
	depth, start, inString := 0, 1, false
	for i := 0; i < len(array); i++ {
		c := array[i]
		switch {
		case inString:
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString = true
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
		if !inString && (depth == 1 && c == ',' || depth == 0) {
			if el := bytes.TrimSpace(array[start:i]); len(el) > 0 {
				if err := each(el); err != nil {
					return err
				}
			}
			start = i + 1
		}
	}
	return nil
}
