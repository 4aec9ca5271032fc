package otlp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// text is the JSON form: proto3 JSON, but identities are hexadecimal and enums
// numbers. Names in snake_case are understood, too. What has not the type it
// should have is kept as it is written; nothing is refused for it.
type text struct{}

// member says which key this is, in either spelling.
func member(key []byte, camel, snake string) bool {
	return string(key) == camel || string(key) == snake
}

func (text) walk(body []byte, to visitor) error {
	var err error
	end, ok := input.JSONMembers(body, 0, func(key, value []byte) bool {
		if member(key, "resourceLogs", "resource_logs") && !isNull(value) {
			err = eachObject(value, "resourceLogs", func(logs []byte) error { return walkTextResource(logs, to) })
		}
		return err == nil
	})
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("the request is not a JSON object: it breaks at byte %d of %d, or is nested too deep", end, len(body))
	}
	if rest := input.SkipSpace(body, end); rest < len(body) {
		return fmt.Errorf("the JSON object of the request ends at byte %d of %d", rest, len(body))
	}
	return nil
}

func walkTextResource(logs []byte, to visitor) error {
	var resource, scopes []byte
	input.JSONMembers(logs, 0, func(key, value []byte) bool {
		switch {
		case string(key) == "resource":
			resource = value
		case member(key, "scopeLogs", "scope_logs"):
			scopes = value
		}
		return true
	})
	if err := to.resource(resource); err != nil || isNull(scopes) {
		return err
	}
	return eachObject(scopes, "scopeLogs", func(logs []byte) error {
		var scope, records []byte
		input.JSONMembers(logs, 0, func(key, value []byte) bool {
			switch {
			case string(key) == "scope":
				scope = value
			case member(key, "logRecords", "log_records"):
				records = value
			}
			return true
		})
		if err := to.scope(scope); err != nil || isNull(records) {
			return err
		}
		return eachElement(records, "logRecords", to.record)
	})
}

// isNull says that a value is absent or null.
func isNull(value []byte) bool { return len(value) == 0 || string(value) == "null" }

func isString(value []byte) bool { return len(value) >= 2 && value[0] == '"' }

// unquote takes the quotes off a string; escapes stay.
func unquote(value []byte) []byte {
	if isString(value) {
		return value[1 : len(value)-1]
	}
	return value
}

// eachElement calls each with the elements of the array called name.
func eachElement(array []byte, name string, each func([]byte) error) error {
	var err error
	end, ok := input.JSONElements(array, 0, func(value []byte) bool {
		err = each(value)
		return err == nil
	})
	if err == nil && !ok {
		if end == 0 {
			return fmt.Errorf("%s is not an array: %.40s", name, array)
		}
		return fmt.Errorf("%s breaks at its byte %d", name, end)
	}
	return err
}

func eachObject(array []byte, name string, each func([]byte) error) error {
	return eachElement(array, name, func(value []byte) error {
		if value[0] != '{' {
			return fmt.Errorf("%s has an element that is not an object: %.40s", name, value)
		}
		return each(value)
	})
}

func (text) resource(dst, resource []byte) ([]byte, error) {
	var attributes []byte
	if len(resource) > 0 {
		input.JSONMembers(resource, 0, func(key, value []byte) bool {
			if string(key) == "attributes" {
				attributes = value
			}
			return true
		})
	}
	return appendTextAttributes(dst, attributes, 0), nil
}

func (text) scope(dst, scope []byte) ([]byte, error) {
	var name, version, attributes []byte
	if len(scope) > 0 {
		input.JSONMembers(scope, 0, func(key, value []byte) bool {
			switch string(key) {
			case "name":
				name = value
			case "version":
				version = value
			case "attributes":
				attributes = value
			}
			return true
		})
	}
	dst = append(dst, '{')
	dst = appendText(dst, "name", name)
	dst = appendText(dst, "version", version)
	if !isNull(attributes) && string(attributes) != "[]" {
		dst = appendTextAttributes(appendKey(dst, "attributes"), attributes, 0)
	}
	return append(dst, '}'), nil
}

// appendText appends a member with a value as it is written, but not one that is
// empty.
func appendText(dst []byte, key string, value []byte) []byte {
	if isNull(value) || string(value) == `""` {
		return dst
	}
	return append(appendKey(dst, key), clip(value)...)
}

func (text) record(dst, record, resource, scope []byte) ([]byte, error) {
	if record[0] != '{' {
		return dst, errNotObject
	}
	var at, observed, severity, severityText, name, body, trace, span, flags, attributes, dropped []byte
	input.JSONMembers(record, 0, func(key, value []byte) bool {
		switch string(key) {
		case "timeUnixNano", "time_unix_nano":
			at = value
		case "observedTimeUnixNano", "observed_time_unix_nano":
			observed = value
		case "severityNumber", "severity_number":
			severity = value
		case "severityText", "severity_text":
			severityText = value
		case "eventName", "event_name":
			name = value
		case "body":
			body = value
		case "traceId", "trace_id":
			trace = value
		case "spanId", "span_id":
			span = value
		case "flags":
			flags = value
		case "attributes":
			attributes = value
		case "droppedAttributesCount", "dropped_attributes_count":
			dropped = value
		}
		return true
	})
	dst = append(dst, `{"otlp":"log"`...)
	dst = appendTextTime(dst, "time", at)
	dst = appendTextTime(dst, "observed", observed)
	number := severityNumber(severity)
	if s := severityName(number); s != "" && (isNull(severityText) || string(severityText) == `""`) {
		dst = input.AppendJSONString(appendKey(dst, "severity"), s)
	} else {
		dst = appendText(dst, "severity", severityText)
	}
	if number != 0 {
		dst = strconv.AppendInt(appendKey(dst, "severity_number"), number, 10)
	} else if !isZero(severity) {
		dst = appendText(dst, "severity_number", severity)
	}
	dst = appendText(dst, "event_name", name)
	if !isNull(body) && string(body) != "{}" {
		dst = appendTextValue(appendKey(dst, "body"), body, 1)
	}
	dst = appendTextID(dst, "trace_id", trace)
	dst = appendTextID(dst, "span_id", span)
	dst = appendCount(dst, "flags", flags)
	dst = append(appendKey(dst, "resource"), resource...)
	dst = append(appendKey(dst, "scope"), scope...)
	dst = appendTextAttributes(appendKey(dst, "attributes"), attributes, 1)
	dst = appendCount(dst, "dropped_attributes", dropped)
	return append(dst, '}'), nil
}

