package otlp

import (
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// A record as it is stored, its keys in this order, those without a value left out
// but for the three objects:
//
//	{"otlp":"log","time":…,"observed":…,"severity":"WARN","severity_number":13,
//	 "event_name":…,"body":…,"trace_id":…,"span_id":…,"flags":…,
//	 "resource":{…},"scope":{"name":…,"version":…,"attributes":{…}},
//	 "attributes":{…},"dropped_attributes":…}
//
// Times are RFC 3339 in UTC with nanoseconds; identities are hexadecimal, bytes
// base64. Attributes keep the order they came in. A severity without a text has
// the name of its number.

const (
	// maxDepth bounds how deep values are nested: the parsers read 64 levels.
	maxDepth = 60
	// maxID is the length of an identity that is kept; a trace's has 16 bytes.
	maxID = 32
)

// form is one of the two ways a request is written.
type form interface {
	// walk visits each resource, then its scopes, each with its records. An error
	// of its own says that the request is no such form; nothing of it is stored
	// then.
	walk(body []byte, to visitor) error
	// resource appends the attributes of a resource as an object.
	resource(dst, resource []byte) ([]byte, error)
	// scope appends a scope as an object.
	scope(dst, scope []byte) ([]byte, error)
	// record appends a record, with its resource and scope as they were appended.
	// Its error says why this record is refused; what was appended is no good then.
	// It stops soon after event.MaxRecordBytes, where the record will be cut.
	record(dst, record, resource, scope []byte) ([]byte, error)
}

// visitor is called by walk with messages as they lie in the body; nil for none.
type visitor interface {
	resource(message []byte) error
	scope(message []byte) error
	record(message []byte) error
}

// appendKey begins a member of the object that dst ends with.
func appendKey(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = append(dst, key...)
	return append(dst, '"', ':')
}

func appendTime(dst []byte, nanoseconds uint64) []byte {
	//nolint:gosec // both are far below the limits: the largest is in 2554
	t := time.Unix(int64(nanoseconds/1e9), int64(nanoseconds%1e9)).UTC()
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

var severityNames = [...]string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// severityName is the short name of a severity number, "WARN3" for 15; "" for none.
func severityName(number int64) string {
	if number < 1 || number > 24 {
		return ""
	}
	name, step := severityNames[(number-1)/4], (number-1)%4
	if step > 0 {
		name += strconv.Itoa(int(step) + 1)
	}
	return name
}

// clip shortens what would be cut anyway.
func clip(text []byte) []byte { return text[:min(len(text), event.MaxRecordBytes+1)] }
