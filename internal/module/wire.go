package module

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// timeLayout is RFC 3339 in UTC with milliseconds: one width, so it sorts.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Time is a moment on the wire.
type Time struct{ time.Time }

// MarshalJSON writes the moment in UTC with milliseconds.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"` + timeLayout + `"`)), nil
}

// UnmarshalJSON reads RFC 3339.
func (t *Time) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &t.Time) }

// Schema describes the type to OpenAPI.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-11-22T03:20:58.123Z"}}
}

// TimeOrNil returns nil for the zero time.
func TimeOrNil(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	return &Time{t}
}

// Patch is a member of a PATCH body that tells "absent" from "null" from a value.
type Patch[T any] struct {
	Set   bool // the member was there
	Null  bool // it was null
	Value T
}

// UnmarshalJSON is only called for a member that is there.
func (p *Patch[T]) UnmarshalJSON(b []byte) error {
	p.Set = true
	if bytes.Equal(b, []byte("null")) {
		p.Null = true
		return nil
	}
	return json.Unmarshal(b, &p.Value)
}

// Schema describes the value as one that may be null.
func (p Patch[T]) Schema(r huma.Registry) *huma.Schema {
	s := *huma.SchemaFromType(r, typeOf[T]())
	s.Nullable = true
	return &s
}

// Values is one field of an event: a string, or an array where the field occurs
// more than once.
type Values []string

// MarshalJSON writes one value as a string.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// UnmarshalJSON reads both forms.
func (v *Values) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*v = Values{""}
		return json.Unmarshal(b, &(*v)[0])
	}
	return json.Unmarshal(b, (*[]string)(v))
}

// Schema describes the two forms.
func (Values) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString},
		{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
	}}
}

// List is the body of an operation that answers with a whole list.
type List[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

// ListOf shows each of rows by view.
func ListOf[R, T any](rows []R, view func(R) T) List[T] {
	items := make([]T, len(rows))
	for i, r := range rows {
		items[i] = view(r)
	}
	return List[T]{items}
}

// OrNull is an object or null on the wire, always present.
type OrNull[T any] struct{ Value *T }

// MarshalJSON writes the object or null.
func (o OrNull[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Value) }

// UnmarshalJSON reads the object or null.
func (o *OrNull[T]) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &o.Value) }

// Schema describes the two forms.
func (o OrNull[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(typeOf[T](), true, ""), {Type: "null"}}}
}
