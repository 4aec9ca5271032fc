package otlp

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// wire is the protobuf form. The numbers are those of opentelemetry-proto,
// collector/logs/v1/logs_service.proto and logs/v1/logs.proto. A message is read
// where it lies, without building anything; what has a number we do not know is
// skipped.
type wire struct{}

var errDeep = fmt.Errorf("values are nested more than %d deep", maxDepth)

// fields walks the fields of a message. A field that cannot be read ends the walk
// with err.
type fields struct {
	rest   []byte
	number protowire.Number
	kind   protowire.Type
	value  uint64 // of a varint or a fixed field
	bytes  []byte // of a field with a length
	err    error
}

func (f *fields) next() bool {
	if len(f.rest) == 0 || f.err != nil {
		return false
	}
	number, kind, n := protowire.ConsumeTag(f.rest)
	if n < 0 {
		f.err = protowire.ParseError(n)
		return false
	}
	f.rest, f.number, f.kind, f.value, f.bytes = f.rest[n:], number, kind, 0, nil
	switch kind {
	case protowire.VarintType:
		f.value, n = protowire.ConsumeVarint(f.rest)
	case protowire.Fixed64Type:
		f.value, n = protowire.ConsumeFixed64(f.rest)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(f.rest)
		f.value = uint64(v)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(f.rest)
	default:
		// Groups, which OTLP has none of.
		n = protowire.ConsumeFieldValue(number, kind, f.rest)
	}
	if n < 0 {
		f.err = protowire.ParseError(n)
		return false
	}
	f.rest = f.rest[n:]
	return true
}

// is says that the field has this number and a length, as messages, strings and
// bytes have.
func (f *fields) is(number protowire.Number) bool {
	return f.number == number && f.kind == protowire.BytesType
}

func (wire) walk(body []byte, to visitor) error {
	request := fields{rest: body}
	for request.next() {
		if !request.is(1) {
			continue
		}
		if err := walkResource(request.bytes, to); err != nil {
			return err
		}
	}
	return wireError("the request", request.err)
}

func walkResource(logs []byte, to visitor) error {
	var resource []byte
	f := fields{rest: logs}
	for f.next() {
		if f.is(1) {
			resource = f.bytes
		}
	}
	if f.err != nil {
		return wireError("resource_logs", f.err)
	}
	if err := to.resource(resource); err != nil {
		return err
	}
	for f = (fields{rest: logs}); f.next(); {
		if !f.is(2) {
			continue
		}
		if err := walkScope(f.bytes, to); err != nil {
			return err
		}
	}
	return nil
}

func walkScope(logs []byte, to visitor) error {
	var scope []byte
	f := fields{rest: logs}
	for f.next() {
		if f.is(1) {
			scope = f.bytes
		}
	}
	if f.err != nil {
		return wireError("scope_logs", f.err)
	}
	if err := to.scope(scope); err != nil {
		return err
	}
	for f = (fields{rest: logs}); f.next(); {
		if !f.is(2) {
			continue
		}
		if err := to.record(f.bytes); err != nil {
			return err
		}
	}
	return nil
}

func wireError(where string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s is not protobuf of OTLP: %w", where, err)
}

func (wire) resource(dst, resource []byte) ([]byte, error) {
	return appendAttributes(dst, resource, 1, 0)
}

func (wire) scope(dst, scope []byte) ([]byte, error) {
	var name, version []byte
	attributes := false
	f := fields{rest: scope}
	for f.next() {
		switch {
		case f.is(1):
			name = f.bytes
		case f.is(2):
			version = f.bytes
		case f.is(3):
			attributes = true
		}
	}
	if f.err != nil {
		return dst, f.err
	}
	dst = append(dst, '{')
	if len(name) > 0 {
		dst = input.AppendJSONString(appendKey(dst, "name"), clip(name))
	}
	if len(version) > 0 {
		dst = input.AppendJSONString(appendKey(dst, "version"), clip(version))
	}
	var err error
	if attributes {
		dst, err = appendAttributes(appendKey(dst, "attributes"), scope, 3, 0)
	}
	return append(dst, '}'), err
}

