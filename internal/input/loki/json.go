package loki

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/input"
)

// jsonPush walks a push in JSON:
//
//	{"streams":[{"stream":{"label":"value"},"values":[["<ns>","line",{"metadata":"…"}]]}]}
//
// or, as before version 1:
//
//	{"streams":[{"labels":"{label=\"value\"}","entries":[{"ts":"<RFC 3339>","line":"…"}]}]}
func jsonPush(body []byte) walker {
	return func(each func([]byte, entry) error) error {
		var scratch []byte
		var err error
		end, ok := input.JSONMembers(body, 0, func(key, streams []byte) bool {
			if string(key) != "streams" || streams[0] == 'n' {
				return true
			}
			_, ok := input.JSONElements(streams, 0, func(stream []byte) bool {
				scratch, err = jsonStream(stream, scratch[:0], each)
				return err == nil
			})
			if !ok && err == nil {
				err = invalid("streams must be an array of objects")
			}
			return err == nil
		})
		switch {
		case err != nil:
			return err
		case !ok || input.SkipSpace(body, end) != len(body):
			return invalid("the push is not one JSON object; see byte %d", end)
		}
		return nil
	}
}

// jsonStream reads one stream; labels of the old form are written into scratch,
// which is returned.
func jsonStream(stream, scratch []byte, each func([]byte, entry) error) ([]byte, error) {
	var err error
	labels := []byte("{}")
	var entries []byte
	if _, ok := input.JSONMembers(stream, 0, func(key, value []byte) bool {
		switch string(key) {
		case "stream":
			labels = value
			err = checkPairs("stream", value)
		case "labels":
			var text string
			if json.Unmarshal(value, &text) != nil {
				err = invalid("labels must be a string")
				return false
			}
			scratch, err = appendLabels(scratch, text)
			labels = scratch
		case "values", "entries":
			entries = value
		}
		return err == nil
	}); !ok {
		if err == nil {
			err = invalid("a stream must be an object, not %.80s", stream)
		}
		return scratch, err
	}
	if entries == nil || entries[0] == 'n' {
		return scratch, nil
	}
	if _, ok := input.JSONElements(entries, 0, func(value []byte) bool {
		var e entry
		if value[0] == '[' {
			err = arrayEntry(value, &e)
		} else {
			err = objectEntry(value, &e)
		}
		if err == nil {
			err = each(labels, e)
		}
		return err == nil
	}); !ok && err == nil {
		err = invalid("the values of a stream must be an array")
	}
	return scratch, err
}

// arrayEntry reads ["<ns>","line",{metadata}].
func arrayEntry(text []byte, e *entry) (err error) {
	n := 0
	if _, ok := input.JSONElements(text, 0, func(value []byte) bool {
		switch n {
		case 0:
			if len(value) > 2 && value[0] == '"' {
				value = value[1 : len(value)-1]
			}
			ns, perr := strconv.ParseInt(string(value), 10, 64)
			if perr != nil {
				err = invalid("the time %.40q of an entry is not a number of nanoseconds", value)
			}
			e.seconds, e.nanos = ns/1e9, ns%1e9
			if e.nanos < 0 {
				e.seconds, e.nanos = e.seconds-1, e.nanos+1e9
			}
		case 1:
			err = e.setLine(value)
		case 2:
			if err = checkPairs("metadata", value); err == nil && input.SkipSpace(value, 1) != len(value)-1 {
				e.metadata = value
			}
		}
		n++
		return err == nil
	}); !ok && err == nil || err == nil && n < 2 {
		err = invalid("an entry must be [\"<nanoseconds>\", \"line\"], not %.80s", text)
	}
	return err
}

// objectEntry reads {"ts":"<RFC 3339>","line":"…"}.
func objectEntry(text []byte, e *entry) (err error) {
	found := 0
	if _, ok := input.JSONMembers(text, 0, func(key, value []byte) bool {
		switch string(key) {
		case "ts":
			found |= 1
			var at time.Time
			if json.Unmarshal(value, &at) != nil {
				err = invalid("the time %.40s of an entry is not written as 2026-11-22T08:30:00Z", value)
			}
			e.seconds, e.nanos = at.Unix(), int64(at.Nanosecond())
		case "line":
			found |= 2
			err = e.setLine(value)
		}
		return err == nil
	}); !ok && err == nil || err == nil && found != 3 {
		err = invalid("an entry must have ts and line, not %.80s", text)
	}
	if err == nil {
		err = checkTime(e.seconds, e.nanos)
	}
	return err
}

func (e *entry) setLine(value []byte) error {
	if value[0] != '"' {
		return invalid("the line of an entry must be a string, not %.80s", value)
	}
	e.line, e.quoted = value, true
	return nil
}
