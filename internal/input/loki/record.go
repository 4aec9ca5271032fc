package loki

import (
	"bytes"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// appendRecord appends the record of an entry.
func appendRecord(dst, labels []byte, e entry) []byte {
	dst = append(dst, `{"loki":`...)
	dst = append(dst, labels...)
	dst = append(dst, `,"time":"`...)
	dst = time.Unix(e.seconds, e.nanos).UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","line":`...)
	if e.quoted {
		dst = append(dst, e.line...)
	} else {
		dst = input.AppendJSONString(dst, e.line)
	}
	if e.metadata != nil {
		dst = append(dst, `,"metadata":`...)
		dst = append(dst, e.metadata...)
	}
	return append(dst, '}')
}

// The years that RFC 3339 can write.
var (
	firstSecond = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
)

func checkTime(seconds, nanos int64) error {
	if seconds < firstSecond || seconds > lastSecond || nanos < 0 || nanos >= 1e9 {
		return invalid("the time %d s %d ns of an entry is no time", seconds, nanos)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("loki.invalid")
}

// appendLabels appends the labels {a="b", c="d"} as a JSON object.
func appendLabels(dst []byte, text string) ([]byte, error) {
	whole := text
	fail := func() ([]byte, error) {
		return dst, invalid("the labels %.80q are not written as {name=\"value\", …}, near byte %d", whole, len(whole)-len(text))
	}
	skip := func() {
		for text != "" && (text[0] == ' ' || text[0] == '\t' || text[0] == '\n' || text[0] == '\r') {
			text = text[1:]
		}
	}
	begin := len(dst)
	dst = append(dst, '{')
	skip()
	if text == "" || text[0] != '{' {
		return fail()
	}
	text = text[1:]
	for {
		skip()
		if text != "" && text[0] == '}' { // also after a comma
			text = text[1:]
			break
		}
		n := 0
		for n < len(text) && (text[n] == '_' || text[n] == '.' || text[n] == ':' || text[n] == '-' || text[n] >= '0' && text[n] <= '9' || text[n]|0x20 >= 'a' && text[n]|0x20 <= 'z') {
			n++
		}
		if n == 0 {
			return fail()
		}
		name := text[:n]
		text = text[n:]
		if skip(); text == "" || text[0] != '=' {
			return fail()
		}
		text = text[1:]
		skip()
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil || quoted[0] == '\'' {
			return fail()
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return fail()
		}
		text = text[len(quoted):]
		dst = appendPair(dst, name, value)
		if len(dst)-begin > maxLabelBytes {
			return dst, labelsTooLong()
		}
		if skip(); text != "" && text[0] == ',' {
			text = text[1:]
		} else if text == "" || text[0] != '}' {
			return fail()
		}
	}
	if skip(); text != "" {
		return fail()
	}
	return append(dst, '}'), nil
}

// appendPair appends a member to an object that is being written.
func appendPair[S ~string | ~[]byte](dst []byte, name, value S) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = input.AppendJSONString(dst, name)
	dst = append(dst, ':')
	return input.AppendJSONString(dst, value)
}

func labelsTooLong() error {
	return invalid("the labels or the metadata of a stream are longer than %d bytes", maxLabelBytes)
}

// checkPairs says whether text, as it stands in a JSON push, is an object of
// strings, and of a size that may be repeated with each record.
func checkPairs(what string, text []byte) error {
	if len(text) > maxLabelBytes {
		return labelsTooLong()
	}
	if _, ok := input.JSONMembers(text, 0, func(_, value []byte) bool { return value[0] == '"' }); !ok {
		return invalid("%s must be an object of strings, not %.80s", what, bytes.TrimSpace(text))
	}
	return nil
}