func (wire) record(dst, record, resource, scope []byte) ([]byte, error) {
	var at, observed, severity, flags, dropped uint64
	var text, body, trace, span, name []byte
	attributes := false
	f := fields{rest: record}
	for f.next() {
		switch f.number {
		case 1:
			at = f.value
		case 2:
			severity = f.value
		case 3:
			text = f.bytes
		case 5:
			body = f.bytes
		case 6:
			attributes = true
		case 7:
			dropped = f.value
		case 8:
			flags = f.value
		case 9:
			trace = f.bytes
		case 10:
			span = f.bytes
		case 11:
			observed = f.value
		case 12:
			name = f.bytes
		}
	}
	if f.err != nil {
		return dst, f.err
	}
	dst = append(dst, `{"otlp":"log"`...)
	if at != 0 {
		dst = appendTime(appendKey(dst, "time"), at)
	}
	if observed != 0 {
		dst = appendTime(appendKey(dst, "observed"), observed)
	}
	number := int32(severity) //nolint:gosec // an enum travels as a varint of 64 bits, and is cut like this
	if len(text) > 0 {
		dst = input.AppendJSONString(appendKey(dst, "severity"), clip(text))
	} else if s := severityName(int64(number)); s != "" {
		dst = input.AppendJSONString(appendKey(dst, "severity"), s)
	}
	if number != 0 {
		dst = strconv.AppendInt(appendKey(dst, "severity_number"), int64(number), 10)
	}
	if len(name) > 0 {
		dst = input.AppendJSONString(appendKey(dst, "event_name"), clip(name))
	}
	var err error
	if len(body) > 0 {
		if dst, err = appendValue(appendKey(dst, "body"), body, 1); err != nil {
			return dst, err
		}
	}
	dst = appendID(dst, "trace_id", trace)
	dst = appendID(dst, "span_id", span)
	if flags != 0 {
		dst = strconv.AppendUint(appendKey(dst, "flags"), flags, 10)
	}
	dst = append(appendKey(dst, "resource"), resource...)
	dst = append(appendKey(dst, "scope"), scope...)
	dst = appendKey(dst, "attributes")
	if attributes {
		if dst, err = appendAttributes(dst, record, 6, 1); err != nil {
			return dst, err
		}
	} else {
		dst = append(dst, "{}"...)
	}
	if dropped != 0 {
		dst = strconv.AppendUint(appendKey(dst, "dropped_attributes"), dropped, 10)
	}
	return append(dst, '}'), nil
}

// appendID appends a trace or span id; one of zeros is none.
func appendID(dst []byte, key string, id []byte) []byte {
	for _, b := range id {
		if b != 0 {
			dst = append(appendKey(dst, key), '"')
			dst = hex.AppendEncode(dst, id[:min(len(id), maxID)])
			return append(dst, '"')
		}
	}
	return dst
}

// appendAttributes appends the key-values that the message has at number as one
// object.
func appendAttributes(dst, message []byte, number protowire.Number, depth int) ([]byte, error) {
	start := len(dst)
	dst = append(dst, '{')
	var err error
	f := fields{rest: message}
	for f.next() {
		if !f.is(number) {
			continue
		}
		if len(dst)-start > event.MaxRecordBytes {
			return dst, nil // it is cut there
		}
		var key, value []byte
		kv := fields{rest: f.bytes}
		for kv.next() {
			switch {
			case kv.is(1):
				key = kv.bytes
			case kv.is(2):
				value = kv.bytes
			}
		}
		if kv.err != nil {
			return dst, kv.err
		}
		if len(dst)-start > 1 {
			dst = append(dst, ',')
		}
		dst = append(input.AppendJSONString(dst, clip(key)), ':')
		if dst, err = appendValue(dst, value, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), f.err
}

// appendValue appends an AnyValue; the last of its fields counts.
func appendValue(dst, value []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errDeep
	}
	var last fields
	f := fields{rest: value}
	for f.next() {
		if f.number >= 1 && f.number <= 7 {
			last = f
		}
	}
	if f.err != nil {
		return dst, f.err
	}
	switch last.number {
	case 1:
		return input.AppendJSONString(dst, clip(last.bytes)), nil
	case 2:
		return strconv.AppendBool(dst, last.value != 0), nil
	case 3:
		return strconv.AppendInt(dst, int64(last.value), 10), nil //nolint:gosec // two's complement on the wire
	case 4:
		return appendDouble(dst, math.Float64frombits(last.value)), nil
	case 5:
		return appendArray(dst, last.bytes, depth)
	case 6:
		return appendAttributes(dst, last.bytes, 1, depth)
	case 7:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, clip(last.bytes))
		return append(dst, '"'), nil
	}
	return append(dst, "null"...), nil
}

func appendArray(dst, array []byte, depth int) ([]byte, error) {
	start := len(dst)
	dst = append(dst, '[')
	var err error
	f := fields{rest: array}
	for f.next() {
		if !f.is(1) {
			continue
		}
		if len(dst)-start > event.MaxRecordBytes {
			return dst, nil
		}
		if len(dst)-start > 1 {
			dst = append(dst, ',')
		}
		if dst, err = appendValue(dst, f.bytes, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), f.err
}

// appendDouble writes a number, or its name where JSON has none (proto3 JSON).
func appendDouble(dst []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, `"NaN"`...)
	case math.IsInf(v, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(v, -1):
		return append(dst, `"-Infinity"`...)
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, v, format, -1, 64)
}

// errNotObject is a log record of the JSON form that is none.
var errNotObject = errors.New("a log record is a JSON object")