// isZero says that a number is left out or 0, as one or as text.
func isZero(value []byte) bool { return isNull(value) || string(unquote(value)) == "0" }

func appendTextTime(dst []byte, key string, value []byte) []byte {
	if isZero(value) {
		return dst
	}
	if ns, err := strconv.ParseUint(string(unquote(value)), 10, 64); err == nil {
		return appendTime(appendKey(dst, key), ns)
	}
	return appendText(dst, key, value)
}

// severityNumber reads a number, or the name of one: SEVERITY_NUMBER_WARN2.
func severityNumber(value []byte) int64 {
	v := string(unquote(value))
	if n, err := strconv.ParseInt(v, 10, 32); err == nil {
		return n
	}
	if v, ok := strings.CutPrefix(v, "SEVERITY_NUMBER_"); ok {
		for n := int64(1); n <= 24; n++ {
			if severityName(n) == v {
				return n
			}
		}
	}
	return 0
}

func appendTextID(dst []byte, key string, id []byte) []byte {
	if len(bytes.Trim(unquote(id), "0")) == 0 || isNull(id) {
		return dst
	}
	if !isString(id) {
		return appendText(dst, key, id)
	}
	return append(appendKey(dst, key), bytes.ToLower(clip(id))...)
}

// appendCount appends a whole number, which may be written as text.
func appendCount(dst []byte, key string, value []byte) []byte {
	if isZero(value) {
		return dst
	}
	if n, err := strconv.ParseUint(string(unquote(value)), 10, 32); err == nil {
		return strconv.AppendUint(appendKey(dst, key), n, 10)
	}
	return appendText(dst, key, value)
}

// appendTextAttributes appends an array of key-values as one object; what is no
// such array is appended as it is.
func appendTextAttributes(dst, array []byte, depth int) []byte {
	if isNull(array) {
		return append(dst, "{}"...)
	}
	if array[0] != '[' || depth > maxDepth {
		return append(dst, clip(array)...)
	}
	start := len(dst)
	dst = append(dst, '{')
	input.JSONElements(array, 0, func(pair []byte) bool {
		if len(dst)-start > event.MaxRecordBytes {
			return false // it is cut there
		}
		var key, value []byte
		if pair[0] == '{' {
			input.JSONMembers(pair, 0, func(k, v []byte) bool {
				switch string(k) {
				case "key":
					key = v
				case "value":
					value = v
				}
				return true
			})
		} else {
			value = pair
		}
		if len(dst)-start > 1 {
			dst = append(dst, ',')
		}
		if isString(key) {
			dst = append(dst, clip(key)...)
		} else {
			dst = input.AppendJSONString(dst, clip(key))
		}
		dst = appendTextValue(append(dst, ':'), value, depth+1)
		return true
	})
	return append(dst, '}')
}

// appendTextValue appends an AnyValue; the last of its members counts. What is
// none is appended as it is.
func appendTextValue(dst, value []byte, depth int) []byte {
	if isNull(value) {
		return append(dst, "null"...)
	}
	if value[0] != '{' || depth > maxDepth {
		return append(dst, clip(value)...)
	}
	var kind, inner []byte
	known, members := false, 0
	input.JSONMembers(value, 0, func(k, v []byte) bool {
		members++
		switch string(k) {
		case "stringValue", "boolValue", "intValue", "doubleValue", "bytesValue", "arrayValue", "kvlistValue",
			"string_value", "bool_value", "int_value", "double_value", "bytes_value", "array_value", "kvlist_value":
			kind, inner, known = k, v, true
		}
		return true
	})
	switch {
	case members == 0:
		return append(dst, "null"...)
	case !known:
		return append(dst, clip(value)...)
	}
	switch kind[0] {
	case 'i':
		if n, err := strconv.ParseInt(string(unquote(inner)), 10, 64); err == nil {
			return strconv.AppendInt(dst, n, 10)
		}
	case 'a', 'k':
		values := innerValues(inner)
		if values == nil {
			break
		}
		if kind[0] == 'k' {
			return appendTextAttributes(dst, values, depth)
		}
		return appendTextArray(dst, values, depth)
	}
	return append(dst, clip(inner)...)
}

// innerValues returns the array "values" of an array or list of key-values; nil
// if it is no such thing.
func innerValues(message []byte) []byte {
	if isNull(message) || message[0] != '{' {
		return nil
	}
	values := []byte("[]")
	input.JSONMembers(message, 0, func(k, v []byte) bool {
		if string(k) == "values" && !isNull(v) {
			values = v
		}
		return true
	})
	if values[0] != '[' {
		return nil
	}
	return values
}

func appendTextArray(dst, array []byte, depth int) []byte {
	start := len(dst)
	dst = append(dst, '[')
	input.JSONElements(array, 0, func(value []byte) bool {
		if len(dst)-start > event.MaxRecordBytes {
			return false
		}
		if len(dst)-start > 1 {
			dst = append(dst, ',')
		}
		dst = appendTextValue(dst, value, depth+1)
		return true
	})
	return append(dst, ']')
}
